"""The neighbourhood hears of a door that is open, and the firewall has a gap there alone (API-13, APL-14)."""

import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hems_update import announce
from hems_update.announce import Surroundings
from hems_update.place import Place

from tests.deploy.workshop import Service

pytestmark = pytest.mark.usefixtures("quick")


@pytest.fixture
def around(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Surroundings:
    """A system with Avahi and our own firewall."""
    (tmp_path / "avahi").mkdir()
    (place.root / "nftables").mkdir()
    firewall = tmp_path / "nftables.conf"
    firewall.write_text(f'include "{place.root}/nftables/*.nft"\n')
    monkeypatch.setattr(announce, "run", lambda _: "")
    monkeypatch.setattr(announce, "TRIES", 2)
    (tmp_path / "hems.toml").write_text('[api]\ntls = "[::]:2222"\n')
    return Surroundings(tmp_path / "avahi/hems.service", firewall)


def test_an_open_door_is_told_with_all_that_clients_look_for(
    place: Place, around: Surroundings, tmp_path: Path
) -> None:
    """API-13: type, port and the text records."""
    with Service(place):
        announce.tell(place, tmp_path / "hems.toml", around)
        before = around.neighbours.stat().st_mtime_ns
        announce.tell(place, tmp_path / "hems.toml", around)
    assert around.neighbours.stat().st_mtime_ns == before
    told = ElementTree.fromstring(around.neighbours.read_text().partition(">\n")[2].partition(">\n")[2])
    assert told.findtext("name") == "A & B"
    assert told.findtext("service/type") == "_jsonrpc._tcp"
    assert told.findtext("service/port") == "2222"
    assert [row.text for row in told.findall("service/txt-record")] == [
        "uuid={u}",
        "name=A & B",
        "serverVersion=0.1.0",
        "jsonrpcVersion=8.5",
        "manufacturer=hems",
        "sslEnabled=true",
    ]
    assert "tcp dport 2222" in (place.root / "nftables/door.nft").read_text()


@pytest.mark.parametrize(
    "text", ["", "[api]\n", '[api]\ntls = ""\n', "[", "api = 3\n", '[api]\ntls = "x:y"\n']
)
def test_a_door_that_is_closed_again_is_told_no_longer(
    place: Place, around: Surroundings, tmp_path: Path, text: str
) -> None:
    """API-13, APL-14: neither card nor gap outlives it."""
    with Service(place):
        announce.tell(place, tmp_path / "hems.toml", around)
        (tmp_path / "hems.toml").write_text(text)
        announce.tell(place, tmp_path / "hems.toml", around)
    assert not around.neighbours.exists()
    assert not (place.root / "nftables/door.nft").exists()


def test_nothing_is_told_for_a_service_that_does_not_answer(
    place: Place, around: Surroundings, tmp_path: Path
) -> None:
    """API-13: no card without a name; the gap is there for when it does."""
    announce.tell(place, tmp_path / "hems.toml", around)
    assert not around.neighbours.exists()
    assert (place.root / "nftables/door.nft").exists()


def test_a_firewall_that_is_not_ours_is_left_alone(
    place: Place, around: Surroundings, tmp_path: Path
) -> None:
    """APL-4: people's own rules are their own; a system without Avahi is none to be told."""
    around.firewall.write_text("table inet theirs {}\n")
    announce.tell(place, tmp_path / "hems.toml", around)
    around.firewall.unlink()
    announce.tell(place, tmp_path / "hems.toml", around)
    (tmp_path / "avahi").rmdir()
    announce.tell(place, tmp_path / "hems.toml", around)
    assert not (place.root / "nftables/door.nft").exists()


def test_the_gap_is_understood_by_the_firewall(tmp_path: Path) -> None:
    """APL-14: in our own rules; where the kernel may be asked."""
    rules = Path(__file__).resolve().parents[2] / "deploy/files/etc/nftables.conf"
    (tmp_path / "door.nft").write_text(announce.gap(2222))
    whole = tmp_path / "nftables.conf"
    whole.write_text(rules.read_text().replace("/var/lib/hems-system/nftables", str(tmp_path)))
    nft, unshare = (shutil.which(name, path="/usr/sbin:/sbin:/usr/bin:/bin") for name in ("nft", "unshare"))
    if nft is None or unshare is None:
        pytest.skip("there is no nft or unshare here; install nftables and util-linux")
    done = subprocess.run(
        [unshare, "-rn", nft, "-c", "-f", whole], capture_output=True, text=True, check=False
    )
    if done.returncode and "syntax error" not in done.stderr:
        pytest.skip(f"nft cannot ask the kernel here: {done.stderr.strip()[-80:]}")
    assert done.returncode == 0, done.stderr
