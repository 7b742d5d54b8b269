"""What the wires' counters mean: load, latencies, rests, and words for people.

A sample is kept for each of the last 60 s of a line and a mark for each of the last ten minutes of a unit, so
memory is fixed. What is likely wrong is judged anew once a minute.
"""

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from hems.field.agenda import Agenda
from hems.field.chain import odd_lengths
from hems.field.device import Device
from hems.field.exchange import Kind
from hems.field.likely import (
    NO_ECHO,
    Tally,
    Window,
    causes,
    everywhere,
    foreign_words,
    line_words,
    stale_words,
)
from hems.field.line import Line
from hems.field.link import Link
from hems.field.profile import FAST
from hems.field.quarantine import left_alone
from hems.field.remarks import remarks
from hems.field.wire import setting
from hems.model import site
from hems.model.instant import Instant
from hems.model.view import BusHealth, DeviceHealth, Role

SAMPLES: Final = 60
LAST_TICKS: Final = 10
NEW_S: Final = 20.0
"""So long after its first answer a device may take to be set up before that is told."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What a line had done when a tick began."""

    at_mono_s: float
    busy_s: float
    exchanges: int


class LineHealth:
    """One line and its devices; told of every tick, so that it can say what the last minutes were like."""

    def __init__(self, agenda: Agenda) -> None:
        self._agenda = agenda
        self._samples: deque[Sample] = deque(maxlen=SAMPLES + 1)
        self._windows = {device.link: Window() for device in agenda.devices}
        self._errors = {link: deque[Counter[Kind]](maxlen=LAST_TICKS + 1) for link in self._windows}
        self._first_mono_s: dict[Link, float] = {}
        self._warnings: dict[int, str] = {}
        self._words = ""

    def tick(self, now_mono_s: float) -> None:
        """A new tick begins."""
        counts = self._agenda.line.counts
        self._samples.append(Sample(now_mono_s, counts.busy_s, counts.exchanges))
        for link, errors in self._errors.items():
            errors.append(link.errors.copy())
            if link.accepted:
                self._first_mono_s.setdefault(link, now_mono_s)
        kept = [window.mark(now_mono_s, _tally(link)) for link, window in self._windows.items()]
        if any(kept):
            self._judge()

    def bus(self, now: Instant) -> BusHealth:
        """The line itself."""
        line, counts = self._agenda.line, self._agenda.line.counts
        load, per_s = self._lately(now.mono_s)
        return BusHealth(
            stage=line.stage,
            setting=setting(line.bus),
            echo=line.echo,
            load_pct=round(100 * load, 1),
            exchanges=counts.exchanges,
            exchanges_per_s=round(per_s, 1),
            reopenings=max(0, counts.openings - 1),
            early=counts.early,
            unasked_bytes=counts.unasked_bytes,
            words="; ".join(self._said(now.mono_s)),
            foreign_lately=counts.foreign_lately(now.mono_s),
        )

    def devices(self, now: Instant) -> dict[str, DeviceHealth]:
        """Its devices by name."""
        line = self._agenda.line
        return {
            device.name: _device(
                device,
                line,
                now,
                words="; ".join(words for words in self._of(device, now.mono_s) if words),
                warning=self._warnings.get(device.link.unit, ""),
            )
            for device in self._agenda.devices
        }

    def _of(self, device: Device, now_mono_s: float) -> Iterator[str]:
        """What a person should know of a device."""
        new = now_mono_s - self._first_mono_s.get(device.link, now_mono_s) < NEW_S
        yield remarks(device, now_mono_s, new=new)
        if not device.asleep and not left_alone(device.absence):
            errors = self._errors[device.link]
            lately = errors[-1] - errors[0] if errors else Counter[Kind]()
            yield stale_words(_age_s(device, now_mono_s), lately)
        yield from _odd_models(device)

    def _lately(self, now_mono_s: float) -> tuple[float, float]:
        """The share of the last minute the line was busy, and its exchanges per second."""
        if not self._samples or now_mono_s <= self._samples[0].at_mono_s:
            return 0.0, 0.0
        first, counts = self._samples[0], self._agenda.line.counts
        elapsed_s = now_mono_s - first.at_mono_s
        return (counts.busy_s - first.busy_s) / elapsed_s, (counts.exchanges - first.exchanges) / elapsed_s

    def _judge(self) -> None:
        """What is likely wrong, by the counts up to the last full minute."""
        tallies = {link.unit: window.lately for link, window in self._windows.items()}
        self._warnings = causes(tallies)
        load, _ = self._lately(self._samples[-1].at_mono_s)
        self._words = line_words(100 * load, together=everywhere(tallies.values()))

    def _said(self, now_mono_s: float) -> Iterator[str]:
        """On an absent line only why; else what its adapter, its devices and strangers make of it."""
        counts = self._agenda.line.counts
        if counts.words:
            yield counts.words
            return
        if self._agenda.suspect:
            yield "all devices silent: is the cable connected, the speed right?"
        links = self._windows
        if self._agenda.line.bus.echo == "yes" and not any(link.accepted for link in links):
            yield from {NO_ECHO for link in links if link.errors["echo"]}
        foreign = foreign_words(counts.foreign_lately(now_mono_s))
        yield from (words for words in (foreign, self._words, counts.warning) if words)


