"""PNL-20 to 24, 113: from contact levels to events; tables of edges with what they must give."""

import math
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hems.panel.keys import ALLOWED, KEYS, Key, Keyboard, due, encode, step, stuck, waking

Edge = tuple[float, str]
"""Milliseconds, and the key in capitals for down, in small letters for up: ``UP``, ``up``."""


def played(
    edges: Sequence[Edge],
    until_ms: float,
    held_up: list[tuple[float, float]] | None = None,
    keyboard: Keyboard | None = None,
) -> list[str]:
    """Events as ``ms key kind``; bytes and timers are served late while the loop is held up."""
    keyboard = keyboard or Keyboard()
    heard: list[str] = []
    waiting = sorted(edges)
    now_s = 0.0

    def late(s: float) -> float:
        return next((stop / 1000 for start, stop in held_up or [] if start <= s * 1000 < stop), s)

    while True:
        next_byte_s = late(waiting[0][0] / 1000) if waiting else math.inf
        now_s = min(next_byte_s, max(now_s, late(due(keyboard))))
        if now_s > until_ms / 1000:
            return heard
        while waiting and late(waiting[0][0] / 1000) <= now_s:
            name = waiting.pop(0)[1]
            byte = encode(Key(name.lower()), down=name.isupper())[0]
            keyboard, events = step(keyboard, byte, now_s)
            assert events == ()
        while due(keyboard) <= now_s:
            before = keyboard.stage
            keyboard, events = step(keyboard, None, now_s)
            assert keyboard.stage is before or keyboard.stage in ALLOWED[before]
            heard += [f"{now_s * 1000:.0f} {event.key} {event.kind}" for event in events]


def train(name: str, *ms: float) -> list[Edge]:
    """Down, up, down … at these times."""
    return [(at, name.upper() if i % 2 == 0 else name) for i, at in enumerate(ms)]


CHATTER = train("ok", 0, 2, 3, 7, 9, 14, 20)
BOUNCES: list[tuple[str, list[Edge], list[str]]] = [
    ("clean press", train("ok", 0, 120), ["30 ok tap"]),
    ("20 ms of chatter", [*CHATTER, (150, "ok")], ["50 ok tap"]),
    ("chatter on release", train("ok", 0, 100, 102, 105, 108, 130), ["30 ok tap"]),
    ("glitch of 1 ms", train("ok", 0, 1), []),
    ("glitch of 25 ms", train("ok", 0, 25), []),
    ("glitches of a contactor", [e for ms in range(0, 900, 60) for e in train("up", ms, ms + 25)], []),
    ("glitch while held", [*train("ok", 0, 200, 225, 400)], ["30 ok tap"]),
    ("two presses", train("down", 0, 100, 200, 300), ["30 down tap", "230 down tap"]),
    ("doubled byte restarts the count", [(0, "OK"), (20, "OK"), (200, "ok")], ["50 ok tap"]),
]


@pytest.mark.parametrize(("edges", "events"), [row[1:] for row in BOUNCES], ids=[row[0] for row in BOUNCES])
def test_bounces(edges: list[Edge], events: list[str]) -> None:
    """PNL-20, 113: a level counts after 30 ms without change."""
    assert played(edges, 2000) == events


def test_up_and_down_repeat_faster_and_faster() -> None:
    """PNL-21: after 500 ms, then every 200, 150, 100, 60 ms after 4, 8, 16 repeats."""
    times = [int(event.split()[0]) for event in played(train("up", 0, 10_000), 5000)]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert gaps[:16] == [500, *[200] * 3, *[150] * 4, *[100] * 8]
    assert set(gaps[16:]) == {60}


@pytest.mark.parametrize("key", ["ok", "back"])
def test_ok_and_back_say_once_that_they_are_held(key: str) -> None:
    """PNL-21: hold after 800 ms, once."""
    assert played(train(key, 0, 5000), 6000) == [f"30 {key} tap", f"830 {key} hold"]


def test_of_two_keys_the_first_counts_until_all_are_released() -> None:
    """PNL-23."""
    both = [(0, "UP"), (100, "OK"), (200, "up"), (300, "DOWN"), (400, "ok"), (500, "down")]
    assert played([*both, (600, "BACK"), (700, "back")], 1000) == ["30 up tap", "630 back tap"]


