"""The catalogues: which words the code says, kept in one file for each language, compiled beside it.

``python -m tests.language.catalogues`` reads the code, adds what is new to ``hems/language/*.po``, drops what
nobody says any more, compiles, and tells what is still to be translated. Neither date nor place is written,
so that the files change only with the words.
"""

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from struct import Struct
from typing import Final, NamedTuple

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from hems.model import alarm, reasons, why
from hems.model.settings import LANGUAGES
from tests.house.tree import ROOT

FOLDER: Final = ROOT / "hems" / "language"
TRANSLATED: Final = tuple(language for language in LANGUAGES if language != "en")


HEAD: Final = Struct("<7I")
PLACE: Final = Struct("<2I")
MAGIC: Final = 0x950412DE


class Words(NamedTuple):
    """English words, what they are about ("" = anything), and their plural if they have one."""

    english: str
    context: str = ""
    many: str = ""


EVERYWHERE: Final = ""

TAKES_WORDS: Final[Mapping[str, tuple[str, Mapping[int, str]]]] = {
    "t": (EVERYWHERE, {0: ""}),
    "marked": (EVERYWHERE, {0: ""}),
    "Refusal": (EVERYWHERE, {1: "refusal"}),
    "Phrase": ("core", {0: "refusal"}),
    "what": ("core", {0: "refusal"}),
    "none_of": ("core", {0: "refusal"}),
    "unknown": ("core", {0: "refusal"}),
    "label": ("panel", {1: ""}),
    "line": ("panel", {1: ""}),
    "_cycle_row": ("panel", {1: ""}),
    "_when": ("panel", {2: ""}),
    "Item": ("panel", {1: "", 2: ""}),
    "Source": ("panel", {1: "short", 2: "", 3: "", 4: ""}),
}
"""Which argument of a call in a room are words, and their context; `c` and `n` are read besides."""


def said() -> frozenset[Words]:
    """All words that the code has for people."""
    found = set(_of_tables())
    for path in sorted((ROOT / "hems").rglob("*.py")):
        found.update(_of_code(ast.parse(path.read_text(encoding="utf-8")), path.parts))
    return frozenset(one for one in found if re.search(r"[^\W\d]", one.english))


def _of_tables() -> Iterator[Words]:
    """The tables of the nouns, which know nothing of languages."""
    for table in (why.TEXTS, why.PAUSE_TEXTS, why.HEAT_TEXTS, reasons.LONG_TEXTS):
        yield from (Words(text, "reason") for text in table.values())
    yield from (Words(text, "reason") for text in ("{days} d", "{energy_kwh:.1f} kWh", "running", "locked"))
    for row in alarm.TEXTS.values():
        yield from (Words(row.short, "alarm"), Words(row.does, "alarm"))


def _of_code(tree: ast.Module, rooms: Sequence[str]) -> Iterator[Words]:
    """The words in calls, also those that stand under a name of the same file."""
    named: dict[str, list[str]] = defaultdict(list)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            named[node.targets[0].id] += _literal(node.value, {})
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        texts = {place: _literal(argument, named) for place, argument in enumerate(node.args)}
        if name == "c":
            yield from (Words(text, context) for context in texts[0] for text in texts[1])
        elif name == "n":
            yield from (Words(one, "", many) for one in texts[0] for many in texts[1])
        room, places = TAKES_WORDS.get(name, ("", {}))
        if not room or room in rooms:
            yield from (
                Words(text, context) for place, context in places.items() for text in texts.get(place, ())
            )


def _literal(argument: ast.expr, named: Mapping[str, Sequence[str]]) -> Sequence[str]:
    """The texts an argument may be."""
    match argument:
        case ast.Constant(value=str(text)):
            return (text,)
        case ast.Name(id=name):
            return named.get(name, ())
        case ast.IfExp(body=body, orelse=orelse):
            return (*_literal(body, named), *_literal(orelse, named))
        case _:
            return ()


def read(language: str) -> Catalog:
    """The catalogue of a language as it stands; empty if there is none."""
    path = _source(language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def updated(known: Catalog, language: str, words: frozenset[Words]) -> Catalog:
    """A catalogue of exactly these words with the translations that are known."""
    catalogue = Catalog(locale=language, fuzzy=False)
    for one in sorted(words):
        key: str | tuple[str, str] = (one.english, one.many) if one.many else one.english
        old = known.get(one.english, one.context or None)
        catalogue.add(key, old.string if old else "", context=one.context or None)
    return catalogue


def source(catalogue: Catalog) -> bytes:
    """The catalogue as it is edited, one row for each text."""
    file = BytesIO()
    write_po(file, catalogue, omit_header=True, width=0, sort_output=True)
    head = [f"{name}: {value}" for name, value in _headers(catalogue)]
    rows = "".join(f'"{row}\\n"\n' for row in head)
    return f'msgid ""\nmsgstr ""\n{rows}\n'.encode() + file.getvalue()


def compiled(catalogue: Catalog) -> bytes:
    """The catalogue as `gettext` reads it; nothing in it depends on when and with what it was made.

    Seven numbers of 32 bits, a table of lengths and places of the keys, one of the texts, then both, each
    with a zero at its end.
    """
    rows = {"": "".join(f"{name}: {value}\n" for name, value in _headers(catalogue))}
    rows |= {_key(message): _text(message) for message in catalogue if message.id and _complete(message)}
    keys, texts = zip(*((key.encode(), text.encode()) for key, text in sorted(rows.items())), strict=True)
    place, tables = HEAD.size + 16 * len(rows), b""
    for strings in (keys, texts):
        for one in strings:
            tables += PLACE.pack(len(one), place)
            place += len(one) + 1
    head = HEAD.pack(MAGIC, 0, len(rows), HEAD.size, HEAD.size + 8 * len(rows), 0, 0)
    return head + tables + b"".join(one + b"\0" for one in (*keys, *texts))


def _key(message: Message) -> str:
    key = message.id if isinstance(message.id, str) else "\0".join(message.id)
    return f"{message.context}\4{key}" if message.context else key


def _text(message: Message) -> str:
    return message.string if isinstance(message.string, str) else "\0".join(message.string or ())


def missing(catalogue: Catalog) -> list[str]:
    """What is not translated yet."""
    return [str(message.id) for message in catalogue if message.id and not _complete(message)]


def _complete(message: Message) -> bool:
    return bool(message.string) and all(message.string or ())


def _headers(catalogue: Catalog) -> list[tuple[str, str]]:
    return [
        ("Language", str(catalogue.locale)),
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Plural-Forms", catalogue.plural_forms),
    ]


def _source(language: str) -> Path:
    return FOLDER / f"{language}.po"


def main() -> int:
    """Renew all files; 1 if something is still to be translated."""
    words, open_words = said(), 0
    for language in TRANSLATED:
        catalogue = updated(read(language), language, words)
        _source(language).write_bytes(source(catalogue))
        (FOLDER / f"{language}.mo").write_bytes(compiled(catalogue))
        for english in missing(catalogue):
            open_words += 1
            print(f"{language}: {english!r} is not translated yet")
    return 1 if open_words else 0


if __name__ == "__main__":
    sys.exit(main())
