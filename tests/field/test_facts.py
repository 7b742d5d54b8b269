"""Profiles against a device-facts document: BUS-67.

The document is no part of the project: ``HEMS_DEVICE_FACTS`` names it, and without it only the parser and
the comparison are tested.
"""

import math
import os
from dataclasses import replace
from pathlib import Path

import pytest

from hems.field.profile import (
    Heartbeat,
    Identify,
    Point,
    Profile,
    Release,
    Setup,
    Surplus,
    Variant,
    Write,
)
from hems.field.profiles import PROFILES
from tests.field.facts import Difference, Row, differences, facts

DOCUMENT = "HEMS_DEVICE_FACTS"
CHAPTERS = {
    "abb-b21": "M07",
    "abb-b23": "M07",
    "abb-terra-ac": "C08",
    "abl-emh": "C02",
    "bernecker-mpm3pm": "M22",
    "bgetech-ws100": "M18",
    "chint-dtsu666": "M11",
    "delta-ac-max": "C15",
    "deye-sg3": "I10",
    "eastron-sdm120": "M04",
    "eastron-sdm230": "M05",
    "eastron-sdm630": "M01",
    "eastron-sdm72dm-v2": "M02",
    "etek-ekepc2": "C18",
    "evse-wb": "C03",
    "finder-7m38": "M24",
    "gavazzi-em112": "M10",
    "gavazzi-em24": "M08",
    "gavazzi-em340": "M09",
    "goodwe-et": "I14",
    "heidelberg-energy-control": "C01",
    "huawei-sun2000": "I15",
    "inepro-pro380": "M12",
    "janitza-umg96rm": "M16",
    "lambda-eul": "H04",
    "lg-therma-v": "H01",
    "lovato-dmg610": "M15",
    "marstek-venus-2": "I17",
    "marstek-venus-3": "I18",
    "mennekes-amtron-compact": "C06",
    "midea-m-thermal": "H03",
    "obo-ion": "C09",
    "orno-we517": "M19",
    "phoenix-ev-cc": "C07",
    "samsung-mim-b19n": "H02",
    "schneider-iem3150": "M13",
    "schneider-iem3155": "M13",
    "schrack-cion": "C10",
    "siemens-pac2200": "M14",
    "solax-evc-g1": "C16",
    "solax-evc-g2": "C16",
    "sungrow-ac011e": "C17",
    "sungrow-sh": "I16",
}
"""The chapter of every profile."""
MODELS = {101: "I01", 102: "I01", 103: "I01", 201: "I02", 202: "I02", 203: "I02", 204: "I02"} | {
    120: "I03",
    124: "I04",
    160: "I05",
    802: "I06",
}
"""The chapters of a published map; the models of one group have the same rows."""

WANTED: dict[tuple[str, str, str], str] = {
    ("abb-terra-ac", "read with function 4", "function"): "disputed: tried when function 3 fails",
    ("bernecker-mpm3pm", "read with function 3", "function"): "disputed: tried when function 4 fails",
    ("bgetech-ws100", "read with function 4", "function"): "disputed: tried when function 3 fails",
    (
        "chint-dtsu666",
        "values not scaled",
        "scale",
    ): "disputed: tried when the voltage is a tenth of what it must be",
    ("lambda-eul", "compressor_rating", "scale"): "the counters keep the raw number",
    ("lambda-eul", "electric_wh", "order"): "the firmware decides: proved by the counter's rise",
    ("lambda-eul", "thermal_wh", "order"): "the firmware decides: proved by the counter's rise",
    ("mennekes-amtron-compact", "low word first", "order"): "disputed: tried when the proof fails",
    ("phoenix-ev-cc", "status", "type"): "two letters in one register are compared as a number",
    ("phoenix-ev-cc", "status by function 4", "function"): "disputed: tried when function 3 fails",
    ("phoenix-ev-cc", "status by function 4", "type"): "two letters in one register are compared as a number",
    ("samsung-mim-b19n", "operating_state", "order"): "on and mode, neighbours, are read as one number",
    ("samsung-mim-b19n", "operating_state", "type"): "on and mode, neighbours, are read as one number",
    ("solax-evc-g1", "total_wh", "order"): "a note of the table: generation 1 sends the high word first",
} | {
    ("sunspec", quantity, f"model {model}"): "the document names the float models without their offsets"
    for models, quantities in (
        ((111, 112, 113), ("line_a", "line_v", "power_w", "frequency_hz", "export_wh")),
        (
            (211, 212, 213, 214),
            ("line_a", "line_v", "line_power_w", "power_w", "frequency_hz", "export_wh", "import_wh"),
        ),
    )
    for model in models
    for quantity in quantities
}
"""What is meant to differ: profile, part and aspect, and the reason."""

