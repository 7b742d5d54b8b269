"""What every charger is told, against a table of its own: BUS-47, BUS-50, BUS-64.

The table is read from the makers' papers, not from the profiles: where a charger's current lies, how many
counts an ampere has, which counts it knows, and by which bytes it is paused.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from hems.field.budget import TICK_S
from hems.field.exchange import Request
from hems.field.profile import Profile
from hems.field.profiles import PROFILES
from hems.field.registers import width
from hems.field.setpoint import bounded, requests
from hems.field.setup import Charge, wanted

MARGIN = 0.8
"""The worst gap between two signs of life may use so much of a charger's own watchdog."""
STEP_MAX_A = 1.0
LIMITS_A = tuple(n / 20 for n in range(1601))
LINES = (1, 2, 3)
ROUNDING_A = 1e-6
"""How much a number of 32 bits may lie above the one it stands for."""


@dataclass(frozen=True)
class Told:
    """A charger's current at `at`, `per_a` counts an ampere (and line), from `least_a`; or paused by `pause`.

    `pause` is (function, address, values); `release` what must follow a current. `form` is the current's
    type on the wire, most significant register first.
    """

    at: tuple[int, int]
    per_a: float
    pause: tuple[int, int, tuple[int, ...]]
    release: tuple[int, int, tuple[int, ...]] | None = None
    form: str = ">H"
    least_a: float = 6.0
    by_lines: bool = False

    def counts(self, request: Request) -> float:
        raw = b"".join(value.to_bytes(2, "big") for value in request.values)
        count: float = struct.unpack(self.form, raw)[0]
        return count

    def ampere(self, request: Request, lines: int) -> float:
        return self.counts(request) / self.per_a / (lines if self.by_lines else 1)


TOLD = {
    "heidelberg-energy-control": Told((6, 261), 10, (6, 261, (0,))),
    "abl-emh": Told((16, 0x0014), 1 / 0.06, (16, 0x0014, (0x03E8,))),
    "evse-wb": Told((16, 1000), 1, (16, 1000, (0,))),
    "mennekes-amtron-compact": Told((16, 0x0302), 1, (6, 0x0D05, (0,)), release=(6, 0x0D05, (1,)), form=">f"),
    "phoenix-ev-cc": Told((6, 22000), 1, (5, 20000, (0,)), release=(5, 20000, (1,))),
    "abb-terra-ac": Told((16, 0x4100), 1000, (16, 0x4100, (0, 0)), form=">I"),
    "obo-ion": Told((6, 6), 1, (6, 5, (0,)), release=(6, 5, (1,))),
    "schrack-cion": Told((6, 101), 1, (6, 100, (0,)), release=(6, 100, (1,))),
    "delta-ac-max": Told(
        (16, 1600), 230, (16, 1602, (1,)), release=(16, 1602, (0,)), form=">I", by_lines=True
    ),
    "solax-evc-g1": Told((6, 0x0628), 100, (6, 0x0627, (3,)), release=(6, 0x0627, (4,))),
    "solax-evc-g2": Told((6, 0x0628), 100, (6, 0x0627, (3,)), release=(6, 0x0627, (4,))),
    "sungrow-ac011e": Told((6, 21202), 10, (6, 21211, (1,)), release=(6, 21211, (0,))),
    "etek-ekepc2": Told((6, 109), 167, (6, 89, (2,)), release=(6, 89, (1,))),
}

GUARDED = {
    "heidelberg-energy-control": (257, 1000),
    "mennekes-amtron-compact": None,
    "obo-ion": (28, 1000),
    "delta-ac-max": (202, 1),
}
"""Chargers whose own watchdog leads to a current that we set: the register of its time and its counts a
second, if it has one. What ABB's leads to is set in an app and cannot be read: no promise.
"""

FALLS_TO = {
    "heidelberg-energy-control": (262, {0: 0, 6: 60, 7.96: 79, 16: 160}),
    "mennekes-amtron-compact": (0x073A, {0: 1, 6: 6, 7.96: 7, 16: 16}),
    "obo-ion": (30, {0: 0, 6: 6, 7.96: 7, 16: 16}),
    "delta-ac-max": (203, {0: 0, 6: 4140, 7.96: 5492, 16: 11040}),
}
"""Their fail-safe current on three lines: its register, and its counts by ampere; 0 is a stop."""

DANGEROUS = {
    "abb-terra-ac": {0x4105},
}
"""What may end a session for good."""

