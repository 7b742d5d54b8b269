"""The grid's energy by tariff, and what it costs (CNT-71, CNT-72, CNT-76)."""

from hems.core.count import Sample
from hems.model.ledger import Last, Ledger, State
from tests.core.counting import Counted, berlin

PEAK_UEUR = 310_000


def imported(house: Counted, wh: float, tariff: str | None, price: int | None) -> None:
    house.take(Sample(totals_wh={"grid_import": wh}, tariff=tariff, price_ueur_kwh=price))


def test_import_goes_to_the_tariff_and_the_price_at_the_start() -> None:
    """CNT-72, CNT-76."""
    house = Counted(berlin("2026-11-24 05:59:30"))
    for wh, tariff, price in (
        (1_000, "off_peak", 200_000), (1_010, "peak", PEAK_UEUR), (1_030, "peak", PEAK_UEUR),
        (1_033, None, None), (1_040, "night", 100_000), (1_050, "peak", PEAK_UEUR),
    ):  # fmt: skip
        imported(house, wh, tariff, price)
        house.wait(30)
    assert house.counted("site.grid_import") == {"off_peak": 10, "peak": 23, "unattributed": 17, "all": 50}
    assert house.counted("site.grid_cost") == {"off_peak": 2_000, "peak": 7_130, "all": 10_130}
    assert house.counted("site.grid_unpriced") == {"all": 7}


def test_a_gap_has_no_tariff_and_no_price() -> None:
    """CNT-72: elapsed > 900 s; a restart below that changes nothing (CNT-55)."""
    house = Counted(berlin("2026-11-24 09:00:00"))
    imported(house, 1_000, "peak", PEAK_UEUR)
    house.cut(off_s=600)
    imported(house, 1_100, "peak", PEAK_UEUR)
    house.wait(901)
    imported(house, 1_200, "peak", PEAK_UEUR)
    assert house.counted("site.grid_import") == {"peak": 100, "unattributed": 100, "all": 200}
    assert house.counted("site.grid_cost") == {"peak": 31_000, "all": 31_000}
    assert house.counted("site.grid_unpriced") == {"all": 100}


def test_the_remainder_is_carried_over_a_restart() -> None:
    """CNT-76, CNT-91: 30 × 1 Wh at 333,333 µEUR/kWh are 9,999.99 µEUR."""
    house = Counted(berlin("2026-11-24 09:00:00"))
    for i in range(31):
        imported(house, 1_000 + i, "peak", 333_333)
        house.wait(30)
        if i % 7 == 3:
            house.cut()
    assert house.counted("site.grid_cost")["all"] == 9_999
    assert house.state.ledger.last["site.grid_cost"].carry_mwh == 990


def test_a_negative_price_pays_back() -> None:
    """CNT-76, INV-2: cost may fall."""
    house = Counted(berlin("2026-11-24 09:00:00"))
    for wh, price in ((1_000, -50_000), (1_020, 10_000), (1_030, 0)):
        imported(house, wh, "peak", price)
        house.wait(30)
    assert house.state.ledger.counters["site.grid_cost.all"].total == -1_000 + 100


def test_a_held_reading_keeps_the_price_of_the_last_accepted_one() -> None:
    """CNT-57, CNT-76."""
    house = Counted(berlin("2026-11-24 09:00:00"))
    for wh, price in ((1_000, 100_000), (900_000, 900_000), (1_010, 100_000)):
        imported(house, wh, "peak", price)
        house.wait(30)
    assert house.counted("site.grid_cost")["all"] == 1_000


def test_what_was_counted_before_there_were_parts_is_nobodys() -> None:
    """INV-3: a ledger from before tariffs were counted."""
    house = Counted(berlin("2026-11-24 09:00:00"))
    imported(house, 1_000, None, None)
    house.wait(30)
    imported(house, 1_070, None, None)
    ledger = house.state.ledger
    parts = [name for name in ledger.counters if name.startswith("site.grid_import.") and name[-4:] != ".all"]
    older = {name: counter for name, counter in ledger.counters.items() if name not in parts}
    last = {**ledger.last, "site.grid_import": Last(1_070_000, house.wall)}
    house.state = State(house.state.tally, Ledger(ledger.keys, older, last))
    house.wait(30)
    imported(house, 1_090, "peak", None)
    house.wait(30)
    imported(house, 1_100, "peak", None)
    assert house.counted("site.grid_import") == {"unattributed": 90, "peak": 10, "all": 100}
    assert house.show("site.grid_import.unattributed")["daily"] == 90
