"""The bridge's one socket: a question goes out, its answer comes in, the cycle never waits."""

import logging
import socket
from collections.abc import Callable
from typing import Final

from msgspec import json

from hems.model.instant import Instant
from hems.model.intents import PutPrices
from hems.model.loop import Clock, Loop, Timer
from hems.model.plans import OptimizerPlan
from hems.model.surroundings import OptimizerHealth
from hems.model.view import View
from hems.optimizer import replies
from hems.optimizer.bridge import (
    ANSWER_WITHIN_S,
    Event,
    Failed,
    Learned,
    Passing,
    Question,
    Stage,
    State,
    What,
    fresh_plan,
    step,
)
from hems.optimizer.enquiry import enquiry, situation
from hems.optimizer.http import Answer, Reading, Void, request

log = logging.getLogger(__name__)

READ_BYTES: Final = 65_536
PROVIDER: Final = "optimizer"
PATHS: Final[dict[What, tuple[str, str]]] = {
    "health": ("GET", "/health"),
    "optimize": ("POST", "/optimize"),
    "weather": ("GET", "/weather"),
    "tariff": ("GET", "/tariff"),
}

OPTIONAL: Final = ("weather", "tariff")
"""An optimizer that has none of these is one nevertheless."""

Put = Callable[[PutPrices, str], None]


class Link:
    """An eye that asks an optimizer behind a Unix socket; `plan` is what the next cycle may look at."""

    def __init__(self, loop: Loop, clock: Clock, path: str, put: Put) -> None:
        self._loop = loop
        self._clock = clock
        self._path = path
        self._put = put
        self._state = State()
        self._view: View | None = None
        self._socket: socket.socket | None = None
        self._question = Question("health", 0)
        self._sent_mono_s = 0.0
        self._unsent = b""
        self._reading = Reading()
        self._late: Timer | None = None

    def show(self, view: View) -> None:
        """Once a cycle."""
        self._view = view
        self._take(Passing(situation(view), view.settings.tariff.provider == PROVIDER))

    def plan(self, now: Instant) -> OptimizerPlan | None:
        """The plan, as long as its word holds."""
        return fresh_plan(self._state, now.mono_s)

    def health(self, now: Instant) -> OptimizerHealth:
        """How things stand with it."""
        state, plan = self._state, self.plan(now)
        left_s = plan.until_mono_s - now.mono_s if plan else 0.0
        plan_id = plan.plan_id if plan else ""
        return OptimizerHealth(state.stage.value, plan_id, left_s, state.words, state.weather)

    def close(self) -> None:
        """Hang up."""
        self._hang_up()

    def _take(self, event: Event) -> None:
        before = self._state.stage
        self._state, question = step(self._state, event, self._clock.mono_s())
        if self._state.stage is Stage.ABSENT and before is not Stage.ABSENT:
            self._hang_up()
        if before is Stage.PROBING and self._state.stage is Stage.READY:
            log.info("the optimizer is there")
        if before in (Stage.READY, Stage.ASKING) and self._state.stage is Stage.ABSENT:
            log.info("the optimizer is gone: %s", self._state.words)
        if question is not None:
            self._ask(question)

    def _ask(self, question: Question) -> None:
        method, path = PATHS[question.what]
        body = None
        if question.what == "optimize" and self._view is not None:
            body = json.encode(enquiry(self._view, question.number))
        self._question, self._sent_mono_s = question, self._clock.mono_s()
        self._unsent, self._reading = request(method, path, body), Reading()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        try:
            self._socket.connect(self._path)
        except OSError as error:
            self._take(Failed(f"{self._path}: {error.strerror or error}"))
            return
        self._loop.watch(self._socket.fileno(), self._read)
        self._late = self._loop.call_at(self._sent_mono_s + ANSWER_WITHIN_S, self._too_late)
        self._send()

    def _send(self) -> None:
        if self._socket is None:
            return
        try:
            self._unsent = self._unsent[self._socket.send(self._unsent) :]
        except BlockingIOError:
            pass
        except OSError as error:
            self._take(Failed(f"it hung up: {error.strerror}"))
            return
        if self._unsent:
            self._loop.watch_room(self._socket.fileno(), self._send)

    def _read(self) -> None:
        if self._socket is None:
            return
        try:
            data = self._socket.recv(READ_BYTES)
        except OSError as error:
            self._take(Failed(f"it hung up: {error.strerror}"))
            return
        match self._reading.feed(data):
            case Reading() as reading:
                self._reading = reading
            case Void(words=words):
                self._take(Failed(words))
            case Answer(status=200, body=body):
                self._hang_up()
                self._take(self._learned(body))
            case Answer(status=404) if self._question.what in OPTIONAL:
                self._hang_up()
                self._take(Learned())
            case Answer(status=status):
                self._take(Failed(f"it answers {self._question.what} with status {status}"))

    def _learned(self, body: bytes) -> Learned | Failed:
        try:
            match self._question.what:
                case "health":
                    return replies.ready(body)
                case "optimize":
                    least_a = self._least_a()
                    return replies.plan(body, self._question.number, self._sent_mono_s, least_a)
                case "weather":
                    return replies.weather(body)
                case "tariff":
                    self._put(PutPrices(PROVIDER, replies.tariff(body)), PROVIDER)
                    return Learned()
        except ValueError as error:
            return Failed(str(error))

    def _least_a(self) -> dict[str, float]:
        chargers = self._view.installed.chargers if self._view else {}
        return {name: charger.min_a for name, charger in chargers.items()}

    def _too_late(self) -> None:
        self._take(Failed(f"no answer to {self._question.what} within {ANSWER_WITHIN_S:.0f} s"))

    def _hang_up(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None
        if self._socket is not None:
            self._loop.forget(self._socket.fileno())
            self._socket.close()
            self._socket = None
