"""The screens of the appliance itself: memory, search, network, version, about. The unknown has no row."""

from collections.abc import Callable
from typing import Final

from hems.language.words import digits, marked, t
from hems.model.surroundings import Appliance, Release
from hems.model.view import SearchHealth, View
from hems.panel.format import age, count, shortened
from hems.panel.keys import Key, KeyEvent
from hems.panel.layout import COLUMNS, LOOKING, Cell, Look, Spot, label, line
from hems.panel.screen import Rows, Screen, Taken, everyone, step_of, turned

LICENCE: Final = "GPL-3.0"
FOUND_SHOWN: Final = 3
KEY_ROWS: Final = 3

STARTS: Final = {
    "stopped": marked("restart"),
    "cut": marked("power on"),
    "first start": marked("the first"),
}
"""Why the service started last, by the words of its journal."""

CLOCKS: Final = {"network": marked("network"), "nobody": marked("nobody")}


TROUBLES: Final = {
    "base_unreadable": marked("base unreadable"),
    "book_truncated": marked("book truncated"),
    "book_unreadable": marked("book unreadable"),
    "document_refused": marked("document refused"),
    "evidence_nearly_full": marked("evidence nearly full"),
    "journal_failing": marked("journal failing"),
    "journal_unsaved": marked("journal unsaved"),
    "newer_records": marked("newer records"),
    "not_understood": marked("not understood"),
    "records_lost": marked("records lost"),
    "rescue_left": marked("rescue left"),
    "rings_lost": marked("rings lost"),
    "state_too_large": marked("state too large"),
}
"""Alarms of the memory in words; one that is missing here goes by its own name."""

HEALTHY: Final = {"ok": marked("ok"), "late": marked("late"), "failing": marked("failing")}


def _health(look: Look) -> str:
    state = look.view.health.journal.state
    return t(HEALTHY[state]) if state in HEALTHY else shortened(state, 8)


def _trouble(code: str) -> str:
    return t(TROUBLES[code]) if code in TROUBLES else code.replace("_", " ")


def _alarm(place: int) -> Callable[[Look], str]:
    """One alarm of the memory by its name, of more than two how many more there are."""

    def value(look: Look) -> str:
        alarms = [_trouble(code) for code in look.view.health.journal.alarms]
        if place == 0 and not alarms:
            return t("no alarms")
        if place == 1 and len(alarms) > 2:
            return t("and {n} more").format(n=len(alarms) - 1)
        return shortened(alarms[place], COLUMNS) if place < len(alarms) else ""

    return value


MEMORY_SCREEN: Final = Screen(
    "memory",
    everyone,
    (
        label(0, marked("Memory")),
        Cell(0, 13, 8, _health, right=True),
        *line(1, marked("Not yet saved"), lambda look: age(look.view.health.journal.unsaved_s)),
        *line(2, marked("Writes in 24 h"), lambda look: count(look.view.health.journal.writes_24h, 5)),
        *line(
            3,
            marked("MB in 24 h"),
            lambda look: digits(f"{look.view.health.journal.bytes_24h / 1e6:.1f}"),
        ),
        Cell(4, 0, COLUMNS, _alarm(0)),
        Cell(5, 0, COLUMNS, _alarm(1)),
    ),
)


def _searched(view: View) -> tuple[str, ...]:
    return ("",) if view.health.wires.search is not None else ()


def _search(value: Callable[[SearchHealth, Look], str]) -> Callable[[Look], str]:
    def words(look: Look) -> str:
        search = look.view.health.wires.search
        return "" if search is None else value(search, look)

    return words


def _progress(search: SearchHealth, _: Look) -> str:
    if search.ended:
        return t("has ended")
    if search.naming:
        return t("who is number {n}?").format(n=search.naming)
    return t("pair {at} of {of}").format(at=search.at, of=search.of)


def _found(place: int) -> Callable[[Look], str]:
    """One of those that answer: ``@1 eastron-s…   sure``."""

    def words(search: SearchHealth, look: Look) -> str:
        first = int(look.spot.cursor) if look.spot.cursor.isdecimal() else 0
        index = first + place
        if index >= len(search.found):
            return t("nobody yet") if not search.found and place == 0 and not search.ended else ""
        device = search.found[index]
        certainty = t(CERTAIN[device.certainty])
        name = shortened(device.products[0] if device.products else device.setting, 15 - len(certainty))
        return f"@{device.unit:<3} {name}".ljust(COLUMNS - len(certainty)) + certainty

    return _search(words)


CERTAIN: Final = {"sure": marked("sure"), "likely": marked("likely"), "unknown": "?"}


def _scroll(look: Look, event: KeyEvent) -> Taken:
    """OK goes inside, up and down through those who were found."""
    search = look.view.health.wires.search
    last = max(0, len(search.found) - FOUND_SHOWN) if search is not None else 0
    first = int(look.spot.cursor) if look.spot.cursor.isdecimal() else 0
    step = 0 if event.key is Key.OK else step_of(event)
    return Taken(Spot(1, str(max(0, min(first + step, last)))))


def _left(search: SearchHealth, _: Look) -> str:
    if search.ended:
        return t("{n} found").format(n=len(search.found))
    return t("{time} left").format(time=age(search.seconds_left))


SEARCH_SCREEN: Final = Screen(
    "search",
    _searched,
    (
        label(0, marked("Search")),
        Cell(0, 8, 13, _search(lambda search, _: shortened(search.bus, 13)), right=True),
        Cell(1, 0, COLUMNS, _search(_progress)),
        *(Cell(2 + place, 0, COLUMNS, _found(place)) for place in range(FOUND_SHOWN)),
        Cell(5, 0, COLUMNS, _search(_left)),
    ),
    keys=_scroll,
)


