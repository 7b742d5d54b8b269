"""What a person at the panel asks for: of the rules, of the appliance, and of the panel itself."""

from dataclasses import dataclass, field

from hems.model.intents import Intent, Upkeep


@dataclass(frozen=True, slots=True)
class TryPin:
    """Are these the digits? They are in no picture of this value in words."""

    digits: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewPin:
    """These are the digits from now on."""

    digits: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to the question that stood in front."""

    yes: bool


Asked = Intent | Upkeep | TryPin | NewPin | Reply
