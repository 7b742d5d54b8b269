"""Command lines that speak with the running service: their words, and what is wrong with them (API-150)."""

import pytest

from hems.__main__ import main
from hems.clients_options import LINES, SET_WORDS


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit code, output and complaint of one call."""
    try:
        code = main(arguments)
    except SystemExit as exit_:
        code = int(exit_.code or 0)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.mark.parametrize("name", [*(line.name for line in LINES), "panel"])
def test_every_command_says_what_it_takes(capsys: pytest.CaptureFixture[str], name: str) -> None:
    code, out, err = said(capsys, name, "--help")
    assert (code, err) == (0, "")
    assert "--socket PATH" in out
    assert "%%" not in out


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["ack"], "hems ack: the following arguments are required: ALARM; see hems ack --help"),
        (["boost", "long"], "hems boost: argument MINUTES: 'long' is not a whole number; see"),
        (["boost", "--kwh", "much"], "hems boost: argument --kwh: 'much' is not a number of kWh; see"),
        (["set", "target", "80", "--days", "someday"], "hems set: argument --days: 'someday' is no day; use"),
        (["set", "mode"], "hems: set mode: to what? see hems set --help"),
        (["set", "mode", "fast", "--by", "07:00"], "hems: set mode: --by does not belong to it"),
        (["set", "large", "yes", "--charger", "x"], "hems: set large: --charger does not belong to it"),
        (["why", "--csv"], "hems: unrecognized arguments: --csv; see hems --help"),
        (["counters", "--json", "--csv"], "hems counters: argument --csv: not allowed with argument --json"),
    ],
)
def test_usage_is_told_in_one_sentence(
    capsys: pytest.CaptureFixture[str], arguments: list[str], complaint: str
) -> None:
    code, out, err = said(capsys, *arguments)
    assert (code, out) == (2, "")
    assert err.startswith(complaint)
    assert err.count("\n") == 1


def test_words_of_set_are_there_once() -> None:
    assert sorted(word.key for word in SET_WORDS) == ["by", "charger", "days", "level"]
