"""The namespace JSONRPC: handshake, introspection, notification settings and login (API-60, API-61)."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import md5
from typing import Any, Final

from hems.api.access import Login
from hems.api.codec import encode
from hems.api.desk import Desk
from hems.api.keyring import Keyring, NewUser, Tried
from hems.api.rows import Answer, Ask, Later, Method, Namespace, Notice, Params, Result, Scope
from hems.model.settings import LANGUAGES, Language

PROTOCOL: Final = "8.5"
SERVER: Final = "nymea"
EXPERIENCES: Final = (
    {"name": "Energy", "version": "1.0"},
    {"name": "NymeaEnergy", "version": "0.8"},
    {"name": "Hems", "version": "1.0"},
)
FALLBACK_LOCALE: Final = "en_US"
FIRST_USER_S: Final = 40.0
NAME: Final = "JSONRPC"
CACHED: Final = ("Integrations.GetThingClasses", "Integrations.GetVendors", "Integrations.GetPlugins")
"""Methods whose answers clients keep as long as their hash is the same."""

FINISHED: Final = "PushButtonAuthFinished"


def language_of(locale: str) -> Language:
    """The language of a locale as ``de_AT``; English where we do not speak it."""
    wanted = locale.partition("_")[0].partition("-")[0].lower()
    return next((language for language in LANGUAGES if language == wanted), "en")


def locale_of(wanted: str) -> str:
    """The locale a client gets that asks for one."""
    spoken = wanted.partition("_")[0].partition("-")[0].lower() in LANGUAGES
    return wanted if spoken and len(wanted) <= 16 else FALLBACK_LOCALE


def scope_keys(scopes: frozenset[Scope]) -> list[str]:
    """Scopes as they travel."""
    return sorted(f"PermissionScope{scope}" for scope in scopes)


def _desk(ask: Ask) -> Desk:
    desk: Desk = ask.door
    return desk


def _keyring(ask: Ask) -> Keyring:
    keyring: Keyring = ask.access
    return keyring


def _hello(ask: Ask, params: Params) -> Result:
    desk, number = _desk(ask), ask.caller.number
    token = desk.handed(number)
    locale = locale_of(params.get("locale", FALLBACK_LOCALE))
    login = desk.greet(number, locale, token)
    remote = ask.caller.transport == "tls"
    said: dict[str, Any] = {
        "server": SERVER,
        "name": ask.identity.name,
        "version": ask.identity.version,
        "uuid": f"{{{ask.identity.server}}}",
        "language": locale,
        "locale": locale,
        "protocol version": PROTOCOL,
        "initialSetupRequired": remote and not _keyring(ask).anybody,
        "authenticationRequired": remote,
        "pushButtonAuthAvailable": ask.doorbell is not None,
        "experiences": EXPERIENCES,
        "cacheHashes": [{"method": row.full, "hash": _hash(row, ask)} for row in desk.cached],
    }
    return said if token is None else {**said, **_who(login)}


def _hash(row: Method, ask: Ask) -> str:
    """The hash of what a method answers that is always the same."""
    answer = encode(row.handler(replace(ask, memory=_desk(ask).memory(row.namespace)), {}))
    return md5(answer, usedforsecurity=False).hexdigest()


def _who(login: Login | None) -> Mapping[str, Any]:
    if login is None:
        return {"authenticated": False}
    return {"authenticated": True, "permissionScopes": scope_keys(login.scopes), "username": login.user}


def _introspect(ask: Ask, _: Params) -> Result:
    return _desk(ask).introspection


def _version(ask: Ask, _: Params) -> Result:
    return {
        "version": ask.identity.version,
        "protocol version": PROTOCOL,
        "qtVersion": "",
        "qtBuildVersion": "",
    }


def _set_notification_status(ask: Ask, params: Params) -> Result:
    desk = _desk(ask)
    named = params.get("namespaces", ())
    enabled = params.get("enabled")
    wanted = desk.names.intersection(named)
    if enabled is not None:
        wanted = desk.names - desk.aliases if enabled else frozenset()
    desk.listen(ask.caller.number, wanted)
    return {"namespaces": sorted(wanted), "enabled": bool(wanted)}


def _keep_alive(_: Ask, params: Params) -> Result:
    return {"success": True, "sessionId": params["sessionId"]}


def _authenticate(ask: Ask, params: Params) -> Answer:
    desk, number = _desk(ask), ask.caller.number
    created_s = int(ask.wall.timestamp()) if ask.trusted else 0
    begin = _keyring(ask).log_in(
        params["username"], params["password"], params["deviceName"], created_s, desk.in_use()
    )

    def begun(answer: Callable[[Result], None]) -> Callable[[], None]:
        def tried(outcome: Tried) -> None:
            if outcome.issued is None or outcome.login is None:
                desk.bind(number, "")
                if outcome.wrong:
                    desk.wrong(number)
                answer({"success": False})
                return
            desk.bind(number, outcome.issued.text)
            scopes = scope_keys(outcome.login.scopes)
            username = outcome.login.user
            answer({"success": True, "token": outcome.issued.text, "username": username, "scopes": scopes})

        return begin(tried)

    return Later(begun)


def _create_user(ask: Ask, params: Params) -> Answer:
    first = ask.caller.transport == "tls" and not _keyring(ask).anybody
    user = NewUser(
        params["username"],
        params["password"],
        display_name=params.get("displayName", ""),
        email=params.get("email", ""),
    )
    made = _keyring(ask).create(user, first=first)
    if isinstance(made, str):
        return {"error": made}
    begin = made

    def create(answer: Callable[[Result], None]) -> Callable[[], None]:
        return begin(lambda error: answer({"error": error}))

    if not first or ask.doorbell is None or not _desk(ask).first_user_needs_button:
        return Later(create)

    def asked(answer: Callable[[Result], None]) -> Callable[[], None]:
        withdrawals: list[Callable[[], None]] = []

        def decided(let_in: bool) -> None:
            if let_in:
                withdrawals.append(create(answer))
            else:
                answer({"error": "UserErrorPermissionDenied"})

        def withdraw() -> None:
            withdrawals[-1]()

        rung = _desk(ask).ask(ask.caller.number, user.name, FIRST_USER_S, decided)
        if rung is None:
            answer({"error": "UserErrorPermissionDenied"})
            return _nothing
        withdrawals.insert(0, rung)
        return withdraw

    return Later(asked)


def _request_push_button_auth(ask: Ask, params: Params) -> Result:
    if ask.doorbell is None:
        return {"success": False, "transactionId": -1}
    transaction = _desk(ask).ring(ask.caller.number, params["deviceName"])
    return {"success": transaction is not None, "transactionId": -1 if transaction is None else transaction}


def _nothing() -> None:
    """There is nothing to withdraw."""


_INTROSPECTION: Final = dict.fromkeys(("methods", "notifications", "types", "enums", "flags"), "Object")
_LOGIN: Final = {"username": "String", "password": "String"}

JSONRPC: Final = Namespace(
    methods=(
        Method(
            NAME,
            "Hello",
            {"o:locale": "String"},
            {
                "server": "String",
                "name": "String",
                "version": "String",
                "uuid": "Uuid",
                "language": "String",
                "locale": "String",
                "protocol version": "String",
                "initialSetupRequired": "Bool",
                "authenticationRequired": "Bool",
                "pushButtonAuthAvailable": "Bool",
                "o:experiences": ["$ref:Experience"],
                "o:cacheHashes": ["$ref:CacheHash"],
                "o:authenticated": "Bool",
                "o:permissionScopes": "$ref:PermissionScopes",
                "o:username": "String",
            },
            "None",
            "door",
            _hello,
            "Say hello before anything else; with a token, one is who it belongs to.",
        ),
        Method(NAME, "Introspect", {}, _INTROSPECTION, "None", "table", _introspect, "All there is to call."),
        Method(
            NAME,
            "Version",
            {},
            dict.fromkeys(("version", "protocol version", "qtVersion", "qtBuildVersion"), "String"),
            "None",
            "table",
            _version,
            "Versions of this program and of the protocol.",
        ),
        Method(
            NAME,
            "SetNotificationStatus",
            {"o:namespaces": "StringList", "d:o:enabled": "Bool"},
            {"namespaces": "StringList", "d:enabled": "Bool"},
            "None",
            "door",
            _set_notification_status,
            "Choose the namespaces to be notified of; enabled chooses all or none.",
        ),
        Method(
            NAME,
            "KeepAlive",
            {"sessionId": "String"},
            {"success": "Bool", "sessionId": "String"},
            "None",
            "door",
            _keep_alive,
            "Nothing but an answer.",
        ),
        Method(
            NAME,
            "Authenticate",
            {**_LOGIN, "deviceName": "String"},
            {
                "success": "Bool",
                "o:token": "String",
                "o:username": "String",
                "o:scopes": "$ref:PermissionScopes",
            },
            "None",
            "door",
            _authenticate,
            "Log in by name and password; the token goes with every request from now on.",
        ),
        Method(
            NAME,
            "CreateUser",
            {**_LOGIN, "o:displayName": "String", "o:email": "String"},
            {"error": "$ref:UserError"},
            "Admin",
            "door",
            _create_user,
            "Make a user who may everything; the first one is let in at the panel.",
        ),
        Method(
            NAME,
            "RequestPushButtonAuth",
            {"deviceName": "String"},
            {"success": "Bool", "transactionId": "Int"},
            "None",
            "panel",
            _request_push_button_auth,
            "Ask to be let in by the button on the panel.",
        ),
    ),
    notices=(
        Notice(
            NAME,
            FINISHED,
            {"success": "Bool", "transactionId": "Int", "o:token": "String"},
            "How a question at the panel ended.",
        ),
    ),
    types={
        "Experience": {"name": "String", "version": "String"},
        "CacheHash": {"method": "String", "hash": "String"},
    },
)
