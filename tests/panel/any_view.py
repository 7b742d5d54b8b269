"""Views of all kinds of houses, for property tests; their settings are such as the rules would keep."""

from dataclasses import replace
from datetime import UTC, timedelta
from typing import get_args

from hypothesis import strategies as st

from hems.core.repair import completed
from hems.core.rules import ChargerRules, Rules, VehicleRules
from hems.core.tariff import TariffRules
from hems.model.alarm import Alarm, AlarmCode, PastAlarm
from hems.model.decision import ChargerDecision, Command, Decision, Dim
from hems.model.plans import Plan
from hems.model.prices import Outlook, Rated, Slot
from hems.model.settings import MODES, Boost, ChargerSettings, Settings, Target, VehicleSettings
from hems.model.snapshot import (
    BatteryReading,
    ChargerReading,
    HeatPumpReading,
    MeterReading,
    Snapshot,
    Status,
)
from hems.model.surroundings import Appliance, Network, Release, Surroundings
from hems.model.view import (
    Balance,
    BusHealth,
    DeviceHealth,
    FieldHealth,
    FoundDevice,
    Health,
    Installed,
    InstalledCharger,
    InstalledVehicle,
    SearchHealth,
    View,
)
from hems.model.why import Reason
from tests.panel.views import COUNTERS, NOW, START, decided

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
    switchable=st.booleans(),
)

INSTALLATIONS = st.builds(
    Installed,
    site=st.just("site"),
    main_fuse_a=st.tuples(*[st.sampled_from([16.0, 25.0, 200.0])] * 3),
    chargers=st.dictionaries(NAMES, CHARGERS, max_size=3),
    heat_pumps=st.dictionaries(NAMES, st.integers(1, 8), max_size=2),
    pv=st.booleans(),
    battery=st.booleans(),
    vehicles=st.dictionaries(
        NAMES, st.builds(InstalledVehicle, st.floats(1000, 250_000), st.just("") | NAMES), max_size=3
    ),
    prices=st.booleans(),
    off_peak=st.booleans(),
)

MOMENTS = st.timedeltas(timedelta(days=-9), timedelta(days=300)).map(
    lambda ahead: START.astimezone(UTC) + ahead
)

TARGETS = st.builds(
    Target,
    MOMENTS,
    st.floats(0, 100),
    st.none() | st.floats(1, 250_000),
    st.sets(st.integers(1, 7)).map(tuple),
)

BOOSTS = st.builds(Boost, st.none() | MOMENTS, st.floats(60, 28_800), st.none()) | st.builds(
    Boost, st.none() | MOMENTS, st.none(), st.floats(1, 250_000)
)

ORDERS = st.builds(
    ChargerSettings,
    st.sampled_from(MODES),
    st.floats(6, 80),
    target=st.none() | TARGETS,
    cheap=st.booleans(),
    cheap_pct=st.floats(0, 100),
    off_peak=st.booleans(),
    vehicle=st.just("") | NAMES,
    lines=st.sampled_from([None, 1, 3]),
    boost=st.none() | BOOSTS,
)

VEHICLES = st.builds(
    VehicleSettings, st.none() | st.floats(0, 100), st.none() | MOMENTS, st.none() | st.floats(1000, 250_000)
)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """A plan of some pieces, some of them touching."""
    start = draw(MOMENTS)
    lengths = draw(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 600)), max_size=5))
    slots = []
    for gap_min, length_min in lengths:
        start += timedelta(minutes=gap_min)
        end = start + timedelta(minutes=length_min)
        slots.append(Slot(start, end, draw(st.none() | st.floats(-1, 1))))
        start = end
    assumed = draw(st.sampled_from([(), ("level",), ("level", "capacity")]))
    return Plan(start, start, draw(st.floats(0, 250_000)), 11_000.0, tuple(slots), assumed)


