"""PNL-41, 43, 44: what the screens say."""

from dataclasses import replace
from typing import get_args

import pytest

from hems.model.snapshot import ChargerReading, Status
from hems.model.view import View
from hems.model.why import Reason
from hems.panel import readings
from hems.panel.layout import Look, Spot
from tests.panel.views import HOUSE, NOW, charger, decided, extreme, nothing_known, with_charger

STATE_WORDS = {"FREE", "WAIT", "CHARGE", "PAUSE", "FULL", "FAULT", "--"}


def look(view: View, subject: str = "garage", source: str = "grid") -> Look:
    return Look(view, view.now, subject, Spot(cursor=source))


def car(reason: Reason, limit_a: float, reading: ChargerReading) -> str:
    return readings.car_word(look(with_charger(HOUSE, decided(reason, limit_a), reading)))


@pytest.mark.parametrize(
    ("reason", "limit_a", "status", "word"),
    [
        (Reason.NO_CAR, 0.0, "A", "FREE"),
        (Reason.OFF, 0.0, "A", "FREE"),
        (Reason.SURPLUS_LOW, 0.0, "B", "WAIT"),
        (Reason.START_DELAY, 0.0, "B", "WAIT"),
        (Reason.MIN_OFF, 0.0, "B", "WAIT"),
        (Reason.BUDGET, 0.0, "B", "WAIT"),
        (Reason.WAITING_TWO_READINGS, 0.0, "B", "WAIT"),
        (Reason.SURPLUS, 8.0, "B", "WAIT"),
        (Reason.SURPLUS, 8.0, "C", "CHARGE"),
        (Reason.STOP_DELAY, 6.0, "D", "CHARGE"),
        (Reason.LINE_LIMIT, 0.0, "B", "PAUSE"),
        (Reason.WAITING_CHEAP, 0.0, "B", "WAIT"),
        (Reason.CLOCK_UNKNOWN, 0.0, "B", "WAIT"),
        (Reason.PHASE_SWITCH, 0.0, "B", "WAIT"),
        (Reason.METER_LOST, 0.0, "B", "PAUSE"),
        (Reason.OFF, 0.0, "B", "PAUSE"),
        (Reason.CAR_FULL, 6.0, "B", "FULL"),
        (Reason.FAULT, 0.0, "B", "FAULT"),
        (Reason.STUCK_CONTACTOR, 0.0, "C", "FAULT"),
        (Reason.SURPLUS, 8.0, "E", "FAULT"),
        (Reason.SURPLUS, 8.0, "F", "FAULT"),
    ],
)
def test_the_state_of_a_car_is_one_word(reason: Reason, limit_a: float, status: Status, word: str) -> None:
    """PNL-44."""
    assert car(reason, limit_a, charger(status)) == word


def test_every_state_word_is_one_of_six() -> None:
    """PNL-44: at most six letters."""
    words = {
        car(reason, limit_a, charger(status))
        for reason in Reason
        for limit_a in (0.0, 16.0)
        for status in get_args(Status)
    }
    assert words <= STATE_WORDS
    assert max(map(len, words)) <= 6


def test_an_unknown_car_has_no_word() -> None:
    """PNL-41: never a state that is not known."""
    assert car(Reason.FAST, 16.0, replace(charger(), status=None)) == "--"
    assert car(Reason.FAST, 16.0, charger(age_s=12.1)) == "--"
    assert readings.car_word(look(nothing_known(HOUSE))) == "--"


@pytest.mark.parametrize(
    ("age_s", "power", "age"),
    [(0.6, "11.0kW", ""), (3.0, "11.0kW", ""), (8.4, "11.0kW", "8 s old"), (12.1, "--", "")],
)
def test_old_values_show_their_age_and_stale_ones_nothing(age_s: float, power: str, age: str) -> None:
    """PNL-41."""
    view = with_charger(HOUSE, decided(Reason.FAST, 16.0), charger(age_s=age_s))
    assert readings.car_power(look(view)) == power
    assert readings.car_age(look(view)) == age


def test_home_says_the_direction_in_words() -> None:
    """PNL-43, 82."""

    def said(source: str, watts: float | None) -> str:
        balance = replace(
            HOUSE.balance,
            grid_w=watts,
            pv_w=watts,
            ev_w=watts,
            heat_pump_w=watts,
            battery_w=watts,
            home_w=watts,
        )
        installed = replace(HOUSE.installed, battery=True)
        seen = look(replace(HOUSE, balance=balance, installed=installed), source=source)
        return f"{readings.source_word(seen)} {readings.source_direction(seen)}".strip()

    assert said("grid", 3240.0) == "GRID buys"
    assert said("grid", -3240.0) == "GRID sells"
    assert said("pv", 1840.0) == "SOLAR gives"
    assert said("car", 4120.0) == "CAR takes"
    assert said("heat_pump", 620.0) == "HEAT P. takes"
    assert said("battery", 500.0) == "BATTERY gives"
    assert said("battery", -500.0) == "BATTERY takes"
    assert said("home", 340.0) == "HOUSE takes"
    assert said("grid", 0.3) == "GRID"
    assert said("grid", None) == "GRID"


