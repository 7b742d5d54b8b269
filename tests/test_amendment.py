"""The installation file changed value by value (PNL-68): what nobody named stays as somebody wrote it."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hems.amendment import amended
from hems.errors import ConfigError
from hems.model.intents import Change

EXAMPLE = (Path(__file__).resolve().parents[1] / "deploy" / "hems.example.toml").read_text()


def test_a_value_is_changed_where_it_stands_and_comments_stay() -> None:
    new = amended(EXAMPLE, [Change(("site", "main_fuse_a"), (35, 35, 35))])
    (line,) = set(new.splitlines()) - set(EXAMPLE.splitlines())
    assert line.startswith("main_fuse_a = [35, 35, 35]        # L1, L2, L3: no line is ever charged above")


def test_what_is_so_already_changes_nothing() -> None:
    same = [
        Change(("site", "main_fuse_a"), (25, 25, 25)),
        Change(("meter", "grid", "mounted"), "normal"),
        Change(("relay", "nobody"), None),
        Change(("nothing", "at", "all"), None),
        Change(("site", "below", "it"), None),
        Change(("relay", "nobody", "pin"), None),
    ]
    assert amended(EXAMPLE, same) == EXAMPLE


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            [Change(("site",), {"name": "Home", "main_fuse_a": (25.0, 25.0, 25.0)})],
            {"bus": [{"name": "a"}], "site": {"name": "Home", "main_fuse_a": [25.0, 25.0, 25.0]}},
        ),
        (
            [Change(("meter", "grid"), {"unit": 1, "bound_w": None}), Change(("meter", "pv", "unit"), 2)],
            {"bus": [{"name": "a"}], "meter": [{"name": "grid", "unit": 1}, {"name": "pv", "unit": 2}]},
        ),
        (
            [Change(("bus", "a"), {"name": "b", "port": "x"}), Change(("bus", "a"), {"baud": 9600})],
            {"bus": [{"name": "a", "baud": 9600}]},
        ),
        ([Change(("bus", "a"), None)], {}),
        (
            [
                Change(("relay", "k1", "pin"), 1),
                Change(("relay", "k2", "pin"), 2),
                Change(("relay", "k1"), None),
            ],
            {"bus": [{"name": "a"}], "relay": [{"name": "k2", "pin": 2}]},
        ),
        (
            [Change(("panel", "buttons", "up"), 5), Change(("panel", "display"), "none")],
            {"bus": [{"name": "a"}], "panel": {"buttons": {"up": 5}, "display": "none"}},
        ),
        (
            [Change(("tariff",), {"provider": "static", "window": ({"period": "off_peak"},)})],
            {"bus": [{"name": "a"}], "tariff": {"provider": "static", "window": [{"period": "off_peak"}]}},
        ),
        ([Change(("tariff", "tax_pct"), True)], {"bus": [{"name": "a"}], "tariff": {"tax_pct": True}}),
    ],
)
def test_tables_and_rows_come_and_go(changes: list[Change], expected: dict[str, object]) -> None:
    assert tomllib.loads(amended('[[bus]]\nname = "a"\n', changes)) == expected


@pytest.mark.parametrize(
    ("text", "change", "words"),
    [
        ("= 3", Change(("a",), 1), "the installation file is not valid TOML: .*; mend it by hand"),
        ("bus = 3", Change(("bus", "a", "unit"), 1), r"bus\.a\.unit: cannot be changed there"),
        ("site = 3", Change(("site", "name"), "x"), r"site\.name: cannot be changed there"),
        ("", Change(("bus", "a"), 3), r"bus\.a: cannot be changed there"),
        ("", Change(("a",), object()), "a: cannot be changed there"),
    ],
)
def test_what_cannot_be_is_refused_in_words(text: str, change: Change, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        amended(text, [change])


VALUES = st.one_of(st.integers(-5, 5), st.booleans(), st.text("abc", max_size=3), st.lists(st.integers(0, 9)))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["name", "time_zone", "fresh"]), VALUES), max_size=6))
def test_the_file_holds_what_was_asked_for_and_all_the_rest(changes: list[tuple[str, object]]) -> None:
    new = tomllib.loads(amended(EXAMPLE, [Change(("site", key), value) for key, value in changes]))
    before = tomllib.loads(EXAMPLE)
    before["site"] |= dict(changes)
    assert new == before
