"""A base in steps (JRN-32)."""

import zlib
from random import Random

from hems.journal import change
from hems.journal.encoding import STEP_BYTES, Encoding
from tests.journal.books import documents


def test_many_steps_make_what_one_makes() -> None:
    noise = Random(1)
    state = documents({"events": {str(n): {"noise": noise.randbytes(300).hex()} for n in range(1_000)}})
    encoding = Encoding(state)
    steps = 1
    while not encoding.step():
        steps += 1
    plain = change.payload(state)
    assert steps == len(plain) // STEP_BYTES + 1 > 9
    assert encoding.plain_bytes == len(plain)
    assert zlib.decompress(encoding.deflated) == plain


def test_the_rest_can_be_encoded_at_once() -> None:
    state = documents({"notes": {"1": {"text": "a" * 3}}, "empty": {}})
    encoding = Encoding(state)
    assert not encoding.step(1)
    encoding.finish()
    assert encoding.step(), "once done it stays done"
    assert zlib.decompress(encoding.deflated) == change.payload(state)
    nothing = Encoding({})
    nothing.finish()
    assert zlib.decompress(nothing.deflated) == b"{}"
