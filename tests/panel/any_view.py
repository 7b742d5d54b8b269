"""Views of all kinds of houses, for property tests."""

from dataclasses import replace
from typing import get_args

from hypothesis import strategies as st

from hems.model.decision import Command, Decision
from hems.model.settings import MODES, ChargerSettings, Settings
from hems.model.snapshot import ChargerReading, HeatPumpReading, MeterReading, Snapshot, Status
from hems.model.view import (
    Balance,
    BusHealth,
    DeviceHealth,
    FieldHealth,
    Health,
    Installed,
    InstalledCharger,
    View,
)
from hems.model.why import Reason
from tests.panel.views import COUNTERS, NOW, decided

WATTS = st.none() | st.floats(min_value=-99_000, max_value=99_000)
AGES_S = st.floats(min_value=0, max_value=5000)
NAMES = st.sampled_from(["garage", "energy", "home", "settings", "a-very-long-name", "k"])
STEPS_A = st.sampled_from([1.0, 0.5, 0.1, 0.01])

CHARGERS = st.builds(
    InstalledCharger,
    number=st.integers(1, 8),
    min_a=st.sampled_from([6.0, 6.5, 8.0]),
    max_a=st.sampled_from([8.0, 16.0, 32.0, 62.5, 80.0]),
    step_a=STEPS_A,
    relay=st.booleans(),
)

INSTALLATIONS = st.builds(
    Installed,
    site=st.just("site"),
    main_fuse_a=st.tuples(*[st.sampled_from([16.0, 25.0, 200.0])] * 3),
    chargers=st.dictionaries(NAMES, CHARGERS, max_size=3),
    heat_pumps=st.dictionaries(NAMES, st.integers(1, 8), max_size=2),
    pv=st.booleans(),
    battery=st.booleans(),
)

BALANCES = st.builds(Balance, *[WATTS] * 6)

METERS = st.builds(
    MeterReading,
    at_mono_s=AGES_S.map(lambda age_s: NOW.mono_s - age_s),
    power_w=st.just(0.0),
    line_a=st.none() | st.tuples(*[st.floats(min_value=-199, max_value=199)] * 3),
)

CHARGER_READINGS = st.builds(
    ChargerReading,
    at_mono_s=AGES_S.map(lambda age_s: NOW.mono_s - age_s),
    status=st.none() | st.sampled_from(get_args(Status)),
    power_w=st.none() | st.floats(min_value=0, max_value=60_000),
)

HEAT_PUMPS = st.builds(
    HeatPumpReading,
    at_mono_s=AGES_S.map(lambda age_s: NOW.mono_s - age_s),
    operating_state=st.none() | st.integers(0, 65_535),
)

WIRES = st.builds(
    FieldHealth,
    buses=st.dictionaries(
        NAMES,
        st.builds(
            BusHealth,
            stage=NAMES,
            setting=st.just(""),
            load_pct=st.floats(0, 100),
            early=st.integers(0, 10**7),
        ),
        max_size=2,
    ),
    devices=st.dictionaries(
        NAMES,
        st.builds(
            DeviceHealth,
            bus=NAMES,
            errors=st.dictionaries(st.just("crc"), st.integers(0, 10**7)),
            last_good_mono_s=st.none() | AGES_S.map(lambda age_s: NOW.mono_s - age_s),
            back_off_s=st.sampled_from([0.0, 3.0, 60.0, 1800.0]),
        ),
        max_size=6,
    ),
)


@st.composite
def views(draw: st.DrawFn) -> View:
    """Any house in any state."""
    installed = draw(INSTALLATIONS)
    some = st.sets(st.sampled_from(sorted(installed.chargers) or [""]))
    decisions = {
        name: decided(
            draw(st.sampled_from(Reason)),
            draw(st.floats(0, 80)),
            line="L3",
            status="F",
            seconds_left=draw(st.floats(0, 35_999)),
        )
        for name in draw(some)
    }
    settings = {
        name: ChargerSettings(draw(st.sampled_from(MODES)), draw(st.floats(6, 80))) for name in draw(some)
    }
    now = replace(NOW, trusted=draw(st.booleans()))
    return View(
        now=now,
        installed=installed,
        snapshot=Snapshot(
            now,
            grid=draw(st.none() | METERS),
            chargers={name: draw(CHARGER_READINGS) for name in draw(some)},
            heat_pumps=draw(st.dictionaries(NAMES, HEAT_PUMPS, max_size=2)),
        ),
        decision=Decision(decisions, Command(), None),
        settings=Settings(settings),
        balance=draw(BALANCES),
        counters=draw(st.sampled_from([{}, COUNTERS])),
        health=Health(wires=draw(WIRES)),
    )
