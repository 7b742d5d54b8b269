"""The search as a pure machine: BUS-70..74."""

from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from hems.field import scan
from hems.field.exchange import Accepted, Failed, Outcome, Request
from hems.field.pairs import all_pairs
from hems.field.profile import Identify, Limits, Point, Profile, Serial
from hems.field.profiles import PROFILES
from hems.field.scan import (
    ALLOWED,
    LISTEN_S,
    PAUSE_S,
    PROBE_S,
    Heard,
    Listen,
    Probe,
    Scan,
    Stage,
)
from hems.field.setting import SETTINGS

READS = {1, 2, 3, 4}
ALL = tuple(PROFILES.values())
NAMED = Profile(
    key="named",
    kind="meter",
    maker="m",
    models=("m",),
    points=(Point(quantity="line_a", function=3, addresses=(12,), wire="u16", unit="A"),),
    identify=Identify(function=3, address=11, count=1, ranges=((71, 73),)),
    serial=Serial(likely=("9600 8N1",), units=(40,)),
)
NAMELESS = Profile(
    key="nameless",
    kind="meter",
    maker="m",
    models=("m",),
    points=(
        Point(quantity="line_v", function=4, addresses=(1, 2, 3), wire="u16", unit="V", scale=0.1),
        Point(quantity="frequency_hz", function=4, addresses=(9,), wire="u16", unit="Hz", scale=0.1),
    ),
    limits=Limits(even=True),
    serial=Serial(likely=("19200 8E1",), units=(9,)),
)


@dataclass
class Wire:
    """Answers by (setting, unit); a shortcut through the machine, with the time each errand takes."""

    answers: dict[tuple[str, int], Callable[[Request], Outcome]]
    heard: dict[str, Heard] = field(default_factory=dict)
    now_s: float = 0.0
    asked: list[Probe] = field(default_factory=list)
    stages: list[tuple[Stage, Stage]] = field(default_factory=list)

    def run(self, state: Scan) -> Scan:
        state, errand, _ = scan.step(state, None, self.now_s)
        while errand is not None:
            before = state.stage
            state, errand, _ = scan.step(state, self.carry_out(errand), self.now_s)
            self.stages.append((before, state.stage))
        return state

    def carry_out(self, errand: Listen | Probe) -> Heard | Outcome:
        if isinstance(errand, Listen):
            self.now_s += LISTEN_S
            return self.heard.get(str(errand.setting), Heard(0, 0))
        self.asked.append(errand)
        answer = self.answers.get((str(errand.setting), errand.request.unit))
        self.now_s += PAUSE_S + (PROBE_S if answer is None else 0.02)
        return Failed("silence") if answer is None else answer(errand.request)


def registers(held: dict[tuple[int, int], int]) -> Callable[[Request], Outcome]:
    """A device with these registers by (function, address); an exception for all others."""

    def answer(request: Request) -> Outcome:
        wanted = [(request.function, request.address + i) for i in range(request.count)]
        if any(at not in held for at in wanted):
            return Failed("exception", 2)
        return Accepted(tuple(held[at] for at in wanted))

    return answer


VOLTAGES = {(4, 0): 0, (4, 1): 2301, (4, 2): 2299, (4, 3): 2310, (4, 8): 0, (4, 9): 500}


def test_it_only_reads() -> None:
    """BUS-70: no function that writes, no broadcast."""
    wire = Wire({})
    wire.run(scan.begin(ALL, "full", 0.0))
    assert {probe.request.function for probe in wire.asked} <= READS
    assert all(1 <= probe.request.unit <= 255 for probe in wire.asked)
    assert not any(probe.request.values for probe in wire.asked)


def test_the_likeliest_setting_and_ids_come_first() -> None:
    """BUS-72."""
    wire = Wire({})
    wire.run(scan.begin(ALL, "quick", 0.0))
    settings = list(dict.fromkeys(str(probe.setting) for probe in wire.asked))
    assert settings == [str(setting) for setting in SETTINGS]
    units = list(dict.fromkeys(p.request.unit for p in wire.asked if str(p.setting) == "9600 8N1"))
    assert units[:3] == [1, 2, 3]


def test_a_first_pass_takes_half_a_minute_and_everything_ten() -> None:
    """BUS-73, with nobody there: the worst case."""
    quick, full = Wire({}), Wire({})
    quick.run(scan.begin(ALL, "quick", 0.0))
    assert quick.now_s <= 30 + LISTEN_S
    full.run(scan.begin(ALL, "full", 0.0))
    assert full.now_s <= 600
    one = Wire({})
    one.run(scan.begin((NAMED,), "full", 0.0, settings=SETTINGS[:1]))
    assert one.now_s <= 45 + LISTEN_S