def _appliance(look: Look) -> Appliance:
    return look.view.around.appliance


def _addresses(look: Look) -> tuple[tuple[str, str], ...]:
    """Interface and address, the plainest first."""
    network = _appliance(look).network
    pairs = [(name, one) for name, found in network.addresses.items() for one in found]
    return tuple(sorted(pairs, key=lambda pair: (":" in pair[1], pair)))


def _networked(view: View) -> tuple[str, ...]:
    network = view.around.appliance.network
    return ("",) if network.addresses or network.name or network.host_key else ()


def _first_address(look: Look) -> str:
    found = _addresses(look)
    if not found:
        return t("no address")
    name, address = found[0]
    return f"{shortened(name, 5):5} {shortened(address, 15)}"


def _key_row(place: int) -> Callable[[Look], str]:
    return lambda look: _appliance(look).network.host_key[place * COLUMNS : (place + 1) * COLUMNS]


def _network_keys(look: Look, event: KeyEvent) -> Taken:
    """OK shows every address in full, one after the other."""
    places = tuple(map(str, range(len(_addresses(look)))))
    if not places:
        return Taken(LOOKING)
    if look.spot.level == 0 or event.key is Key.OK:
        return Taken(Spot(1, look.spot.cursor or "0"))
    return Taken(Spot(1, turned(places, look.spot.cursor, step_of(event))))


def _address(part: int) -> Callable[[Look], str]:
    """The address at the cursor: its interface, and two rows of itself."""

    def words(look: Look) -> str:
        found, cursor = _addresses(look), look.spot.cursor
        place = int(cursor) if cursor.isdecimal() and int(cursor) < len(found) else 0
        if not found:
            return ""
        name, address = found[place]
        return shortened(name, 12) if part == 0 else address[(part - 1) * COLUMNS : part * COLUMNS]

    return words


def _ssh(look: Look) -> str:
    return t("SSH on") if _appliance(look).network.ssh else t("SSH off")


ADDRESS: Final[Rows] = (
    label(0, marked("Address")),
    Cell(0, 9, 12, _address(0), right=True),
    Cell(2, 0, COLUMNS, _address(1)),
    Cell(3, 0, COLUMNS, _address(2)),
)

NETWORK_SCREEN: Final = Screen(
    "network",
    _networked,
    (
        label(0, marked("Network")),
        Cell(0, 12, 9, _ssh, right=True),
        Cell(1, 0, COLUMNS, _first_address),
        Cell(2, 0, COLUMNS, lambda look: shortened(_appliance(look).network.name, COLUMNS)),
        *(Cell(3 + place, 0, COLUMNS, _key_row(place)) for place in range(KEY_ROWS)),
    ),
    keys=_network_keys,
    inside=lambda look: ADDRESS if look.spot.level and _addresses(look) else None,
)


def _release(words: str, release: Callable[[Look], Release | None]) -> Callable[[Look], str]:
    """``now     1.4.0  slot A``; nothing without a version."""

    def value(look: Look) -> str:
        found = release(look)
        if found is None or not found.version:
            return ""
        slot = t("slot {name}").format(name=found.slot) if found.slot else found.commit[:7]
        left = f"{t(words):8}{shortened(found.version, 12 - len(slot))}"
        return left + slot.rjust(COLUMNS - len(left))

    return value


def _proven(look: Look) -> str:
    found = _appliance(look)
    if found.proven_s is None:
        return ""
    forms = (t("proven {time}, {n} restart"), t("proven {time}, {n}x"), t("proven {time}"))
    said = (form.format(time=age(found.proven_s), n=found.restarts) for form in forms)
    return next((words for words in said if len(words) <= COLUMNS), "")


def _started(look: Look) -> str:
    why = _appliance(look).started_by
    words = t(STARTS[why]) if why in STARTS else shortened(why, 9)
    return t("last start: {why}").format(why=words) if why else ""


def _offered(look: Look) -> str:
    offered = _appliance(look).offered
    return t("offered {version}").format(version=shortened(offered, 10)) if offered else ""


VERSION_SCREEN: Final = Screen(
    "version",
    lambda view: ("",) if view.around.appliance.running.version else (),
    (
        label(0, marked("Version")),
        Cell(1, 0, COLUMNS, _release(marked("now"), lambda look: _appliance(look).running)),
        Cell(2, 0, COLUMNS, _release(marked("before"), lambda look: _appliance(look).previous)),
        Cell(3, 0, COLUMNS, _proven),
        Cell(4, 0, COLUMNS, _started),
        Cell(5, 0, COLUMNS, _offered),
    ),
)


def _clock(look: Look) -> str:
    source = _appliance(look).clock
    return t(CLOCKS[source]) if source else ""


ABOUT_SCREEN: Final = Screen(
    "about",
    everyone,
    (
        label(0, marked("About")),
        Cell(0, 7, 14, lambda look: shortened(look.view.installed.site, 14), right=True),
        Cell(1, 0, COLUMNS, lambda look: shortened(_appliance(look).serial, COLUMNS)),
        *line(2, marked("Licence"), lambda _: LICENCE),
        *line(3, marked("Running for"), lambda look: age(_appliance(look).uptime_s or None)),
        *line(4, marked("Writes in 24 h"), lambda look: count(look.view.health.journal.writes_24h, 5)),
        Cell(5, 0, 13, lambda look: t("Time from") if _appliance(look).clock else ""),
        Cell(5, 13, 8, _clock, right=True),
    ),
)
