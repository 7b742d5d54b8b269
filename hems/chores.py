"""The only `schedule`: what may be late or left out. It may sweep the floor, never charge the car."""

import logging
from collections.abc import Callable

import schedule

log = logging.getLogger(__name__)


class Chores:
    """Small jobs by the library's own wall clock; a failing job is logged and does not starve the others."""

    def __init__(self) -> None:
        self._scheduler = schedule.Scheduler()

    def every(self, minutes: int, job: Callable[[], None]) -> None:
        """Do `job` about every so many minutes."""
        self._scheduler.every(minutes).minutes.do(_tried, job)

    def sweep(self) -> None:
        """Do what is due; a few microseconds when nothing is."""
        self._scheduler.run_pending()


def _tried(job: Callable[[], None]) -> None:
    try:
        job()
    except Exception:  # an exception would leave the job due for ever and the later ones undone
        log.exception("a chore failed")