def test_a_stuck_key_is_in_nobodys_way() -> None:
    """PNL-23: down for more than 30 s = ignored until released."""
    events = played(
        [(0, "OK"), (31_000, "BACK"), (31_100, "back"), (40_000, "ok"), (41_000, "OK"), (41_100, "ok")],
        50_000,
    )
    assert events == ["30 ok tap", "830 ok hold", "31030 back tap", "41030 ok tap"]


def test_a_second_key_that_sticks_frees_the_others() -> None:
    """PNL-23."""
    edges = [(0, "UP"), (100, "OK"), (200, "up"), (5000, "DOWN"), (5100, "down"), (31_000, "BACK")]
    assert played(edges, 31_500) == ["30 up tap", "31030 back tap"]


@pytest.mark.parametrize(
    ("edges", "events"),
    [
        ([(0, "OK"), (20, "ok"), (700, "OK"), (800, "ok")], ["730 ok tap"]),
        (train("up", 0, 110), ["30 up tap"]),
        (train("up", 90, 180), []),
        (train("ok", 590, 800), ["630 ok tap"]),
    ],
    ids=["glitch", "released meanwhile", "pressed and released meanwhile", "pressed just before the end"],
)
def test_a_loop_held_up_for_500_ms_invents_nothing(edges: list[Edge], events: list[str]) -> None:
    """PNL-24: held up from 100 to 600 ms, and a little at the start."""
    assert played(edges, 2000, held_up=[(15, 25), (100, 600)]) == events


def test_nothing_happens_before_it_is_due() -> None:
    assert step(Keyboard(), None, 5.0) == (Keyboard(), ())
    pressed, _ = step(step(Keyboard(), encode(Key.OK, down=True)[0], 1.0)[0], None, 1.03)
    assert due(pressed) == pytest.approx(1.83)
    assert step(pressed, None, 1.5) == (pressed, ())


def test_a_key_that_was_heard_to_go_up_neither_repeats_nor_holds() -> None:
    """PNL-24: its release counts only after 30 ms, its time has passed before."""
    for key in Key:
        keyboard, _ = step(Keyboard(), encode(key, down=True)[0], 1.0)
        keyboard, _ = step(keyboard, None, 1.03)
        keyboard, _ = step(keyboard, encode(key, down=False)[0], 1.9)
        assert step(keyboard, None, 1.91) == (keyboard, ())
        assert due(keyboard) == pytest.approx(1.93)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.integers(0, 1200)), max_size=40),
)
def test_no_train_of_edges_invents_a_press(edges: list[tuple[int, bool, int]]) -> None:
    """PNL-20: never more taps than levels that lasted, and no transition that is not allowed."""
    at_ms = 0
    train_of: list[Edge] = []
    for index, down, gap_ms in edges:
        at_ms += gap_ms
        name = KEYS[index].value
        train_of.append((at_ms, name.upper() if down else name))
    taps = [event for event in played(train_of, at_ms + 100) if event.endswith("tap")]
    lasting = 0
    for i, (ms, name) in enumerate(train_of):
        following = [later for later, other in train_of[i + 1 :] if other.lower() == name.lower()]
        lasting += name.isupper() and (not following or following[0] - ms >= 30)
    assert len(taps) <= lasting


THREE: list[tuple[str, list[Edge], list[str]]] = [
    ("short OK acts on release", train("ok", 0, 300), ["330 ok tap"]),
    ("held OK is back, once", train("ok", 0, 5000), ["830 back tap"]),
    ("glitch while held", train("ok", 0, 400, 425, 5000), ["830 back tap"]),
    ("chatter on release", train("ok", 0, 100, 102, 105, 108, 130), ["160 ok tap"]),
    (
        "up and down act at once",
        [*train("up", 0, 100), *train("down", 300, 400)],
        ["30 up tap", "330 down tap"],
    ),
    ("a second key", [(0, "OK"), (100, "UP"), (200, "ok"), (300, "up")], ["230 ok tap"]),
    ("OK as the second key is nothing", [(0, "UP"), (100, "OK"), (200, "up"), (300, "ok")], ["30 up tap"]),
    ("stuck", train("ok", 0, 40_000), ["830 back tap"]),
]


@pytest.mark.parametrize(("edges", "events"), [row[1:] for row in THREE], ids=[row[0] for row in THREE])
def test_three_keys(edges: list[Edge], events: list[str]) -> None:
    """PNL-3: back is OK held for 800 ms, and OK acts when it is released."""
    assert played(edges, 60_000, keyboard=Keyboard(number=3)) == events


