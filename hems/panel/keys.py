"""Four keys or three: from the levels of their contacts to taps, repeats and holds; pure.

Theory of operation. Every byte says that one contact was heard at a new level. A level counts once it has
been heard for 30 ms without another byte for that contact, press and release alike. When no key is down the
first accepted press counts and taps; while it is down all others are ignored, and once it is released nothing
counts until the others are up as well. Up and down repeat faster and faster, OK and back say once that they
are held. Where there are three keys OK acts when it is released; held, it is back. A key down for 30 s is
stuck and no longer in anybody's way. Keys that are down from the beginning count for nothing. Up and down
held together call for rescue, those of a reset held from the beginning on for oblivion, each once. Bytes are
always taken before time is let pass, and each passing of time does at most one thing, so that a loop that was
held up may lose a press but never invents one.
"""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

SETTLE_S: Final = 0.030
REPEAT_AFTER_S: Final = 0.500
HOLD_AFTER_S: Final = 0.800
STUCK_AFTER_S: Final = 30.0
RESCUE_AFTER_S: Final = 3.0
FORGET_AFTER_S: Final = 10.0
REPEAT_EVERY_S: Final = ((4, 0.200), (8, 0.150), (16, 0.100))
"""Up to so many repeats the next one comes after this time."""
FASTEST_REPEAT_S: Final = 0.060


class Key(StrEnum):
    """The four keys, in the order of their index in a byte."""

    UP = "up"
    DOWN = "down"
    OK = "ok"
    BACK = "back"


KEYS: Final = tuple(Key)
REPEATING: Final = frozenset({Key.UP, Key.DOWN})
RESCUING: Final = frozenset({Key.UP, Key.DOWN})
FORGETTING: Final = {4: RESCUING | {Key.BACK}, 3: RESCUING | {Key.OK}}
"""The keys of a reset, by the number of keys there are; no other may be down with them."""


class Kind(StrEnum):
    """What happened to a key."""

    TAP = "tap"
    REPEAT = "repeat"
    HOLD = "hold"
    RESCUE = "rescue"
    FORGET = "forget"


@dataclass(frozen=True, slots=True)
class KeyEvent:
    """A key did something; `count` numbers the repeats of one press from 1. Rescue and forget are of several.

    A `remote` key came over a socket: whoever pressed it need not stand here.
    """

    key: Key
    kind: Kind = Kind.TAP
    count: int = 0
    remote: bool = False


class Stage(StrEnum):
    """Stages of the keyboard: nothing down, one key counts, waiting for the last key to be released."""

    FREE = "free"
    PRESSED = "pressed"
    WAITING = "waiting"


ALLOWED: Final[Mapping[Stage, frozenset[Stage]]] = {
    Stage.FREE: frozenset({Stage.PRESSED}),
    Stage.PRESSED: frozenset({Stage.FREE, Stage.WAITING}),
    Stage.WAITING: frozenset({Stage.FREE}),
}


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact: the level that counts, since when, and the level last heard."""

    down: bool = False
    since_mono_s: float = -math.inf
    heard: bool = False
    heard_mono_s: float = -math.inf

    @property
    def settles_mono_s(self) -> float:
        """When the level last heard will count."""
        return math.inf if self.heard == self.down else self.heard_mono_s + SETTLE_S

    def in_the_way(self, now_s: float) -> bool:
        """Down and not stuck."""
        return self.down and now_s < self.since_mono_s + STUCK_AFTER_S


@dataclass(frozen=True, slots=True)
class Keyboard:
    """The state of `number` keys; `key` is the one that counts, `next_mono_s` when it repeats or is held.

    `first` are the keys down from the beginning and ever since, `called` those whose chord has been heard.
    """

    stage: Stage = Stage.FREE
    since_mono_s: float = -math.inf
    contacts: tuple[Contact, ...] = (Contact(),) * len(KEYS)
    key: Key = Key.UP
    repeats: int = 0
    next_mono_s: float = math.inf
    number: int = 4
    first: frozenset[Key] = frozenset()
    called: frozenset[Key] = frozenset()


def waking(number: int, down: Collection[Key], now_s: float) -> Keyboard:
    """The keyboard of the beginning, with the keys that are down already."""
    contacts = tuple(Contact(key in down, now_s, key in down, now_s) for key in KEYS)
    stage = Stage.WAITING if down else Stage.FREE
    return Keyboard(stage, now_s, contacts, number=number, first=frozenset(down))


def stuck(keyboard: Keyboard, now_s: float) -> tuple[Key, ...]:
    """The keys that are down for so long that they are ignored."""
    pairs = zip(KEYS, keyboard.contacts, strict=True)
    return tuple(key for key, contact in pairs if contact.down and not contact.in_the_way(now_s))


def encode(key: Key, *, down: bool) -> bytes:
    """The one byte a pin's callback may write."""
    return bytes((KEYS.index(key) << 1 | down,))


def step(keyboard: Keyboard, byte: int | None, now_s: float) -> tuple[Keyboard, tuple[KeyEvent, ...]]:
    """A byte was heard, or (``None``) time has passed; at most one event."""
    if byte is not None:
        index = byte >> 1 & 3
        heard = replace(keyboard.contacts[index], heard=bool(byte & 1), heard_mono_s=now_s)
        return _with(keyboard, index, heard), ()
    for index, contact in enumerate(keyboard.contacts):
        if now_s >= contact.settles_mono_s:
            settled = replace(contact, down=contact.heard, since_mono_s=now_s)
            return _moved(_settled(keyboard, index, settled), index, now_s)
    chord = _chord(keyboard)
    if chord is not None and now_s >= chord[1]:
        return replace(keyboard, called=_down(keyboard)), (KeyEvent(Key.UP, chord[0]),)
    return _waited(keyboard, now_s)


