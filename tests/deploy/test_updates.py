"""A version is tried, proven or left; a system likewise; keys change hands (APL-30, 32, 33, 35, 36)."""

import ast
import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import hems_update
import pytest
from hems_update import acts, releases, service, slots, steps, trial
from hems_update.__main__ import main
from hems_update.place import Place, load
from hems_update.refusals import Exit, UpdateError
from hems_update.service import Told, Wanted, Watch, look
from hems_update.trial import Trial

from tests.deploy.workshop import (
    Service,
    appliance,
    bundle_of,
    compressed,
    make_key,
    packed,
    program,
    signers_of,
)

pytestmark = pytest.mark.usefixtures("quick")


def send(place: Place, data: bytes, said: list[str] | None = None) -> Exit:
    """Install a bundle."""
    return steps.update(place, io.BytesIO(data), (said if said is not None else []).append)


def test_a_good_version_runs_and_stays(place: Place, key: Path) -> None:
    """APL-31, APL-32: each step is told, and the end is that it is proven."""
    said: list[str] = []
    with Service(place):
        assert send(place, bundle_of(program("0.2.0"), key, "0.2.0"), said) == Exit.DONE
        assert said[-6:] == [
            "checked: app 0.2.0",
            "unpacked",
            "written down",
            "switched",
            "started",
            "0.2.0 runs and is proven",
        ]
        assert "received 100 %" in said
        assert steps.status(place).splitlines()[0] == "running   0.2.0"
        assert steps.status(place).splitlines()[1].startswith("answers   0.2.0, ")
    assert steps.status(place).splitlines()[1:] == ["answers   nobody", "last      0.2.0 proven"]
    assert (place.releases / "0.2.0/app/hems/__init__.py").read_text() == '__version__ = "0.2.0"\n'
    assert list((place.releases / "0.2.0").rglob("*.pyc"))
    assert not (place.work / "incoming").exists()


def test_the_first_version_of_all_is_laid_down(tmp_path: Path, key: Path) -> None:
    """APL-4: the installer starts it afterwards; there is nothing to go back to."""
    place = appliance(tmp_path, key)
    assert steps.status(place) == "running   nothing\nanswers   nobody"
    assert send(place, bundle_of(program("0.2.0"), key, "0.2.0")) == Exit.DONE
    assert releases.running(place) == "0.2.0"
    assert trial.current(place) is None
    assert trial.started(place) == ""


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"silent": True}, "it does not answer"),
        ({"version": "0.1.9"}, "version 0.1.9 answers"),
        ({"stands": True}, "it does not complete its cycles"),
        ({"alarms": ("bus_absent",)}, "it raises an alarm: bus_absent"),
        ({"journal": "failing"}, "its memory cannot be written"),
    ],
)
def test_a_version_that_is_not_healthy_is_left(
    place: Place, key: Path, wrong: dict[str, object], words: str
) -> None:
    """APL-32: silent, another version, no cycles, an alarm, a memory that cannot be kept."""
    said: list[str] = []
    with Service(place) as running:

        def tell(step: str) -> None:
            said.append(step)
            if step == "switched":
                for name, value in wrong.items():
                    setattr(running, name, value)
            if step.startswith("0.2.0 is not used"):
                for name in wrong:
                    setattr(running, name, getattr(Service(place), name))

        data = bundle_of(program("0.2.0"), key, "0.2.0")
        assert steps.update(place, io.BytesIO(data), tell) == Exit.ROLLED_BACK
    assert said[-2:] == [f"0.2.0 is not used: {words}", "0.1.0 runs again"]
    assert releases.running(place) == "0.1.0"
    assert steps.status(place).splitlines()[-1] == f"last      0.2.0 went back: {words}"


def test_alarms_from_before_do_not_speak_against_a_version(place: Place, key: Path) -> None:
    """APL-21: only what was not in alarm before."""
    with Service(place, alarms=("bus_absent", "clock_unknown")):
        assert send(place, bundle_of(program("0.2.0"), key, "0.2.0")) == Exit.DONE


