"""Acts are gathered, and a backlog ages from when it began."""

from hems.api.client_state import Client
from hems.api.limits import Limits
from hems.api.sending import Close, Outgoing, Send


def test_acts_are_gathered_and_taken_once() -> None:
    outgoing, client = Outgoing(), Client(3, "unix", "", "", 0.0, Limits())
    outgoing.now_mono_s = 5.0
    outgoing.tell(client, {"b": 1, "a": 2})
    outgoing.now_mono_s = 9.0
    outgoing.send(client, b"x")
    outgoing.close(client, at_once=True)
    assert outgoing.take() == [Send(3, b'{"a":2,"b":1}\n'), Send(3, b"x"), Close(3, at_once=True)]
    assert outgoing.take() == []
    assert (client.backlog, client.taken_mono_s) == (15, 5.0)
