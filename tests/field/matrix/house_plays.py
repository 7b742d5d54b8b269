"""Rows of the fault matrix that need devices, several lines or several ticks."""

import itertools
from dataclasses import replace
from typing import Final

from hems.field.exchange import READS
from hems.field.profile import Framing
from hems.field.quarantine import left_alone
from hems.model.site import Charger
from hems.sim.faults import Fault
from hems.sim.sending import Exchange
from tests.field.matrix.house import BOX, FAR_GARAGE, GARAGE, GRID, PV, House
from tests.field.matrix.line_plays import Play
from tests.field.matrix.measured import Measured

READ_BACK: Final = 3
"""The function by which both chargers say what current they hold."""
WRITES_BY: Final = {"garage": 16, "box": 6}
TICK_MS: Final = 1000.0
LATER: Final = 1e-6
RESTS_S: Final = (10, 20, 40, 80, 160, 300)


def _since(house: House, at_s: float, unit: int) -> list[Exchange]:
    return [one for one in house.slave().log if one.unit == unit and one.request_s >= at_s - LATER]


def dead_device(framing: Framing) -> Measured:
    """Left alone for 10, 20, 40 … 300 s; every attempt costs the others no more than one silence."""
    with House(GRID, PV, framing=framing, delivery="frame") as house:
        house.run(5)
        at_s = house.clock.mono_s()
        house.strike(Fault("silence", device="pv"))
        house.run(650)
        attempts = _since(house, at_s, 5)
        starts = [one.request_s for one in attempts]
        rests = [after - before for before, after in itertools.pairwise(starts) if after - before > 5]
        assert len(starts) - len(rests) == 3
        for rest_s, found_s in zip(RESTS_S, rests, strict=True):
            assert rest_s <= found_s <= rest_s + 2, rests
        took_s = max(house.held_s(one.request_end_s) for one in attempts)
        bound_s = house.device("pv").link.hold_s
        grid = house.device("grid").link
        assert grid.accepted == grid.requests, "the other one suffers"
        return Measured(
            2, "dead device, each attempt", framing, "left alone 10 … 300 s", 1000 * took_s, 1000 * bound_s
        )


def dead_grid_meter(framing: Framing) -> Measured:
    """Protection waits for it: a rest of 10 s, the end of its tick, and its place in that one."""
    with House(GRID, PV, framing=framing) as house:
        house.run(5)
        at_s = house.clock.mono_s()
        house.strike(Fault("silence", device="grid"))
        house.run(60)
        starts = [one.request_s for one in _since(house, at_s, 1)]
        took_s = max(after - before for before, after in itertools.pairwise(starts))
        return Measured(2, "dead grid meter, longest rest", framing, "probed", 1000 * took_s, 12 * TICK_MS)


def dead_line(framing: Framing) -> Measured:
    """The line is suspected and opened anew every 30 s; at most one probe a tick; one answer clears all."""
    with House(GRID, PV, GARAGE, framing=framing) as house:
        house.run(5)
        at_s = house.clock.mono_s()
        house.strike(Fault("silence"))
        house.run(95, garage=0)
        assert "all devices silent" in house.health().buses["a"].words
        assert house.health().buses["a"].reopenings == 3
        log = [one for one in house.slave().log if one.request_s >= at_s + 15]
        per_tick = [int(one.request_s - at_s) for one in log]
        assert len(per_tick) == len(set(per_tick)), "more than one probe in a tick"
        took_s = max(house.held_s(one.request_end_s) for one in log)
        assert all(house.device(name).absence.rest_s == 10 for name in ("grid", "pv", "garage"))
        house.desk.order({"heal": ""})
        house.run(12, garage=0)
        assert not any(left_alone(house.device(name).absence) for name in ("grid", "pv", "garage"))
        assert house.picture.grid is not None
        return Measured(3, "all devices silent, each probe", framing, "line reopened", 1000 * took_s, 300.0)


