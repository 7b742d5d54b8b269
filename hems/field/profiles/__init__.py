"""Known devices: data only."""

from collections.abc import Mapping
from typing import Final

from hems.field.profile import Profile
from hems.field.profiles.abb import B21, B23
from hems.field.profiles.abb_terra import TERRA_AC
from hems.field.profiles.abl import EMH
from hems.field.profiles.bernecker import MPM3PM
from hems.field.profiles.chint import DTSU666
from hems.field.profiles.delta import AC_MAX
from hems.field.profiles.deye import SG3
from hems.field.profiles.eastron import SDM72DM_V2, SDM120, SDM230, SDM630
from hems.field.profiles.etek import EKEPC2
from hems.field.profiles.evracing import EVSE_WB
from hems.field.profiles.finder import F7M38
from hems.field.profiles.gavazzi import EM24, EM112, EM340
from hems.field.profiles.goodwe import ET
from hems.field.profiles.heidelberg import ENERGY_CONTROL
from hems.field.profiles.huawei import SUN2000
from hems.field.profiles.inepro import PRO380
from hems.field.profiles.janitza import UMG96RM
from hems.field.profiles.lambda_eul import EU_L
from hems.field.profiles.lg import THERMA_V
from hems.field.profiles.lovato import DMG610
from hems.field.profiles.marstek import VENUS_2, VENUS_3
from hems.field.profiles.mennekes import AMTRON_COMPACT
from hems.field.profiles.midea import M_THERMAL
from hems.field.profiles.obo import ION
from hems.field.profiles.orno import WE517, WS100
from hems.field.profiles.phoenix import EV_CC
from hems.field.profiles.samsung import MIM_B19N
from hems.field.profiles.schneider import IEM3150, IEM3155
from hems.field.profiles.schrack import CION
from hems.field.profiles.siemens import PAC2200
from hems.field.profiles.solax import EVC_G1, EVC_G2
from hems.field.profiles.sungrow import SH
from hems.field.profiles.sungrow_charger import AC011E
from hems.field.profiles.sunspec import SUNSPEC

METERS: Final = (
    SDM630,
    SDM72DM_V2,
    SDM120,
    SDM230,
    B23,
    B21,
    EM24,
    EM340,
    EM112,
    DTSU666,
    PRO380,
    IEM3155,
    IEM3150,
    PAC2200,
    DMG610,
    UMG96RM,
    WS100,
    WE517,
    MPM3PM,
    F7M38,
    SUNSPEC,
    SG3,
    ET,
    SUN2000,
    SH,
    VENUS_2,
    VENUS_3,
)
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
