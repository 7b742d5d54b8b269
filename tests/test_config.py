"""Installation files: what is accepted, and the one sentence that everything else gets."""

import os
import re
import tomllib
from pathlib import Path

import pytest
from msgspec import NODEFAULT, Struct, convert
from msgspec.structs import fields

from hems.config import load, named, parse
from hems.errors import ConfigError
from hems.model.edges import Buttons, Lights, Panel, Spi
from hems.model.site import (
    UNKNOWN_SITE,
    Bus,
    Charger,
    Charging,
    Circuit,
    Contact,
    Counting,
    HeatPump,
    Load,
    Meter,
    Operator,
    Relay,
    SgReady,
    Site,
    Tariff,
    TariffWindow,
    Vehicle,
    devices,
)
from hems.regrets import warnings

TABLES: dict[str, type[Struct]] = {
    "bus": Bus,
    "circuit": Circuit,
    "meter": Meter,
    "charger": Charger,
    "vehicle": Vehicle,
    "heat_pump": HeatPump,
    "sg_ready": SgReady,
    "load": Load,
    "relay": Relay,
    "contact": Contact,
    "panel.buttons": Buttons,
    "panel.lights": Lights,
    "panel.spi": Spi,
    "tariff.window": TariffWindow,
}
PLAIN: dict[str, type[Struct]] = {
    "site": Site,
    "operator": Operator,
    "panel": Panel,
    "charging": Charging,
    "counting": Counting,
    "tariff": Tariff,
}
NESTED = ("buttons", "lights", "spi", "window")
CHOSEN = ("relay", "role", "charger")
"""Keys whose value in the example is that of its house."""

OFF = re.compile(r"^# (?=\[\[?[a-z_.]+\]\]?$|[a-z_]+ = )")
EXAMPLE = Path(__file__).resolve().parents[1] / "deploy" / "hems.example.toml"

SMALL = """
[site]
name = "Home"
time_zone = "Europe/Berlin"
main_fuse_a = [25, 25, 25]
[[bus]]
name = "a"
port = "/dev/serial/by-path/one"
[[meter]]
name = "grid"
bus = "a"
unit = 1
profile = "eastron-sdm630"
role = "grid"
[[charger]]
name = "garage"
number = 1
bus = "a"
unit = 2
profile = "evse-wb"
relay = "k1"
[[relay]]
name = "k1"
pin = 17
"""


def complaint(text: str) -> str:
    """The one sentence that a text gets."""
    with pytest.raises(ConfigError) as caught:
        parse(text.encode())
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_example_is_a_whole_installation() -> None:
    config = load(EXAMPLE)
    assert [device.name for device in devices(config)] == ["grid", "pv", "car", "garage", "pump"]
    assert config.site.main_fuse_a == (25.0, 25.0, 25.0)
    assert config.charging.start_delay_s == 60.0
    assert warnings(config) == []


def test_the_examples_commented_tables_are_good_too() -> None:
    """A person who removes the signs has a house with everything, without a warning."""
    text = "\n".join(OFF.sub("", line) for line in EXAMPLE.read_text().splitlines())
    config = parse(text.encode())
    assert (len(config.circuits), len(config.vehicles), len(config.loads)) == (1, 1, 1)
    assert config.operator is not None
    assert warnings(config) == []


@pytest.mark.parametrize("table", [*TABLES, "site", "operator", "panel", "charging", "counting", "tariff"])
def test_every_key_is_named_in_the_example(table: str) -> None:
    shape = {**TABLES, **PLAIN}[table]
    sections = re.split(r"^(?:# )?\[\[?([a-z_.]+)\]\]?.*$", EXAMPLE.read_text(), flags=re.MULTILINE)
    text = "".join(body for name, body in zip(sections[1::2], sections[2::2], strict=True) if name == table)
    before = sections[sections.index(table) - 1]
    missing = [
        field.encode_name
        for field in fields(shape)
        if not re.search(rf"\b{field.encode_name} = ", text + before) and field.encode_name not in NESTED
    ]
    assert missing == []