def write_in_doubt(
    row: int, what: str, charger: Charger, fault: Fault, before_a: float, after_a: float
) -> Play:
    """The register is unsure: the higher current is booked, and it is read back before it is told again."""
    name = charger.name

    def play(framing: Framing) -> Measured:
        with House(GRID, charger, framing=framing) as house:
            house.run(8, **{name: 0})
            house.run(25, **{name: before_a})
            assert house.held_a(name) == before_a
            house.strike(replace(fault, device=name, function=WRITES_BY[name], nth=1))
            at_s = house.clock.mono_s()
            doubted: list[float] = []

            def look() -> None:
                slot = house.device(name).slot
                assert slot.highest_a >= house.held_a(name), "less is booked than it holds"
                if slot.perhaps_a is not None:
                    doubted.append(slot.highest_a)

            house.look = look
            house.run(2, **{name: after_a})
            assert min(doubted) == max(before_a, after_a)
            assert not house.device(name).slot.unsure
            told = [one for one in _since(house, at_s, charger.unit) if one.function in (READ_BACK, 6, 16)]
            written = next(one for one in told if one.function != READ_BACK)
            after = told[told.index(written) + 1]
            assert after.function == READ_BACK, "told again before it was read back"
            house.run(3, **{name: after_a})
            assert house.held_a(name) == after_a
            reading = house.picture.chargers[name]
            assert (reading.acknowledged_a, reading.confirmed_a) == (after_a, after_a)
            took_ms = 1000 * (after.request_s - written.request_end_s)
            return Measured(row, what, framing, "unsure, read back", took_ms, TICK_MS)

    return play


def doubt_lasts(framing: Framing) -> Measured:
    """As long as the device cannot be read back, the picture books the higher current."""
    with House(GRID, GARAGE, framing=framing) as house:
        house.run(8, garage=0)
        house.run(12, garage=6)
        house.strike(Fault("short", device="garage", value=0, function=WRITES_BY["garage"], until_s=24.0))
        house.tick(garage=16)
        house.strike(Fault("short", device="garage", value=0, until_s=24.0))
        house.tick(garage=6)
        seen = []
        while house.ticks < 24:
            reading = house.tick(garage=6).chargers["garage"]
            seen.append(reading.highest_a or 0.0)
            assert reading.unsure
            assert house.held_a("garage") <= (reading.highest_a or 0.0)
        assert min(seen) == 16
        house.run(14, garage=6)
        reading = house.picture.chargers["garage"]
        assert (reading.unsure, reading.highest_a, house.held_a("garage")) == (False, 6, 6)
        return Measured(18, "timed-out write, read-back silent too", framing, "16 A booked", 0.0, None)


def echo_for_an_acknowledgement(framing: Framing) -> Measured:
    """An undeclared echo that comes late enough to look like the answer of a device that takes no writes."""
    with House(GRID, BOX, framing=framing, echo=True, delivery="usb16") as house:
        house.run(8, box=0)
        house.run(25, box=6)
        box = house.device("box")
        house.strike(Fault("deaf", device="box"))
        at_s, before = house.clock.mono_s(), box.link.errors["not_taken"]
        while box.link.errors["not_taken"] == before and house.ticks < 60:
            house.tick(box=10)
            assert box.slot.highest_a == 10
        assert box.slot.acknowledged_a == 10, "its own echo was not even taken for an answer"
        assert house.held_a("box") == 6
        assert "holds another current than it was told" in house.health().devices["box"].words
        written = next(one for one in _since(house, at_s, BOX.unit) if one.function == 6)
        took_ms = 1000 * (house.clock.mono_s() - written.request_end_s)
        return Measured(
            21, "echo denied, taken for an answer, FC6", framing, "not_taken", took_ms, 2 * TICK_MS
        )


