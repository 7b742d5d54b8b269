"""The state machines as pictures, from the tables that tests hold; ``python -m tests.house.machines``."""

from collections.abc import Iterable, Mapping
from typing import Any

from hems import installing
from hems.api import client_state, codec, kdf_queue
from hems.core import (
    alarms,
    appetite,
    charging,
    dim_test,
    hand,
    loads,
    meter,
    overload,
    pulses,
    relay_test,
    search,
    sg_ready,
    surplus,
    switching,
    target,
)
from hems.field import line, setup, slot, variants
from hems.journal import book, history
from hems.optimizer import bridge
from hems.panel import foremost, keys, meter_check, navigator

MACHINES: Mapping[str, Mapping[Any, Iterable[Any]]] = {
    "charging": charging.ALLOWED,
    "target": target.ALLOWED,
    "switch of lines": switching.ALLOWED,
    "test of lines": pulses.ALLOWED,
    "hand": hand.ALLOWED,
    "test of a relay": relay_test.ALLOWED,
    "test of the operator's contact": dim_test.ALLOWED,
    "search of a line": search.ALLOWED,
    "grid meter": meter.ALLOWED,
    "alarm": alarms.ALLOWED,
    "pause": overload.ALLOWED,
    "appetite": appetite.ALLOWED,
    "battery and cars": surplus.ALLOWED,
    "SG-Ready contacts": sg_ready.ALLOWED,
    "load": loads.ALLOWED,
    "serial line": line.ALLOWED,
    "setup of a charger": setup.ALLOWED,
    "set-point of a charger": slot.ALLOWED,
    "variant of a device": variants.ALLOWED,
    "book": book.ALLOWED,
    "history": history.ALLOWED,
    "stream of a client": codec.ALLOWED,
    "client of the door": client_state.ALLOWED,
    "hashing of passwords": kdf_queue.ALLOWED,
    "optimizer": bridge.ALLOWED,
    "new installation": installing.ALLOWED,
    "keyboard": keys.ALLOWED,
    "panel": navigator.ALLOWED,
    "what stands before the screens": foremost.ALLOWED,
    "check of a meter's line": meter_check.ALLOWED,
}


def picture(allowed: Mapping[Any, Iterable[Any]]) -> str:
    """One machine as a diagram; stages and transitions in the order of the table."""
    rows = [f"    {before} --> {after}" for before, afters in allowed.items() for after in sorted(afters)]
    return "\n".join(["```mermaid", "stateDiagram-v2", *rows, "```"])


def pictures() -> str:
    """All machines, one heading each."""
    return "\n\n".join(f"#### {name}\n\n{picture(allowed)}" for name, allowed in MACHINES.items())


if __name__ == "__main__":
    print(pictures())
