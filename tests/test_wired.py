"""What refers to what: every mistake gets one sentence with its place and the remedy (CHG-30, 36, 50)."""

import pytest

from hems.config import named, parse
from hems.errors import ConfigError
from hems.model.site import Config
from tests.test_config import SMALL

WHOLE = (
    SMALL.replace(
        'relay = "k1"\n', 'relay = "k1"\nlines_relay = "k2"\nrelay_test = true\ncircuit = "yard"\n', 1
    )
    + """
[[heat_pump]]
name = "pump"
number = 1
bus = "a"
unit = 4
profile = "lambda-eul"
[[meter]]
name = "annex"
bus = "a"
unit = 8
profile = "eastron-sdm630"
role = "circuit"
circuit = "annex"
[[circuit]]
name = "annex"
fuse_a = [20, 20, 20]
[[circuit]]
name = "yard"
fuse_a = [16, 16, 0]
parent = "annex"
[[vehicle]]
name = "zoe"
charger = "garage"
[[load]]
name = "boiler"
relay = "k3"
power_w = 2000
[[sg_ready]]
name = "heat"
relays = ["k4", "k5"]
heat_pump = "pump"
[[contact]]
name = "dim"
pin = 22
[[contact]]
name = "hc"
pin = 23
[operator]
source = "contact"
contact = "dim"
[tariff]
provider = "contact"
contact = "hc"
"""
    + "".join(f'[[relay]]\nname = "k{n}"\npin = {n + 3}\n' for n in range(2, 6))
)


def complaint(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        parse(text.encode())
    assert "\n" not in str(caught.value)
    return str(caught.value)


def whole() -> Config:
    return parse(WHOLE.encode())


def test_a_house_with_everything_is_accepted() -> None:
    config = whole()
    assert [circuit.parent for circuit in config.circuits] == ["", "annex"]
    assert named(config, "circuit[1].parent, vehicle[0], load[0].relay, sg_ready[0].relays[1]") == (
        "circuit[1] (yard).parent, vehicle[0] (zoe), load[0] (boiler).relay, sg_ready[0] (heat).relays[1]"
    )


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('parent = "annex"', 'parent = "attic"', "circuit[1].parent: no circuit is named 'attic'; known are"),
        ('parent = "annex"', 'parent = "yard"', "circuit[1].parent: yard hangs on itself; name the circuit "),
        ('0, 20]\n', '0, 20]\nparent = "yard"\n', "circuit[0].parent: annex hangs on itself; name the circu"),
        ('name = "yard"', 'name = "annex"', "circuit[1].name: 'annex' is also circuit[0]; choose another"),
        ("[16, 16, 0]", "[16, 16, -1]", "circuit[1].fuse_a[2]: out of range; use 0 to 200"),
        ('circuit = "yard"', 'circuit = "attic"', "charger[0].circuit: no circuit is named 'attic'; known a"),
        ('\ncircuit = "annex"', "", "meter[1].circuit: missing; name the circuit it measures"),
        ('\ncircuit = "annex"', '\ncircuit = "attic"', "meter[1].circuit: no circuit is named 'attic'; know"),
        ('\ncircuit = "annex"', '\ncircuit = "annex"\nlines = ["L1"]', "meter[1].lines: the meter of a circ"),
        ('role = "grid"', 'role = "grid"\ncircuit = "annex"', "meter[0].circuit: only a meter with role 'ci"),
        ('lines_relay = "k2"', 'lines_relay = "k1"', "charger[0].lines_relay: 'k1' is also charger[0].relay"),
        ('lines_relay = "k2"', 'lines_relay = "k9"', "charger[0].lines_relay: no relay is named 'k9'; known"),
        ("unit = 2", 'unit = 2\nlines = ["L2"]', "charger[0].lines_relay: only a charger on three lines can"),
        ('relay = "k1"\n', "", "charger[0].relay_test: there is no relay to test; name one in charger[0].re"),
        ('charger = "garage"', 'charger = "barn"', "vehicle[0].charger: no charger is named 'barn'; known a"),
        ("[[vehicle]]", '[[vehicle]]\nname = "zoe"\n[[vehicle]]', "vehicle[1].name: 'zoe' is also vehicle[0"),
        ('relay = "k3"', 'relay = ""', "load[0].relay: missing; name the relay that switches it"),
        ('relay = "k3"', 'relay = "k1"', "load[0].relay: 'k1' is also charger[0].relay; use another"),
        ('relay = "k3"', 'relay = "k3"\nlines = []', "load[0].lines: [] must be one to three di"),
        ('relay = "k3"', 'relay = "k3"\nlines = ["L1", "L1"]', "load[0].lines: ['L1', 'L1'] must be one to "),
        ('["k4", "k5"]', '["k4", "k4"]', "sg_ready[0].relays[1]: 'k4' is also sg_ready[0].relays[0]; use an"),
        ('["k4", "k5"]', '["k4", ""]', "sg_ready[0].relays[1]: missing; name the relay of contact 2"),
        ('["k4", "k5"]', '["k4"]', "sg_ready[0].relays: has 1 value; write 2"),
        ('heat_pump = "pump"', 'heat_pump = "hp"', "sg_ready[0].heat_pump: no heat pump is named 'hp'; know"),
        ('name = "heat"', 'name = "pump"', "sg_ready[0].name: 'pump' is also heat_pump[0]; choose another"),
        ('name = "heat"', 'name = "heat"\nforced_w = 2000', "sg_ready[0].forced_w: 2000 W is below recommen"),
        (
            "[[sg_ready]]",
            '[[sg_ready]]\nname = "two"\nrelays = ["k4", "k5"]\nheat_pump = "pump"\n[[sg_ready]]',
            "sg_ready[1].heat_pump: 'pump' is also sg_ready[0]; choose another",
        ),
        ('contact = "dim"', 'contact = "hc"', "operator.contact: 'hc' is also tariff.contact; every wire ha"),
        ('contact = "dim"', 'contact = "x"', "operator.contact: no contact is named 'x'; known are dim, hc"),
        ('contact = "dim"', "", "operator.contact: missing; name the contact that the grid operator opens"),
        ('source = "contact"', 'source = "api"', "operator.contact: not used by 'api'; remove it, or choose"),
        (
            "[operator]",
            "[charging]\nbattery_priority_pct = 50\nbattery_buffer_pct = 50\n[operator]",
            "charging.battery_priority_pct: 50 % is not below battery_buffer_pct 50 %; lower it",
        ),
    ],
)  # fmt: skip
def test_every_mistake_gets_one_sentence_with_its_place(old: str, new: str, sentence: str) -> None:
    assert old in WHOLE
    assert complaint(WHOLE.replace(old, new, 1)).startswith(sentence)


