"""How much of the appliance a client may have (API-14)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Every bound of the door.

    Places are connections: `remote` those over TCP and TLS, `each` those from one remote address, `strangers`
    TLS connections that have not logged in. Backlog is what a client has been sent and has not taken yet.
    """

    clients: int = 32
    remote: int = 24
    each: int = 8
    strangers: int = 4
    shakes_per_s: int = 10
    shake_s: float = 5.0
    hello_s: float = 10.0
    login_s: float = 300.0
    unfinished_bytes: int = 1024 * 1024
    request_bytes: int = 96 * 1024
    nesting: int = 32
    broken_in_a_row: int = 16
    stalled_s: float = 0.25
    read_bytes: int = 8 * 1024
    piece_bytes: int = 2 * 1024
    turn_s: float = 0.002
    deaf_bytes: int = 256 * 1024
    backlog_bytes: int = 1024 * 1024
    backlog_s: float = 30.0
    snapshot_bytes: int = 64 * 1024
    pending_each: int = 8
    pending: int = 64
    answer_s: float = 45.0
    accepted_per_turn: int = 4
    waiting_to_connect: int = 16
    farewell_s: float = 5.0
