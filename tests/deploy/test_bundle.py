"""Bundles as a developer makes them: the same each time, signed, numbered, for a machine (APL-2, APL-36)."""

import io
import json
import tarfile
from pathlib import Path

import bundle
import pytest
from bundle import HERE, Target
from hems_update import releases, steps
from hems_update.place import Place
from hems_update.refusals import Exit

from tests.deploy.workshop import Service, make_key, signers_of

RELEASE = bundle.version_of(bundle.ROOT / "setup.cfg")

pytestmark = pytest.mark.usefixtures("quick")


@pytest.fixture
def gathered(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Target]]:
    """What was asked for; instead of the program and its packages there is one file."""
    asked: list[tuple[str, Target]] = []

    def gather(app: Path, version: str, target: Target, wheels: Path | None) -> None:
        asked.append((version, target))
        (app / "hems").mkdir(parents=True)
        (app / "hems/__init__.py").write_text(f'__version__ = "{version}"\n')

    monkeypatch.setattr(bundle, "gather", gather)
    return asked


def manifest_of(file: Path) -> dict[str, object]:
    """What a bundle says of itself."""
    with tarfile.open(file) as tar:
        assert tar.getnames() == ["manifest.json", "manifest.json.sig", "payload"]
        member = tar.extractfile("manifest.json")
        assert member is not None
        told: dict[str, object] = json.load(member)
        return told


def test_a_bundle_is_taken_by_an_appliance_that_knows_the_key(
    gathered: list[tuple[str, Target]],
    place: Place,
    key: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """APL-2, APL-31: made and taken by two programs that share nothing but the format."""
    monkeypatch.setattr(bundle, "_commits", lambda: "77")
    assert bundle.main(["--key", str(key), "--here", "--build", "--out", str(tmp_path / "dist")]) == 0
    file = Path(capsys.readouterr().out.strip())
    told = manifest_of(file)
    version = str(told["version"])
    assert gathered == [(version, HERE)]
    assert version == f"{RELEASE}.77"
    assert file.name == f"hems-{version}.hems"
    assert (told["python"], told["machine"]) == HERE
    with Service(place):
        assert steps.update(place, io.BytesIO(file.read_bytes()), lambda _: None) == Exit.DONE
    assert releases.running(place) == version


@pytest.mark.usefixtures("gathered")
def test_the_same_sources_make_the_same_payload(key: Path, tmp_path: Path) -> None:
    """APL-18: what was made twice is the same."""
    first = manifest_of(bundle.make(key, tmp_path, Target("3.13", "aarch64")))
    assert first == manifest_of(bundle.make(key, tmp_path, Target("3.13", "aarch64")))
    assert (first["python"], first["machine"]) == ("3.13", "aarch64")
    assert first["unpacked_bytes"] == 2 * len(f'__version__ = "{RELEASE}"\n')


def test_keys_are_bundled_by_the_one_who_signs(
    place: Place, key: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """APL-36: rotation, from the command to the appliance."""
    new, signers = make_key(tmp_path, "new"), tmp_path / "signers"
    signers.write_text(signers_of(key, new))
    assert bundle.main(["--key", str(key), "--keys", str(signers), "--out", str(tmp_path)]) == 0
    file = Path(capsys.readouterr().out.strip())
    assert steps.update(place, io.BytesIO(file.read_bytes()), lambda _: None) == Exit.DONE
    assert place.signers.read_text() == signers.read_text()


def test_what_cannot_be_made_is_told_with_its_remedy(
    tmp_path: Path, key: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """APL-36: no key; APL-2: a build outside of a checkout, a tool that is not there."""
    assert bundle.main(["--key", str(tmp_path / "none")]) == 2
    assert capsys.readouterr().err == f"bundle: {tmp_path}/none: there is no such key; make one: just keys\n"
    monkeypatch.setattr(bundle, "ROOT", tmp_path)
    with pytest.raises(bundle.BundleError, match="this is no checkout; leave --build out"):
        bundle._commits()
    with pytest.raises(bundle.BundleError, match="no-such-tool cannot be run"):
        bundle._run("no-such-tool")
    with pytest.raises(bundle.BundleError, match="sh: 3"):
        bundle._run("sh", "-c", "exit 3")


def test_a_version_number_is_put_into_copies(tmp_path: Path) -> None:
    """APL-2: one number everywhere, whatever the sources say."""
    file = tmp_path / "setup.cfg"
    file.write_text("[metadata]\nname = hems\nversion = 0.1.0\n")
    bundle._number(file, "version = ", "", "0.1.0.77")
    assert bundle.version_of(file) == "0.1.0.77"


def test_wheels_are_asked_for_by_machine() -> None:
    """APL-2: binaries alone, for that Python and that machine."""
    asked = list(bundle._fit(Target("3.12", "x86_64")))
    assert asked[0] == "--only-binary=:all:"
    assert asked[asked.index("--python-version") + 1] == "3.12"
    assert "cp312" in asked
    assert "manylinux_2_17_x86_64" in asked
