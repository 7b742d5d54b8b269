"""Day-ahead prices: a process of its own that asks for them, hands them to the service, and ends.

Looking up names, encryption and a slow server must never hold up the loop, so the service only ever sees
finished prices. It tells whose are wanted and takes them through its door; while it does not run they wait in
a file. When to ask is remembered beside it: from 13:00 until tomorrow is complete, and whenever today is not,
a quarter of an hour later; else six hours later. What fails leaves what is known (CHG-82).
"""

import random
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo

import msgspec
import urllib3

from hems import __version__
from hems.api.client import Client, NotRunning
from hems.clock import SystemClock, WaitingClock
from hems.config import load
from hems.core.prices import fault, gap
from hems.core.tariff import TariffRules, in_force, providers
from hems.errors import HemsError
from hems.journal.beside import sync_folder, written
from hems.model.intents import PutPrices
from hems.model.prices import Slot
from hems.model.settings import TariffChoice
from hems.price_file import LARGEST_BYTES, Moment, encoded, read
from hems.reactor import Reactor
from hems.tariffs import price_source, tariff_rules

ADDRESSES: Final = {
    "awattar-at": "https://api.awattar.at/v1/marketdata",
    "awattar-de": "https://api.awattar.de/v1/marketdata",
}
STATE: Final = "prices.state.json"
REQUESTS_A_DAY: Final = 60
PUBLISHED: Final = time(13)
"""Local time from which tomorrow's prices may be there."""

SOON: Final = timedelta(minutes=15)
LATER: Final = timedelta(hours=6)
JITTER_S: Final = 60.0
CONNECT_S: Final = 10.0
SILENCE_S: Final = 10.0
ANSWER_S: Final = 30.0
ALARM_S: Final = 180
"""Whatever a server or a name service does, the process ends after so long."""

CHUNK_BYTES: Final = 65_536
OK: Final = 200
UNIT: Final = "eur/mwh"
KWH_PER_MWH: Final = 1000


class Row(msgspec.Struct, frozen=True):
    """One slot of an answer: times in UTC milliseconds, the price in EUR/MWh."""

    start_timestamp: Annotated[int, msgspec.Meta(ge=946_684_800_000, lt=7_258_118_400_000)]
    end_timestamp: Annotated[int, msgspec.Meta(ge=946_684_800_000, lt=7_258_118_400_000)]
    marketprice: float
    unit: str


class Answer(msgspec.Struct, frozen=True):
    """A whole answer; what else it tells is not looked at."""

    data: tuple[Row, ...]


class State(msgspec.Struct, frozen=True):
    """When to ask next, how often this local day has been asked, and whose prices were wanted last."""

    day: str = ""
    requests: int = 0
    due: Moment | None = None
    provider: str = ""


@dataclass(frozen=True, slots=True)
class Errand:
    """What is to be fetched for whom: the provider's address, the rules of the tariff, file, service."""

    address: str
    rules: TariffRules
    path: Path
    service: str = ""


def prices(path: Path, data: Path, *, once: bool) -> int:
    """Ask now, or with `once` only if it is time; says what came of it, raises `HemsError` if nothing did."""
    config = load(path)
    clock = SystemClock(ZoneInfo(config.site.time_zone))
    signal.alarm(ALARM_S)
    try:
        rules = wanted(tariff_rules(config), config.api.socket, data / STATE)
        source = price_source(config, data, rules.provider) if rules is not None else None
        if rules is None or source is None:
            print("nothing to ask for: the tariff takes no prices from outside")
        elif rules.provider not in ADDRESSES:
            print(f"{source}: {_told(read(source, rules).slots, clock.now().wall)}")
        else:
            print(ask(Errand(ADDRESSES[rules.provider], rules, source, config.api.socket), clock, once=once))
    finally:
        signal.alarm(0)
    return 0


def wanted(installed: TariffRules | None, service: str, memory: Path) -> TariffRules | None:
    """The tariff in force: as the service says, or said when it last ran, else as it is installed."""
    state = _read_state(memory)
    try:
        with Client(service) as client:
            provider = str(client.call("Hems.GetTariff").get("provider") or "")
    except NotRunning:
        provider = state.provider
    if provider not in ("", *providers(installed)):
        provider = ""
    if provider != state.provider:
        written(memory, msgspec.json.encode(State(state.day, state.requests, provider=provider)))
    return in_force(installed, TariffChoice(provider))


def ask(errand: Errand, clock: WaitingClock, *, once: bool) -> str:
    """Ask if it is time, and leave what came in the file; says in words what was done."""
    now = clock.now()
    if not now.trusted:
        return "not asked: the clock is not sure yet"
    memory, known, wall = errand.path.with_name(STATE), _known(errand), now.wall
    state = _remembered(memory, wall)
    if once and not is_due(state, wall):
        return f"not asked: it is not time before {state.due}"
    if state.requests >= REQUESTS_A_DAY:
        return f"not asked: {REQUESTS_A_DAY} requests a day are enough"
    if once:
        _linger(clock)
    state = State(state.day, state.requests + 1, next_due(wall, known), state.provider)
    written(memory, msgspec.json.encode(state))
    slots = believed(fetched(f"{errand.address}?{span(wall)}", clock), errand)
    if known and slots[-1].end < known[-1].end:
        return "kept what is known: the answer ends earlier"
    if slots != known and not _handed_over(errand, slots):
        written(errand.path, encoded(PutPrices(errand.rules.provider, slots)))
    written(memory, msgspec.json.encode(msgspec.structs.replace(state, due=next_due(wall, slots))))
    sync_folder(errand.path.parent)
    return f"{errand.path}: {_told(slots, wall)}"


