"""The simulated house on the emulated machine's RS-485 line: the image as it is controls the charger in it.

The house runs on this machine and keeps what really happened; the appliance only knows what its second UART
carries. The charger has a watchdog of 15 s and no relay, as the emulated machine has no pins.
"""

import select
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

from hems.sim.car import CarModel
from hems.sim.desk_link import HouseProcess
from hems.sim.scene import Bus, Device, Scene
from images.cases import BOOT_WITHIN_S, RESET_WITHIN_S, UPDATE_WITHIN_S, Case, Lab, await_healthy, state
from images.machine import WrongError

INSTALLATION: Final = """\
[site]
name = "Proof"
time_zone = "Europe/Berlin"
main_fuse_a = [25, 25, 25]

[[bus]]
name = "rs485-a"
port = "/dev/ttyS0"
baud = 19200
parity = "E"
echo = "no"

[[meter]]
name = "grid"
bus = "rs485-a"
unit = 1
profile = "eastron-sdm630"
role = "grid"

[[charger]]
name = "garage"
number = 1
bus = "rs485-a"
unit = 2
profile = "heidelberg-energy-control"

[charging]
start_delay_s = 15
stop_delay_s = 30
min_on_s = 60
min_off_s = 30
"""
DEVICES: Final = (
    Device("grid", "eastron-sdm630", 1, measures="grid"),
    Device("garage", "heidelberg-energy-control", 2),
    Device("pv", "sunspec", 5),
)
LINE: Final = Bus(baud=19_200, bits=11)
NOON: Final = datetime(2026, 6, 21, 11, 0, tzinfo=UTC)
CHARGES_WITHIN_S: Final = 600.0
SAFE_WITHIN_S: Final = 60.0
LEAST_W: Final = 1_000.0
PANEL_S: Final = 90.0
LEAST_DRAWN: Final = 50


class Desk:
    """The house, and the truth about it as it comes."""

    def __init__(self) -> None:
        cars = {"garage": CarModel(stored_wh=5_000.0)}
        scene = Scene(seed=1, weather="sunny", start=NOON, devices=DEVICES, cars=cars, buses=(LINE,))
        self._process = HouseProcess(scene)
        self._process.wait()

    @property
    def line(self) -> str:
        """The port its serial line ends in."""
        return self._process.port

    @property
    def truth(self) -> Mapping[str, Any]:
        """What is true now."""
        while select.select([self._process.fd], [], [], 0)[0] and self._process.take():
            pass
        return self._process.latest

    def order(self, command: Mapping[str, Any]) -> None:
        """Let something happen in the house."""
        self._process.send(command)

    def wait(self, what: str, within_s: float, come: Callable[[Mapping[str, Any]], bool]) -> float:
        """Wait until something is true; the seconds it took."""
        began_s = time.monotonic()
        while not come(self.truth):
            if time.monotonic() - began_s > within_s:
                raise WrongError(f"{what}: not within {within_s:.0f} s; {brief(self.truth)}")
            select.select([self._process.fd], [], [], 1.0)
        return time.monotonic() - began_s

    def stop(self) -> None:
        """Leave the line."""
        self._process.stop()


def brief(truth: Mapping[str, Any]) -> str:
    """The truth about the charger in a few words."""
    return (
        f"offered {truth['limit_a']['garage']:.1f} A, car {truth['ev_w']:.0f} W, "
        f"grid {truth['grid_w']:.0f} W, {truth['requests']} requests"
    )


def harm(truth: Mapping[str, Any]) -> str:
    """What the appliance has done that it must never do; "" if nothing."""
    over_s = sum(truth["own_over_s"].values())
    if truth["violations"] or over_s:
        return f"{truth['violations']} raises that did not fit, {over_s:.1f} s above a fuse by its own doing"
    return ""


def charges(truth: Mapping[str, Any]) -> bool:
    """Whether the car draws."""
    return bool(truth["ev_w"] > LEAST_W)


def rests(truth: Mapping[str, Any]) -> bool:
    """Whether the car draws nothing and may draw nothing."""
    return bool(truth["limit_a"]["garage"] == 0 and truth["ev_w"] < 1)


