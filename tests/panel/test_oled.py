"""PNL-10 to 14, 103, 110: only what changed is sent, and what was sent is what was drawn."""

import math
from collections.abc import Iterator
from functools import partial
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from hems.clock import ManualClock
from hems.panel.draw import pages
from hems.panel.navigator import Light
from hems.panel.oled import Oled, patience_s, spans
from hems.panel.transport import I2cPlace, connect
from hems.reactor import Reactor
from hems.sim.glass import Glass, Kind
from tests.panel.pictures import bits, noise
from tests.panel.views import START

WHOLE_PAGE_BYTES = 5 + 4 * 2 + 128
"""Address, control and three commands; four blocks of 32 with address and control each."""

KINDS: tuple[Kind, ...] = ("ssd1306", "sh1106")


class Desk:
    """A display on virtual time."""

    def __init__(
        self, kind: Kind = "ssd1306", rotate: Literal[0, 180] = 0, bit_rate: int | None = None
    ) -> None:
        self.clock = ManualClock(START)
        self.loop = Reactor(self.clock)
        self.glass = Glass(kind)
        if bit_rate is not None:
            self.glass = Glass(kind, bit_rate=bit_rate, pass_time=self.clock.advance)
        place = I2cPlace(self.glass)
        self.oled = Oled(self.loop, self.clock, kind, partial(connect, place), rotate=rotate)

    def __enter__(self) -> "Desk":
        return self

    def __exit__(self, *_: object) -> None:
        self.oled.close()
        self.loop.close()

    def wait(self, seconds: float = 0.1) -> int:
        """Let time pass; the bytes that went over the wire meanwhile."""
        before = self.glass.bytes_carried
        self.loop.run_until(self.clock.mono_s() + seconds)
        return self.glass.bytes_carried - before

    def turn(self) -> None:
        """One turn of the loop."""
        self.loop.run_until(self.clock.mono_s() + 1.0, lambda: True)

    def lost(self) -> bool:
        return self.oled.lost

    def shown(self, picture: Image.Image) -> int:
        self.oled.show(picture)
        return self.wait()


@pytest.fixture(params=KINDS)
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    with Desk(request.param) as made:
        yield made


def test_what_was_drawn_is_what_the_glass_shows(desk: Desk) -> None:
    """PNL-110: bit for bit."""
    for seed in range(6):
        desk.shown(noise(seed, density=2 + seed * 20))
        assert desk.glass.pixels() == bits(noise(seed, density=2 + seed * 20))
    assert desk.glass.lit
    assert not desk.lost()


@settings(max_examples=40, deadline=None)
@given(st.data(), st.sampled_from(KINDS))
def test_any_change_arrives(data: st.DataObject, kind: Kind) -> None:
    """PNL-10, 110: also a pixel here and a line there."""
    picture = Image.new("1", (128, 64))
    pen = ImageDraw.Draw(picture)
    place = st.tuples(st.integers(0, 127), st.integers(0, 63))
    with Desk(kind) as desk:
        for _ in range(data.draw(st.integers(1, 5))):
            pen.line((*data.draw(place), *data.draw(place)), fill=data.draw(st.sampled_from((0, 1))))
            desk.shown(picture)
            assert desk.glass.pixels() == bits(picture)


def test_an_unchanged_picture_sends_nothing(desk: Desk) -> None:
    """PNL-10, 103."""
    desk.shown(noise(1))
    assert desk.shown(noise(1).copy()) == 0


def test_one_digit_sends_one_span(desk: Desk) -> None:
    """PNL-10."""
    picture = noise(1, density=50).copy()
    desk.shown(picture)
    picture.paste(1, (60, 8, 65, 15))
    assert 5 + 2 < desk.shown(picture) <= 5 + 2 + 5


def test_a_page_goes_out_in_a_turn(desk: Desk) -> None:
    """PNL-11: at most one page per turn of the loop."""
    desk.shown(noise(1))
    desk.oled.show(noise(2))
    turns = []
    for _ in range(10):
        before = desk.glass.bytes_carried
        desk.turn()
        turns.append(desk.glass.bytes_carried - before)
    assert max(turns) <= WHOLE_PAGE_BYTES
    assert [turn > 0 for turn in turns] == [True] * 8 + [False] * 2


def test_a_newer_picture_replaces_what_has_not_gone_out(desk: Desk) -> None:
    """PNL-11."""
    desk.shown(noise(1))
    desk.oled.show(noise(2))
    desk.turn()
    desk.shown(noise(3))
    assert desk.glass.pixels() == bits(noise(3))


