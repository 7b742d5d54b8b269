"""Whether the first run lasts (PNL-71), kept beside the installation file too: lost settings do not end it.

The settings say how far it has come. They may be reset or lost while chargers are installed already that
nobody has tried; the mark stays then, and the run begins anew. It goes once the run was ended by a person.
"""

import logging
from dataclasses import replace
from pathlib import Path
from typing import Final

from hems.model.settings import Commissioning, Settings
from hems.model.site import UNKNOWN_SITE, Config, devices
from hems.model.view import View

log = logging.getLogger(__name__)

FIRST_RUN: Final = "first-run"
"""What the mark is called."""

FIRST_STEP: Final = "language"
"""The first run begins with it."""


def begun(config: Config, settings: Settings, mark: Path) -> Settings:
    """Where nobody has told of a house the first run begins; until it has ended no car is charged."""
    fresh = config.site is UNKNOWN_SITE and not devices(config)
    if settings.commissioning is not None or not (fresh or mark.exists()):
        return settings
    return replace(settings, commissioning=Commissioning(FIRST_STEP))


class FirstRun:
    """The eye that keeps the mark for as long as the first run lasts."""

    def __init__(self, mark: Path) -> None:
        self._mark = mark
        self._marked = mark.exists()

    def show(self, view: View) -> None:
        """Make the mark when the run begins, remove it when it has ended."""
        lasts = view.settings.commissioning is not None
        if lasts is self._marked:
            return
        self._marked = lasts
        try:
            if lasts:
                self._mark.touch()
            else:
                self._mark.unlink(missing_ok=True)
        except OSError as error:
            log.warning("%s: %s", self._mark, error.strerror)