def span(wall: datetime) -> str:
    """The query for all of today and tomorrow, whatever the clock does in those nights."""
    begins, ends = _midnight(wall, 0), _midnight(wall, 2)
    return urlencode({"start": _milliseconds(begins), "end": _milliseconds(ends)})


def next_due(wall: datetime, slots: Sequence[Slot]) -> datetime:
    """When to ask again, after asking at `wall` and knowing seamless `slots`; in UTC."""
    ahead = int(wall.time() >= PUBLISHED)
    begins, ends = _midnight(wall, ahead), _midnight(wall, ahead + 1)
    if not slots or slots[0].start > begins or slots[-1].end < ends:
        return wall.astimezone(UTC) + SOON
    day = wall.date() + timedelta(days=ahead)
    publication = datetime.combine(day, PUBLISHED, wall.tzinfo).astimezone(UTC)
    return min(publication, wall.astimezone(UTC) + LATER)


def is_due(state: State, wall: datetime) -> bool:
    """Whether it is time; a time that is too far away was reckoned by a clock that was wrong."""
    return state.due is None or not timedelta() < state.due - wall <= LATER


def believed(text: bytes, errand: Errand) -> tuple[Slot, ...]:
    """The slots of an answer in EUR/kWh; a `HemsError` if it cannot be believed as a whole."""
    who = urlsplit(errand.address).hostname
    try:
        rows = msgspec.json.decode(text, type=Answer).data
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise HemsError(f"{who}: its answer is no list of prices ({error}); what is known stays") from None
    for row in rows:
        if row.unit.lower() != UNIT:
            raise HemsError(f"{who}: its prices are in {row.unit!r}, not in EUR/MWh; what is known stays")
    slots = tuple(
        Slot(
            datetime.fromtimestamp(row.start_timestamp / 1000, UTC),
            datetime.fromtimestamp(row.end_timestamp / 1000, UTC),
            round(row.marketprice / KWH_PER_MWH, 8),
        )
        for row in rows
    )
    if why := fault(slots, errand.rules.periods) or gap(slots):
        raise HemsError(f"{who}: {why.text}; what is known stays")
    return slots


def fetched(url: str, clock: WaitingClock) -> bytes:
    """The body of an answer; a `HemsError` if it is late, too long, or none."""
    who, end_s = urlsplit(url).hostname, clock.mono_s() + ANSWER_S
    patience = urllib3.Timeout(connect=CONNECT_S, read=SILENCE_S)
    text = b""
    try:
        with urllib3.PoolManager(timeout=patience, retries=False, headers=_headers()) as pool:
            answer = pool.request("GET", url, preload_content=False)
            try:
                if answer.status != OK:
                    raise HemsError(f"{who}: answered {answer.status}; what is known stays")
                while chunk := answer.read1(CHUNK_BYTES):
                    text += chunk
                    if len(text) > LARGEST_BYTES or clock.mono_s() > end_s:
                        raise HemsError(f"{who}: the answer is too long or too slow; what is known stays")
            finally:
                answer.close()
    except urllib3.exceptions.HTTPError as error:
        raise HemsError(f"{who}: does not answer ({error}); what is known stays") from None
    return text


def _headers() -> dict[str, str]:
    return {"User-Agent": f"hems/{__version__}", "Accept": "application/json"}


def _known(errand: Errand) -> tuple[Slot, ...]:
    """What the file holds; nothing if it cannot be believed: the answer will mend it."""
    try:
        return read(errand.path, errand.rules).slots
    except HemsError:
        return ()


def _remembered(memory: Path, wall: datetime) -> State:
    """What was done before, with the requests of this local day; nothing if that cannot be read."""
    day = wall.date().isoformat()
    state = _read_state(memory)
    return state if state.day == day else State(day, due=state.due, provider=state.provider)


def _read_state(memory: Path) -> State:
    try:
        return msgspec.json.decode(memory.read_bytes(), type=State)
    except (OSError, msgspec.DecodeError):
        return State()


def _handed_over(errand: Errand, slots: Sequence[Slot]) -> bool:
    """Whether the running service has taken the prices, and keeps them; a `HemsError` if it refuses."""
    rows = [
        {"start": slot.start.isoformat(), "end": slot.end.isoformat(), "price_eur_kwh": slot.eur_kwh}
        for slot in slots
    ]
    try:
        with Client(errand.service) as client:
            reply = client.call("Hems.PutPrices", provider=errand.rules.provider, slots=rows)
    except NotRunning:
        return False
    if not reply.get("accepted"):
        raise HemsError(f"{errand.service}: {reply.get('reason', 'refused')}; what is known stays")
    return True


def _linger(clock: WaitingClock) -> None:
    """Wait a little, so that not all appliances of a country ask in the same second."""
    reactor = Reactor(clock)
    reactor.run_until(clock.mono_s() + random.uniform(0.0, JITTER_S))
    reactor.close()


def _midnight(wall: datetime, days: int) -> datetime:
    """The local midnight so many days after the one before `wall`, in UTC."""
    return datetime.combine(wall.date() + timedelta(days=days), time(), wall.tzinfo).astimezone(UTC)


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _told(slots: Sequence[Slot], wall: datetime) -> str:
    """Slots in words, in the zone of `wall`."""
    first, last = slots[0].start.astimezone(wall.tzinfo), slots[-1].end.astimezone(wall.tzinfo)
    told = f"{len(slots)} slots, {first.isoformat(' ', 'minutes')} to {last.isoformat(' ', 'minutes')}"
    costs = [slot.eur_kwh for slot in slots if slot.eur_kwh is not None]
    return f"{told}, {min(costs):.4f} to {max(costs):.4f} EUR/kWh" if costs else told
