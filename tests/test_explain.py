"""The decoder's messages as sentences; the sentences themselves are told in the tests of `config`."""

from collections.abc import Iterator

import pytest
from msgspec import inspect

from hems.explain import explain
from hems.model.site import Config


def numbers(kind: inspect.Type, path: str) -> Iterator[tuple[str, inspect.IntType | inspect.FloatType]]:
    """Every number of the shapes that has an end, with its path."""
    match kind:
        case inspect.Metadata():
            yield from numbers(kind.type, path)
        case inspect.UnionType():
            for part in kind.types:
                yield from numbers(part, path)
        case inspect.StructType():
            for item in kind.fields:
                yield from numbers(item.type, f"{path}.{item.encode_name}")
        case inspect.VarTupleType():
            yield from numbers(kind.item_type, f"{path}[0]")
        case inspect.TupleType():
            yield from numbers(kind.item_types[0], f"{path}[0]")
        case inspect.IntType() | inspect.FloatType() if (kind.ge, kind.le) != (None, None):
            yield path, kind


def unit(path: str) -> str:
    """What the end of a key's name says of its figure."""
    end = path.removesuffix("[0]").rpartition("_")[2]
    return {"a": " A", "w": " W", "wh": " Wh", "s": " s", "pct": " %"}.get(end, "")


def test_every_range_is_told_with_both_ends() -> None:
    """A person learns at once what may be written, whichever end was passed."""
    found = list(numbers(inspect.type_info(Config), "$"))
    assert len(found) > 20
    for path, kind in found:
        name = path.removeprefix("$.")
        told = explain(f"Expected `float` <= 1 - at `{path}`")
        assert told.removesuffix(unit(name)) == f"{name}: out of range; use {kind.ge:.10g} to {kind.le:.10g}"
        assert told.endswith(unit(name))


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("Something new - at `$.bus[0].name`", "bus[0].name: Something new; correct it"),
        ("Expected `array`, got `object` - at `$.meter`", "meter: write [[meter]] with two brackets"),
        (
            "Expected `array`, got `object` - at `$.meter[0].lines`",
            "meter[0].lines: is a table; write a list",
        ),
        (
            "Expected `array`, got `object` - at `$.tariff.window`",
            "tariff.window: write [[tariff.window]] with two brackets",
        ),
        ("Expected `object | null`, got `array` - at `$.operator`", "operator: write [operator] with one "),
        (
            "Expected `float | null`, got `str` - at `$.site.power_limit_w`",
            "site.power_limit_w: is a text in quotes; write a number",
        ),
        (
            "Expected `str`, got `time` - at `$.tariff.window[0].from`",
            "tariff.window[0].from: is a time of day; write a text in quotes",
        ),
        (
            "Expected `array` of length >= 1 - at `$.tariff.window[0].days`",
            "tariff.window[0].days: is empty; write at least 1",
        ),
        (
            "Expected `array`, got `int` - at `$.site.main_fuse_a`",
            "site.main_fuse_a: is a whole number; write a list of three, as [25, 25, 25], for L1, L2 and L3",
        ),
        (
            "Expected `float` >= 1000 - at `$.site.power_limit_w`",
            "site.power_limit_w: out of range; use 1000 ",
        ),
    ],
)
def test_a_message_is_told_with_its_place(message: str, told: str) -> None:
    assert explain(message).startswith(told)
