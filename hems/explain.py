"""What the decoder says of an installation file, as one sentence with the key's path and the remedy. Pure."""

import difflib
import re

from msgspec import inspect

from hems.model.site import Config

UNKNOWN_KEY = re.compile(r"Object contains unknown field `(?P<key>.*)`")
MISSING_KEY = re.compile(r"Object missing required field `(?P<key>.*)`")
WRONG_WORD = re.compile(r"Invalid enum value (?P<word>.*)")
RANGE = re.compile(r"Expected `\w+` [<>]=? .*")
WRONG_TYPE = re.compile(r"Expected `(?P<wanted>[^`]+)`, got `(?P<got>\w+)`")
LENGTH = re.compile(r"Expected `array` of length (>= )?(?P<wanted>\d+)(, got (?P<got>\d+))?")
MISMATCH = re.compile(r"Expected `str` matching regex '(?P<pattern>.*)'")
INDEX = re.compile(r"\[\d+\]$")
TOO_LONG = re.compile(r"Expected `str` of length <= (?P<most>\d+)")
WHERE_PORTS_ARE = "name a port; ls /dev/serial/by-path shows what is there"
BRACKETS = {
    ("array", "object"): "[[{}]] with two brackets",
    ("object", "array"): "[{}] with one bracket on each side",
}
"""Tables and lists of tables, taken for each other: what is wanted and what was found."""
WORDS = {
    "int": "a whole number",
    "float": "a number",
    "str": "a text in quotes",
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
    "date": "a date",
    "time": "a time of day",
    "datetime": "a date and time",
}
UNITS = {
    "_a": " A",
    "_w": " W",
    "_wh": " Wh",
    "_s": " s",
    "_pct": " %",
}
"""What the end of a key says of its figures."""


def explain(message: str) -> str:
    """The sentence for a message of the decoder."""
    problem, _, place = message.partition(" - at ")
    path = place.strip("`").removeprefix("$").lstrip(".")
    prefix = f"{path}." if path else ""
    if found := UNKNOWN_KEY.match(problem):
        key, known = found["key"], _known_keys(path)
        close = difflib.get_close_matches(key, known, n=1)
        hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(known)}"
        return f"{prefix}{key}: unknown key; {hint}"
    if found := MISSING_KEY.match(problem):
        return f"{prefix}{found['key']}: missing; add it"
    if found := WRONG_WORD.match(problem):
        return f"{path}: {found['word']} is not known; use one of {', '.join(_choices(path))}"
    if RANGE.match(problem):
        return f"{path}: out of range; use {_range(path)}"
    if found := LENGTH.match(problem):
        return f"{path}: {_length(path, found['wanted'], found['got'])}"
    if found := TOO_LONG.match(problem):
        return f"{path}: too long; write at most {found['most']} characters"
    if found := MISMATCH.match(problem):
        if path.endswith(".port"):
            return f"{path}: empty, or with signs that no path has; {WHERE_PORTS_ARE}"
        if "a-z" in found["pattern"]:
            return f"{path}: not a usable name; use 1 to 16 of a-z, 0-9, _ and -"
        return f"{path}: empty, or with signs that cannot be shown; write plain text"
    if found := WRONG_TYPE.match(problem):
        kinds = [word for word in found["wanted"].split(" | ") if word != "null"]
        brackets = BRACKETS.get((kinds[0], found["got"]))
        if brackets and re.fullmatch(r"\w+|tariff\.window", path):
            return f"{path}: write {brackets.format(path)}"
        wanted = " or ".join(WORDS.get(word, word) for word in kinds)
        wanted += " of three, as [25, 25, 25], for L1, L2 and L3" * path.endswith("fuse_a")
        return f"{path}: is {WORDS.get(found['got'], found['got'])}; write {wanted}"
    return f"{path}: {problem}; correct it"


def _length(path: str, wanted: str, got: str | None) -> str:
    """How many values a list has and shall have; only one that must not be empty does not tell the first."""
    if got is None:
        return f"is empty; write at least {wanted}"
    many = "1 value" if got == "1" else f"{got} values"
    return f"has {many}; write {wanted}{', for L1, L2 and L3' * path.endswith('fuse_a')}"


def _range(path: str) -> str:
    """Both ends of what a number may be."""
    kind = _type_at(path)
    assert isinstance(kind, inspect.IntType | inspect.FloatType)
    unit = next((unit for end, unit in UNITS.items() if INDEX.sub("", path).endswith(end)), "")
    return f"{kind.ge:.10g} to {kind.le:.10g}{unit}"


def _type_at(path: str) -> inspect.Type:
    """The type that the shapes expect at a path like ``meter[0].role``."""
    found = inspect.type_info(Config)
    for step in re.findall(r"\w+|\[\d+\]|\[\.\.\.\]", path):
        found = _bare(found)
        if isinstance(found, inspect.StructType):
            found = next(item.type for item in found.fields if item.encode_name == step)
        elif isinstance(found, inspect.VarTupleType):
            found = found.item_type
        elif isinstance(found, inspect.TupleType):
            found = found.item_types[0]
    return _bare(found)


def _bare(kind: inspect.Type) -> inspect.Type:
    """A type without its notes, and the part of a choice that is not nothing."""
    if isinstance(kind, inspect.Metadata):
        kind = kind.type
    if isinstance(kind, inspect.UnionType):
        kind = next(part for part in kind.types if not isinstance(part, inspect.NoneType))
    return kind


def _known_keys(path: str) -> list[str]:
    kind = _type_at(path)
    return [item.encode_name for item in kind.fields] if isinstance(kind, inspect.StructType) else []


def _choices(path: str) -> list[str]:
    kind = _type_at(path)
    return [repr(value) for value in kind.values] if isinstance(kind, inspect.LiteralType) else []
