"""The whole update of the program: a real sshd, the real service, the command a developer types (APL-40)."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hems_update import releases, service, steps, trial
from hems_update.refusals import Exit

from tests.deploy.site import Site, site, the_program
from tests.deploy.workshop import bundle_of

pytestmark = pytest.mark.proof

NEVER_STARTS = {"app/hems/errors.py": '\nraise RuntimeError("broken")\n'}
STANDS_STILL = {
    "app/hems/supervisor.py": "\n_cycle = Supervisor.cycle\n"
    "Supervisor.cycle = lambda self, now: None if self.view else _cycle(self, now)\n"
}


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory, key: Path) -> Iterator[Site]:
    """One appliance for all; each test leaves it running."""
    folder = tmp_path_factory.mktemp("box")
    with site(folder, key, the_program("0.1.0")) as there:
        yield there


def sent(box: Site, data: bytes, *options: str) -> tuple[int, list[str], str]:
    """A bundle, sent as a developer sends it: exit code, what was said, what was complained about."""
    file = box.folder / "sent.hems"
    file.write_bytes(data)
    done = box.update(*options, "box", file)
    return done.returncode, done.stdout.splitlines(), done.stderr


def test_good_bad_and_back(box: Site, key: Path) -> None:
    """APL-30, APL-32: proven; left, whatever is wrong with it; back again; every time the box says which."""
    code, said, _ = sent(box, bundle_of(the_program("0.2.0"), key, "0.2.0"))
    assert (code, said[-1]) == (0, "0.2.0 runs and is proven")
    assert "received 100 %" in said
    bad = {
        "0.3.0": (the_program("0.3.0", changed=NEVER_STARTS), "it fell over"),
        "0.4.0": (the_program("0.4.0", changed=STANDS_STILL), "it does not "),
        "0.5.0": (the_program("0.5.0", told="0.4.9"), "version 0.4.9 answers"),
    }
    for version, (payload, words) in bad.items():
        code, said, complaint = sent(box, bundle_of(payload, key, version))
        assert (code, said[-1]) == (Exit.ROLLED_BACK, "0.2.0 runs again"), (said, complaint)
        assert said[-2].startswith(f"{version} is not used: {words}")
        told = service.ask(box.place.socket)
        assert told is not None
        assert told.version == "0.2.0"
        status = box.update("box", "--status").stdout
        assert "running   0.2.0\nanswers   0.2.0, " in status
        assert f"last      {version} went back: {words}" in status
    done = box.update("box", "--rollback")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "0.1.0 runs and is proven")


def test_refusals_come_home_with_their_code(box: Site, key: Path, strange_key: Path) -> None:
    """APL-31: the exit code is that of hems-update, the words too."""
    running = releases.running(box.place)
    payload = the_program("0.9.0")
    code, _, words = sent(box, bundle_of(payload, strange_key, "0.9.0"))
    assert code == Exit.WRONG_KEY
    assert words.startswith("hems-update: the signature is not of a key")
    assert sent(box, bundle_of(payload, key, "0.9.0")[:-30_000])[0] == Exit.DAMAGED
    assert sent(box, bundle_of(payload, key, "0.9.0", minimum="0.8.0"))[0] == Exit.TOO_OLD
    assert releases.running(box.place) == running


@pytest.mark.parametrize("step", ["received 50 %", "unpacked", "written down", "switched", "started"])
def test_power_that_fails_in_the_middle(box: Site, key: Path, step: str) -> None:
    """APL-34: the real service, killed with its updater; after the next start the old or the new one runs."""
    before = releases.running(box.place)
    version = f"0.9.{len(box.keepers)}"
    file = box.folder / "cut.hems"
    file.write_bytes(bundle_of(the_program(version), key, version))
    with box.sending(file) as sending:
        assert sending.stdout is not None
        for row in sending.stdout:
            if row.strip() == step:
                break
        box.cut()
        sending.stdout.close()
    box.start()
    assert not box.healthy(releases.running(box.place))
    assert steps.resume(box.place, print) in (Exit.DONE, Exit.ROLLED_BACK)
    running = releases.running(box.place)
    assert running in (before, version)
    assert not box.healthy(running)
    assert f"running   {running}\nanswers   {running}, " in box.update("box", "--status").stdout
    assert trial.current(box.place) is None


def test_words_for_a_host_that_is_not_there(box: Site) -> None:
    """APL-30: no connection, no command, no bundle: a sentence and a code for each."""
    gone = box.update("nowhere", "--status")
    assert gone.returncode == 6
    assert gone.stderr.splitlines()[-1].startswith("update: nowhere does not answer, or does not let you in")
    missing = box.update("box", box.folder / "none.hems")
    assert missing.returncode == 2
    assert "there is no such bundle; make one: just bundle" in missing.stderr
    for wrong in ((), ("box",), ("--later", "box", "x"), ("box", "--forget"), ("-F",)):
        assert box.update(*wrong).returncode == 2
    command = box.folder / "bin/hems-update"
    shutil.move(command, box.folder / "away")
    try:
        bare = box.update("box", "--status")
    finally:
        shutil.move(box.folder / "away", command)
    assert bare.returncode == 127
    assert "make it an appliance first: deploy/install.sh box" in bare.stderr