def test_the_display_is_switched_on_after_its_first_picture(desk: Desk) -> None:
    """PNL-13: it never shows what its memory held."""
    desk.oled.show(noise(1))
    for _ in range(30):
        desk.turn()
        if desk.glass.lit:
            assert desk.glass.pixels() == bits(noise(1))
            return
    pytest.fail("it was never switched on")


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000), st.sampled_from(KINDS), st.booleans())
def test_a_transfer_that_breaks_off_anywhere_is_made_good(fails_after: int, kind: Kind, power: bool) -> None:
    """PNL-12, 110: half-sent pages, and a display that forgot everything meanwhile."""
    with Desk(kind) as desk:
        desk.shown(noise(1))
        desk.glass.fails_after = fails_after
        desk.shown(noise(2))
        assert desk.lost()
        assert desk.shown(noise(3)) == 0
        if power:
            desk.glass.power_cycle()
        desk.glass.fails_after = None
        desk.wait(1.0)
        assert not desk.lost()
        assert desk.glass.pixels() == bits(noise(3))


def test_a_lost_display_is_tried_again_later_and_later(desk: Desk) -> None:
    """PNL-12: after 1, 2, 5, 10 s, then every 60 s."""
    desk.glass.fails_after = 0
    began_s = desk.clock.mono_s()
    desk.oled.show(noise(1))
    tried: list[int] = []
    desk.glass.pass_time = lambda _: tried.append(round(desk.clock.mono_s() - began_s))
    while desk.clock.mono_s() < began_s + 200:
        desk.wait(0.5)
        desk.oled.show(noise(1))
    assert tried == [0, 1, 3, 8, 18, 78, 138, 198]
    desk.glass.fails_after = None
    desk.wait(60.0)
    assert desk.glass.pixels() == bits(noise(1))
    desk.glass.fails_after = 0
    desk.shown(noise(2))
    assert desk.lost()
    desk.glass.fails_after = None
    desk.wait(1.0)
    assert not desk.lost()


def test_the_start_up_is_repeated_every_ten_minutes_without_a_flash(desk: Desk) -> None:
    """PNL-13: a garbled display is whole again, and is never blanked."""
    desk.shown(noise(1))
    desk.wait(300.0)
    desk.glass.memory[:] = bytes(len(desk.glass.memory))
    assert desk.wait(299.0) == 0
    desk.clock.advance(2.0)
    for _ in range(20):
        desk.turn()
        assert desk.glass.lit
    assert desk.glass.pixels() == bits(noise(1))
    assert 1100 < desk.wait(601.0) < 1300


def test_a_display_that_lost_its_power_comes_back_with_the_next_start_up(desk: Desk) -> None:
    """PNL-13."""
    desk.shown(noise(1))
    desk.glass.power_cycle()
    desk.wait(601.0)
    assert desk.glass.pixels() == bits(noise(1))


def test_dim_dark_and_bright_again(desk: Desk) -> None:
    """PNL-14: an eighth of the contrast, then off; a dark display is told nothing but its darkness."""
    desk.shown(noise(1))
    bright = desk.glass.contrast
    desk.oled.light(Light.DIM)
    assert desk.wait() == 2 + 3
    assert desk.glass.contrast == bright // 8
    desk.oled.light(Light.DARK)
    assert desk.wait() == 2 + 1
    assert not desk.glass.lit
    assert desk.shown(noise(2)) == 0
    desk.oled.light(Light.BRIGHT)
    desk.wait()
    assert (desk.glass.contrast, desk.glass.lit) == (bright, True)
    assert desk.glass.pixels() == bits(noise(2))


def test_a_dark_display_stays_dark_over_a_start_up(desk: Desk) -> None:
    """PNL-13, 14."""
    desk.shown(noise(1))
    desk.oled.light(Light.DARK)
    for _ in range(700):
        desk.wait(1.0)
        assert not desk.glass.lit


@pytest.mark.parametrize("kind", KINDS)
def test_a_display_mounted_upside_down(kind: Kind) -> None:
    """PNL-1: rotation 180."""
    with Desk(kind, rotate=180) as desk:
        desk.shown(noise(5))
        assert desk.glass.pixels() == bits(noise(5).transpose(Image.Transpose.ROTATE_180))


def test_the_end_of_a_picture_is_announced(desk: Desk) -> None:
    ends: list[tuple[bytes, ...]] = []
    desk.oled.on_settled = lambda: ends.append(desk.glass.pixels())
    desk.shown(noise(1))
    assert ends == [bits(noise(1))]


