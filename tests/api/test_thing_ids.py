"""Ids are the same after every start, and those that were promised."""

from hypothesis import given
from hypothesis import strategies as st

from hems.api import thing_ids
from hems.api.rows import Identity

HOUSE = Identity(thing_ids.server_id("0" * 32), "House", "0.4.0", "Europe/Vienna")


def test_ids_are_those_that_clients_were_told() -> None:
    """API-60, API-70, API-106, examples of section 18."""
    assert str(thing_ids.ROOT) == "8f9812fc-cb8b-5f6c-91f5-c80de6ef548a"
    assert HOUSE.server == "00b49323-3deb-543c-abbe-40fa1cb8889f"
    assert thing_ids.PLUGIN == "{318ddb67-af09-500b-855e-6532292e1ab8}"
    assert thing_ids.class_id("evcharger") == "{26ac4d24-b3e5-551a-a1e9-bd7a20d58aff}"
    limit = thing_ids.state_id("evcharger", "maxChargingCurrent")
    assert limit == "{3311f1e7-5a9d-54b3-b097-403b94c304cc}"
    assert thing_ids.thing_id(HOUSE, "garage") == "{7224aee8-b749-5fd2-91dc-93ee245d319c}"
    assert thing_ids.thing_id(HOUSE, "zoe") == "{2ed0e794-ae15-5d4b-9246-8d33f306eee5}"
    assert thing_ids.provider_id("awattar-at") == "{5f89d355-2719-58e3-9d15-008fc69014e2}"
    assert thing_ids.provider_id("awattar-de") == "{485afe64-101b-5db5-aced-67020dd93828}"
    assert thing_ids.provider_id("static") == "{b930ad90-e80b-5c92-ae3d-605abd8e0b73}"


def test_two_houses_share_no_thing() -> None:
    """API-70."""
    other = Identity(thing_ids.server_id("1" * 32), "House", "0.4.0", "Europe/Vienna")
    assert thing_ids.thing_id(HOUSE, "garage") != thing_ids.thing_id(other, "garage")


@given(st.sets(st.text("abc-_1", min_size=1, max_size=4), min_size=1))
def test_a_thing_is_found_by_its_id(names: set[str]) -> None:
    """API-70."""
    for name in names:
        assert thing_ids.named(HOUSE, thing_ids.thing_id(HOUSE, name), names) == name
    assert thing_ids.named(HOUSE, thing_ids.VENDOR, names) is None
