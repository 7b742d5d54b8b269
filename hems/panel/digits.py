"""Digits that are set one by one: a PIN, a date, an address; everything between them stays. Pure."""


def first(text: str) -> int:
    """The place of the first digit."""
    return next(place for place, sign in enumerate(text) if sign.isdecimal())


def onward(text: str, at: int) -> int | None:
    """The next digit's place; ``None`` after the last."""
    return next((place for place in range(at + 1, len(text)) if text[place].isdecimal()), None)


def backward(text: str, at: int) -> int | None:
    """The place of the digit before; ``None`` before the first."""
    return next((place for place in range(at - 1, -1, -1) if text[place].isdecimal()), None)


def turned(text: str, at: int, step: int) -> str:
    """The digit at a place so many up; digits wrap (PNL-61)."""
    return f"{text[:at]}{(int(text[at]) + step) % 10}{text[at + 1 :]}"
