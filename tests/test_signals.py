"""The end of the service wakes the loop."""

import os
import signal
from datetime import UTC, datetime

import pytest

from hems.clock import SystemClock
from hems.reactor import Reactor
from hems.signals import StopSign


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_the_wait_at_once_and_the_former_handlers_return(number: signal.Signals) -> None:
    former = signal.getsignal(number)
    reactor = Reactor(SystemClock(datetime.now(UTC).astimezone().tzinfo or UTC))
    stop = StopSign(reactor)
    began_s = reactor.clock.mono_s()
    reactor.call_at(began_s + 0.01, lambda: os.kill(os.getpid(), number))
    reactor.run_until(began_s + 30, stop)
    assert stop()
    assert reactor.clock.mono_s() - began_s < 5
    stop.close()
    reactor.close()
    assert signal.getsignal(number) is former


def test_a_signal_that_was_ignored_stays_ignored() -> None:
    """Whoever starts the service to outlive its terminal means it."""
    former = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    reactor = Reactor(SystemClock(UTC))
    stop = StopSign(reactor)
    os.kill(os.getpid(), signal.SIGHUP)
    reactor.run_until(reactor.clock.mono_s() + 0.05, stop)
    assert not stop()
    stop.close()
    reactor.close()
    signal.signal(signal.SIGHUP, former)