def test_an_update_can_mend_a_service_that_does_not_answer(place: Place, key: Path) -> None:
    """APL-32: nobody knows the alarms from before, so none speaks against what at least runs."""
    with Service(place, silent=True) as running:

        def tell(step: str) -> None:
            if step == "switched":
                running.silent, running.alarms = False, ("bus_absent",)

        data = bundle_of(program("0.2.0"), key, "0.2.0")
        assert steps.update(place, io.BytesIO(data), tell) == Exit.DONE


def test_a_version_that_falls_over_is_left_at_its_second_start(place: Place, key: Path) -> None:
    """APL-32: the unit asks before each start; whoever watches notices at once."""
    said: list[str] = []
    with Service(place) as running:

        def tell(step: str) -> None:
            said.append(step)
            if step == "switched":
                running.silent = True
                assert trial.started(place) == ""
                assert trial.started(place).startswith("0.2.0 is not used: it fell over")
                assert trial.started(place) == ""
                running.silent = False

        data = bundle_of(program("0.2.0"), key, "0.2.0")
        patient = replace(place, patience_s=60.0)
        assert steps.update(patient, io.BytesIO(data), tell) == Exit.ROLLED_BACK
        assert len(running.asked) < 300, "it was watched for as long as patience lasts"
    assert said[-2:] == ["0.2.0 is not used: it fell over", "0.1.0 runs again"]


def test_a_restart_that_fails_is_no_end(place: Place, key: Path) -> None:
    """APL-32: a service manager that complains of a bad start leaves no trial behind."""
    angry = replace(place, restart=("sh", "-c", "echo 'Job failed' >&2; exit 1"))
    said: list[str] = []
    with (
        Service(place, silent=True),
        pytest.raises(UpdateError, match="is back, but it does not answer") as told,
    ):
        send(angry, bundle_of(program("0.2.0"), key, "0.2.0"), said)
    assert told.value.code == Exit.NOTHING_RUNS
    assert said.count("Job failed") == 2
    assert trial.current(place) is None
    assert releases.running(place) == "0.1.0"


def test_a_service_manager_that_is_not_there(place: Place, key: Path) -> None:
    """APL-34: even then the trial is written down, and the next start of the unit finds it."""
    nowhere = replace(place, restart=("no-such-command",))
    with pytest.raises(UpdateError, match="no-such-command cannot be run") as told:
        send(nowhere, bundle_of(program("0.2.0"), key, "0.2.0"))
    assert told.value.code == Exit.NOT_HERE
    assert trial.current(place) is not None


def test_going_back_is_a_trial_like_any_other(tmp_path: Path, key: Path) -> None:
    """APL-30: --rollback."""
    place = appliance(tmp_path, key, "0.1.0", "0.2.0")
    said: list[str] = []
    with Service(place):
        assert steps.roll_back(place, said.append) == Exit.DONE
    assert said[-1] == "0.1.0 runs and is proven"
    assert releases.running(place) == "0.1.0"


def test_going_back_from_a_trial_that_nobody_watches(tmp_path: Path, key: Path) -> None:
    """APL-30: it is left at once, for the version before it."""
    place = appliance(tmp_path, key, "0.1.0", "0.3.0", "0.2.0")
    trial.begin(place, Trial("app", "0.2.0", "0.3.0", started=True))
    with Service(place):
        assert steps.roll_back(place, lambda _: None) == Exit.DONE
    assert releases.running(place) == "0.3.0"
    assert trial.current(place) is None


def test_a_trial_that_nobody_watches_comes_before_the_next_update(tmp_path: Path, key: Path) -> None:
    """APL-34: after a killed updater the next one settles it and goes on."""
    place = appliance(tmp_path, key, "0.1.0", "0.2.0")
    trial.begin(place, Trial("app", "0.2.0", "0.1.0", started=True))
    said: list[str] = []
    with Service(place):
        assert send(place, bundle_of(program("0.3.0"), key, "0.3.0"), said) == Exit.DONE
    assert said[:2] == [
        "0.2.0 is on trial and nobody watches it; that comes first",
        "0.2.0 runs and is proven",
    ]