def test_a_circuit_has_one_meter() -> None:
    """CHG-30."""
    meter = WHOLE[WHOLE.index('[[meter]]\nname = "annex"') : WHOLE.index("[[circuit]]")]
    again = meter.replace('name = "annex"', 'name = "again"').replace("unit = 8", "unit = 9")
    assert complaint(WHOLE + again) == "meter[2].circuit: meter[1] measures it already; remove one"


def test_a_long_ring_of_circuits_is_found_from_any_of_them() -> None:
    ring = "".join(
        f'[[circuit]]\nname = "c{n}"\nfuse_a = [16, 16, 16]\nparent = "c{(n + 1) % 4}"\n' for n in range(4)
    )
    below = '[[circuit]]\nname = "leaf"\nfuse_a = [16, 16, 16]\nparent = "c2"\n'
    assert complaint(SMALL + below + ring) == (
        "circuit[1].parent: c0 hangs on itself; name the circuit that feeds it"
    )


def test_an_operator_without_a_wire_needs_none() -> None:
    """CHG-121."""
    text = SMALL + '[operator]\nsource = "api"\nlimit_w = 6000\n'
    operator = parse(text.encode()).operator
    assert operator is not None
    assert (operator.source, operator.contact, operator.limit_w) == ("api", "", 6_000.0)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ('tcp = "2223"', "api.tcp: '2223' is no address and port; write them as '127.0.0.1:2223'"),
        (
            'tls = "localhost:2222"',
            "api.tls: 'localhost:2222' is no address and port; write them as '[::]:2222'",
        ),
        ('tcp = "192.168.1.9:2223"', "api.tcp: 192.168.1.9 is reached from the network, and nobody logs in"),
        ('tcp = "0.0.0.0:2223"', "api.tcp: 0.0.0.0 is reached from the network, and nobody logs in there"),
        ('tcp = "[::]:2223"', "api.tcp: :: is reached from the network, and nobody logs in there; use 127"),
        ('tcp = "127.0.0.1:2222"\ntls = "[::]:2222"', "api.tls: port 2222 is also api.tcp; choose another"),
    ],
)
def test_a_door_without_a_login_is_for_this_machine_alone(keys: str, words: str) -> None:
    """API-10."""
    with pytest.raises(ConfigError) as error:
        parse(f"{SMALL}[api]\n{keys}\n".encode())
    assert str(error.value).startswith(words)


def test_a_door_may_be_open_everywhere_or_nowhere() -> None:
    """API-10."""
    api = parse(f'{SMALL}[api]\ntcp = "[::1]:2223"\ntls = "0.0.0.0:2222"\n'.encode()).api
    assert (api.tcp, api.tls, api.socket) == ("[::1]:2223", "0.0.0.0:2222", "/run/hems/hems.sock")
    assert parse(f'{SMALL}[api]\nsocket = ""\n'.encode()).api.socket == ""
