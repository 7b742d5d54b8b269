"""Prices in a file, as people and other programs write them, and the eye that notices them."""

import logging
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hems.core.tariff import TariffRules
from hems.errors import HemsError
from hems.model.intents import PutPrices
from hems.model.prices import Prices, Slot
from hems.model.settings import TariffChoice
from hems.price_file import LARGEST_BYTES, PriceEye, encoded, read
from tests.panel.views import HOUSE

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
TEMPO = TariffRules("file", None, eur_kwh={"blue": 0.16, "red": 0.70})
SLOTS = (Slot(NOON, NOON + HOUR, -0.0123, "blue"), Slot(NOON + HOUR, NOON + 2 * HOUR, None, "red"))
TABLE = """start,end,price_eur_kwh,period
2026-11-21T13:00:00+01:00,2026-11-21T14:00:00+01:00,-0.0123,blue
2026-11-21T14:00:00+01:00,2026-11-21T14:00:00Z,,red
"""


def complaint(path: Path, text: str | bytes) -> str:
    """The one sentence that a file gets; it begins with the file."""
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(HemsError) as caught:
        read(path, TEMPO)
    assert "\n" not in str(caught.value)
    return str(caught.value).removeprefix(f"{path}: ")


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    path.write_bytes(encoded(PutPrices("file", SLOTS)))
    assert read(path, TEMPO) == PutPrices("file", SLOTS)


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_table_may_hold_prices_and_colours(tmp_path: Path, mark: str) -> None:
    """CHG-81: the colours of days through a file; spreadsheets begin it with a mark of their own."""
    path = tmp_path / "tempo.csv"
    path.write_text(mark + TABLE, encoding="utf-8")
    assert read(path, TEMPO).slots == SLOTS


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty; write one row for each hour"),
        ("{", "is cut off or damaged (Input data was truncated); write it anew"),
        ("[]", "has another form than start, end, price_eur_kwh, period of each slot; write it so"),
        ("{}", "has no slots; add it"),
        ('{"slots": []}', "is empty; write one row for each hour or quarter of an hour"),
        (
            '{"slots": [{"start": "2026-11-21T13:00:00", "end": "x"}]}',
            "slot 1: start is not usable; write it with its offset from UTC, as 2026-",
        ),
        ('{"slots": [{"start": "2026-11-21T13:00:00Z"}]}', "slot 1 has no end; add it"),
        (
            '{"slots": [{"price_eur_kwh": NaN}]}',
            "is cut off or damaged (JSON is malformed: invalid character ",
        ),
        ('{"slots": [], "x": 1}', "has 'x'; known are slots, provider"),
        ('{"provider": "awattar-at", "slots": []}', "the prices are of 'awattar-at', not of file; fetch new"),
        (b'{"provider": "\xff"}', "is not UTF-8; save it as UTF-8 text"),
        ('{"slots": [' + '{"x":' * 30_000, "slot 1 has 'x'; known are start, end, price_eur_kwh, period"),
        ("x" * (LARGEST_BYTES + 1), "is larger than 200 kB; it is no file of prices"),
    ],
)
def test_a_bad_file_gets_one_sentence(tmp_path: Path, text: str | bytes, words: str) -> None:
    assert complaint(tmp_path / "prices.json", text).startswith(words)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (TABLE, "", "is empty; write one row"),
        (",price", ";price", "slot 1 has 'end;price_eur_kwh'; known are start, end, price_eur_kwh, period"),
        (",-0.0123", ',"0,23"', "slot 1: price_eur_kwh is not usable; write it in euro, as 0.1134"),
        (
            "2026-11-21T13:00:00+01:00",
            "21.11.2026 13:00",
            "slot 1: start is not usable; write it with its off",
        ),
        ("-0.0123", "nan", "slot 1 (2026-11-21T13:00+01:00) costs nan EUR/kWh; believable is -5 to 5"),
        ("-0.0123", "cheap", "slot 1: price_eur_kwh is not usable; write it in euro, as 0.1134"),
        ("red", "purple", "slot 2 (2026-11-21T14:00+01:00) names the period 'purple'; known are blue, red"),
        ("21T14:00:00+01:00,2", "21T14:10:00+01:00,2", "slot 2 begins at 2026-11-21T14:10+01:00, and"),
        (
            "2026-11-21T14:00:00+01:00,2026",
            "2026-11-21T13:30:00+01:00,2026",
            "slot 2 begins at 2026-11-21T13:30+01",
        ),
        (",,red", ",0.1,red,9", "slot 2 has another form than start, end, price_eur_kwh, period"),
        (",blue", ',"blue', "is cut off or damaged (unexpected end of data); write it anew"),
        ("start", "begin", "slot 1 has 'begin'; known are start, end, price_eur_kwh, period"),
    ],
)
def test_a_bad_table_gets_one_sentence(tmp_path: Path, old: str, new: str, words: str) -> None:
    """CHG-82: a gap, an overlap, a price that is none: the file is refused as a whole, the place is named."""
    assert complaint(tmp_path / "t.csv", TABLE.replace(old, new)).startswith(words)


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(HemsError, match=r"^/nowhere: cannot be read \(No such file or directory\); name a"):
        read(Path("/nowhere"), TEMPO)


