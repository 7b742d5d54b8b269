"""Mutated answers against what a check sum allows (BUS-110); an independent judge says what is valid.

``python -m tests.bench.fuzz [COUNT] [SEED]``; ten million unless told. Nothing here uses pymodbus.
"""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from math import sqrt
from random import Random, SystemRandom
from typing import Final, Literal

from hems.field.exchange import Accepted, Outcome, Pending, Request, judge

Judge = Callable[[Request, bytes], Outcome | Pending]
Mutation = Literal["flip", "burst", "cut", "stranger", "around", "random", "shuffle"]
Content = tuple[int, ...]

MUTATIONS: Final[Sequence[tuple[Mutation, int]]] = (
    ("flip", 4),
    ("burst", 3),
    ("cut", 1),
    ("stranger", 2),
    ("around", 3),
    ("random", 3),
    ("shuffle", 1),
)
"""Kinds of damage and how often each is done."""
UNDETECTED: Final[frozenset[Mutation]] = frozenset({"random", "shuffle"})
"""Damage of which the check sum lets a share of 1 in 65,536 pass; of all other none may."""
SHOWN: Final = 200_000


def _crc_table() -> Sequence[int]:
    rows = []
    for byte in range(256):
        row = byte
        for _ in range(8):
            row = row >> 1 ^ (0xA001 if row & 1 else 0)
        rows.append(row)
    return rows


CRC: Final = _crc_table()


def crc(body: bytes) -> bytes:
    """CRC-16/MODBUS, low byte first."""
    value = 0xFFFF
    for byte in body:
        value = value >> 8 ^ CRC[(value ^ byte) & 0xFF]
    return value.to_bytes(2, "little")


def readable(request: Request, received: bytes) -> Iterator[Content]:
    """Everything in these bytes that is a right answer, at whatever place it begins."""
    read = request.function in (3, 4)
    size = 5 + 2 * request.count if read else 8
    for at in range(len(received) - size + 1):
        frame = received[at : at + size]
        if frame[0] != request.unit or frame[1] != request.function:
            continue
        if read:
            if frame[2] == 2 * request.count and crc(frame[:-2]) == frame[-2:]:
                yield tuple(int.from_bytes(frame[i : i + 2], "big") for i in range(3, size - 2, 2))
        elif frame[2:6] == echo(request) and crc(frame[:-2]) == frame[-2:]:
            yield ()


def echo(request: Request) -> bytes:
    """What the answer to a write repeats: address, and the value or the number of registers."""
    told = request.values[0] if request.function == 6 else len(request.values)
    return request.address.to_bytes(2, "big") + told.to_bytes(2, "big")


def sealed(body: bytes) -> bytes:
    """A frame with its check sum."""
    return body + crc(body)


def example(chance: Random) -> tuple[Request, bytes, Content]:
    """A request, its right answer and what that says."""
    unit, address = chance.randint(1, 247), chance.randint(0, 0xFF00)
    kind = chance.choice((3, 3, 4, 4, 6, 16))
    if kind == 6:
        request = Request(unit, 6, address, values=(chance.randint(0, 0xFFFF),))
    elif kind == 16:
        values = tuple(chance.randint(0, 0xFFFF) for _ in range(chance.randint(1, 4)))
        request = Request(unit, 16, address, values=values)
    else:
        function: Literal[3, 4] = 3 if kind == 3 else 4
        request = Request(unit, function, address, chance.choice((1, 2, 2, 4, 6, 12, 20, 34)))
        content = tuple(
            chance.choice((0, 1, 0xFFFF, chance.randint(0, 0xFFFF))) for _ in range(request.count)
        )
        data = b"".join(word.to_bytes(2, "big") for word in content)
        return request, sealed(bytes((unit, function, len(data))) + data), content
    return request, sealed(bytes((unit, request.function)) + echo(request)), ()


def mutant(request: Request, answer: bytes, how: Mutation, chance: Random) -> bytes:
    """The answer as it may arrive."""
    match how:
        case "flip":
            return _flipped(answer, chance.sample(range(8 * len(answer)), chance.randint(1, 3)))
        case "burst":
            length = chance.randint(1, 16)
            first = chance.randint(0, 8 * len(answer) - length)
            inner = [bit for bit in range(first + 1, first + length - 1) if chance.random() < 0.5]
            return _flipped(answer, sorted({first, first + length - 1, *inner}))
        case "cut":
            return answer[: chance.randint(0, len(answer) - 1)]
        case "stranger":
            return _strange(request, answer, chance)
        case "around":
            return chance.randbytes(chance.randint(0, 32)) + answer + chance.randbytes(chance.randint(0, 32))
        case "random":
            return answer[:3] + chance.randbytes(len(answer) - 3)
        case "shuffle":
            rest = bytearray(answer[3:])
            chance.shuffle(rest)
            return answer[:3] + bytes(rest)


