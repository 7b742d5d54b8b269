from hems.core.cycle import Claim
from hems.model.why import Reason, Why

FAST = Why(Reason.FAST, {"limit_a": 16.0})
FUSE = Why(Reason.LINE_LIMIT, {"line": "L1", "limit_a": 10.0})


def test_a_claim_only_narrows_and_keeps_the_earlier_reason_on_a_tie() -> None:
    """CHG-1: nothing that comes later can widen it."""
    claim = Claim(16.0, FAST)
    assert claim.narrow(10.0, FUSE) == Claim(10.0, FUSE)
    assert claim.narrow(16.0, FUSE) is claim
    assert claim.narrow(32.0, FUSE) is claim
