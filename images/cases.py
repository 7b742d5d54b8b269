"""What the appliance is tried with in an emulated machine, one after the other on the same card."""

import json
import re
import shlex
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from images import card
from images.bundles import Shelf
from images.machine import Machine, WrongError

BOOT_WITHIN_S: Final = 900.0
UPDATE_WITHIN_S: Final = 1_500.0
BACK_WITHIN_S: Final = 2_400.0
RESET_WITHIN_S: Final = 600.0
CYCLES: Final = 10
EXPOSURE_MAX: Final = 2.0
PROBE: Final = (
    "if [ $(systemctl show -p NeedDaemonReload --value hems) = yes ]; then systemctl daemon-reload; fi; "
    "PYTHONPATH=/usr/lib/hems python3 -c '"
    "import json; from pathlib import Path; from hems_update import place, releases, service, trial; "
    'here = place.load(Path("/etc/hems/update.json")); told = service.ask(here.socket); '
    'print(json.dumps({"slot": here.slot, "release": releases.running(here), '
    '"trial": trial.current(here) is not None, "version": told.version if told else "", '
    '"cycles": told.cycle if told else 0, "alarms": sorted(told.alarms) if told else []}))\''
)
SAID_AT_OS_CUT: Final = (
    "received 30 %",
    "written to slot . 20 %",
    "written to slot . 70 %",
    "written to slot . 100 %",
    "written down",
)
SAID_AT_APP_CUT: Final = ("received 50 %", "checked", "unpacked", "written down", "switched", "started")


