"""The proof of the image in an emulated machine, before a release: a table and a file of what was seen.

``python -m images.test --key keys/hems-update``; arguments behind that name the cases to run (all). The
public part of the key is in the image. A case needs one to six minutes on two processors.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from images import bundles, card, house
from images.cases import CASES, Case, Lab
from images.machine import Machine, Outfit, WrongError, free_port

FIRST = CASES[0].name
DIST = Path("dist")
MADE = {"image": "hems-[0-9]*.img", "system": "hems-os-*.ext4", "bundle": "hems-[0-9]*.hems"}


@dataclass(frozen=True, slots=True)
class Result:
    """How one case came out; `seen` is what was measured or what was wrong."""

    name: str
    demand: str
    passed: bool
    took_s: float
    seen: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the cases; 0 = all passed, 1 = one did not, 2 = nothing could be tried."""
    parser = argparse.ArgumentParser(
        prog="images.test", description="Prove the image in an emulated machine."
    )
    for name, words in {
        "--image": "the card's image (default: the newest in dist)",
        "--system": "a slot's file system (default: the newest in dist)",
        "--bundle": "the program's bundle in it (default: the newest in dist)",
    }.items():
        parser.add_argument(name, type=Path, metavar="FILE", help=words)
    parser.add_argument("--key", type=Path, required=True, metavar="FILE", help="private key it knows")
    parser.add_argument("--report", type=Path, metavar="FILE", help="where the results go, as JSON")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="kept there: card and logs")
    parser.add_argument("--cpu", default="cortex-a53", help="(default: cortex-a53)")
    parser.add_argument("names", nargs="*", metavar="CASE", help=", ".join(known()))
    options = parser.parse_args(arguments)
    if missing := card.missing_tools():
        print(f"missing: {' '.join(missing)}; install them: apt install {' '.join(missing)}", file=sys.stderr)
        return 2
    if unknown := [name for name in options.names if name not in known()]:
        print(f"no such case: {', '.join(unknown)}", file=sys.stderr)
        return 2
    for name, pattern in MADE.items():
        if getattr(options, name) is None:
            setattr(options, name, bundles.newest(DIST, pattern))
        if getattr(options, name) is None:
            print(f"there is no {pattern} in {DIST}; make one: just image", file=sys.stderr)
            return 2
    with tempfile.TemporaryDirectory(prefix="hems-image-") as own:
        folder = options.folder or Path(own)
        folder.mkdir(parents=True, exist_ok=True)
        results = prove(options, folder)
    if options.report:
        options.report.write_text(json.dumps([asdict(one) for one in results], indent=1) + "\n", "utf-8")
    print(f"{sum(one.passed for one in results)} of {len(results)} passed")
    return 0 if all(one.passed for one in results) else 1


def known() -> list[str]:
    """The names of all cases."""
    return [case.name for case in (*CASES, *house.CASES)]


def prove(options: argparse.Namespace, folder: Path) -> list[Result]:
    """Run what was asked for, each on a card that has started once."""
    lab = _lab(options, folder)
    wanted = [case for case in (*CASES, *house.CASES) if case.name in (options.names or known())]
    if not wanted or wanted[0].name != FIRST:
        wanted = [CASES[0], *wanted]
    results = []
    try:
        for case in wanted:
            results.append(_run(case, lab))
            one = results[-1]
            sign = "ok    " if one.passed else "FAILED"
            print(f"{sign} {one.took_s:6.0f} s  {one.name:26} {one.demand:8} {one.seen}", flush=True)
            if one.name == FIRST and not one.passed:
                break
    finally:
        lab.machine.off()
    return results


def _run(case: Case, lab: Lab) -> Result:
    began_s = time.monotonic()
    try:
        seen, passed = case.run(lab), True
    except WrongError as wrong:
        seen, passed = str(wrong), False
    return Result(case.name, case.demand, passed, time.monotonic() - began_s, seen)


def _lab(options: argparse.Namespace, folder: Path) -> Lab:
    outfit = Outfit(folder / "card.img", folder, free_port(), options.cpu)
    for old in (outfit.console, outfit.key, outfit.key.with_suffix(".pub")):
        old.unlink(missing_ok=True)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(outfit.key)], check=True)
    card.make(options.image, outfit.card)
    card.lay(outfit.card, outfit.key.with_suffix(".pub"), "authorized_keys")
    (folder / "hems.toml").write_text(house.INSTALLATION, encoding="utf-8")
    card.lay(outfit.card, folder / "hems.toml", "hems.toml")
    shelf = bundles.Shelf(options.bundle, options.system, options.key, folder / "bundles")
    return Lab(Machine(outfit), shelf)


if __name__ == "__main__":
    sys.exit(main())
