"""Setup rows with read-back: BUS-49, BUS-50."""

from hems.field import setup
from hems.field.exchange import Accepted, Failed, Outcome, Request
from hems.field.profile import Setup
from hems.field.profiles import PROFILES
from hems.field.setup import Charge

BOX = PROFILES["heidelberg-energy-control"].setup
CONTROLLER = PROFILES["evse-wb"].setup


class Registers:
    """A device that holds registers; drives the rows to their end and logs what was sent."""

    def __init__(
        self, rows: tuple[Setup, ...], held: dict[int, int], unreadable: frozenset[int] = frozenset()
    ):
        self.rows = rows
        self.held = held
        self.unreadable = unreadable
        self.log: list[Request] = []
        self.progress = setup.begun(rows, setup.Progress(), 0.0)
        self.deaf: set[int] = set()

    def answer(self, request: Request) -> Outcome:
        self.log.append(request)
        if not request.values:
            if request.address in self.unreadable:
                return Failed("exception", 2)
            return Accepted(tuple(self.held[request.address + i] for i in range(request.count)))
        if request.address not in self.deaf:
            self.held.update({request.address + i: value for i, value in enumerate(request.values)})
        return Accepted()

    def run(self, now_s: float, fail_safe_a: float = 0.0, steps: int = 30) -> None:
        charge = Charge(fail_safe_a, lines=3)
        for _ in range(steps):
            request = setup.request(self.rows, self.progress, 1, charge, now_s)
            if request is None:
                return
            after = setup.took(self.rows, self.progress, self.answer(request), charge, now_s)
            if after.stage != self.progress.stage:
                assert after.stage in setup.ALLOWED[self.progress.stage]
            self.progress = after

    @property
    def writes(self) -> list[tuple[int, int]]:
        return [(request.address, request.values[0]) for request in self.log if request.values]


def test_what_is_right_is_only_read() -> None:
    device = Registers(BOX, {258: 4, 257: 15_000, 262: 0})
    device.run(0.0)
    assert device.progress.stage == "done"
    assert device.writes == []


def test_what_differs_is_written_in_order_and_proved() -> None:
    """Standby off first, then the watchdog, then the fail-safe current, each read back."""
    device = Registers(BOX, {258: 0, 257: 60_000, 262: 100})
    device.run(0.0)
    assert device.progress.stage == "done"
    assert device.writes == [(258, 4), (257, 15_000), (262, 0)]
    assert [request.address for request in device.log if not request.values] == [258, 258, 257, 257, 262, 262]


def test_the_fail_safe_current_is_what_an_on_off_relay_then_switches() -> None:
    device = Registers(BOX, {258: 4, 257: 15_000, 262: 0})
    device.run(0.0, fail_safe_a=6.0)
    assert device.writes == [(262, 60)]


def test_old_firmware_is_written_blindly() -> None:
    device = Registers(BOX, {258: 0, 257: 15_000, 262: 0}, unreadable=frozenset({258}))
    device.run(0.0)
    assert device.progress.stage == "done"
    assert device.writes == [(258, 4)]


def test_blind_writes_are_not_stored_and_need_no_budget() -> None:
    """Old firmware loses 258 at every power-up: it is written after each return, however often."""
    device = Registers(BOX, {258: 0, 257: 15_000, 262: 0}, unreadable=frozenset({258}))
    for i in range(15):
        device.progress = setup.begun(BOX, device.progress, i * 60.0)
        device.run(i * 60.0)
        assert device.progress.stage == "done"
    assert len(device.writes) == 15


def test_a_read_that_old_firmware_meets_with_silence_ends_blindly_too() -> None:
    """BUS-50: after three; a row that must be readable is asked for ever."""
    progress = setup.begun(BOX, setup.Progress(), 0.0)
    for at_s in (0.0, 1.0):
        progress = setup.took(BOX, progress, Failed("silence"), Charge(), at_s)
        assert progress.stage == "reading"
    assert setup.took(BOX, progress, Failed("crc"), Charge(), 2.0).stage == "reading"
    progress = setup.took(BOX, progress, Failed("silence"), Charge(), 2.0)
    assert setup.request(BOX, progress, 1, Charge(), 2.0) == Request(1, 6, 258, values=(4,))
    progress = setup.took(BOX, progress, Accepted(), Charge(), 2.1)
    assert (progress.stage, progress.row) == ("reading", 1)
    for i in range(5):
        progress = setup.took(BOX, progress, Failed("silence"), Charge(), 3.0 + i)
        assert (progress.stage, progress.row) == ("reading", 1)


ION = PROFILES["obo-ion"].setup


def test_what_a_restart_could_take_away_is_read_again_once_a_minute() -> None:
    """BUS-50: read only, one row after the other; what differs begins anew."""
    device = Registers(ION, {28: 15_000, 30: 0})
    device.run(0.0)
    device.log.clear()
    for at_s in range(1, 121):
        device.run(float(at_s))
        assert device.progress.stage == "done"
    assert [request.address for request in device.log] == [28, 30, 28, 30]
    assert device.writes == []
    unheard = setup.took(ION, device.progress, Failed("silence"), Charge(), 150.0)
    assert (unheard.stage, setup.request(ION, unheard, 1, Charge(), 151.0)) == ("done", None)
    device.held[30] = 32
    device.run(150.0)
    device.run(180.0)
    assert device.writes == [(30, 0)]
    assert device.progress.stage == "done"
    flash = Registers(BOX, {258: 4, 257: 15_000, 262: 0})
    flash.run(0.0)
    assert setup.request(BOX, flash.progress, 1, Charge(), 1000.0) is None


