"""What the commands that speak with the running service ask and tell, one row each (API-150 to API-152).

What is left out on the command line is not sent.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hems.api.client import told
from hems.clients_params import (
    Given,
    Params,
    Service,
    aim,
    boost,
    limit,
    mode,
    named,
    setting,
    target,
    vehicle,
)
from hems.clients_told import Alarm, Page, Session, Setting, Why
from hems.clients_words import (
    alarms,
    counters,
    counters_csv,
    page,
    sessions,
    sessions_csv,
    settings,
    whys,
)

PAGE_PARTS: Final = (
    "time", "clock_ok", "site", "chargers", "heat_pumps", "tariff", "operator", "alarms", "not_proven",
)  # fmt: skip
Tell = Callable[[Params, Service], str]


@dataclass(frozen=True, slots=True)
class Row:
    """One command: its method, the parameters, and how the reply is told.

    `waits`: the answer comes when the rules have judged it. `after`: what a person should know of what was
    done, "" = nothing.
    """

    method: str
    params: Callable[[Given, Service], Params]
    tell: Tell
    csv: Tell | None = None
    waits: bool = False
    after: Callable[[Params, Service], str] | None = None


def _done(reply: Params, service: Service) -> str:
    return "granted"


def _sessions_of(reply: Params) -> list[Session]:
    return told(list[Session], reply.get("sessions"))


def _devices_of(reply: Params) -> dict[str, int | float | None]:
    return told(dict[str, int | float | None], reply.get("devices"))


ROWS: Final = {
    "status": Row(
        "Hems.GetView",
        lambda given, service: {"parts": PAGE_PARTS},
        lambda reply, service: page(told(Page, reply.get("view"))),
    ),
    "counters": Row(
        "Hems.GetCounters",
        named("name"),
        lambda reply, service: counters(_devices_of(reply)),
        lambda reply, service: counters_csv(_devices_of(reply)),
    ),
    "why": Row("Hems.GetWhy", named("name"), lambda reply, service: whys(told(list[Why], reply.get("whys")))),
    "sessions": Row(
        "Hems.GetSessions",
        named("charger", "from", "to", "limit"),
        lambda reply, service: sessions(_sessions_of(reply), service.zone()),
        lambda reply, service: sessions_csv(_sessions_of(reply)),
    ),
    "alarms": Row(
        "Hems.GetView",
        lambda given, service: {"parts": ["alarms"]},
        lambda reply, service: alarms(told(dict[str, list[Alarm]], reply.get("view")).get("alarms", [])),
    ),
    "ack": Row("Hems.Acknowledge", named("alarm"), _done, waits=True),
    "boost": Row("Hems.Boost", boost, _done, waits=True),
    "set": Row(
        "Hems.GetSettings",
        lambda given, service: {},
        lambda reply, service: settings(told(list[Setting], reply.get("settings"))),
    ),
    "set mode": Row("Hems.SetMode", mode, _done, waits=True),
    "set limit": Row("Hems.SetLimit", limit, _done, waits=True),
    "set target": Row("Hems.SetTarget", target, _done, waits=True, after=aim),
    "set vehicle": Row("Hems.SetVehicle", vehicle, _done, waits=True),
    "set NAME": Row("Hems.SetSetting", setting, _done, waits=True),
}
"""By command; `set` alone tells all settings, `set NAME` changes one."""