@pytest.mark.parametrize("table", ["site", "charging", "counting", "meter", "charger", "heat_pump", "bus"])
def test_defaults_are_the_documented_ones(table: str) -> None:
    """What a key of the example has, it has too where it is left out."""
    shape = {**TABLES, **PLAIN}[table]
    present = tomllib.loads(EXAMPLE.read_text())[table]
    told = present[0] if isinstance(present, list) else present
    documented = 0
    for field in fields(shape):
        if field.default is not NODEFAULT and field.encode_name in told and field.encode_name not in CHOSEN:
            assert convert(told[field.encode_name], field.type) == field.default, field.name
            documented += 1
    assert documented > 0


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("pin = 17", "pinn = 17", "relay[0].pinn: unknown key; did you mean pin?"),
        ("pin = 17", "pin = 17\nzzz = 1", "relay[0].zzz: unknown key; known are name, pin"),
        ("pin = 17", "", "relay[0].pin: missing; add it"),
        ("pin = 17", "pin = 99", "relay[0].pin: out of range; use 0 to 27"),
        ("pin = 17", 'pin = "17"', "relay[0].pin: is a text in quotes; write a whole number"),
        ('role = "grid"', 'role = "gird"', "meter[0].role: 'gird' is not known; use one of 'battery', '"),
        ('name = "k1"', 'name = "Küche"', "relay[0].name: not a usable name; use 1 to 16 of a-z, 0-9, _"),
        ("[25, 25, 25]", "[25, 25]", "site.main_fuse_a: has 2 values; write 3"),
        ("[25, 25, 25]", "[25, nan, 25]", "site.main_fuse_a[1]: out of range; use 6 to 200"),
        ("[25, 25, 25]", "[25, 25, -1]", "site.main_fuse_a[2]: out of range; use 6 to 200"),
        ("[25, 25, 25]", "25", "site.main_fuse_a: is a whole number; write a list"),
        ("[25, 25, 25]", "[25, 25, = 1", "not valid TOML: Invalid value"),
        ("Europe/Berlin", "Europe/Atlantis", "site.time_zone: 'Europe/Atlantis' is not known; use a nam"),
        ("Europe/Berlin", "../etc/passwd", "site.time_zone: '../etc/passwd' is not known"),
        ('"Home"', '"H\\u001b[31m"', "site.name: empty, or with signs that cannot be shown;"),
        ('"Home"', '""', "site.name: empty, or with signs that cannot be shown;"),
        ('"Home"', '"A house with a long name"', "site.name: too long; write at most 16 characters"),
        ("/dev/serial/by-path/one", "a\\u0000", "bus[0].port: empty, or with signs that no path has;"),
        ("/dev/serial/by-path/one", "", "bus[0].port: empty, or with signs that no path has;"),
        ("unit = 2", "unit = 2\naccept_no_failsafe = 1", "charger[0].accept_no_failsafe: is a whole number;"),
        ("[[bus]]", "[bus]", "bus: write [[bus]] with two brackets"),
        ("[site]", "[[site]]", "site: write [site] with one bracket on each side"),
        ("unit = 2", "unit = 256", "charger[0].unit: out of range; use 1 to 255"),
        ("[site]", "[sites]", "sites: unknown key; did you mean site?"),
        ('bus = "a"\nunit = 2', 'bus = "b"\nunit = 2', "charger[0].bus: no bus is named 'b'; known are a"),
        ("unit = 2", "unit = 1", "charger[0].unit: unit 1 on a is also meter[0]; set one to another"),
        ('name = "garage"', 'name = "grid"', "charger[0].name: 'grid' is also meter[0]; choose another"),
        ('role = "grid"', 'role = "pv"', "meter: no meter has the role 'grid'; the fuse cannot be prote"),
        ('role = "grid"', 'role = "grid"\nlines = ["L1"]', "meter[0].lines: the grid meter must measure"),
        ('role = "grid"', 'role = "grid"\ncharger = "garage"', "meter[0].charger: only a meter with rol"),
        ('role = "grid"', 'role = "grid"\nlines = ["L1", "L1", "L2"]', "meter[0].lines: ['L1', 'L1', 'L"),
        ('relay = "k1"', 'relay = "k2"', "charger[0].relay: no relay is named 'k2'; known are k1"),
        ('relay = "k1"', 'fallback = "on_off"', "charger[0].fallback: 'on_off' needs a relay; name one in"),
        ('relay = "k1"', "min_a = 20", "charger[0].min_a: 20 A is above max_a 16 A; lower it"),
        ('relay = "k1"', "fallback_a = 20", "charger[0].fallback_a: 20 A is above max_a 16 A; lower it"),
        ('relay = "k1"', "lines = []", "charger[0].lines: [] must be one to three different "),
        ("pin = 17", 'pin = 17\n[[relay]]\nname = "k2"\npin = 17', "relay[1].pin: pin 17 is also relay["),
        ("pin = 17", 'pin = 17\n[[relay]]\nname = "k1"\npin = 18', "relay[1].name: 'k1' is also relay[0"),
        ("pin = 17", "pin = 17\n[panel.buttons]\nup = 17\ndown = 1\nok = 2\nback = 3", "panel.buttons.u"),
        ("pin = 17", "pin = 17\n[panel.lights]\ngreen = 4\nred = 17", "panel.lights.red: pin 17 is also"),
        ("pin = 17", "pin = 17\n[panel.spi]\ndata = 17", "panel.spi.data: pin 17 is also relay[0].pin"),
    ],
)  # fmt: skip
def test_every_mistake_gets_one_sentence_with_its_place(old: str, new: str, sentence: str) -> None:
    assert old in SMALL
    assert complaint(SMALL.replace(old, new, 1)).startswith(sentence)


