"""The reception is what a handler takes for the door."""

from hems.api.desk import Desk
from hems.api.reception import Reception


def test_the_reception_is_a_desk() -> None:
    """What the type checker holds, and the names of it."""

    def handed_to(desk: Desk) -> Desk:
        return desk

    def held(reception: Reception) -> Desk:
        return handed_to(reception)

    assert held.__annotations__["reception"] is Reception
    wanted = {name for name in vars(Desk) if not name.startswith("_")}
    assert {name for name in wanted if hasattr(Reception, name)} >= {"greet", "bind", "ring", "listen"}