def test_three_versions_are_kept_and_what_is_half_there_is_not(tmp_path: Path, key: Path) -> None:
    """APL-32: the running one and the one before it always among them."""
    place = appliance(tmp_path, key, "0.1.0", "0.4.0", "0.5.0", "0.3.0")
    (place.releases / ".0.6.0.half" / "app").mkdir(parents=True)
    (place.work / ".last.json.77.half").write_text("{")
    with Service(place):
        assert send(place, bundle_of(program("0.2.0"), key, "0.2.0")) == Exit.DONE
    assert releases.versions(place) == ["0.2.0", "0.3.0", "0.5.0"]
    assert sorted(path.name for path in place.releases.iterdir()) == ["0.2.0", "0.3.0", "0.5.0"]
    assert not list(place.work.glob(".*half"))


def test_what_was_left_does_not_push_out_what_was_good(tmp_path: Path, key: Path) -> None:
    """APL-32: versions that fail one after the other; the one before the running one is still there."""
    place = appliance(tmp_path, key, "0.1.0", "0.2.0")
    for version in ("0.3.0", "0.4.0", "0.5.0"):
        with Service(place, version="0.2.0"):
            assert send(place, bundle_of(program(version), key, version)) == Exit.ROLLED_BACK
    assert releases.versions(place) == ["0.1.0", "0.2.0", "0.5.0"]
    with Service(place):
        assert steps.roll_back(place, lambda _: None) == Exit.DONE
    assert releases.running(place) == "0.1.0"


def test_nobody_goes_back_to_what_was_left(tmp_path: Path, key: Path) -> None:
    """APL-30: --rollback passes over the version that was tried last and did not run."""
    place = appliance(tmp_path, key, "0.1.0", "0.2.0", "0.3.0")
    trial.end(place, Trial("app", "0.2.0", "0.3.0"), "went back", "it fell over")
    with Service(place):
        assert steps.roll_back(place, lambda _: None) == Exit.DONE
    assert releases.running(place) == "0.1.0"


def test_a_version_from_before_is_laid_down_anew(tmp_path: Path, key: Path) -> None:
    """APL-32: a version that does not run may be sent again, whole or not."""
    place = appliance(tmp_path, key, "0.2.0", "0.1.0")
    with Service(place):
        assert send(place, bundle_of(program("0.2.0"), key, "0.2.0")) == Exit.DONE
    assert (place.releases / "0.2.0/app/hems/__init__.py").is_file()


def test_the_memory_is_saved_before_and_four_are_kept(place: Place, key: Path) -> None:
    """APL-35: numbered, because the clock may be wrong; a memory that cannot be read stops no update."""
    saving = replace(place, export=("printf", "{}"))
    with Service(place):
        for number in range(2, 8):
            version = f"0.{number}.0"
            assert send(saving, bundle_of(program(version), key, version)) == Exit.DONE
    names = sorted(path.name for path in (place.root / "backups").iterdir())
    assert names == [f"{number:06}-0.{number}.0.json" for number in range(3, 7)]
    assert (place.root / "backups").stat().st_mode & 0o777 == 0o700
    for export, words in (
        (("sh", "-c", "echo broken >&2; exit 2"), "no backup was made: broken"),
        (("no-such-command",), "no backup was made: [Errno 2]"),
    ):
        said: list[str] = []
        with Service(place):
            acts.back_up(replace(place, export=export), said.append)
        assert said[0].startswith(words)


def test_keys_change_by_a_bundle_signed_with_the_old_one(place: Place, key: Path, tmp_path: Path) -> None:
    """APL-36: afterwards the new key counts, the old one no longer."""
    new = make_key(tmp_path, "new")
    said: list[str] = []
    keys = bundle_of(signers_of(new).encode(), key, "0.1.0", kind="keys")
    assert send(place, keys, said) == Exit.DONE
    assert said[-1] == "1 keys are known from now on"
    with Service(place):
        assert send(place, bundle_of(program("0.2.0"), new, "0.2.0")) == Exit.DONE
    with pytest.raises(UpdateError) as told:
        send(place, keys)
    assert told.value.code == Exit.WRONG_KEY


