"""Contacts: what lasts is taken within 0.15 s, what bounces never is (CHG-50)."""

from collections.abc import Iterator
from datetime import UTC, datetime

import gpiozero
import pytest
from gpiozero.pins.mock import MockFactory
from hypothesis import given, settings
from hypothesis import strategies as st

from hems.clock import ManualClock
from hems.field.contacts import DEBOUNCE_S, LOOK_S, Contact, Contacts, look
from hems.field.pins import Pins
from hems.reactor import Reactor


@pytest.fixture
def factory() -> Iterator[MockFactory]:
    before = gpiozero.Device.pin_factory
    gpiozero.Device.pin_factory = MockFactory()
    yield gpiozero.Device.pin_factory
    gpiozero.Device.pin_factory.reset()
    gpiozero.Device.pin_factory = before


@pytest.fixture
def reactor() -> Iterator[Reactor]:
    reactor = Reactor(ManualClock(datetime(2026, 6, 21, 12, tzinfo=UTC)))
    yield reactor
    reactor.close()


def startled(contacts: Contacts) -> bool:
    """Whether something has changed by now."""
    return contacts.changed


def test_a_contact_is_unknown_until_it_has_been_seen_for_a_tenth(
    factory: MockFactory, reactor: Reactor
) -> None:
    """Unknown is not open: the rules decide what it means."""
    pins = Pins({}, {"dim": 22})
    contacts = Contacts(pins.contacts, reactor, reactor.clock)
    begin_s = reactor.clock.mono_s()
    assert contacts.positions() == {"dim": None}
    reactor.run_until(begin_s + 0.09)
    assert contacts.positions() == {"dim": None}
    reactor.run_until(begin_s + 0.11)
    assert startled(contacts)
    assert contacts.positions() == {"dim": False}
    assert not startled(contacts)
    contacts.close()
    reactor.run_until(begin_s + 10)
    factory.pin(22).drive_low()
    reactor.run_until(begin_s + 11)
    assert contacts.positions() == {"dim": False}, "nobody looks any more"
    pins.close()


@pytest.mark.parametrize("phase_s", [0.0, 0.001, 0.024, 0.049])
def test_a_real_pin_is_followed_in_time_and_glitches_are_not(
    factory: MockFactory, reactor: Reactor, phase_s: float
) -> None:
    """Wherever between two looks the contact moves: at most 0.15 s late, at least 0.1 s sure."""
    pins = Pins({}, {"dim": 22})
    pin = factory.pin(22)
    contacts = Contacts(pins.contacts, reactor, reactor.clock)
    at_s = reactor.clock.mono_s() + 1 + phase_s
    reactor.run_until(at_s)
    pin.drive_low()
    reactor.run_until(at_s + 0.099)
    pin.drive_high()
    reactor.run_until(at_s + 1)
    contacts.positions()
    assert not startled(contacts), "a glitch of 99 ms"
    pin.drive_low()
    reactor.run_until(at_s + 1.099)
    assert contacts.positions() == {"dim": False}
    reactor.run_until(at_s + 1 + DEBOUNCE_S + LOOK_S + 0.001)
    assert startled(contacts)
    assert contacts.positions() == {"dim": True}
    contacts.close()
    pins.close()


def test_without_contacts_nobody_looks(reactor: Reactor) -> None:
    contacts = Contacts(dict, reactor, reactor.clock)
    assert contacts.positions() == {}
    contacts.close()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 400), st.booleans()), max_size=30))
def test_what_is_taken_has_lasted(looks: list[tuple[int, bool]]) -> None:
    """Whatever the looks see: a level is taken only when looks over at least 0.1 s have agreed on it."""
    contact: Contact | None = None
    seen: list[tuple[int, bool]] = []
    now_ms = 0
    for wait_ms, closed in looks:
        now_ms += wait_ms
        seen.append((now_ms, closed))
        before = None if contact is None else contact.taken
        contact = look(contact, closed, now_ms / 1000)
        same = []
        for at_ms, level in reversed(seen):
            if level is not closed:
                break
            same.append(at_ms)
        lasted = same[0] - same[-1] >= 100
        assert contact.taken is (closed if lasted else before)
