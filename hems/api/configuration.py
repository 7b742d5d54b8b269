"""The namespace Configuration: who the appliance is and where it listens; nothing is set here (API-82)."""

from collections.abc import Mapping
from typing import Any, Final

from hems.api.rows import Ask, Listener, Method, Namespace, Params, Result

NAME: Final = "Configuration"
SERVERS: Final = ["$ref:ServerConfiguration"]


def _get_configurations(ask: Ask, _: Params) -> Result:
    identity = ask.identity
    return {
        "basicConfiguration": {
            "serverName": identity.name,
            "serverUuid": f"{{{identity.server}}}",
            "debugServerEnabled": False,
            "serverTime": max(0, int(ask.wall.timestamp())),
            "timeZone": identity.time_zone,
            "language": ask.caller.locale,
            "location": {"latitude": 0.0, "longitude": 0.0, "name": ""},
        },
        "tcpServerConfigurations": [_server(listener) for listener in identity.listeners],
        "webServerConfigurations": [],
        "webSocketServerConfigurations": [],
        "mqttServerConfigurations": [],
        "tunnelProxyServerConfigurations": [],
    }


def _server(listener: Listener) -> Mapping[str, Any]:
    return {
        "id": listener.name,
        "address": listener.address,
        "port": listener.port,
        "sslEnabled": listener.tls,
        "authenticationEnabled": listener.tls,
    }


_SERVER: Final = {
    "id": "String",
    "address": "String",
    "port": "Uint",
    "sslEnabled": "Bool",
    "authenticationEnabled": "Bool",
}

CONFIGURATION: Final = Namespace(
    methods=(
        Method(
            NAME,
            "GetConfigurations",
            {},
            {
                "basicConfiguration": {
                    "serverName": "String",
                    "serverUuid": "Uuid",
                    "debugServerEnabled": "Bool",
                    "d:serverTime": "Uint",
                    "d:timeZone": "String",
                    "d:language": "String",
                    "d:location": {"latitude": "Double", "longitude": "Double", "name": "String"},
                },
                "tcpServerConfigurations": SERVERS,
                "webServerConfigurations": ["$ref:WebServerConfiguration"],
                "webSocketServerConfigurations": SERVERS,
                "mqttServerConfigurations": SERVERS,
                "tunnelProxyServerConfigurations": ["$ref:TunnelProxyServerConfiguration"],
            },
            "None",
            "table",
            _get_configurations,
            "Who the appliance is, and where it listens.",
        ),
        Method(
            NAME,
            "GetMqttServerConfigurations",
            {},
            {"mqttServerConfigurations": SERVERS},
            "Admin",
            "table",
            lambda ask, params: {"mqttServerConfigurations": []},
            "There is no MQTT server.",
        ),
        Method(
            NAME,
            "GetMqttPolicies",
            {},
            {"mqttPolicies": ["$ref:MqttPolicy"]},
            "Admin",
            "table",
            lambda ask, params: {"mqttPolicies": []},
            "There is no MQTT server.",
        ),
    ),
    types={
        "ServerConfiguration": _SERVER,
        "WebServerConfiguration": {**_SERVER, "publicFolder": "String"},
        "TunnelProxyServerConfiguration": {**_SERVER, "ignoreSslErrors": "Bool"},
        "MqttPolicy": {
            "clientId": "String",
            "username": "String",
            "password": "String",
            "allowedPublishTopicFilters": "StringList",
            "allowedSubscribeTopicFilters": "StringList",
        },
    },
)