def test_a_first_hit_settles_the_setting() -> None:
    """BUS-72; then every other id of it is asked, unless it must be quick."""
    there = {("19200 8E1", 9): registers(VOLTAGES), ("19200 8E1", 200): registers({})}
    wire = Wire(dict(there))
    found = wire.run(scan.begin((NAMED, NAMELESS), "normal", 0.0)).found
    assert [(str(one.setting), one.unit) for one in found] == [("19200 8E1", 9), ("19200 8E1", 200)]
    assert {str(p.setting) for p in wire.asked} == {"9600 8N1", "9600 8E1", "19200 8E1"}
    quick = Wire(dict(there))
    assert [one.unit for one in quick.run(scan.begin((NAMED, NAMELESS), "quick", 0.0)).found] == [9]


def test_an_exception_proves_presence() -> None:
    wire = Wire({("9600 8N1", 2): registers({})})
    (one,) = wire.run(scan.begin((NAMED,), "quick", 0.0)).found
    assert (one.unit, one.verdict.certainty, one.verdict.keys) == (2, "unknown", ())


def test_who_says_his_name_is_sure_and_not_asked_further() -> None:
    """BUS-74."""
    wire = Wire({("9600 8N1", 40): registers({(3, 11): 72})})
    (one,) = wire.run(scan.begin((NAMED, NAMELESS), "quick", 0.0)).found
    assert (one.verdict.certainty, one.verdict.keys) == ("sure", ("named",))
    assert [p.request for p in wire.asked if p.request.unit == 40] == [Request(40, 3, 11, 1)] * 2


def test_who_has_no_name_is_likely_what_makes_sense() -> None:
    wire = Wire({("9600 8N1", 1): registers(VOLTAGES)})
    (one,) = wire.run(scan.begin((NAMED, NAMELESS), "quick", 0.0)).found
    assert (one.verdict.certainty, one.verdict.keys) == ("likely", ("nameless",))
    crooked = VOLTAGES | {(4, 2): 4001}
    wire = Wire({("9600 8N1", 1): registers(crooked)})
    (one,) = wire.run(scan.begin((NAMED, NAMELESS), "quick", 0.0)).found
    assert one.verdict.certainty == "unknown"


def test_broken_frames_on_one_id_are_two_devices() -> None:
    def collide(request: Request) -> Outcome:
        return Failed("crc")

    wire = Wire({("9600 8N1", 1): collide})
    (one,) = wire.run(scan.begin((NAMED,), "quick", 0.0)).found
    assert (one.verdict.certainty, one.words) == ("unknown", "two devices with this id?")


def test_another_master_ends_it_before_anything_is_asked() -> None:
    wire = Wire({("9600 8N1", 1): registers({})}, heard={"9600 8N1": Heard(4, 80)})
    state = wire.run(scan.begin((NAMED,), "normal", 0.0))
    assert not wire.asked
    assert "another master speaks on this line at 9600 8N1" in state.words


def test_bytes_without_a_frame_are_looked_for_at_the_other_settings() -> None:
    noise = {str(setting): Heard(0, 30) for setting in SETTINGS}
    state = Wire({}, heard=noise | {"19200 8E1": Heard(2, 40)}).run(scan.begin((NAMED,), "normal", 0.0))
    assert "at 19200 8E1" in state.words
    state = Wire({}, heard=noise).run(scan.begin((NAMED,), "normal", 0.0))
    assert state.words.startswith("noise on the line")
    quiet = Wire({}, heard={"9600 8N1": Heard(0, 3)})
    assert quiet.run(scan.begin((NAMED,), "quick", 0.0)).words == ""
    assert quiet.asked


def test_on_a_line_at_work_known_units_are_spared_and_nobody_listens() -> None:
    """BUS-71."""
    wire = Wire({("9600 8N1", 1): registers({}), ("9600 8N1", 50): registers({})})
    own = SETTINGS[:1]
    state = scan.begin((NAMED,), "full", 0.0, settings=own, without={1, 40}, listen=False)
    assert [one.unit for one in wire.run(state).found] == [50]
    assert not {1, 40} & {p.request.unit for p in wire.asked}
    assert wire.now_s <= 45


def test_a_search_that_was_broken_off_goes_on_at_its_pair() -> None:
    """BUS-73."""
    whole = Wire({})
    whole.run(scan.begin((NAMED,), "quick", 0.0))
    rest = Wire({})
    state = scan.begin((NAMED,), "quick", 0.0, start=10)
    assert scan.progress(state).at == 11
    rest.run(state)
    first = next(i for i, p in enumerate(whole.asked) if p == rest.asked[0])
    assert whole.asked[first:] == rest.asked
    assert first > 10


