"""Known devices: data only."""

from collections.abc import Mapping
from typing import Final

from hems.field.profile import Profile
from hems.field.profiles.abb_terra import TERRA_AC
from hems.field.profiles.abl import EMH
from hems.field.profiles.delta import AC_MAX
from hems.field.profiles.eastron import SDM72DM_V2, SDM630
from hems.field.profiles.etek import EKEPC2
from hems.field.profiles.evracing import EVSE_WB
from hems.field.profiles.heidelberg import ENERGY_CONTROL
from hems.field.profiles.lambda_eul import EU_L
from hems.field.profiles.lg import THERMA_V
from hems.field.profiles.mennekes import AMTRON_COMPACT
from hems.field.profiles.midea import M_THERMAL
from hems.field.profiles.obo import ION
from hems.field.profiles.phoenix import EV_CC
from hems.field.profiles.samsung import MIM_B19N
from hems.field.profiles.schrack import CION
from hems.field.profiles.solax import EVC_G1, EVC_G2
from hems.field.profiles.sungrow_charger import AC011E
from hems.field.profiles.sunspec import INVERTER

METERS: Final = (SDM630, SDM72DM_V2, INVERTER)
CHARGERS: Final = (
    ENERGY_CONTROL,
    EMH,
    EVSE_WB,
    AMTRON_COMPACT,
    EV_CC,
    TERRA_AC,
    ION,
    CION,
    AC_MAX,
    EVC_G1,
    EVC_G2,
    AC011E,
    EKEPC2,
)
HEAT_PUMPS: Final = (THERMA_V, MIM_B19N, M_THERMAL, EU_L)

PROFILES: Final[Mapping[str, Profile]] = {profile.key: profile for profile in METERS + CHARGERS + HEAT_PUMPS}
"""All profiles by key."""
