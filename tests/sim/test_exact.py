"""The clock of a desk that measures (BUS-126)."""

import selectors
import socket
from datetime import UTC, datetime

from hems.sim.exact import ExactClock

NOON = datetime(2027, 6, 15, 12, tzinfo=UTC)


def test_it_wakes_when_it_is_due_or_when_something_comes() -> None:
    clock = ExactClock(NOON, 1.0)
    with selectors.SelectSelector() as selector:
        near, far = socket.socketpair()
        selector.register(near, selectors.EVENT_READ)
        begin_s = clock.mono_s()
        assert clock.rest(selector, 0.001) == []
        assert clock.mono_s() - begin_s >= 0.001
        far.send(b"x")
        ((key, _),) = clock.rest(selector, 10.0)
        assert key.fileobj is near
        assert len(clock.rest(selector, 0.0)) == 1
        near.close()
        far.close()
