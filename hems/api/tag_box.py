"""Tags: notes that clients leave about things, such as favourites; kept in drawers."""

import json
from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass
from typing import Final

from hems.api.records import Shelves
from hems.model.loop import Drawer

TAGS_MAX: Final = 200
CHARACTERS_MAX: Final = 256
"""Of a tag: its application, its own id and its value together."""

DRAWERS: Final = 17
PER_DRAWER: Final = 12


@dataclass(frozen=True, slots=True)
class Tag:
    """A note of the application `app` about a thing (its id without braces)."""

    app: str
    tag: str
    thing: str
    value: str = ""


class TagBox:
    """All tags; the same application, id and thing is the same tag."""

    def __init__(self, drawer: Callable[[str], Drawer]) -> None:
        names = [f"tags.{number}" for number in range(DRAWERS)]
        self._shelves = Shelves({name: drawer(name) for name in names}, PER_DRAWER)
        self._tags = self._told = of_entries(self._shelves.rows)

    @property
    def tags(self) -> Mapping[str, Tag]:
        """All tags by their keys."""
        return self._tags

    def take_changes(self) -> tuple[Mapping[str, Tag], Mapping[str, Tag]]:
        """All tags as of the last call (or the start), and as of now."""
        told, self._told = self._told, self._tags
        return told, self._tags

    def add(self, tag: Tag) -> bool:
        """Keep a tag, with its value of now; false if there is no room for it."""
        wanted = {**self._tags, key_of(tag): tag}
        return fits(tag) and len(wanted) <= TAGS_MAX and self._keep(wanted)

    def remove(self, tag: Tag) -> bool:
        """Forget a tag, whatever its value; false if there was none."""
        wanted = {key: known for key, known in self._tags.items() if key != key_of(tag)}
        return len(wanted) < len(self._tags) and self._keep(wanted)

    def _keep(self, wanted: Mapping[str, Tag]) -> bool:
        kept = self._shelves.keep({key: tag.value for key, tag in wanted.items()})
        if kept:
            self._tags = wanted
        return kept


def fits(tag: Tag) -> bool:
    """Whether a tag is short enough and plain text."""
    return len(text := tag.app + tag.tag + tag.value) <= CHARACTERS_MAX and text.isprintable()


def key_of(tag: Tag) -> str:
    """What makes a tag the same tag."""
    return json.dumps(astuple(tag)[:3], ensure_ascii=False)


def of_entries(rows: Mapping[str, object]) -> Mapping[str, Tag]:
    """Tags by their keys; what cannot be understood is left out."""
    tags: dict[str, Tag] = {}
    for key, value in rows.items():
        try:
            parts = json.loads(key)
        except ValueError:
            continue
        match parts:
            case [str(app), str(tag), str(thing)] if isinstance(value, str):
                tags[key] = Tag(app, tag, thing, value)
    return tags