METER = '\n[[meter]]\nname = "{name}"\nbus = "a"\nunit = {unit}\nprofile = "p"\nrole = "{role}"\n{more}'


def test_what_was_copied_twice_is_said_plainly() -> None:
    assert complaint(SMALL + "[panel]\n[panel]\n").startswith(
        "not valid TOML: the table panel is there twice ("
    )
    again = SMALL.replace('name = "garage"\n', 'name = "garage"\nname = "yard"\n')
    assert complaint(again).startswith("not valid TOML: a key is there twice (at line ")


@pytest.mark.parametrize(
    ("tables", "sentence"),
    [
        (
            METER.format(name="g2", unit=9, role="grid", more=""),
            "meter[1].role: meter[0] is grid already; give one of them another role or remove it",
        ),
        (
            METER.format(name="c", unit=9, role="charger", more=""),
            "meter[1].charger: missing; name the charger it",
        ),
        (
            METER.format(name="c", unit=9, role="charger", more='charger = "barn"'),
            "meter[1].charger: no charger is named 'barn'; known are garage",
        ),
        (
            METER.format(name="c", unit=9, role="charger", more='charger = "garage"')
            + METER.format(name="d", unit=10, role="charger", more='charger = "garage"'),
            "meter[2].charger: meter[1] measures it already; remove one",
        ),
        (
            '\n[[charger]]\nname = "yard"\nnumber = 2\nbus = "a"\nunit = 8\nprofile = "p"\nrelay = "k1"\n',
            "charger[1].relay: 'k1' is also charger[0].relay; use another",
        ),
        (
            '\n[[charger]]\nname = "yard"\nnumber = 1\nbus = "a"\nunit = 8\nprofile = "p"\n',
            "charger[1].number: 1 is also charger[0]; choose another",
        ),
        ('\n[[bus]]\nname = "b"\nport = "/dev/serial/by-path/one"\n', "bus[1].port: "),
    ],
)
def test_what_is_there_twice_is_named(tables: str, sentence: str) -> None:
    assert complaint(SMALL + tables).startswith(sentence)


def test_two_pumps_of_one_controller_share_its_address() -> None:
    pump = (
        '\n[[heat_pump]]\nname = "{name}"\nnumber = {n}\nbus = "a"\nunit = 7\nprofile = "p"\nmodule = {n}\n'
    )
    two = SMALL + pump.format(name="one", n=1) + pump.format(name="two", n=2)
    assert len(parse(two.encode()).heat_pumps) == 2
    same = two.replace("module = 2", "module = 1")
    assert complaint(same).startswith("heat_pump[1].unit: unit 7 on a is also heat_pump[0]")


def test_three_modules_of_one_controller_all_differ() -> None:
    pump = (
        '\n[[heat_pump]]\nname = "p{n}"\nnumber = {n}\nbus = "a"\nunit = 7\nprofile = "{key}"\nmodule = {m}\n'
    )
    first, second = pump.format(n=1, m=1, key="p"), pump.format(n=2, m=2, key="p")
    again = pump.format(n=3, m=1, key="p")
    assert complaint(SMALL + first + second + again).startswith("heat_pump[2].unit: unit 7 on a is also heat")
    other = pump.format(n=2, m=2, key="other")
    assert complaint(SMALL + first + other).startswith("heat_pump[1].unit: unit 7 on a is also heat_pump[0]")


