"""A device-facts document: Markdown tables of registers, and a profile held against them row by row.

A device's chapter begins with ``### M01 Name``. Its register tables have the columns quantity, function,
address (one, or one for each line), hex, registers, type, word order, scale, unit, access, confidence, notes.
Scale is a number, a fraction, or ``10^NAME`` with the row of that name as the power of ten.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from hems.field.profile import TO_BASE, Point, Profile
from hems.field.registers import width

CHAPTER = re.compile(r"### ([A-Z]\d\d) ")
COLUMNS = ("Quantity", "FC", "Address", "Hex", "Len", "Type", "W", "Scale", "Unit", "Acc", "Cf", "Notes")
SAME_TYPE = {"bits16": "u16", "bits32": "u32"}
THOUSANDS = {"kW": 1000.0, "kWh": 1000.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One register value of the document; `scale` in base units, NaN if its power of ten has no row.

    `write` is the function that writes it, if it is written.
    """

    name: str
    function: int
    address: int
    count: int
    wire: str
    order: str
    scale: float
    scale_at: int | None
    write: int | None


Known = Mapping[str, Sequence[Row]]
"""The rows of every device, by its number."""


class Difference(NamedTuple):
    """What a profile has and the document has not, or otherwise; `where` is a quantity, a variant, a part."""

    key: str
    where: str
    aspect: str
    text: str


def facts(text: str) -> dict[str, tuple[Row, ...]]:
    """The rows of every device; raises ``ValueError`` where decimal and hexadecimal address disagree."""
    cells: dict[str, list[list[str]]] = {}
    device = ""
    for line in text.splitlines():
        if line.startswith("#"):
            found = CHAPTER.match(line)
            device = found[1] if found else ""
        elif device and line.startswith("|"):
            row = [cell.strip() for cell in line.strip().strip("|").split("|")]
            if len(row) == len(COLUMNS) and row[0] != COLUMNS[0] and set(row[0]) != {"-"}:
                cells.setdefault(device, []).append(row)
    return {name: tuple(row for line in lines for row in _rows(line, lines)) for name, lines in cells.items()}


def differences(profile: Profile, chapters: Mapping[int, str], known: Known) -> list[Difference]:
    """Everything in which a profile departs from the tables of its device, sorted, each once.

    `chapters` names the device for each model of a published map; for all others it is that of model 0.
    """
    named: list[tuple[str, Point]] = [(point.quantity, point) for point in profile.points]
    named += [(variant.what, point) for variant in profile.variants for point in variant.points]
    found: list[tuple[str, str, str]] = []
    for where, point in named:
        for model in point.models or (0,):
            if model in chapters:
                found += [(where, *lacking) for lacking in _point(point, known[chapters[model]])]
            else:
                found.append((where, f"model {model}", "has no chapter"))
    rows = known[next(iter(chapters.values()))]
    for part, function, address, wire, scale, order in _written(profile):
        found += [(part, *lacking) for lacking in _write(function, address, wire, scale, order, rows)]
    for part, function, address, count in _asked(profile):
        if not any((row.function, row.count) == (function, count) for row in _at(address, rows)):
            found.append((part, "address", f"{address}: no {count} registers for function {function}"))
    return sorted({Difference(profile.key, *lacking) for lacking in found})


def _rows(cells: Sequence[str], table: Sequence[Sequence[str]]) -> Iterator[Row]:
    name, function, decimal, hexadecimal, count, wire, order, scale, unit, access, *_ = cells
    addresses = [int(text) for text in decimal.split(",")]
    if addresses != [int(text, 16) for text in hexadecimal.split(",")]:
        raise ValueError(f"{name}: {decimal} is not {hexadecimal}")
    scale_at = next((int(row[2]) for row in table if scale == f"10^{row[0]}"), None)
    factor = (
        (1.0 if scale_at is not None else math.nan) if scale.startswith("10^") else float(Fraction(scale))
    )
    writes = {"R": None, "W": int(function)}
    for address in addresses:
        yield Row(
            name=name,
            function=int(function),
            address=address,
            count=int(count),
            wire=SAME_TYPE.get(wire, wire),
            order=order,
            scale=factor * THOUSANDS.get(unit, 1.0),
            scale_at=scale_at,
            write=writes[access] if access in writes else int(access.removeprefix("RW/")),
        )


def _at(address: int, rows: Sequence[Row]) -> list[Row]:
    """The rows that begin here, or else those that only reach over it."""
    return [row for row in rows if row.address == address] or [
        row for row in rows if row.address < address < row.address + row.count
    ]


def _point(point: Point, rows: Sequence[Row]) -> Iterator[tuple[str, str]]:
    for address in point.addresses:
        here = _at(address, rows)
        row = next((row for row in here if row.function == point.function), here[0] if here else None)
        if row is None:
            yield "address", f"nothing at {address}"
            continue
        if row.function != point.function:
            yield "function", f"{address}: {point.function}, not {row.function}"
        if row.wire != point.wire:
            yield "type", f"{address}: {point.wire}, not {row.wire}"
        if width(point.wire) > 1 and row.order != point.order:
            yield "order", f"{address}: {point.order}, not {row.order}"
        if row.scale_at != point.scale_at:
            yield "scale", f"{address}: power of ten at {point.scale_at}, not {row.scale_at}"
        factor = point.scale * TO_BASE[point.unit]
        if not math.isclose(factor, row.scale):
            yield "scale", f"{address}: {factor:g}, not {row.scale:g}"


def _written(profile: Profile) -> Iterator[tuple[str, int, int, str, float | None, str]]:
    """Part, function, address, type, scale (if it is a measure) and word order of all that is written."""
    told = [("write", profile.write)] if profile.write is not None else []
    told += [(variant.what, variant.write) for variant in profile.variants if variant.write is not None]
    for where, row in told:
        yield where, row.function, row.address, row.wire, 1.0 if row.volts else row.scale_a, row.order
        if row.release is not None:
            wire = "bool" if row.release.function == 5 else "u16"
            yield "release", row.release.function, row.release.address, wire, None, "H"
    for setup in profile.setup:
        wire = "bool" if setup.function == 5 else setup.wire
        yield "setup", setup.function, setup.address, wire, setup.fail_safe_scale_a, "H"
    for beat in profile.heartbeats:
        yield "heartbeat", beat.function, beat.address, "u16", None, "H"
    if profile.surplus is not None:
        surplus = profile.surplus
        yield "surplus", surplus.function, surplus.address, surplus.wire, 1.0, "H"


def _asked(profile: Profile) -> Iterator[tuple[str, int, int, int]]:
    """Part, function, address and count of all that is read beside the points."""
    for setup in profile.setup:
        if setup.readable:
            at = setup.address if setup.read_address is None else setup.read_address
            yield "setup", setup.read_function, at, width(setup.read_wire or setup.wire)
    if profile.identify is not None:
        yield "identify", profile.identify.function, profile.identify.address, profile.identify.count


def _write(
    function: int, address: int, wire: str, scale: float | None, order: str, rows: Sequence[Row]
) -> Iterator[tuple[str, str]]:
    row = next((row for row in _at(address, rows) if row.write is not None), None)
    if row is None:
        yield "address", f"{address} is not written"
        return
    if row.write != function:
        yield "function", f"{address}: {function}, not {row.write}"
    if row.wire != wire:
        yield "type", f"{address}: {wire}, not {row.wire}"
    if row.count > 1 and row.order != order:
        yield "order", f"{address}: {order}, not {row.order}"
    if scale is not None and not math.isclose(scale, row.scale):
        yield "scale", f"{address}: {scale:g}, not {row.scale:g}"
