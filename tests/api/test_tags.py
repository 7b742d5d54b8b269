"""API-82: tags over the wire."""

from collections.abc import Mapping

import pytest

from hems.api.rows import Caller, Namespace, Result
from hems.api.table import table
from hems.api.tags import TAGS, heard
from hems.api.thing_ids import thing_id
from hems.api.validate import record_check
from tests.api.drawers import ADMIN, HOUSE, Keys
from tests.api.thing_house import IDENTITY, VIEW

TABLE = table((TAGS,), {})
GARAGE, GRID = thing_id(HOUSE, "garage"), thing_id(HOUSE, "grid")
GOOD = {"tagError": "TagErrorNoError"}
GUEST = Caller(2, "tls", scopes=frozenset({"ControlThings"}), things=frozenset({GARAGE.strip("{}")}))


def call(keys: Keys, name: str, who: Caller | None = None, /, **params: object) -> Result:
    row = TABLE.methods[f"Tags.{name}"]
    reply = keys.call(Namespace((row,)), name, who, **TABLE.validated(row, params))
    assert record_check(row.returns, TABLE.words, sent=True)(reply) == reply
    return reply


def tag(thing: str = GARAGE, value: str = "1", name: str = "favorites") -> Mapping[str, str]:
    return {"appId": "nymea:app", "tagId": name, "thingId": thing, "value": value}


def test_a_tag_is_kept_listed_and_forgotten() -> None:
    keys = Keys()
    assert call(keys, "AddTag", tag=tag()) == GOOD
    assert call(keys, "AddTag", tag=tag(GRID, name="hiddenInEnergyView")) == GOOD
    assert call(keys, "GetTags")["tags"] == [tag(), tag(GRID, name="hiddenInEnergyView")]
    assert call(keys.again(), "GetTags", thingId=GRID.strip("{}"))["tags"] == [
        tag(GRID, name="hiddenInEnergyView")
    ]
    assert call(keys, "GetTags", tagId="favorites", appId="nymea:app")["tags"] == [tag()]
    assert call(keys, "GetTags", appId="other")["tags"] == []
    assert call(keys, "GetTags", ruleId=GARAGE)["tags"] == []
    assert call(keys, "RemoveTag", tag=tag(value="whatever")) == GOOD
    assert call(keys, "RemoveTag", tag=tag()) == {"tagError": "TagErrorTagNotFound"}
    assert call(keys, "GetTags")["tags"] == [tag(GRID, name="hiddenInEnergyView")]


def test_a_tag_may_have_no_value() -> None:
    keys = Keys()
    without = {name: value for name, value in tag().items() if name != "value"}
    assert call(keys, "AddTag", tag=without) == GOOD
    assert call(keys, "GetTags")["tags"] == [tag(value="")]


def test_a_tag_is_about_a_thing_and_short() -> None:
    keys = Keys()
    nothing = {"appId": "a", "tagId": "b"}
    assert call(keys, "AddTag", tag=nothing) == {"tagError": "TagErrorRuleNotFound"}
    assert call(keys, "AddTag", tag={**nothing, "ruleId": GARAGE}) == {"tagError": "TagErrorRuleNotFound"}
    assert call(keys, "RemoveTag", tag=nothing) == {"tagError": "TagErrorTagNotFound"}
    assert call(keys, "AddTag", tag=tag(value="x" * 257)) == {"tagError": "TagErrorTagNotFound"}
    assert call(keys, "GetTags")["tags"] == []


def test_only_things_of_this_house_have_tags() -> None:
    """As soon as it is known what the house has."""
    keys = Keys()
    row = TABLE.methods["Tags.AddTag"]
    for name, error in (("garage", "NoError"), ("grid", "NoError"), ("cellar", "ThingNotFound")):
        wanted = {"tag": tag(thing_id(IDENTITY, name))}
        asked = keys.ask(ADMIN, view=VIEW, identity=IDENTITY)
        assert row.handler(asked, TABLE.validated(row, wanted)) == {"tagError": f"TagError{error}"}
    assert len(call(keys, "GetTags")["tags"]) == 2


def test_what_changes_is_told_once_to_whoever_may_see_the_thing() -> None:
    keys = Keys()
    story = [
        (("AddTag", tag()), ["TagAdded"]),
        (("AddTag", tag()), []),
        (("AddTag", tag(value="2")), ["TagValueChanged"]),
        (("RemoveTag", tag()), ["TagRemoved"]),
    ]
    for (name, wanted), expected in story:
        assert call(keys, name, tag=wanted) == GOOD
        news = heard(keys.keyring)
        assert [one.name for one in news] == expected
        for one in news:
            assert one.thing == GARAGE
            row = TABLE.notices[f"Tags.{one.name}"]
            assert record_check(row.params, TABLE.words, sent=True)(one.params) == one.params
        assert heard(keys.keyring) == ()


def test_who_may_see_one_thing_sees_tags_of_that_one() -> None:
    """API-40."""
    keys = Keys()
    for thing in (GARAGE, GRID):
        call(keys, "AddTag", tag=tag(thing))
    assert call(keys, "GetTags", GUEST)["tags"] == [tag()]
    assert call(keys, "GetTags", GUEST, thingId=GRID)["tags"] == []
    assert call(keys, "AddTag", GUEST, tag=tag(GRID, "2")) == {"tagError": "TagErrorThingNotFound"}
    assert call(keys, "RemoveTag", GUEST, tag=tag(GRID)) == {"tagError": "TagErrorTagNotFound"}
    assert call(keys, "AddTag", GUEST, tag=tag(value="2")) == GOOD
    assert call(keys, "RemoveTag", GUEST, tag=tag()) == GOOD
    assert call(keys, "GetTags")["tags"] == [tag(GRID)]


@pytest.mark.parametrize("row", TAGS.methods, ids=lambda row: row.name)
def test_every_row_needs_the_same_scope(row: object) -> None:
    assert getattr(row, "scope", None) == "ControlThings"
