"""The end of the service wakes the loop."""

import os
import signal
from datetime import UTC, datetime

from hems.clock import SystemClock
from hems.reactor import Reactor
from hems.signals import StopSign


def test_a_signal_ends_the_wait_at_once_and_the_former_handlers_return() -> None:
    former = signal.getsignal(signal.SIGTERM)
    reactor = Reactor(SystemClock(datetime.now(UTC).astimezone().tzinfo or UTC))
    stop = StopSign(reactor)
    began_s = reactor.clock.mono_s()
    reactor.call_at(began_s + 0.01, lambda: os.kill(os.getpid(), signal.SIGTERM))
    reactor.run_until(began_s + 30, stop)
    assert stop()
    assert reactor.clock.mono_s() - began_s < 5
    stop.close()
    reactor.close()
    assert signal.getsignal(signal.SIGTERM) is former
