"""Where a door may be told to listen."""

import pytest

from hems.model.endpoint import Endpoint, endpoint


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("127.0.0.1:2223", Endpoint("127.0.0.1", 2223)),
        ("[::]:2222", Endpoint("::", 2222)),
        ("[::1]:1", Endpoint("::1", 1)),
        ("0.0.0.0:65535", Endpoint("0.0.0.0", 65535)),
        ("127.0.0.1", None),
        ("127.0.0.1:0", None),
        ("127.0.0.1:65536", None),
        ("localhost:2222", None),
        ("::1:2222", None),
        ("1.2.3:2222", None),
        ("[gg::]:2222", None),
        ("[:::]:2222", None),
        ("", None),
    ],
)
def test_an_address_and_a_port(text: str, meant: Endpoint | None) -> None:
    assert endpoint(text) == meant


@pytest.mark.parametrize(
    ("text", "loopback", "six"),
    [
        ("127.0.0.1:1", True, False),
        ("127.8.9.1:1", True, False),
        ("[::1]:1", True, True),
        ("0.0.0.0:1", False, False),
        ("[::]:1", False, True),
        ("192.168.1.4:1", False, False),
    ],
)
def test_what_only_this_machine_can_reach(text: str, loopback: bool, six: bool) -> None:
    """API-10."""
    found = endpoint(text)
    assert found is not None
    assert (found.loopback, found.six) == (loopback, six)
