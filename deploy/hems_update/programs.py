"""A version of the program: laid beside the others, tried, and proven or left.

Theory of operation. A trial is written down, then the link is switched, then the service restarted and
watched. From the moment it is written down each way leads to its end: this watch, the start of a service that
fell over (`trial.started`), or the watch after a start of the machine (`resume`).
"""

from hems_update import manifest, releases, service, trial
from hems_update.acts import Say, back_up, run
from hems_update.bundle import Received
from hems_update.place import Place
from hems_update.refusals import Exit, UpdateError
from hems_update.service import Wanted
from hems_update.trial import Trial

RETURNED_S = 2.0
"""A version that was good before is good again when it has completed cycles for so long."""


def install(place: Place, received: Received, say: Say) -> Exit:
    """Install and prove a version; the very first one has nothing to go back to and is only laid down."""
    version, before = received.manifest.version, releases.running(place)
    if version == before:
        say(f"{version} runs already")
        return Exit.DONE
    releases.unpack(place, received)
    say("unpacked")
    if not before:
        releases.switch(place, version)
        say(f"{version} is the first one")
        return Exit.DONE
    back_up(place, say)
    return _try(place, version, say)


def roll_back(place: Place, say: Say) -> Exit:
    """Leave a version that is on trial at once, or try the one before the one that runs."""
    if (found := trial.current(place)) is not None and found.kind == "app":
        _leave(place, found, "somebody went back", say)
        return Exit.DONE
    running, unwanted = releases.running(place), trial.rejected(place)
    there = [name for name in releases.versions(place) if name != unwanted]
    older = [name for name in there if manifest.order(name) < manifest.order(running)]
    if not older:
        raise UpdateError(
            Exit.NOTHING_BEFORE, f"there is no version before {running or 'the first'}; send a bundle instead"
        )
    return _try(place, older[-1], say)


def resume(place: Place, found: Trial, say: Say) -> Exit:
    """Judge a trial that nobody watches."""
    if releases.running(place) != found.version:
        say(trial.settle(place, found))
        return Exit.ROLLED_BACK if found.started else Exit.DONE
    return _watch(place, found, say)


def _try(place: Place, version: str, say: Say) -> Exit:
    found = Trial("app", version, releases.running(place), alarms=trial.alarms_of(service.ask(place.socket)))
    try:
        trial.begin(place, found)
        say("written down")
        releases.switch(place, version)
    except OSError:
        trial.end(place, found, "not begun", "the card would not take it")
        raise
    say("switched")
    if words := run(place.restart):
        say(words)
    say("started")
    return _watch(place, found, say)


def _watch(place: Place, found: Trial, say: Say) -> Exit:
    words = service.healthy(
        place.socket,
        found.wanted(found.version),
        place.patience_s,
        place.proof_s,
        lambda: trial.current(place) is None,
    )
    if words:
        _leave(place, found, words, say)
        return Exit.ROLLED_BACK
    trial.end(place, found, "proven")
    releases.tidy(place, {found.version, found.before})
    say(f"{found.version} runs and is proven")
    return Exit.DONE


def _leave(place: Place, found: Trial, words: str, say: Say) -> None:
    """Back to the version before; `UpdateError` if that does not run either."""
    if trial.current(place) is not None:
        say(trial.go_back(place, found, words))
        if trouble := run(place.restart):
            say(trouble)
    else:
        say(f"{found.version} is not used: it fell over")
    trouble = service.healthy(place.socket, Wanted(found.before, None), place.patience_s, RETURNED_S)
    if trouble:
        raise UpdateError(
            Exit.NOTHING_RUNS, f"{found.before} is back, but {trouble}; look at journalctl -u hems.service"
        )
    say(f"{found.before} runs again")
