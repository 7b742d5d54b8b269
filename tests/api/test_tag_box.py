"""API-82: 200 tags of 256 characters."""

from hems.api.tag_box import CHARACTERS_MAX, DRAWERS, TAGS_MAX, Tag, TagBox, fits
from hems.journal.drawers import DOCUMENTS_MAX
from tests.api.drawers import Cabinet

THING = "7224aee8-b749-5fd2-91dc-93ee245d319c"
FAVOURITE = Tag("nymea:app", "favorites", THING, "1")


def test_a_tag_outlives_a_restart() -> None:
    cabinet = Cabinet()
    box = TagBox(cabinet)
    assert box.add(FAVOURITE)
    assert box.add(Tag("nymea:app", "hiddenInEnergyView", THING, "true"))
    assert list(TagBox(cabinet).tags.values()) == list(box.tags.values())


def test_the_same_tag_has_one_value() -> None:
    box = TagBox(Cabinet())
    assert box.add(FAVOURITE)
    changed = Tag("nymea:app", "favorites", THING, "2")
    assert box.add(changed)
    assert list(box.tags.values()) == [changed]
    assert box.remove(FAVOURITE)
    assert not box.remove(FAVOURITE)
    assert not box.tags


def test_changes_are_told_once() -> None:
    box = TagBox(Cabinet())
    box.add(FAVOURITE)
    before, now = box.take_changes()
    assert (list(before.values()), list(now.values())) == ([], [FAVOURITE])
    before, now = box.take_changes()
    assert before is now


def test_a_tag_is_short_plain_text() -> None:
    assert fits(Tag("a", "b", THING, "x" * (CHARACTERS_MAX - 2)))
    assert not fits(Tag("a", "b", THING, "x" * (CHARACTERS_MAX - 1)))
    for odd in ("\n", "\x00", "\ud800"):
        assert not fits(Tag("a", "b", THING, odd))
        assert not TagBox(Cabinet()).add(Tag(odd, "b", THING, ""))


def test_200_of_the_longest_fit_and_not_one_more() -> None:
    """Whatever characters they are made of; the drawers of all together fit into the table."""
    for letter in ("x", '"', "\\", "\U0001f600"):
        box = TagBox(Cabinet())
        for number in range(TAGS_MAX):
            name = f"{number:03}"
            half = (CHARACTERS_MAX - 3) // 2
            assert box.add(Tag(letter * half, name, THING, letter * half)), (letter, number)
        assert not box.add(FAVOURITE)
        assert len(box.tags) == TAGS_MAX
        assert box.remove(next(iter(box.tags.values())))
        assert box.add(FAVOURITE)
    assert DRAWERS + 8 + 4 + 2 <= DOCUMENTS_MAX


def test_a_tag_the_memory_does_not_take_is_not_there() -> None:
    box = TagBox(Cabinet(room=10))
    assert not box.add(FAVOURITE)
    assert not box.tags


def test_what_is_broken_is_left_out() -> None:
    cabinet = Cabinet()
    assert TagBox(cabinet).add(FAVOURITE)
    drawer = cabinet("tags.0")
    drawer.keep(
        {**drawer.recall(), "no list": "1", '["a", "b"]': "1", '["a", "b", 3]': "1", '["a","b","c"]': 1}
    )
    assert list(TagBox(cabinet).tags.values()) == [FAVOURITE]
