"""A search for devices while the service runs: what the rules order, carried out, and what came of it.

Theory of operation. A search beside a line's work is a guest of its agenda. For any other the line is closed,
which lets its agenda rest, and a search of its own opens the same port; when that is over or broken off the
line is opened again. Between the line's last request and the first of the search lies the longest time that
anybody may need to answer, and a search that is broken off waits for the answer under way: a late one could
be taken for somebody else's. Profiles are fetched one in a turn of the loop, for each may have to be read
from its file first.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from hems.field.agenda import Agenda
from hems.field.port import Port
from hems.field.profile import Profile
from hems.field.scan import Found, Scan, place, progress, so_far
from hems.field.search import Search, Visit, setting_of
from hems.field.setting import SETTINGS, Setting
from hems.field.wiring import roles
from hems.model.decision import SearchOrder
from hems.model.loop import Clock, Loop
from hems.model.settings import SearchMark
from hems.model.site import Bus
from hems.model.snapshot import SearchReading
from hems.model.view import FoundDevice, SearchHealth

FETCH_S: Final = 0.01
"""From one profile to the next."""
LATE_S: Final = 0.6
"""Nobody answers later than that."""
STARVED_S: Final = 60.0
"""A line at work that has had no time for a question for so long has none."""
MEASURED: Final = 5
"""So many pairs must have been asked before their pace says how long the rest will take."""
SEARCHED: Final = "is searched for devices"
NO_TIME: Final = "the line has no time to spare beside its work; search it fully"
GONE: Final = "the line is not there"


class Seek:
    """One search of one line; `words` say why it ended early."""

    def __init__(
        self,
        order: SearchOrder,
        agenda: Agenda,
        profiles: Mapping[str, Profile],
        loop: Loop,
        clock: Clock,
        open_port: Callable[[Bus], Port],
    ) -> None:
        self.order = order
        self.ended = False
        self.words = ""
        self._agenda = agenda
        self._profiles = profiles
        self._loop = loop
        self._clock = clock
        self._open_port = open_port
        self._carrier: Search | Visit | None = None
        self._first = 0
        self._begun_s = self._asked_s = clock.mono_s()
        self._asked: Scan | None = None
        if order.manner == "full":
            agenda.line.close(SEARCHED)
            self._begun_s += LATE_S
        self._fetch(iter(profiles), [])

    @property
    def state(self) -> Scan | None:
        """Where it stands, once it has begun to ask."""
        return None if self._carrier is None else self._carrier.state

    def tick(self, now_mono_s: float) -> None:
        """A guest is over when it has asked everybody, or when it cannot ask any more."""
        line, visit = self._agenda.line, self._carrier
        if self.ended or not isinstance(visit, Visit):
            return
        if visit.state is not self._asked:
            self._asked, self._asked_s = visit.state, now_mono_s
        if visit.done:
            self._end("")
        elif line.stage == "absent":
            self._end(line.counts.words or GONE)
        elif now_mono_s - self._asked_s > STARVED_S:
            self._end(NO_TIME)

    def stop(self) -> None:
        """Break it off; the line is at work again within the time of one answer."""
        if isinstance(self._carrier, Search):
            self._carrier.stop()
        elif not self.ended:
            self._end("")

    def release(self) -> None:
        """Break it off and have the line at work again, at once; harmless when it has ended."""
        if not self.ended:
            self.close()
            self._end("")

    def close(self) -> None:
        """Let go of the port for good."""
        if isinstance(self._carrier, Search):
            self._carrier.close()

    def seconds_left(self, now_mono_s: float) -> float:
        """About how long it will still take; beside a line's work the pace so far tells."""
        state = self.state
        if self.ended or state is None:
            return 0.0
        asked = state.at - self._first
        if self.order.manner == "full" or state.stage != "asking" or asked < MEASURED:
            return progress(state).seconds_left
        return round((now_mono_s - self._begun_s) / asked * (len(state.pairs) - state.at), 1)

    def _fetch(self, keys: Iterator[str], fetched: Sequence[Profile]) -> None:
        key, now_s = next(keys, None), self._clock.mono_s()
        if self.ended:
            return
        if key is None:
            self._loop.call_at(max(now_s, self._begun_s), partial(self._begin, fetched))
        else:
            known = (*fetched, self._profiles[key])
            self._loop.call_at(now_s + FETCH_S, partial(self._fetch, keys, known))

    def _begin(self, profiles: Sequence[Profile]) -> None:
        if self.ended:
            return
        line, now_s = self._agenda.line, self._clock.mono_s()
        mark = self.order.mark or SearchMark(self.order.manner, 0)
        if self.order.manner == "live":
            if mark.setting != str(setting_of(line.bus)):
                mark = SearchMark("live", 0)
            owned = {device.link.unit for device in self._agenda.devices}
            start, present = mark.start, mark.present
            visit = Visit(profiles, line.bus, owned, now_s, start=start, present=present)
            self._carrier = self._agenda.guest = visit
            self._first, self._begun_s, self._asked_s = visit.state.at, now_s, now_s
            return
        settings: Sequence[Setting] = [one for one in SETTINGS if str(one) == mark.setting]
        if mark.setting and not settings:
            mark = SearchMark("full", 0)
        self._carrier = Search(
            line.bus,
            profiles,
            "full",
            self._loop,
            self._clock,
            settings=settings or SETTINGS,
            start=mark.start,
            present=mark.present,
            open_port=self._open_port,
            ended=self._over,
        )

    def _over(self) -> None:
        """It has ended, perhaps before it was known here."""
        self._loop.call_at(self._clock.mono_s(), self._finish)

    def _finish(self) -> None:
        if not self.ended and isinstance(self._carrier, Search):
            self._end(self._carrier.words)

    def _end(self, words: str) -> None:
        self.ended, self.words = True, words
        if self.order.manner == "full":
            self._agenda.line.reopen()
        elif self._carrier is not None and self._agenda.guest is self._carrier:
            self._agenda.guest = None


