"""API-41: passwords are hashed by a process of their own, and the loop never waits for it."""

import hashlib
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from hems.api.kdf import Kdf, Process, launched
from hems.api.kdf_worker import HEAD
from hems.api.passwords import Derivation
from hems.clock import ManualClock, SystemClock
from hems.reactor import Reactor

SALT = b"salt of 16 bytes"
HASH = b"h" * 32


class Helper:
    """A process that does as it is told: the test answers in its place."""

    def __init__(self, far_end: socket.socket) -> None:
        self.end = far_end.dup()
        self.end.setblocking(False)
        self.killed = self.stubborn = False

    def die(self) -> None:
        """Gone, with whatever it had not read."""
        self.end.close()
        self.killed = True

    def ended(self) -> bool:
        """Whether it was let go of."""
        try:
            return not self.stubborn and self.end.recv(1, socket.MSG_PEEK) == b""
        except BlockingIOError:
            return False

    def poll(self) -> int | None:
        return 0 if self.killed or self.ended() else None

    def kill(self) -> None:
        self.killed = True

    def wait(self, timeout: float | None = None) -> int:
        assert self.killed
        return -9

    def password(self) -> bytes:
        """The next password it is to hash."""
        *_, salt_bytes, size = HEAD.unpack(self.end.recv(HEAD.size))
        assert self.end.recv(salt_bytes) == SALT
        return self.end.recv(size)


class Desk:
    """A hashing with helpers made of memory, in virtual time."""

    def __init__(self) -> None:
        self.clock = ManualClock(datetime(2026, 11, 24, tzinfo=UTC))
        self.reactor = Reactor(self.clock)
        self.helpers: list[Helper] = []
        self.refuses = self.stillborn = False
        self.kdf = Kdf(self.reactor, self.clock, self.launch)
        self.answers: list[tuple[str, bytes | None]] = []

    def launch(self, far_end: socket.socket) -> Helper:
        if self.refuses:
            raise FileNotFoundError(2, "No such file or directory")
        self.helpers.append(Helper(far_end))
        if self.stillborn:
            self.helpers[-1].die()
            far_end.close()
        return self.helpers[-1]

    def derive(self, password: str) -> Callable[[], None]:
        def answer(hashed: bytes | None) -> None:
            self.answers.append((password, hashed))

        return self.kdf.derive(Derivation(password.encode(), SALT), answer)

    def wait(self, seconds: float = 0.0) -> None:
        self.reactor.run_until(self.clock.mono_s() + seconds)

    def close(self) -> None:
        self.kdf.close()
        for helper in self.helpers:
            helper.end.close()
        self.reactor.close()


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.close()


def test_no_helper_runs_before_it_is_needed_and_one_hashes_all(desk: Desk) -> None:
    desk.wait(100.0)
    assert not desk.helpers
    desk.derive("one")
    desk.derive("two")
    assert desk.helpers[0].password() == b"one"
    desk.helpers[0].end.send(HASH)
    desk.wait(1.0)
    assert desk.answers == [("one", HASH)]
    assert desk.helpers[0].password() == b"two"
    desk.helpers[0].end.send(HASH[::-1])
    desk.wait(1.0)
    assert desk.answers[1:] == [("two", HASH[::-1])]
    assert len(desk.helpers) == 1


def test_an_answer_may_come_in_pieces(desk: Desk) -> None:
    desk.derive("one")
    for begin in range(0, 32, 7):
        desk.helpers[0].end.send(HASH[begin : begin + 7])
        desk.wait(0.1)
    assert desk.answers == [("one", HASH)]


def test_it_ends_after_sixty_seconds_without_work(desk: Desk) -> None:
    desk.derive("one")
    desk.helpers[0].end.send(HASH)
    desk.helpers[0].password()
    desk.wait(59.0)
    assert not desk.helpers[0].ended()
    desk.wait(2.0)
    assert desk.helpers[0].ended()
    assert not desk.helpers[0].killed
    desk.derive("two")
    assert desk.helpers[1].password() == b"two"


def test_who_does_not_end_is_ended(desk: Desk) -> None:
    """A helper that hangs: five seconds, then it is closed, and a second later killed."""
    desk.derive("one")
    desk.helpers[0].stubborn = True
    desk.wait(5.1)
    assert desk.answers == [("one", None)]
    ended = [desk.helpers[0].killed]
    desk.wait(1.1)
    ended.append(desk.helpers[0].killed)
    assert ended == [False, True]
    desk.wait(10.0)