def _flipped(answer: bytes, bits: Sequence[int]) -> bytes:
    changed = bytearray(answer)
    for bit in bits:
        changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def _strange(request: Request, answer: bytes, chance: Random) -> bytes:
    """A sound frame of another unit, function, byte count or address."""
    body = bytearray(answer[:-2])
    if request.function in (3, 4) and chance.random() < 0.4:
        data = chance.randbytes(2 * chance.choice([n for n in (1, 2, 3, 7, 30) if n != request.count]))
        return sealed(bytes((body[0], body[1], len(data))) + data)
    place = chance.choice((0, 1) if request.function in (3, 4) else (0, 1, 2, 3, 4, 5))
    body[place] ^= chance.randint(1, 0x7F)
    return sealed(bytes(body))


@dataclass
class Report:
    """What came out: tries and wrongly accepted ones by kind of damage, and every broken promise in words."""

    seed: int
    tries: Counter[Mutation] = field(default_factory=Counter)
    accepted: Counter[Mutation] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    @property
    def bound(self) -> float:
        """How many of the undetectable ones may pass: their mean and five standard deviations."""
        expected = sum(self.tries[how] for how in UNDETECTED) / 65_536
        return expected + 5 * sqrt(expected)

    def close(self) -> None:
        """Judge the sums."""
        passed = sum(self.accepted[how] for how in UNDETECTED)
        if passed > self.bound:
            self.broken.append(f"{passed} with a random body passed, more than {self.bound:.1f}")


def run(count: int, seed: int, judging: Judge = judge, show: Callable[[int], None] | None = None) -> Report:
    """Judge so many mutants; stops at the tenth broken promise."""
    chance, report = Random(seed), Report(seed)
    kinds = [how for how, weight in MUTATIONS for _ in range(weight)]
    for number in range(count):
        request, answer, content = example(chance)
        how = chance.choice(kinds)
        received = mutant(request, answer, how, chance)
        report.tries[how] += 1
        _judge_one(report, request, received, content, how, judging)
        if len(report.broken) >= 10:
            break
        if show is not None and number % SHOWN == SHOWN - 1:
            show(number + 1)
    report.close()
    return report


def _judge_one(
    report: Report, request: Request, received: bytes, content: Content, how: Mutation, judging: Judge
) -> None:
    try:
        outcome = judging(request, received)
    except Exception as error:
        report.broken.append(f"{how}: {error!r} at {request} {received.hex()}")
        return
    if not isinstance(outcome, Accepted):
        return
    said = outcome.registers
    if said not in readable(request, received):
        report.broken.append(f"{how}: accepted what is no answer: {request} {received.hex()}")
    elif said != content:
        report.accepted[how] += 1
        if how not in UNDETECTED:
            report.broken.append(f"{how}: accepted with changed content: {request} {received.hex()}")
    elif how == "stranger":
        report.broken.append(f"{how}: accepted a stranger's frame: {request} {received.hex()}")


def main() -> int:
    """Fuzz, print the sums; 1 if a promise was broken."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else SystemRandom().randrange(2**32)
    print(f"{count:,} mutants, seed {seed}", flush=True)

    def show(done: int) -> None:
        if sys.stderr.isatty():
            print(f"\r{done:,}", end="", file=sys.stderr, flush=True)

    report = run(count, seed, show=show)
    print(f"{'damage':12} {'tries':>12} {'passed changed':>16}")
    for how, tries in sorted(report.tries.items()):
        print(f"{how:12} {tries:12,} {report.accepted[how]:16,}")
    print(f"bound for random bodies: {report.bound:.1f}")
    for words in report.broken:
        print(f"BROKEN  {words}")
    sums = {"seed": seed, "tries": report.tries, "accepted": report.accepted, "bound": report.bound}
    print(json.dumps(sums | {"broken": report.broken}))
    return int(bool(report.broken))


if __name__ == "__main__":
    sys.exit(main())
