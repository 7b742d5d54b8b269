"""What is being tried, so that whoever starts next knows it, whatever happened to the power.

A trial is written down before anything is switched. A version that was started in a trial and is started
again has fallen over: then the one before it is put back. A trial ends by being proven or by going back.
"""

from dataclasses import asdict, dataclass
from typing import Literal

from hems_update import durable, manifest, releases
from hems_update.place import Place

Outcome = Literal["proven", "went back", "not begun"]


@dataclass(frozen=True, slots=True)
class Trial:
    """A version (or slot) on trial, the one before, whether it was started, and alarms from before."""

    kind: Literal["app", "os"]
    version: str
    before: str
    started: bool = False
    alarms: tuple[str, ...] = ()


def current(place: Place) -> Trial | None:
    """The trial that has not ended; ``None`` if there is none."""
    told = durable.read_json(place.work / "trial.json")
    try:
        told["alarms"] = tuple(told["alarms"])
        return Trial(**told)
    except (KeyError, TypeError):
        return None


def begin(place: Place, trial: Trial) -> None:
    """Write it down; from here on it cannot be forgotten."""
    durable.write_json(place.work / "trial.json", asdict(trial))


def end(place: Place, trial: Trial, outcome: Outcome, words: str = "") -> None:
    """How it came out, for `--status`."""
    told = {"kind": trial.kind, "version": trial.version, "before": trial.before}
    durable.write_json(place.work / "last.json", {**told, "outcome": outcome, "words": words})
    (place.work / "trial.json").unlink(missing_ok=True)
    durable.sync_folder(place.work)


def started(place: Place) -> str:
    """The service is about to start: a version that fell over in its trial is left; words if so."""
    trial = current(place)
    if trial is None or trial.kind != "app":
        return ""
    if releases.running(place) != trial.version:
        end(place, trial, "not begun")
        return ""
    if not trial.started:
        begin(place, Trial(trial.kind, trial.version, trial.before, started=True, alarms=trial.alarms))
        return ""
    return go_back(place, trial, "it fell over")


def go_back(place: Place, trial: Trial, words: str) -> str:
    """Put the version before in its place again."""
    if manifest.order(trial.before) and trial.before in releases.versions(place):
        releases.switch(place, trial.before)
    end(place, trial, "went back", words)
    return f"{trial.version} is not used: {words}; {trial.before} runs again"