@pytest.mark.parametrize(
    "rows",
    [
        "\n",
        "nobody",
        "hems ssh-ed25519 !!!",
        "hems ssh-ed25519 AAAA",
        "somebody ssh-ed25519 AAAAC3NzaC1lZDI1NTE5",
    ],
)
def test_keys_that_are_none_lock_nobody_out(place: Place, key: Path, rows: str) -> None:
    """APL-36: the old ones stay."""
    before = place.signers.read_text()
    with pytest.raises(UpdateError, match="it holds no keys") as told:
        send(place, bundle_of(rows.encode(), key, "0.1.0", kind="keys"))
    assert told.value.code == Exit.DAMAGED
    assert place.signers.read_text() == before


@pytest.fixture
def card(tmp_path: Path, key: Path) -> Place:
    """An appliance with two slots, which are files; A runs."""
    boot = tmp_path / "boot"
    boot.mkdir()
    devices = {"A": tmp_path / "a", "B": tmp_path / "b"}
    for device in devices.values():
        device.write_bytes(bytes(3 << 20))
    place = appliance(
        tmp_path,
        key,
        "0.1.0",
        slots=devices,
        boot=boot,
        slot="A",
        os_patience_s=0.5,
        os_proof_s=0.02,
    )
    slots.commit(place, "A")
    return place


SYSTEM = b"a system" * 200_000


def system(key: Path) -> bytes:
    """A bundle with a system."""
    return bundle_of(compressed(SYSTEM), key, "0.2.0", kind="os", unpacked_bytes=len(SYSTEM))


def started(place: Place) -> Place:
    """What the boot loader does: a trial is forgotten before it is started."""
    assert place.boot is not None
    asked = place.boot / slots.TRIAL
    slot = slots.unpack(asked.read_bytes()).get("try", "") if asked.exists() else ""
    asked.unlink(missing_ok=True)
    return replace(place, slot=slot or slots.proven(place))


def test_a_good_system_is_written_tried_and_committed(card: Place, key: Path) -> None:
    """APL-21, APL-33."""
    said: list[str] = []
    with Service(card):
        assert send(card, system(key), said) == Exit.RESTARTING
        assert card.slots["B"].read_bytes()[: len(SYSTEM)] == SYSTEM
        assert card.slots["A"].read_bytes() == bytes(3 << 20)
        assert slots.proven(card) == "A"
        after = started(card)
        assert after.slot == "B"
        assert steps.resume(after, said.append) == Exit.DONE
    assert said[-1] == "slot B is proven and stays"
    assert started(after).slot == "B"


def test_a_system_that_is_not_healthy_falls_back(card: Place, key: Path) -> None:
    """APL-21: not committed, and the machine starts again."""
    marker = card.root / "restarted"
    restarting = replace(card, reboot=("touch", str(marker)))
    with Service(card) as running:
        send(restarting, system(key))
        marker.unlink()
        running.alarms = ("card_failing",)
        after = started(restarting)
        assert steps.resume(after, lambda _: None) == Exit.ROLLED_BACK
    assert marker.exists()
    assert started(after).slot == "A"
    assert steps.status(after).splitlines()[-1] == "last      B went back: it raises an alarm: card_failing"


def test_a_system_that_does_not_come_up(card: Place, key: Path) -> None:
    """APL-20: the boot loader has forgotten the trial, the proven slot says so."""
    with Service(card):
        send(card, system(key))
    started(card)
    said: list[str] = []
    assert steps.resume(started(card), said.append) == Exit.ROLLED_BACK
    assert said == ["slot B did not come up; slot A runs"]


def test_a_machine_that_does_not_start_again(card: Place, key: Path) -> None:
    """APL-33: the trial is taken back."""
    with pytest.raises(UpdateError, match="does not start again"):
        send(replace(card, reboot=("false",)), system(key))
    assert trial.current(card) is None
    assert started(card).slot == "A"


def test_a_system_of_another_length(card: Place, key: Path) -> None:
    """APL-33: longer or shorter than signed, it is not tried."""
    for size in (len(SYSTEM) - 1, len(SYSTEM) + 1):
        data = bundle_of(compressed(SYSTEM), key, "0.2.0", kind="os", unpacked_bytes=size)
        with pytest.raises(UpdateError, match="not the length that was signed"):
            send(card, data)
    assert started(card).slot == "A"