SAMPLE = """
## 4. Meters

| Id | Device | Cf | Default serial |
|---|---|---|---|
| M98 | Meter | A | 9600 8N1 |

### M98 A meter (three lines)

| Quantity | FC | Address | Hex | Len | Type | W | Scale | Unit | Acc | Cf | Notes |
|---|---|---|---|---|---|---|---|---|---|---|---|
| voltage_l1..l3 | 3 | 10, 12, 14 | 0x000A, 0x000C, 0x000E | 2 | s32 | L | 0.1 | V | R | A |  |
| power_total | 4 | 20 | 0x0014 | 2 | f32 | H | 1 | kW | R | A | + = import |
| limit | 3 | 30 | 0x001E | 1 | u16 | - | 1/4 | A | RW/6 | A |  |
| beat | 16 | 31 | 0x001F | 1 | bits16 | - | 1 | - | W | B |  |
| on | 1 | 32 | 0x0020 | 1 | bool | - | 1 | - | RW/5 | B |  |
| offer | 3 | 33 | 0x0021 | 2 | s32 | H | 1 | W | RW/16 | B |  |
| name | 3 | 40 | 0x0028 | 6 | string | - | 1 | - | R | A |  |

Quirks:

| Raw | State |
|---|---|
| 1 | A |

### I99 A published map

| Quantity | FC | Address | Hex | Len | Type | W | Scale | Unit | Acc | Cf | Notes |
|---|---|---|---|---|---|---|---|---|---|---|---|
| W | 3 | 14 | 0x000E | 1 | s16 | - | 10^W_SF | W | R | A |  |
| W_SF | 3 | 15 | 0x000F | 1 | sf | - | 1 | - | R | A |  |
| A | 3 | 16 | 0x0010 | 1 | u16 | - | 10^A_SF | A | R | A |  |

## 8. Something else

| W | 3 | 99 | 0x0000 | 1 | s16 | - | 1 | W | R | A |  |
"""
VOLTAGE = Point(
    quantity="line_v", function=3, addresses=(10, 12, 14), wire="s32", order="L", unit="V", scale=0.1
)
POWER = Point(quantity="power_w", function=4, addresses=(20,), wire="f32", unit="kW")
METER = Profile(
    key="meter",
    kind="meter",
    maker="m",
    models=(),
    points=(VOLTAGE, POWER),
    identify=Identify(function=3, address=40, count=6, texts=("M",)),
)
CHARGER = Profile(
    key="charger",
    kind="charger",
    maker="m",
    models=(),
    points=(Point(quantity="released", function=1, addresses=(32,), wire="bool", unit="raw"),),
    write=Write(
        function=6,
        address=30,
        scale_a=0.25,
        step_a=1.0,
        min_a=6.0,
        max_a=16.0,
        refresh_s=10.0,
        release=Release(function=5, address=32),
    ),
    setup=(Setup(what="w", function=6, address=30, value=1),),
    heartbeats=(Heartbeat(function=16, address=31, value=1, every_s=5.0),),
    surplus=Surplus(function=16, address=33, wire="s32", refresh_s=9.0),
)
MAPPED = Point(
    quantity="power_w", function=3, addresses=(14,), wire="s16", unit="W", scale_at=15, models=(103,)
)


def found(profile: Profile, chapter: str = "M98") -> set[tuple[str, str]]:
    return {(row.where, row.aspect) for row in differences(profile, {0: chapter}, facts(SAMPLE))}


def test_a_table_becomes_rows() -> None:
    known = facts(SAMPLE)
    assert set(known) == {"M98", "I99"}
    voltage, *_, name = known["M98"]
    assert voltage == Row(
        name="voltage_l1..l3",
        function=3,
        address=10,
        count=2,
        wire="s32",
        order="L",
        scale=0.1,
        scale_at=None,
        write=None,
    )
    assert [row.address for row in known["M98"]] == [10, 12, 14, 20, 30, 31, 32, 33, 40]
    assert [row.scale for row in known["M98"]][3:5] == [1000.0, 0.25]
    assert [row.write for row in known["M98"]][4:] == [6, 16, 5, 16, None]
    assert (name.wire, name.count) == ("string", 6)
    assert [row.scale_at for row in known["I99"]] == [15, None, None]
    assert math.isnan(known["I99"][2].scale)


