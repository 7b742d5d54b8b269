"""Known devices: data only, a file for each maker or family."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Final

from hems.field.profile import Profile

PLACES: Final[Mapping[str, tuple[str, str]]] = {
    "eastron-sdm630": ("eastron", "SDM630"),
    "eastron-sdm72dm-v2": ("eastron", "SDM72DM_V2"),
    "eastron-sdm120": ("eastron", "SDM120"),
    "eastron-sdm230": ("eastron", "SDM230"),
    "abb-b23": ("abb", "B23"),
    "abb-b21": ("abb", "B21"),
    "gavazzi-em24": ("gavazzi", "EM24"),
    "gavazzi-em340": ("gavazzi", "EM340"),
    "gavazzi-em112": ("gavazzi", "EM112"),
    "chint-dtsu666": ("chint", "DTSU666"),
    "inepro-pro380": ("inepro", "PRO380"),
    "schneider-iem3155": ("schneider", "IEM3155"),
    "schneider-iem3150": ("schneider", "IEM3150"),
    "siemens-pac2200": ("siemens", "PAC2200"),
    "lovato-dmg610": ("lovato", "DMG610"),
    "janitza-umg96rm": ("janitza", "UMG96RM"),
    "bgetech-ws100": ("orno", "WS100"),
    "orno-we517": ("orno", "WE517"),
    "bernecker-mpm3pm": ("bernecker", "MPM3PM"),
    "finder-7m38": ("finder", "F7M38"),
    "sunspec": ("sunspec", "SUNSPEC"),
    "deye-sg3": ("deye", "SG3"),
    "goodwe-et": ("goodwe", "ET"),
    "huawei-sun2000": ("huawei", "SUN2000"),
    "sungrow-sh": ("sungrow", "SH"),
    "marstek-venus-2": ("marstek", "VENUS_2"),
    "marstek-venus-3": ("marstek", "VENUS_3"),
    "heidelberg-energy-control": ("heidelberg", "ENERGY_CONTROL"),
    "abl-emh": ("abl", "EMH"),
    "evse-wb": ("evracing", "EVSE_WB"),
    "mennekes-amtron-compact": ("mennekes", "AMTRON_COMPACT"),
    "phoenix-ev-cc": ("phoenix", "EV_CC"),
    "abb-terra-ac": ("abb_terra", "TERRA_AC"),
    "obo-ion": ("obo", "ION"),
    "schrack-cion": ("schrack", "CION"),
    "delta-ac-max": ("delta", "AC_MAX"),
    "solax-evc-g1": ("solax", "EVC_G1"),
    "solax-evc-g2": ("solax", "EVC_G2"),
    "sungrow-ac011e": ("sungrow_charger", "AC011E"),
    "etek-ekepc2": ("etek", "EKEPC2"),
    "lg-therma-v": ("lg", "THERMA_V"),
    "samsung-mim-b19n": ("samsung", "MIM_B19N"),
    "midea-m-thermal": ("midea", "M_THERMAL"),
    "lambda-eul": ("lambda_eul", "EU_L"),
}
"""Where each profile stands: its file and its name there. Meters, inverters, chargers, heat pumps."""


class Shelf(Mapping[str, Profile]):
    """All profiles by key; a maker's file is read when one of its devices is asked for."""

    def __getitem__(self, key: str) -> Profile:
        file, name = PLACES[key]
        profile: Profile = getattr(import_module(f"{__name__}.{file}"), name)
        return profile

    def __iter__(self) -> Iterator[str]:
        return iter(PLACES)

    def __len__(self) -> int:
        return len(PLACES)


PROFILES: Final[Mapping[str, Profile]] = Shelf()
