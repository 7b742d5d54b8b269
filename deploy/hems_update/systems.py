"""A whole system: written into the slot that does not run, started once, and committed or left.

Theory of operation. The boot loader forgets a trial before it starts it, so a slot that does not come up,
hangs or loses its power falls back by itself. Only a slot that proves itself (`resume`, after its start) is
committed.
"""

from hems_update import releases, service, slots, trial
from hems_update.acts import Say, back_up, percent, run
from hems_update.bundle import Received
from hems_update.place import Place
from hems_update.refusals import Exit, UpdateError
from hems_update.trial import Trial


def install(place: Place, received: Received, say: Say) -> Exit:
    """Write a system, and let it start once."""
    slot = slots.other(place)
    size = received.manifest.unpacked_bytes
    slots.write(place, slot, received.payload, size, percent(say, f"written to slot {slot}"))
    back_up(place, say)
    found = Trial("os", slot, place.slot, alarms=trial.alarms_of(service.ask(place.socket)))
    try:
        trial.begin(place, found)
        say("written down")
        slots.try_once(place, slot)
    except OSError:
        trial.end(place, found, "not begun", "the card would not take it")
        raise
    say(f"slot {slot} starts now, once; it stays if it proves itself")
    if words := run(place.reboot):
        slots.forget_trial(place)
        trial.end(place, found, "not begun", words)
        raise UpdateError(Exit.NOT_HERE, f"the machine does not start again: {words}")
    return Exit.RESTARTING


def resume(place: Place, found: Trial, say: Say) -> Exit:
    """The machine has started: commit the slot on trial if it runs and proves itself."""
    if place.slot != found.version:
        trial.end(place, found, "went back", f"slot {found.version} did not come up")
        say(f"slot {found.version} did not come up; slot {place.slot} runs")
        return Exit.ROLLED_BACK
    version = releases.running(place)
    words = service.healthy(place.socket, found.wanted(version), place.os_patience_s, place.os_proof_s)
    if words:
        trial.end(place, found, "went back", words)
        say(f"slot {found.version} is not used: {words}")
        if trouble := run(place.reboot):
            say(trouble)
        return Exit.ROLLED_BACK
    slots.commit(place, found.version)
    trial.end(place, found, "proven")
    say(f"slot {found.version} is proven and stays")
    return Exit.DONE
