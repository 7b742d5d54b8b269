"""The installer into a throw-away root, and what the system's tools say of what it lays there (APL-4, 41)."""

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.site import INSTALLATION, the_program
from tests.deploy.workshop import bundle_of, make_key, signers_of

ROOT = Path(__file__).resolve().parents[2]
UNITS = sorted(path.name for path in (ROOT / "deploy/files/etc/systemd/system").glob("hems*"))
DATA, SYSTEM = "var/lib/hems", "var/lib/hems-system"


def tool(name: str, package: str) -> str:
    """A command of the system, or a skip that says how to have it."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if found is None:
        pytest.skip(f"there is no {name} here; install {package}")
    return found


def install(root: Path, bundle: Path, signers: Path, *options: object) -> "subprocess.CompletedProcess[str]":
    """The installer, into a folder."""
    return subprocess.run(
        [str(ROOT / "deploy/install.sh"), "--root", str(root), *map(str, options), str(bundle)],
        env={
            **os.environ,
            "HEMS_SIGNERS": str(signers),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        },
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def laid(tmp_path_factory: pytest.TempPathFactory, key: Path) -> tuple[Path, Path, Path]:
    """A root, the bundle it came from, and the signers."""
    folder = tmp_path_factory.mktemp("laid")
    bundle, signers, root = folder / "bundle.hems", folder / "signers", folder / "root"
    bundle.write_bytes(bundle_of(the_program("0.1.0"), key, "0.1.0"))
    signers.write_text(signers_of(key))
    done = install(root, bundle, signers)
    assert done.returncode == 0, done.stderr
    assert "0.1.0 is the first one" in done.stdout
    return root, bundle, signers


def test_everything_is_in_its_place(laid: tuple[Path, Path, Path]) -> None:
    """APL-4: program, link, book, installation, units, rules, and the updater outside of the program."""
    root, _, signers = laid
    assert (root / SYSTEM / "current").readlink() == Path("releases/0.1.0")
    assert (root / SYSTEM / "current/app/hems/__main__.py").is_file()
    assert (root / SYSTEM / "update/allowed_signers").read_text() == signers.read_text()
    assert (root / DATA / "book").stat().st_size > 0
    assert (root / DATA / "hems.toml").read_text() == (ROOT / "deploy/fresh.toml").read_text()
    assert (root / "usr/lib/hems/hems_update/__main__.py").is_file()
    for unit in UNITS:
        assert (root / "etc/systemd/system" / unit).is_file()
    assert stat.S_IMODE((root / "etc/sudoers.d/hems").stat().st_mode) == 0o440
    for command in ("usr/bin/hems", "usr/bin/hems-update", "usr/sbin/hems-update"):
        assert os.access(root / command, os.X_OK)
    assert not [path for path in root.rglob("*.half") if path.exists()]


def test_what_is_not_ours_is_left_alone(laid: tuple[Path, Path, Path]) -> None:
    """APL-4: how people come in there, its firewall and its logs are their own."""
    root = laid[0]
    for name in ("etc/ssh", "etc/nftables.conf", "etc/systemd/journald.conf.d", "etc/systemd/system.conf.d"):
        assert not (root / name).exists()


def test_the_certificate_is_elliptic_and_stays(laid: tuple[Path, Path, Path]) -> None:
    """API-12: EC P-256, its key for nobody else, and the same after everything that is installed later."""
    root, bundle, signers = laid
    openssl = tool("openssl", "openssl")
    told = subprocess.run(
        [openssl, "x509", "-in", root / DATA / "door.crt", "-noout", "-text"], capture_output=True, check=True
    )
    assert b"prime256v1" in told.stdout
    assert stat.S_IMODE((root / DATA / "door.key").stat().st_mode) == 0o600
    before = (root / DATA / "door.crt").read_bytes(), (root / DATA / "door.key").read_bytes()
    assert install(root, bundle, signers).returncode == 0
    assert ((root / DATA / "door.crt").read_bytes(), (root / DATA / "door.key").read_bytes()) == before


def test_again_changes_nothing_that_is_there(laid: tuple[Path, Path, Path]) -> None:
    """APL-4: installation and book stay; the same version runs already."""
    root, bundle, signers = laid
    (root / DATA / "hems.toml").write_text(INSTALLATION)
    book = (root / DATA / "book").read_bytes()
    done = install(root, bundle, signers)
    assert done.returncode == 0, done.stderr
    assert "0.1.0 runs already" in done.stdout
    assert (root / DATA / "hems.toml").read_text() == INSTALLATION
    assert (root / DATA / "book").read_bytes() == book


def test_an_installation_that_is_brought_along(laid: tuple[Path, Path, Path], tmp_path: Path) -> None:
    """APL-17: it replaces the one there, which is kept; one that is wrong is told in words."""
    root, bundle, signers = laid
    theirs = tmp_path / "theirs.toml"
    theirs.write_text(INSTALLATION.replace('"Home"', '"Mill"'))
    assert install(root, bundle, signers, "--config", theirs).returncode == 0
    assert "Mill" in (root / DATA / "hems.toml").read_text()
    assert (root / DATA / "hems.toml.1").exists()
    theirs.write_text("[site]\nnme = 1\n")
    done = install(root, bundle, signers, "--config", theirs)
    assert done.returncode != 0
    assert "hems: site" in done.stderr
    assert "Mill" in (root / DATA / "hems.toml").read_text()


def test_words_for_what_is_missing(laid: tuple[Path, Path, Path], tmp_path: Path, strange_key: Path) -> None:
    """APL-4, APL-31: each mistake in a sentence; a bundle of somebody else is not installed either."""
    root, bundle, signers = laid
    for arguments, words in (
        ((tmp_path / "root", tmp_path / "none", signers), "there is no such bundle; make one: just bundle"),
        ((tmp_path / "root", bundle, tmp_path / "none"), "nobody may sign yet; make a key: just keys"),
    ):
        done = install(*arguments)
        assert (done.returncode, words in done.stderr) == (2, True)
    other = tmp_path / "other.hems"
    other.write_bytes(bundle_of(the_program("0.2.0"), strange_key, "0.2.0"))
    done = install(root, other, signers)
    assert done.returncode == 11
    assert (root / SYSTEM / "current").readlink() == Path("releases/0.1.0")
    usage = subprocess.run([ROOT / "deploy/install.sh"], capture_output=True, text=True, check=False)
    assert (usage.returncode, "usage: deploy/install.sh" in usage.stderr) == (2, True)


def test_the_units_are_understood(laid: tuple[Path, Path, Path]) -> None:
    """APL-41: systemd-analyze verify has nothing to say."""
    analyze = tool("systemd-analyze", "systemd")
    root, known = laid[0], Path("/usr/lib/systemd/system")
    if not known.is_dir():
        pytest.skip("there are no units of systemd here to refer to")
    shutil.copytree(known, root / "usr/lib/systemd/system", symlinks=True, dirs_exist_ok=True)
    (root / "bin").mkdir(exist_ok=True)
    for command in ("bin/sh", "usr/bin/python3"):
        shutil.copy("/bin/sh", root / command)
    done = subprocess.run(
        [analyze, "verify", f"--root={root}", *(unit.replace("@.", "@1.") for unit in UNITS)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_service_is_confined() -> None:
    """APL-14: systemd-analyze security says 2.0 or less."""
    analyze = tool("systemd-analyze", "systemd")
    unit = ROOT / "deploy/files/etc/systemd/system/hems.service"
    done = subprocess.run(
        [analyze, "security", "--offline=true", "--threshold=20", "--no-pager", unit],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-200:]


def test_the_unit_keeps_the_service_alive() -> None:
    """APL-15: watched, started again, rebooted after repeated failure, safe however it ended."""
    text = (ROOT / "deploy/files/etc/systemd/system/hems.service").read_text()
    for row in (
        "Type=notify",
        "WatchdogSec=10",
        "Restart=always",
        "StartLimitAction=reboot",
        "ExecStopPost=/usr/bin/hems safe-state",
        "ExecStartPre=-+/usr/sbin/hems-update --starting",
    ):
        assert row in text


def test_who_may_do_what() -> None:
    """APL-14: visudo understands the rules, and they name no shell and no whole command line of root."""
    rules = ROOT / "deploy/files/etc/sudoers.d/hems"
    assert "ALL=(root) NOPASSWD: ALL" not in rules.read_text()
    done = subprocess.run([tool("visudo", "sudo"), "-cf", rules], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_firewall_lets_nobody_in_but_ssh(tmp_path: Path) -> None:
    """APL-14: nft understands the rules; what is not named is dropped."""
    text = (ROOT / "deploy/files/etc/nftables.conf").read_text()
    assert "hook input priority filter; policy drop;" in text
    command = [tool("nft", "nftables"), "-c", "-f", str(ROOT / "deploy/files/etc/nftables.conf")]
    apart = next(
        (
            row
            for row in (["unshare", "-n"], ["unshare", "-rn"])
            if subprocess.run([*row, "true"], capture_output=True, check=False).returncode == 0
        ),
        None,
    )
    if apart is None:
        pytest.skip("nft asks the kernel, and this user may not have a network of its own")
    command = [*apart, *command]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "Operation not permitted" in done.stderr or "not supported" in done.stderr:
        pytest.skip("nft asks the kernel, which may not be asked here")
    assert done.returncode == 0, done.stderr


def test_the_way_in_is_by_key_alone(tmp_path: Path) -> None:
    """APL-14: sshd understands it; no passwords, no root, whatever the rest of its files says."""
    sshd = tool("sshd", "openssh-server")
    host = make_key(tmp_path)
    text = (ROOT / "deploy/files/etc/ssh/sshd_config.d/hems.conf").read_text()
    text = text.replace("/var/lib/hems-system/ssh/ssh_host_ed25519_key", str(host))
    config = tmp_path / "sshd_config"
    config.write_text(text + "\nPasswordAuthentication yes\nPermitRootLogin yes\n")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    done = subprocess.run([sshd, "-T", "-f", config], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = dict(row.partition(" ")[::2] for row in done.stdout.splitlines())
    assert told["permitrootlogin"] == told["passwordauthentication"] == "no"
    assert told["authenticationmethods"] == "publickey"


def test_the_errors_that_are_kept_stay_small(tmp_path: Path) -> None:
    """APL-12: two files of 8 MiB at most, and nothing is written while nothing is wrong."""
    tools, folder, fresh = tmp_path / "bin", tmp_path / "log", tmp_path / "fresh"
    tools.mkdir()
    journal = tools / "journalctl"
    said = tmp_path / "said"
    journal.write_text(f'#!/bin/sh\ncat "{said}"\n')
    journal.chmod(0o755)

    def keep(size: int) -> None:
        said.write_bytes(b"e" * size)
        subprocess.run(
            [ROOT / "deploy/files/usr/lib/hems/keep-errors", folder, fresh],
            env={**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"},
            check=True,
        )

    keep(0)
    assert not (folder / "errors").exists()
    for _ in range(20):
        keep(3 << 19)
    sizes = [path.stat().st_size for path in folder.iterdir()]
    assert len(sizes) == 2
    assert max(sizes) <= 8 << 20


def test_the_program_is_started_from_where_the_link_pointed_to(tmp_path: Path) -> None:
    """APL-32: what is imported late comes from the version that was started."""
    system = tmp_path / "system"
    (system / "releases/1/app/hems").mkdir(parents=True)
    (system / "releases/1/app/hems/__init__.py").touch()
    (system / "releases/1/app/hems/__main__.py").write_text("import sys\nprint(sys.path[0])\n")
    (system / "current").symlink_to("releases/1")
    text = (ROOT / "deploy/files/usr/bin/hems").read_text().replace("/var/lib/hems-system", str(system))
    launcher = tmp_path / "hems"
    launcher.write_text(text.replace("/usr/bin/python3", sys.executable))
    done = subprocess.run(["sh", launcher], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(system / "releases/1/app")


def test_the_updater_knows_every_key_of_the_appliance(laid: tuple[Path, Path, Path]) -> None:
    """APL-32: restarts are asked for and not waited for; the watch has its own patience."""
    told = json.loads((laid[0] / "etc/hems/update.json").read_text())
    assert told["restart"] == ["systemctl", "--no-block", "restart", "hems.service"]
