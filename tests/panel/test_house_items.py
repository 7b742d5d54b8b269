"""The panel's own settings (PNL-60)."""

from dataclasses import replace

import pytest

from hems.core.grant import grant
from hems.core.rules import Rules
from hems.model.intents import SetPanel
from hems.model.settings import Settings
from hems.panel.house_items import HOUSE_ITEMS, INSTALLER
from tests.panel.views import HOUSE, NOW

ROWS = {item.key: item for item in HOUSE_ITEMS if item.key != INSTALLER}


@pytest.mark.parametrize("key", ROWS)
def test_every_value_is_granted_and_then_in_force(key: str) -> None:
    row = ROWS[key]
    for value in row.values(HOUSE, ""):
        asked = row.intent(HOUSE, "", value)
        assert isinstance(asked, SetPanel)
        granted = grant(Rules((25.0, 25.0, 25.0), {}), HOUSE.settings, asked, NOW)
        assert isinstance(granted, Settings)
        assert row.present(replace(HOUSE, settings=granted), "") == value
        assert 0 < len(row.text(value)) <= 11


def test_the_row_of_the_installer_asks_for_nothing() -> None:
    assert HOUSE_ITEMS[-1].intent(HOUSE, "", "yes") is None