def test_closing_switches_off_and_lets_go(desk: Desk) -> None:
    desk.shown(noise(1))
    desk.oled.show(noise(2))
    desk.oled.close()
    assert not desk.glass.lit
    assert desk.wait(700.0) == 0


def test_closing_a_lost_display_is_quiet(desk: Desk) -> None:
    desk.shown(noise(1))
    desk.glass.fails_after = 0
    desk.oled.close()
    desk.oled.close()
    assert desk.wait(700.0) == 0


def test_a_bus_that_cannot_be_opened_is_a_lost_display() -> None:
    """PNL-5, 12: the appliance goes on."""
    clock = ManualClock(START)
    loop = Reactor(clock)
    oled = Oled(loop, clock, "ssd1306", partial(connect, I2cPlace(250)))
    oled.show(noise(1))
    loop.run_until(clock.mono_s() + 5)
    assert oled.lost
    oled.close()
    loop.close()


def test_eight_pages_of_columns() -> None:
    """PNL-10: one byte a column, lowest bit on top."""
    picture = Image.new("1", (128, 64))
    picture.putpixel((3, 9), 1)
    eight = pages(picture)
    assert [len(page) for page in eight] == [128] * 8
    assert [(p, x, byte) for p, page in enumerate(eight) for x, byte in enumerate(page) if byte] == [
        (1, 3, 2)
    ]


def test_spans() -> None:
    """PNL-10: closer than 8 columns is one span."""

    def between(*changed: int) -> list[tuple[int, int]]:
        return spans(bytes(128), bytes(column in changed for column in range(128)))

    assert between() == []
    assert between(5) == [(5, 6)]
    assert between(5, 13) == [(5, 14)]
    assert between(5, 14) == [(5, 6), (14, 15)]
    assert between(0, 127) == [(0, 1), (127, 128)]
    assert spans(None, bytes(128)) == [(0, 128)]


def pages_in_order(desk: Desk, seconds: float = 1.0) -> list[int]:
    """The pages in the order in which they are changed on the glass."""
    order: list[int] = []
    end_s = desk.clock.mono_s() + seconds
    before = bytes(desk.glass.memory)
    while desk.clock.mono_s() < end_s:
        desk.turn()
        after = bytes(desk.glass.memory)
        order += [page for page in range(8) if before[page * 132 :][:132] != after[page * 132 :][:132]]
        before = after
    return order


@pytest.mark.parametrize(
    ("focus", "rotate", "order"),
    [
        (3, 0, [3, 2, 4, 1, 5, 0, 6, 7]),
        (0, 0, [0, 1, 2, 3, 4, 5, 6, 7]),
        (6, 0, [6, 5, 7, 4, 3, 2, 1, 0]),
        (6, 180, [1, 0, 2, 3, 4, 5, 6, 7]),
    ],
)
def test_what_a_person_looks_at_goes_first(focus: int, rotate: Literal[0, 180], order: list[int]) -> None:
    """PNL-11: nearest to the focus first."""
    with Desk(rotate=rotate) as desk:
        desk.shown(Image.new("1", (128, 64), 0))
        desk.oled.show(Image.new("1", (128, 64), 1), focus)
        assert pages_in_order(desk) == order


WAITS = [
    ("nothing is due", math.inf, 0.0, 0.0),
    ("just enough", 0.004, 0.0, 0.0),
    ("too little", 0.003, 0.0, 0.003),
    ("due at once", 0.0, 0.004, 0.0005),
    ("it has waited enough", 0.001, 0.005, 0.0),
    ("no longer than 5 ms", 0.003, 0.004, 0.001),
    ("the end of an answer", None, 0.0, 0.0005),
    ("the end of an answer, however long it waits", None, 1.0, 0.0005),
]


@pytest.mark.parametrize(
    ("free_s", "waited_s", "wait_s"), [row[1:] for row in WAITS], ids=[row[0] for row in WAITS]
)
def test_when_a_transfer_goes(free_s: float | None, waited_s: float, wait_s: float) -> None:
    """PNL-11."""
    assert patience_s(free_s, waited_s) == pytest.approx(wait_s)


def test_a_page_waits_for_a_timer_that_is_near_but_not_for_ever(desk: Desk) -> None:
    """PNL-11: 5 ms at most, and every page anew."""
    desk.shown(noise(1))
    rung: list[int] = []

    def ring() -> None:
        rung.append(desk.glass.bytes_carried)
        desk.loop.call_at(desk.clock.mono_s() + 0.0012, ring)

    ring()
    began_s = desk.clock.mono_s()
    sent: list[float] = []
    desk.oled.on_settled = lambda: sent.append(desk.clock.mono_s())
    desk.oled.show(noise(2))
    desk.loop.run_until(began_s + 1.0, lambda: bool(sent))
    assert 8 * 0.0045 <= sent[0] - began_s <= 8 * 0.006
    assert desk.glass.pixels() == bits(noise(2))


