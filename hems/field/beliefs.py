"""What is believed of what one device says: its samples, and what speaks against them."""

from hems.field import introduction, variants
from hems.field.checks import complaints, fallen, fell
from hems.field.decoding import Sample, plausible
from hems.field.doubts import TOTALS, Doubt, judge, odd
from hems.field.exchange import Outcome, Request
from hems.field.introduction import Introduction
from hems.field.profile import Point, Profile, Quantity


class Beliefs:
    """Samples by quantity; `profile` is the variant of `base` in force, `falls` when totals fell last.

    `implausible` counts the values refused as outside their range.
    """

    def __init__(self, base: Profile, now_mono_s: float) -> None:
        self.base = base
        self.profile = base
        self.samples: dict[Quantity, Sample] = {}
        self.implausible = 0
        self.trial = variants.begun(base, variants.Trial(), now_mono_s)
        self.introduction = introduction.begun(Introduction(), now_mono_s)
        self._differing = variants.differing(base)
        self._doubts: dict[Quantity, Doubt] = {}
        self._falls: dict[Quantity, float] = {}

    @property
    def settled(self) -> bool:
        """Whether its variant is proved and it did not name another product."""
        return self.trial.stage == "proved" and not self.introduction.stranger

    def meet_again(self, now_mono_s: float) -> None:
        """It returned: variant and name are proved anew, what held before is tried first."""
        self.trial = variants.begun(self.base, self.trial, now_mono_s)
        self.introduction = introduction.begun(self.introduction, now_mono_s)

    def may_believe(self, quantity: Quantity) -> bool:
        """Not before the variant that reads it is proved; of another product only what a charger says."""
        proved = self.trial.stage == "proved" or quantity not in self._differing
        return proved and (self.base.kind == "charger" or not self.introduction.stranger)

    def prove(self, found: tuple[float, ...] | None, at_mono_s: float) -> bool:
        """The proof's point was read (``None``: absent or refused); true if another variant is tried now."""
        before = self.trial
        self.trial = variants.took(self.base, before, found, at_mono_s)
        changed = self.trial.index != before.index
        if changed:
            self.profile = variants.applied(self.base, self.trial.index)
        return changed

    def question(self, unit: int, now_mono_s: float) -> Request | None:
        """What is asked for its name, if it is time to."""
        return introduction.request(self.base.identify, self.introduction, unit, now_mono_s)

    def took_name(self, outcome: Outcome, at_mono_s: float) -> None:
        """What it said of itself; what a meter of another make said before is forgotten."""
        assert self.base.identify is not None
        self.introduction = introduction.took(self.base.identify, self.introduction, outcome, at_mono_s)
        if self.introduction.stranger and self.base.kind != "charger":
            self.samples.clear()

    def keep(self, point: Point, found: tuple[float, ...] | None, at_mono_s: float) -> bool:
        """Whether a value is believed; then it is the sample from now on. ``None`` takes the sample away."""
        quantity = point.quantity
        before = self.samples.get(quantity)
        doubt = self._doubts.pop(quantity, None)
        if found is None:
            self.samples.pop(quantity, None)
            return False
        if not self.may_believe(quantity):
            return False
        known = None if before is None else before.values
        believed, doubt = judge(self.base, point, found, known, doubt)
        if doubt is not None:
            self._doubts[quantity] = doubt
        if not believed:
            self.implausible += not plausible(point, found)
            return False
        if quantity in TOTALS and point.order != "?" and fell(before, found):
            self._falls[quantity] = at_mono_s
        self.samples[quantity] = Sample(found, at_mono_s)
        return True

    @property
    def doubtful(self) -> bool:
        """Whether something it says is to be heard more often before it is believed."""
        return bool(self._doubts)

    @property
    def strange(self) -> list[Quantity]:
        """What is believed although it lies outside its range."""
        return odd(self._doubts)

    def words(self, now_mono_s: float) -> list[str]:
        """What speaks against what it says."""
        said = [introduction.words(self.introduction), variants.words(self.base, self.trial)]
        if self.strange:
            said.append(f"believed outside its range, since it is read so again: {', '.join(self.strange)}")
        return [part for part in said if part] + complaints(self.samples) + fallen(self._falls, now_mono_s)