def _tally(link: Link) -> Tally:
    return Tally(link.requests, link.accepted, link.turned_lost, dict(link.errors))


def _device(device: Device, line: Line, now: Instant, *, words: str, warning: str) -> DeviceHealth:
    link = device.link
    resting_s = device.absence.until_mono_s - now.mono_s if left_alone(device.absence) else 0.0
    return DeviceHealth(
        bus=line.bus.name,
        requests=link.requests,
        accepted=link.accepted,
        errors={kind: count for kind, count in link.errors.items() if count},
        latency_p50_ms=_latency_ms(link, 0.5),
        latency_p95_ms=_latency_ms(link, 0.95),
        latency_p99_ms=_latency_ms(link, 0.99),
        latency_max_ms=_latency_ms(link, 1.0),
        gap_ms=1000 * link.gap_s,
        turn_ms=1000 * link.turn_s,
        asleep=device.asleep,
        set_up=bool(device.answered) and device.told.set_up and not device.unmapped,
        last_good_mono_s=_last_good_mono_s(device),
        back_off_s=max(0.0, resting_s),
        words="" if line.stage == "absent" else words,
        warning="" if line.stage == "absent" else warning,
        role=_role(device.config),
        unfed=not device.asleep and device.told.starving(now.mono_s, device.last_good_mono_s),
    )


def _role(config: site.Device) -> Role:
    if isinstance(config, site.Meter):
        return "charger_meter" if config.role == "charger" else config.role
    return "charger" if isinstance(config, site.Charger) else "heat_pump"


def _latency_ms(link: Link, share: float) -> float | None:
    """What so many answers did not exceed; a step of the histogram may lie above the longest of all."""
    found, longest_ms = link.latency_ms(share), link.latency_max_ms
    return None if found is None or longest_ms is None else round(min(found, longest_ms), 1)


def _age_s(device: Device, now_mono_s: float) -> float:
    """How old its fast values are; 0 if it has none or was not asked yet."""
    fast = any(entry.block.period_s == FAST for entry in device.planned)
    if not fast or device.answered is None:
        return 0.0
    last_s = _last_good_mono_s(device)
    return now_mono_s - (device.started_mono_s if last_s is None else last_s)


def _last_good_mono_s(device: Device) -> float | None:
    """When its fast values were last read, the oldest of them; without any, when it last answered."""
    fast = [entry.block.points for entry in device.planned if entry.block.period_s == FAST]
    read = [
        max(
            (device.samples[p.quantity].at_mono_s for p in points if p.quantity in device.samples),
            default=None,
        )
        for points in fast
    ]
    known = [at_mono_s for at_mono_s in read if at_mono_s is not None]
    return min(known) if known else device.last_good_mono_s


def _odd_models(device: Device) -> Iterator[str]:
    """Models of a published map whose length is not the one known of them."""
    chain = device.profile.chain
    odd = odd_lengths(device.walk, chain) if chain is not None and device.walk.done else ()
    if odd:
        yield f"unusual length of model {', '.join(map(str, odd))}"
