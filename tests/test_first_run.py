"""The first run outlives lost settings (PNL-71)."""

from dataclasses import replace
from pathlib import Path

import pytest

from hems.config import parse
from hems.first_run import FIRST_STEP, FirstRun, begun
from hems.model.settings import Commissioning, Settings
from tests.panel.first_run_views import FRESH
from tests.panel.views import HOUSE

EXAMPLE = (Path(__file__).resolve().parents[1] / "deploy" / "hems.example.toml").read_bytes()
BUS = b'[[bus]]\nname = "a"\nport = "/dev/ttyX"\n'
CARD = parse(BUS)
HOUSE_ALONE = parse(BUS + b'[site]\nname = "Home"\ntime_zone = "UTC"\nmain_fuse_a = [25, 25, 25]\n')
BEGUN = Settings(commissioning=Commissioning(FIRST_STEP))


def test_it_begins_where_nobody_has_told_of_a_house(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    assert begun(CARD, Settings(), mark) == BEGUN
    assert begun(HOUSE_ALONE, Settings(), mark) == Settings(), "ended without devices, it does not come back"
    assert begun(parse(EXAMPLE), Settings(), mark) == Settings()


def test_lost_settings_do_not_end_it(tmp_path: Path) -> None:
    """PNL-71: chargers that nobody has tried stay held."""
    mark = tmp_path / "mark"
    FirstRun(mark).show(FRESH)
    assert begun(parse(EXAMPLE), Settings(), mark) == BEGUN
    further = Settings(commissioning=Commissioning("charge", {"lines": "3"}))
    assert begun(parse(EXAMPLE), further, mark) == further


def test_the_mark_goes_with_the_run(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    eye = FirstRun(mark)
    eye.show(HOUSE)
    assert not mark.exists()
    eye.show(FRESH)
    eye.show(FRESH)
    assert mark.exists()
    ended = replace(FRESH, settings=replace(FRESH.settings, commissioning=None))
    FirstRun(mark).show(ended)
    assert not mark.exists()


def test_a_folder_that_takes_no_mark_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    eye = FirstRun(tmp_path / "missing" / "mark")
    eye.show(FRESH)
    eye.show(FRESH)
    assert len(caplog.records) == 1