def babble_on_one_line(framing: Framing) -> Measured:
    """At most one attempt a tick on this line; the other one does not notice."""
    with House(GRID, FAR_GARAGE, framing=framing) as house:
        house.run(8, garage=0)
        at_s = house.clock.mono_s()
        house.strike(Fault("babble", device="grid", value=3, nth=1))
        ages = []
        for _ in range(5):
            house.tick(garage=6)
            ages.append(house.clock.mono_s() - house.picture.chargers["garage"].at_mono_s)
        far = house.device("garage").link
        assert far.accepted == far.requests
        assert max(ages) < 1.1
        attempts = [one for one in house.slave().log if one.request_s >= at_s]
        during = [one for one in attempts if one.request_s < at_s + 3]
        assert len({int(one.request_s - at_s) for one in during}) == len(during)
        assert house.picture.grid is not None
        assert house.clock.mono_s() - house.picture.grid.at_mono_s < 1.1
        took_s = max(house.held_s(one.request_end_s) for one in during)
        return Measured(
            22, "babble for 3 s on one of two lines", framing, "the other unharmed", 1000 * took_s, 300.0
        )


def another_master(framing: Framing) -> Measured:
    """Its frames are counted; above 5 in 60 s it is said, and no value is wrong."""
    with House(GRID, framing=framing) as house:
        house.run(5)
        house.strike(Fault("foreign_master", value=0.7))
        at_s = house.clock.mono_s()
        words = ""
        while "another master" not in words and house.ticks < 65:
            house.tick()
            words = house.health().buses["a"].words
            assert house.picture.grid is not None
            line_v = house.picture.grid.line_v
            assert line_v is not None
            assert all(220 < volt < 240 for volt in line_v)
        assert house.line().counts.foreign > 5
        took_ms = 1000 * (house.clock.mono_s() - at_s)
        return Measured(23, "another master, until it is said", framing, "said in words", took_ms, 60_000.0)


def two_with_one_id(framing: Framing) -> Measured:
    """Half of its answers collide: the hint is in the words of this device, not of the others."""
    with House(GRID, PV, framing=framing) as house:
        house.run(5)
        house.strike(Fault("twin", device="pv", share=0.5))
        at_s = house.clock.mono_s()
        while "two devices with this id?" not in house.health().devices["pv"].warning and house.ticks < 610:
            house.tick()
        assert "two devices with this id?" in house.health().devices["pv"].warning
        assert house.health().devices["grid"].warning == ""
        took_ms = 1000 * (house.clock.mono_s() - at_s)
        return Measured(
            24, "two devices with one id, until the hint", framing, "said in words", took_ms, 600_000.0
        )


def port_returns(framing: Framing) -> Measured:
    """The devices' rests are over, settings and set-points are told again."""
    with House(GRID, GARAGE, framing=framing) as house:
        house.run(8, garage=0)
        house.run(12, garage=6)
        at_s = house.clock.mono_s()
        house.strike(Fault("vanish", value=14.3))
        house.run(3, garage=6)
        assert "no such file" in house.health().buses["a"].words
        while house.clock.mono_s() < at_s + 14.3 + 4:
            house.tick(garage=6)
        first = next(one for one in house.slave().log if one.answer_end_s and one.request_s > at_s + 14.3)
        assert first.answer_end_s is not None
        reading = house.picture.chargers["garage"]
        assert (reading.acknowledged_a, reading.confirmed_a, reading.unsure) == (6, 6, False)
        assert house.picture.grid is not None
        assert house.clock.mono_s() - house.picture.grid.at_mono_s < 1.1
        took_ms = 1000 * (first.answer_end_s - at_s - 14.3)
        return Measured(
            26, "port returns after 14 s, whole field", framing, "good again", took_ms, 2 * TICK_MS
        )