def due(keyboard: Keyboard) -> float:
    """The monotonic time at which something happens if no byte comes; infinite if nothing would."""
    settles = min(contact.settles_mono_s for contact in keyboard.contacts)
    chord = _chord(keyboard)
    if chord is not None:
        settles = min(settles, chord[1])
    match keyboard.stage:
        case Stage.FREE:
            return settles
        case Stage.PRESSED:
            counted = _counted(keyboard)
            again = keyboard.next_mono_s if counted.heard else math.inf
            return min(settles, again, counted.since_mono_s + STUCK_AFTER_S)
        case Stage.WAITING:
            last = max(contact.since_mono_s for contact in keyboard.contacts if contact.down)
            return min(settles, last + STUCK_AFTER_S)


def _moved(keyboard: Keyboard, index: int, now_s: float) -> tuple[Keyboard, tuple[KeyEvent, ...]]:
    """A level was accepted."""
    key = KEYS[index]
    down = keyboard.contacts[index].down
    match keyboard.stage:
        case Stage.FREE if down:
            first_s = REPEAT_AFTER_S if key in REPEATING else HOLD_AFTER_S
            pressed = replace(
                keyboard,
                stage=Stage.PRESSED,
                since_mono_s=now_s,
                key=key,
                repeats=0,
                next_mono_s=now_s + first_s,
            )
            return pressed, () if _acts_late(pressed) else (KeyEvent(key),)
        case Stage.PRESSED if key is keyboard.key:
            tapped = _acts_late(keyboard) and keyboard.next_mono_s < math.inf
            return _released(keyboard, now_s), (KeyEvent(key),) if tapped else ()
        case Stage.WAITING:
            return _released(keyboard, now_s), ()
        case _:
            return keyboard, ()


def _waited(keyboard: Keyboard, now_s: float) -> tuple[Keyboard, tuple[KeyEvent, ...]]:
    """Nothing was accepted; repeats, holds and stuck keys."""
    match keyboard.stage:
        case Stage.PRESSED if not _counted(keyboard).in_the_way(now_s):
            return _released(keyboard, now_s), ()
        case Stage.PRESSED if now_s >= keyboard.next_mono_s and _counted(keyboard).heard:
            if keyboard.key not in REPEATING:
                held = KeyEvent(Key.BACK) if _acts_late(keyboard) else KeyEvent(keyboard.key, Kind.HOLD)
                return replace(keyboard, next_mono_s=math.inf), (held,)
            repeats = keyboard.repeats + 1
            every_s = next((s for most, s in REPEAT_EVERY_S if repeats < most), FASTEST_REPEAT_S)
            again = replace(keyboard, repeats=repeats, next_mono_s=now_s + every_s)
            return again, (KeyEvent(keyboard.key, Kind.REPEAT, repeats),)
        case Stage.WAITING:
            return _released(keyboard, now_s), ()
        case _:
            return keyboard, ()


def _released(keyboard: Keyboard, now_s: float) -> Keyboard:
    """The key no longer counts; others that are down still have to be released."""
    others = any(contact.in_the_way(now_s) for contact in keyboard.contacts)
    stage = Stage.WAITING if others else Stage.FREE
    if stage is keyboard.stage:
        return keyboard
    return replace(keyboard, stage=stage, since_mono_s=now_s, next_mono_s=math.inf)


def _acts_late(keyboard: Keyboard) -> bool:
    """Of three keys, OK is also back: what it means shows when it is released or has been held."""
    return keyboard.number == 3 and keyboard.key is Key.OK


def _down(keyboard: Keyboard) -> frozenset[Key]:
    return frozenset(
        key for key, contact in zip(KEYS, keyboard.contacts, strict=True) if contact.down and contact.heard
    )


def _chord(keyboard: Keyboard) -> tuple[Kind, float] | None:
    """What the keys that are down together mean, and from when on; ``None`` once that has been heard."""
    down = _down(keyboard)
    if not down or down == keyboard.called:
        return None
    since_s = max(keyboard.contacts[KEYS.index(key)].since_mono_s for key in down)
    if down == FORGETTING[keyboard.number]:
        return (Kind.FORGET, since_s + FORGET_AFTER_S) if down <= keyboard.first else None
    return (Kind.RESCUE, since_s + RESCUE_AFTER_S) if down == RESCUING else None


def _counted(keyboard: Keyboard) -> Contact:
    return keyboard.contacts[KEYS.index(keyboard.key)]


def _settled(keyboard: Keyboard, index: int, contact: Contact) -> Keyboard:
    """A contact has moved: chords begin anew, and what was released is no longer down from the beginning."""
    return replace(_with(keyboard, index, contact), first=keyboard.first - {KEYS[index]}, called=frozenset())


def _with(keyboard: Keyboard, index: int, contact: Contact) -> Keyboard:
    contacts = keyboard.contacts
    return replace(keyboard, contacts=(*contacts[:index], contact, *contacts[index + 1 :]))
