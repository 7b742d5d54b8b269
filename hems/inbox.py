"""One place for whatever is asked for, by the panel and by every door."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from hems.model.intents import Intent, Refusal, Upkeep

Answer = Callable[[Refusal | None], None]


class Rules(Protocol):
    """Who judges intents between two cycles."""

    def put(self, intent: Intent, by: str = "panel", answer: Answer | None = None) -> None:
        """Ask for something."""
        ...


class Keeper(Protocol):
    """Who does what is asked of the appliance itself."""

    def ask(self, upkeep: Upkeep, by: str, answer: Answer) -> None:
        """Do it, or say why not."""
        ...


class Nobody:
    """The keeper of a service that nobody looks after."""

    def ask(self, _upkeep: Upkeep, _by: str, answer: Answer) -> None:
        """Nothing of it can be done."""
        answer(Refusal("unsupported", "nothing can be done about the appliance itself here"))


@dataclass(slots=True)
class Inbox:
    """Hands intents to the rules, and upkeep to whoever does it."""

    rules: Rules
    keeper: Keeper = field(default_factory=Nobody)

    def put(self, asked: Intent | Upkeep, by: str = "panel", answer: Answer | None = None) -> None:
        """It is judged between two cycles or done beside them; then `answer` is called, if there is one."""
        if isinstance(asked, Upkeep):
            self.keeper.ask(asked, by, answer or _nobody)
        else:
            self.rules.put(asked, by, answer)


def _nobody(_: Refusal | None) -> None:
    """Nobody wants to know."""
