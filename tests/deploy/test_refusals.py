"""Every refusal, with its words and its exit code; nothing is changed by any (APL-31)."""

import errno
import io
import json
import resource
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hems_update import slots, steps, trial
from hems_update.__main__ import main
from hems_update.place import Place
from hems_update.refusals import Exit, UpdateError, of_card

from tests.deploy.workshop import (
    Service,
    appliance,
    archive,
    bundle_of,
    compressed,
    manifest_of,
    packed,
    program,
    signed,
    signers_of,
)

pytestmark = pytest.mark.usefixtures("quick")


def refused(place: Place, data: bytes, *, now: bool = False) -> tuple[Exit, str]:
    """How a bundle is refused; afterwards everything is as it was."""
    before = picture(place)
    with pytest.raises(UpdateError) as told:
        steps.update(place, io.BytesIO(data), lambda _: None, now=now)
    assert picture(place) == before
    return told.value.code, str(told.value)


def picture(place: Place) -> dict[str, bytes]:
    """All names below the root and what is in them, but for the lock."""
    return {
        str(path.relative_to(place.root)): path.read_bytes() if path.is_file() else b""
        for path in place.root.rglob("*")
        if path.name != "lock"
    }


def test_a_bundle_that_nobody_signed(place: Place) -> None:
    """APL-31: unsigned."""
    payload = program("0.2.0")
    text = json.dumps(manifest_of(payload, "0.2.0")).encode()
    code, words = refused(place, archive(("manifest.json", text), ("payload", payload)))
    assert (code, words) == (
        Exit.UNSIGNED,
        "the bundle is not signed; sign it with a key this appliance knows",
    )
    empty = archive(("manifest.json", text), ("manifest.json.sig", b""), ("payload", payload))
    assert refused(place, empty)[0] == Exit.UNSIGNED


def test_a_bundle_that_somebody_else_signed(place: Place, strange_key: Path) -> None:
    """APL-31: wrong key."""
    code, words = refused(place, bundle_of(program("0.2.0"), strange_key, "0.2.0"))
    assert code == Exit.WRONG_KEY
    assert words.startswith("the signature is not of a key this appliance knows (")


def test_a_signature_for_another_purpose_or_of_another_manifest(place: Place, key: Path) -> None:
    """APL-31: a signature counts for what it was made for alone."""
    payload = program("0.2.0")
    text = json.dumps(manifest_of(payload, "0.2.0")).encode()
    other = json.dumps(manifest_of(payload, "0.3.0")).encode()
    data = archive(("manifest.json", text), ("manifest.json.sig", signed(other, key)), ("payload", payload))
    assert refused(place, data)[0] == Exit.WRONG_KEY
    place.signers.write_text(signers_of(key).replace("hems-update", "file"))
    assert refused(place, bundle_of(payload, key, "0.2.0"))[0] == Exit.WRONG_KEY
    place.signers.write_text("")
    assert refused(place, bundle_of(payload, key, "0.2.0"))[0] == Exit.WRONG_KEY


def test_a_bundle_of_another_product(place: Place, key: Path) -> None:
    """APL-31: wrong product."""
    code, words = refused(place, bundle_of(program("0.2.0"), key, "0.2.0", product="kettle"))
    assert (code, words) == (Exit.WRONG_PRODUCT, "this is an update of 'kettle' and not of hems")


def test_a_bundle_for_a_later_version(place: Place, key: Path) -> None:
    """APL-31: older than the minimum."""
    code, words = refused(place, bundle_of(program("0.3.0"), key, "0.3.0", minimum="0.2.0"))
    assert (code, words) == (Exit.TOO_OLD, "0.1.0 is older than 0.2.0; install that first")


@pytest.mark.parametrize("told", [{"python": "2.7"}, {"machine": "pdp11"}])
def test_a_bundle_for_another_machine(place: Place, key: Path, told: dict[str, str]) -> None:
    """APL-4: what was made for another Python or processor would not start."""
    code, words = refused(place, bundle_of(program("0.2.0"), key, "0.2.0", **told))
    assert code == Exit.WRONG_MACHINE
    assert next(iter(told.values())) in words


def test_the_same_version_with_other_content(tmp_path: Path, key: Path) -> None:
    """APL-2: one version number means one program."""
    place = appliance(tmp_path, key)
    first = bundle_of(program("0.2.0"), key, "0.2.0")
    assert steps.update(place, io.BytesIO(first), lambda _: None) == Exit.DONE
    assert steps.update(place, io.BytesIO(first), lambda _: None) == Exit.DONE
    code, words = refused(place, bundle_of(program("9"), key, "0.2.0"))
    assert (code, words) == (
        Exit.SAME_VERSION,
        "another 0.2.0 runs already; give the new one a version of its own",
    )


