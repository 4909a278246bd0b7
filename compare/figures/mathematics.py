"""Formulas and names as mathematics, with or without LaTeX."""

from __future__ import annotations

import ast
import re

import xarray as xr
from matplotlib import rcParams

LETTERS = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau phi chi psi omega "
    "Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega"
)
GREEK = frozenset(LETTERS.split())
FUNCTIONS = {"cos", "cosh", "exp", "log", "max", "min", "sin", "sinh", "tan", "tanh"}
SUM, PRODUCT, SIGN, POWER, ATOM = range(5)  # how firmly parts of a formula hold together
UNPLAIN = re.compile(r"([%&#_{}$])")


def in_mathematics(name: str) -> str:
    """A variable as mathematics: w1 is w with the index 1."""
    return f"${_letter(name)}$"


def axis_name(coordinate: xr.DataArray) -> str:
    """The study's own name of a coordinate, as mathematics."""
    return in_mathematics(str(coordinate.attrs.get("long_name", coordinate.name)))


def plain(text: str) -> str:
    """Words as they are, whatever sets the text: signs that LaTeX or mathematics would read are escaped."""
    return UNPLAIN.sub(r"\\\1", text) if rcParams["text.usetex"] else text.replace("$", r"\$")


def percent(share: float, digits: int = 2) -> str:
    """A share in percent."""
    return f"{100 * share:.{digits}g}" + (r"\,\%" if rcParams["text.usetex"] else " %")


def scientific(number: float, digits: int = 3) -> str:
    """A number inside of mathematics, with a power of ten where it is very large or small."""
    text = f"{number:.{digits}g}"
    if "e" not in text:
        return text
    mantissa, _, exponent = text.partition("e")
    return rf"{mantissa}\times 10^{{{int(exponent)}}}"


def formula_in_mathematics(text: str) -> list[str]:
    """The terms of a formula of a study in the language of mathematics, each with its sign; read, never run.

    A formula that cannot be read is one term, as it stands.
    """
    try:
        tree = ast.parse(text, mode="eval").body
        return _terms(tree, text)
    except (SyntaxError, ValueError, RecursionError):
        whole = UNPLAIN.sub(r"\\\1", text).replace(" ", r"\ ")
        return [rf"\mathrm{{{whole}}}"]


def _terms(node: ast.expr, text: str) -> list[str]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        sign = "+" if isinstance(node.op, ast.Add) else "-"
        return [*_terms(node.left, text), f"{sign} {_inside(node.right, text, PRODUCT)}"]
    return [_set(node, text)[0]]


def _set(node: ast.expr, text: str) -> tuple[str, int]:
    """A part of a formula, and how firmly it holds together."""
    match node:
        case ast.Constant(value=int() | float() as number):
            return scientific(number, 6), ATOM
        case ast.Name():
            return _letter(node.id), ATOM
        case ast.UnaryOp(op=ast.USub() | ast.UAdd()):
            sign = "-" if isinstance(node.op, ast.USub) else ""
            return sign + _inside(node.operand, text, POWER), SIGN
        case ast.BinOp(op=ast.Add() | ast.Sub()):
            return " ".join(_terms(node, text)), SUM
        case ast.BinOp(op=ast.Mult()):
            left, right = _inside(node.left, text, PRODUCT), _inside(node.right, text, POWER)
            return f"{left}{_times(left, right)}{right}", PRODUCT
        case ast.BinOp(op=ast.Div()):
            return f"{_inside(node.left, text, PRODUCT)}/{_inside(node.right, text, POWER)}", PRODUCT
        case ast.BinOp(op=ast.Pow()):
            return f"{_inside(node.left, text, ATOM)}^{{{_set(node.right, text)[0]}}}", POWER
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return _call(name, [_set(one, text)[0] for one in arguments]), ATOM
    raise ValueError(f"no formula: {text}")


def _inside(node: ast.expr, text: str, least: int) -> str:
    """A part, in brackets where it would fall apart."""
    found, firmness = _set(node, text)
    return found if firmness >= least else f"({found})"


def _times(left: str, right: str) -> str:
    """Nothing, or what keeps two factors apart."""
    if right[0].isdigit():
        return r" \cdot "
    if right.startswith(tuple(rf"\{name}" for name in FUNCTIONS)):
        return r"\,"
    return "" if left[-1].isdigit() or "(" in (right[0], left[0]) else r"\,"


def _call(name: str, arguments: list[str]) -> str:
    inner = ", ".join(arguments)
    if name == "abs":
        return f"|{inner}|"
    if name == "sqrt":
        return rf"\sqrt{{{inner}}}"
    return (rf"\{name}" if name in FUNCTIONS else _letter(name)) + f"({inner})"


def _letter(name: str) -> str:
    """A name with its index: w1, w_1 and theta are what they are on paper."""
    stem, index = re.fullmatch(r"(.*?)_?(\d*)", name, re.DOTALL).groups()  # type: ignore[union-attr]
    stem = stem.replace("_", r"\_")
    if stem in GREEK:
        stem = rf"\{stem}"
    elif len(stem) > 1:
        stem = rf"\mathrm{{{stem}}}"
    return f"{stem}_{{{index}}}" if index else stem