def rules_of(installed: Installed) -> Rules:
    """The rules of such a house, as far as orders depend on them."""
    cheap = ("off_peak",) if installed.off_peak else ("never",)
    return Rules(
        installed.main_fuse_a,
        {
            name: ChargerRules(
                number=one.number,
                min_a=one.min_a,
                max_a=one.max_a,
                step_a=one.step_a,
                switchable=one.switchable,
            )
            for name, one in installed.chargers.items()
        },
        vehicles={
            name: VehicleRules(one.capacity_wh, charger=one.charger)
            for name, one in installed.vehicles.items()
        },
        tariff=TariffRules("file" if installed.prices else "static", otherwise="off_peak", cheap=cheap),
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

BATTERIES = st.builds(
    BatteryReading,
    at_mono_s=AGES_S.map(lambda age_s: NOW.mono_s - age_s),
    power_w=WATTS,
    level_pct=st.none() | st.floats(0, 100),
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


COUNTED_NAMES = [
    *("hp1.heating", "hp8.energy_thermal.unattributed", "hp1.cop.all", "hp2.run_time_s", "hp1.coverage_pct"),
    *("site.home.all", "site.grid_cost.a_very_long_tariff", "site.battery_charge.all", "ev1.energy.solar"),
    *("ev8.contactor", "relay.a-very-long-name", "quite.new", "ev1.charge_time_s", "ev1.cost.all"),
]
PERIODS = ("total", "daily", "yesterday", "2h", "4h", "monthly", "yearly")
COUNTED = st.dictionaries(
    st.tuples(
        st.sampled_from(COUNTED_NAMES),
        st.sampled_from(PERIODS),
    ).map(".".join),
    st.none() | st.integers(0, 10**9),
    max_size=12,
)
"""Some counters, some of their periods."""

ALARMS = st.builds(
    Alarm,
    st.sampled_from(AlarmCode),
    st.just("") | NAMES | st.just("a-very-long-name.L1"),
    st.none() | MOMENTS,
    st.floats(0, 1000),
    holds=st.booleans(),
    seen=st.booleans(),
    latched=st.booleans(),
    figures=st.just({"status": "F", "line": "L2", "current_a": 228.4, "fuse_a": 200.0}),
)

TEXTS = st.sampled_from(["", "1.4.0", "a-text-of-any-length " * 3])

APPLIANCES = st.builds(
    Appliance,
    running=st.builds(Release, TEXTS, st.sampled_from(["", "A", "B"]), TEXTS),
    previous=st.none() | st.builds(Release, TEXTS, st.sampled_from(["", "A"])),
    proven_s=st.none() | st.floats(0, 1e10),
    restarts=st.integers(0, 10**6),
    started_by=st.sampled_from(["", "cut", "stopped", "first start", "some other reason"]),
    offered=st.just("") | TEXTS,
    serial=TEXTS,
    uptime_s=st.floats(0, 1e9),
    network=st.builds(
        Network,
        st.dictionaries(NAMES, st.tuples(st.sampled_from(["192.168.100.200", "f" * 39])), max_size=3),
        TEXTS,
        st.booleans(),
        st.sampled_from(["", "SHA256:" + "x" * 43]),
    ),
    clock=st.sampled_from(["", "network", "nobody"]),
)

SEARCHES = st.builds(
    SearchHealth,
    NAMES,
    st.sampled_from(["live", "full"]),
    st.booleans(),
    st.integers(0, 9999),
    st.integers(0, 9999),
    st.floats(0, 9999),
    st.integers(0, 247),
    st.lists(
        st.builds(
            FoundDevice,
            st.sampled_from(["9600 8N1", "115200 8E1", "38400 8E1 ASCII"]),
            st.integers(1, 247),
            st.sampled_from(["sure", "likely", "unknown"]),
            st.lists(TEXTS, max_size=1).map(tuple),
        ),
        max_size=5,
    ).map(tuple),
)


@st.composite
def outlooks(draw: st.DrawFn) -> Outlook:
    """Prices of some slots, all of one length, or none any more."""
    start, minutes = draw(MOMENTS).replace(minute=0, second=0, microsecond=0), draw(st.sampled_from([15, 60]))
    each = timedelta(minutes=minutes)
    prices = draw(st.lists(st.none() | st.floats(-1, 9.9), max_size=40))
    slots = tuple(Rated(start + i * each, start + (i + 1) * each, price) for i, price in enumerate(prices))
    return Outlook("any", slots, draw(st.none() | MOMENTS))


@st.composite
def decided_somehow(draw: st.DrawFn) -> ChargerDecision:
    """A decision for any reason; a boost may count energy down."""
    reason = draw(st.sampled_from(Reason))
    left = "energy_left_wh" if reason is Reason.MANUAL_BOOST and draw(st.booleans()) else "seconds_left"
    figures: dict[str, float | str] = {"line": "L3", "status": "F", "doing": "running"}
    figures[left] = draw(st.floats(0, 35_999))
    decision = decided(reason, draw(st.floats(0, 80)), **figures)
    return replace(decision, plan=draw(st.none() | plans()), need_wh=draw(st.none() | st.floats(0, 250_000)))


@st.composite
def views(draw: st.DrawFn) -> View:
    """Any house in any state."""
    installed = draw(INSTALLATIONS)
    some = st.sets(st.sampled_from(sorted(installed.chargers) or [""]))
    decisions = {name: draw(decided_somehow()) for name in draw(some)}
    told = Settings(
        {name: draw(ORDERS) for name in draw(some)},
        vehicles=draw(st.dictionaries(NAMES, VEHICLES, max_size=3)),
    )
    now = replace(NOW, trusted=draw(st.booleans()))
    alarms = draw(st.lists(ALARMS, max_size=3, unique_by=lambda alarm: alarm.name))
    dim = draw(st.none() | st.builds(Dim, st.booleans(), st.floats(0, 99_000)))
    installed = replace(
        installed,
        imbalance_a=draw(st.none() | st.floats(6, 200)),
        car_first_pct=draw(st.floats(0, 100)),
        battery_first_pct=draw(st.floats(0, 100)),
        reaction_s=draw(st.dictionaries(NAMES, st.floats(0.5, 2.0), max_size=2)),
        rated=draw(st.dictionaries(st.just("ev8.contactor"), st.integers(1000, 10**8))),
    )
    return View(
        now=now,
        installed=installed,
        snapshot=Snapshot(
            now,
            grid=draw(st.none() | METERS),
            chargers={name: draw(CHARGER_READINGS) for name in draw(some)},
            heat_pumps=draw(st.dictionaries(NAMES, HEAT_PUMPS, max_size=2)),
            battery=draw(st.none() | BATTERIES),
        ),
        decision=Decision(decisions, Command(), None, dim=dim, outlook=draw(outlooks())),
        settings=completed(rules_of(installed), told).settings,
        balance=draw(BALANCES),
        counters=draw(st.sampled_from([{}, COUNTERS]) | COUNTED),
        health=Health(wires=replace(draw(WIRES), search=draw(st.none() | SEARCHES))),
        alarms=tuple(alarms),
        around=Surroundings(appliance=draw(APPLIANCES)),
        past_alarms=tuple(PastAlarm(alarm, alarm.since) for alarm in alarms),
        since={"hp1.heating": draw(st.none() | MOMENTS)},
    )
