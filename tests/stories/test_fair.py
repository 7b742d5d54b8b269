"""Two and four chargers under one fuse and under a circuit of their own, while cars come and go."""

import pytest

from hems.model.intents import SetMode
from hems.model.units import LineName
from hems.sim.car import CarModel
from tests.stories.diary import Diary
from tests.stories.plots import NAMES, NORTH, Plot, plot
from tests.stories.stage import RaiseCurtain, Stage

ROTATED: tuple[tuple[LineName, ...], ...] = (
    ("L1", "L2", "L3"),
    ("L2", "L3", "L1"),
    ("L3", "L1", "L2"),
    ("L1", "L2", "L3"),
)


def fast(stage: Stage, *names: str) -> None:
    stage.ask(*(SetMode(name, "fast") for name in names))


def offers(stage: Stage) -> dict[str, float]:
    return dict(stage.truth["limit_a"])


def behind_north(fuse_a: float = 20.0, **keys: object) -> Plot:
    """Four chargers, three of them behind a fuse of their own with its own meter."""
    return plot(
        4,
        circuit_a=(fuse_a, fuse_a, fuse_a),
        behind=("garage", "carport", "yard"),
        fuse_a=(50.0, 50.0, 50.0),
        **keys,  # type: ignore[arg-type]
    )


def test_a_circuit_is_shared_by_those_behind_it_alone(raise_curtain: RaiseCurtain) -> None:
    """CHG-30, CHG-40: three minima fit behind 20 A, what is over is shared; the fourth is not concerned."""
    stage = raise_curtain(behind_north(), short=True)
    diary = Diary(stage)
    stage.base(2, 2, 2)
    fast(stage, *NAMES)
    stage.play(120)
    offers_a = offers(stage)
    assert offers_a["barn"] == 16
    inner_a = [offers_a[name] for name in NAMES[:3]]
    assert 18 <= sum(inner_a) <= 20
    assert max(inner_a) - min(inner_a) <= 1
    assert stage.told("garage").why.code == "circuit_limit"
    stage.plug("carport", plugged=False)
    stage.play(60)
    offers_a = offers(stage)
    assert offers_a["carport"] == 0
    assert 18 <= offers_a["garage"] + offers_a["yard"] <= 20
    assert abs(offers_a["garage"] - offers_a["yard"]) <= 1
    stage.plug("carport")
    stage.play(120)
    assert min(offers(stage)[name] for name in NAMES[:3]) == 6, "it has its minimum again"
    assert max(abs(ampere) for ampere in stage.truth["circuit_a"][NORTH]) <= 20
    assert stage.truth["over_fuse_s"] == 0
    assert stage.truth["over_as"] == {}
    diary.clean()
    diary.honest()


def test_the_first_in_priority_has_all_before_the_next_has_more(raise_curtain: RaiseCurtain) -> None:
    """CHG-40: everybody's minimum, then priority by priority; who leaves makes room at once."""
    stage = raise_curtain(plot(3, priorities=(0, 5, 1), fuse_a=(35.0, 35.0, 35.0)), short=True)
    diary = Diary(stage)
    stage.base(3, 3, 3)
    fast(stage, *NAMES[:3])
    stage.play(150)
    offers_a = offers(stage)
    assert offers_a["carport"] >= 15, "the last ampere may stay unused (CHG-32)"
    assert offers_a["garage"] == 6
    assert 8 <= offers_a["yard"] <= 11
    stage.plug("carport", plugged=False)
    stage.play(120)
    offers_a = offers(stage)
    assert offers_a["yard"] >= 15
    assert 14 <= offers_a["garage"] <= 16
    assert stage.truth["over_fuse_s"] == 0
    diary.clean()


def test_where_two_minima_fit_the_first_two_have_them(raise_curtain: RaiseCurtain) -> None:
    """CHG-40: by priority, whoever came first; a car with a higher one takes the place of the last."""
    stage = raise_curtain(plot(3, priorities=(0, 1, 5), fuse_a=(15.5, 15.5, 15.5)), short=True)
    diary = Diary(stage)
    stage.base(2, 2, 2)
    stage.plug("yard", plugged=False)
    fast(stage, *NAMES[:3])
    stage.play(60)
    assert [offers(stage)[name] for name in NAMES[:3]] == [6, 6, 0]
    stage.plug("yard")
    stage.play(200)
    assert [offers(stage)[name] for name in NAMES[:3]] == [0, 6, 6]
    assert stage.truth["over_fuse_s"] == 0
    diary.clean()


def test_cars_of_one_line_are_each_on_their_own(raise_curtain: RaiseCurtain) -> None:
    """CHG-20, CHG-30: three rotated one-line cars share no line; a fourth of three lines shares with all."""
    cars = [CarModel(lines=1), CarModel(lines=1), CarModel(lines=1), CarModel()]
    stage = raise_curtain(plot(4, cars=cars, lines=ROTATED, fuse_a=(25.0, 25.0, 25.0)), short=True)
    diary = Diary(stage)
    stage.base(2, 2, 2)
    fast(stage, *NAMES[:3])
    stage.play(90)
    assert {offers(stage)[name] for name in NAMES[:3]} == {16.0}
    fast(stage, "barn")
    stage.play(180)
    offers_a = offers(stage)
    for name in NAMES[:3]:
        assert 20 <= offers_a[name] + offers_a["barn"] <= 23
        assert abs(offers_a[name] - offers_a["barn"]) <= 2
    assert {len(line_a) - line_a.count(0.0) for line_a in stage.truth["ev_a"].values()} == {1, 3}
    assert stage.truth["over_fuse_s"] == 0
    diary.clean()
    diary.honest()


@pytest.mark.parametrize(("chargers", "pv_peak_w", "charging"), [(2, 20_000.0, 2), (4, 30_000.0, 3)])
def test_the_sun_goes_to_the_first_and_its_rest_to_the_next(
    raise_curtain: RaiseCurtain, chargers: int, pv_peak_w: float, charging: int
) -> None:
    """CHG-41, CHG-13: by priority, the last with what is left; without a tolerance nothing is bought."""
    stage = raise_curtain(
        plot(
            chargers,
            priorities=tuple(range(chargers, 0, -1)),
            pv_peak_w=pv_peak_w,
            fuse_a=(63.0, 63.0, 63.0),
            charging={"acquisition_tolerance": 0.0},
        ),
        short=True,
    )
    diary = Diary(stage)
    stage.base(1, 1, 1)
    stage.play(300)
    offers_a = [offers(stage)[name] for name in NAMES[:chargers]]
    assert offers_a == sorted(offers_a, reverse=True)
    assert sum(offer_a > 0 for offer_a in offers_a) == charging
    assert offers_a[: charging - 1] == [16.0] * (charging - 1)
    truth = stage.truth
    assert truth["import_wh"] < 0.02 * truth["ev_wh"]
    assert -6 * 690 < truth["grid_w"] < 690
    diary.clean()
    diary.honest()
