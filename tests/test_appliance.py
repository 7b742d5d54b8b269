"""PNL-49: what the appliance knows of itself."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hems import __version__, appliance
from hems.appliance import (
    EVERY_S,
    Machine,
    Record,
    fingerprint,
    listens,
    merged,
    plain_addresses,
    record,
    six,
    slot,
)
from hems.clock import ManualClock
from hems.model.surroundings import Release
from hems.reactor import Reactor

START = datetime(2026, 3, 12, 14, 32, tzinfo=UTC)
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f root@hems"
TCP = """  sl  local_address rem_address   st
   0: 0100007F:0016 00000000:0000 0A
   1: 00000000:1F90 00000000:0000 0A
"""
IF_INET6 = """00000000000000000000000000000001 01 80 10 80       lo
fe8000000000000012345678 9abc
fe800000000000001234567890abcdef 02 40 20 80     eth0
20010db8000000000000000000000001 02 40 00 80     eth0
"""


def booted(at: datetime, software: str = "1.0") -> dict[str, object]:
    return {"kind": "booted", "time": at.isoformat(), "software": software}


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], Record()),
        ([booted(START)], Record("cut", "", START, 1)),
        ([booted(START), {"kind": "stopped"}], Record("stopped", "", START, 1)),
        (
            [booted(START, "0.9"), booted(START + HOUR), booted(START + 2 * HOUR)],
            Record("cut", "0.9", START + HOUR, 2),
        ),
        ([booted(START), booted(START + HOUR, "0.9")], Record("cut", "0.9", None, 0)),
        ([booted(START), booted(START, "0.9"), booted(START + HOUR)], Record("cut", "0.9", START + HOUR, 1)),
        ([{"kind": "booted", "time": "nonsense", "software": "1.0"}], Record("cut", "", None, 1)),
        ([{"kind": "booted"}], Record("cut")),
    ],
)
def test_the_list_of_events_tells_of_former_runs(events: list[dict[str, object]], expected: Record) -> None:
    """Going back to a version counts from then."""
    assert record(events, "1.0") == expected


def test_alarms_that_were_left_open() -> None:
    """PNL-48."""
    events: list[dict[str, object]] = [
        {"kind": "alarm_raised", "key": "bus_absent.a", "time": START.isoformat()},
        {"kind": "alarm_raised", "key": "clock_unknown", "time": None},
        {"kind": "alarm_raised", "key": "charger_fault.garage", "time": None, "cleared": START.isoformat()},
        {"kind": "alarm_raised"},
    ]
    assert record(events, "1.0").open_alarms == {"bus_absent.a": START, "clock_unknown": None}


def test_the_fingerprint_is_that_of_ssh_keygen() -> None:
    """The figure was worked out by ``ssh-keygen -l``."""
    assert fingerprint(KEY) == FINGERPRINT
    assert fingerprint("") == fingerprint("ssh-ed25519") == fingerprint("ssh-ed25519 no=base64!") == ""


FINGERPRINT = "SHA256:ZkAslGjFiUHdGf/WUL8rQvkib4PTvQatUV0OUQSncCA"


def test_the_kernels_tables() -> None:
    assert listens(TCP)
    assert not listens(TCP.replace(":0016", ":0017"))
    assert not listens(TCP.replace("0A", "01"))
    assert not listens("")
    assert six(IF_INET6) == {"eth0": ("fe80::1234:5678:90ab:cdef", "2001:db8::1")}
    assert [slot(line) for line in ("ro hems.slot=b quiet", "ro quiet", "")] == ["B", "", ""]


def test_plain_addresses_come_first() -> None:
    assert merged({"eth0": ("10.0.0.1",)}, {"eth0": ("fe80::1",), "wlan0": ("fe80::2",)}) == {
        "eth0": ("10.0.0.1", "fe80::1"),
        "wlan0": ("fe80::2",),
    }
    assert "lo" not in plain_addresses()


def rooted(folder: Path) -> Path:
    """A machine's files."""
    for name, text in (
        ("proc/cmdline", "ro hems.slot=a"),
        ("proc/net/tcp", TCP),
        ("proc/net/if_inet6", IF_INET6),
        ("etc/ssh/ssh_host_ed25519_key.pub", KEY),
        ("sys/firmware/devicetree/base/serial-number", "10000000a1b2c3d4\0"),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_what_it_tells(tmp_path: Path) -> None:
    clock = ManualClock(START)
    reactor = Reactor(clock)
    machine = Machine(reactor, clock, Record("cut", "0.9", START - HOUR, 3), rooted(tmp_path))
    clock.advance(30)
    told = machine(clock.now())
    assert told.running == Release(__version__, "A")
    assert (told.previous, told.restarts, told.started_by) == (Release("0.9"), 3, "cut")
    assert (told.uptime_s, told.proven_s, told.clock) == (30.0, 3630.0, "network")
    assert told.serial == "10000000a1b2c3d4"
    assert told.network.ssh
    assert told.network.host_key == FINGERPRINT
    assert told.network.addresses["eth0"][-2:] == ("fe80::1234:5678:90ab:cdef", "2001:db8::1")
    assert told.network.name.endswith(".local")
    machine.close()
    reactor.close()


def test_a_bundle_knows_its_commit_and_our_card_its_own_host_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """APL-1, PNL-48: the commit a bundle was made from, and the key that outlives the system."""
    root = rooted(tmp_path)
    (root / "etc/ssh/ssh_host_ed25519_key.pub").write_text("ssh-ed25519 b3RoZXI= other")
    (root / "var/lib/hems-system/ssh").mkdir(parents=True)
    (root / "var/lib/hems-system/ssh/ssh_host_ed25519_key.pub").write_text(KEY)
    (tmp_path / "commit.txt").write_text("0123456789ab\n")
    monkeypatch.setattr(appliance, "COMMIT", tmp_path / "commit.txt")
    clock = ManualClock(START)
    reactor = Reactor(clock)
    machine = Machine(reactor, clock, Record(), root)
    told = machine(clock.now())
    assert told.running.commit == "0123456789ab"
    assert told.network.host_key == FINGERPRINT
    machine.close()
    reactor.close()


def test_it_looks_again_every_minute(tmp_path: Path) -> None:
    clock = ManualClock(START, trusted=False)
    reactor = Reactor(clock)
    machine = Machine(reactor, clock, Record(), tmp_path)
    bare = machine(clock.now())
    assert (bare.serial, bare.network.host_key, bare.network.ssh, bare.previous) == ("", "", False, None)
    assert (bare.proven_s, bare.clock) == (None, "nobody")
    rooted(tmp_path)
    reactor.run_until(clock.mono_s() + EVERY_S - 1)
    assert machine(clock.now()).serial == ""
    reactor.run_until(clock.mono_s() + 2)
    assert machine(clock.now()).serial == "10000000a1b2c3d4"
    reactor.run_until(clock.mono_s() + EVERY_S)
    machine.close()
    reactor.close()
