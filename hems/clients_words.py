"""Replies of the door as text for people and as CSV; pure."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Final

from hems.clients_told import (
    Alarm,
    Change,
    Charger,
    Figures,
    HeatPump,
    Page,
    Session,
    Setting,
    Site,
    Tariff,
    Why,
)
from hems.figures import SPANS, unit_of

UNKNOWN: Final = "--"
CAR: Final = {
    "A": "no car",
    "B": "car waits",
    "C": "car charges",
    "D": "car charges",
    "E": "fault",
    "F": "fault",
}
"""What a person calls the states of the charging standard."""

NEGATIVE_W: Final = -50.0
"""A house below it is no house: the meters were not read at the same moment."""

PIECES: Final = {"sessions": "sessions", "contactor": "closings"}
"""What is counted where it is no quantity."""

SESSION_COLUMNS: Final = (
    "charger",
    "vehicle",
    "start",
    "end",
    "energy_wh",
    "solar_wh",
    "cost_ueur",
    "power_max_w",
    "mode",
    "open",
)
Counters = Mapping[str, int | float | None]
Cells = Sequence[Sequence[str]]


def table(rows: Cells, left: int = 1) -> str:
    """Rows in columns as wide as they need; the first `left` begin at the left, others end at the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if index < left else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def counters(devices: Counters) -> str:
    """One table for each device: rows are kinds, columns are periods (API-152)."""
    found = _by_kind(devices)
    if not found:
        return "nothing has been counted yet"
    owners = dict.fromkeys(kind.partition(".")[0] for kind in found)
    return "\n\n".join(_device(owner, found) for owner in owners)


def _device(owner: str, found: Mapping[str, Counters]) -> str:
    own = {kind: figures for kind, figures in found.items() if kind.startswith(f"{owner}.")}
    spans = _spans(own)
    rows = [[owner, "unit", *spans]]
    for kind, figures in own.items():
        counted = (_count(figures, span) for span in spans)
        what = kind.partition(".")[2]
        rows.append([f"  {what}", PIECES.get(what, unit_of(kind)), *counted])
    return table(rows, left=2)


def counters_csv(devices: Counters) -> str:
    """One line for each counter."""
    found = _by_kind(devices)
    spans = _spans(found)
    lines = ([kind, unit_of(kind), *map(figures.get, spans)] for kind, figures in found.items())
    return _csv(["counter", "unit", *spans], lines)


def _by_kind(devices: Counters) -> dict[str, dict[str, int | float | None]]:
    """Figures by period of each counter, in the order of their names."""
    found: dict[str, dict[str, int | float | None]] = {}
    for key in sorted(devices, key=_order):
        kind, _, span = key.rpartition(".")
        if "." in kind:
            found.setdefault(kind, {})[span] = devices[key]
    return found


def _order(key: str) -> tuple[str, int, str]:
    owner, _, rest = key.partition(".")
    kind = owner.rstrip("0123456789")
    return kind, int(owner[len(kind) :] or 0), rest


def _spans(found: Mapping[str, Counters]) -> list[str]:
    """The periods that occur, as the book orders them."""
    seen = {span for figures in found.values() for span in figures}
    return [*(span for span in SPANS if span in seen), *sorted(seen - set(SPANS))]


def _count(figures: Counters, span: str) -> str:
    if span not in figures:
        return ""
    value = figures[span]
    return UNKNOWN if value is None else f"{value:,}"


def whys(rows: Sequence[Why]) -> str:
    """One line for each charger and heat pump: what, why, with which figures, and what narrowed it."""
    if not rows:
        return "there is no charger and no heat pump whose limit could be told"
    return table([[row.name, _why(row)] for row in rows], left=2)


def _why(row: Why) -> str:
    said = [row.text, f"[{row.code}, rung {row.rung}{''.join(f', {one}' for one in _figures(row.figures))}]"]
    said += [f"{rule.rule} leaves {_a(rule.limit_a)}" for rule in row.narrowed]
    return "  ".join(said)


def _figures(figures: Figures) -> list[str]:
    return [f"{name} {f'{value:g}' if type(value) is float else value}" for name, value in figures.items()]


def changes(rows: Sequence[Change], at: datetime | None) -> str:
    """What has another limit or reason since `at`."""
    when = f"{at:%H:%M:%S}" if at else UNKNOWN
    return "\n".join(f"{when}  {row.name}  {_a(row.limit_a)}  {row.text}  [{row.code}]" for row in rows)


def sessions(rows: Sequence[Session], zone: tzinfo) -> str:
    """Sessions, the newest first, with sums."""
    if not rows:
        return "no sessions"
    cells = [["start", "end", "charger", "vehicle", "mode", "Wh", "sun Wh", "EUR", "max W"]]
    for row in rows:
        end = "charging" if row.open else _minute(row.end, zone)
        who = [row.charger, row.vehicle or "", row.mode or ""]
        counted = [_n(row.energy_wh), _n(row.solar_wh), _eur(row.cost_ueur), _n(row.power_max_w)]
        cells.append([_minute(row.start, zone), end, *who, *counted])
    solar_wh = sum(row.solar_wh or 0 for row in rows)
    energy_wh = sum(row.energy_wh or 0 for row in rows)
    cost = _eur(sum(row.cost_ueur or 0 for row in rows))
    many = f"{len(rows)} session{'s' * (len(rows) != 1)}"
    cells.append([many, "", "", "", "", _n(energy_wh), _n(solar_wh), cost, ""])
    return table(cells, left=5)


