"""How many may wait, and for how long."""

from hems.api.limits import Limits
from hems.api.tickets import Ticket, Tickets

LIMITS = Limits(pending_each=2, pending=3, answer_s=45.0)


def test_so_many_of_one_client_and_so_many_of_all() -> None:
    """API-3."""
    tickets = Tickets(LIMITS)
    assert [tickets.open(1, n, 0.0, judged=True) for n in range(3)] == [1, 2, None]
    assert tickets.open(2, 0, 0.0, judged=True) == 3
    assert tickets.open(3, 0, 0.0, judged=True) is None
    assert tickets.pending == 3
    assert tickets.take(1) == Ticket(1, 0, 45.0, judged=True)
    assert tickets.take(1) is None
    assert tickets.open(3, 0, 0.0, judged=True) is not None


def test_logins_are_not_counted_among_what_the_rules_judge() -> None:
    tickets = Tickets(LIMITS)
    for n in range(9):
        assert tickets.open(1, n, 0.0, judged=False) is not None
    assert tickets.pending == 0
    assert tickets.open(1, 9, 0.0, judged=True) is not None


def test_what_waits_too_long_expires() -> None:
    """API-3."""
    tickets = Tickets(LIMITS)
    assert Tickets(LIMITS).due_mono_s is None
    tickets.open(1, 7, 10.0, judged=True)
    tickets.open(1, 8, 20.0, judged=True)
    assert tickets.due_mono_s == 55.0
    assert tickets.expired(54.9) == {}
    assert tickets.expired(55.0) == {1: Ticket(1, 7, 55.0, judged=True)}
