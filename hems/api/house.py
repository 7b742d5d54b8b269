"""What is around the door: who the appliance is, and whom the door may ask."""

from dataclasses import dataclass

from hems.api.keyring import Keyring
from hems.api.rows import Doorbell, History, Identity, Inbox, Screen


@dataclass(frozen=True, slots=True)
class House:
    """The appliance as the door sees it; without a panel there is neither screen nor doorbell."""

    identity: Identity
    inbox: Inbox
    history: History
    keyring: Keyring
    screen: Screen | None = None
    doorbell: Doorbell | None = None
    first_user_needs_button: bool = True
