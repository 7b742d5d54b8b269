"""Power that fails in the middle of an update, at every touch of the card (APL-34)."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hems_update import durable, releases, service, slots, steps, trial
from hems_update.place import Place
from hems_update.refusals import Exit

from tests.deploy.test_updates import started, system
from tests.deploy.workshop import Service, appliance, bundle_of, packed

ROOT = Path(__file__).resolve().parents[2]
POINTS = 28
"""Cuts of each kind of update, spread over everything it does."""
pytestmark = pytest.mark.usefixtures("quick")


def program(version: str) -> bytes:
    """A program of several files."""
    files = {f"app/hems/part{index}.py": b"x = 1\n" for index in range(4)}
    return packed({**files, "app/hems/__init__.py": f'__version__ = "{version}"\n'.encode()})


def cut_at(touch: int, config: Path, bundle: Path) -> subprocess.CompletedProcess[str]:
    """An update that ends at its n-th touch; a power cut takes everything it has started with it."""
    wrapper = str(ROOT / "tests/deploy/cut.py")
    return subprocess.run(
        [sys.executable, wrapper, str(touch), str(config.parent), "--config", str(config), str(bundle)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "deploy"), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        start_new_session=True,
        check=False,
    )


def written(place: Place, folder: Path) -> Path:
    """The appliance's own file, as the command reads it."""
    told = {
        "root": str(place.root),
        "signers": str(place.signers),
        "socket": str(place.socket),
        "restart": ["true"],
        "reboot": ["true"],
        "export": ["printf", "{}"],
        "patience_s": 1.0,
        "proof_s": 0.1,
        "slots": {letter: str(device) for letter, device in place.slots.items()},
        "slot": place.slot,
        **({"boot": str(place.boot)} if place.boot else {}),
    }
    config = folder / "update.json"
    config.write_text(json.dumps(told))
    return config


def program_cut(folder: Path, key: Path, touch: int) -> str:
    """One cut of a program's update, the machine's next start, and how it stands then."""
    folder.mkdir()
    place = appliance(folder, key, "0.1.0")
    bundle = folder / "bundle"
    bundle.write_bytes(bundle_of(program("0.2.0"), key, "0.2.0"))
    config = written(place, folder)
    with Service(place):
        cut_at(touch, config, bundle)
        trial.started(place)
        if trial.current(place) is not None:
            assert steps.resume(place, lambda _: None) in (Exit.DONE, Exit.ROLLED_BACK)
        running = releases.running(place)
        whole = place.releases / running
        assert running in ("0.1.0", "0.2.0")
        if running == "0.2.0":
            assert (whole / "app/hems/__init__.py").read_text() == '__version__ = "0.2.0"\n'
            assert len(list((whole / "app/hems").glob("part*.py"))) == 4
        assert trial.current(place) is None
        assert steps.status(place).splitlines()[0] == f"running   {running}"
        again = bundle_of(program("0.3.0"), key, "0.3.0")
        assert steps.update(place, io.BytesIO(again), lambda _: None) == Exit.DONE
        assert not list(place.root.rglob("*.half"))
    return running


def system_cut(folder: Path, key: Path, touch: int) -> str:
    """One cut of a system's update, the machine's next start, and the slot that runs then."""
    folder.mkdir()
    boot = folder / "boot"
    boot.mkdir()
    devices = {"A": folder / "a", "B": folder / "b"}
    for device in devices.values():
        device.write_bytes(bytes(2 << 20))
    place = appliance(
        folder, key, "0.1.0", slots=devices, boot=boot, slot="A", os_patience_s=0.5, os_proof_s=0.02
    )
    slots.commit(place, "A")
    bundle = folder / "bundle"
    bundle.write_bytes(system(key))
    config = written(place, folder)
    with Service(place):
        cut_at(touch, config, bundle)
        after = started(place)
        if trial.current(after) is not None:
            assert steps.resume(after, lambda _: None) in (Exit.DONE, Exit.ROLLED_BACK)
        assert trial.current(after) is None
        assert slots.proven(after) == after.slot
        assert after.slots["A"].read_bytes() == bytes(2 << 20)
        assert f"slot {after.slot}" in steps.status(after)
        assert steps.update(after, io.BytesIO(system(key)), lambda _: None) == Exit.RESTARTING
    return after.slot


def touches(folder: Path, key: Path) -> dict[str, list[str]]:
    """Everything that both kinds of update do to the card."""
    found = {}
    for name in ("app", "os"):
        here = folder / name
        here.mkdir()
        boot = here / "boot"
        boot.mkdir()
        devices = {"A": here / "a", "B": here / "b"}
        for device in devices.values():
            device.write_bytes(bytes(2 << 20))
        place = appliance(here, key, "0.1.0", slots=devices, boot=boot, slot="A")
        slots.commit(place, "A")
        bundle = here / "bundle"
        bundle.write_bytes(system(key) if name == "os" else bundle_of(program("0.2.0"), key, "0.2.0"))
        with Service(place):
            done = cut_at(0, written(place, here), bundle)
        assert done.returncode == (Exit.RESTARTING if name == "os" else Exit.DONE), done.stderr
        found[name] = done.stderr.replace(str(here), "").splitlines()
    return found


