"""Prices in a file: how they come from outside into the running service.

The file has the form of the call that puts prices, so that whoever writes it needs to know one form only::

    {"provider": "file", "slots": [{"start": "2026-11-21T00:00:00+01:00", "end": "2026-11-21T01:00:00+01:00",
                                    "price_eur_kwh": 0.1134, "period": "blue"}]}

or, with a name that ends in ``.csv``, of a table with the same columns. A slot has a price, a period or both.
"""

import csv
import logging
import re
from collections.abc import Callable
from datetime import datetime
from math import inf
from pathlib import Path
from typing import Annotated, Final

import msgspec

from hems.core.prices import fault, gap
from hems.core.tariff import TariffRules, in_force
from hems.errors import HemsError
from hems.model.intents import PutPrices
from hems.model.prices import SLOTTED, Prices, Slot
from hems.model.view import View

log = logging.getLogger(__name__)

LARGEST_BYTES: Final = 200_000
LOOK_EVERY_S: Final = 60.0
DOOR: Final = "prices"
FILE: Final = "file"

EMPTY: Final = "is empty; write one row for each hour or quarter of an hour"
AS_TIME: Final = "with its offset from UTC, as 2026-11-21T00:00:00+01:00"
REMEDIES: Final = {
    "start": AS_TIME,
    "end": AS_TIME,
    "price_eur_kwh": "in euro, as 0.1134",
    "period": "as text",
}
"""How each figure of a slot is written."""

Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class SlotShape(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One row of a file."""

    start: Moment
    end: Moment
    price_eur_kwh: float | None = None
    period: str = ""


class FileShape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole file."""

    slots: tuple[SlotShape, ...]
    provider: str = "file"


def read(path: Path, rules: TariffRules) -> PutPrices:
    """The prices of a file, believed as a whole; a `HemsError` names the file, the place and the remedy."""
    try:
        with path.open("rb") as file:
            text = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise HemsError(f"{path}: cannot be read ({error.strerror}); name a file of prices") from None
    if len(text) > LARGEST_BYTES:
        raise HemsError(f"{path}: is larger than {LARGEST_BYTES // 1000} kB; it is no file of prices")
    if not text.strip():
        raise HemsError(f"{path}: {EMPTY}")
    try:
        shape = _table(text) if path.suffix == ".csv" else msgspec.json.decode(text, type=FileShape)
    except UnicodeDecodeError:
        raise HemsError(f"{path}: is not UTF-8; save it as UTF-8 text") from None
    except msgspec.ValidationError as error:
        raise HemsError(f"{path}: {_explained(str(error))}") from None
    except (msgspec.DecodeError, csv.Error) as error:
        raise HemsError(f"{path}: is cut off or damaged ({error}); write it anew") from None
    if shape.provider != rules.provider:
        raise HemsError(
            f"{path}: the prices are of {shape.provider!r}, not of {rules.provider}; fetch new ones"
        )
    if not shape.slots:
        raise HemsError(f"{path}: {EMPTY}")
    slots = tuple(Slot(row.start, row.end, row.price_eur_kwh, row.period) for row in shape.slots)
    if why := fault(slots, rules.periods) or gap(slots):
        raise HemsError(f"{path}: {why.text}; correct it")
    return PutPrices(rules.provider, slots)


def _explained(message: str) -> str:
    """The sentence for what the decoder says of a slot, or of the whole file."""
    problem, _, place = message.replace("`", "").partition(" - at ")
    found = re.search(r"\[(\d+)\](?:\.(\w+))?$", place)
    slot, key = (f"slot {int(found[1]) + 1}", found[2]) if found else ("", "")
    shape = SlotShape if found else FileShape
    if unknown := re.match(r"Object contains unknown field (.*)", problem):
        return f"{slot} has {unknown[1]!r}; known are {', '.join(shape.__struct_fields__)}".lstrip()
    if missing := re.match(r"Object missing required field (.*)", problem):
        return f"{slot} has no {missing[1]}; add it".lstrip()
    if remedy := REMEDIES.get(key or ""):
        return f"{slot}: {key} is not usable; write it {remedy}"
    columns = ", ".join(SlotShape.__struct_fields__)
    return f"{slot} has another form than {columns} of each slot; write it so".lstrip()


def encoded(prices: PutPrices) -> bytes:
    """The text of a file that `read` understands."""
    rows = tuple(SlotShape(slot.start, slot.end, slot.eur_kwh, slot.period) for slot in prices.slots)
    return msgspec.json.format(msgspec.json.encode(FileShape(rows, prices.provider)), indent=1) + b"\n"


def _table(text: bytes) -> FileShape:
    rows = csv.DictReader(text.decode("utf-8-sig").splitlines(), strict=True)
    filled = [{key: value for key, value in row.items() if value != ""} for row in rows]
    return FileShape(msgspec.convert(filled, tuple[SlotShape, ...], strict=False))


class PriceEye:
    """Prices through files: what appears there is asked to be taken, what is taken otherwise is kept there.

    `kept` is the appliance's own file, `named` one that somebody else writes for the provider ``file``. Both
    are looked at once a minute, and at once when another provider is chosen; of two the newer counts. A bad
    file is told in the log and changes nothing. `keep` must not block.
    """

    def __init__(
        self,
        installed: TariffRules | None,
        kept: Path,
        named: Path | None,
        put: Callable[[PutPrices, str], None],
        keep: Callable[[Path, bytes], None],
    ) -> None:
        self._installed = installed
        self._kept = kept
        self._named = named
        self._put = put
        self._keep = keep
        self._due_mono_s = -inf
        self._seen: dict[Path, Stamp] = {}
        self._provider = ""
        self._known: Prices | None = None
        self._read: list[Prices] = []

    def show(self, view: View) -> None:
        """Keep what was taken, and look at the files if it is time."""
        tariff = in_force(self._installed, view.settings.tariff)
        self._hold(view.settings.prices)
        provider = tariff.provider if tariff is not None else ""
        if provider != self._provider:
            self._provider, self._due_mono_s = provider, -inf
            self._seen = {}
        if tariff is None or provider not in SLOTTED or view.now.mono_s < self._due_mono_s:
            return
        self._due_mono_s = view.now.mono_s + LOOK_EVERY_S
        self._look(tariff, view.settings.prices)

    def _hold(self, prices: Prices | None) -> None:
        """Prices that no file holds are written to our own."""
        if prices is None or prices is self._known:
            return
        self._known = prices
        if prices not in self._read:
            self._keep(self._kept, encoded(PutPrices(prices.provider, prices.slots)))

    def _look(self, tariff: TariffRules, known: Prices | None) -> None:
        """Ask for the prices of files that have changed, the oldest first."""
        named = (self._named,) if self._named is not None and tariff.provider == FILE else ()
        changed = []
        for path in (self._kept, *named):
            stamp = _stamp(path)
            if stamp is not None and stamp != self._seen.get(path):
                self._seen[path] = stamp
                changed.append((stamp, path))
        for _, path in sorted(changed):
            try:
                told = read(path, tariff)
            except HemsError as error:
                log.warning("prices: %s; what was known before stays", error)
                continue
            prices = Prices(told.provider, told.slots)
            self._read = [prices, *self._read[:1]]
            if prices != known:
                self._put(told, DOOR)


Stamp = tuple[int, int, int]


def _stamp(path: Path) -> Stamp | None:
    """What tells a file from a later one, the time first; ``None`` if there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
