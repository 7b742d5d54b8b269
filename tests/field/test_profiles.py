"""Profiles proved against bytes written by hand: BUS-60..64, 67."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from hems.field import setup
from hems.field.decoding import plausible, values
from hems.field.exchange import Accepted, Request, frame, judge
from hems.field.plan import Block, blocks, placed
from hems.field.profile import Profile
from hems.field.profiles import PROFILES
from hems.field.slot import bounded
from hems.field.wire import wire
from hems.model.site import Bus
from tests.field.wires import framed

EXPECTED = {
    path.stem: tomllib.loads(path.read_text(encoding="utf-8"))
    for path in (Path(__file__).parent / "expected").glob("*.toml")
}
WIRE = wire(Bus(name="a", port="p"))
NOT_A_QUANTITY = {"what", "request", "answer", "absent", "module"}


def planned(profile: Profile, given: dict[str, Any], module: int = 1) -> dict[bytes, Block]:
    """Every block of a device by the bytes that ask for it."""
    points = placed(profile, module, given.get("base", 0))
    return {
        frame(Request(given["unit"], block.function, block.address, block.count)): block
        for block in blocks(points, profile.limits, WIRE)
    }


def test_every_profile_has_its_proof() -> None:
    assert set(EXPECTED) == set(PROFILES)
    assert all(profile.key == key for key, profile in PROFILES.items())


@pytest.mark.parametrize("key", sorted(PROFILES))
def test_reads_byte_by_byte(key: str) -> None:
    """Each row asks and decodes exactly so; each block of the plan is covered."""
    profile, given = PROFILES[key], EXPECTED[key]
    asked = set()
    for row in given["read"]:
        request = framed(row["request"])
        block = planned(profile, given, row.get("module", 1))[request]
        asked.add(request)
        outcome = judge(
            Request(given["unit"], block.function, block.address, block.count), framed(row["answer"])
        )
        assert isinstance(outcome, Accepted), row["what"]
        found = {point.quantity: values(point, block, outcome.registers) for point in block.points}
        wanted = {name: tuple(value) for name, value in row.items() if name not in NOT_A_QUANTITY}
        assert {name for name, value in found.items() if value is None} == set(row.get("absent", ()))
        present = {name: value for name, value in found.items() if value is not None}
        assert present.keys() == wanted.keys()
        for name, value in present.items():
            assert value == pytest.approx(wanted[name], rel=1e-6), f"{row['what']}: {name}"
        assert all(
            plausible(point, present[point.quantity]) for point in block.points if found[point.quantity]
        )
    assert set(planned(profile, given)) <= asked


@pytest.mark.parametrize("key", sorted(PROFILES))
def test_writes_byte_by_byte(key: str) -> None:
    profile, given = PROFILES[key], EXPECTED[key]
    assert bool(given.get("write")) == (profile.write is not None)
    for row in given.get("write", ()):
        assert profile.write is not None
        value = round(bounded(profile.write, row["limit_a"]) / profile.write.scale_a)
        write = profile.write
        assert frame(Request(given["unit"], write.function, write.address, values=(value,))) == framed(
            row["request"]
        )


@pytest.mark.parametrize("key", sorted(PROFILES))
def test_setup_byte_by_byte(key: str) -> None:
    """Every row in its order: what is read, and what is written when it differs."""
    profile, given = PROFILES[key], EXPECTED[key]
    rows = profile.setup
    progress = setup.begun(rows, setup.Progress(), 0.0)
    for row in given.get("setup", ()):
        now_s = progress.due_mono_s
        read = setup.request(rows, progress, given["unit"], 0.0, now_s)
        assert read is not None
        assert frame(read) == framed(row["read"])
        progress = setup.took(rows, progress, Accepted((row["held"],)), 0.0, now_s)
        write = setup.request(rows, progress, given["unit"], 0.0, now_s)
        assert write is not None
        assert frame(write) == framed(row["write"])
        progress = setup.took(rows, progress, Accepted(), 0.0, now_s)
        progress = setup.took(rows, progress, Accepted((write.values[0],)), 0.0, now_s)
    assert progress.stage == "done"


@pytest.mark.parametrize("key", sorted(PROFILES))
def test_every_status_code(key: str) -> None:
    wanted = {int(raw): status for raw, status in EXPECTED[key].get("status", {}).items()}
    assert dict(PROFILES[key].statuses) == wanted


@pytest.mark.parametrize("key", sorted(PROFILES))
def test_a_profile_keeps_its_own_limits(key: str) -> None:
    """No block beyond the maker's limit, no write to a dangerous register, a read-back for every write."""
    profile = PROFILES[key]
    for block in blocks(profile.points, profile.limits, WIRE):
        assert block.count <= profile.limits.max_read
        assert not profile.limits.even or (block.address % 2, block.count % 2) == (0, 0)
    written = {row.address for row in profile.setup}
    if profile.write is not None:
        written.add(profile.write.address)
        confirmed = profile.point("confirmed_a")
        assert confirmed is not None
        assert confirmed.addresses == (profile.write.address,)
    assert not written & profile.never
