"""What an installation is warned of: BUS-6, 86."""

import os
from pathlib import Path

import pytest

from hems.config import parse
from hems.regrets import unplugged, warnings
from tests.test_config import SMALL
from tests.test_wired import WHOLE


@pytest.mark.parametrize(
    ("port", "words"),
    [
        ("/dev/ttyACM1", "bus[0].port: /dev/ttyACM1 may change with the next restart"),
        ("/dev/ttyS0", "bus[0].port: /dev/ttyS0 of a Raspberry Pi has no parity and no clock of its own"),
        (
            "/dev/ttyAMA2",
            "bus[0].adapter: /dev/ttyAMA2 hands over its last characters late; set adapter = 'pl",
        ),
    ],
)
def test_ports_that_ask_for_something(port: str, words: str) -> None:
    """BUS-6, 86: only full UARTs of the processor, and they are named as such."""
    text = SMALL.replace("/dev/serial/by-path/one", port)
    assert warnings(parse(text.encode()))[0].startswith(words)
    told = text.replace(f'port = "{port}"', f'port = "{port}"\nadapter = "pl011"')
    assert not any("adapter" in warning for warning in warnings(parse(told.encode())))


def test_an_adapter_that_is_not_there_is_said_and_no_mistake(tmp_path: Path) -> None:
    """BUS-6, row 28: the service starts without it."""
    config = parse(SMALL.encode())
    assert unplugged(config) == [
        "bus[0].port: /dev/serial/by-path/one is not there now; plug the adapter in, or name the port it "
        "has: ls /dev/serial/by-path shows what is there"
    ]


@pytest.mark.parametrize("path", ["/tmp", "/etc/hostname", "/dev/null"])
def test_what_is_no_serial_port_is_said(path: str) -> None:
    """BUS-6: a directory, a file and another device are no ports."""
    config = parse(SMALL.replace("/dev/serial/by-path/one", path).encode())
    words = "is no serial port; ls /dev/serial/by-path shows what is there"
    assert unplugged(config) == [f"bus[0].port: {path} {words}"]


def test_a_serial_port_is_one() -> None:
    far, near = os.openpty()
    config = parse(SMALL.replace("/dev/serial/by-path/one", os.ttyname(near)).encode())
    assert unplugged(config) == []
    os.close(near)
    os.close(far)


def test_a_port_needs_its_full_path() -> None:
    config = parse(SMALL.replace("/dev/serial/by-path/one", "ttyUSB0").encode())
    words = "is no full path; write /dev/ttyUSB0, or better its /dev/serial/by-path name"
    assert unplugged(config) == [f"bus[0].port: ttyUSB0 {words}"]


def test_a_line_without_devices_is_a_warning() -> None:
    config = parse((SMALL + '\n[[bus]]\nname = "b"\nport = "/dev/serial/by-path/two"\n').encode())
    assert warnings(config) == ["bus[1]: no device is on b; remove it, or name it in a device's bus"]


def test_what_may_be_regretted_is_a_warning() -> None:
    text = SMALL.replace("pin = 17", 'pin = 2\n[panel]\ndisplay = "ssd1306"').replace(
        'relay = "k1"', 'relay = "k1"\nmax_a = 63'
    )
    assert warnings(parse(text.encode())) == [
        "charger[0].max_a: 63 A is above the fuse of 25 A, which holds it lower",
        "relay[0].pin: pin 2 belongs to the display's I2C bus; use another unless that is switched off",
    ]
    assert warnings(parse(SMALL.replace("pin = 17", "pin = 14").encode())) == [
        "relay[0].pin: pin 14 belongs to the on-board serial port; use another unless that is switched off"
    ]


def test_a_port_that_may_change_its_name_is_a_warning() -> None:
    """BUS-6."""
    config = parse(SMALL.replace("/dev/serial/by-path/one", "/dev/ttyUSB0").encode())
    assert warnings(config)[0].startswith("bus[0].port: /dev/ttyUSB0 may change")


def test_a_port_that_may_not_be_looked_at_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError

    config = parse(SMALL.encode())
    monkeypatch.setattr(Path, "stat", refused)
    assert unplugged(config)[0].endswith(" cannot be looked at; give this user the right to")


def regretted(text: str) -> list[str]:
    return warnings(parse(text.encode()))


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("[16, 16, 0]", "[16, 5, 0]", "circuit[1].fuse_a leaves 5 A"),
        ("[20, 20, 20]", "[5, 20, 20]", "circuit[0].fuse_a leaves 5 A"),
        ("[25, 25, 25]", "[25, 25, 25]\npower_limit_w = 1000", "site.power_limit_w leaves 4.35 A"),
    ],
)
def test_a_charger_that_could_never_charge_is_a_warning(old: str, new: str, what: str) -> None:
    """CHG-30, CHG-35: its least current fits nowhere on its path, even while nothing else runs."""
    assert regretted(WHOLE) == []
    words = f"charger[0]: can never charge: {what}, less than min_a 6 A; raise the one or lower the other"
    assert regretted(WHOLE.replace(old, new, 1)) == [words]


