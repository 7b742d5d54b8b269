"""`hems completion bash`: what a shell can complete, written from the command line's own options."""

import argparse
from collections.abc import Iterator
from typing import Final

from hems.clients_options import MODE_WORDS, SETTERS

SCRIPT: Final = """\
# Completion of hems for bash; written by: hems completion bash
_hems() {{
    local known= word=${{COMP_WORDS[COMP_CWORD]}} hidden='-*'
    case "${{COMP_WORDS[*]:1:COMP_CWORD-1}} " in
{lines}
    esac
    [[ $word == -* ]] && hidden=
    mapfile -t COMPREPLY < <(compgen -W "$known" -X "$hidden" -- "$word")
}}
complete -o default -F _hems hems
"""
"""Where nothing is known the shell offers files; options are offered once a hyphen was typed."""


def script(parser: argparse.ArgumentParser) -> str:
    """A script for the shell: what stands before the cursor, and the words that may follow it."""
    found = dict(_lines("", parser))
    found['"set "*)'] = " ".join((*SETTERS, found['"set "*)']))
    found['"set mode "*)'] = " ".join(MODE_WORDS)
    longest_first = sorted(found, key=lambda line: (-line.count('"'), -line.count(" "), line))
    return SCRIPT.format(
        lines="\n".join(f'        {line} known="{found[line]}" ;;' for line in longest_first)
    )


def _lines(before: str, parser: argparse.ArgumentParser) -> Iterator[tuple[str, str]]:
    """What may stand before the cursor, as a pattern of the shell, and the words that may follow."""
    words: list[str] = []
    for action in parser._actions:
        values = [str(choice) for choice in action.choices or ()]
        words += action.option_strings or values
        if isinstance(action, argparse._SubParsersAction):
            for name, inner in action.choices.items():
                yield from _lines(f"{before}{name} ", inner)
        elif action.option_strings and action.nargs != 0:
            yield f'"{before}"*"{action.option_strings[-1]} ")', " ".join(values)
    yield f'"{before or " "}"*)', " ".join(words)
