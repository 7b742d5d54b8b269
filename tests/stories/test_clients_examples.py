"""What the door answers, byte by byte, as it is promised to those who write clients (API-130)."""

import json
from base64 import b64encode
from functools import partial
from importlib.metadata import version
from pathlib import Path

import pytest
from msgspec import structs

import hems.doorway
from hems.model.site import Vehicle
from tests.stories.clients import OpenStreet, Street, Wire
from tests.stories.stage import config

GARAGE = "{7224aee8-b749-5fd2-91dc-93ee245d319c}"
MOST = "{3311f1e7-5a9d-54b3-b097-403b94c304cc}"


@pytest.fixture
def street(open_street: OpenStreet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Street:
    """The house of the examples, whose machine id is 32 zeros."""
    machine = tmp_path / "machine-id"
    machine.write_text("0" * 32 + "\n")
    monkeypatch.setattr(hems.doorway, "identity", partial(hems.doorway.identity, machine_id=machine))
    site = structs.replace(config().site, name="House", time_zone="Europe/Vienna")
    installed = structs.replace(config(), site=site, vehicles=(Vehicle("zoe", capacity_wh=41_000),))
    return open_street(installed)


def said(wire: Wire, request: bytes, seconds: float = 0.0) -> list[bytes]:
    """The lines that come after a request."""
    before = len(wire.heard)
    wire.send(request)
    if seconds:
        wire.street.let_pass(seconds)
    return wire.heard[before:].splitlines(keepends=True)


def test_1_handshake_on_the_unix_socket(street: Street) -> None:
    """Example 1; the list of hashes is shortened there."""
    wire = street.wire()
    (line,) = said(wire, b'{"id":1,"method":"JSONRPC.Hello","params":{"locale":"de_AT"}}')
    begin, middle = line.index(b'"cacheHashes":['), line.index(b'],"experiences"')
    shortened = line[:begin] + b'"cacheHashes":[' + line[middle:]
    assert shortened == (
        b'{"id":1,"params":{"authenticationRequired":false,"cacheHashes":[],"experiences":['
        b'{"name":"Energy","version":"1.0"},{"name":"NymeaEnergy","version":"0.8"},{"name":"Hems","version":'
        b'"1.0"}],"initialSetupRequired":false,"language":"de_AT","locale":"de_AT","name":"House",'
        b'"protocol version":"8.5","pushButtonAuthAvailable":true,"server":"nymea",'
        b'"uuid":"{00b49323-3deb-543c-abbe-40fa1cb8889f}","version":"%s"},"status":"success"}\n'
        % version("hems").encode()
    )


def test_2_push_button_on_tls(street: Street) -> None:
    """Example 2: the third question since the start."""
    wire = street.wire("tls")
    wire.call("JSONRPC.Hello")
    for older in (1, 2):
        assert wire.call("JSONRPC.RequestPushButtonAuth", deviceName="older")["transactionId"] == older
    request = b'{"id":2,"method":"JSONRPC.RequestPushButtonAuth","params":{"deviceName":"kitchen tablet"}}'
    answer, former = said(wire, request)
    assert b'"success":false,"transactionId":2' in former
    assert answer == b'{"id":2,"params":{"success":true,"transactionId":3},"status":"success"}\n'
    street.let_pass(1.5)
    before = len(wire.heard)
    street.press_ok()
    line = wire.heard[before:]
    number, token = line.split(b",")[0].removeprefix(b'{"id":'), line.split(b'"token":"')[1][:44]
    assert line == (
        b'{"id":%s,"notification":"JSONRPC.PushButtonAuthFinished","params":{"success":true,'
        b'"token":"%s","transactionId":3}}\n' % (number, token)
    )
    assert number.isdigit()


def test_3_limit_the_charger_to_10_a(street: Street) -> None:
    """Example 3: the second line comes within the next cycle."""
    street.stage.plug()
    street.let_pass(3.0)
    wire = street.here()
    wire.call("JSONRPC.SetNotificationStatus", namespaces=["Integrations"])
    request = (
        b'{"id":7,"method":"Integrations.ExecuteAction","params":{"actionTypeId":"%s","params":[{"paramTypeId":'
        b'"%s","value":10}],"thingId":"%s"}}' % (MOST.encode(), MOST.encode(), GARAGE.encode())
    )
    answer, *told = said(wire, request, 2.0)
    assert answer == b'{"id":7,"params":{"thingError":"ThingErrorNoError"},"status":"success"}\n'
    (line,) = [one for one in told if MOST.encode() in one]
    number = line.split(b",")[0].removeprefix(b'{"id":')
    assert line == (
        b'{"id":%s,"notification":"Integrations.StateChanged","params":{"maxValue":16.0,"minValue":6.0,'
        b'"possibleValues":[],"stateTypeId":"%s","thingId":"%s","value":10.0}}\n'
        % (number, MOST.encode(), GARAGE.encode())
    )


def test_6_what_is_wrong_is_said(street: Street) -> None:
    """Example 6: a missing key, an unknown key, a broken packet, no token on TLS."""
    wire = street.here()
    assert said(wire, b'{"id":30,"method":"NymeaEnergy.SetPhasePowerLimit","params":{}}') == [
        b'{"error":"Invalid params: Missing required key: phasePowerLimit in NymeaEnergy.SetPhasePowerLimit, '
        b'param phasePowerLimit","id":30,"status":"error"}\n'
    ]
    assert said(wire, b'{"id":31,"method":"Energy.GetRootMeter","params":{"colour":1}}') == [
        b'{"error":"Invalid params: Invalid key: colour in Energy.GetRootMeter, param ","id":31,'
        b'"status":"error"}\n'
    ]
    assert said(wire, b'{"id":32,,"method":"Energy.GetRootMeter"}') == [
        b'{"error":"Failed to parse JSON data: a member name was expected at byte 9","id":-1,'
        b'"status":"error"}\n'
    ]
    street.here().call("JSONRPC.CreateUser", username="anna", password="Correct horse 42")
    stranger = street.wire("tls")
    stranger.call("JSONRPC.Hello")
    assert said(stranger, b'{"id":33,"method":"Integrations.GetThings"}') == [
        b'{"error":"Forbidden: Invalid token.","id":33,"status":"unauthorized"}\n'
    ]
    street.turn()
    assert stranger.ended


def test_7_why_it_charges_so(street: Street) -> None:
    """Example 7, with the figures of this house, all rules of the project and the words of the panel."""
    street.stage.plug()
    street.stage.draw("oven", 4.0, 4.0, 4.0)
    wire = street.here()
    wire.call("Hems.SetMode", charger="garage", mode="surplus")
    why = street.stage.garage().why
    for _ in range(120):
        street.let_pass(1.0)
        why = street.stage.garage().why
        if why.code == "surplus":
            break
    (line,) = said(wire, b'{"id":50,"method":"Hems.GetWhy","params":{"name":"garage"}}')
    figures = {
        name: round(value, 3) if isinstance(value, float) else value for name, value in why.figures.items()
    }
    assert line == (
        b'{"id":50,"params":{"hemsError":"HemsErrorNoError","whys":[{"code":"surplus","figures":%s,'
        b'"name":"garage","narrowed":[],"rung":"surplus","text":"follows sun, %.0f A"}]},'
        b'"status":"success"}\n'
        % (json.dumps(figures, sort_keys=True, separators=(",", ":")).encode(), float(figures["limit_a"]))
    )
    assert {"available_w", "limit_a", "lines", "volts"} <= figures.keys()


def test_8_a_mirror(street: Street) -> None:
    """Example 8: one pressed key, then the new frame."""
    wire = street.here()
    wire.call("Hems.GetScreen", follow=True)
    street.let_pass(1.0)
    wire.lines.clear()
    before, _ = street.panel.frame()
    answer, line, *_ = said(wire, b'{"id":60,"method":"Hems.PressKey","params":{"key":"down"}}', 0.2)
    assert answer == (
        b'{"id":60,"params":{"hemsError":"HemsErrorNoError","sequence":%d},"status":"success"}\n' % before
    )
    sequence = wire.told("Hems.ScreenChanged")[0]["sequence"]
    assert sequence > before
    number = line.split(b",")[0].removeprefix(b'{"id":')
    begin = b'{"id":%s,"notification":"Hems.ScreenChanged","params":{"frame":"' % number
    assert line.startswith(begin)
    assert line.endswith(b'","sequence":%d}}\n' % sequence)
    if sequence == street.panel.frame()[0]:
        assert b64encode(street.panel.frame()[1]) in line
