"""What is looked for in the words of the appliance."""

from hems.config import parse
from images.cases import CASES, listening
from images.house import CASES as HOUSE
from images.house import DEVICES, INSTALLATION, charges, drawn, harm, rests
from images.test import known

TABLE = """\
udp UNCONN 0 0 127.0.0.54:53 0.0.0.0:*
udp UNCONN 0 0 0.0.0.0:5353 0.0.0.0:* users:(("avahi-daemon",pid=367,fd=12))
udp UNCONN 0 0 0.0.0.0:38063 0.0.0.0:* users:(("avahi-daemon",pid=367,fd=14))
udp UNCONN 0 0 10.0.2.15%eth0:68 0.0.0.0:*
tcp LISTEN 0 128 0.0.0.0:22 0.0.0.0:*
tcp LISTEN 0 128 [::]:22 [::]:*
tcp LISTEN 0 16 127.0.0.1:2222 0.0.0.0:*
tcp LISTEN 0 16 [::1]:2223 [::]:*
"""


def test_who_listens_only_to_the_machine_itself_is_no_open_port() -> None:
    """APL-14."""
    assert listening(TABLE) == ["tcp 22", "udp 5353", "udp 68"]


def test_who_listens_to_others_is_one() -> None:
    """APL-14."""
    assert listening("tcp LISTEN 0 16 [::]:8080 [::]:*\n") == ["tcp 8080"]
    assert "tcp 4444" in listening(TABLE + "tcp LISTEN 0 16 *:4444 *:*\n")
    assert "udp 5355" in listening(
        'udp UNCONN 0 0 0.0.0.0:5355 0.0.0.0:* users:(("systemd-resolve",pid=1))\n'
    )


def test_every_case_has_a_name_of_its_own() -> None:
    """APL-42, APL-43: cases are asked for by their names."""
    assert len(set(known())) == len(CASES) + len(HOUSE)


def test_the_installation_on_the_line_is_that_of_the_simulated_house() -> None:
    """APL-43: every device in it has one in the house with the same address."""
    config = parse(INSTALLATION.encode())
    units = {device.name: device.unit for device in DEVICES}
    assert {meter.name: meter.unit for meter in config.meters}.items() <= units.items()
    assert {charger.name: charger.unit for charger in config.chargers}.items() <= units.items()


def test_what_the_house_saw() -> None:
    """APL-43: a car at rest is one that draws nothing and may draw nothing."""
    truth = {"limit_a": {"garage": 0.0}, "ev_w": 0.0, "violations": 0, "own_over_s": {"L1": 0.0}}
    assert rests(truth)
    assert not charges(truth)
    assert not rests(truth | {"limit_a": {"garage": 6.0}})
    assert not rests(truth | {"ev_w": 1_400.0})
    assert charges(truth | {"ev_w": 1_400.0})
    assert harm(truth) == ""
    assert "1 raises" in harm(truth | {"violations": 1})
    assert "2.0 s above" in harm(truth | {"own_over_s": {"L1": 2.0}})


def test_a_picture_in_a_terminal_is_more_than_words() -> None:
    """APL-43."""
    assert drawn("hems: nobody answers") == 0
    assert drawn("\x1b[1;1H▀▄█ ⣿\u2800") == 4
