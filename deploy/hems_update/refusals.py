"""How an update ends, and why it is refused: each with an exit code of its own."""

import errno
from enum import IntEnum

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Exit(IntEnum):
    """What `hems-update` ends with; from ``UNSIGNED`` on nothing has been changed."""

    DONE = 0
    BAD_INPUT = 2
    ROLLED_BACK = 3
    RESTARTING = 4
    NOTHING_RUNS = 5
    UNSIGNED = 10
    WRONG_KEY = 11
    WRONG_PRODUCT = 12
    TOO_OLD = 13
    DAMAGED = 14
    NO_ROOM = 15
    CHARGING = 16
    LIMITED = 17
    UNPROVEN = 18
    BUSY = 19
    NOTHING_BEFORE = 20
    CARD_FAILS = 21
    NOT_HERE = 22
    SAME_VERSION = 23
    WRONG_MACHINE = 24


class UpdateError(Exception):
    """An update that is not made, in one sentence with the remedy; what ran before runs on."""

    def __init__(self, code: Exit, words: str) -> None:
        super().__init__(words)
        self.code = code


def damaged(words: str) -> UpdateError:
    """A bundle that is not whole, or not what it says."""
    return UpdateError(Exit.DAMAGED, f"the bundle is damaged: {words}; build or copy it anew")


def unsigned() -> UpdateError:
    """A bundle under which nobody's name stands."""
    return UpdateError(Exit.UNSIGNED, "the bundle is not signed; sign it with a key this appliance knows")


def of_card(error: OSError) -> UpdateError:
    """A card that is full, or that does not do what it is told."""
    where = error.filename or "the card"
    if error.errno in FULL:
        return UpdateError(Exit.NO_ROOM, f"{where}: {error.strerror}; make room and send it again")
    return UpdateError(Exit.CARD_FAILS, f"{where}: {error.strerror or error}; look at the card")