def test_the_progress_never_goes_back_before_the_first_hit() -> None:
    state = scan.begin(ALL, "quick", 0.0)
    state, errand, progress = scan.step(state, None, 0.0)
    left_s = progress.seconds_left
    while errand is not None:
        result = Heard(0, 0) if isinstance(errand, Listen) else Failed("silence")
        state, errand, progress = scan.step(state, result, 0.0)
        assert progress.seconds_left <= left_s
        left_s = progress.seconds_left
    assert left_s == 0
    assert progress.at == progress.of


OUTCOMES = st.one_of(
    st.just(Failed("silence")),
    st.just(Failed("crc")),
    st.just(Failed("noise")),
    st.just(Failed("exception", 2)),
    st.builds(Accepted, st.lists(st.integers(0, 0xFFFF), min_size=1, max_size=3).map(tuple)),
)


@given(st.lists(OUTCOMES, max_size=60), st.sampled_from(["quick", "normal"]))
def test_whatever_answers_the_stages_are_kept_and_it_ends(
    outcomes: list[Outcome], manner: scan.Manner
) -> None:
    given_first = iter(outcomes)

    def answer(request: Request) -> Outcome:
        outcome = next(given_first, Failed("silence"))
        if isinstance(outcome, Accepted):
            return Accepted((outcome.registers * request.count)[: request.count])
        return outcome

    units = {("9600 8N1", unit): answer for unit in (1, 2, 3, 40)}
    wire = Wire(dict(units))
    state = wire.run(scan.begin((NAMED, NAMELESS), manner, 0.0))
    assert state.stage == "done"
    assert len(state.found) == len(state.present)
    for before, after in wire.stages:
        assert before == after or after in ALLOWED[before]


def test_who_is_there_is_told_before_he_was_asked_who_he_is() -> None:
    """BUS-73: what was found until it was broken off is not lost."""
    state = scan.begin((NAMED, NAMELESS), "quick", 0.0, listen=False)
    while state.stage == "asking" and len(state.present) < 2:
        state, errand, progress = scan.step(state, Failed("exception", 2), 0.0)
        assert progress.naming == 0
    assert [(one.unit, one.verdict.certainty, one.words) for one in scan.so_far(state)] == [
        (1, "unknown", "not asked yet who it is"),
        (2, "unknown", "not asked yet who it is"),
    ]
    while state.stage == "asking":
        state, errand, progress = scan.step(state, Failed("silence"), 0.0)
    assert errand is not None
    assert progress.naming == 1


def test_where_to_go_on_after_it_was_broken_off() -> None:
    """BUS-73: before the first answer anywhere; then at the setting found, with who has answered."""
    there = {("9600 8N1", unit): registers({}) for unit in (2, 60, 200)}
    whole = Wire(dict(there)).run(scan.begin(ALL, "full", 0.0))
    assert scan.place(whole) is None, "it is through"
    state, errand, _ = scan.step(scan.begin(ALL, "full", 0.0), None, 0.0)
    assert scan.place(state) == scan.Place(None, 0)
    wire = Wire(dict(there))
    for number in range(400):
        assert errand is not None
        state, errand, _ = scan.step(state, wire.carry_out(errand), wire.now_s)
        place = scan.place(state)
        assert place is not None
        if number % 100 == 7:
            rest = Wire(dict(there))
            settings = SETTINGS if place.setting is None else (place.setting,)
            again = scan.begin(ALL, "full", 0.0, settings=settings, start=place.start, present=place.present)
            assert {one.unit for one in rest.run(again).found} == {2, 60, 200}
            if place.setting is not None:
                assert rest.asked[0].setting == place.setting
                coming = {pair.unit for pair in again.pairs[again.at :]}
                assert {p.request.unit for p in rest.asked} == coming | set(place.present)
        if state.stage == "naming":
            break
    assert state.stage == "naming"
    nobody = scan.begin((NAMED,), "full", 0.0, settings=SETTINGS[:1], without=range(256), listen=False)
    assert scan.place(nobody) is None


def test_another_master_does_not_lose_the_place() -> None:
    """BUS-73."""
    stopped = Wire({}, heard={"9600 8N1": Heard(2, 40)}).run(scan.begin((NAMED,), "full", 0.0, start=30))
    assert stopped.words
    assert scan.place(stopped) == scan.Place(None, 30)


def test_who_answers_again_is_found_once() -> None:
    """BUS-73: taken up at the last pair, which has answered before."""
    every = all_pairs((NAMED,), SETTINGS[:1])
    present, at = (40, every[-1].unit), len(every) - 1
    wire = Wire({("9600 8N1", unit): registers({}) for unit in present})
    state = scan.begin((NAMED,), "full", 0.0, settings=SETTINGS[:1], start=at, present=present)
    assert tuple(one.unit for one in wire.run(state).found) == present
