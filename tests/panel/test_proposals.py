"""From what was found to what is proposed (BUS-74, PNL-70 step 8)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hems.model.intents import Change
from hems.model.view import FoundDevice
from hems.panel.proposals import NOTHING, Here, changes, proposed, roles, unguarded

METER = ("grid", "pv", "battery", "charger", "circuit")


def meter(unit: int, *able: str, product: str = "eastron-sdm630", setting: str = "9600 8N1") -> Here:
    return Here("a", FoundDevice(setting, unit, "sure", (product,), kind="meter", roles=able or METER))


def box(unit: int, *, stops: bool = False, bus: str = "a") -> Here:
    device = FoundDevice(
        "9600 8N1", unit, "sure", ("evse-wb",), kind="charger", most_a=80.0, stops_itself=stops
    )
    return Here(bus, device)


PUMP = Here("a", FoundDevice("9600 8N1", 4, "sure", ("lambda-eul",), kind="heat_pump"))
SUN = meter(5, "grid", "pv", "battery", product="sunspec")
STRANGER = Here("a", FoundDevice("9600 8N1", 9, "unknown"))


def test_the_demos_house_is_recognised() -> None:
    found = [meter(1), box(2), meter(3), PUMP, SUN, STRANGER]
    assert list(proposed(found, {}).values()) == ["grid", "car", "charger", "heat_pump", "pv", NOTHING]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([meter(1), meter(3), meter(4), meter(5)], ["grid", "pv", "battery", NOTHING]),
        ([SUN, meter(1)], ["pv", "grid"]),
        ([meter(1, "pv", "battery", "charger"), box(2)], ["charger", "car"]),
        ([box(2), box(3)], ["car", "car"]),
        ([], []),
    ],
)
def test_each_role_once(found: list[Here], expected: list[str]) -> None:
    assert list(proposed(found, {}).values()) == expected


def test_what_a_person_said_stands() -> None:
    found = [meter(1), meter(3)]
    told = proposed(found, {"a:1": "pv", "a:3": "nonsense"})
    assert told == {"a:1": "pv", "a:3": "grid"}


def test_the_rows_of_the_file() -> None:
    found = [meter(1, setting="19200 8E1"), box(2), meter(3, setting="19200 8E1"), PUMP]
    rows = {
        ".".join(one.place): one.value
        for one in changes(found, proposed(found, {}), ("L1", "L2", "L3"), "k1", 16.0)
    }
    assert (rows["bus.a.baud"], rows["bus.a.framing"]) == (19200, None), (
        "as most of them, the first of equals"
    )
    assert rows["charger.garage"] == {
        "bus": "a", "unit": 2, "profile": "evse-wb", "number": 1, "lines": ("L1", "L2", "L3"),
        "max_a": 16.0, "relay": "k1",
    }  # fmt: skip
    assert rows["meter.car"] == {
        "bus": "a", "unit": 3, "profile": "eastron-sdm630", "role": "charger", "charger": "garage",
    }  # fmt: skip
    assert rows["heat_pump.pump"] == {"number": 1, "bus": "a", "unit": 4, "profile": "lambda-eul"}


def test_one_line_ascii_and_a_second_charger() -> None:
    found = [meter(1, setting="38400 8E1 ASCII"), box(2), PUMP, box(3, stops=True, bus="b")]
    rows = list(changes(found, proposed(found, {}), ("L1",), "k1", 32.0))
    assert Change(("bus", "a", "framing"), "ascii") not in rows, "most of its devices speak otherwise"
    alone = list(changes(found[:1], {"a:1": "grid"}, ("L1",), "", 32.0))
    assert alone[:4] == [
        Change(("bus", "a", "baud"), 38400), Change(("bus", "a", "parity"), "E"),
        Change(("bus", "a", "stop_bits"), 1), Change(("bus", "a", "framing"), "ascii"),
    ]  # fmt: skip
    second = next(one.value for one in rows if one.place == ("charger", "garage-2"))
    assert isinstance(second, dict)
    assert ("relay" in second, second["lines"], second["number"]) == (False, ("L1",), 2)


@pytest.mark.parametrize(
    ("found", "relay", "expected"),
    [
        ([box(2)], "", ("a:2",)),
        ([box(2)], "k1", ()),
        ([box(2, stops=True)], "", ()),
        ([box(2), box(3)], "k1", ("a:3",)),
        ([meter(1)], "", ()),
    ],
)
def test_a_charger_that_nobody_could_stop_is_named(
    found: list[Here], relay: str, expected: tuple[str, ...]
) -> None:
    """It is never accepted unasked."""
    given_roles = proposed(found, {})
    assert unguarded(found, given_roles, relay) == expected
    for accepted in (True, False):
        rows = changes(found, given_roles, ("L1",), relay, 16.0, accepted=accepted)
        accepts = [one for one in rows if isinstance(one.value, dict) and "accept_no_failsafe" in one.value]
        assert len(accepts) == (len(expected) if accepted else 0)


DEVICES = st.builds(
    FoundDevice,
    st.sampled_from(["9600 8N1", "19200 8E1", "38400 8E1 ASCII"]),
    st.integers(1, 247),
    st.sampled_from(["sure", "likely", "unknown"]),
    st.sampled_from([(), ("x",), ("x", "y")]),
    kind=st.sampled_from(["", "meter", "charger", "heat_pump"]),
    roles=st.sets(st.sampled_from(METER)).map(tuple),
)


@given(st.lists(st.builds(Here, st.sampled_from("ab"), DEVICES), max_size=12, unique_by=lambda one: one.key))
def test_every_device_gets_a_role_it_can_have(found: list[Here]) -> None:
    given_roles = proposed(found, {})
    for one in found:
        assert given_roles[one.key] in roles(one)
    meters = [role for role in given_roles.values() if role in ("grid", "pv", "battery")]
    assert len(meters) == len(set(meters))
