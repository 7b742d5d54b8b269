"""The front panel as an eye: it looks at each view, takes keys, and asks by intent."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final, NamedTuple, Protocol

from PIL import Image

from hems.language.words import speaking
from hems.model.instant import Instant
from hems.model.intents import Forget, Intent, Refusal, SetPanel, Upkeep
from hems.model.loop import Clock
from hems.model.view import View
from hems.panel import navigator
from hems.panel.ageing import MOST_CONTRAST, patience, shaken, standing_alarm, watched
from hems.panel.asks import Asked, NewPin, Reply, TryPin
from hems.panel.draw import ROW_Y, draw, pages
from hems.panel.foremost import Front, State, asked, opened, step
from hems.panel.foremost_page import page
from hems.panel.keys import KeyEvent, Kind
from hems.panel.layout import Page
from hems.panel.navigator import Light, Patience, light, told
from hems.panel.pin import Gate, Lock
from hems.panel.question import Question
from hems.panel.resting import resting
from hems.panel.standing import standing


class Display(Protocol):
    """Whatever shows a picture."""

    def show(self, picture: Image.Image, focus: int) -> None:
        """A 1-bit picture of 128 x 64; what matters most is on page `focus` of eight."""
        ...

    def light(self, light: Light, step: int) -> None:
        """How bright, at a contrast of 1..5."""
        ...

    def shaken(self) -> None:
        """Contacts have just moved."""
        ...

    def restart(self) -> None:
        """Start again from nothing."""
        ...

    @property
    def lost(self) -> bool:
        """Whether nobody can read what it was told to show."""
        ...


class Nowhere:
    """Stands for a display where none is installed; the mirror shows the same screens (PNL-5)."""

    def show(self, picture: Image.Image, focus: int) -> None:
        """Nobody looks."""

    def light(self, light: Light, step: int) -> None:
        """Nothing shines."""

    def shaken(self) -> None:
        """Nothing is garbled."""

    def restart(self) -> None:
        """Nothing starts."""

    @property
    def lost(self) -> bool:
        """Nobody reads anything here."""
        return True


ScreenChanged = Callable[[str, Image.Image], None]
Inbox = Callable[[Intent | Upkeep, Callable[[Refusal | None], None]], None]
"""Takes what is asked, and whom to tell what became of it."""

MAIN_ROW: Final = 2
"""The middle of the main figure."""

STANDING: Final = "standing"
"""The name of the standing picture."""

PICTURE_BYTES: Final = 1024
SECRET: Final = frozenset({"pin", "edit-pin", "first-run-pin"})
"""Pages with digits of the PIN: who looks from afar sees their title alone, and not that a digit turned."""


class Frame(NamedTuple):
    """A picture as eight pages of 128 columns, bit 0 the upper pixel; `sequence` counts drawn pictures."""

    sequence: int
    pixels: bytes


class Panel:
    """Draws at every view and at every key; `inbox` takes the intents of its person.

    `on_screen_change` gets the name and the first picture of each screen that comes to the front; each of
    the `followers` is called whenever the picture has changed.
    """

    def __init__(
        self,
        clock: Clock,
        display: Display,
        inbox: Inbox,
        *,
        lock: Lock | None = None,
        patience: Patience | None = None,
        on_screen_change: ScreenChanged | None = None,
    ) -> None:
        self._clock = clock
        self._lock = lock
        self._bell: Callable[[bool], None] | None = None
        self._display = display
        self._inbox = inbox
        self._patience = patience
        self._on_screen_change = on_screen_change
        self.state = State(navigator.State(clock.mono_s()), gate=lock.gate() if lock is not None else Gate())
        self._view: View | None = None
        self._picture: Image.Image | None = None
        self._afar: Image.Image | None = None
        self._focus = 0
        self.name = ""
        self.closed = False
        self._sequence = 0
        self.followers: list[Callable[[], None]] = []

    def show(self, view: View) -> None:
        """A new view, once a cycle."""
        if self._view is not None and shaken(self._view, view):
            self._display.shaken()
        self._view = view
        self._step(None, view)
        self.closed = False

    def failed(self) -> None:
        """After a fault nobody reads what was: dark, asking nobody, home with the next view."""
        self.closed = True
        self._view = self._picture = self._afar = None
        gate = self._lock.gate() if self._lock is not None else Gate()
        self.state = State(navigator.State(self._clock.mono_s()), gate=gate)
        self._display.light(Light.DARK, MOST_CONTRAST)
        self._reply(yes=False)
        self._pictured()

    def press(self, event: KeyEvent) -> None:
        """A key; before the first view there is nothing it could act on but the display.

        Only somebody who stands here can rescue the panel or have everything forgotten.
        """
        match event.kind:
            case Kind.RESCUE | Kind.FORGET if event.remote:
                pass
            case Kind.RESCUE:
                self._rescue()
            case Kind.FORGET:
                self._inbox(Forget(), self._answered)
            case _ if self._view is not None:
                self._step(event, self._view)

    def picture(self) -> Image.Image | None:
        """What was drawn last; ``None`` before the first view."""
        return self._picture

    def frame(self) -> Frame:
        """What was drawn last, for who looks from afar (`SECRET`); empty before the first view."""
        drawn = self._afar
        return Frame(self._sequence, b"".join(pages(drawn)) if drawn else bytes(PICTURE_BYTES))

    def _answered(self, refusal: Refusal | None) -> None:
        if refusal is not None and self._view is not None:
            self.state = replace(self.state, below=told(self.state.below, refusal))
            self._step(None, self._view)

    def ring(self, device_name: str, within_s: float, answer: Callable[[bool], None]) -> Callable[[], None]:
        """Ask whoever stands here; a newer question ends an older one with no (PNL-65).

        A display that is lost or closed asks nobody: the answer is no at once.
        """
        self._reply(yes=False)
        if self.closed or self._display.lost:
            answer(False)
            return _nothing
        now_s = self._clock.mono_s()
        self._bell = answer
        self.state = asked(self.state, Question(device_name, now_s, now_s + within_s), now_s)
        if self._view is not None:
            self._step(None, self._view)

        def take_back() -> None:
            if self._bell is answer:
                self.state = replace(self.state, question=None)
                self._reply(yes=False)
                if self._view is not None:
                    self._step(None, self._view)

        return take_back

    def _reply(self, *, yes: bool) -> None:
        answer, self._bell = self._bell, None
        if answer is not None:
            answer(yes)

    def _ask(self, asks: tuple[Asked, ...]) -> None:
        """One after the other, each once the one before was granted; a refusal ends it and is shown."""
        if not asks:
            return
        first, rest = asks[0], asks[1:]
        match first:
            case TryPin(digits=digits):
                right = self._lock is not None and self._lock.fits(digits)
                gate = self._lock.gate(opened=right) if self._lock is not None else Gate()
                self.state = opened(self.state, gate, right=right)
            case NewPin(digits=digits):
                if self._lock is not None:
                    self._lock.choose(digits)
                    self.state = replace(self.state, gate=self._lock.gate(opened=True))
            case Reply(yes=yes):
                self._reply(yes=yes)
            case _:

                def answered(refusal: Refusal | None) -> None:
                    self._answered(refusal)
                    if refusal is None:
                        self._ask(rest)

                self._inbox(first, answered)
                return
        self._ask(rest)

    def _rescue(self) -> None:
        """Whatever was set or went wrong, this can be seen and read (PNL-27)."""
        self._display.restart()
        if self._view is not None:
            below = replace(self.state.below, key_mono_s=self._clock.mono_s())
            self.state = replace(self.state, below=below)
            readable = replace(self._view.settings.panel, language="en", contrast=MOST_CONTRAST)
            self._inbox(SetPanel(readable), self._answered)
            self._step(None, self._view)
        self._display.light(Light.BRIGHT, MOST_CONTRAST)

    def _step(self, event: KeyEvent | None, view: View) -> None:
        now = self._clock.now()
        if self.state.question is not None and self._display.lost:
            self.state = replace(self.state, question=None)
            self._reply(yes=False)
        waits = patience(view, self._patience, asking=self.state.question is not None)
        self.state, asks = step(self.state, event, view, now, waits)
        self._ask(asks)
        before = self._afar
        shines, name = self._draw(view, now, light(self.state.below, now.mono_s, waits))
        assert self._picture is not None
        assert self._afar is not None
        self._display.light(shines, view.settings.panel.contrast)
        self._display.show(self._picture, self._focus)
        if before is None or before.tobytes() != self._afar.tobytes():
            self._pictured()
        if name != self.name:
            self.name = name
            if self._on_screen_change is not None:
                self._on_screen_change(name, self._picture)

    def _pictured(self) -> None:
        self._sequence += 1
        for follow in tuple(self.followers):
            follow()

    def _draw(self, view: View, now: Instant, shines: Light) -> tuple[Light, str]:
        """Draw what is to be seen; how bright, and its name."""
        alarm = standing_alarm(view) if shines is Light.DARK else None
        if alarm is not None:
            with speaking(view.settings.panel.language):
                self._picture = self._afar = standing(alarm, now.mono_s)
            return Light.DIM, STANDING
        shown = page(self.state, view, now)
        rests = shines is Light.DIM and not watched(view) and at_rest(self.state)
        picture = resting(shown, now.mono_s) if rests else None
        self._picture, self._focus = picture or draw(shown, now.mono_s), focus(shown)
        self._afar = draw(titled(shown), now.mono_s) if shown.name in SECRET else self._picture
        return shines, shown.name


def _nothing() -> None:
    """There is nothing to take back."""


def at_rest(state: State) -> bool:
    """Whether only a screen is looked at: nothing is asked, chosen or edited."""
    return state.front is Front.BELOW and state.below.front is navigator.Front.RING


def titled(shown: Page) -> Page:
    """A page of which nothing but the title is seen."""
    return Page(shown.name, tuple(text for text in shown.texts if text.row == 0))


def focus(shown: Page) -> int:
    """The page of eight where a person looks: at the bar of a cursor, else at the main figure."""
    rows = [text.row for text in shown.texts if text.inverse and text.row != len(ROW_Y) - 1]
    return ROW_Y[rows[0] if rows else MAIN_ROW] // 8
