"""The product's source as parsed modules."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Module:
    """One file: its dotted name, its path below the root, its lines and its syntax tree."""

    name: str
    path: Path
    lines: int
    tree: ast.Module

    @property
    def package(self) -> str:
        """The room it belongs to: ``core`` for ``hems.core.decide``, its own name at the top level."""
        return self.name.split(".")[1] if "." in self.name else ""


@cache
def modules() -> tuple[Module, ...]:
    """Every file of the product."""
    found = []
    for path in sorted((ROOT / "hems").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        text = path.read_text(encoding="utf-8")
        found.append(Module(name, path.relative_to(ROOT), text.count("\n"), ast.parse(text)))
    return tuple(found)


def imports(module: Module) -> Iterator[str]:
    """Dotted names of everything a module imports, at the top or inside a function."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module.path}: relative import"
            yield node.module or ""


def functions(module: Module) -> Iterator[ast.FunctionDef]:
    """Every function and method."""
    yield from (node for node in ast.walk(module.tree) if isinstance(node, ast.FunctionDef))