def test_the_roles_of_one_hybrid_inverter_share_its_address() -> None:
    """Same bus, unit and profile, another role each; anything else at one address is refused (BUS-8)."""
    meter = '\n[[meter]]\nname = "{name}"\nbus = "a"\nunit = 9\nprofile = "{key}"\nrole = "{role}"\n'
    pv, battery = (meter.format(name=role, role=role, key="h") for role in ("pv", "battery"))
    assert len(parse((SMALL + pv + battery).encode()).meters) == 3
    other = meter.format(name="battery", role="battery", key="other")
    assert complaint(SMALL + pv + other).startswith("meter[2].unit: unit 9 on a is also meter[1]")
    again = meter.format(name="again", role="pv", key="h")
    assert complaint(SMALL + pv + again).startswith("meter[2].unit: unit 9 on a is also meter[1]")
    pump = '\n[[heat_pump]]\nname = "hp"\nnumber = 1\nbus = "a"\nunit = 9\nprofile = "h"\n'
    assert complaint(SMALL + pv + pump).startswith("heat_pump[0].unit: unit 9 on a is also meter[1]")


def test_two_lines_may_not_resolve_to_one_port(tmp_path: Path) -> None:
    """BUS-6: whatever their names."""
    real, alias = tmp_path / "ttyUSB0", tmp_path / "by-path"
    real.touch()
    alias.symlink_to(real)
    first = SMALL.replace("/dev/serial/by-path/one", str(real))
    second = f'\n[[bus]]\nname = "b"\nport = "{alias}"\n'
    assert complaint(first + second) == (
        f"bus[1].port: '{alias}' is the same device as bus[0].port '{real}'; name another"
    )


def test_a_file_that_is_no_toml_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "hems.toml"
    for text, words in (
        (b"[site]\nname = = 3\n", r"not valid TOML: .*\(at line 2, column \d+\); mend that line"),
        (b"[site]\n\xe4 = 1\n", "line 2: not UTF-8; save the file as UTF-8 text"),
        (b"\xef\xbb\xbf \n\n", r"is empty; copy deploy/hems\.example\.toml and change it"),
    ):
        path.write_bytes(text)
        with pytest.raises(ConfigError, match=f"^{path}: {words}$"):
            load(path)


def test_a_complaint_about_a_file_names_the_device_too(tmp_path: Path) -> None:
    path = tmp_path / "hems.toml"
    path.write_text(SMALL.replace("unit = 2", "unit = 1"))
    words = r"charger\[0\] \(garage\)\.unit: unit 1 on a is also meter\[0\] \(grid\); set one to another"
    with pytest.raises(ConfigError, match=f"^{words}$"):
        load(path)
    config = parse(SMALL.encode())
    assert named(config, "meter[1].x: relay[0], bus[0] (a)") == "meter[1].x: relay[0] (k1), bus[0] (a)"


def test_a_file_that_may_not_be_read_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "open", refused)
    (tmp_path / "hems.toml").touch()
    with pytest.raises(ConfigError, match=r"may not be read by this user; give it the right, as with chmod$"):
        load(tmp_path / "hems.toml")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent\.toml: cannot be read \(No such file or directory\)"):
        load(tmp_path / "absent.toml")
    with pytest.raises(ConfigError, match=r"^line 3: not UTF-8"):
        parse(b"[site]\n\n\xff\xfe")


def test_a_file_that_is_no_installation_is_refused_whole(tmp_path: Path) -> None:
    """Whatever is named instead of a file: one sentence, no endless reading."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").write_bytes(b"#" * 300_000)
    for name, words in (("", "is no file"), ("pipe", "is no file"), ("large", "is larger than 256 KiB")):
        with pytest.raises(ConfigError, match=words):
            load(tmp_path / name)
    with pytest.raises(ConfigError, match="cannot be read"):
        load(Path("a\0b"))
    with pytest.raises(ConfigError, match="nested without end"):
        parse(b"a=" + b"[" * 200_000)


def test_a_byte_order_mark_does_no_harm() -> None:
    assert parse(b"\xef\xbb\xbf" + SMALL.encode()).site.name == "Home"


FRESH = b'[[bus]]\nname = "a"\nport = "/dev/serial/by-path/one"\n'


def test_a_fresh_card_has_serial_lines_and_nothing_on_them() -> None:
    """PNL-70: the first run begins without a house and without devices."""
    config = parse(FRESH)
    assert config.site is UNKNOWN_SITE
    assert devices(config) == ()


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("[site]", "site: missing; add it as in deploy/hems.example.toml"),
        (
            "[[meter]]",
            "meter: no meter has the role 'grid'; the fuse cannot be protected without one, add it",
        ),
    ],
)
def test_no_device_without_a_house_and_a_grid_meter(table: str, words: str) -> None:
    sections = re.split(r"(?m)^(?=\[)", SMALL)
    assert complaint("".join(text for text in sections if not text.startswith(table))) == words