def absent_at_start(framing: Framing) -> Measured:
    """The appliance starts without the line; the other line works."""
    with House(GRID, FAR_GARAGE, framing=framing, faults=(Fault("vanish", bus="a", value=4.3),)) as house:
        without = house.run(3, garage=0)
        assert without.grid is None
        assert without.chargers["garage"].status is not None
        assert house.health().buses["a"].words.startswith("port-a: no such file or directory")
        assert house.run(3, garage=0).grid is not None
        first = next(one for one in house.slave().log if one.answer_end_s)
        assert first.answer_end_s is not None
        took_ms = 1000 * (first.answer_end_s - house.start_s - 4.3)
        return Measured(28, "absent at start, whole field", framing, "start goes on", took_ms, 2 * TICK_MS)


def restart(name: str, charger: str, silent_s: float, bound_s: float) -> Play:
    """What is not stored is gone: setup and set-point are told again."""

    def play(framing: Framing) -> Measured:
        device = GARAGE if charger == "garage" else BOX
        with House(GRID, device, framing=framing) as house:
            house.run(8, **{charger: 0})
            house.run(30, **{charger: 10})
            assert house.held_a(charger) == 10
            house.strike(Fault("restart", device=charger, value=silent_s))
            assert house.held_a(charger) != 10
            back_s = house.clock.mono_s() + silent_s
            while house.held_a(charger) != 10 and house.clock.mono_s() < back_s + 60:
                house.tick(**{charger: 10})
            unit = device.unit
            told = [one for one in _since(house, back_s, unit) if one.function not in READS]
            assert house.held_a(charger) == 10
            assert house.device(charger).ready
            took_ms = 1000 * (told[-1].request_end_s - back_s)
            return Measured(32, name, framing, "set up and told again", took_ms, 1000 * bound_s)

    return play


def refresh_missed(framing: Framing) -> Measured:
    """The alarm comes after 0.8 of the watchdog's time, before the device falls back by itself."""
    with House(GRID, BOX, framing=framing) as house:
        house.run(8, box=0)
        house.run(25, box=6)
        house.strike(Fault("silence", device="box"))
        fed_s = max(one.answer_end_s or 0.0 for one in house.slave().log if one.unit == 4)
        words = ""
        while "its own watchdog is about to act" not in words and house.ticks < 60:
            house.tick(box=6)
            words = house.health().devices["box"].words
        took_s = house.clock.mono_s() - fed_s
        assert took_s >= 0.8 * 15
        return Measured(33, "refresh missed, watchdog of 15 s", framing, "alarm", 1000 * took_s, 15_000.0)


def _doubts() -> dict[str, Play]:
    """Writes that were not carried out, or were, and not acknowledged."""
    found: dict[str, Play] = {}
    for charger, maker in ((GARAGE, "EVSE-WB"), (BOX, "Heidelberg")):
        for change, before_a, after_a in (("raise", 6.0, 10.0), ("lowering", 10.0, 6.0)):
            for row, damage, fault in (
                (14, "echoed with another address", Fault("other_address")),
                (14, "echoed with another value or quantity", Fault("other_count")),
                (18, "unheard", Fault("silence")),
                (18, "taken, unanswered", Fault("short", value=0)),
            ):
                what = f"{maker}: {change} {damage}"
                found[f"{row} {what}"] = write_in_doubt(row, what, charger, fault, before_a, after_a)
    return found


RTU_ONLY: Final = frozenset({"21"})
"""In ASCII a request is longer than such an adapter waits: its echo is cut in two and never an answer."""
PLAYS: Final[dict[str, Play]] = {
    "2 pv": dead_device,
    "2 grid": dead_grid_meter,
    "3": dead_line,
    **_doubts(),
    "18 lasting": doubt_lasts,
    "21": echo_for_an_acknowledgement,
    "22": babble_on_one_line,
    "23": another_master,
    "24": two_with_one_id,
    "26": port_returns,
    "28": absent_at_start,
    "32 evse": restart("EVSE-WB restarts, 2 s", "garage", 2.0, 3.0),
    "32 evse, unnoticed": restart("EVSE-WB restarts, within a tick", "garage", 0.3, 3.0),
    "32 box": restart("Heidelberg restarts, 2 s", "box", 2.0, 3.0),
    "33": refresh_missed,
}
