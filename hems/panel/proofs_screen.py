"""What nobody has proven since it was installed, as a screen of its own while there is any (PNL-66)."""

from collections.abc import Callable
from typing import Final

from hems.language.words import marked, t
from hems.panel.format import shortened
from hems.panel.layout import COLUMNS, Cell, Look, label
from hems.panel.screen import Screen

ROWS: Final = 5
KINDS: Final = {
    "meter": marked("grid meter {name}"),
    "relay": marked("relay {name}"),
    "car": marked("car at {name}"),
}
NAME_WIDTH: Final = 10


def proof_said(lacking: str) -> str:
    """``relay.garage`` in words; one of an unknown kind goes by its own name."""
    kind, _, name = lacking.partition(".")
    if kind not in KINDS:
        return shortened(lacking, COLUMNS)
    return t(KINDS[kind]).format(name=shortened(name, NAME_WIDTH))


def _row(place: int) -> Callable[[Look], str]:
    """One of them; the last row says how many there are besides."""

    def words(look: Look) -> str:
        lacking = look.view.settings.proofs.lacking
        if place == ROWS - 1 and len(lacking) > ROWS:
            return t("and {count} more").format(count=len(lacking) - place)
        return proof_said(lacking[place]) if place < len(lacking) else ""

    return words


PROOFS_SCREEN: Final = Screen(
    "proofs",
    lambda view: ("",) if view.settings.proofs.lacking else (),
    (
        label(0, marked("Not proven")),
        *(Cell(1 + place, 0, COLUMNS, _row(place)) for place in range(ROWS)),
    ),
)
