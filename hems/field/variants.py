"""Which variant of a profile is in force: the first whose proof holds. Pure.

Theory of operation. A profile may have variants (other firmware, other batches) and a proof: a value that
lies in its range only when the right one reads it. While `trying`, nothing that differs between the variants
is believed; a proof that fails, or whose read the device refuses, tries the next one. After a whole round
in vain there is a rest. A variant once `proved` stays until the device returns, and is then tried first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from hems.field.profile import Profile, Proof, Quantity

Stage = Literal["trying", "proved"]
ALLOWED: Final[Mapping[Stage, frozenset[Stage]]] = {
    "trying": frozenset({"proved"}),
    "proved": frozenset({"trying"}),
}
REST_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Trial:
    """The variant in force, 0 being the profile itself, and how many failed in a row."""

    stage: Stage = "trying"
    since_mono_s: float = 0.0
    index: int = 0
    failed: int = 0
    rest_until_mono_s: float = 0.0


def begun(profile: Profile, trial: Trial, now_mono_s: float) -> Trial:
    """The device is met, or returned: what held before is tried first."""
    stage: Stage = "proved" if profile.proof is None else "trying"
    return Trial(stage, now_mono_s, trial.index)


def took(profile: Profile, trial: Trial, found: Sequence[float] | None, now_mono_s: float) -> Trial:
    """What the proof's point read; ``None`` = absent or refused."""
    proof = profile.proof
    match trial.stage:
        case "proved":
            return trial
        case "trying":
            if proof is None or (found is not None and _holds(proof, found)):
                return replace(trial, stage="proved", since_mono_s=now_mono_s, failed=0)
            if now_mono_s < trial.rest_until_mono_s:
                return trial
            index = (trial.index + 1) % (1 + len(profile.variants))
            failed = trial.failed + 1
            whole_round = failed % (1 + len(profile.variants)) == 0
            rest_s = now_mono_s + REST_S if whole_round else trial.rest_until_mono_s
            return replace(trial, index=index, failed=failed, rest_until_mono_s=rest_s)


def applied(profile: Profile, index: int) -> Profile:
    """The profile as one of its variants has it."""
    if not index:
        return profile
    variant = profile.variants[index - 1]
    replaced = {(point.quantity, point.role) for point in variant.points}
    kept = tuple(point for point in profile.points if (point.quantity, point.role) not in replaced)
    write = profile.write and (variant.write or profile.write)
    return replace(profile, points=(*kept, *variant.points), write=write)


def differing(profile: Profile) -> frozenset[Quantity]:
    """What is not believed until it is proved: what the variants have otherwise; without variants all."""
    if profile.proof is None:
        return frozenset()
    points = [point for variant in profile.variants for point in variant.points] or profile.points
    return frozenset(point.quantity for point in points)


def words(profile: Profile, trial: Trial) -> str:
    """Which variant it is, or why none is believed."""
    if trial.stage == "proved":
        return f"reads as {profile.variants[trial.index - 1].what}" if trial.index else ""
    proof = profile.proof
    if proof is None or not trial.failed:
        return ""
    return f"not believed: {proof.quantity} is not {proof.low:g}..{proof.high:g}; wrong profile?"


def _holds(proof: Proof, found: Sequence[float]) -> bool:
    """Whether all values are in range; a line that is not connected may read 0 beside one that is."""
    fitting = [proof.low <= value <= proof.high for value in found]
    return any(fitting) and all(fits or value == 0 for fits, value in zip(fitting, found, strict=True))
