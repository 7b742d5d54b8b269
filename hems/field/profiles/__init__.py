"""Known devices: data only."""

from collections.abc import Mapping
from typing import Final

from hems.field.profile import Profile
from hems.field.profiles.eastron import SDM72DM_V2, SDM630
from hems.field.profiles.evracing import EVSE_WB
from hems.field.profiles.heidelberg import ENERGY_CONTROL
from hems.field.profiles.lambda_eul import EU_L
from hems.field.profiles.sunspec import INVERTER

PROFILES: Final[Mapping[str, Profile]] = {
    profile.key: profile for profile in (SDM630, SDM72DM_V2, ENERGY_CONTROL, EVSE_WB, EU_L, INVERTER)
}
"""All profiles by key."""
