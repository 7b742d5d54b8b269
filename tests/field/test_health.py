"""What the wires' counters mean, over a scripted line in virtual time."""

from collections.abc import Callable, Iterator

import pytest

from hems.model.site import Config
from tests.field.houses import GARAGE, GRID, Scene, controller, house, meter
from tests.field.wires import Memory

Begin = Callable[..., Scene]


@pytest.fixture
def begin() -> Iterator[Begin]:
    scenes: list[Scene] = []

    def made(config: Config, units: dict[int, Memory]) -> Scene:
        scenes.append(Scene(config, units))
        return scenes[-1]

    yield made
    for scene in scenes:
        scene.close()


def test_the_load_is_that_of_the_last_minute(begin: Begin) -> None:
    """What a line is busy with now counts, not what it was busy with an hour ago (BUS-80)."""
    scene = begin(house(GRID, GARAGE), {1: meter(), 2: controller()})
    assert scene.field.health(scene.bench.clock.now()).buses["a"].load_pct == 0
    scene.run(61)
    both = scene.field.health(scene.bench.clock.now()).buses["a"].load_pct
    scene.slaves["a"].close()
    scene.slaves["a"].absent = True
    scene.run(60)
    assert 10 < both < 40
    assert scene.field.health(scene.bench.clock.now()).buses["a"].load_pct < 2
