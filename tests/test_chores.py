"""A failing chore is logged and starves nobody."""

import logging

import pytest
import schedule

from hems.chores import Chores


def test_all_chores_are_done_although_one_fails(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def broken() -> None:
        raise ValueError("dust")

    chores = Chores()
    chores.every(1, broken)
    chores.every(1, lambda: done.append("swept"))
    chores.sweep()
    assert done == []
    monkeypatch.setattr(schedule.Job, "should_run", True)
    with caplog.at_level(logging.ERROR):
        chores.sweep()
    assert done == ["swept"]
    assert "a chore failed" in caplog.text
