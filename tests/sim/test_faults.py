"""Which requests a fault strikes, and the words it is asked for in (BUS-91)."""

from random import Random
from typing import get_args

import pytest

from hems.sim.faults import KINDS, Fault, FaultKind, Faults, fault_of, parse, refusal_of


def test_every_kind_has_its_meaning() -> None:
    assert set(KINDS) == set(get_args(FaultKind))


@pytest.mark.parametrize(
    ("fault", "device", "second", "strikes"),
    [
        (Fault("silence"), "grid", 0.0, True),
        (Fault("silence", "grid"), "grid", 1e9, True),
        (Fault("silence", "grid"), "car", 5.0, False),
        (Fault("silence", "grid", from_s=5.0, until_s=6.0), "grid", 4.9, False),
        (Fault("silence", "grid", from_s=5.0, until_s=6.0), "grid", 5.0, True),
        (Fault("silence", "grid", from_s=5.0, until_s=6.0), "grid", 6.0, False),
        (Fault("silence", function=3), "grid", 0.0, True),
        (Fault("silence", function=4), "grid", 0.0, False),
    ],
)
def test_whom_and_when_a_fault_strikes(fault: Fault, device: str, second: float, strikes: bool) -> None:
    faults = Faults(Random(1))
    faults.add(fault)
    assert faults.striking(device, 3, second) == ([fault] if strikes else [])


def test_a_share_of_requests() -> None:
    faults = Faults(Random(1))
    faults.add(Fault("crc", share=0.1))
    assert 800 < sum(len(faults.striking("grid", 3, 0.0)) for _ in range(10_000)) < 1200


def test_the_nth_request_of_those_it_meets() -> None:
    faults = Faults(Random(1))
    faults.add(Fault("crc", "grid", nth=2))
    asked = ["car", "grid", "car", "grid", "grid"]
    assert [bool(faults.striking(device, 3, 0.0)) for device in asked] == [False, False, False, True, False]


def test_healing_takes_back_what_was_asked_for() -> None:
    faults, everywhere, here = Faults(Random(1)), Fault("crc"), Fault("crc", "grid")
    faults.add(everywhere)
    faults.add(here)
    faults.heal("grid")
    assert (faults.holds(everywhere), faults.holds(here)) == (True, False)
    faults.heal("")
    assert not faults.holds(everywhere)


def test_echoes_and_what_begins_by_itself_strike_no_answer() -> None:
    faults, echo = Faults(Random(1)), Fault("echo_short", nth=1)
    for fault in (echo, Fault("vanish"), Fault("restart", "grid", from_s=3.0)):
        faults.add(fault)
    assert faults.striking("grid", 3, 0.0) == []
    assert faults.striking("grid", 3, 0.0, echoes=True) == [echo]
    assert faults.striking("grid", 3, 0.0, echoes=True) == []
    faults.add(restart := Fault("restart", "grid", nth=1))
    assert faults.striking("grid", 3, 0.0) == [restart]


def test_what_is_not_carried_out() -> None:
    exception = Fault("exception", value=6)
    assert refusal_of([Fault("crc"), exception], 4) is exception
    assert refusal_of([Fault("crc"), Fault("late", value=1.0)], 4) is None
    assert refusal_of([], 4) is None
    assert refusal_of([Fault("silence")], 4) is not None
    deaf = [bool(refusal_of([Fault("deaf")], function)) for function in (1, 2, 3, 4, 5, 6, 15, 16)]
    assert deaf == [False] * 4 + [True] * 4


def test_the_usual_figure_of_a_kind() -> None:
    assert Fault("exception").figure == 4
    assert Fault("exception", value=0).figure == 0
    assert [Fault("late", value=value).is_readable for value in (0.1, 0.2)] == [True, False]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("silence", Fault("silence")),
        ("late:device=pump,value=0.4,share=0.1", Fault("late", "pump", 0.4, share=0.1)),
        ("prefix:data=00FF,nth=3,function=4", Fault("prefix", data="00FF", nth=3, function=4)),
        ("vanish:from=5,until=7.5,bus=rs485-a", Fault("vanish", from_s=5.0, until_s=7.5, bus="rs485-a")),
        ("vanish:from=5,for=2", Fault("vanish", from_s=5.0, until_s=7.0)),
        ("pause:at=3,value=0.04", Fault("pause", at=3, value=0.04)),
    ],
)
def test_a_fault_in_words(text: str, fault: Fault) -> None:
    assert parse(text) == fault


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("loud", "there is no fault 'loud'; there are silence, deaf, exception, late, crc"),
        ("", "there is no fault ''; there are silence"),
        ("late:speed=3", "'speed=3' is no key=value; the keys are from, until, for, device, value, share"),
        ("late:value", "'value' is no key=value; the keys are from"),
        ("late:value=", "'value=' is no key=value"),
        ("late:value=soon", "value needs a number, not 'soon'"),
        ("late:nth=1.5", "nth needs a number, not '1.5'"),
        ("late:share=2", "share 2 is out of range; use 0 to 1$"),
        ("vanish:from=nan", "from nan is out of range; use 0 to 2678400$"),
        ("vanish:from=inf", "from inf is out of range"),
        ("late:from=-5", "from -5 is out of range; use 0 to 2678400$"),
        ("late:value=nan", r"value nan is out of range; use 0 to 3600 \(seconds\)$"),
        ("late:value=inf", r"value inf is out of range; use 0 to 3600 \(seconds\)$"),
        ("exception:value=999", r"value 999 is out of range; use 0 to 255 \(its code\)$"),
        ("foreign_master:value=0", r"value 0 is out of range; use 0\.01 to 50 \(exchanges per second\)$"),
        ("crc:from=5,until=2", "until 2 is not after from 5; use a later one$"),
        ("crc:until=nan", "until nan is not after from 0"),
        ("crc:for=0", "for 0 is out of range; use more than 0"),
        ("crc:for=nan", "for nan is out of range; use more than 0"),
        ("crc:function=9", r"function 9 is not one of 0, 1, 2, 3, 4, 5, 6, 15, 16 \(0 = all\)$"),
        ("crc:nth=-1", "nth -1 is out of range; use 0 to 1000000$"),
        ("pause:at=-1", "at -1 is out of range; use 0 to 300$"),
        ("suffix", "data are missing; suffix needs 1 to 300 hexadecimal bytes, as data=00FF$"),
        ("prefix:nth=1", "data are missing; prefix needs"),
        ("prefix:data=" + "00" * 301, "data are 301 bytes; use 1 to 300$"),
        ("prefix:data=0G", "data '0G' are no hexadecimal bytes"),
        ("prefix:data=000", "data '000' are no hexadecimal bytes"),
    ],
)
def test_wrong_words_are_refused_in_one_sentence(text: str, words: str) -> None:
    with pytest.raises(ValueError, match="^" + words) as refused:
        parse(text)
    assert "\n" not in str(refused.value)


def test_a_row_begins_now_unless_it_says_otherwise() -> None:
    assert fault_of({"kind": "silence", "for_s": 10}, 100.0) == Fault("silence", from_s=100.0, until_s=110.0)
    row = {"kind": "silence", "from_s": 5.0, "for_s": 10}
    assert fault_of(row, 100.0) == Fault("silence", from_s=5.0, until_s=15.0)