def test_a_register_that_must_be_readable_is_asked_again_later() -> None:
    device = Registers(BOX, {258: 4, 257: 15_000, 262: 0}, unreadable=frozenset({257}))
    device.run(0.0)
    assert device.progress.stage == "reading"
    assert device.progress.due_mono_s == setup.REFUSED_RETRY_S
    assert device.writes == []


def test_a_write_without_effect_never_counts_as_done() -> None:
    device = Registers(BOX, {258: 4, 257: 60_000, 262: 0})
    device.deaf = {257}
    before = device.progress
    device.run(0.0)
    assert device.progress.stage == "reading"
    assert device.progress.row == 1
    assert setup.not_taken(setup.Progress("proving", row=1), device.progress)
    assert not setup.not_taken(before, device.progress)


def test_flash_is_written_ten_times_a_day_at_most() -> None:
    """BUS-49"""
    device = Registers(BOX, {258: 4, 257: 60_000, 262: 0})
    device.deaf = {257}
    for i in range(100):
        device.run(i * 60.0)
    assert len(device.writes) == 10
    device.run(2 * setup.DAY_S)
    assert len(device.writes) == 11


def test_only_the_masked_bits_are_changed_and_the_device_is_left_in_peace() -> None:
    """Read-modify-write of 2005: bit 7 cleared, the others untouched."""
    device = Registers(CONTROLLER, {2000: 0, 2005: 0x20A0})
    device.run(0.0)
    assert device.writes == [(2005, 0x2020)]
    assert device.progress.due_mono_s == 1.0
    device.run(1.0)
    assert device.progress.stage == "done"


def test_silence_tries_the_row_again() -> None:
    progress = setup.begun(BOX, setup.Progress(), 0.0)
    after = setup.took(BOX, progress, Failed("silence"), Charge(), 5.0)
    assert (after.stage, after.row, after.due_mono_s) == ("reading", 0, 6.0)
    assert setup.request(BOX, after, 1, Charge(), 5.5) is None


def test_without_rows_there_is_nothing_to_do() -> None:
    progress = setup.begun((), setup.Progress(), 0.0)
    assert progress.stage == "done"
    assert setup.request((), progress, 1, Charge(), 0.0) is None


def test_done_stays_done() -> None:
    device = Registers(BOX, {258: 4, 257: 15_000, 262: 0})
    device.run(0.0)
    begun = setup.begun(BOX, device.progress, 9.0)
    assert (begun.stage, begun.row) == ("reading", 0)


def test_a_value_of_two_registers_is_written_and_proved_whole() -> None:
    """BUS-50: the fail-safe power of a charger that is told watts, over all its lines."""
    row = Setup(what="p", function=16, address=203, wire="u32", fail_safe_scale_a=1, volts=230)
    device = Registers((row,), {203: 0, 204: 4140})
    device.run(0.0)
    assert device.log[1] == Request(1, 16, 203, values=(0, 0))
    device = Registers((row,), {203: 0xFFFF, 204: 0xFFFF})
    device.run(0.0, fail_safe_a=6.0)
    assert [request.values for request in device.log] == [(), (0, 4140), ()]
    assert (device.log[0].count, device.progress.stage) == (2, "done")
    device = Registers((row,), {203: 1, 204: 4140})
    device.run(0.0, fail_safe_a=6.0)
    assert device.log[1].values == (0, 4140)


def test_no_fail_safe_current_may_have_a_count_of_its_own() -> None:
    row = Setup(what="f", function=6, address=1850, fail_safe_scale_a=1, fail_safe_zero=1)
    assert setup.wanted(row, Charge(0.0, 3)) == 1
    assert setup.wanted(row, Charge(6.0, 3)) == 6
    assert setup.wanted(row, Charge(6.9, 3)) == 6


def test_a_row_may_be_read_elsewhere_and_by_another_function_and_type() -> None:
    timeout = Setup(what="t", function=16, address=0x4106, value=30, read_address=0x4020, read_wire="u32")
    device = Registers((timeout,), {0x4020: 0, 0x4021: 20, 0x4106: 0})
    device.run(0.0)
    assert device.log[:2] == [Request(1, 3, 0x4020, 2), Request(1, 16, 0x4106, values=(30,))]
    not_taken = device.progress
    device.held[0x4021] = 30
    device.run(setup.REFUSED_RETRY_S)
    assert (not_taken.stage, device.progress.stage) == ("reading", "done")
    coil = Setup(what="c", function=5, address=20, value=1, read_function=1, wire="bool")
    device = Registers((coil,), {20: 0})
    device.run(0.0)
    assert device.log[:2] == [Request(1, 1, 20), Request(1, 5, 20, values=(1,))]
    assert device.progress.stage == "done"
