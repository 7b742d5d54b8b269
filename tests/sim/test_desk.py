import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from hems.sim.battery import BatteryModel
from hems.sim.desk import Desk, DeskProcess
from hems.sim.ports import PairPlace, PtyPlace
from hems.sim.scene import Circuit, Scene, to_row
from tests.sim.wire import scene, wired


def test_commands_reach_house_and_line() -> None:
    with wired(scene(pv_peak_w=0.0)) as wire:
        wire.desk.order({"base_a": [3, 4, 5], "relay": {"garage": True}})
        wire.wait(60.0)
        truth = wire.desk.truth()
        assert truth["limit_a"] == {"garage": 6.0}
        assert truth["ev_a"] == {"garage": (6.0, 6.0, 6.0)}
        assert truth["line_a"][1] - truth["line_a"][0] == pytest.approx(1.0, abs=0.03)
        wire.desk.order({"plug": {"garage": False}})
        wire.desk.order({"base_a": None})
        wire.wait(1.0)
        assert wire.desk.truth()["ev_w"] == 0.0


def test_a_story_orders_loads_battery_limit_and_broken_hardware() -> None:
    setup = scene(
        pv_peak_w=0.0, battery=BatteryModel(level_pct=50.0), circuits=(Circuit("barn", ("kettle",)),)
    )
    with wired(setup) as wire:
        order = wire.desk.order
        order({"base_a": [1, 1, 1], "relay": {"garage": True}, "draw": {"kettle": [0, 11, 0]}})
        order({"battery": {"level_pct": 20, "power_w": 1500}, "dim": 1000.0})
        wire.wait(30.0)
        truth = wire.desk.truth()
        assert truth["circuit_a"] == {"barn": (0.0, 11.0, 0.0)}
        assert truth["battery_w"] == 1500.0
        assert 19.5 < truth["battery_pct"] < 20.0
        assert truth["over_dim_s"] > 10.0
        assert truth["starts_of"] == {"garage": 1}
        order({"ignore": {"garage": True}, "weld": {"garage": True}})
        order({"relay": {"garage": False}})
        wire.write(2, 1000, 0)
        wire.wait(10.0)
        assert wire.registers(2, 3, 1000, 1) == (0,)
        assert wire.desk.truth()["ev_w"] > 4000.0
        order({"battery": {}, "dim": None, "weld": {"garage": False}, "ignore": {"garage": False}})
        wire.wait(5.0)
        assert wire.desk.truth()["ev_w"] == 0.0
        assert wire.desk.truth()["grid_w"] == pytest.approx(0.0, abs=100.0), "the battery minds itself"


def test_a_house_goes_on_behind_another_desk() -> None:
    with wired(scene()) as wire:
        wire.wait(20.0)
        again = Desk(scene(), {"rs485-a": PairPlace()}, wire.loop, wire.clock, wire.desk.house)
        assert again.truth()["elapsed_s"] == pytest.approx(20.0, abs=0.11)
        again.close()


def test_faults_by_name_for_a_time_and_healed() -> None:
    with wired(scene()) as wire:
        wire.wait(100.0)
        wire.desk.order({"fault": {"kind": "silence", "device": "grid", "for_s": 10}})
        read = bytes.fromhex("04 0000 0002")
        assert wire.ask(1, read) == b""
        assert wire.ask(3, read) != b""
        wire.wait(10.0)
        assert wire.ask(1, read) != b""
        wire.desk.order({"fault": {"kind": "exception", "device": "grid", "value": 6}})
        assert wire.ask(1, read) == bytes.fromhex("84 06")
        wire.desk.order({"heal": "grid"})
        assert wire.ask(1, read)[:1] == b"\x04"
        wire.desk.order({"fault": {"kind": "vanish"}})
        wire.wait(0.1)
        assert wire.gone


def test_the_truth_is_one_json_record() -> None:
    with wired(scene()) as wire:
        wire.wait(30.0)
        wire.ask(1, bytes.fromhex("04 0000 0002"))
        truth = json.loads(json.dumps(wire.desk.truth()))
        assert truth["requests"] == 1
        assert truth["early"] == 0
        assert truth["first_write_mono_s"] is None
        assert truth["elapsed_s"] == pytest.approx(30.4, abs=0.11)
        assert truth["pv_w"] > 8000.0
        assert truth["grid_w"] == pytest.approx(
            sum(a * v for a, v in zip(truth["line_a"], wire.desk.house.board.line_v, strict=True))
        )


def setup_line(folder: Path, setup: Scene) -> tuple[PtyPlace, dict[str, Any]]:
    """A port as the parent makes it, and the first line a desk's process reads."""
    place = PtyPlace(folder / "rs485-a")
    pair = [place.appear(), place.near]
    return place, {
        "ports": {"rs485-a": {"path": str(folder / "rs485-a"), "pair": pair}},
        "scene": to_row(setup),
    }


def test_the_process_obeys_tells_and_ends(tmp_path: Path) -> None:
    """The same loop as in the process, in this one: setup line, commands, records, end of input."""
    place, setup = setup_line(tmp_path, scene(speed=100.0))
    commands, send = os.pipe()
    take, truths = os.pipe()
    lines = [setup, {"relay": {"garage": True}}, {"log": "rs485-a"}]
    os.write(send, b"".join(json.dumps(line).encode() + b"\n" for line in lines))
    process = DeskProcess(commands, truths)
    thread = threading.Thread(target=process.run)
    thread.start()
    os.write(send, b'{"plug": {"garage": fa')
    os.write(send, b'lse}}\n{"end": true}\n')
    thread.join(5.0)
    assert not thread.is_alive()
    records = [json.loads(line) for line in os.read(take, 65_536).splitlines()]
    assert {"log": []} in records
    records.remove({"log": []})
    assert len(records) >= 2
    assert records[-1]["elapsed_s"] >= records[0]["elapsed_s"]
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(place.near)
    assert list(tmp_path.iterdir()) == []
    for descriptor in (commands, send, take, truths):
        os.close(descriptor)


def test_the_process_ends_with_its_input_even_if_nobody_reads(tmp_path: Path) -> None:
    _, setup = setup_line(tmp_path, scene())
    commands, send = os.pipe()
    take, truths = os.pipe()
    os.write(send, json.dumps(setup).encode() + b"\n")
    process = DeskProcess(commands, truths)
    os.close(take)
    os.close(send)
    process.run()
    for descriptor in (commands, truths):
        os.close(descriptor)


def test_a_reader_who_lags_does_not_stop_the_desk(tmp_path: Path) -> None:
    _, setup = setup_line(tmp_path, scene())
    commands, send = os.pipe()
    take, truths = os.pipe()
    os.write(send, json.dumps(setup).encode() + b"\n")
    process = DeskProcess(commands, truths)
    os.set_blocking(truths, False)
    full = os.write(truths, bytes(1 << 20))
    process._tell()
    assert os.read(take, 1 << 20) == bytes(full)
    os.close(send)
    process.run()
    assert json.loads(os.read(take, 65_536).splitlines()[-1])["requests"] == 0
    for descriptor in (commands, take, truths):
        os.close(descriptor)


def test_a_missing_scene_is_said() -> None:
    commands, send = os.pipe()
    os.close(send)
    with pytest.raises(EOFError, match="one line of JSON"):
        DeskProcess(commands, 1)
    os.close(commands)