@pytest.fixture(scope="module")
def all_touches(tmp_path_factory: pytest.TempPathFactory, key: Path) -> Iterator[dict[str, list[str]]]:
    """What there is to cut."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(service, "AGAIN_AFTER_S", 0.005)
        yield touches(tmp_path_factory.mktemp("touches"), key)


def spread(count: int) -> list[int]:
    """Points over all touches, first and last among them."""
    return sorted({1 + round(step * (count - 1) / (POINTS - 1)) for step in range(POINTS)})


@pytest.mark.proof
def test_an_update_of_the_program_that_is_cut(
    tmp_path: Path, key: Path, all_touches: dict[str, list[str]]
) -> None:
    """APL-34: between and inside every step; old or new, whole, and the next update goes well."""
    points = spread(len(all_touches["app"]))
    assert len(points) >= 20
    found = {program_cut(tmp_path / str(point), key, point) for point in points}
    assert found == {"0.1.0", "0.2.0"}


@pytest.mark.proof
def test_an_update_of_the_system_that_is_cut(
    tmp_path: Path, key: Path, all_touches: dict[str, list[str]]
) -> None:
    """APL-34: between and inside every step; the proven slot is untouched, or the new one proven."""
    points = spread(len(all_touches["os"]))
    assert len(points) >= 20
    found = {system_cut(tmp_path / str(point), key, point) for point in points}
    assert found == {"A", "B"}


def test_everything_is_on_the_card_before_it_gets_its_name(all_touches: dict[str, list[str]]) -> None:
    """APL-32, APL-34: what is renamed has been synced, and after it the folder that holds the name."""
    trace = all_touches["app"]
    version = trace.index("os.rename /system/releases/.0.2.0.half")
    synced = {row.partition(" ")[2] for row in trace[:version] if row.startswith("fsync")}
    for name in ("__init__", *(f"part{index}" for index in range(4))):
        assert f"/system/releases/.0.2.0.half/app/hems/{name}.py" in synced
    assert "/system/releases/.0.2.0.half/app/hems" in synced
    assert trace[version + 1] == "fsync /system/releases"
    switched = next(index for index, row in enumerate(trace) if row.startswith("os.rename /system/.current."))
    noted = next(
        index for index, row in enumerate(trace) if row.startswith("os.rename /system/update/.trial")
    )
    restarted = next(index for index, row in enumerate(trace) if "Popen true" in row)
    assert version < noted < switched < restarted
    assert trace[noted - 1].startswith("fsync /system/update/.trial")
    assert trace[noted + 1] == "fsync /system/update"
    assert trace[switched + 1] == "fsync /system"


def test_the_trial_of_a_system_is_asked_for_last(all_touches: dict[str, list[str]]) -> None:
    """APL-34: the slot is written and noted before the boot loader hears of it."""
    trace = all_touches["os"]
    written_at = trace.index("fsync /b")
    noted = next(
        index for index, row in enumerate(trace) if row.startswith("os.rename /system/update/.trial")
    )
    asked = next(index for index, row in enumerate(trace) if row.startswith("os.rename /boot/.try.env"))
    assert written_at < noted < asked < trace.index("subprocess.Popen true")
    assert not any("slot.env" in row or row.endswith(" /a") for row in trace)


def test_a_power_cut_while_a_version_is_tried(tmp_path: Path, key: Path) -> None:
    """APL-34: the start of the unit finds the trial begun, and goes back; --status says why."""
    place = appliance(tmp_path, key, "0.1.0", "0.2.0")
    trial.begin(place, trial.Trial("app", "0.2.0", "0.1.0", started=True))
    assert trial.started(place).startswith("0.2.0 is not used")
    assert releases.running(place) == "0.1.0"
    assert "it fell over, or the power failed" in steps.status(place)


@pytest.mark.parametrize(("begun", "words"), [(False, "not begun"), (True, "went back")])
def test_a_power_cut_beside_the_switch(tmp_path: Path, key: Path, begun: bool, words: str) -> None:
    """APL-34: noted but not switched to, or left but not noted."""
    place = appliance(tmp_path, key, "0.2.0", "0.1.0")
    found = trial.Trial("app", "0.2.0", "0.1.0", started=begun)
    trial.begin(place, found)
    assert trial.started(place).endswith("0.1.0 runs")
    assert words in steps.status(place)
    trial.begin(place, found)
    with Service(place):
        assert steps.resume(place, lambda _: None) == (Exit.ROLLED_BACK if begun else Exit.DONE)


def test_a_damaged_note_is_no_trial(place: Place) -> None:
    """APL-34: a file that cannot be read stops no start."""
    for text in ("", "{", "[]", '{"kind": "app"}', '{"alarms": 3}'):
        (place.work / "trial.json").write_text(text)
        assert trial.current(place) is None
    durable.write_json(place.work / "trial.json", {"alarms": None})
    assert trial.started(replace(place, slot="A")) == ""
