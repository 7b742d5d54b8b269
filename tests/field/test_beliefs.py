"""What is believed of a device: BUS-21, 35, 63, 64, 68, 74."""

from dataclasses import replace

from hems.field.beliefs import Beliefs
from hems.field.exchange import Accepted
from hems.field.profile import Identify, Point, Profile, Proof, Variant

VOLTAGE = Point(quantity="line_v", function=3, addresses=(0,), wire="u16", unit="V", scale=0.1)
POWER = Point(quantity="power_w", function=3, addresses=(2,), wire="u16", unit="W", low=0, high=5000)
TOTAL = Point(quantity="import_wh", function=3, addresses=(4,), wire="u32", unit="Wh")
METER = Profile(
    key="m",
    kind="meter",
    maker="m",
    models=("m",),
    points=(VOLTAGE, POWER, TOTAL),
    identify=Identify(function=3, address=11, count=1, ranges=((71, 73),)),
    proof=Proof(quantity="line_v", low=50, high=500),
    variants=(Variant(what="whole volts", points=(replace(VOLTAGE, scale=1.0),)),),
)


def settled(beliefs: Beliefs) -> bool:
    return beliefs.settled


def test_what_differs_between_variants_waits_for_the_proof() -> None:
    beliefs = Beliefs(METER, 0.0)
    assert not settled(beliefs)
    assert not beliefs.keep(VOLTAGE, (23.0,), 1.0)
    assert beliefs.keep(POWER, (500.0,), 1.0)
    assert beliefs.prove((23.0,), 1.0)
    assert beliefs.profile.point("line_v") == replace(VOLTAGE, scale=1.0)
    assert not beliefs.prove((230.0,), 2.0)
    assert settled(beliefs)
    assert beliefs.keep(VOLTAGE, (230.0,), 2.0)
    assert beliefs.words(2.0) == ["reads as whole volts"]
    beliefs.meet_again(3.0)
    assert not settled(beliefs)
    assert beliefs.samples["line_v"].at_mono_s == 2.0


def test_a_meter_of_another_make_is_not_believed() -> None:
    beliefs = Beliefs(METER, 0.0)
    beliefs.prove((230.0,), 0.0)
    beliefs.keep(POWER, (500.0,), 1.0)
    beliefs.took_name(Accepted((74,)), 2.0)
    assert not beliefs.settled
    assert beliefs.samples == {}
    assert not beliefs.keep(POWER, (500.0,), 3.0)
    assert beliefs.words(3.0) == ["answers as another product; check the unit id or the profile"]
    beliefs.took_name(Accepted((71,)), 62.0)
    assert beliefs.keep(POWER, (500.0,), 63.0)


def test_a_charger_of_another_make_is_heard_but_not_settled() -> None:
    """What it says of itself may only make protection more careful."""
    beliefs = Beliefs(replace(METER, kind="charger"), 0.0)
    beliefs.prove((230.0,), 0.0)
    beliefs.keep(POWER, (500.0,), 1.0)
    beliefs.took_name(Accepted((74,)), 2.0)
    assert not beliefs.settled
    assert beliefs.samples["power_w"].value == 500.0


def test_absent_is_not_there_and_ends_a_doubt() -> None:
    """BUS-35, 63: three odd values in a row, not with a hole between them."""
    beliefs = Beliefs(METER, 0.0)
    beliefs.keep(POWER, (500.0,), 1.0)
    assert not beliefs.keep(POWER, None, 2.0)
    assert "power_w" not in beliefs.samples
    for at_s, found in enumerate([(9000.0,), (9000.0,), None, (9000.0,), (9000.0,)]):
        assert not beliefs.keep(POWER, found, float(at_s))
    assert beliefs.implausible == 4
    assert beliefs.keep(POWER, (9000.0,), 9.0)
    assert beliefs.words(9.0) == ["believed outside its range, since it is read so again: power_w"]
    assert beliefs.strange == ["power_w"]
    assert beliefs.keep(POWER, (500.0,), 10.0)
    assert beliefs.words(10.0) == []


def test_a_total_that_falls_is_taken_and_spoken_of() -> None:
    beliefs = Beliefs(METER, 0.0)
    for total_wh in (1000.0, 10.0):
        assert beliefs.keep(TOTAL, (total_wh,), 5.0)
    assert beliefs.samples["import_wh"].value == 10.0
    assert beliefs.words(6.0) == ["import_wh fell: a resettable partial counter, or another device?"]


def test_registers_of_unknown_order_cannot_fall() -> None:
    beliefs = Beliefs(METER, 0.0)
    unknown = replace(TOTAL, order="?")
    for words in ((9.0, 1.0), (1.0, 9.0)):
        assert beliefs.keep(unknown, words, 5.0)
    assert beliefs.words(6.0) == []


def test_what_betrays_the_profile_is_said() -> None:
    beliefs = Beliefs(METER, 0.0)
    beliefs.prove((398.0,), 0.0)
    beliefs.keep(VOLTAGE, (398.0,), 1.0)
    assert beliefs.words(1.0) == ["voltage is that of line to line: wrong block of registers?"]
