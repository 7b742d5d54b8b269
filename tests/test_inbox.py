"""One place for whatever is asked for."""

from dataclasses import dataclass, field
from typing import Any

from hems.inbox import Answer, Inbox
from hems.model.intents import Intent, Reboot, Refusal, SetMode, Upkeep


@dataclass
class Ear:
    heard: list[tuple[Any, ...]] = field(default_factory=list)

    def put(self, intent: Intent, by: str = "panel", answer: Answer | None = None) -> None:
        self.heard.append((intent, by, answer))

    def ask(self, upkeep: Upkeep, by: str, answer: Answer) -> None:
        self.heard.append((upkeep, by))
        answer(None)


def test_intents_go_to_the_rules_and_upkeep_to_the_keeper() -> None:
    rules, keeper = Ear(), Ear()
    inbox = Inbox(rules, keeper)
    told: list[Refusal | None] = []
    inbox.put(SetMode("garage", "off"), "api", told.append)
    inbox.put(Reboot(), "api", told.append)
    inbox.put(Reboot())
    assert [one[0] for one in rules.heard] == [SetMode("garage", "off")]
    assert keeper.heard == [(Reboot(), "api"), (Reboot(), "panel")]
    assert told == [None]


def test_without_a_keeper_upkeep_is_refused() -> None:
    told: list[Refusal | None] = []
    Inbox(Ear()).put(Reboot(), answer=told.append)
    assert [refusal.code for refusal in told if refusal] == ["unsupported"]