@dataclass(slots=True)
class Lab:
    """A machine and what it is given."""

    machine: Machine
    shelf: Shelf


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that is tried; it returns what was seen, or raises `WrongError`."""

    name: str
    demand: str
    run: Callable[[Lab], str]


def state(machine: Machine) -> dict[str, Any]:
    """What runs inside; empty if nobody answers."""
    done = machine.run(f"sudo sh -c {shlex.quote(PROBE)}", within_s=90)
    try:
        told = json.loads(done.stdout)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def await_healthy(lab: Lab, within_s: float = BOOT_WITHIN_S, **wanted: object) -> dict[str, Any]:
    """Wait until the program turns its cycles and nothing is on trial, as `wanted`; what it says then."""
    seen: dict[str, Any] = {}

    def healthy() -> bool:
        seen.clear()
        seen.update(state(lab.machine))
        fits = all(seen.get(name) == value for name, value in wanted.items())
        return fits and seen.get("cycles", 0) >= CYCLES and not seen["trial"]

    try:
        lab.machine.wait("healthy", within_s, healthy)
    except WrongError as wrong:
        raise WrongError(f"{wrong}; last seen {seen or 'nobody'}") from None
    return seen


def first_start(lab: Lab) -> str:
    """Partition grown, keys made, program running."""
    began_s = time.monotonic()
    lab.machine.on()
    lab.machine.await_answer(BOOT_WITHIN_S)
    answers_s = time.monotonic() - began_s
    seen = await_healthy(lab)
    healthy_s = time.monotonic() - began_s
    grown = int(lab.machine.tell("df --output=size -B1M /data | tail -1"))
    if grown < 1_024:
        raise WrongError(f"the data partition has {grown} MiB only")
    return f"ssh {answers_s:.0f} s, healthy {healthy_s:.0f} s, slot {seen['slot']}, data {grown} MiB"


def at_rest(lab: Lab) -> str:
    """No failed unit, nothing written to the slot, only SSH listens, little for an intruder to reach."""
    machine = lab.machine
    failed = machine.tell("systemctl --failed --plain --no-legend")
    if failed:
        raise WrongError(f"failed units: {failed}")
    options = machine.tell("findmnt -no OPTIONS /lower")
    if "ro" not in options.split(","):
        raise WrongError(f"the slot is mounted {options}")
    if machine.tell("findmnt -no FSTYPE /") != "overlay":
        raise WrongError("the root is no overlay")
    ports = listening(machine.tell("ss -Htulnp"))
    if strangers := [port for port in ports if port not in ("tcp 22", "udp 5353", "udp 68", "udp 546")]:
        raise WrongError(f"somebody listens: {', '.join(strangers)}")
    words = machine.tell("systemd-analyze security --no-pager hems.service | tail -1", within_s=120)
    exposure = float((re.search(r"(\d+\.\d+)", words) or [words, "99"])[1])
    if exposure > EXPOSURE_MAX:
        raise WrongError(f"systemd-analyze security says {exposure}")
    asked = machine.tell(
        "systemctl show -p RuntimeWatchdogUSec --value; cat /sys/class/watchdog/watchdog0/state"
    )
    if "inactive" in asked or "active" not in asked:
        raise WrongError(f"nobody holds the watchdog: {asked}")
    return f"ports {', '.join(ports)}; exposure {exposure}; watchdog {asked.split()[0]}"


def listening(table: str) -> list[str]:
    """Protocol and port of each row of `ss -Htulnp` that others than the machine itself can reach.

    The answers to its own questions, which Avahi awaits on ports of no number, are none.
    """
    found = set()
    for row in table.splitlines():
        words = row.split()
        address, _, port = words[4].rpartition(":")
        own = '"avahi-daemon"' in row and port != "5353"
        if not address.startswith(("127.", "[::1]")) and not own:
            found.add(f"{words[0]} {port}")
    return sorted(found)


def good_program(lab: Lab) -> str:
    """A new version is installed and proven."""
    return _update(lab, lab.shelf.program("newer"), 0, "0.1.1")


def bad_program(lab: Lab) -> str:
    """A version that falls over is left; the one before runs."""
    return _update(lab, lab.shelf.program("broken"), 3, "0.1.1")


def good_system(lab: Lab) -> str:
    """Another slot is written, tried and kept."""
    before = state(lab.machine)["slot"]
    took = _system(lab, "whole", _other(before))
    if b"slot=" + _other(before).encode() not in _at_rest_on_card(lab):
        raise WrongError("the card does not name the new slot")
    return took


def unhealthy_system(lab: Lab) -> str:
    """A system on which the program does not run is left."""
    return _system(lab, "unhealthy", state(lab.machine)["slot"])


def no_init(lab: Lab) -> str:
    """A system without its first process is left."""
    return _system(lab, "without init", state(lab.machine)["slot"])


def no_kernel(lab: Lab) -> str:
    """A system without a kernel is left."""
    return _system(lab, "without kernel", state(lab.machine)["slot"])


def panic(lab: Lab) -> str:
    """A kernel that panics starts the same slot again."""
    return _reset(lab, "echo c >/proc/sysrq-trigger")


def hung(lab: Lab) -> str:
    """A first process that does nothing any more is ended by the watchdog."""
    return _reset(lab, "kill -SEGV 1")


def cut_programs(lab: Lab) -> str:
    """Power fails at each step of a program's update: the old or the new version, whole."""
    return _cuts(lab, SAID_AT_APP_CUT, lambda turn: lab.shelf.program(("third", "fourth")[turn % 2]))


def cut_systems(lab: Lab) -> str:
    """Power fails at each step of a system's update: a slot that is whole starts."""
    return _cuts(lab, SAID_AT_OS_CUT, lambda _turn: lab.shelf.system("whole"))


def same_again(lab: Lab) -> str:
    """What two starts have in common: identity, slot, releases, settings."""
    look = "cat /etc/machine-id; ls -1 /var/lib/hems-system/releases; cat /var/lib/hems/hems.toml; "
    look += "cat /var/lib/hems-system/ssh/*.pub; sha256sum /dev/disk/by-partuuid/48454d53-02"
    before, resets = lab.machine.tell(look, within_s=240), lab.machine.resets
    began_s = time.monotonic()
    lab.machine.run("sudo systemctl reboot", within_s=20)
    lab.machine.await_reset(resets, RESET_WITHIN_S)
    await_healthy(lab)
    took_s = time.monotonic() - began_s
    after = lab.machine.tell(look, within_s=240)
    if before != after:
        raise WrongError("two starts of the same card differ")
    return f"restart to healthy {took_s:.0f} s"


