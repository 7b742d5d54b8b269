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


def test_every_range_is_told_with_both_ends() -> None:
    """A person learns at once what may be written, whichever end was passed."""
    found = list(numbers(inspect.type_info(Config), "$"))
    assert len(found) > 20
    for path, kind in found:
        name = path.removeprefix("$.")
        told = explain(f"Expected `float` <= 1 - at `{path}`")
        assert told == f"{name}: out of range; use {kind.ge:.10g} to {kind.le:.10g}"


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("Something new - at `$.bus[0].name`", "bus[0].name: Something new; correct it"),
        ("Expected `array`, got `object` - at `$.meter`", "meter: write [[meter]] with two brackets"),
        (
            "Expected `array`, got `object` - at `$.meter[0].lines`",
            "meter[0].lines: is a table; write a list",
        ),
    ],
)
def test_a_message_is_told_with_its_place(message: str, told: str) -> None:
    assert explain(message) == told
