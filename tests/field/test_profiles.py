"""Profiles proved against bytes written by hand: BUS-60..64, 67.

Each file in `expected` holds the bytes of one device as its maker's tables have them, without check sums. A
row of `read` asks for any run of registers; every point of the profile that lies inside must decode to
exactly the named values, in base units and with the maker's sign, and every point must be covered. `positive`
says what the maker's sign of each power means.
"""

import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hems.field import setup
from hems.field.decoding import plausible, values
from hems.field.exchange import Accepted, Kind, Request
from hems.field.offer import Offer
from hems.field.plan import Block, blocks, placed
from hems.field.profile import Point, Profile, Variant
from hems.field.profiles import PROFILES
from hems.field.registers import encode
from hems.field.setpoint import bounded, requests
from hems.field.setup import Charge
from hems.field.wire import wire
from hems.model.site import Bus

EXPECTED = {
    path.stem: tomllib.loads(path.read_text(encoding="utf-8"))
    for path in (Path(__file__).parent / "expected").glob("*.toml")
}
WIRE = wire(Bus(name="a", port="p"))
NOT_A_QUANTITY = {"what", "request", "answer", "absent", "module", "role", "variant", "implausible", "models"}
COIL_ON = 0xFF00


def body(request: Request) -> bytes:
    """A request's unit, function and data, built by hand."""
    head = bytes((request.unit, request.function)) + request.address.to_bytes(2, "big")
    words = b"".join(value.to_bytes(2, "big") for value in request.values)
    match request.function:
        case 5:
            return head + (COIL_ON if request.values[0] else 0).to_bytes(2, "big")
        case 6:
            return head + words
        case 16:
            return head + len(request.values).to_bytes(2, "big") + bytes((len(words),)) + words
        case _:
            return head + request.count.to_bytes(2, "big")


