"""What starts a slot, and what the parts of the image must agree on."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

IMAGES = Path(__file__).resolve().parents[2] / "images"
SCRIPT = (IMAGES / "boot.cmd").read_text()
TREE = """\
/dts-v1/;
/ {
	soc {
		gpio { pins14: uart0_gpio14 {}; };
		pl011: serial0 { status = "okay"; radio: bluetooth {}; };
		mini: serial1 { status = "okay"; };
		bus1: i2c1 { clock-frequency = <100000>; status = "disabled"; };
	};
	__symbols__ {
		uart0 = "/soc/serial0"; bt = "/soc/serial0/bluetooth"; uart1 = "/soc/serial1"; i2c1 = "/soc/i2c1";
		uart0_gpio14 = "/soc/gpio/uart0_gpio14";
	};
};
"""


def test_a_trial_is_forgotten_before_it_starts() -> None:
    """APL-20: whatever does not come up is not tried again."""
    assert SCRIPT.index("fatwrite") < SCRIPT.index("booti")
    assert SCRIPT.index("env import -c ${scriptaddr} ${filesize} try") < SCRIPT.index("fatwrite")


def test_a_slot_without_kernel_starts_anew_and_a_panic_does() -> None:
    """APL-20: nothing waits for somebody who looks."""
    assert SCRIPT.rstrip().endswith("reset")
    assert re.search(r"panic=[1-9]", SCRIPT)


def test_damaged_environments_are_not_believed() -> None:
    """APL-20: every import checks the sum."""
    assert SCRIPT.count("env import") == SCRIPT.count("env import -c") == 3


def test_loader_card_initramfs_and_updater_mean_the_same_partitions() -> None:
    """APL-11."""
    (signature,) = re.findall(r"disk-signature = 0x(\w+)", (IMAGES / "genimage.cfg").read_text())
    script = (IMAGES / "files/etc/initramfs-tools/scripts/local-bottom/hems").read_text()
    slots = json.loads((IMAGES / "update.json").read_text())["slots"]
    assert f"root=PARTUUID={signature}-0${{part}}" in SCRIPT
    assert set(re.findall(r"PARTUUID=(\w+)-0[14]", script)) == {signature}
    assert slots == {
        "A": f"/dev/disk/by-partuuid/{signature}-02",
        "B": f"/dev/disk/by-partuuid/{signature}-03",
    }


@pytest.mark.parametrize("name", ["build", "base", "wheels", "customise", "lay-out"])
def test_the_scripts_can_be_read_by_their_shell(name: str) -> None:
    file = IMAGES / name
    shell = file.read_text().splitlines()[0].removeprefix("#!")
    done = subprocess.run([shell, "-n", str(file)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(
    any(shutil.which(tool) is None for tool in ("dtc", "fdtoverlay", "fdtget")), reason="dtc is not here"
)
@pytest.mark.parametrize(
    ("node", "status"), [("serial0", "okay"), ("serial0/bluetooth", "disabled"), ("serial1", "disabled")]
)
def test_the_pins_of_rs_485_have_one_owner(node: str, status: str, tmp_path: Path) -> None:
    """APL-13: Bluetooth would take the full UART, the small one its pins."""
    tree, overlay, whole = (tmp_path / name for name in ("tree.dtb", "hems.dtbo", "whole.dtb"))
    (tmp_path / "tree.dts").write_text(TREE)
    for source, made in ((tmp_path / "tree.dts", tree), (IMAGES / "hems.dts", overlay)):
        words = ["dtc", "-@", "-q", "-I", "dts", "-O", "dtb", "-o", str(made), str(source)]
        subprocess.run(words, check=True)
    subprocess.run(["fdtoverlay", "-i", str(tree), "-o", str(whole), str(overlay)], check=True)
    found = subprocess.run(
        ["fdtget", str(whole), f"/soc/{node}", "status"], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == status
