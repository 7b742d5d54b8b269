"""The vocabulary of the door."""

from hems.api.rows import Method


def test_a_method_goes_by_its_namespace_and_name() -> None:
    """API-2."""
    row = Method("Hems", "GetView", {}, {}, "None", "view", lambda ask, params: {}, "Everything on one page.")
    assert row.full == "Hems.GetView"
