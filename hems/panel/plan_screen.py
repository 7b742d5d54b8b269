"""The screen of prices and of what is planned in them (PNL-45).

OK takes up a cursor that goes through the prices; OK again lists the pieces that are chosen.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from hems.language.words import digits, marked, t
from hems.model.prices import Slot
from hems.model.view import View
from hems.panel.chart import Bar, fitting, strokes, ticks
from hems.panel.format import UNKNOWN, day, energy, shortened
from hems.panel.keys import Key, KeyEvent
from hems.panel.layout import COLUMNS, Cell, Chart, Look, Spot, Strokes, label
from hems.panel.moments import when
from hems.panel.screen import Rows, Screen, Taken, once, step_of

SHOWN: Final = timedelta(hours=48)
PIECES_SHOWN: Final = 2
PIECES: Final = "piece:"


class Piece(NamedTuple):
    """A piece of a plan: whose, when, about how much energy, what it costs (``None`` = nobody knows)."""

    charger: str
    start: datetime
    end: datetime
    energy_wh: float
    cost_eur: float | None


def price(eur_kwh: float | None) -> str:
    """``11.30ct``, two decimals of the hundredth; ``--`` when it is unknown."""
    if eur_kwh is None:
        return UNKNOWN
    rounded = Decimal(repr(float(eur_kwh) * 100)).quantize(Decimal("0.01"))
    return digits(f"{abs(rounded) if rounded == 0 else rounded}ct")


def _bars(view: View) -> tuple[Bar, ...]:
    if not view.now.trusted:
        return ()
    zone, now = view.now.wall.tzinfo, view.now.wall
    planned = [slot for one in view.decision.chargers.values() if one.plan for slot in one.plan.slots]
    return fitting(
        [
            Bar(
                slot.start.astimezone(zone),
                slot.end.astimezone(zone),
                slot.eur_kwh,
                any(piece.start < slot.end and slot.start < piece.end for piece in planned),
            )
            for slot in view.decision.outlook.slots
            if slot.eur_kwh is not None and slot.end > now and slot.start < now + SHOWN
        ]
    )


_remembered: Final = once(_bars)


def bars(look: Look) -> tuple[Bar, ...]:
    """The prices from now on, in local time; those in which a charger is planned are chosen."""
    return _remembered(look.view)


def pieces(view: View) -> tuple[Piece, ...]:
    """What is chosen for all cars, in order; slots that touch are one piece.

    What is needed is spread evenly over the time that is chosen for it.
    """
    found: list[Piece] = []
    for name, one in view.decision.chargers.items():
        slots, begun = (one.plan.slots, len(found)) if one.plan else ((), len(found))
        chosen_h = sum(map(_hours_of, slots))
        mean_w = min(one.plan.power_w, one.plan.need_wh / chosen_h) if one.plan and chosen_h else 0.0
        for slot in slots:
            piece_wh = mean_w * _hours_of(slot)
            piece = Piece(name, slot.start, slot.end, piece_wh, _cost_eur(slot, piece_wh))
            if len(found) > begun and found[-1].end == slot.start:
                found[-1] = _joined(found[-1], piece)
            else:
                found.append(piece)
    return tuple(sorted(found, key=lambda piece: piece.start))


def _hours_of(slot: Slot) -> float:
    return (slot.end - slot.start).total_seconds() / 3600


def _cost_eur(slot: Slot, piece_wh: float) -> float | None:
    return None if slot.eur_kwh is None else piece_wh / 1000 * slot.eur_kwh


def _joined(first: Piece, second: Piece) -> Piece:
    costs = (first.cost_eur, second.cost_eur)
    cost_eur = None if None in costs else sum(cost for cost in costs if cost is not None)
    return first._replace(end=second.end, energy_wh=first.energy_wh + second.energy_wh, cost_eur=cost_eur)


def _has_prices(view: View) -> tuple[str, ...]:
    priced = any(slot.eur_kwh is not None for slot in view.decision.outlook.slots)
    return ("",) if view.installed.prices or priced else ()


def _at(look: Look, shown: tuple[Bar, ...]) -> int:
    """The place of the cursor; the first while there is none, or its price has passed."""
    cursor = look.spot.cursor
    return next((place for place, bar in enumerate(shown) if bar.start.isoformat() == cursor), 0)


def _take(look: Look, event: KeyEvent) -> Taken:
    if look.spot.cursor.startswith(PIECES):
        length = len(pieces(look.view))
        first = _first_piece(look) + (0 if event.key is Key.OK else step_of(event))
        return Taken(Spot(2, f"{PIECES}{max(0, min(first, length - PIECES_SHOWN))}"))
    shown = bars(look)
    if event.key is Key.OK:
        return Taken(Spot(2, f"{PIECES}0") if look.spot.level or not shown else _on(shown, 0))
    return Taken(_on(shown, _at(look, shown) + step_of(event)))


def _on(shown: tuple[Bar, ...], place: int) -> Spot:
    """On a price; the cursor stops at both ends."""
    return Spot(1, shown[max(0, min(place, len(shown) - 1))].start.isoformat() if shown else "")


def _first_piece(look: Look) -> int:
    place = look.spot.cursor.removeprefix(PIECES)
    return int(place) if place.isdecimal() else 0


def _price(look: Look) -> str:
    shown = bars(look)
    return price(shown[_at(look, shown)].eur_kwh) if shown else ""


def _time(look: Look) -> str:
    shown = bars(look)
    if not shown:
        return f"{look.now.wall:%H:%M}" if look.now.trusted else t("clock?")
    return f"{shown[_at(look, shown)].start:%H:%M}"


def _chart(look: Look) -> Strokes:
    shown = bars(look)
    return strokes(shown, _at(look, shown) if look.spot.level else None) if shown else Strokes(())


def _hours(look: Look) -> str:
    """The hours under the axis, as far apart as they need."""
    row = [" "] * COLUMNS
    for x, hour in ticks(bars(look)):
        column = min(COLUMNS - 2, round(x / 6))
        if column == 0 or row[column - 1] == " ":
            row[column : column + 2] = f"{hour:02d}"
    return "".join(row).rstrip()


def _nothing(look: Look) -> str:
    """Why there is no chart."""
    if bars(look):
        return ""
    until = look.view.decision.outlook.known_until
    if not look.now.trusted:
        return t("time not known")
    if until is None:
        return t("no prices yet")
    return t("no prices since")


def _since(look: Look) -> str:
    until = look.view.decision.outlook.known_until
    if bars(look) or until is None or not look.now.trusted:
        return ""
    local = until.astimezone(look.now.wall.tzinfo)
    return f"{day(local)} {local:%H:%M}"


def _piece_time(place: int) -> Callable[[Look], str]:
    """When a piece of the list is: ``02:00-04:30``, later than within a day ``Fri 02:00-04:30``."""

    def words(look: Look) -> str:
        found, index = pieces(look.view), _first_piece(look) + place
        if index >= len(found):
            return "" if index else t("nothing is planned")
        return f"{when(found[index].start, look.now)}-{when(found[index].end, look.now)[-5:]}"

    return words


def _piece_worth(place: int) -> Callable[[Look], str]:
    """Whose it is where there are several chargers, its energy and what that costs."""

    def words(look: Look) -> str:
        found, index = pieces(look.view), _first_piece(look) + place
        if index >= len(found):
            return ""
        piece = found[index]
        name = shortened(piece.charger, 6) if len(look.view.installed.chargers) > 1 else ""
        cost = UNKNOWN if piece.cost_eur is None else digits(f"{piece.cost_eur:.2f}€")
        return f"{name:6}{energy(piece.energy_wh, gap=''):>8}{cost:>7}"

    return words


def _list_title(look: Look) -> str:
    length, first = len(pieces(look.view)), _first_piece(look) + 1
    return f"{first}-{min(length, first + PIECES_SHOWN - 1)}/{length}" if length > PIECES_SHOWN else ""


LIST: Final[Rows] = (
    label(0, marked("Chosen")),
    Cell(0, 13, 8, _list_title, right=True),
    *(
        cell
        for place in range(PIECES_SHOWN)
        for cell in (
            Cell(1 + 2 * place, 0, COLUMNS, _piece_time(place)),
            Cell(2 + 2 * place, 0, COLUMNS, _piece_worth(place)),
        )
    ),
)


def _inside(look: Look) -> Rows | None:
    return LIST if look.spot.cursor.startswith(PIECES) else None


PLAN_SCREEN: Final = Screen(
    "plan",
    _has_prices,
    (
        label(0, marked("Plan")),
        Cell(0, 5, 8, _price, right=True),
        Cell(0, 13, 6, _time, right=True),
        Cell(0, 20, 1, lambda _: ">"),
        Chart(_chart),
        Cell(2, 0, COLUMNS, _nothing),
        Cell(3, 0, COLUMNS, _since),
        Cell(5, 0, COLUMNS, _hours),
    ),
    keys=_take,
    inside=_inside,
)
