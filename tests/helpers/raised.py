"""The errors of the packages that a function raises, by its source, and those that its docstring names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from calls import MAKERS, called, class_of, hands_on, methods_called, run_by
from definitions import Defined, everything, lineage, method, names_of, own_methods, public, resolved
from sources import Function

ANY = frozenset({"Exception", "BaseException"})


@cache
def errors() -> dict[str, frozenset[str]]:
    """The errors that the packages define, each with the names of all that catch it."""
    builtin = {"ValueError", "TypeError", "ArithmeticError", "RuntimeError", "Exception", "KeyboardInterrupt"}
    found = {}
    for one in everything():
        if one.is_class:
            names = {above.name for above in lineage(one)}
            bases = {ast.unparse(base) for above in lineage(one) for base in above.node.bases}  # type: ignore[union-attr]
            if bases & builtin and not one.name.endswith("Warning"):
                found[one.name] = frozenset(names | (bases & builtin)) | ANY
    return found


@dataclass(frozen=True)
class Use:
    """A place in a function that raises, calls or names something, with what is caught around it."""

    node: ast.AST
    caught: frozenset[str]
    inner: bool  # in a function or lambda inside, which runs when that is called


@cache
def uses(function: ast.AST) -> tuple[Use, ...]:
    """All places of a function's body."""
    return tuple(_uses(list(ast.iter_child_nodes(function)), frozenset(), False))


def _uses(nodes: list[ast.AST], caught: frozenset[str], inner: bool) -> Iterator[Use]:
    for node in nodes:
        yield Use(node, caught, inner)
        below = list(ast.iter_child_nodes(node))
        if isinstance(node, ast.Try):
            handled = frozenset(name for handler in node.handlers for name in _handled(handler))
            yield from _uses(list(node.body), caught | handled, inner)
            rest: list[ast.AST] = [*node.handlers, *node.orelse, *node.finalbody]
            yield from _uses(rest, caught, inner)
        elif isinstance(node, ast.With):
            yield from _uses(below, caught | _suppressed(node), inner)
        else:
            yield from _uses(below, caught, inner or isinstance(node, Function | ast.Lambda))


def _handled(handler: ast.ExceptHandler) -> set[str]:
    """The errors that a handler keeps: none where it raises them again."""
    again = {"", f"raise {handler.name}"}
    for node in ast.walk(handler):
        if isinstance(node, ast.Raise) and (node.exc is None or ast.unparse(node) in again):
            return set()
    types = handler.type
    if types is None:
        return set(ANY)
    return {ast.unparse(one) for one in (types.elts if isinstance(types, ast.Tuple) else [types])}


def _suppressed(block: ast.With) -> set[str]:
    """The errors that `with suppress(...)` keeps."""
    calls = [item.context_expr for item in block.items if isinstance(item.context_expr, ast.Call)]
    return {ast.unparse(name) for call in calls if ast.unparse(call.func) == "suppress" for name in call.args}


def kept(names: set[str], caught: frozenset[str]) -> set[str]:
    """The errors that are not caught."""
    return {name for name in names if not errors()[name] & caught}


def raised_here(use: Use) -> set[str]:
    """The errors of ours that a statement raises itself; `require` raises one."""
    node = use.node
    name = None
    if isinstance(node, ast.Raise) and node.exc is not None:
        name = ast.unparse(node.exc.func if isinstance(node.exc, ast.Call) else node.exc)
    elif isinstance(node, ast.Call) and ast.unparse(node.func) == "require":
        name = "InputError"
    return kept({name} & errors().keys(), use.caught)  # type: ignore[arg-type]


def raised_by(of: Defined) -> set[str]:
    """The errors that the body of a function raises itself; what functions inside raise is theirs."""
    return {name for use in uses(of.node) if not use.inner for name in raised_here(use)}


def documented(of: Defined) -> set[str]:
    """The errors of ours that a docstring names, in a section or a sentence; of `__init__` its class's."""
    text = (of.owner if of.owner and of.name in MAKERS else of).docstring
    section = re.search(r"^Raises\n-+\n(.*?)(?=^\w+\n-+\n|\Z)", text, re.MULTILINE | re.DOTALL)
    heads = re.findall(r"^(\w.*)$", section[1], re.MULTILINE) if section else []
    sentences = re.findall(r"Raises (`\w+`(?:(?:, | or | and )`\w+`)*)", text)
    return set(re.findall(r"\w+", " ".join(heads + sentences))) & errors().keys()