@pytest.mark.parametrize(
    ("edges", "events"),
    [
        ([(0, "OK"), (900, "ok")], ["930 ok tap"]),
        ([(0, "OK"), (700, "ok")], ["930 ok tap"]),
        ([(0, "OK"), (1500, "ok")], ["900 back tap"]),
    ],
    ids=["released when the loop goes on", "released meanwhile", "held on"],
)
def test_three_keys_and_a_loop_held_up(edges: list[Edge], events: list[str]) -> None:
    """PNL-3, 24: what was released meanwhile was not held."""
    assert played(edges, 3000, held_up=[(400, 900)], keyboard=Keyboard(number=3)) == events


def test_up_and_down_together_call_for_rescue_once() -> None:
    """PNL-27: held for 3 s from the second one on, with no other key."""
    chord = [(0, "UP"), (500, "DOWN"), (9000, "up"), (9100, "down")]
    assert [e for e in played(chord, 20_000) if "rescue" in e] == ["3530 up rescue"]
    again = [*chord, (10_000, "DOWN"), (10_100, "UP"), (15_000, "up"), (15_000, "down")]
    assert [e for e in played(again, 20_000) if "rescue" in e] == ["3530 up rescue", "13130 up rescue"]


@pytest.mark.parametrize(
    "edges",
    [
        [(0, "UP"), (0, "DOWN"), (2950, "down"), (6000, "up")],
        [(0, "UP"), (0, "DOWN"), (100, "OK"), (9000, "up"), (9000, "down"), (9000, "ok")],
        [(0, "UP"), (0, "BACK"), (9000, "up"), (9000, "back")],
        [(0, "UP"), (0, "DOWN"), (0, "BACK"), (20_000, "up"), (20_000, "down"), (20_000, "back")],
    ],
    ids=["too short", "a third key", "other keys", "a reset's keys, but not from power-on"],
)
def test_what_calls_for_nothing(edges: list[Edge]) -> None:
    """PNL-27."""
    assert not [e for e in played(edges, 30_000) if "rescue" in e or "forget" in e]


RESETS: list[tuple[str, int, set[Key], list[Edge], list[str]]] = [
    ("four keys", 4, {Key.UP, Key.DOWN, Key.BACK}, [], ["10000 up forget"]),
    ("three keys", 3, {Key.UP, Key.DOWN, Key.OK}, [], ["10000 up forget"]),
    ("let go too soon", 4, {Key.UP, Key.DOWN, Key.BACK}, [(9900, "up")], []),
    ("one let go for a moment", 4, {Key.UP, Key.DOWN, Key.BACK}, [(5000, "up"), (5100, "UP")], []),
    (
        "a glitch of a contactor",
        4,
        {Key.UP, Key.DOWN, Key.BACK},
        [(5000, "up"), (5020, "UP")],
        ["10000 up forget"],
    ),
    ("all four", 4, set(Key), [], []),
    ("of four keys those of three", 4, {Key.UP, Key.DOWN, Key.OK}, [], []),
    ("rescue", 4, {Key.UP, Key.DOWN}, [], ["3000 up rescue"]),
]


@pytest.mark.parametrize(
    ("number", "down", "edges", "events"), [row[1:] for row in RESETS], ids=[row[0] for row in RESETS]
)
def test_keys_down_from_power_on(number: int, down: set[Key], edges: list[Edge], events: list[str]) -> None:
    """PNL-27: those of a reset for 10 s; nothing else counts until it was released."""
    assert played(edges, 29_000, keyboard=waking(number, down, 0.0)) == events


def test_a_key_down_from_power_on_is_in_nobodys_way_for_long() -> None:
    """PNL-23."""
    edges = [(1000, "OK"), (1100, "ok"), (31_000, "OK"), (31_100, "ok")]
    assert played(edges, 32_000, keyboard=waking(4, {Key.DOWN}, 0.0)) == ["31030 ok tap"]


def test_stuck_keys_are_named_until_they_are_released() -> None:
    """PNL-23."""
    keyboard, _ = step(Keyboard(), encode(Key.OK, down=True)[0], 1.0)
    keyboard, _ = step(keyboard, None, 1.03)
    assert stuck(keyboard, 31.02) == ()
    assert stuck(keyboard, 31.03) == (Key.OK,)
    keyboard, _ = step(keyboard, encode(Key.OK, down=False)[0], 40.0)
    keyboard, _ = step(keyboard, None, 40.03)
    assert stuck(keyboard, 40.03) == ()