def test_a_car_that_charges_and_an_operator_that_limits(place: Place, key: Path) -> None:
    """APL-31: not while a car charges or the operator limits, unless it is said to be now."""
    data = bundle_of(program("0.2.0"), key, "0.2.0")
    with Service(place, charger_w=4_140.0) as service:
        assert refused(place, data) == (Exit.CHARGING, "a car is charging; wait, or add --now")
        service.charger_w, service.limited = None, True
        assert refused(place, data) == (
            Exit.LIMITED,
            "the grid operator limits the house; wait, or add --now",
        )
        assert steps.update(place, io.BytesIO(data), lambda _: None, now=True) == Exit.DONE


def test_a_system_on_trial_waits_for_its_proof(tmp_path: Path, key: Path) -> None:
    """APL-21, APL-31: never two unproven slots."""
    boot = tmp_path / "boot"
    boot.mkdir()
    devices = {"A": tmp_path / "a", "B": tmp_path / "b"}
    place = appliance(tmp_path, key, "0.1.0", slots=devices, boot=boot, slot="B")
    slots.commit(place, "A")
    system = bundle_of(compressed(b"x"), key, "0.2.0", kind="os")
    assert refused(place, system) == (
        Exit.UNPROVEN,
        "slot B is still on trial itself; try again in some minutes",
    )
    trial.begin(place, trial.Trial("os", "B", "A"))
    for data in (system, bundle_of(program("0.2.0"), key, "0.2.0")):
        assert refused(place, data) == (
            Exit.UNPROVEN,
            "slot B is still on trial; try again in some minutes",
        )


def test_a_system_where_there_are_no_slots(place: Place, key: Path) -> None:
    """APL-4: there the system is not ours to change."""
    code, words = refused(place, bundle_of(compressed(b"x"), key, "0.2.0", kind="os"))
    assert (code, words) == (
        Exit.NOT_HERE,
        "this appliance has no second system; only the program is updated here",
    )


def test_two_updates_at_once(place: Place, key: Path) -> None:
    """APL-31: the second one is told to wait, whatever it is."""
    told: list[tuple[Exit, str]] = []

    def meanwhile(words: str) -> None:
        if words == "unpacked":
            seconds: list[Callable[[], Exit]] = [
                lambda: steps.update(place, io.BytesIO(b""), print),
                lambda: steps.roll_back(place, print),
                lambda: steps.resume(place, print),
            ]
            for second in seconds:
                with pytest.raises(UpdateError) as no:
                    second()
                told.append((no.value.code, str(no.value)))

    with Service(place):
        data = bundle_of(program("0.2.0"), key, "0.2.0")
        assert steps.update(place, io.BytesIO(data), meanwhile) == Exit.DONE
    assert told == [(Exit.BUSY, "another update is being made or proven; wait for its end")] * 3


def test_nothing_to_go_back_to(place: Place, tmp_path: Path, key: Path) -> None:
    """APL-30: --rollback of the only version."""
    with pytest.raises(UpdateError, match=r"no version before 0\.1\.0; send a bundle") as told:
        steps.roll_back(place, lambda _: None)
    assert told.value.code == Exit.NOTHING_BEFORE