def test_only_what_is_installed_is_a_source() -> None:
    """PNL-40."""
    assert [source.key for source in readings.sources(HOUSE)] == ["grid", "pv", "car", "heat_pump", "home"]
    bare = replace(HOUSE.installed, chargers={}, heat_pumps={}, pv=False)
    assert [source.key for source in readings.sources(replace(HOUSE, installed=bare))] == ["grid", "home"]
    assert readings.shown(look(replace(HOUSE, installed=bare), source="car")).key == "grid"


def test_home_shows_three_small_powers_of_what_there_is() -> None:
    """PNL-43."""
    powers = [readings.small_power(place, 10)(look(HOUSE)) for place in range(5)]
    assert powers == ["PV  1.84kW", "Car 4.12kW", "HP    620W", "Use   340W", ""]


def test_a_charging_battery_has_a_sign_where_there_is_no_word() -> None:
    """PNL-82."""
    view = extreme(HOUSE)
    assert readings.small_power(3, 10)(look(view)) == "Bat-12.3kW"


def test_the_line_with_least_room() -> None:
    """PNL-43: magnitude against its own fuse, also when it exports."""

    def tightest(fuses: tuple[float, float, float], amperes: tuple[float, float, float]) -> str:
        assert HOUSE.snapshot.grid
        grid = replace(HOUSE.snapshot.grid, line_a=amperes)
        installed = replace(HOUSE.installed, main_fuse_a=fuses)
        view = replace(HOUSE, installed=installed, snapshot=replace(HOUSE.snapshot, grid=grid))
        return readings.tightest_line(look(view))

    assert tightest((25.0, 25.0, 25.0), (9.4, 21.8, -3.1)) == "L2 22/25 A"
    assert tightest((25.0, 25.0, 25.0), (9.4, 21.8, -23.1)) == "L3 23/25 A"
    assert tightest((16.0, 35.0, 35.0), (9.4, 21.8, -3.1)) == "L1 9/16 A"


def test_lines_of_a_stale_meter_are_unknown() -> None:
    """PNL-41."""
    assert HOUSE.snapshot.grid
    for grid in (
        None,
        replace(HOUSE.snapshot.grid, line_a=None),
        replace(HOUSE.snapshot.grid, at_mono_s=NOW.mono_s - 12.1),
    ):
        view = replace(HOUSE, snapshot=replace(HOUSE.snapshot, grid=grid))
        assert readings.tightest_line(look(view)) == "L? --/25 A"


def test_the_age_of_the_grid_stands_beside_the_grid_only() -> None:
    """PNL-41."""
    view = extreme(HOUSE)
    assert readings.grid_age(look(view)) == "9 s old"
    assert readings.grid_age(look(view, source="pv")) == ""
    assert readings.grid_age(look(nothing_known(HOUSE))) == ""


def test_the_reason_is_the_text_of_the_code() -> None:
    """PNL-44, CHG-1."""
    assert readings.car_reason(look(HOUSE)) == "fuse L2 holds 16 A"
    waiting = with_charger(HOUSE, decided(Reason.START_DELAY, 0.0, seconds_left=42.0), charger("B"))
    assert readings.car_reason(look(waiting)) == "starts in 0:42"
    assert readings.car_reason(look(nothing_known(HOUSE))) == "no decision yet"


def test_a_current_is_whole_where_the_charger_steps_whole_amperes() -> None:
    whole, tenths = readings.set_current(whole=True), readings.set_current(whole=False)
    assert [whole(look(HOUSE)), tenths(look(HOUSE))] == ["16", ""]
    assert [whole(look(HOUSE, "carport")), tenths(look(HOUSE, "carport"))] == ["", "7.4"]
    assert whole(look(nothing_known(HOUSE))) == "--"


def test_todays_energies_come_from_the_counters() -> None:
    assert readings.today("grid_import")(look(HOUSE)) == "8.42 kWh"
    assert readings.today("nothing")(look(HOUSE)) == "--"
    assert readings.cars_today(look(HOUSE)) == "9.80 kWh"
    one_missing = {key: value for key, value in HOUSE.counters.items() if not key.startswith("ev2")}
    assert readings.cars_today(look(replace(HOUSE, counters=one_missing))) == "--"
    assert [readings.car_today(look(HOUSE)), readings.car_time(look(HOUSE))] == ["5.20kWh", "1:12"]
    assert readings.car_time(look(HOUSE, "carport")) == ""


def test_cycles_are_found_by_the_pumps_number() -> None:
    """CNT-4: nothing is found by position or by a name made of display text."""
    heating = readings.cycles("heating", "total", 6)
    assert heating(look(HOUSE, "lambda")) == "12,345"
    assert heating(look(HOUSE, "another")) == "--"


@pytest.mark.parametrize(("code", "word"), [(0, "STANDBY"), (1, "HEATING"), (5, "DEFROST"), (77, "CODE 77")])
def test_the_pumps_own_state(code: int, word: str) -> None:
    pump = replace(HOUSE.snapshot.heat_pumps["lambda"], operating_state=code)
    view = replace(HOUSE, snapshot=replace(HOUSE.snapshot, heat_pumps={"lambda": pump}))
    assert readings.heat_pump_state(look(view, "lambda")) == word
    stale = replace(pump, at_mono_s=NOW.mono_s - 13)
    view = replace(HOUSE, snapshot=replace(HOUSE.snapshot, heat_pumps={"lambda": stale}))
    assert readings.heat_pump_state(look(view, "lambda")) == "--"
    assert readings.heat_pump_state(look(view, "another")) == "--"
