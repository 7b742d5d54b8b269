"""The PIN (PNL-64): a salted hash in a drawer, and the wait of whoever guesses."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from hems.clock import ManualClock
from hems.panel.asks import NewPin, TryPin
from hems.panel.pin import LONGEST_WAIT_S, OPEN_S, Gate, Kept, Lock, chosen, kept


class Drawer:
    def __init__(self) -> None:
        self.fields: Mapping[str, object] = {}

    def recall(self) -> Mapping[str, object]:
        return self.fields

    def keep(self, fields: Mapping[str, object]) -> bool:
        self.fields = fields
        return True


class Bench:
    def __init__(self) -> None:
        self.drawer = Drawer()
        self.clock = ManualClock(datetime(2026, 6, 21, tzinfo=UTC))
        self.lock = Lock(self.drawer, self.clock)

    def restart(self) -> None:
        """Power goes; the monotonic clock begins elsewhere."""
        self.clock = ManualClock(datetime(2026, 6, 21, tzinfo=UTC))
        self.lock = Lock(self.drawer, self.clock)


@pytest.fixture
def bench() -> Bench:
    found = Bench()
    found.lock.choose("4711")
    return found


def test_without_a_pin_everything_is_open() -> None:
    assert Bench().lock.gate().open(0.0)
    assert not Bench().lock.fits("0000"), "no digits fit where there are none"


def test_the_right_digits_open_for_ten_minutes_or_until_home(bench: Bench) -> None:
    assert bench.lock.fits("4711")
    gate, now_s = bench.lock.gate(opened=True), bench.clock.mono_s()
    assert gate.open(now_s)
    assert gate.open(now_s + OPEN_S - 0.1)
    assert not gate.open(now_s + OPEN_S)
    assert not gate.closed().open(now_s)
    assert not bench.lock.gate().open(now_s)


def test_three_wrong_ones_make_one_wait_and_longer_each_time(bench: Bench) -> None:
    """60 s, doubling to 15 min; not even the right digits help before that is over."""
    waits = []
    for _ in range(9):
        assert not bench.lock.fits("0000")
        wait_s = bench.lock.gate().waits_until_mono_s - bench.clock.mono_s()
        waits.append(wait_s)
        if wait_s > 0.0:
            bench.clock.advance(wait_s - 0.1)
            assert not bench.lock.fits("4711")
            bench.clock.advance(0.2)
    assert waits == pytest.approx([0.0, 0.0, 60.0, 120.0, 240.0, 480.0, *[LONGEST_WAIT_S] * 3])
    assert bench.lock.fits("4711")
    assert not bench.lock.fits("0000")
    assert bench.lock.gate().waits_until_mono_s <= bench.clock.mono_s(), "it counts anew"


def test_a_restart_helps_nobody(bench: Bench) -> None:
    for _ in range(3):
        bench.lock.fits("0000")
    bench.restart()
    assert bench.lock.gate().exists
    assert not bench.lock.fits("4711")
    bench.clock.advance(60.0)
    assert bench.lock.fits("4711")
    bench.restart()
    assert bench.lock.fits("4711")


def test_a_new_pin_replaces_the_old_one(bench: Bench) -> None:
    former = dict(bench.drawer.fields)
    bench.lock.choose("0815")
    assert not bench.lock.fits("4711")
    assert bench.lock.fits("0815")
    assert bench.drawer.fields["salt"] != former["salt"]


def test_the_digits_are_nowhere_to_be_read(bench: Bench) -> None:
    """API-46, too."""
    assert "4711" not in repr(dict(bench.drawer.fields))
    assert "4711" not in repr(TryPin("4711")) + repr(NewPin("4711"))
    assert chosen("4711", b"a").digest != chosen("4711", b"b").digest


@pytest.mark.parametrize(
    "fields",
    [{}, {"salt": "00", "digest": "zz", "wrong": 0}, {"salt": 1, "digest": "00", "wrong": 0}, {"wrong": "9"}],
)
def test_a_drawer_with_something_else_holds_no_pin(fields: Mapping[str, object]) -> None:
    assert kept(fields) == Kept()


def test_a_random_one_is_offered() -> None:
    offers = {Bench().lock.gate().offer for _ in range(50)}
    assert len(offers) > 20
    assert all(len(offer) == 4 and offer.isdecimal() for offer in offers)
    assert Gate().open(5.0)
