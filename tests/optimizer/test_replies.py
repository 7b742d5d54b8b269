"""What the optimizer answers is taken as a whole or not at all."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import json

from hems.model.plans import Step
from hems.optimizer import replies
from hems.optimizer.bridge import Learned
from hems.optimizer.enquiry import PROTOCOL

LEAST = {"garage": 6.0, "yard": 8.0}


def body(*steps: dict[str, Any], charger: str = "garage", **change: Any) -> bytes:
    """A plan as bytes."""
    setpoints = [{"charger": charger, "steps": list(steps)}]
    told = {"protocol": PROTOCOL, "request": 7, "plan_id": "p-7", "valid_s": 600, "setpoints": setpoints}
    return json.encode(told | change)


def piece(start_s: float, end_s: float, limit_a: float, **more: Any) -> dict[str, Any]:
    return {"start_s": start_s, "end_s": end_s, "limit_a": limit_a, **more}


def taken(answer: bytes) -> Learned:
    return replies.plan(answer, 7, 1_000.0, LEAST)


def test_times_count_from_our_sending_and_are_believed_for_five_minutes_at_most() -> None:
    """API-123, 124."""
    found = taken(
        body(piece(0, 60, 20), piece(60, 300, 5.9), piece(400, 500, 6, lines=3), comment="a\nb\x1b")
    )
    assert found.plan is not None
    assert found.plan.until_mono_s == 1_300.0
    assert found.plan.steps == {
        "garage": (
            Step(1_000.0, 1_060.0, 20.0),
            Step(1_060.0, 1_300.0, 0.0),
            Step(1_400.0, 1_500.0, 6.0, 3),
        )
    }
    assert found.words == "ab"
    short = taken(body(valid_s=20)).plan
    assert short is not None
    assert short.until_mono_s == 1_020.0


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"{]",
        b"[" * 100_000,
        body(piece(0, 60, -1)),
        body(piece(0, 60, 16)).replace(b"16", b"1e999"),
        body(piece(0, 60, 16)).replace(b"16", b"NaN"),
        body(piece(0, 60, 16), piece(59, 90, 16)),
        body(piece(90, 120, 16), piece(0, 60, 16)),
        body(piece(60, 60, 16)),
        body(piece(0, 60, 16, lines=2)),
        body(piece(0, 60, 16), charger="somebody"),
        body(piece(0, 60, 16), request=6),
        body(piece(0, 60, 16), protocol="hems-optimizer/2"),
        body(piece(0, 60, 16), valid_s=901),
        body(piece(0, 60, 16), valid_s=0),
        body(piece(0, 60, 16), plan_id="p" * 65),
        body(piece(0, 60, 16), plan_id=None),
        body(piece(0, 60, 16), comment="c" * 201),
        body({"start_s": 0, "limit_a": 16}),
        body(setpoints=[{"charger": "garage", "steps": []}, {"charger": "garage", "steps": []}]),
    ],
)
def test_one_fault_voids_all_of_it(answer: bytes) -> None:
    """API-123."""
    with pytest.raises(ValueError, match=r"."):
        taken(answer)


def test_members_nobody_knows_are_ignored() -> None:
    """API-123."""
    found = taken(body(piece(0, 60, 16, mood="sunny"), weather="fine"))
    assert found.plan is not None
    assert found.plan.steps["garage"][0].limit_a == 16.0


def test_it_is_there_when_it_says_so_in_our_words() -> None:
    """API-120."""
    assert replies.ready(json.encode({"protocol": PROTOCOL, "ready": True})) == Learned()
    for told in ({"protocol": PROTOCOL, "ready": False}, {"protocol": "x", "ready": True}, {}):
        with pytest.raises(ValueError, match=r"ready|speaks|cannot be used"):
            replies.ready(json.encode(told))


def test_weather_and_prices_need_places_in_time() -> None:
    """API-120."""
    hour = {"start": "2026-06-21T12:00:00+02:00", "end": "2026-06-21T13:00:00+02:00"}
    found = replies.weather(json.encode({"issued": hour["start"], "slots": [{**hour, "cloud_pct": 40}]}))
    assert found.weather is not None
    assert (found.weather[0].cloud_pct, found.weather[0].pv_w) == (40.0, None)
    (slot,) = replies.tariff(json.encode({"slots": [{**hour, "price_eur_kwh": -0.02, "feed_in_eur_kwh": 0}]}))
    assert slot.eur_kwh == -0.02
    far = "9999-12-31T23:59:59-12:00"
    for start, end in (
        ("2026-06-21T12:00:00", hour["end"]),
        (hour["end"], hour["start"]),
        (hour["end"], far),
    ):
        row = {"start": start, "end": end, "price_eur_kwh": 0.1}
        with pytest.raises(ValueError, match=r"time|slot"):
            replies.tariff(json.encode({"slots": [row]}))


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(JSON | st.binary(max_size=60))
def test_nothing_it_says_raises_anything_else(told: object) -> None:
    answer = told if isinstance(told, bytes) else json.encode(told)
    for taker in (taken, replies.ready, replies.weather, replies.tariff):
        try:
            taker(answer)
        except ValueError:
            continue
