"""The front panel as an eye: it looks at each view, takes keys, and asks by intent."""

from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

from PIL import Image

from hems.model.intents import Intent, Refusal
from hems.model.loop import Clock
from hems.model.view import View
from hems.panel.draw import draw, pages
from hems.panel.keys import KeyEvent
from hems.panel.navigator import Light, Patience, State, light, navigate, told
from hems.panel.pages import page


class Display(Protocol):
    """Whatever shows a picture."""

    def show(self, picture: Image.Image) -> None:
        """A 1-bit picture of 128 x 64."""
        ...

    def light(self, light: Light) -> None:
        """How bright."""
        ...


ScreenChanged = Callable[[str, Image.Image], None]
Inbox = Callable[[Intent, Callable[[Refusal | None], None]], None]
"""Takes an intent, and whom to tell what became of it."""

PICTURE_BYTES: Final = 1024


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
        patience: Patience | None = None,
        on_screen_change: ScreenChanged | None = None,
    ) -> None:
        self._clock = clock
        self._display = display
        self._inbox = inbox
        self._patience = patience or Patience()
        self._on_screen_change = on_screen_change
        self._state = State(clock.mono_s())
        self._view: View | None = None
        self._picture: Image.Image | None = None
        self._name = ""
        self._sequence = 0
        self.followers: list[Callable[[], None]] = []

    def show(self, view: View) -> None:
        """A new view, once a cycle."""
        self._view = view
        self._step(None, view)

    def press(self, event: KeyEvent) -> None:
        """A key; before the first view there is nothing it could act on."""
        if self._view is not None:
            self._step(event, self._view)

    def picture(self) -> Image.Image | None:
        """What was drawn last; ``None`` before the first view."""
        return self._picture

    def frame(self) -> Frame:
        """What was drawn last, as the display takes it; empty before the first view."""
        drawn = self._picture
        return Frame(self._sequence, b"".join(pages(drawn)) if drawn else bytes(PICTURE_BYTES))

    def _answered(self, refusal: Refusal | None) -> None:
        if refusal is not None and self._view is not None:
            self._state = told(self._state, refusal)
            self._step(None, self._view)

    def _step(self, event: KeyEvent | None, view: View) -> None:
        now = self._clock.now()
        self._state, intents = navigate(self._state, event, view, now, self._patience)
        for intent in intents:
            self._inbox(intent, self._answered)
        shown = page(self._state, view, now)
        before, self._picture = self._picture, draw(shown, now.mono_s)
        self._display.light(light(self._state, now.mono_s, self._patience))
        self._display.show(self._picture)
        if before is None or before.tobytes() != self._picture.tobytes():
            self._sequence += 1
            for follow in tuple(self.followers):
                follow()
        if shown.name != self._name:
            self._name = shown.name
            if self._on_screen_change is not None:
                self._on_screen_change(shown.name, self._picture)
