"""The sources of the three packages and of their tests, as text and as trees."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from repository import ROOT

PACKAGES = ("theory", "simulate", "compare")
# of `theory`: each imports those of the lines above it alone
ROOMS = (
    ("base",),
    ("statistics",),
    ("laws",),
    ("landscapes",),
    ("tensors",),
    ("models",),
    ("equations",),
    ("noise",),
    ("markov", "paths", "learning"),
    ("manifold",),
    ("points",),
    ("fokker_planck",),
    ("formulas",),
)
SHOWING = tuple(room for layer in ROOMS for room in layer if room != "base")  # whose words are its modules
FACES = ("theory", "simulate", *(f"theory.{room}" for room in SHOWING))
Function = ast.FunctionDef | ast.AsyncFunctionDef


def module_name(path: Path) -> str:
    """The name under which a file is imported."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


PATHS = {module_name(path): path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))}
SOURCES = {name: path.read_text() for name, path in PATHS.items()}
TREES = {name: ast.parse(source) for name, source in SOURCES.items()}
FOLDERS = {name for name, path in PATHS.items() if path.name == "__init__.py"}
TESTS = {path.relative_to(ROOT): path.read_text() for path in sorted((ROOT / "tests").rglob("*.py"))}


def is_claim(name: str) -> bool:
    """Whether a module is a claim of a source: written as a user's, with the numbers of its source."""
    return name.startswith("compare.claims.") and name.count(".") == 3


def only_for_types(node: ast.AST) -> bool:
    """Whether a statement runs for type checkers alone."""
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def imported(tree: ast.AST) -> Iterator[tuple[str, str | None]]:
    """Modules imported anywhere but for types, each with the name that is taken from it, None for all of it.

    `from a import b` takes all of a.b where that is a module of ours.
    """
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            assert node.module is not None
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield (inner, None) if inner in SOURCES else (node.module, alias.name)
        elif not only_for_types(node):
            pending += ast.iter_child_nodes(node)


def imports(tree: ast.AST) -> set[str]:
    """Modules imported anywhere but for types."""
    return {module for module, _ in imported(tree)}


def shown(tree: ast.Module) -> set[str]:
    """The names in `__all__`."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return set(ast.literal_eval(node.value))
    return set()


def folder_of(module: str) -> str:
    """The folder that a module lies in; that of a folder is itself."""
    return module if module in FOLDERS else module.rpartition(".")[0]


def room_of(module: str) -> str | None:
    """The room of `theory` that a module belongs to, None for modules that are in none."""
    parts = module.split(".")
    return parts[1] if parts[0] == "theory" and len(parts) > 1 else None