class Seeking:
    """The searches of a running field, one after the other; the last one can be looked at."""

    def __init__(
        self,
        agendas: Mapping[str, Agenda],
        profiles: Mapping[str, Profile],
        loop: Loop,
        clock: Clock,
        open_port: Callable[[Bus], Port],
    ) -> None:
        self._agendas = agendas
        self._profiles = profiles
        self._begin = partial(Seek, profiles=profiles, loop=loop, clock=clock, open_port=open_port)
        self._ordered: tuple[str, str] | None = None
        self._last: Seek | None = None

    def obey(self, order: SearchOrder | None, now_mono_s: float) -> None:
        """Take the rules' order: what is ordered anew begins, what is ordered no more is broken off."""
        ordered = None if order is None else (order.bus, order.manner)
        if ordered != self._ordered:
            self._ordered = ordered
            if self._last is not None:
                self._last.stop()
            if order is not None and order.bus in self._agendas:
                self._last = self._begin(order, self._agendas[order.bus])
        if self._last is not None:
            self._last.tick(now_mono_s)

    def release(self) -> None:
        """Every line is at work again, at once."""
        if self._last is not None:
            self._last.release()

    def close(self) -> None:
        """Let go of all ports for good."""
        if self._last is not None:
            self._last.close()

    def reading(self) -> SearchReading | None:
        """The last search as the rules see it."""
        last = self._last
        if last is None:
            return None
        found = 0 if last.state is None else len(so_far(last.state))
        return SearchReading(last.order.bus, last.ended, _mark(last), found, last.words)

    def health(self, now_mono_s: float) -> SearchHealth | None:
        """The last search as people see it."""
        last = self._last
        if last is None:
            return None
        order, state = last.order, last.state
        if state is None:
            return SearchHealth(order.bus, order.manner, last.ended, 0, 0, 0.0, words=last.words)
        at = progress(state)
        return SearchHealth(
            bus=order.bus,
            manner=order.manner,
            ended=last.ended,
            at=at.at,
            of=at.of,
            seconds_left=last.seconds_left(now_mono_s),
            naming=at.naming,
            found=tuple(_device(found, self._profiles) for found in so_far(state)),
            words=last.words,
        )


def _mark(seek: Seek) -> SearchMark | None:
    """Where it could be taken up again."""
    if seek.state is None:
        return None if seek.order.mark is None else replace(seek.order.mark, told=None)
    here = place(seek.state)
    if here is None:
        return None
    setting = "" if here.setting is None else str(here.setting)
    return SearchMark(seek.order.manner, here.start, setting, here.present)


def _device(found: Found, profiles: Mapping[str, Profile]) -> FoundDevice:
    verdict = found.verdict
    known = FoundDevice(str(found.setting), found.unit, verdict.certainty, verdict.keys, found.words)
    best = profiles[verdict.keys[0]] if verdict.keys else None
    if best is None:
        return known
    write = best.write
    return replace(
        known,
        kind=best.kind,
        roles=roles(best),
        least_a=write.min_a if write is not None else known.least_a,
        most_a=write.max_a if write is not None else known.most_a,
        stops_itself=best.watchdog is not None,
    )
