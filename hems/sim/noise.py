"""Chance that can be repeated: the same seed and place always give the same number."""

from hashlib import blake2b


def noise(seed: int, place: int) -> float:
    """A number in 0 <= x < 1, evenly spread, that belongs to this seed and place for ever."""
    digest = blake2b(b"%d/%d" % (seed, place), digest_size=4).digest()
    return int.from_bytes(digest, "big") / 2**32


def wave(seed: int, elapsed_s: float, period_s: float) -> float:
    """A smooth 0..1 that takes a new random level every `period_s`."""
    place, part = divmod(elapsed_s / period_s, 1.0)
    before, after = noise(seed, int(place)), noise(seed, int(place) + 1)
    return before + (after - before) * part * part * (3.0 - 2.0 * part)
