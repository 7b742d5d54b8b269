"""An installer's rows (PNL-60): what they ask for makes sense to the decoder of the start."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from hems.amendment import amended
from hems.assembly import fitting
from hems.config import parse
from hems.controlled import control_rules
from hems.installed import installed
from hems.model.intents import Install, ProveLines, ProveRelay, SetClock, SetNetwork, SetTariff
from hems.model.settings import TariffChoice
from hems.model.site import Operator
from hems.model.surroundings import Network
from hems.model.view import View
from hems.panel.asks import Asked
from hems.panel.items import Entry, entries, entry
from hems.panel.keys import Key, KeyEvent
from hems.panel.navigator import Patience, State, navigate
from hems.upkeep import network_fault
from tests.panel.views import HOUSE

EXAMPLE = (Path(__file__).resolve().parents[2] / "deploy" / "hems.example.toml").read_text()
CIRCUIT = '\n[[circuit]]\nname = "annex"\nfuse_a = [16, 16, 16]\n[[contact]]\nname = "dim"\npin = 4\n'


def house(text: str = EXAMPLE + CIRCUIT) -> View:
    config = parse(text.encode())
    return replace(HOUSE, installed=installed(config, control_rules(config)))


VIEW = house()
INSTALLS = [
    found.name
    for found in entries(VIEW, "installer")
    if isinstance(found.intent(VIEW, found.opening(VIEW)), Install)
]


def of(name: str, view: View = VIEW) -> Entry:
    found = entry(view, name)
    assert found is not None
    return found


def test_there_is_a_row_for_everything_an_installer_may_change() -> None:
    keys = {found.item.key for found in entries(VIEW, "installer")}
    assert keys == {
        "fuse_l1", "fuse_l2", "fuse_l3", "imbalance", "dim", "provider", "time_zone", "clock",
        "circuit_l1", "circuit_l2",
        "circuit_l3", "mounted", "meter_lines", "charger_lines", "prove_lines", "prove_relay", "relay_test",
        "search", "look", "dhcp", "address", "ssh", "pin", "locked", "restart", "reboot", "rekey", "reset",
        "reset_all",
    }  # fmt: skip


@pytest.mark.parametrize("name", INSTALLS)
def test_every_value_makes_a_file_that_starts_and_is_then_in_force(name: str) -> None:
    """PNL-68, PNL-91."""
    found = of(name)
    values = found.values(VIEW)
    for value in dict.fromkeys((values[0], values[1 % len(values)], values[-1])):
        asked = found.intent(VIEW, value)
        assert isinstance(asked, Install)
        text = amended(EXAMPLE + CIRCUIT, asked.changes)
        fitting(parse(text.encode()))
        assert of(name, house(text)).present(house(text)) == value, name


def test_what_limits_when_is_there_with_a_contact() -> None:
    asked = of(".dim").intent(VIEW, "dim")
    assert isinstance(asked, Install)
    with_dim = house(amended(EXAMPLE + CIRCUIT, asked.changes))
    assert of(".dim_limited", with_dim).present(with_dim) == "open"
    assert of(".dim", with_dim).present(with_dim) == "dim"


ODD = EXAMPLE.replace("main_fuse_a = [25, 25, 25]", "main_fuse_a = [35, 12.5, 8]") + CIRCUIT.replace(
    "[16, 16, 16]", "[16, 7.5, 0]"
)
OPERATED = ODD + '\n[operator]\nsource = "contact"\ncontact = "dim"\nlimited = "closed"\nlimit_w = 3000\n'


@pytest.mark.parametrize("name", [name for name in INSTALLS if "fuse" in name or "circuit" in name])
def test_what_is_installed_is_in_the_range_as_it_is(name: str) -> None:
    """PNL-60, PNL-91: a value that is only looked at is never another one."""
    view = house(ODD)
    found = of(name, view)
    present = found.present(view)
    assert present in found.values(view)
    asked = found.intent(view, present)
    assert isinstance(asked, Install)
    again = house(amended(ODD, asked.changes))
    assert again.installed.main_fuse_a == (35.0, 12.5, 8.0)
    assert again.installed.wiring.circuits == {"annex": (16.0, 7.5, 0.0)}


@pytest.mark.parametrize("name", INSTALLS)
def test_ok_without_a_change_asks_for_nothing(name: str) -> None:
    """PNL-91: no new start, and no other fuse, for a look."""
    ok, now = KeyEvent(Key.OK), VIEW.now
    state, _ = navigate(State(now.mono_s, cursor=name), ok, VIEW, now, Patience())
    state, asks = navigate(state, ok, VIEW, now, Patience())
    assert (state.draft, state.cursor, asks) == (None, name, ())


def test_the_fuse_of_one_line_leaves_the_others() -> None:
    view = house(ODD)
    asked = of("annex.circuit_l2", view).intent(view, 10.0)
    assert isinstance(asked, Install)
    assert house(amended(ODD, asked.changes)).installed.wiring.circuits == {"annex": (16.0, 10.0, 0.0)}


def test_another_contact_leaves_how_it_limits() -> None:
    """PNL-60: and none at all is offered while the operator speaks through an interface."""
    text = OPERATED + '\n[[contact]]\nname = "spare"\npin = 27\n'
    view = house(text)
    asked = of(".dim", view).intent(view, "spare")
    assert isinstance(asked, Install)
    operator = parse(amended(text, asked.changes).encode()).operator
    assert operator == Operator("contact", "spare", "closed", 3000.0)
    none = of(".dim", view).intent(view, "none")
    assert isinstance(none, Install)
    assert parse(amended(text, none.changes).encode()).operator is None
    spoken = house(ODD + '\n[operator]\nsource = "api"\nlimit_w = 3000\n')
    assert entry(spoken, ".dim") is None


def ask(name: str, value: str) -> Asked | None:
    return of(name).intent(VIEW, value)


def test_whose_prices_are_used() -> None:
    """PNL-60: where there is a choice."""
    alone = replace(VIEW.installed, providers=("fixed",))
    assert entry(replace(VIEW, installed=alone), ".provider") is None
    wiring = replace(VIEW.installed.wiring, tariff="awattar-de")
    several = replace(VIEW.installed, providers=("awattar-de", "file"), wiring=wiring)
    view = replace(VIEW, installed=several)
    row = of(".provider", view)
    assert (row.present(view), row.values(view)) == ("awattar-de", ("awattar-de", "file"))
    assert row.intent(view, "file") == SetTariff(True, "file")
    chosen = replace(view, settings=replace(view.settings, tariff=TariffChoice("file", enabled=False)))
    assert (row.present(chosen), row.intent(chosen, "file")) == ("file", SetTariff(False, "file"))


def test_tests_of_a_charger() -> None:
    assert ask("garage.prove_lines", "yes") == ProveLines("garage")
    assert ask("garage.prove_relay", "yes") == ProveRelay("garage")


def test_the_clock_without_a_network() -> None:
    wall = datetime(2026, 12, 1, 8, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    assert ask(".clock", "2026-12-01 08:30") == SetClock(wall)
    assert ask(".clock", "2026-13-01 08:30") is None


def test_the_network() -> None:
    assert ask(".dhcp", "yes") == SetNetwork(ssh=False)
    fixed = ask(".address", "192.168.001.040/24")
    assert fixed == SetNetwork("192.168.1.40/24", "192.168.1.1", ssh=False)
    assert isinstance(fixed, SetNetwork)
    assert network_fault(fixed) == ""
    assert ask(".address", "999.168.001.040/24") is None
    assert ask(".address", "192.168.001.040/99") is None
    assert ask(".ssh", "yes") == SetNetwork(None, ssh=True)


def test_the_address_begins_where_it_is() -> None:
    network = Network({"eth0": ("fe80::1", "192.168.7.9/24")}, ssh=True)
    appliance = replace(VIEW.around.appliance, network=network)
    view = replace(VIEW, around=replace(VIEW.around, appliance=appliance))
    assert of(".address", view).present(view) == "192.168.007.009/24"
    assert of(".ssh", view).present(view) == "yes"
