"""Reasons, refusals and alarms in the language in force, the same at the panel and at the door (PNL-80)."""

from typing import Final

from hems.language.words import c, digits
from hems.model import alarm as alarms
from hems.model import reasons, why
from hems.model.alarm import Alarm
from hems.model.intents import Refusal
from hems.model.phrase import Phrase, Speaker
from hems.model.why import Why


class Native(Speaker):
    """Speaks the language in force; `context` is what the templates are about."""

    def __init__(self, context: str) -> None:
        self._context = context

    def words(self, template: str) -> str:
        """The template in this language, in English where it is not known."""
        return c(self._context, template)

    def number(self, english: str) -> str:
        """With the decimal sign of this language."""
        return digits(english)


REASON: Final = Native("reason")
REFUSAL: Final = Native("refusal")
ALARM: Final = Native("alarm")


def reason(because: Why) -> str:
    """Why a set-point is what it is, in at most 21 characters."""
    return REASON.say(why.phrase(because))


def reason_long(because: Why) -> str:
    """The same in a sentence or two, at most four rows of 21 characters."""
    return REASON.say(Phrase(reasons.LONG_TEXTS[because.code]))


def countdown(seconds: float) -> str:
    """``m:ss`` below an hour, ``h:mm`` above, then days."""
    return REASON.say(why.time_left(seconds))


def refusal(refused: Refusal) -> str:
    """Why something is not granted, in one sentence."""
    return REFUSAL.say(Phrase(refused.template, refused.figures))


def alarm(raised: Alarm) -> str:
    """What an alarm is, in at most 21 characters."""
    return ALARM.say(Phrase(alarms.TEXTS[raised.code].short, raised.figures))


def alarm_long(raised: Alarm) -> str:
    """What the appliance does about it, or what a person has to, in at most four rows of 21 characters."""
    return ALARM.say(Phrase(alarms.TEXTS[raised.code].does))
