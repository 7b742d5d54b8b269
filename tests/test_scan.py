"""What a person reads of a search: the table and the piece of hems.toml (BUS-70, 74)."""

import json
import select
import signal
import subprocess
import sys
import tomllib

from hems.config import parse
from hems.demo import BEGINS_AT
from hems.field.naming import Verdict
from hems.field.profiles import PROFILES
from hems.field.scan import Found
from hems.field.setting import SETTINGS
from hems.scan import as_row, describe, fragment
from hems.sim.desk_link import HouseProcess
from hems.sim.scene import demo_house

PLAIN = SETTINGS[0]
FOUND = (
    Found(PLAIN, 1, Verdict("likely", ("eastron-sdm630", "eastron-sdm72dm-v2"))),
    Found(PLAIN, 2, Verdict("likely", ("heidelberg-energy-control",)), "two devices with this id?"),
    Found(PLAIN, 3, Verdict("likely", ("eastron-sdm72dm-v2",))),
    Found(PLAIN, 4, Verdict("sure", ("sunspec",))),
    Found(PLAIN, 5, Verdict("likely", ("lambda-eul",))),
    Found(PLAIN, 9, Verdict("unknown")),
)
SITE = '[site]\nname = "House"\ntime_zone = "Europe/Berlin"\nmain_fuse_a = [25, 25, 25]\n'


def test_the_piece_of_configuration_is_a_valid_one() -> None:
    """What is sure enough stands as it must; what needs a person stands as a comment."""
    text = "\n".join(fragment("/dev/serial/by-path/a", FOUND, PROFILES))
    config = parse((SITE + text).encode())
    assert [(meter.unit, meter.role) for meter in config.meters] == [(1, "grid"), (4, "pv")]
    assert [charger.unit for charger in config.chargers] == [2]
    assert [pump.unit for pump in config.heat_pumps] == [5]
    assert '# role = "…"  # grid, pv, battery or charger' in text
    assert "# unit 9: answers, but is no known product" in text
    assert "# or eastron-sdm72dm-v2" in text


def test_an_ascii_line_is_written_as_one() -> None:
    ascii_line = next(setting for setting in SETTINGS if setting.framing == "ascii")
    (bus,) = tomllib.loads(
        "\n".join(fragment("p", [Found(ascii_line, 1, Verdict("likely", ("abl-emh",)))], PROFILES))
    )["bus"]
    assert (bus["framing"], bus["baud"], bus["parity"]) == ("ascii", 38400, "E")


def test_a_charger_that_keeps_its_current_asks_for_a_relay() -> None:
    text = fragment("p", [Found(PLAIN, 1, Verdict("likely", ("evse-wb",)))], PROFILES)
    assert '# relay = "…"  # it keeps its current when this unit stops' in text


def test_the_table_names_doubts() -> None:
    lines = describe("/dev/ttyAMA2", FOUND, "normal")
    assert lines[0] == "6 devices on /dev/ttyAMA2 at 9600 8N1"
    assert lines[1].split() == ["unit", "1", "likely", "eastron-sdm630", "or", "eastron-sdm72dm-v2"]
    assert lines[2].endswith("two devices with this id?")
    assert "no known product" in lines[6]


def test_nobody_there_is_said_with_the_remedy() -> None:
    first, second = describe("/dev/ttyAMA2", (), "quick")
    assert "is it wired and powered" in first
    assert "--full" in second
    assert "--full" not in describe("/dev/ttyAMA2", (), "full")[1]
    assert "without --quick" in "\n".join(describe("/dev/ttyAMA2", FOUND, "quick"))


def test_the_same_for_machines() -> None:
    row = json.loads(json.dumps(as_row("p", FOUND, "", broken_off=False)))
    assert row["devices"][0]["profiles"] == ["eastron-sdm630", "eastron-sdm72dm-v2"]
    assert row["devices"][1]["words"] == "two devices with this id?"
    assert row["toml"].startswith("# a proposal")


def test_a_port_that_is_not_there_is_one_sentence() -> None:
    outcome = subprocess.run(
        [sys.executable, "-m", "hems", "scan", "/dev/nowhere"], capture_output=True, text=True, check=False
    )
    assert (outcome.returncode, outcome.stdout) == (2, "")
    assert outcome.stderr.startswith("hems: /dev/nowhere: no such file or directory; ls /dev/serial/by-path")


def test_a_search_on_a_real_pseudo_terminal_can_be_broken_off() -> None:
    house = HouseProcess(demo_house(1, "sunny", BEGINS_AT))
    process = subprocess.Popen(
        [sys.executable, "-m", "hems", "scan", house.port, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not house.latest.get("requests"):
        select.select([house.fd], [], [], 5.0)
        house.take()
    process.send_signal(signal.SIGINT)
    said, complained = process.communicate(timeout=10)
    house.stop()
    assert process.returncode == 0
    assert json.loads(said)["broken_off"] is True
    assert "broken off at pair" in complained
    assert "go on with --from" in complained
