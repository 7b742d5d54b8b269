"""The namespace Tags: what clients remember here about things, such as favourites (API-82)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from hems.api.keyring import Keyring
from hems.api.rows import Ask, Method, Namespace, News, Notice, Params, Result
from hems.api.tag_box import Tag, TagBox
from hems.api.thing_classes import CLASSES
from hems.api.thing_ids import named
from hems.model.view import View

NAME: Final = "Tags"
GOOD: Final[Result] = {"tagError": "TagErrorNoError"}
NO_TAG: Final[Result] = {"tagError": "TagErrorTagNotFound"}


def heard(keyring: Keyring) -> Sequence[News]:
    """Which tags came, changed or went since the last call."""
    before, now = keyring.tags.take_changes()
    if before is now:
        return ()
    return (
        *(_news("TagAdded", tag) for key, tag in now.items() if key not in before),
        *(_news("TagValueChanged", tag) for key, tag in now.items() if before.get(key, tag) != tag),
        *(_news("TagRemoved", tag) for key, tag in before.items() if key not in now),
    )


def _news(name: str, tag: Tag) -> News:
    return News(NAME, name, {"tag": _told(tag)}, thing=f"{{{tag.thing}}}")


def _told(tag: Tag) -> Mapping[str, Any]:
    return {"appId": tag.app, "tagId": tag.tag, "thingId": f"{{{tag.thing}}}", "value": tag.value}


def _box(ask: Ask) -> TagBox:
    keyring: Keyring = ask.access
    return keyring.tags


def _visible(ask: Ask) -> Iterable[Tag]:
    seen = ask.caller.things
    return (tag for tag in _box(ask).tags.values() if seen is None or tag.thing in seen)


def _names(view: View) -> Iterable[str]:
    return (name for row in CLASSES for name in row.names(view))


def _get_tags(ask: Ask, params: Params) -> Result:
    if params.get("ruleId"):
        return {**GOOD, "tags": []}
    found = [
        _told(tag)
        for tag in _visible(ask)
        if params.get("thingId", "").strip("{}") in ("", tag.thing)
        and params.get("appId", tag.app) == tag.app
        and params.get("tagId", tag.tag) == tag.tag
    ]
    return {**GOOD, "tags": found}


def _add_tag(ask: Ask, params: Params) -> Result:
    asked = params["tag"]
    thing = asked.get("thingId", "")
    if not thing:
        return {"tagError": "TagErrorRuleNotFound"}
    known = ask.view is None or named(ask.identity, thing, _names(ask.view))
    seen = ask.caller.things
    if not known or (seen is not None and thing.strip("{}") not in seen):
        return {"tagError": "TagErrorThingNotFound"}
    tag = Tag(asked["appId"], asked["tagId"], thing.strip("{}"), asked.get("value", ""))
    return GOOD if _box(ask).add(tag) else NO_TAG


def _remove_tag(ask: Ask, params: Params) -> Result:
    asked = params["tag"]
    tag = Tag(asked["appId"], asked["tagId"], asked.get("thingId", "").strip("{}"))
    seen = ask.caller.things
    if seen is not None and tag.thing not in seen:
        return NO_TAG
    return GOOD if _box(ask).remove(tag) else NO_TAG


_TAG: Final = {"tag": "$ref:Tag"}
_ERROR: Final = {"tagError": "$ref:TagError"}

TAGS: Final = Namespace(
    methods=(
        Method(
            NAME,
            "GetTags",
            {"o:appId": "String", "o:thingId": "Uuid", "o:ruleId": "Uuid", "o:tagId": "String"},
            {**_ERROR, "o:tags": "$ref:Tags"},
            "ControlThings",
            "door",
            _get_tags,
            "Tags of an application, of a thing, or all.",
        ),
        Method(
            NAME, "AddTag", _TAG, _ERROR, "ControlThings", "door", _add_tag, "Keep a tag, or its new value."
        ),
        Method(NAME, "RemoveTag", _TAG, _ERROR, "ControlThings", "door", _remove_tag, "Forget a tag."),
    ),
    notices=(
        Notice(NAME, "TagAdded", _TAG, "There is a new tag."),
        Notice(NAME, "TagRemoved", _TAG, "A tag is gone."),
        Notice(NAME, "TagValueChanged", _TAG, "A tag has another value."),
    ),
    types={
        "Tag": {
            "appId": "String",
            "tagId": "String",
            "o:thingId": "Uuid",
            "o:ruleId": "Uuid",
            "o:value": "String",
        },
        "Tags": ["$ref:Tag"],
    },
    enums={
        "TagError": (
            "TagErrorNoError",
            "TagErrorThingNotFound",
            "TagErrorRuleNotFound",
            "TagErrorTagNotFound",
        )
    },
    heard=heard,
)