def test_the_next_one_does_not_wait_for_a_helper_that_hangs(desk: Desk) -> None:
    desk.derive("one")
    desk.derive("two")
    desk.wait(5.1)
    assert desk.answers == [("one", None)]
    assert desk.helpers[1].password() == b"two"
    desk.helpers[1].end.send(HASH)
    desk.wait(0.1)
    assert desk.answers[1:] == [("two", HASH)]


def test_a_sixth_is_refused_in_the_next_turn(desk: Desk) -> None:
    """One is being hashed, four wait."""
    for number in range(5):
        assert not desk.kdf.full
        desk.derive(f"password {number}")
    assert desk.kdf.full
    desk.derive("one more")
    assert not desk.answers
    desk.wait()
    assert desk.answers == [("one more", None)]


def test_a_helper_that_cannot_be_started_is_an_answer_too(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.refuses = True
    desk.derive("one")
    assert not desk.answers
    desk.wait()
    assert desk.answers == [("one", None)]
    assert "No such file" in caplog.text
    desk.refuses = False
    desk.derive("two")
    assert desk.helpers[0].password() == b"two"


@pytest.mark.parametrize("nonsense", [b"", HASH + b"x"])
def test_a_helper_that_dies_or_babbles_is_replaced(desk: Desk, nonsense: bytes) -> None:
    desk.derive("one")
    desk.derive("two")
    helper = desk.helpers[0]
    if nonsense:
        helper.end.send(nonsense)
    else:
        helper.end.shutdown(socket.SHUT_RDWR)
    desk.wait(0.1)
    assert desk.answers == [("one", None)]
    assert desk.helpers[1].password() == b"two"
    helper.stubborn = True


def test_a_helper_that_dies_over_its_work_is_replaced(desk: Desk) -> None:
    """What it was sent is lost with it."""
    desk.derive("one")
    desk.helpers[0].die()
    desk.wait(0.1)
    assert desk.answers == [("one", None)]
    desk.derive("two")
    assert desk.helpers[1].password() == b"two"


def test_a_helper_that_dies_before_its_work_is_an_answer_too(desk: Desk) -> None:
    desk.stillborn = True
    desk.derive("one")
    desk.wait(0.1)
    assert desk.answers == [("one", None)]
    assert len(desk.helpers) == 1


def test_a_helper_that_dies_while_it_rests_is_noticed(desk: Desk) -> None:
    desk.derive("one")
    desk.helpers[0].end.send(HASH)
    desk.wait(0.1)
    desk.helpers[0].end.shutdown(socket.SHUT_RDWR)
    desk.helpers[0].killed = True
    desk.wait(0.1)
    desk.derive("two")
    assert desk.helpers[1].password() == b"two"


def test_what_is_withdrawn_is_not_hashed_or_not_told(desk: Desk) -> None:
    at_work, waiting = desk.derive("one"), desk.derive("two")
    at_work()
    waiting()
    waiting()
    assert desk.helpers[0].password() == b"one"
    desk.helpers[0].end.send(HASH)
    desk.wait(0.1)
    assert not desk.answers
    with pytest.raises(BlockingIOError):
        desk.helpers[0].end.recv(1)


def test_what_is_withdrawn_in_the_turn_of_its_answer_is_not_told(desk: Desk) -> None:
    desk.refuses = True
    desk.derive("one")()
    desk.wait(1.0)
    assert not desk.answers


def test_after_the_end_nobody_is_answered_and_no_process_is_left(desk: Desk) -> None:
    desk.derive("one")
    desk.helpers[0].stubborn = True
    desk.kdf.close()
    assert desk.helpers[0].killed
    desk.wait(10.0)
    assert not desk.answers


def test_after_the_end_no_answer_that_was_on_its_way_arrives(desk: Desk) -> None:
    desk.refuses = True
    desk.derive("one")
    desk.kdf.close()
    desk.wait(1.0)
    assert not desk.answers


def test_a_real_helper_hashes_as_scrypt_does_and_ends() -> None:
    """The whole way: a process, a socket, two passwords, and nothing left behind."""
    clock = SystemClock(UTC)
    reactor = Reactor(clock)
    processes: list[Process] = []

    def launch(far_end: socket.socket) -> Process:
        processes.append(launched(far_end))
        return processes[-1]

    kdf = Kdf(reactor, clock, launch)
    answers: list[bytes | None] = []
    for password in (b"Correct horse 7", b""):
        kdf.derive(Derivation(password, SALT), answers.append)
    reactor.run_until(clock.mono_s() + 10.0, lambda: len(answers) == 2)
    for answer, text in zip(answers, (b"Correct horse 7", b""), strict=True):
        assert answer == hashlib.scrypt(text, salt=SALT, n=2**14, r=8, p=1, dklen=32)
    kdf.close()
    reactor.close()
    assert [process.poll() is not None for process in processes] == [True]
