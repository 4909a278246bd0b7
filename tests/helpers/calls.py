"""What a call in a function runs, as far as names and annotations tell, and what it is given."""

from __future__ import annotations

import ast
from functools import cache

from definitions import Defined, everything, lineage, method, own_methods, resolved
from sources import Function

MAKERS = ("__new__", "__init__", "__post_init__")


def hands_on(of: Defined, node: ast.AST, to: Defined) -> bool:
    """Whether a parameter goes on as it is: as an argument, or where there is none, as the object."""
    own = parameters(of)
    given: list[ast.expr] = []
    if isinstance(node, ast.Call):
        given = [one.value if isinstance(one, ast.Starred) else one for one in node.args]
        given += [one.value for one in node.keywords]
        given = [one for one in given if not isinstance(one, ast.Constant)]
    whole = node.func if isinstance(node, ast.Call) else node
    if not given and isinstance(whole, ast.Attribute) and not parameters(to).keys() - {"self", "cls"}:
        given = [whole.value]
    return any(isinstance(one, ast.Name) and one.id in own for one in given)


def parameters(of: Defined) -> dict[str, ast.expr | None]:
    """The names of all parameters with what they are said to be."""
    assert isinstance(of.node, Function)
    given = of.node.args
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    return {one.arg: one.annotation for one in every if one}


def run_by(of: Defined) -> list[Defined]:
    """The functions that a call of a function or a class runs."""
    if not of.is_class:
        return [of]
    found = (method(of, name) for name in MAKERS)
    return [one for one in found if one is not None]


def called(of: Defined, node: ast.AST) -> list[Defined]:
    """What a call, or the reading of a property, runs, as far as names and annotations tell."""
    target: Defined | None = None
    match node:
        case ast.Call(func=ast.Name(id=name)):
            target = resolved(of.module, name)
        case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr=name)) if of.owner:
            above = (own_methods(one) for one in lineage(of.owner)[1:])
            target = next((methods[name] for methods in above if name in methods), None)
        case ast.Call(func=ast.Attribute(value=ast.Name(id=first), attr=name)):
            kind = class_of(of, first)
            target = method(kind, name) if kind else None
        case ast.Attribute(value=ast.Name(id=first), attr=name):
            kind = class_of(of, first)
            target = method(kind, name) if kind else None
            target = target if target and _is_property(target) else None
    return run_by(target) if target else []


def _is_property(of: Defined) -> bool:
    assert isinstance(of.node, Function)
    return any("property" in ast.unparse(decorator) for decorator in of.node.decorator_list)


def class_of(of: Defined, name: str) -> Defined | None:
    """The class of ours that a name in a function is, or is said to be an instance of."""
    if name in {"self", "cls"}:
        return of.owner
    said = parameters(of).get(name) if isinstance(of.node, Function) else None
    found = resolved(of.module, said.id if isinstance(said, ast.Name) else name)
    return found if found is not None and found.is_class else None


@cache
def methods_called(name: str) -> tuple[Defined, ...]:
    """All methods of this name."""
    return tuple(one for one in everything() if one.owner and one.name == name)
