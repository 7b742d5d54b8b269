"""Who may import whom: the table is the rule."""

import sys

from tests.house.tree import Module, imports, modules

OURS = {
    "model": {"model"},
    "core": {"model", "core"},
    "field": {"model", "errors", "field"},
    "journal": {"model", "errors", "journal"},
    "panel": {"model", "errors", "panel", "language"},
    "language": {"model", "language"},
    "api": {"model", "errors", "api", "language"},
    "optimizer": {"model", "errors", "optimizer"},
    "sim": {"model", "clock", "reactor", "sim"},
    "errors": set(),
    "clock": {"model"},
    "reactor": {"clock"},
    "explain": {"model"},
    "wired": {"model"},
    "config": {"model", "errors", "explain", "wired"},
    "regrets": {"model", "core", "config", "wired"},
    "supervisor": {"model", "core"},
    "watchdog": set(),
    "chores": set(),
    "signals": {"model"},
    "describe": {"model", "field", "config", "regrets"},
    "tariffs": {"model", "core", "errors", "price_file"},
    "price_file": {"model", "core", "errors"},
    "prices": {"model", "core", "errors", "journal", "config", "clock", "reactor", "tariffs", "price_file"}
    | {"api"},
    "housekeeping": {"model", "chores"},
    "counted": {"model", "core", "field", "tariffs"},
    "controlled": {"model", "core", "field", "tariffs"},
    "around": {"model"},
    "appliance": {"model"},
    "assembly": {"model", "core", "field", "journal", "panel", "config", "errors", "supervisor", "watchdog"}
    | {"housekeeping", "reactor", "clock", "signals", "describe", "counted", "controlled", "regrets"}
    | {
        "tariffs",
        "price_file",
        "first_run",
        "around",
        "appliance",
        "optimizer",
        "inbox",
        "installing",
        "upkeep",
        "installed",
    }
    | {"api", "doorway"},
    "installed": {"model", "core", "field"},
    "amendment": {"model", "errors"},
    "child": {"model"},
    "installing": {"model", "errors", "amendment", "child"},
    "upkeep": {"model", "errors", "archive", "child", "installing", "journal"},
    "inbox": {"model"},
    "first_run": {"model"},
    "measure": {"model", "field", "config", "assembly", "describe", "reactor", "clock", "signals", "errors"},
    "scan": {"model", "field", "reactor", "clock", "errors"},
    "demo_words": {"model", "panel"},
    "demo_folder": {"errors", "journal"},
    "demo": {"demo_folder", "demo_words", "model", "panel", "sim", "assembly", "errors", "clock", "signals"}
    | {"amendment", "installing", "upkeep"},
    "doorway": {"model", "api", "panel", "errors"},
    "acts": {"archive"},
    "clients_completion": {"clients_options"},
    "clients_params": {"model", "errors", "clients_told"},
    "clients_told": set(),
    "clients_words": {"clients_told", "figures"},
    "clients_rows": {"api", "clients_params", "clients_told", "clients_words"},
    "clients_options": {"acts", "clients_params", "clients", "clients_panel"},
    "clients": {"api", "errors", "clients_rows", "clients_options", "clients_told", "clients_words"}
    | {"archive", "figures"},
    "clients_panel": {"api", "clients", "clients_told", "clock", "errors", "panel", "reactor", "signals"},
    "figures": {"model", "core", "journal"},
    "archive": {"core", "journal", "errors", "clock"},
    "__main__": {
        "acts",
        "clients_options",
        "clients_completion",
        "model",
        "field",
        "journal",
        "assembly",
        "demo",
        "scan",
        "measure",
        "config",
        "errors",
        "prices",
    },
}
"""Which of our own rooms each room may import; a room that is missing here may not exist."""

OWNERS = {
    "pymodbus": {"hems.field.exchange", "hems.field.ascii"},
    "serial": {"hems.field.port"},
    "gpiozero": {"hems.field.pins", "hems.demo"}
    | {"hems.panel.buttons", "hems.panel.lights", "hems.panel.transport"},
    "luma": {"hems.panel.transport", "hems.panel.face"},
    "PIL": {"hems.panel", "hems.demo", "hems.demo_folder"},
    "tinydb": {"hems.journal.storage"},
    "schedule": {"hems.chores"},
    "msgspec": {
        "hems.api",
        "hems.optimizer",
        "hems.panel.front",
        "hems.model.site",
        "hems.model.edges",
        "hems.config",
        "hems.explain",
        "hems.assembly",
        "hems.journal",
    }
    | {"hems.price_file", "hems.prices", "hems.panel.front"},
    "urllib3": {"hems.prices"},
    "tomlkit": {"hems.amendment"},
    "time": {"hems.clock"},
    "selectors": {"hems.clock", "hems.reactor"},
    "threading": {"hems.journal.writer"},
}
"""Third parties and the dangerous parts of the standard library, with the few files that may touch them."""

STANDARD_ONLY = ("model", "core")
SHAPES = ("hems.model.site", "hems.model.edges")
"""Rooms that stay on the standard library; the configuration shapes are the one exception."""


def _owned(module: Module, owners: set[str]) -> bool:
    return any(module.name == owner or module.name.startswith(owner + ".") for owner in owners)


def test_our_rooms_import_one_way() -> None:
    for module in modules():
        if module.name == "hems":
            continue
        allowed = OURS[module.package]
        for name in imports(module):
            parts = name.split(".")
            if parts[0] == "hems" and len(parts) > 1:
                assert parts[1] in allowed, f"{module.path} may not import {name}"


def test_third_parties_have_few_owners() -> None:
    for module in modules():
        for name in imports(module):
            top = name.split(".")[0]
            if top in OWNERS:
                assert _owned(module, OWNERS[top]), f"{module.path} may not import {name}"
            else:
                assert top == "hems" or top in sys.stdlib_module_names, (
                    f"{name} in {module.path} has no owner"
                )


def test_model_and_core_stay_on_the_standard_library() -> None:
    for module in modules():
        if module.package in STANDARD_ONLY and module.name not in SHAPES:
            for name in imports(module):
                assert name not in SHAPES, f"{module.path} would pull in the shapes' decoder"
                assert name.split(".")[0] == "hems" or name.split(".")[0] in sys.stdlib_module_names


def test_the_core_does_nothing_but_think() -> None:
    forbidden = {"logging", "os", "sys", "socket", "random", "pathlib", "io"}
    for module in modules():
        if module.package == "core":
            assert not forbidden & set(imports(module)), f"{module.path} reaches out of the core"