@pytest.mark.parametrize("twentieth", range(20))
def test_a_half_written_bundle(place: Place, key: Path, twentieth: int) -> None:
    """APL-31, APL-34: cut at each twentieth, it is damaged and leaves nothing behind."""
    data = bundle_of(program("0.2.0"), key, "0.2.0").rstrip(b"\0")
    code, words = refused(place, data[: twentieth * len(data) // 20])
    assert (code, words) == (
        Exit.DAMAGED,
        "the bundle is damaged: it ends too early; build or copy it anew",
    )


def test_every_bit_counts(place: Place, key: Path) -> None:
    """APL-31: whatever is changed in manifest, signature or payload is found."""
    data = bundle_of(packed({"app/a": b"a" * 50}), key, "0.2.0")
    end = len(data.rstrip(b"\0"))
    codes = set()
    for index in range(0, end, max(1, end // 60)):
        changed = bytearray(data)
        changed[index] ^= 0x10
        if changed.rstrip(b"\0") == data.rstrip(b"\0") or data[index] == 0:
            continue
        codes.add(refused(place, bytes(changed))[0])
    assert codes <= {Exit.DAMAGED, Exit.WRONG_KEY, Exit.UNSIGNED}
    assert len(codes) >= 2


def test_a_payload_that_is_not_what_was_signed(place: Place, key: Path) -> None:
    """APL-31: the hash before anything is unpacked."""
    payload = program("0.2.0")
    text = json.dumps(manifest_of(payload, "0.2.0")).encode()
    head = (("manifest.json", text), ("manifest.json.sig", signed(text, key)))
    for other, words in (
        (bytes(len(payload)), "not what was signed"),
        (payload + b"x", "not the length that was signed"),
        (payload[:-1], "not the length that was signed"),
    ):
        code, told = refused(place, archive(*head, ("payload", other)))
        assert code == Exit.DAMAGED
        assert words in told
    assert refused(place, archive(*head))[0] == Exit.DAMAGED


@pytest.mark.parametrize(
    "told",
    [
        {"kind": "firmware"},
        {"kind": 7},
        {"version": "latest"},
        {"version": "../../x"},
        {"version": 2},
        {"minimum": "1"},
        {"sha256": "00"},
        {"bytes": -1},
        {"bytes": True},
        {"unpacked_bytes": "many"},
    ],
)
def test_a_signed_manifest_that_makes_no_sense(place: Place, key: Path, told: dict[str, Any]) -> None:
    """APL-31: even a signed one is judged."""
    code, words = refused(place, bundle_of(program("0.2.0"), key, "0.2.0", **told))
    assert code == Exit.DAMAGED
    assert words.startswith("the bundle is damaged: its manifest ")


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"7", b"{}", b"[" * 60_000])
def test_a_signed_manifest_that_is_none(place: Place, key: Path, text: bytes) -> None:
    """APL-31: in words, whatever it is."""
    data = archive(("manifest.json", text), ("manifest.json.sig", signed(text, key)), ("payload", b""))
    assert refused(place, data)[0] in (Exit.DAMAGED, Exit.WRONG_PRODUCT)


@pytest.mark.parametrize(
    "data", [b"", b"\0" * 2_048, b"hello" * 500, b"\xff" * 9_000, archive(("manifest.json", b" " * 70_000))]
)
def test_what_is_no_bundle_at_all(place: Place, data: bytes) -> None:
    """APL-31: damaged, and never more memory than a manifest may take."""
    assert refused(place, data)[0] == Exit.DAMAGED


def test_an_archive_that_would_write_elsewhere(place: Place, key: Path, tmp_path: Path) -> None:
    """APL-31: nothing is unpacked outside of its folder."""
    payload = packed({"app/../../../../outside": b"x"})
    code, words = refused(place, bundle_of(payload, key, "0.2.0"))
    assert code == Exit.DAMAGED
    assert "unpacked" in words
    assert not list(tmp_path.rglob("outside"))


def test_a_payload_that_cannot_be_unpacked(place: Place, key: Path) -> None:
    """APL-31: signed but broken when it was built."""
    for payload in (b"no zstd at all", compressed(b"no archive at all" * 99), program("0.2.0")[:-9]):
        assert refused(place, bundle_of(payload, key, "0.2.0"))[0] == Exit.DAMAGED


def test_a_card_with_too_little_room(place: Place, key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """APL-31: no room, told before anything is taken."""
    usage = shutil.disk_usage(place.root)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=15 << 20))
    code, words = refused(place, bundle_of(program("0.2.0"), key, "0.2.0"))
    assert code == Exit.NO_ROOM
    assert words.endswith("16 MiB are needed, 15 MiB are free; make room and send it again")


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """No file may grow beyond this."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_card_that_is_full_in_the_middle(
    place: Place, key: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """APL-31, APL-34: real writes that fail, while it is received and while it is unpacked."""
    config = tmp_path / "update.json"
    told = {"root": str(place.root), "signers": str(place.signers), "socket": str(place.socket)}
    config.write_text(json.dumps({**told, "restart": ["true"]}))
    received = tmp_path / "received.hems"
    noise = b"".join(index.to_bytes(3, "big") for index in range(30_000))
    received.write_bytes(bundle_of(packed({"app/noise": noise}), key, "0.2.0"))
    unpacked = tmp_path / "unpacked.hems"
    unpacked.write_bytes(bundle_of(packed({"app/zeros": bytes(500_000)}), key, "0.2.0"))
    for file in (received, unpacked):
        before = picture(place)
        with files_up_to(50_000):
            assert main([str(file), "--config", str(config)]) == Exit.NO_ROOM
        assert "make room and send it again" in capsys.readouterr().err
        assert picture(place) == before


def test_a_card_that_fails_is_told_apart_from_a_full_one() -> None:
    """APL-31: another code, another remedy."""
    full = of_card(OSError(errno.ENOSPC, "No space left on device", "/x"))
    assert (full.code, str(full)) == (
        Exit.NO_ROOM,
        "/x: No space left on device; make room and send it again",
    )
    broken = of_card(OSError(errno.EIO, "Input/output error"))
    assert (broken.code, str(broken)) == (Exit.CARD_FAILS, "the card: Input/output error; look at the card")


def test_all_codes_differ_and_none_is_taken_by_the_shell() -> None:
    """APL-31: each refusal has a code of its own."""
    assert len({int(code) for code in Exit}) == len(Exit)
    assert all(code < 64 and code != 1 for code in Exit)
