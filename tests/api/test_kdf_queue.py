"""API-41: one password at a time, four may wait, five seconds each, sixty seconds of rest."""

from hypothesis import given
from hypothesis import strategies as st

from hems.api.kdf_queue import (
    ALLOWED,
    END,
    START,
    Asked,
    Do,
    Happened,
    Hashed,
    Lost,
    Queue,
    Stage,
    Tick,
    Withdrawn,
    step,
)


def played(*story: tuple[float, Happened]) -> tuple[Queue, list[Do]]:
    """The queue after a story, and all that was done."""
    queue = Queue()
    done: list[Do] = []
    for now_mono_s, happened in story:
        queue, todo = step(queue, happened, now_mono_s)
        done += todo
    return queue, done


def test_a_helper_is_started_when_it_is_needed_and_ended_after_a_rest() -> None:
    queue, done = played((0.0, Asked(1)), (0.1, Hashed()), (60.0, Tick()))
    assert queue == Queue(Stage.RESTING, 0.1)
    assert done == [START, Do("hash", 1), Do("answer", 1)]
    assert queue.due_mono_s == 60.1
    assert step(queue, Tick(), 60.1) == (Queue(Stage.OFF, 60.1), (END,))
    assert step(queue, Asked(2), 70.0) == (Queue(Stage.WORKING, 70.0, (2,)), (Do("hash", 2),))


def test_they_are_hashed_in_the_order_they_came() -> None:
    story = [(0.0, Asked(number)) for number in range(3)] + [(1.0, Hashed())] * 3
    queue, done = played(*story)
    assert queue == Queue(Stage.RESTING, 1.0)
    assert [do.job for do in done if do.what == "hash"] == [0, 1, 2]
    assert [do.job for do in done if do.what == "answer"] == [0, 1, 2]


def test_a_fifth_that_waits_is_refused_at_once() -> None:
    queue, _ = played(*((0.0, Asked(number)) for number in range(5)))
    assert queue.full
    assert step(queue, Asked(5), 0.0) == (queue, (Do("refuse", 5),))
    queue, _ = step(queue, Withdrawn(3), 0.0)
    assert not queue.full
    assert queue.jobs == (0, 1, 2, 4)


def test_what_takes_too_long_is_refused_and_the_next_gets_a_new_helper() -> None:
    queue, _ = played((0.0, Asked(1)), (1.0, Asked(2)))
    assert queue.due_mono_s == 5.0
    assert step(queue, Tick(), 4.9) == (queue, ())
    queue, done = step(queue, Tick(), 5.0)
    assert done == (END, Do("refuse", 1), START, Do("hash", 2))
    assert queue.due_mono_s == 10.0
    assert step(queue, Tick(), 10.0) == (Queue(Stage.OFF, 10.0), (END, Do("refuse", 2)))


def test_a_helper_that_goes_is_replaced_when_it_is_needed() -> None:
    queue, done = played((0.0, Asked(1)), (0.5, Lost()))
    assert queue == Queue(Stage.OFF, 0.5)
    assert done[-2:] == [END, Do("refuse", 1)]
    queue, done = played((0.0, Asked(1)), (0.1, Hashed()), (0.2, Lost()))
    assert queue.stage is Stage.OFF
    assert done[-1] == END


def test_an_answer_nobody_asked_for_ends_the_helper() -> None:
    queue, done = played((0.0, Asked(1)), (0.1, Hashed()), (0.2, Hashed()))
    assert queue.stage is Stage.OFF
    assert done[-1] == END


def test_who_is_at_work_when_it_is_withdrawn_is_finished() -> None:
    queue, _ = played((0.0, Asked(1)), (0.0, Asked(2)), (0.1, Withdrawn(1)))
    assert queue.jobs == (1, 2)


EVENTS = st.one_of(
    st.builds(Asked, st.integers(0, 99)),
    st.builds(Withdrawn, st.integers(0, 9)),
    st.sampled_from([Hashed(), Lost(), Tick()]),
)


@given(st.lists(st.tuples(st.floats(0.0, 70.0), EVENTS), max_size=40))
def test_each_job_ends_once_and_no_stage_is_skipped(story: list[tuple[float, Happened]]) -> None:
    queue, now_mono_s, number = Queue(), 0.0, 0
    running = False
    ended: list[int] = []
    for pause_s, happened in story:
        now_mono_s += pause_s
        event = happened
        if isinstance(happened, Asked):
            event, number = Asked(number), number + 1
        former = queue.stage
        queue, todo = step(queue, event, now_mono_s)
        assert queue.stage is former or queue.stage in ALLOWED[former]
        for do in todo:
            running = {"start": True, "end": False}.get(do.what, running)
            if do.what == "hash":
                assert running
                assert queue.jobs[0] == do.job
            ended += [do.job] if do.what in ("answer", "refuse") else []
        assert running is (queue.stage is not Stage.OFF)
        assert bool(queue.jobs) is (queue.stage is Stage.WORKING)
        assert len(queue.jobs) <= 5
    assert len(set(ended)) == len(ended)
    assert not set(ended) & set(queue.jobs)


@given(st.floats(1000.0, 1e7), st.sampled_from([(Asked(0),), (Asked(0), Hashed())]))
def test_what_is_due_is_done_when_the_timer_rings(begins_mono_s: float, story: tuple[Happened, ...]) -> None:
    """Else the loop would turn and turn at the same moment."""
    queue = Queue()
    for happened in story:
        queue, _ = step(queue, happened, begins_mono_s)
    assert queue.due_mono_s is not None
    queue, _ = step(queue, Tick(), queue.due_mono_s)
    assert queue.due_mono_s is None