CASES: Final[Sequence[Case]] = (
    Case("first start", "APL-17", first_start),
    Case("at rest", "APL-14", at_rest),
    Case("two starts alike", "APL-12", same_again),
    Case("good program", "APL-32", good_program),
    Case("bad program", "APL-32", bad_program),
    Case("good system", "APL-33", good_system),
    Case("unhealthy system", "APL-21", unhealthy_system),
    Case("system without init", "APL-20", no_init),
    Case("system without kernel", "APL-20", no_kernel),
    Case("kernel panic", "APL-15", panic),
    Case("hung first process", "APL-15", hung),
    Case("cuts in a program's update", "APL-34", cut_programs),
    Case("cuts in a system's update", "APL-34", cut_systems),
)


def _update(lab: Lab, bundle: Path, code: int, version: str) -> str:
    began_s = time.monotonic()
    done = lab.machine.run("sudo hems-update", within_s=UPDATE_WITHIN_S, data=bundle)
    took_s = time.monotonic() - began_s
    if done.returncode != code:
        raise WrongError(
            f"the update ended with {done.returncode}: {(done.stdout + done.stderr).strip()[-300:]}"
        )
    await_healthy(lab, release=version, version=version)
    return f"{took_s:.0f} s; {done.stdout.strip().splitlines()[-1]}"


def _system(lab: Lab, which: str, slot: str) -> str:
    began_s, resets = time.monotonic(), lab.machine.resets
    done = lab.machine.run("sudo hems-update", within_s=UPDATE_WITHIN_S, data=lab.shelf.system(which))
    if "starts now" not in done.stdout:
        raise WrongError(
            f"the update ended with {done.returncode}: {(done.stdout + done.stderr).strip()[-300:]}"
        )
    written_s = time.monotonic() - began_s
    lab.machine.await_reset(resets, RESET_WITHIN_S)
    await_healthy(lab, BACK_WITHIN_S, slot=slot)
    healthy_s = time.monotonic() - began_s - written_s
    last = lab.machine.tell("hems-update --status").splitlines()[-1]
    return f"written {written_s:.0f} s, healthy in slot {slot} after {healthy_s:.0f} s; {last}"


def _reset(lab: Lab, command: str) -> str:
    slot, resets = state(lab.machine)["slot"], lab.machine.resets
    began_s = time.monotonic()
    lab.machine.run(f"sudo sh -c '{command}'", within_s=5)
    reset_s = lab.machine.await_reset(resets, RESET_WITHIN_S)
    await_healthy(lab, slot=slot)
    return f"reset after {reset_s:.0f} s, healthy in slot {slot} after {time.monotonic() - began_s:.0f} s"


def _cuts(lab: Lab, moments: Sequence[str], given: Callable[[int], Path]) -> str:
    came_out = []
    for turn, moment in enumerate(moments):
        before = state(lab.machine)
        _cut_at(lab, moment, given(turn))
        lab.machine.on()
        after = await_healthy(lab, BACK_WITHIN_S)
        same = all(before[name] == after[name] for name in ("slot", "release"))
        came_out.append(f"{moment}: {'old' if same else 'new'}")
        whole = lab.machine.tell("ls -A /var/lib/hems-system/releases")
        if after["release"] not in whole.split() or after["version"] != after["release"]:
            raise WrongError(f"cut at {moment!r}: {after} with {whole}")
    return f"{len(came_out)} cuts; " + ", ".join(came_out)


def _cut_at(lab: Lab, moment: str, bundle: Path) -> None:
    process = lab.machine.begin("sudo hems-update", bundle)
    assert process.stdout is not None
    said = []
    for row in process.stdout:
        said.append(row.strip())
        if re.search(moment, row):
            break
    else:
        raise WrongError(f"it never said {moment!r}: {said[-3:]}")
    lab.machine.off()
    process.kill()
    process.wait()
    process.stdout.close()


def _at_rest_on_card(lab: Lab) -> bytes:
    return card.take(lab.machine.outfit.card, "slot.env")


def _other(slot: str) -> str:
    return "A" if slot == "B" else "B"