def sessions_csv(rows: Sequence[Session]) -> str:
    """One line for each session, as the door tells it."""
    return _csv(SESSION_COLUMNS, ([_plain(getattr(row, name)) for name in SESSION_COLUMNS] for row in rows))


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def page(told: Page) -> str:
    """The house at a glance."""
    site = told.site
    grid = (
        UNKNOWN if site.grid_w is None else f"{'sells' if site.grid_w < 0 else 'buys'} {_w(abs(site.grid_w))}"
    )
    powers = [("grid", grid), ("sun", _w(site.pv_w)), ("house", _w(_house_w(site)))]
    if site.battery_w or site.battery_pct is not None:
        level = "" if site.battery_pct is None else f" at {site.battery_pct:g} %"
        gives = "gives" if (site.battery_w or 0) > 0 else "takes"
        powers.append(("battery", f"{gives} {_w(abs(site.battery_w or 0))}{level}"))
    rows = [[name, said] for name, said in powers]
    rows += [[one.name, _charger(one)] for one in told.chargers]
    rows += [[one.name, _heat_pump(one)] for one in told.heat_pumps]
    if tariff := _tariff(told.tariff):
        rows.append(["tariff", tariff])
    if told.operator.limited:
        rows.append(["operator", f"limits to {_w(told.operator.limit_w)}"])
    rows += [["ALARM", _alarm(one)] for one in told.alarms]
    if told.not_proven:
        rows.append(["not proven", ", ".join(told.not_proven)])
    clock = "" if told.clock_ok else " (the clock is not trusted)"
    return f"{_second(told.time)}{clock}\n{table(rows, left=2)}"


def _house_w(site: Site) -> float | None:
    """What the rest of the house draws; nobody knows where readings of different moments make it give."""
    return None if site.home_w is not None and site.home_w < NEGATIVE_W else site.home_w


def _tariff(told: Tariff) -> str:
    price = "" if told.price_eur_kwh is None else f"{told.price_eur_kwh:.4f} EUR/kWh"
    return ", ".join(filter(None, (told.period, price, "cheap" if told.cheap else "")))


def alarms(rows: Sequence[Alarm]) -> str:
    """What is wrong, by names that can be acknowledged."""
    return "\n".join(map(_alarm, rows)) or "no alarms"


def settings(rows: Sequence[Setting]) -> str:
    """Every setting, its value and what it may be."""
    cells = [["setting", "value", "may be", "what it is"]]
    for row in rows:
        cells.append([row.name, f"{_value(row.value)} {row.unit}".rstrip(), _range(row), row.text])
    return table(cells, left=4)


def _range(row: Setting) -> str:
    if row.choices:
        return ", ".join(_value(choice) for choice in row.choices)
    if row.min is None or row.max is None:
        return "yes, no" if isinstance(row.value, bool) else ""
    outside = not row.min <= float(row.default) <= row.max
    return f"{row.min:g} to {row.max:g}" + (f", {_value(row.default)}" if outside else "")


def _value(value: float | str | bool) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return (value or '""') if isinstance(value, str) else f"{value:g}"


def _charger(one: Charger) -> str:
    car = CAR.get(one.status or "", "does not answer")
    why, limit = one.why.text if one.why else "", _a(one.limit_a)
    said = [car, one.vehicle or "", f"mode {one.mode}", "" if limit in why else limit, why]
    said.append(f"draws {_w(one.power_w)}" if one.power_w else "")
    said.append(f"session {one.session_wh:,} Wh" if one.session_wh else "")
    return ", ".join(filter(None, said))


def _heat_pump(one: HeatPump) -> str:
    return ", ".join(filter(None, (_w(one.power_w), f"told {one.sg}" if one.sg else "", one.mode)))


def _alarm(one: Alarm) -> str:
    since = f" since {_second(one.since)}" if one.since else ""
    return f"{one.name}: {one.text}{since}" + (" (to be acknowledged)" if one.latched else "")


def _a(limit_a: float | None) -> str:
    return UNKNOWN if limit_a is None else f"{limit_a:g} A"


def _w(power_w: float | None) -> str:
    return UNKNOWN if power_w is None else f"{power_w:,.0f} W"


def _n(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:,.0f}"


def _eur(cost_ueur: int | None) -> str:
    return UNKNOWN if cost_ueur is None else f"{cost_ueur / 1e6:.2f}"


def _minute(at: datetime | None, zone: tzinfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}" if at else UNKNOWN


def _second(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"


def _csv(head: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(lines)
    return text.getvalue().rstrip("\n")
