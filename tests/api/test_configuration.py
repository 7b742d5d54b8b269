"""API-82: who the appliance is, and where it listens."""

from dataclasses import replace

from hems.api.configuration import CONFIGURATION
from hems.api.rows import Caller, Listener
from tests.api.drawers import HOUSE, NOON_S, SERVER, Keys


def test_listeners_are_told_as_nymea_tells_its_own() -> None:
    listeners = (Listener("tls", "::", 2222, tls=True), Listener("tcp", "127.0.0.1", 2223, tls=False))
    keys = Keys()
    row = CONFIGURATION.methods[0]
    asked = keys.ask(
        Caller(1, "tls", "de", "de_AT", scopes=frozenset()), identity=replace(HOUSE, listeners=listeners)
    )
    assert row.handler(asked, {}) == {
        "basicConfiguration": {
            "serverName": "House",
            "serverUuid": f"{{{SERVER}}}",
            "debugServerEnabled": False,
            "serverTime": NOON_S,
            "timeZone": "Europe/Vienna",
            "language": "de_AT",
            "location": {"latitude": 0.0, "longitude": 0.0, "name": ""},
        },
        "tcpServerConfigurations": [
            {"id": "tls", "address": "::", "port": 2222, "sslEnabled": True, "authenticationEnabled": True},
            {
                "id": "tcp",
                "address": "127.0.0.1",
                "port": 2223,
                "sslEnabled": False,
                "authenticationEnabled": False,
            },
        ],
        "webServerConfigurations": [],
        "webSocketServerConfigurations": [],
        "mqttServerConfigurations": [],
        "tunnelProxyServerConfigurations": [],
    }


def test_there_is_no_mqtt_server() -> None:
    keys = Keys()
    assert keys.call(CONFIGURATION, "GetMqttServerConfigurations") == {"mqttServerConfigurations": []}
    assert keys.call(CONFIGURATION, "GetMqttPolicies") == {"mqttPolicies": []}
    assert [row.scope for row in CONFIGURATION.methods] == ["None", "Admin", "Admin"]