@contextmanager
def wired(lab: Lab) -> Iterator[Desk]:
    """The appliance started anew on the house's line, with the installation of that house."""
    desk = Desk()
    try:
        lab.machine.tell(f"cat >/var/lib/hems/hems.toml <<'END'\n{INSTALLATION}END\nsync")
        lab.machine.off()
        lab.machine.attach(desk.line)
        lab.machine.on()
        await_healthy(lab, BOOT_WITHIN_S)
        yield desk
    finally:
        lab.machine.off()
        lab.machine.attach("")
        desk.stop()


def surplus(lab: Lab) -> str:
    """Sun makes the car charge; whatever is taken away meanwhile, it charges no more than is safe."""
    with wired(lab) as desk:
        steps = [f"charges after {desk.wait('it charges', CHARGES_WITHIN_S, charges):.0f} s"]
        steps += [step(lab, desk) for step in STEPS]
        if wrong := harm(desk.truth):
            raise WrongError(wrong)
        return "; ".join([*steps, f"early requests {desk.truth['early']} of {desk.truth['requests']}"])


def _meter_unplugged(_lab: Lab, desk: Desk) -> str:
    desk.order({"fault": {"kind": "silence", "device": "grid"}})
    safe_s = desk.wait("the charger is at rest without a meter", SAFE_WITHIN_S, rests)
    desk.order({"heal": "grid"})
    again_s = desk.wait("it charges again", CHARGES_WITHIN_S, charges)
    return f"meter unplugged: at rest after {safe_s:.0f} s, again after {again_s:.0f} s"


def _killed(lab: Lab, desk: Desk) -> str:
    before = state(lab.machine)["cycles"]
    lab.machine.tell("systemctl kill -s KILL --kill-whom=main hems.service")
    safe_s = desk.wait("the charger is at rest after a kill", SAFE_WITHIN_S, rests)
    again_s = desk.wait("it charges again", CHARGES_WITHIN_S, charges)
    if state(lab.machine)["cycles"] >= before + again_s:
        raise WrongError("it was not started anew")
    return f"killed -9: at rest after {safe_s:.0f} s, again after {again_s:.0f} s"


def _power_cut(lab: Lab, desk: Desk) -> str:
    lab.machine.off()
    safe_s = desk.wait("the charger is at rest without power", SAFE_WITHIN_S, rests)
    lab.machine.on()
    again_s = desk.wait("it charges again", BOOT_WITHIN_S, charges)
    return f"power cut: at rest after {safe_s:.0f} s, again after {again_s:.0f} s"


def _slot_switched(lab: Lab, desk: Desk) -> str:
    await_healthy(lab)
    before, resets = state(lab.machine)["slot"], lab.machine.resets
    done = lab.machine.run("sudo hems-update --now", within_s=UPDATE_WITHIN_S, data=lab.shelf.system("whole"))
    if "starts now" not in done.stdout:
        raise WrongError(
            f"the update ended with {done.returncode}: {(done.stdout + done.stderr).strip()[-300:]}"
        )
    safe_s = desk.wait("the charger is at rest while slots are switched", SAFE_WITHIN_S, rests)
    lab.machine.await_reset(resets, RESET_WITHIN_S)
    again_s = desk.wait("it charges again", BOOT_WITHIN_S, charges)
    seen = await_healthy(lab)
    if seen["slot"] == before:
        raise WrongError(f"slot {before} runs still")
    return f"slot {seen['slot']}: at rest after {safe_s:.0f} s, again after {again_s:.0f} s"


def _panel_read(lab: Lab, _desk: Desk) -> str:
    """The front panel as somebody sees it who comes in over SSH."""
    asked = f"(sleep {PANEL_S:.0f}; printf q) | script -qec 'hems panel --ssh-friendly' /dev/null"
    done = lab.machine.run(f"TERM=xterm {asked}", within_s=2 * PANEL_S)
    dots = drawn(done.stdout)
    if dots < LEAST_DRAWN:
        raise WrongError(f"the panel shows {dots} characters of a picture: {done.stdout[-200:]!r}")
    return f"panel read over ssh, {dots} characters of a picture"


def drawn(text: str) -> int:
    """How many block and Braille characters a terminal was given."""
    return sum("\u2580" <= letter <= "\u259f" or "\u2801" <= letter <= "\u28ff" for letter in text)


STEPS: Final = (_meter_unplugged, _killed, _panel_read, _power_cut, _slot_switched)
CASES: Final = (Case("house on the RS-485 line", "APL-43", surplus),)
