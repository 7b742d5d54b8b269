from dataclasses import replace

from hems.core.circuits import above, fuse_a, look, metered_below, trust
from hems.core.meter import Stage, State, Trust
from hems.core.rules import CircuitRules, Rules
from hems.model.snapshot import MeterReading
from tests.core.bench import FUSE_A

inf = float("inf")
TREE = {
    "yard": CircuitRules((32.0, 32.0, 0.0)),
    "garage": CircuitRules((16.0, 16.0, 16.0), "yard", metered=True),
    "loop": CircuitRules((16.0, 16.0, 16.0), "ring"),
    "ring": CircuitRules((16.0, 16.0, 16.0), "loop"),
    "stray": CircuitRules((16.0, 16.0, 16.0), "nowhere"),
}
RULES = Rules(FUSE_A, circuits=TREE)
GOOD = Trust(Stage.GOOD, 0.0, True, True)


def test_a_charger_hangs_on_every_circuit_above_it() -> None:
    """CHG-30: and nothing runs in a circle."""
    assert above(RULES, "garage") == ("garage", "yard")
    assert above(RULES, "yard") == ("yard",)
    assert above(RULES, "") == above(RULES, "nowhere") == ()
    assert above(RULES, "loop") == ("loop", "ring")
    assert above(RULES, "stray") == ("stray",)


def test_no_limit_is_endless() -> None:
    """CHG-30: 0 is legal for a circuit."""
    assert fuse_a(RULES, "yard") == (32.0, 32.0, inf)


def test_only_metered_circuits_are_looked_at() -> None:
    reading = MeterReading(10.0, 0.0, line_a=(1.0, 2.0, 3.0))
    first = look(RULES, {}, {"garage": reading, "yard": reading}, 10.0)
    assert list(first) == ["garage"]
    assert (first["garage"].trust.stage, first["garage"].trust.circuit) == (Stage.WAITING, "garage")
    later = MeterReading(11.0, 0.0, line_a=(1.0, 2.0, 3.0))
    second = look(RULES, {"garage": first["garage"].state}, {"garage": later}, 11.0)["garage"]
    assert second.grid is not None
    assert (second.trust.stage, second.grid.line_a) == (Stage.GOOD, (1.0, 2.0, 3.0))
    silent = look(RULES, {"garage": State(Stage.GOOD, 0.0, 11.0, True)}, {}, 17.0)["garage"]
    assert (silent.trust.stage, silent.grid) == (Stage.REDUCED, None)


def test_chargers_trust_the_worst_meter_above_them() -> None:
    seen = look(RULES, {"garage": State(Stage.GOOD, 0.0, 11.0, True)}, {}, 17.0)
    assert trust(RULES, GOOD, seen, ("garage", "yard")).stage is Stage.REDUCED
    assert not trust(RULES, GOOD, seen, ("garage", "yard")).may_raise
    assert trust(RULES, GOOD, seen, ("ring",)) == GOOD
    lost = Trust(Stage.LOST, 20.0, False, False)
    assert trust(RULES, lost, seen, ("garage",)).circuit == ""


def test_a_fused_circuit_without_a_meter_is_known_by_the_meters_below_it() -> None:
    """CHG-30: the nearest ones; where nothing is limited nobody needs to know."""
    deeper = replace(
        RULES,
        circuits={
            **TREE,
            "box": CircuitRules((16.0, 16.0, 16.0), "garage", metered=True),
            "shed": CircuitRules((0.0, 0.0, 0.0), "yard"),
            "loft": CircuitRules((16.0, 16.0, 16.0), "shed", metered=True),
        },
    )
    assert metered_below(deeper, "yard") == ("garage", "loft")
    assert metered_below(deeper, "garage") == ("box",)
    assert metered_below(deeper, "box") == metered_below(deeper, "loop") == ()
    seen = look(deeper, {}, {}, 17.0)
    assert trust(deeper, GOOD, seen, ("yard",)).stage is Stage.WAITING
    assert trust(deeper, GOOD, seen, ("shed",)) == GOOD