def test_addresses_that_disagree_are_a_mistake_of_the_document() -> None:
    with pytest.raises(ValueError, match="20 is not 0x0015"):
        facts(SAMPLE.replace("0x0014", "0x0015"))


def test_a_true_profile_has_no_differences() -> None:
    assert found(METER) == set()
    assert found(CHARGER) == set()
    mapped = replace(METER, points=(MAPPED,), identify=None)
    assert differences(mapped, {103: "I99"}, facts(SAMPLE)) == []


@pytest.mark.parametrize(
    ("point", "aspect"),
    [
        (replace(VOLTAGE, function=4), "function"),
        (replace(VOLTAGE, wire="u32"), "type"),
        (replace(VOLTAGE, order="H"), "order"),
        (replace(VOLTAGE, scale=1.0), "scale"),
        (replace(VOLTAGE, scale_at=16), "scale"),
        (replace(VOLTAGE, addresses=(10, 12, 16)), "address"),
        (replace(VOLTAGE, addresses=(10, 12, 20)), "type"),
    ],
)
def test_each_aspect_of_a_point_is_compared(point: Point, aspect: str) -> None:
    assert ("line_v", aspect) in found(replace(METER, points=(point, POWER)))
    other = Variant(what="other", points=(point,))
    assert ("other", aspect) in found(replace(METER, variants=(other,)))


def test_units_are_part_of_the_scale() -> None:
    assert found(replace(METER, points=(replace(POWER, unit="W"),))) == {("power_w", "scale")}
    assert found(replace(METER, points=(replace(POWER, unit="W", scale=1000.0),))) == set()


def test_a_model_without_chapter_is_said() -> None:
    mapped = replace(METER, points=(replace(MAPPED, models=(103, 113)),), identify=None)
    assert differences(mapped, {103: "I99"}, facts(SAMPLE)) == [
        Difference("meter", "power_w", "model 113", "has no chapter")
    ]


def test_each_aspect_of_what_is_written_is_compared() -> None:
    assert CHARGER.write is not None
    assert CHARGER.surplus is not None
    write, surplus, setup = CHARGER.write, CHARGER.surplus, CHARGER.setup[0]
    wrong: dict[tuple[str, str], Profile] = {
        ("write", "function"): replace(CHARGER, write=replace(write, function=16)),
        ("write", "scale"): replace(CHARGER, write=replace(write, scale_a=0.1)),
        ("write", "address"): replace(CHARGER, write=replace(write, address=40)),
        ("release", "function"): replace(
            CHARGER, write=replace(write, release=Release(function=6, address=31))
        ),
        ("heartbeat", "function"): replace(CHARGER, heartbeats=(replace(CHARGER.heartbeats[0], function=6),)),
        ("setup", "type"): replace(CHARGER, setup=(replace(setup, wire="s16"),)),
        ("setup", "scale"): replace(CHARGER, setup=(replace(setup, fail_safe_scale_a=0.1),)),
        ("setup", "address"): replace(CHARGER, setup=(replace(setup, read_function=4),)),
        ("surplus", "address"): replace(CHARGER, surplus=replace(surplus, address=20)),
        ("write", "order"): replace(
            CHARGER, write=replace(write, function=16, address=33, wire="s32", order="L", volts=230.0)
        ),
        ("identify", "address"): replace(CHARGER, identify=Identify(function=3, address=40, count=4)),
    }
    wrong["other", "function"] = replace(
        CHARGER, variants=(Variant(what="other", points=(), write=replace(write, function=16)),)
    )
    for difference, profile in wrong.items():
        assert found(profile) == {difference}, difference


def test_every_profile_has_its_chapter() -> None:
    assert set(CHAPTERS) == {key for key, profile in PROFILES.items() if profile.chain is None}


def test_every_profile_is_as_the_document_has_it() -> None:
    """BUS-67: function, address, type, word order and scale of every row; wanted differences are listed."""
    if DOCUMENT not in os.environ:
        pytest.skip(f"{DOCUMENT} names no device-facts document")
    known = facts(Path(os.environ[DOCUMENT]).read_text(encoding="utf-8"))
    every = [
        difference
        for key, profile in PROFILES.items()
        for difference in differences(profile, MODELS if profile.chain else {0: CHAPTERS[key]}, known)
    ]
    assert not [row for row in every if (row.key, row.where, row.aspect) not in WANTED]
    assert not WANTED.keys() - {(row.key, row.where, row.aspect) for row in every}
