"""Sizes, docstrings, names with units, and words that do not belong here."""

import ast
import re
import subprocess

import pytest

from tests.house.tree import ROOT, functions, imports, modules

FILE_LINES = 350
FUNCTION_LINES = 60
PHYSICAL = re.compile(
    r"(^|_)(power|current|voltage|energy|delay|timeout|latency|duration|temperature|frequency|price|surplus"
    r"|headroom|deadline|elapsed|age|period)$"
)
"""Names that end in a physical word have lost their unit."""

ROOMS_WITHOUT_NAMES = {"utils", "helpers", "manager", "base", "common", "misc"}


def test_files_and_functions_stay_small() -> None:
    for module in modules():
        assert module.lines <= FILE_LINES, f"{module.path} has {module.lines} lines"
        for function in functions(module):
            length = (function.end_lineno or 0) - function.lineno + 1
            assert length <= FUNCTION_LINES, f"{module.path}: {function.name} has {length} lines"


def test_modules_are_named_after_things() -> None:
    for module in modules():
        assert not ROOMS_WITHOUT_NAMES & set(module.name.split(".")), module.path


def test_public_things_say_what_they_are() -> None:
    for module in modules():
        assert ast.get_docstring(module.tree), f"{module.path} has no docstring"
        for node in ast.walk(module.tree):
            named = isinstance(node, ast.ClassDef) or (
                isinstance(node, ast.FunctionDef) and node in module.tree.body
            )
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and named and node.name[0] != "_":
                assert ast.get_docstring(node), f"{module.path}: {node.name} has no docstring"


def test_physical_numbers_carry_their_unit() -> None:
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                name, kind = node.target.id, ast.unparse(node.annotation)
            elif isinstance(node, ast.arg) and node.annotation is not None:
                name, kind = node.arg, ast.unparse(node.annotation)
            else:
                continue
            if "float" in kind or "PerLine" in kind:
                assert not PHYSICAL.search(name), f"{module.path}:{node.lineno}: {name} has no unit"


def test_only_the_clock_asks_the_time() -> None:
    asking = re.compile(
        r"\b(datetime\.(now|today|utcnow)|date\.today|time\.(time|monotonic|sleep|perf_counter))\("
    )
    for module in modules():
        if module.name != "hems.clock":
            text = (ROOT / module.path).read_text(encoding="utf-8")
            assert not asking.search(text), f"{module.path} asks the time itself"
            assert "time" not in set(imports(module)), f"{module.path} imports time"


def test_the_tests_mirror_the_tree() -> None:
    """Every file with behaviour has its test file in the same place; data and nouns have none."""
    for module in modules():
        place = module.path.relative_to("hems")
        behaves = any(True for _ in functions(module)) and place.name != "__init__.py"
        if behaves and module.name not in (
            "hems.model.loop",
            "hems.model.site",
            "hems.model.edges",
            "hems.errors",
        ):
            test = ROOT / "tests" / place.parent / f"test_{place.stem.strip('_')}.py"
            assert test.exists(), f"{module.path} has no {test.relative_to(ROOT)}"


def _tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout: the list of tracked files is not to be had")
    return listed.stdout.split()


def test_no_place_of_one_machine_is_named() -> None:
    foreign = re.compile(r"/(work|root|home/\w+)/|pypi\.org|files\.pythonhosted")
    for name in _tracked():
        path = ROOT / name
        if path.suffix in (".py", ".md", ".toml", ".cfg", "") and path.is_file() and name != "LICENSE":
            if path == ROOT / "tests/house/test_order.py":
                continue
            assert not foreign.search(path.read_text(encoding="utf-8")), (
                f"{name} names a place of one machine"
            )