def answered(request: bytes, answer: bytes) -> tuple[int, ...]:
    """The registers (or bits) of an answer to a read, taken apart by hand."""
    assert answer[:2] == request[:2]
    data, count = answer[3:], int.from_bytes(request[4:6], "big")
    assert len(data) == answer[2]
    if request[1] in (1, 2):
        return tuple(data[i // 8] >> i % 8 & 1 for i in range(count))
    assert len(data) == 2 * count
    return tuple(int.from_bytes(data[i : i + 2], "big") for i in range(0, len(data), 2))


def variant(profile: Profile, what: str) -> Variant:
    return next(variant for variant in profile.variants if variant.what == what)


def inside(profile: Profile, given: dict[str, Any], row: dict[str, Any]) -> Iterator[tuple[Point, Block]]:
    """The points that lie in the registers of a row, and those registers as a block."""
    request = bytes.fromhex(row["request"])
    assert request[0] == given["unit"]
    function, address, count = (
        request[1],
        int.from_bytes(request[2:4], "big"),
        int.from_bytes(request[4:], "big"),
    )
    models = {
        int(identity): header for identity, header in row.get("models", given.get("models", {})).items()
    }
    found = placed(profile, row.get("role", ""), row.get("module", 1), models)
    if "variant" in row:
        found = variant(profile, row["variant"]).points
    assert function in (1, 2, 3, 4)
    for point in found:
        if point.function == function and address <= point.start and point.end <= address + count:
            yield point, Block(point.function, address, count, (point,), point.period_s)


def test_every_profile_has_its_proof() -> None:
    assert set(EXPECTED) == set(PROFILES)
    assert all(profile.key == key for key, profile in PROFILES.items())


@pytest.mark.parametrize("key", sorted(PROFILES))
def test_reads_byte_by_byte(key: str) -> None:
    """Every point decodes exactly so; no quantity is named that the profile does not have there."""
    profile, given = PROFILES[key], EXPECTED[key]
    covered = set()
    for row in given["read"]:
        request = bytes.fromhex(row["request"])
        registers = answered(request, bytes.fromhex(row["answer"]))
        asked = list(inside(profile, given, row))
        found = {point.quantity: values(point, block, registers) for point, block in asked}
        assert {name for name, value in found.items() if value is None} == set(row.get("absent", ())), row
        wanted = {name: tuple(value) for name, value in row.items() if name not in NOT_A_QUANTITY}
        present = {name: value for name, value in found.items() if value is not None}
        assert present.keys() == wanted.keys(), row["what"]
        for point, _ in asked:
            if point.quantity in present:
                seen = present[point.quantity]
                assert seen == pytest.approx(wanted[point.quantity], rel=1e-6), f"{row['what']}: {point}"
                doubtful = point.quantity in row.get("implausible", ())
                assert point.order == "?" or plausible(point, seen) != doubtful, f"{row['what']}: {point}"
                covered.add((point.quantity, point.role, row.get("variant", "")))
    every = {(point.quantity, point.role, "") for point in profile.points}
    for other in profile.variants:
        every |= {(point.quantity, point.role, other.what) for point in other.points}
    assert every <= covered


@pytest.mark.parametrize("key", [key for key in sorted(PROFILES) if "positive" in EXPECTED.get(key, ())])
def test_what_the_maker_calls_positive(key: str) -> None:
    """Each power's direction, read from the maker's tables (BUS-62)."""
    profile = PROFILES[key]
    points = [*profile.points, *(point for other in profile.variants for point in other.points)]
    powers = [point for point in points if point.quantity in ("power_w", "line_power_w")]
    seen = {(f"{p.role}.{p.quantity}" if p.role else p.quantity, p.positive) for p in powers}
    assert seen == set(EXPECTED[key]["positive"].items())


@pytest.mark.parametrize("key", sorted(PROFILES))
def test_writes_byte_by_byte(key: str) -> None:
    profile, given = PROFILES[key], EXPECTED[key]
    assert bool(given.get("write")) == (profile.write is not None)
    for row in given.get("write", ()):
        write = variant(profile, row["variant"]).write if "variant" in row else profile.write
        assert write is not None
        sent = requests(write, given["unit"], bounded(write, row["limit_a"]), row.get("lines", 3))
        assert [body(request) for request in sent] == [bytes.fromhex(text) for text in row["requests"]], row


@pytest.mark.parametrize("key", sorted(PROFILES))
def test_setup_byte_by_byte(key: str) -> None:
    """Every row in its order: what is read, and what is written when it differs."""
    profile, given = PROFILES[key], EXPECTED[key]
    rows = profile.setup
    progress = setup.begun(rows, setup.Progress(), 0.0)
    for row in given.get("setup", ()):
        now_s = progress.due_mono_s
        if "read" in row:
            read = setup.request(rows, progress, given["unit"], Charge(), now_s)
            assert read is not None
            assert body(read) == bytes.fromhex(row["read"])
            progress = setup.took(rows, progress, Accepted(tuple(row["held"])), Charge(), now_s)
        write = setup.request(rows, progress, given["unit"], Charge(), now_s)
        assert write is not None
        assert body(write) == bytes.fromhex(row["write"])
        progress = setup.took(rows, progress, Accepted(), Charge(), now_s)
        if "proven" in row:
            progress = setup.took(rows, progress, Accepted(tuple(row["proven"])), Charge(), now_s)
    assert progress.stage == "done"


@pytest.mark.parametrize("key", sorted(PROFILES))
def test_heartbeats_and_surplus_byte_by_byte(key: str) -> None:
    profile, given = PROFILES[key], EXPECTED[key]
    unit = given["unit"]
    beats = [
        (body(Request(unit, row.function, row.address, values=(row.value,))), row.every_s)
        for row in profile.heartbeats
    ]
    assert beats == [(bytes.fromhex(row["request"]), row["every_s"]) for row in given.get("heartbeat", ())]
    assert bool(given.get("surplus")) == (profile.surplus is not None)
    for row in given.get("surplus", ()):
        assert profile.surplus is not None
        words = encode(row["surplus_w"], profile.surplus.wire)
        told = Request(unit, profile.surplus.function, profile.surplus.address, values=words)
        assert body(told) == bytes.fromhex(row["request"])
    for row in given.get("surplus", ()):
        offer, errors = Offer(profile.surplus, unit, 0.0), Counter[Kind]()
        offer.want(row["surplus_w"], 0.0)
        assert offer.request(0.0) is not None
        offer.took(Accepted(), 0.0)
        question = offer.question(0.0)
        assert question is not None
        if "question" in row:
            assert body(question) == bytes.fromhex(row["question"])
            keeps = answered(bytes.fromhex(row["question"]), bytes.fromhex(row["keeps"]))
            offer.took_back(errors, Accepted(keeps), 0.1)
            assert not errors["not_taken"]


@pytest.mark.parametrize("key", sorted(PROFILES))
def test_every_status_code(key: str) -> None:
    """Codes in decimal, as the tables of the maker have them."""
    profile, given = PROFILES[key], EXPECTED[key]
    assert dict(profile.statuses) == {int(raw): status for raw, status in given.get("status", {}).items()}
    below = {int(raw): level for raw, level in given.get("unplugged_below", {}).items()}
    assert dict(profile.unplugged_below) == below
    assert dict(profile.operating) == {int(raw): state for raw, state in given.get("operating", {}).items()}


@pytest.mark.parametrize("key", sorted(PROFILES))
def test_who_it_is(key: str) -> None:
    profile, given = PROFILES[key], EXPECTED[key].get("identify")
    assert (profile.identify is None) == (given is None)
    if profile.identify is not None and given is not None:
        row = profile.identify
        assert body(Request(EXPECTED[key]["unit"], row.function, row.address, row.count)) == bytes.fromhex(
            given["request"]
        )
        assert [list(pair) for pair in row.ranges] == given.get("ranges", [])
        assert list(row.texts) == given.get("texts", [])


@pytest.mark.parametrize("key", sorted(PROFILES))
def test_a_profile_keeps_its_own_limits(key: str) -> None:
    """No block beyond the maker's limit, no write to a dangerous register, a read-back for every write."""
    profile = PROFILES[key]
    for role in sorted({point.role for point in profile.points}):
        for block in blocks(profile.points_for(role), profile.limits, WIRE):
            assert block.count <= profile.limits.max_read
            assert not profile.limits.even or (block.address % 2, block.count % 2) == (0, 0)
    written = {row.address for row in profile.setup} | {row.address for row in profile.heartbeats}
    if profile.write is not None:
        written.add(profile.write.address)
        assert profile.point("confirmed_a") is not None
        if profile.write.release is not None:
            written.add(profile.write.release.address)
            assert profile.point("released") is not None
    assert not written & profile.never
