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


def test_a_contact_that_chatters_says_nothing(factory: MockFactory, reactor: Reactor) -> None:
    """CHG-50: unknown after a second without rest, known again a tenth after it has come to rest."""
    pins = Pins({}, {"dim": 22})
    pin = factory.pin(22)
    contacts = Contacts(pins.contacts, reactor, reactor.clock)
    at_s = reactor.clock.mono_s() + 1
    reactor.run_until(at_s)
    assert contacts.positions() == {"dim": False}
    for i in range(40):
        (pin.drive_high if i % 2 else pin.drive_low)()
        reactor.run_until(at_s + 0.06 * (i + 1))
        seen = contacts.positions()["dim"]
        assert seen is False if i < 12 else seen is None if i > 20 else True
    reactor.run_until(at_s + 3)
    assert contacts.positions() == {"dim": False}
    contacts.close()
    pins.close()


def test_a_pin_that_cannot_be_read_is_unknown_at_once(reactor: Reactor) -> None:
    """CHG-50: and known again only after it has lasted."""
    level: dict[str, bool | None] = {"dim": True}
    contacts = Contacts(lambda: level, reactor, reactor.clock)
    at_s = reactor.clock.mono_s() + 1
    reactor.run_until(at_s)
    assert contacts.positions() == {"dim": True}
    level["dim"] = None
    reactor.run_until(at_s + 0.06)
    assert startled(contacts)
    assert contacts.positions() == {"dim": None}
    level["dim"] = True
    reactor.run_until(at_s + 0.15)
    assert contacts.positions() == {"dim": None}
    reactor.run_until(at_s + 0.3)
    assert contacts.positions() == {"dim": True}
    contacts.close()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 400), st.sampled_from([True, False, None])), max_size=30))
def test_what_is_taken_has_lasted(looks: list[tuple[int, bool | None]]) -> None:
    """Whatever the looks see: a level is taken only when looks over at least 0.1 s have agreed on it.

    It stays until another is, for a second at most without rest.
    """
    contact: Contact | None = None
    seen: list[tuple[int, bool | None]] = []
    now_ms, steady_ms = 0, 0
    expected: bool | None = None
    for wait_ms, closed in looks:
        now_ms += wait_ms
        seen.append((now_ms, closed))
        contact = look(contact, closed, now_ms / 1000)
        same = []
        for at_ms, level in reversed(seen):
            if level is not closed:
                break
            same.append(at_ms)
        if closed is None:
            expected, steady_ms = None, now_ms
        elif same[0] - same[-1] >= 100:
            expected, steady_ms = closed, now_ms
        elif now_ms - steady_ms >= 1000:
            expected = None
        assert (None if contact is None else contact.taken) is expected