def test_no_transfer_begins_while_an_answer_ends(desk: Desk) -> None:
    """PNL-11: however long the page has waited."""
    desk.shown(noise(1))
    now_s = desk.clock.mono_s()
    desk.loop.expect(99, now_s + 0.001, now_s + 0.050)
    desk.loop.call_at(now_s + 0.002, lambda: desk.oled.show(noise(2)))
    assert desk.wait(0.0495) == 0
    desk.wait(0.1)
    assert desk.glass.pixels() == bits(noise(2))


def test_a_transfer_that_takes_too_long_makes_it_lost() -> None:
    """PNL-12: more than 20 ms for a page, though every byte arrives."""
    with Desk(bit_rate=100_000) as desk:
        desk.shown(noise(1))
        desk.wait(1.0)
        assert not desk.lost()
        desk.glass.bit_rate = 50_000
        desk.shown(noise(2))
        assert desk.lost()
        desk.glass.bit_rate = 400_000
        desk.wait(1.5)
        assert not desk.lost()
        assert desk.glass.pixels() == bits(noise(2))


@pytest.mark.parametrize("kind", KINDS)
def test_a_whole_page_takes_its_time_on_the_wire(kind: Kind) -> None:
    """PNL-102: at most 4 ms at 400 kHz."""
    took_s: list[float] = []
    with Desk(kind, bit_rate=400_000) as desk:
        desk.shown(Image.new("1", (128, 64), 0))
        desk.glass.pass_time = took_s.append
        picture = Image.new("1", (128, 64), 0)
        picture.paste(1, (0, 8, 128, 16))
        desk.shown(picture)
    assert 0.003 < sum(took_s) <= 0.004


def test_after_a_shock_the_start_up_is_repeated_200_ms_later(desk: Desk) -> None:
    """PNL-13: once, after the last of several shocks, without a flash."""
    desk.shown(noise(1))
    desk.glass.memory[:] = bytes(len(desk.glass.memory))
    desk.oled.shaken()
    desk.wait(0.1)
    desk.oled.shaken()
    assert desk.wait(0.199) == 0
    assert desk.wait(0.2) > 1000
    assert desk.glass.pixels() == bits(noise(1))
    assert desk.wait(500.0) == 0


def test_shocks_do_not_hurry_a_lost_display(desk: Desk) -> None:
    """PNL-12: it is tried at its own times only."""
    desk.glass.fails_after = 0
    desk.shown(noise(1))
    for _ in range(3):
        desk.oled.shaken()
        assert desk.wait(0.25) == 0


def test_a_rescue_tries_a_lost_display_at_once(desk: Desk) -> None:
    """PNL-27."""
    desk.glass.fails_after = 0
    desk.shown(noise(1))
    desk.wait(100.0)
    desk.glass.fails_after = None
    desk.oled.restart()
    desk.wait(0.2)
    assert not desk.lost()
    assert desk.glass.pixels() == bits(noise(1))


def test_contrast_is_told_by_steps(desk: Desk) -> None:
    """PNL-14: five of them, and dim is an eighth of each."""
    desk.shown(noise(1))
    desk.oled.light(Light.BRIGHT, 2)
    assert desk.wait() == 2 + 3
    assert desk.glass.contrast == 82
    desk.oled.light(Light.DIM, 2)
    desk.wait()
    assert desk.glass.contrast == 10


def test_closing_cancels_a_shock(desk: Desk) -> None:
    desk.shown(noise(1))
    desk.oled.shaken()
    desk.oled.close()
    assert desk.wait(1.0) == 0


def test_a_digit_needs_less_room_than_a_page() -> None:
    """PNL-11: it goes between two timers where a whole page would wait."""
    assert patience_s(0.002, 0.0, 0.0015) == 0.0
    with Desk() as desk:
        picture = noise(1, density=50).copy()
        desk.shown(picture)
        now_s = desk.clock.mono_s()
        desk.loop.call_at(now_s + 0.002, lambda: None)
        picture.paste(1, (60, 8, 65, 15))
        desk.oled.show(picture)
        before = desk.glass.bytes_carried
        desk.turn()
        assert desk.glass.bytes_carried > before
        assert desk.clock.mono_s() == now_s
