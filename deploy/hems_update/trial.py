"""What is being tried, so that whoever starts next knows it, whatever happened to the power.

A trial is written down before anything is switched. A version that was started in a trial and is started
again has fallen over: then the one before it is put back. A trial ends by being proven or by going back.
"""

from dataclasses import asdict, dataclass, replace
from typing import Literal

from hems_update import durable, manifest, releases
from hems_update.place import Place
from hems_update.service import Told, Wanted

Outcome = Literal["proven", "went back", "not begun"]


@dataclass(frozen=True, slots=True)
class Trial:
    """A version (or slot) on trial, the one before, whether it was started, and the alarms from before.

    Where the one before did not answer, nobody knows its `alarms`, and any may be raised.
    """

    kind: Literal["app", "os"]
    version: str
    before: str
    started: bool = False
    alarms: tuple[str, ...] | None = None

    def wanted(self, version: str) -> Wanted:
        """What shall answer."""
        return Wanted(version, frozenset(self.alarms) if self.alarms is not None else None)


def alarms_of(told: Told | None) -> tuple[str, ...] | None:
    """The alarms that a version on trial may raise: those from before."""
    return tuple(sorted(told.alarms)) if told is not None else None


def current(place: Place) -> Trial | None:
    """The trial that has not ended; ``None`` if there is none."""
    told = durable.read_json(place.work / "trial.json")
    try:
        alarms = told["alarms"]
        return Trial(**{**told, "alarms": tuple(alarms) if alarms is not None else None})
    except (KeyError, TypeError):
        return None


def begin(place: Place, trial: Trial) -> None:
    """Write it down; from here on it cannot be forgotten."""
    durable.write_json(place.work / "trial.json", asdict(trial))


def end(place: Place, trial: Trial, outcome: Outcome, words: str = "") -> None:
    """How it came out, for `--status`; a card that cannot keep that does not keep the trial either."""
    told = {"kind": trial.kind, "version": trial.version, "before": trial.before}
    try:
        durable.write_json(place.work / "last.json", {**told, "outcome": outcome, "words": words})
    finally:
        (place.work / "trial.json").unlink(missing_ok=True)
        durable.sync(place.work)


def rejected(place: Place) -> str:
    """The version that was tried last and left; "" if that one was proven."""
    last = durable.read_json(place.work / "last.json")
    left = last.get("kind") == "app" and last.get("outcome") == "went back"
    return str(last.get("version", "")) if left else ""


def started(place: Place) -> str:
    """The service is about to start: a version that fell over in its trial is left; words if so."""
    trial = current(place)
    if trial is None or trial.kind != "app":
        return ""
    if releases.running(place) != trial.version:
        return settle(place, trial)
    if not trial.started:
        begin(place, replace(trial, started=True))
        return ""
    return go_back(place, trial, "it fell over, or the power failed while it was tried")


def settle(place: Place, trial: Trial) -> str:
    """The power failed before the version was switched to, or after it was left; words for it."""
    if trial.started:
        end(place, trial, "went back", "the power failed meanwhile")
        return f"{trial.version} is not used; {releases.running(place)} runs"
    end(place, trial, "not begun", "the power failed before")
    return f"{trial.version} was not begun; {releases.running(place)} runs"


def go_back(place: Place, trial: Trial, words: str) -> str:
    """Put the version before in its place again."""
    if manifest.order(trial.before) and trial.before in releases.versions(place):
        releases.switch(place, trial.before)
    end(place, trial, "went back", words)
    return f"{trial.version} is not used: {words}"
