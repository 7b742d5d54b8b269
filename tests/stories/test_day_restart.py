"""The service ends in the middle of a day's business and begins again on the same folder."""

from pathlib import Path
from typing import Any

import pytest

from hems.journal.storage import READING, JournalStorage
from hems.model.intents import SetBoost, SetMode
from tests.stories.diary import Diary
from tests.stories.plots import plot
from tests.stories.stage import NOON, RaiseCurtain


def evidence(folder: Path) -> list[dict[str, Any]]:
    """The records of limitations in the book, oldest first."""
    storage = JournalStorage(folder / "book", access_mode=READING)
    rows = (storage.read() or {}).get("evidence", {})
    storage.close()
    return [rows[row] for row in sorted(rows, key=int)]


@pytest.mark.parametrize("killed", [True, False])
@pytest.mark.parametrize("lifted", [True, False])
def test_each_limitation_has_its_end_in_the_book(
    raise_curtain: RaiseCurtain, tmp_path: Path, killed: bool, lifted: bool
) -> None:
    """CHG-50, CHG-51: what a run left open ends in the next one, which has its own."""
    stage = raise_curtain(plot(dim=True), short=True)
    diary = Diary(stage)
    stage.base(1, 1, 1)
    stage.ask(SetMode("garage", "fast"))
    stage.play(60)
    stage.dim(4200)
    stage.play(30)
    assert stage.truth["limit_a"]["garage"] == 6
    over_s = stage.truth["over_dim_s"]
    if lifted:
        stage.dim(None)
    stage.written()
    stage.restart(killed=killed, down_s=20)
    diary.follow()
    stage.play(120)
    if not lifted:
        assert stage.truth["limit_a"]["garage"] == 6
        assert stage.truth["over_dim_s"] == over_s <= 5
        stage.dim(None)
    stage.play(75)
    assert stage.truth["limit_a"]["garage"] == 16
    stage.house.supervisor.stop()
    stage.leave()
    records = evidence(tmp_path)
    assert len(records) == (1 if lifted else 2)
    assert all({"key", "from", "to"} <= record.keys() for record in records)
    assert records[0]["began.garage.after_a"] == 6
    assert records[0]["from"] <= records[0]["to"] <= records[-1]["from"] or lifted
    if not lifted:
        assert records[1]["ended.garage.before_a"] == 6


@pytest.mark.parametrize("killed", [True, False])
def test_a_boost_and_its_end_survive_a_power_cut(raise_curtain: RaiseCurtain, killed: bool) -> None:
    """CHG-120, CHG-3: ten minutes are ten minutes of the wall clock, from the minimum again after the cut."""
    stage = raise_curtain(plot(), short=True, start=NOON.replace(hour=22))
    diary = Diary(stage)
    stage.base(1, 1, 1)
    stage.play(5)
    stage.ask(SetBoost("garage", 600.0))
    asked_s = stage.clock.mono_s()
    stage.play(200)
    before_wh = stage.views[-1].counters["ev1.energy.all.total"] or 0
    stage.written()
    stage.restart(killed=killed, down_s=90)
    diary.follow()
    begun = len(diary.entries["garage"])
    stage.play(60)
    told_a = [entry.limit_a for entry in diary.entries["garage"][begun:]]
    assert next(limit_a for limit_a in told_a if limit_a) == 6
    assert stage.truth["ev_w"] > 10_000
    ended = stage.play(600, lambda view: view.settings.charger("garage").boost is None)
    assert ended.now.mono_s - asked_s == pytest.approx(600, abs=3)
    stage.play(10)
    assert stage.truth["ev_w"] == 0
    assert (stage.views[-1].counters["ev1.energy.all.total"] or 0) > before_wh
    diary.clean()
    diary.honest(60)
