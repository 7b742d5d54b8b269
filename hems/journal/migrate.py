"""From the documents of an older format to today's, one pure step for each format. No step asks for I/O.

A field or a table more is no new format. A step is needed when something changes its name, its unit or its
meaning: raise `layout.FORMAT`, add the step, and keep a book of the former format among the tests.
"""

from collections.abc import Callable, Mapping
from typing import Final

from msgspec import DecodeError, json

from hems.journal.change import Documents, encode
from hems.journal.layout import FORMAT

Step = Callable[[Documents], Documents]

STEPS: Final[Mapping[int, Step]] = {}
"""What leads from a format to the next one, by the format it begins with."""

PAGE: Final = "1"


def format_of(documents: Documents) -> int:
    """The format of the documents; a book that says nothing is as new as the program."""
    page = documents.get("meta", {}).get(PAGE, {})
    try:
        return json.decode(page["format"], type=int)
    except (KeyError, DecodeError):
        return FORMAT


def migrated(documents: Documents, steps: Mapping[int, Step] = STEPS, to: int = FORMAT) -> Documents:
    """The documents in format `to`; the same ones if they are in it already."""
    known = format_of(documents)
    for number in range(known, to):
        documents = steps[number](documents)
        meta = documents.get("meta", {})
        page = {**meta.get(PAGE, {}), "format": encode(number + 1)}
        documents = {**documents, "meta": {**meta, PAGE: page}}
    return documents