def test_imbalance_and_fuses_bind_the_lines_a_charger_has() -> None:
    one = SMALL.replace('relay = "k1"', 'relay = "k1"\nlines = ["L3"]\nmin_a = 8', 1)
    fuses = one.replace("[25, 25, 25]", "[6, 25, 25]\nimbalance_a = 7", 1)
    assert regretted(fuses)[0].startswith(
        "charger[0]: can never charge: site.imbalance_a leaves 7 A, less th"
    )
    assert regretted(fuses.replace('["L3"]', '["L1", "L2", "L3"]'))[0].startswith(
        "charger[0]: can never charge: site.main_fuse_a leaves 6 A, less than min_a 8 A"
    )


def test_a_car_that_could_never_charge_where_it_stands_is_a_warning() -> None:
    text = WHOLE.replace('charger = "garage"', 'charger = "garage"\nmax_a = 7').replace(
        'relay = "k1"\n', 'relay = "k1"\nmin_a = 8\n', 1
    )
    assert regretted(text) == ["vehicle[0].max_a: 7 A is below min_a of garage; it can never charge there"]


def test_what_is_told_twice_or_never_is_a_warning() -> None:
    two = WHOLE + '[[vehicle]]\nname = "up"\ncharger = "garage"\n[[vehicle]]\nname = "van"\n'
    assert regretted(two) == [
        "vehicle[1].charger: vehicle[0] is mostly at garage too and is the one expected there"
    ]
    told = WHOLE.replace('profile = "lambda-eul"', 'profile = "lambda-eul"\nsurplus = "positive"')
    assert regretted(told) == ["heat_pump[0].surplus: sg_ready[0] tells it as well; one of them will do"]
    idle = (
        SMALL[: SMALL.index("[[charger]]")] + '[[relay]]\nname = "k1"\npin = 17\n[operator]\nsource = "api"\n'
    )
    assert regretted(idle) == [
        "relay[0]: nothing uses k1; remove it, or name it where it belongs",
        "operator: there is nothing here that could be limited; remove the table",
    ]


def test_figures_without_a_use_are_warnings() -> None:
    """CHG-12, CHG-80: a battery that is not there, a file by half a path."""
    lost = SMALL + "[charging]\nbattery_buffer_pct = 90\nbattery_support_w = 500\n"
    words = "no meter has the role 'battery'; add it, or remove the key"
    assert regretted(lost) == [
        f"charging.battery_buffer_pct: {words}",
        f"charging.battery_support_w: {words}",
    ]
    there = lost + ('[[meter]]\nname = "store"\nbus = "a"\nunit = 9\nprofile = "sunspec"\nrole = "battery"\n')
    assert regretted(there) == []
    assert regretted(SMALL + '[tariff]\nprovider = "file"\nfile = "tempo.csv"\n') == [
        "tariff.file: tempo.csv is no full path; begin it with /"
    ]


def test_a_charger_that_stands_still_while_limited_is_a_warning() -> None:
    """CHG-50: 8 A on three lines are more than 4,200 W; an unseen pump beside it has its 4,200 W first."""
    limited = SMALL + '[operator]\nsource = "api"\n'
    assert regretted(limited) == []
    words = "W are left for it, its least is 5520 W; lower min_a, or check operator.limit_w"
    more = limited.replace('relay = "k1"', 'min_a = 8\nrelay = "k1"', 1)
    assert regretted(more) == [
        f"charger[0]: a car on 3 of its lines stands still while the grid operator limits: 4200 {words}"
    ]
    seen = '[[heat_pump]]\nname = "pump"\nnumber = 1\nbus = "a"\nunit = 4\nprofile = "lambda-eul"\n'
    assert regretted(more + seen) == []
    relays = "".join(f'[[relay]]\nname = "k{n}"\npin = {n + 3}\n' for n in (2, 3))
    unseen = '[[sg_ready]]\nname = "heat"\nrelays = ["k2", "k3"]\n' + relays
    assert regretted(more + unseen) == [
        f"charger[0]: a car on 3 of its lines stands still while the grid operator limits: 3360 {words}"
    ]


def test_a_relay_of_lines_that_may_drop_under_load_is_a_warning() -> None:
    """CHG-72: the end of the service lets go of all relays; an enabling relay breaks the current first."""
    relay = '[[relay]]\nname = "k2"\npin = 5\n'
    safe = SMALL.replace('relay = "k1"\n', 'relay = "k1"\nlines_relay = "k2"\n', 1) + relay
    assert regretted(safe) == []
    bare = SMALL.replace('relay = "k1"\n', 'lines_relay = "k1"\n', 1)
    assert regretted(bare) == [
        "charger[0].lines_relay: it drops when the service ends, perhaps under load; "
        "let a relay enable the charger, and name it in charger[0].relay"
    ]