LEFT_ALONE = {
    "abl-emh": {0x0005, 0x002C},
    "evse-wb": {1004, 2001},
    "phoenix-ev-cc": {21000},
    "abb-terra-ac": {0x4103, 0x4105},
    "obo-ion": {21, 22, 23},
    "schrack-cion": {509, 1000},
    "solax-evc-g1": {0x0625, 0xA105},
    "solax-evc-g2": {0x0625, 0xA105},
    "sungrow-ac011e": {21203},
    "etek-ekepc2": {86, 87, 88, 100},
    "mennekes-amtron-compact": {0x0D04, 0x0D06},
    "heidelberg-energy-control": {501},
}
"""Serial settings, resets, locks and the switching of lines."""

CHARGERS = sorted(key for key, profile in PROFILES.items() if profile.kind == "charger")
UNIT = 7


def sent(profile: Profile, limit_a: float, lines: int) -> tuple[Request, ...]:
    assert profile.write is not None
    return requests(profile.write, UNIT, bounded(profile.write, limit_a), lines)


def act(request: Request) -> tuple[int, int, tuple[int, ...]]:
    assert request.unit == UNIT
    return request.function, request.address, request.values


def touched(profile: Profile) -> Iterator[int]:
    """Every register that anything may write."""
    for lines in LINES:
        for limit_a in LIMITS_A:
            for request in sent(profile, limit_a, lines):
                yield from range(request.address, request.address + len(request.values))
    for row in profile.setup:
        yield from range(row.address, row.address + width(row.wire))
    for beat in profile.heartbeats:
        yield beat.address


def test_every_charger_is_in_the_table() -> None:
    assert set(CHARGERS) == set(TOLD)


@pytest.mark.parametrize("key", CHARGERS)
@pytest.mark.parametrize("lines", LINES)
def test_nothing_lies_between_a_pause_and_the_least_current(key: str, lines: int) -> None:
    """BUS-64: below the least current exactly the pause; above it the current first, then the release."""
    profile, told = PROFILES[key], TOLD[key]
    assert profile.write is not None
    for limit_a in LIMITS_A:
        said = sent(profile, limit_a, lines)
        if limit_a < told.least_a:
            assert [act(request) for request in said] == [told.pause], limit_a
            continue
        assert (said[0].function, said[0].address) == told.at
        assert [act(request) for request in said[1:]] == ([told.release] if told.release else [])
        told_a, most_a = told.ampere(said[0], lines), min(limit_a, profile.write.max_a)
        assert told_a <= most_a + ROUNDING_A, limit_a
        assert told_a > most_a - STEP_MAX_A, limit_a
        assert told_a >= told.least_a - 1e-9, limit_a
        assert act(said[0]) != told.pause


@pytest.mark.parametrize("key", CHARGERS)
def test_its_own_watchdog_is_fed_in_time(key: str) -> None:
    """BUS-47: the worst gap is two ticks more than the period, within 0.8 of the watchdog."""
    profile = PROFILES[key]
    assert (profile.watchdog is not None) == (key in GUARDED)
    if profile.watchdog is None or profile.write is None:
        return
    match profile.watchdog.fed_by:
        case "access":
            period_s = max(TICK_S, min(point.period_s for point in profile.points))
        case "write":
            period_s = profile.write.refresh_s
        case "heartbeat":
            period_s = max(beat.every_s for beat in profile.heartbeats)
    assert period_s + 2 * TICK_S <= MARGIN * profile.watchdog.timeout_s


@pytest.mark.parametrize("key", sorted(GUARDED))
def test_the_time_believed_is_the_time_told(key: str) -> None:
    """BUS-50: the setup writes the watchdog that the rules reckon with."""
    profile, where = PROFILES[key], GUARDED[key]
    assert profile.watchdog is not None
    if where is None:
        return
    address, per_s = where
    assert [row.value for row in profile.setup if row.address == address] == [
        profile.watchdog.timeout_s * per_s
    ]


@pytest.mark.parametrize("key", sorted(GUARDED))
def test_what_it_falls_to_is_told_and_never_more(key: str) -> None:
    """BUS-50: one row of the setup holds the fail-safe current, rounded down."""
    address, counts = FALLS_TO[key]
    (row,) = (row for row in PROFILES[key].setup if row.fail_safe_scale_a is not None)
    assert row.address == address
    assert {fail_safe_a: wanted(row, Charge(fail_safe_a, 3)) for fail_safe_a in counts} == counts


@pytest.mark.parametrize("key", CHARGERS)
def test_what_must_not_be_written_is_not(key: str) -> None:
    """BUS-50: the dangerous registers are named, and nothing we send touches them or the settings."""
    profile = PROFILES[key]
    assert profile.never >= DANGEROUS.get(key, set())
    assert not set(touched(profile)) & (profile.never | LEFT_ALONE.get(key, set()))
