"""The first run's questions about house, person and wiring, as rows (PNL-70, steps 1 to 7)."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from hems.language.words import digits, marked, t
from hems.model.intents import Change, SetClock, SetPanel
from hems.model.settings import LANGUAGES, Language
from hems.panel.asks import NewPin
from hems.panel.countries import COUNTRIES, Country, likely
from hems.panel.format import shortened
from hems.panel.wizard import Facts, Question, Taken

NAMES: Final[dict[Language, str]] = {"en": "English", "de": "Deutsch", "fr": "Français"}
FUSES_A: Final = tuple(str(fuse_a) for fuse_a in range(10, 201))
NONE: Final = marked("none")
TIMES: Final = tuple(f"{minute // 60:02d}:{minute % 60:02d}" for minute in range(0, 1440, 30))
CENTS: Final = tuple(str(cents) for cents in range(5, 81))
USUAL_CT: Final = "30"
CHARGERS_A: Final = tuple(str(most_a) for most_a in range(6, 64))
USUAL_CHARGER_A: Final = "16"
CLOCK: Final = "%Y-%m-%d %H:%M"
DAY_AHEAD: Final = {"at": "awattar-at", "de": "awattar-de"}
TARIFFS: Final = {
    "fixed": marked("one price"),
    "static": marked("peak/off-peak"),
    "contact": marked("by contact"),
    "awattar-at": marked("day-ahead AT"),
    "awattar-de": marked("day-ahead DE"),
}
LIMITS: Final = {"open": marked("open: limited"), "closed": marked("closed: limited")}


def country(facts: Facts) -> Country:
    """The country that was chosen, else the likeliest."""
    code = facts.answer("country", likely(facts.view.settings.panel.language)[0])
    return COUNTRIES.get(code, COUNTRIES["de"])


def house_lines(facts: Facts) -> tuple[str, ...]:
    """The lines of the house."""
    return ("L1",) if facts.answer("lines") == "1" else ("L1", "L2", "L3")


def house_changes(facts: Facts) -> Iterator[Change]:
    """What was answered about house and wiring, as rows of the installation file."""
    wiring, there = facts.view.installed.wiring, country(facts)
    if not wiring.house:
        fuse_a = float(facts.answer("fuse", str(there.fuse_a)))
        house: dict[str, object] = {
            "name": t("Home"),
            "time_zone": there.time_zone,
            "main_fuse_a": (fuse_a,) * 3,
        }
        if there.imbalance_a is not None and len(house_lines(facts)) == 3:
            house["imbalance_a"] = there.imbalance_a
        yield Change(("site",), house)
    dim = facts.answer("dim", NONE)
    if dim != NONE and not facts.view.installed.operator:
        limited = facts.answer("dim_limited", "open")
        yield Change(("operator",), {"source": "contact", "contact": dim, "limited": limited})
    pair = facts.answer("sg_ready", NONE)
    if pair != NONE and not facts.view.installed.sg_ready:
        yield Change(("sg_ready", "heat"), {"relays": tuple(pair.split("+"))})
    if not wiring.tariff and facts.answer("tariff"):
        yield Change(("tariff",), _tariff(facts))


def _tariff(facts: Facts) -> dict[str, object]:
    kind = facts.answer("tariff")
    row: dict[str, object] = {"provider": kind}
    if kind == "fixed":
        row["eur_kwh"] = {"standard": round(float(facts.answer("price", USUAL_CT)) / 100.0, 2)}
    if kind == "static":
        span = {
            "period": "off_peak",
            "from": facts.answer("off_from", "22:00"),
            "to": facts.answer("off_to", "06:00"),
        }
        row |= {"otherwise": "peak", "window": (span,)}
    if kind == "contact":
        row |= {"contact": facts.answer("tariff_contact"), "otherwise": "peak", "closed": "off_peak"}
    return row


def _languages(_: Facts) -> Sequence[str]:
    return LANGUAGES


def _set_language(facts: Facts, option: str) -> Taken:
    language = next(language for language in LANGUAGES if language == option)
    return Taken((SetPanel(replace(facts.view.settings.panel, language=language)),))


def _countries(facts: Facts) -> Sequence[str]:
    return () if facts.view.installed.wiring.house else likely(facts.view.settings.panel.language)


def _clock_is_right(facts: Facts) -> Sequence[str]:
    return ("right",) if facts.now.trusted else ()


def _clock_lines(facts: Facts) -> Sequence[str]:
    return (_wall(facts), shortened(_zone(facts).key, 21))


def _unknown_clock(facts: Facts) -> Sequence[str]:
    return () if facts.now.trusted else ("date",)


def _zone(facts: Facts) -> ZoneInfo:
    wiring = facts.view.installed.wiring
    return ZoneInfo(wiring.time_zone if wiring.house else country(facts).time_zone)


def _wall(facts: Facts) -> str:
    return facts.now.wall.astimezone(_zone(facts)).strftime(CLOCK)


def _set_clock(facts: Facts, option: str) -> Taken:
    """A date that does not exist is asked for again."""
    try:
        wall = datetime.strptime(option, CLOCK).replace(tzinfo=_zone(facts))
    except ValueError:
        return Taken(onward=False)
    return Taken((SetClock(wall),))


def _line_counts(facts: Facts) -> Sequence[str]:
    return () if facts.view.installed.wiring.house else ("1", "3")


def _line_count(facts: Facts, option: str) -> str:
    return t("one line") if option == "1" else t("three lines")


def _fuses(facts: Facts) -> Sequence[str]:
    return () if facts.view.installed.wiring.house else FUSES_A


def _no_pin_yet(facts: Facts) -> Sequence[str]:
    return () if facts.gate.exists else ("pin",)


def _set_pin(_: Facts, option: str) -> Taken:
    return Taken((NewPin(option),), instead="chosen")


def _free_contacts(facts: Facts) -> tuple[str, ...]:
    return facts.view.installed.wiring.contacts


def _dims(facts: Facts) -> Sequence[str]:
    contacts = _free_contacts(facts)
    return (NONE, *contacts) if contacts and not facts.view.installed.operator else ()


def _contact_states(facts: Facts) -> Sequence[str]:
    """Each contact as it is now."""
    states = {True: t("closed now"), False: t("open now"), None: "--"}
    seen = facts.view.snapshot.contacts
    return [f"{shortened(name, 9):9} {states[seen.get(name)]:>11}" for name in _free_contacts(facts)[:2]]


def _limits(facts: Facts) -> Sequence[str]:
    return () if facts.answer("dim", NONE) == NONE or not _dims(facts) else tuple(LIMITS)


def _relays(facts: Facts) -> Sequence[str]:
    relays = facts.view.installed.wiring.relays
    return (NONE, *relays) if relays and not facts.view.installed.chargers else ()


def _charger_currents(facts: Facts) -> Sequence[str]:
    return CHARGERS_A if not facts.view.installed.chargers else ()


def _pairs(facts: Facts) -> Sequence[str]:
    free = [name for name in facts.view.installed.wiring.relays if name != facts.answer("relay")]
    if len(free) < 2 or facts.view.installed.sg_ready or facts.view.installed.chargers:
        return ()
    return (NONE, *(f"{one}+{two}" for one, two in pairwise(free)))


def _tariffs(facts: Facts) -> Sequence[str]:
    if facts.view.installed.wiring.tariff or facts.view.installed.chargers:
        return ()
    spare = any(name != facts.answer("dim") for name in _free_contacts(facts))
    ahead = DAY_AHEAD.get(facts.answer("country"))
    return ("fixed", "static", *(("contact",) if spare else ()), *((ahead,) if ahead else ()))


def _tariff_contacts(facts: Facts) -> Sequence[str]:
    if facts.answer("tariff") != "contact" or not _tariffs(facts):
        return ()
    return [name for name in _free_contacts(facts) if name != facts.answer("dim")]


def _windows(facts: Facts) -> Sequence[str]:
    return TIMES if facts.answer("tariff") == "static" and _tariffs(facts) else ()


def _prices(facts: Facts) -> Sequence[str]:
    return CENTS if facts.answer("tariff") == "fixed" and _tariffs(facts) else ()


def _as_it_is(_: Facts, option: str) -> str:
    return option


def _worded(_: Facts, option: str) -> str:
    return t(option)


HOUSE_QUESTIONS: Final = (
    Question(
        "language", 1, marked("Language"), "choice", _languages,
        lambda _, option: NAMES[next(one for one in LANGUAGES if one == option)],
        lambda facts: facts.view.settings.panel.language, take=_set_language,
    ),
    Question(
        "country", 2, marked("Country"), "choice", _countries,
        lambda _, option: t(COUNTRIES[option].name),
        lambda facts: likely(facts.view.settings.panel.language)[0],
    ),
    Question(
        "clock", 3, marked("Clock"), "choice", _clock_is_right,
        lambda _, __: t("right"), lambda _: "right", lines=_clock_lines,
    ),
    Question("date", 3, marked("Date and time"), "digits", _unknown_clock, _as_it_is, _wall, take=_set_clock),
    Question(
        "lines", 4, marked("House supply"), "choice", _line_counts, _line_count,
        lambda facts: str(country(facts).lines),
    ),
    Question(
        "fuse", 4, marked("Main fuse"), "number", _fuses,
        lambda _, option: f"{digits(option)} A", lambda facts: str(country(facts).fuse_a),
    ),
    Question(
        "pin", 5, marked("PIN"), "digits", _no_pin_yet, _as_it_is, lambda facts: facts.gate.offer,
        take=_set_pin,
        lines=lambda _: (t("Note this PIN:"),),
    ),
    Question(
        "dim", 6, marked("Operator contact"), "choice", _dims, _worded, lambda _: NONE, lines=_contact_states
    ),
    Question(
        "dim_limited", 6, marked("Operator contact"), "choice", _limits,
        lambda _, option: t(LIMITS[option]), lambda _: "open", lines=_contact_states,
    ),
    Question(
        "relay", 6, marked("Charger's relay"), "choice", _relays, _worded,
        lambda facts: facts.view.installed.wiring.relays[0],
    ),
    Question(
        "charger_a", 6, marked("Charger, cable"), "number", _charger_currents,
        lambda _, option: f"{option} A", lambda _: USUAL_CHARGER_A,
    ),
    Question("sg_ready", 6, marked("SG-Ready relays"), "choice", _pairs, _worded, lambda _: NONE),
    Question(
        "tariff", 7, marked("Tariff"), "choice", _tariffs,
        lambda _, option: t(TARIFFS[option]), lambda facts: country(facts).tariff,
    ),
    Question(
        "price", 7, marked("Price per kWh"), "number", _prices,
        lambda _, option: f"{option} ct", lambda _: USUAL_CT,
    ),
    Question(
        "tariff_contact", 7, marked("Tariff contact"), "choice", _tariff_contacts, _as_it_is, lambda _: "",
    ),
    Question("off_from", 7, marked("Off-peak from"), "choice", _windows, _as_it_is, lambda _: "22:00"),
    Question("off_to", 7, marked("Off-peak to"), "choice", _windows, _as_it_is, lambda _: "06:00"),
)  # fmt: skip
