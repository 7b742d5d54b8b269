"""The emulated machine as it is put together."""

import base64
import json
from pathlib import Path

from images.machine import PATIENCE_S, SUDO, Machine, Outfit, admitted, emulator, free_port


def outfit(folder: Path, line: str = "") -> Outfit:
    """A machine of a folder."""
    return Outfit(folder / "card.img", folder, 2222, line=line)


def after(words: list[str], option: str) -> list[str]:
    """All values of an option."""
    return [words[place + 1] for place, word in enumerate(words) if word == option]


def test_nobody_but_this_machine_reaches_it_and_only_ssh_is_led_in(tmp_path: Path) -> None:
    """APL-42: a port of loopback, and no other."""
    (network,) = after(emulator(outfit(tmp_path)), "-netdev")
    assert network == "user,id=net,hostfwd=tcp:127.0.0.1:2222-:22"


def test_a_watchdog_resets_it(tmp_path: Path) -> None:
    """APL-15: a first process that hangs ends in a reset and not in a pause."""
    words = emulator(outfit(tmp_path))
    assert after(words, "-action") == ["watchdog=reset"]
    assert "i6300esb" in after(words, "-device")


def test_it_has_a_second_uart_only_where_a_line_is_attached(tmp_path: Path) -> None:
    """APL-43."""
    assert "pci-serial" not in " ".join(emulator(outfit(tmp_path)))
    words = emulator(outfit(tmp_path, "/dev/pts/7"))
    assert "pci-serial,chardev=line" in after(words, "-device")
    assert "serial,id=line,path=/dev/pts/7" in after(words, "-chardev")


def test_a_machine_can_be_attached_to_a_line_and_taken_off(tmp_path: Path) -> None:
    """APL-43."""
    machine = Machine(outfit(tmp_path))
    machine.attach("/dev/pts/7")
    assert machine.outfit.line == "/dev/pts/7"
    machine.attach("")
    assert machine.outfit == outfit(tmp_path)


def test_what_lets_the_test_in_is_laid_beside_and_not_into_the_image(tmp_path: Path) -> None:
    """APL-42: the image under test is the one that is shipped."""
    Machine(outfit(tmp_path))
    rows = (tmp_path / "tmpfiles").read_text()
    assert rows == admitted()
    laid = {
        path: (mode, base64.b64decode(text)) for _, path, mode, *_, text in map(str.split, rows.splitlines())
    }
    assert laid["/etc/sudoers.d/zz-test"] == ("0440", SUDO.encode())
    assert json.loads(laid["/etc/hems/update.json"][1])["patience_s"] == PATIENCE_S
    words = after(emulator(outfit(tmp_path)), "-fw_cfg")
    assert words == [f"name=opt/io.systemd.credentials/tmpfiles.extra,file={tmp_path / 'tmpfiles'}"]


def test_starts_are_counted_by_what_the_boot_loader_says(tmp_path: Path) -> None:
    """APL-42."""
    machine = Machine(outfit(tmp_path))
    assert machine.resets == 0
    machine.outfit.console.write_text("U-Boot 2023.01\nhems: slot A\n\n\nU-Boot 2023.01\n say U-Boot 20\n")
    assert machine.resets == 2


def test_a_free_port_is_one_that_can_be_had() -> None:
    assert 1_024 <= free_port() <= 65_535