def undocumented(of: Defined) -> set[str]:
    """What a public function or class raises, itself or by handing an argument on, and does not say."""
    said = documented(of)
    return {name for one in run_by(of) for name in handed_on(one) if not errors()[name] & said}


def unsaid(of: Defined) -> set[str]:
    """What the body of a function, or of what makes a class, raises itself and the docstring does not say."""
    said = documented(of)
    return {name for one in run_by(of) for name in raised_by(one) if not errors()[name] & said}


@cache
def handed_on(of: Defined) -> frozenset[str]:
    """The errors that a function raises itself, and those of the functions that it hands an own argument on to.

    Of a public function these are the errors that it documents, of another those that its source shows.
    """
    found = raised_by(of)
    for use in uses(of.node):
        for one in () if use.inner else called(of, use.node):
            if hands_on(of, use.node, one):
                found |= kept(set(_promised(one)), use.caught)
    return frozenset(found)


_open: set[Defined] = set()


def _promised(of: Defined) -> frozenset[str]:
    face = of.owner if of.owner and of.name in MAKERS else of
    if face in _public():
        return frozenset(documented(of) | raised_by(of))
    if of in _open:  # a function that calls itself
        return frozenset()
    _open.add(of)
    found = handed_on(of)
    _open.discard(of)
    return found


@cache
def _public() -> frozenset[Defined]:
    return frozenset(public())


@cache
def in_the_end() -> dict[Defined, set[str]]:
    """The errors that each function may raise in the end: whatever a name or a method's name may stand for."""
    found = {one: first_raised(one) for one in everything() if not one.is_class}
    grown = True
    while grown:
        grown = False
        for one, names in found.items():
            more = {name for target, caught in ways(one) for name in kept(found[target], caught)} - names
            names |= more
            grown = grown or bool(more)
    return found


def first_raised(of: Defined) -> set[str]:
    """The errors in the body of a function, those of functions inside it too."""
    return {name for use in uses(of.node) for name in raised_here(use)}


def reached(of: Defined) -> set[str]:
    """The errors that a function may raise in the end, one of a made-up module too."""
    ends = in_the_end()
    below = {name for target, caught in ways(of) for name in kept(ends.get(target, set()), caught)}
    return ends.get(of, set()) | first_raised(of) | below


@cache
def ways(of: Defined) -> tuple[tuple[Defined, frozenset[str]], ...]:
    """What the body of a function may run, with what is caught around it."""
    found: list[tuple[Defined, frozenset[str]]] = []
    for use in uses(of.node):
        targets: list[Defined] = []
        if isinstance(use.node, ast.Name) and (one := resolved(of.module, use.node.id)):
            targets = [] if one.name in errors() else run_by(one)
        elif isinstance(use.node, ast.Attribute):
            targets = _methods_behind(of, use.node)
        elif isinstance(use.node, ast.Call):
            targets = called(of, use.node)
        found += [(target, use.caught) for target in targets]
    return tuple(found)


def _methods_behind(of: Defined, node: ast.Attribute) -> list[Defined]:
    """The methods that an attribute may be: of the class, or those below it, if that is known, else of any."""
    named = methods_called(node.attr)
    if node.attr.startswith("__"):
        return []
    if isinstance(node.value, ast.Name):
        first = node.value.id
        kind = class_of(of, first)
        if kind is not None:
            found = [one for one in named if one.owner and kind in lineage(one.owner)]
            inherited = method(kind, node.attr)
            return [*found, *([inherited] if inherited else [])]
        if isinstance(names_of(of.module).get(first), str) and resolved(of.module, first) is None:
            return []  # a module of others, such as numpy
    return list(named)


def unreachable(of: Defined) -> set[str]:
    """What a docstring says is raised, and nothing that the function or a method of the class may run raises."""
    if of.is_class:
        runs = [one for above in lineage(of) for one in own_methods(above).values()]
    elif of.owner and is_protocol(of.owner):
        runs = list(methods_called(of.name))
    else:
        runs = [of]
    got = set().union(*(reached(one) for one in runs))
    return {name for name in documented(of) if not any(name in errors()[one] for one in got)}


def is_protocol(of: Defined) -> bool:
    """Whether a class only says what others are."""
    assert isinstance(of.node, ast.ClassDef)
    return any("Protocol" in ast.unparse(base) for base in of.node.bases)