class Watch:
    """An eye on files, what it asked for and what it kept; one call is one look at a moment."""

    def __init__(self, path: Path, named: Path | None = None, installed: TariffRules | None = TEMPO) -> None:
        self.asked: list[tuple[PutPrices, str]] = []
        self.kept: list[tuple[Path, bytes]] = []
        self.settings = HOUSE.settings
        self.eye = PriceEye(
            installed,
            path,
            named,
            lambda intent, by: self.asked.append((intent, by)),
            lambda file, data: self.kept.append((file, data)),
        )

    def look(self, mono_s: float) -> int:
        self.eye.show(replace(HOUSE, now=replace(HOUSE.now, mono_s=mono_s), settings=self.settings))
        return len(self.asked)

    def take(self, prices: PutPrices) -> None:
        """They were granted."""
        self.settings = replace(self.settings, prices=Prices(prices.provider, prices.slots))


def test_prices_that_were_told_otherwise_are_kept_once(tmp_path: Path) -> None:
    """API-110: what the door took survives a restart; what a file holds is not written again."""
    path = tmp_path / "prices.json"
    watch = Watch(path)
    watch.look(1000.0)
    watch.take(PutPrices("file", SLOTS))
    for at_s in (1001.0, 1002.0):
        watch.look(at_s)
    ((file, data),) = watch.kept
    assert file == path
    path.write_bytes(data)
    assert read(path, TEMPO) == PutPrices("file", SLOTS)
    assert watch.look(1100.0) == 0, "the file holds what is known"
    path.write_bytes(encoded(PutPrices("file", SLOTS[:1])))
    assert watch.look(1200.0) == 1
    watch.take(PutPrices("file", SLOTS[:1]))
    watch.look(1201.0)
    assert len(watch.kept) == 1


def test_of_two_files_the_newer_counts(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Somebody's own file is read and never written."""
    kept, named = tmp_path / "prices.json", tmp_path / "tempo.json"
    for path, count, age in ((kept, 1, 2), (named, 2, 1)):
        path.write_bytes(encoded(PutPrices("file", SLOTS[:count])))
        os.utime(path, (age, age))
    watch = Watch(kept, named)
    assert watch.look(1000.0) == 2
    assert [len(told.slots) for told, _ in watch.asked] == [2, 1]
    watch.take(watch.asked[-1][0])
    watch.look(1001.0)
    assert watch.kept == []
    other = Watch(kept, named)
    other.settings = replace(other.settings, tariff=TariffChoice("awattar-at"))
    other.look(1000.0)
    assert other.asked == []
    assert str(named) not in caplog.text, "another provider's prices do not come from there"


def test_another_provider_is_looked_for_at_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """API-106: also in a house that has no tariff; a file of another provider changes nothing."""
    path = tmp_path / "prices.json"
    path.write_bytes(encoded(PutPrices("awattar-at", (replace(SLOTS[0], period=""),))))
    watch = Watch(path, installed=None)
    assert watch.look(1000.0) == 0
    watch.settings = replace(watch.settings, tariff=TariffChoice("awattar-de"))
    assert watch.look(1001.0) == 0
    assert "the prices are of 'awattar-at', not of awattar-de" in caplog.text
    watch.settings = replace(watch.settings, tariff=TariffChoice("awattar-at"))
    assert watch.look(1002.0) == 1
    watch.settings = replace(watch.settings, tariff=TariffChoice(""))
    assert watch.look(1100.0) == 1


def test_the_eye_notices_a_new_file_within_a_minute_and_asks_once(tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    watch = Watch(path)
    assert watch.look(1000.0) == 0
    path.write_bytes(encoded(PutPrices("file", SLOTS)))
    assert watch.look(1059.9) == 0
    assert watch.look(1060.0) == 1
    assert watch.asked == [(PutPrices("file", SLOTS), "prices")]
    assert watch.look(1120.0) == 1, "the file has not changed"
    path.with_name("new").write_bytes(encoded(PutPrices("file", SLOTS[:1])))
    path.with_name("new").replace(path)
    assert watch.look(1150.0) == 1
    assert watch.look(1180.0) == 2


def test_a_bad_file_is_told_once_and_changes_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "prices.json"
    path.write_text("half a fi")
    watch = Watch(path)
    with caplog.at_level(logging.WARNING, "hems"):
        assert [watch.look(1000.0 + 60 * i) for i in range(3)] == [0, 0, 0]
    (told,) = caplog.messages
    assert told.startswith(f"prices: {path}: is cut off or damaged (")
    assert told.endswith("; write it anew; what was known before stays")
    path.write_bytes(encoded(PutPrices("file", SLOTS)))
    os.utime(path, (1, 1))
    assert watch.look(1300.0) == 1
    path.unlink()
    assert watch.look(1400.0) == 1
