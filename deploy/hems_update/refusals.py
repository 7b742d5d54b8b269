"""Why an update is refused: each reason with an exit code of its own."""

from enum import IntEnum


class Exit(IntEnum):
    """What `hems-update` ends with."""

    DONE = 0
    BAD_INPUT = 2
    ROLLED_BACK = 3
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
    UNKNOWN_STATE = 21
    NOT_HERE = 22


class UpdateError(Exception):
    """An update that is not made, in one sentence with the remedy; nothing has been changed."""

    def __init__(self, code: Exit, words: str) -> None:
        super().__init__(words)
        self.code = code
