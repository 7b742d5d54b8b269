"""Things and their log at the door of the running service, over a simulated house."""

from contextlib import ExitStack
from pathlib import Path

from hems.api.thing_ids import state_id
from tests.stories.stage import RaiseCurtain
from tests.stories.test_door import Caller, opened


def test_some_minutes_at_the_door(raise_curtain: RaiseCurtain, tmp_path: Path) -> None:
    """S6, S7: the charts move, a charger that is switched off goes back to its mode, totals never fall."""
    path = str(tmp_path / "hems.sock")
    with ExitStack() as resources:
        stage = opened(raise_curtain, path, resources)
        stage.plug()
        client = Caller(stage, path)
        resources.callback(client.socket.close)
        client.call("JSONRPC.Hello")
        client.call("JSONRPC.SetNotificationStatus", enabled=True)
        things = {one["name"]: one for one in client.call("Integrations.GetThings")["params"]["things"]}
        power = state_id("evcharger", "power")
        former = stage.house.supervisor.settings.chargers["garage"].mode
        for value, mode in ((False, "off"), (True, former)):
            answer = client.call(
                "Integrations.ExecuteAction",
                thingId=things["garage"]["id"],
                actionTypeId=power,
                params=[{"paramTypeId": power, "value": value}],
            )
            assert answer["params"] == {"thingError": "ThingErrorNoError"}
            assert stage.house.supervisor.settings.chargers["garage"].mode == mode
        for _ in range(16):
            client.listen(5.0)
        added = client.told("Energy.PowerBalanceLogEntryAdded")
        assert len([one for one in added if one["sampleRate"] == "SampleRate1Min"]) >= 1
        logged = client.call("Energy.GetPowerBalanceLogs", sampleRate="SampleRate1Min")["params"]
        entries = logged["powerBalanceLogEntries"]
        assert entries
        acquired = [one["totalAcquisition"] for one in entries]
        assert acquired == sorted(acquired)
        balances = client.told("Energy.PowerBalanceChanged")
        for member in ("totalConsumption", "totalProduction", "totalAcquisition", "totalReturn"):
            totals = [one[member] for one in balances]
            assert totals == sorted(totals)
        root = client.call("Energy.GetRootMeter")["params"]["rootMeterThingId"]
        assert root == things["grid"]["id"]
        assert stage.refusals == []
