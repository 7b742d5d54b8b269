"""What the grid's energy costs: Wh × the price when the interval began, in micro-euro (CNT-76)."""

from typing import Final

from hems.core.counting import CountRules
from hems.core.energy import UNATTRIBUTED
from hems.core.periods import book
from hems.core.sources import GAP_S, elapsed_s, remember, risen, stamp
from hems.model.instant import Instant
from hems.model.ledger import Last, State

IMPORT: Final = "site.grid_import"
COST: Final = "site.grid_cost"
UNPRICED: Final = "site.grid_unpriced"
KNOWN: Final = "priced"
NEUR_PER_UEUR: Final = 1000


def step(rules: CountRules, before: State, state: State, price_ueur_kwh: int | None, now: Instant) -> State:
    """Book the cost of what an accepted reading of the import total has booked since `before`."""
    if state.ledger.last.get(IMPORT) is before.ledger.last.get(IMPORT):
        return state
    paid = state.ledger.last.get(COST)
    carry_neur, ledger = paid.carry_mwh if paid else 0, state.ledger
    priced = paid is not None and paid.part == KNOWN and elapsed_s(before, IMPORT, now) <= GAP_S
    for part in (*rules.tariffs, UNATTRIBUTED):
        wh = risen(before.ledger, state.ledger, f"{IMPORT}.{part}")
        if wh and paid is not None and priced:
            ueur, carry_neur = divmod(carry_neur + wh * paid.value, NEUR_PER_UEUR)
            for name in ("all", part) if part in rules.tariffs else ("all",):
                ledger = book(ledger, f"{COST}.{name}", ueur, now)
        elif wh:
            ledger = book(ledger, f"{UNPRICED}.all", wh, now)
    known = "" if price_ueur_kwh is None else KNOWN
    last = Last(price_ueur_kwh or 0, stamp(now), known, carry_neur)
    return remember(State(state.tally, ledger), COST, last, now)
