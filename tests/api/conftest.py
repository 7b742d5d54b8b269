"""Whatever a test does with clients, they take no step that their table does not allow."""

from collections.abc import Iterator

import pytest

from hems.api.client_state import ALLOWED, Client, Stage


@pytest.fixture(autouse=True)
def held_steps() -> Iterator[None]:
    """Clients of the door are watched through every test."""
    enter = Client.enter

    def held(self: Client, stage: Stage, now_mono_s: float) -> None:
        assert stage == self.stage or stage in ALLOWED[self.stage], f"{self.stage} → {stage}"
        enter(self, stage, now_mono_s)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "enter", held)
        yield