def test_a_card_that_does_not_hold_what_was_written(
    card: Place, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """APL-33: it is read back and compared."""
    compare = slots._compare

    def spoiled(device: Path, *rest: object) -> None:
        with device.open("r+b") as file:
            file.seek(99)
            file.write(b"?")
        compare(device, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(slots, "_compare", spoiled)
    with pytest.raises(UpdateError, match="does not hold what was written") as told:
        send(card, system(key))
    assert told.value.code == Exit.CARD_FAILS
    assert started(card).slot == "A"


def test_a_slot_is_known_while_either_copy_is_whole(card: Place) -> None:
    """APL-20: CRC and copy."""
    assert card.boot is not None
    for name in (slots.PROVEN, slots.COPY):
        slots.commit(card, "B")
        image = bytearray((card.boot / name).read_bytes())
        image[9] ^= 1
        (card.boot / name).write_bytes(image)
        assert slots.proven(card) == "B"
        (card.boot / name).unlink()
        assert slots.proven(card) == "B"
    assert len(slots.pack({"slot": "A"})) == slots.ENV_BYTES


WANTED = Wanted("0.2.0", frozenset())


def test_health_takes_cycles_and_time() -> None:
    """APL-32: cycles completed for 10 s; a stop, a restart or a silence begins anew."""

    def watched(*cycles: int | None) -> list[float]:
        watch, proven = Watch(), []
        for now_s, cycle in enumerate(cycles):
            told = Told("0.2.0", cycle) if cycle is not None else None
            watch = look(watch, told, WANTED, float(now_s))
            proven.append(watch.proven_s())
        return proven

    assert watched(*range(12))[-1] == 11.0
    assert watched(*[4] * 30) == [0.0] * 30
    assert watched(1, 2, 3, 1, 2) == [0.0, 1.0, 2.0, 0.0, 1.0]
    assert watched(1, 2, None, 3, 4) == [0.0, 1.0, 0.0, 0.0, 1.0]
    assert watched(1, 2, 2, 2, 3) == [0.0, 1.0, 1.0, 1.0, 4.0]
    assert watched(1, 2, 2, 2, 2, 2, 2, 2, 3) == [0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 1.0]


def test_nonsense_at_the_socket_is_silence(tmp_path: Path, place: Place) -> None:
    """APL-32: whatever answers, nobody falls over it."""
    assert service.ask(tmp_path / "nobody") is None
    with Service(place, silent=True):
        assert service.ask(place.socket) is None


def test_no_wall_clock_is_asked() -> None:
    """APL-16: in 1970 and in 2100 an update is the same, because nothing asks; only `upkeep` sets it."""
    asked = set()
    files = [file for file in Path(hems_update.__path__[0]).glob("*.py") if file.name != "upkeep.py"]
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [one.name for one in node.names]
                module = node.module if isinstance(node, ast.ImportFrom) else ""
                assert "datetime" not in (*names, module), file
                assert module != "time", file
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id == "time"
            ):
                asked.add(node.attr)
    assert asked == {"monotonic", "sleep"}


def test_only_the_standard_library_is_needed() -> None:
    """APL-31: the updater stands outside of what it updates."""
    for file in Path(hems_update.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            modules += [one.name for one in node.names] if isinstance(node, ast.Import) else []
            for module in modules:
                assert module.partition(".")[0] in {*sys.stdlib_module_names, "hems_update"}, (file, module)


def test_a_place_is_read_from_its_file(tmp_path: Path) -> None:
    """APL-31: every key is known, and a mistake is told with the file."""
    file = tmp_path / "update.json"
    told = {"root": "/r", "signers": "/s", "socket": "/x", "restart": ["a", "b"], "slots": {"A": "/dev/a"}}
    file.write_text(json.dumps({**told, "boot": "/boot", "export": ["e"], "patience_s": 3, "slot": "A"}))
    place = load(file)
    assert (place.restart, place.slots, place.patience_s) == (("a", "b"), {"A": Path("/dev/a")}, 3.0)
    for text in ("", "[]", "{}", json.dumps({**told, "tempo": 1}), json.dumps({**told, "slots": 3})):
        file.write_text(text)
        with pytest.raises(UpdateError, match="the installer writes it anew") as refused:
            load(file)
        assert refused.value.code == Exit.BAD_INPUT
    real = json.loads((Path(hems_update.__path__[0]).parent / "files/etc/hems/update.json").read_text())
    file.write_text(json.dumps(real))
    assert load(file).slot == ""


def test_the_command_line(tmp_path: Path, key: Path, place: Place) -> None:
    """APL-30: --list, --status, --starting, --resume; a bundle by file or by the standard input."""
    config = tmp_path / "update.json"
    told = {"root": str(place.root), "signers": str(place.signers), "socket": str(place.socket)}
    config.write_text(json.dumps({**told, "restart": ["true"], "patience_s": 5, "proof_s": 0.1}))

    def asked(*arguments: str, sent: bytes = b"") -> tuple[int, str, str]:
        done = subprocess.run(
            [sys.executable, "-m", "hems_update", "--config", str(config), *arguments],
            input=sent,
            capture_output=True,
            check=False,
            cwd=Path(hems_update.__path__[0]).parent,
        )
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    assert asked("--list") == (0, "0.1.0  running\n", "")
    assert asked("--status")[1] == "running   0.1.0\nanswers   nobody\n"
    assert asked("--starting") == (0, "", "")
    assert asked("--resume") == (0, "nothing is on trial\n", "")
    assert asked(sent=b"nonsense")[::2] == (
        14,
        "hems-update: the bundle is damaged: it ends too early; build or copy it anew\n",
    )
    assert asked(str(tmp_path / "none"))[0] == Exit.BAD_INPUT
    with Service(place):
        code, said, _ = asked(sent=bundle_of(program("0.2.0"), key, "0.2.0"))
        assert (code, said.splitlines()[-1]) == (0, "0.2.0 runs and is proven")
        assert asked("--rollback")[0] == 0
    trial.begin(place, Trial("app", "0.1.0", "0.2.0", started=True))
    assert asked("--starting")[1].startswith("0.1.0 is not used: it fell over")
    assert releases.running(place) == "0.2.0"


def test_whoever_comes_by_sudo_does_not_choose_what_root_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """APL-14: a file of commands of their own would make everybody who may update root."""
    file = tmp_path / "mine.json"
    file.write_text(json.dumps({"root": "/", "signers": "/", "socket": "/", "restart": ["id"]}))
    monkeypatch.setenv("SUDO_UID", "1000")
    with pytest.raises(SystemExit) as told:
        main(["--status", "--config", str(file)])
    assert told.value.code == Exit.BAD_INPUT
    assert "may not choose them" in capsys.readouterr().err


def test_a_listener_who_goes_away_stops_nothing(tmp_path: Path, key: Path, place: Place) -> None:
    """APL-34: a connection that is lost in the middle of an update; it is made all the same."""
    config = tmp_path / "update.json"
    told = {"root": str(place.root), "signers": str(place.signers), "socket": str(place.socket)}
    config.write_text(json.dumps({**told, "restart": ["true"], "patience_s": 5, "proof_s": 0.1}))
    file = tmp_path / "bundle"
    file.write_bytes(bundle_of(program("0.2.0"), key, "0.2.0"))
    with (
        Service(place),
        subprocess.Popen(
            [sys.executable, "-m", "hems_update", "--config", str(config), str(file)],
            stdout=subprocess.PIPE,
            cwd=Path(hems_update.__path__[0]).parent,
        ) as update,
    ):
        assert update.stdout is not None
        update.stdout.readline()
        update.stdout.close()
        assert update.wait(30) == Exit.DONE
    assert releases.running(place) == "0.2.0"
    assert trial.current(place) is None


def test_a_payload_is_kept_apart_by_its_bytes(tmp_path: Path, key: Path) -> None:
    """APL-32: what a version came from is kept with it."""
    place = appliance(tmp_path, key)
    payload = packed({"app/x": b"x"})
    send(place, bundle_of(payload, key, "0.2.0"))
    assert len(releases.digest(place, "0.2.0")) == 64
    assert releases.digest(place, "0.9.0") == ""
