"""Functions and classes of the packages, found by name as Python finds them: through imports and base classes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from sources import FOLDERS, SOURCES, TREES, Function, shown


@dataclass(frozen=True)
class Defined:
    """A function, method or class with the module it stands in, and its class if it is a method."""

    module: str
    node: Function | ast.ClassDef = field(compare=False, hash=False)
    owner: Defined | None = None

    name: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.node.name)

    def __str__(self) -> str:
        return ".".join([str(self.owner) if self.owner else self.module, self.name])

    @property
    def docstring(self) -> str:
        return ast.get_docstring(self.node) or ""

    @property
    def is_class(self) -> bool:
        return isinstance(self.node, ast.ClassDef)


@cache
def names_of(module: str) -> dict[str, Defined | str]:
    """What stands behind the names of a module: a definition, or `module.name` where it is imported from."""
    found: dict[str, Defined | str] = {}
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.ImportFrom):
            found |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.asname: alias.name for alias in node.names if alias.asname}
    for node in TREES[module].body:
        if isinstance(node, Function | ast.ClassDef):
            found[node.name] = Defined(module, node)
    return found


@cache
def resolved(module: str, name: str) -> Defined | None:
    """The definition that `name` has in `module`, None if it is not one of ours."""
    found = names_of(module).get(name)
    if not isinstance(found, str):
        return found
    home, _, inner = found.rpartition(".")
    return resolved(home, inner) if home in SOURCES else None


@cache
def lineage(of: Defined) -> tuple[Defined, ...]:
    """A class and its base classes of ours, nearest first."""
    assert isinstance(of.node, ast.ClassDef)
    found = [of]
    for base in of.node.bases:
        name = base.value if isinstance(base, ast.Subscript) else base
        above = resolved(of.module, name.id) if isinstance(name, ast.Name) else None
        if above is not None and above.is_class:
            found += lineage(above)
    return tuple(found)


@cache
def own_methods(of: Defined) -> dict[str, Defined]:
    """The methods that a class defines itself."""
    assert isinstance(of.node, ast.ClassDef)
    return {node.name: Defined(of.module, node, of) for node in of.node.body if isinstance(node, Function)}


def method(of: Defined, name: str) -> Defined | None:
    """The method `name` of a class, its own or inherited."""
    return next((own_methods(one)[name] for one in lineage(of) if name in own_methods(one)), None)


@cache
def everything() -> tuple[Defined, ...]:
    """All functions, classes and methods at the top of modules."""
    found: list[Defined] = []
    for module in SOURCES:
        for one in names_of(module).values():
            if isinstance(one, Defined):
                found += [one, *(own_methods(one).values() if one.is_class else ())]
    return tuple(found)


@cache
def public() -> tuple[Defined, ...]:
    """What the faces of all folders show, functions and classes, with the public methods of the classes."""
    found: dict[Defined, None] = {}
    for folder in sorted(FOLDERS):
        for name in sorted(shown(TREES[folder])):
            one = resolved(folder, name)
            if one is not None:
                found |= dict.fromkeys(_with_methods(one))
    return tuple(found)


@cache
def inside() -> tuple[Defined, ...]:
    """Functions, classes and methods without an underscore that no face shows."""
    faced = set(public())
    named = (one for one in everything() if not one.name.startswith("_"))
    return tuple(one for one in named if one not in faced and not (one.owner and one.owner.name.startswith("_")))


def _with_methods(one: Defined) -> Iterator[Defined]:
    yield one
    if one.is_class:
        for above in lineage(one):
            yield from (m for name, m in own_methods(above).items() if not name.startswith("_"))
