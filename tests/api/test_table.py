"""The one table: everything in it holds together, and everything that was promised is in it."""

import json

from hems.api.rows import Method
from hems.api.shapes import member
from hems.api.table import NAMESPACES, TABLE, table
from tests.api.doorstep import TOY

HANDSHAKE = {"Hello", "Introspect", "Version", "SetNotificationStatus", "KeepAlive"}
LOGIN = {"Authenticate", "CreateUser", "RequestPushButtonAuth"}


def test_every_row_has_a_handler_a_text_and_checks() -> None:
    """API-50."""
    for full, row in TABLE.methods.items():
        assert callable(row.handler)
        assert row.text.endswith("."), full
        assert full in TABLE.checks


def test_no_member_is_demanded_that_is_only_read() -> None:
    for row in TABLE.methods.values():
        for declared in row.params:
            assert not member(declared).read_only, row.full


def test_all_methods_of_the_handshake_are_there() -> None:
    assert {f"JSONRPC.{name}" for name in HANDSHAKE | LOGIN} <= TABLE.methods.keys()


def test_what_is_introspected_is_what_can_be_called() -> None:
    """API-50."""
    methods = json.loads(bytes(TABLE.introspection["methods"]))
    notices = json.loads(bytes(TABLE.introspection["notifications"]))
    assert methods.keys() == TABLE.methods.keys()
    assert notices.keys() == TABLE.notices.keys()
    for full, row in TABLE.methods.items():
        assert methods[full]["params"] == json.loads(json.dumps(row.params))


def test_a_second_name_serves_the_same_rows() -> None:
    """API-100."""
    rows = table((TOY,), {"Alias": "Toy", "Nobody": "Nothing"})
    assert rows.aliases == {"Alias": "Toy"}
    assert rows.names == {"Toy", "Alias"}
    assert rows.methods["Alias.Echo"].handler is rows.methods["Toy.Echo"].handler
    assert rows.spoken(TOY) == {"Toy", "Alias"}
    assert rows.remembering["Alias"] is rows.remembering["Toy"]


def test_a_namespace_is_one_namespace() -> None:
    """Notifications of a namespace are declared where its methods are."""
    for namespace in NAMESPACES:
        rows: list[Method] = list(namespace.methods)
        assert len({row.namespace for row in rows}) == 1
        assert {notice.namespace for notice in namespace.notices} <= {row.namespace for row in rows}
