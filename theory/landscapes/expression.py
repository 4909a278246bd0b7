"""Formulas in text, read as data: no code runs, whatever the text says."""

from __future__ import annotations

import ast
import keyword
import operator
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sympy
from sympy.printing.str import StrPrinter

from theory.base.errors import InputError, require
from theory.base.hints import hint

MAX_LENGTH = 2000
MAX_DEPTH = 100
MAX_NESTED = 20  # functions of functions: second derivatives grow with the square
MAX_NESTED_KINKS = 4  # abs, min and max of one another: their derivatives double with each
MAX_EXPONENT = 64
LARGEST_NUMBER = 10**100
MOST_DIGITS = 1000
HIGHEST_ROOT = 10_000


def _absolute(value: sympy.Expr) -> sympy.Expr:
    """|value|, left alone where SymPy would first ask whether it is complex."""
    return sympy.Abs(value, evaluate=bool(value.is_polynomial()))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": _absolute,
    "cos": sympy.cos,
    "cosh": sympy.cosh,
    "exp": sympy.exp,
    "log": sympy.log,
    "max": sympy.Max,
    "min": sympy.Min,
    "sin": sympy.sin,
    "sinh": sympy.sinh,
    "sqrt": sympy.sqrt,
    "tan": sympy.tan,
    "tanh": sympy.tanh,
}
CONSTANTS = {"pi": sympy.pi}
OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
}
VARIADIC = {"min", "max"}
KINKED = {"abs", "min", "max"}


def check_variables(variables: Sequence[str]) -> tuple[str, ...]:
    """`variables` as a tuple, once each is a plain name that means nothing else in a formula.

    Raises
    ------
    InputError
        If there are none, two are the same, or one is no plain name or has a meaning.
    """
    require(len(variables) > 0, "a formula needs at least one variable, got none")
    require(len(set(variables)) == len(variables), f"variables must differ, got {', '.join(variables)}")
    for name in variables:
        require(
            name.isidentifier() and not keyword.iskeyword(name) and not name.startswith("_"),
            f"a variable must be a plain name such as w or w1, got {name!r}",
        )
        require(name not in FUNCTIONS and name not in CONSTANTS, f"a variable must not be called {name!r}")
    return tuple(variables)


def guess_variables(text: str) -> tuple[str, ...]:
    """Names in `text` that are neither function nor constant, in natural order (w2 before w10)."""
    names = {node.id for node in ast.walk(_tree(text)) if isinstance(node, ast.Name)}
    free = names - FUNCTIONS.keys() - CONSTANTS.keys()
    return check_variables(sorted(free, key=lambda name: (name.rstrip("0123456789"), len(name), name)))


def parse_expression(text: str, variables: Sequence[str]) -> sympy.Expr:
    """The SymPy expression that `text` spells in real `variables`, decimals as exact fractions.

    Only numbers, `variables`, pi, + - * / ** and the functions of `FUNCTIONS` mean anything; all else is
    refused before anything is evaluated. Exponents are real numbers of size at most 64.

    Raises
    ------
    InputError
        If the text does not parse, names something unknown, or is too long, too deep or not finite.
    """
    names = {name: sympy.Symbol(name, real=True) for name in check_variables(variables)}
    try:
        expression = sympy.sympify(_build(_tree(text).body, text, names, 0))
    except InputError:
        raise
    except (ArithmeticError, TypeError, ValueError, RecursionError) as error:
        raise InputError(f"formula {text!r} cannot be evaluated: {error}; rewrite it") from None
    require(
        not expression.has(sympy.I),
        f"formula {text!r} must be real, it reduces to {expression}",
    )
    return expression


def _tree(text: str) -> ast.Expression:
    require(isinstance(text, str), f"a formula must be text, got {type(text).__name__}")
    require(len(text) <= MAX_LENGTH, f"a formula may have {MAX_LENGTH} characters, got {len(text)}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # '1if x else 2' is refused, not frowned at
            tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise InputError(
            f"formula {text!r} does not parse; write it as in Python, for example 'w**2*(w - 1/2)'"
        ) from None
    _check_nesting(tree, text)
    return tree


def _check_nesting(tree: ast.Expression, text: str) -> None:
    """Refuse functions of functions of functions, whose derivatives would take minutes."""
    below: list[tuple[ast.AST, int, int]] = [(tree.body, 0, 0)]
    while below:
        node, functions, kinks = below.pop()
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            functions, kinks = functions + 1, kinks + (node.func.id in KINKED)
            for depth, most, kind in (
                (functions, MAX_NESTED, "functions"),
                (kinks, MAX_NESTED_KINKS, "abs, min and max"),
            ):
                require(
                    depth <= most, f"formula {text[:40]!r}... may nest {kind} {most} deep, got more; simplify it"
                )
        below += [(child, functions, kinks) for child in ast.iter_child_nodes(node)]


def _build(node: ast.expr, text: str, names: Mapping[str, sympy.Symbol], depth: int) -> Any:
    """The value of `node`, checked at every step: no infinity or huge number can vanish again or be worked on."""
    require(depth <= MAX_DEPTH, f"formula {text[:40]!r}... nests deeper than {MAX_DEPTH}; simplify it")
    value = _evaluated(node, text, names, depth)
    for factor in sympy.Mul.make_args(value):
        if factor.is_Rational:
            require(
                max(abs(factor.p), factor.q) < 10**MOST_DIGITS,
                f"formula {text!r} holds a number of more than {MOST_DIGITS} digits; rescale it",
            )
        elif factor.is_Pow and factor.exp.is_number:
            _check_exponent(factor.exp, text)
    if value.is_number:
        size = value.evalf()
        require(bool(size.is_real), f"formula {text!r} must be real and finite, a part of it is {value}")
        require(abs(size) < LARGEST_NUMBER, f"formula {text!r} holds a number beyond 1e100; rescale it")
    return value


def _check_exponent(exponent: sympy.Expr, text: str) -> None:
    """A number of moderate size and no endless fraction, else powers of it are endless work."""
    require(
        bool(exponent.is_number and abs(exponent) <= MAX_EXPONENT),
        f"formula {text!r} has the exponent {exponent}; it must be a number of size <= {MAX_EXPONENT}",
    )
    require(
        not exponent.is_Rational or exponent.q <= HIGHEST_ROOT,
        f"formula {text!r} has the exponent {exponent}; as a fraction it must have a denominator <= "
        f"{HIGHEST_ROOT}; round it",
    )


def _evaluated(node: ast.expr, text: str, names: Mapping[str, sympy.Symbol], depth: int) -> Any:
    def inner(child: ast.expr) -> Any:
        return _build(child, text, names, depth + 1)

    match node:
        case ast.Constant(value=bool() | complex() | str() | bytes()):
            pass
        case ast.Constant(value=int() | float() as number):
            require(abs(number) < LARGEST_NUMBER, f"formula {text!r} holds a number beyond 1e100; rescale it")
            return sympy.Rational(repr(number))  # 1.8 means 9/5, so that exact theory stays exact
        case ast.Name(id=name) if name in names:
            return names[name]
        case ast.Name(id=name) if name in CONSTANTS:
            return CONSTANTS[name]
        case ast.Name(id=name) if name in FUNCTIONS:
            raise InputError(f"formula {text!r} uses the function {name} as a number; write {name}(...)")
        case ast.Name(id=name):
            remedy = hint(name, [*names, *CONSTANTS], f"declare it among the variables ({', '.join(names)})")
            raise InputError(f"formula {text!r} uses the undeclared variable {name!r}; {remedy}")
        case ast.BinOp(left=base, op=ast.Pow(), right=exponent):
            raised, number = inner(base), inner(exponent)
            _check_exponent(number, text)
            return raised**number
        case ast.BinOp(op=ast.BitXor()):
            raise InputError(f"formula {text!r} uses ^, which is no power here; write **")
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in OPERATORS:
            first, second = inner(left), inner(right)
            require(
                not (isinstance(sign, ast.Div) and second.is_zero), f"formula {text!r} divides by zero; rewrite it"
            )
            return OPERATORS[type(sign)](first, second)
        case ast.UnaryOp(op=sign, operand=operand) if type(sign) in OPERATORS:
            return OPERATORS[type(sign)](inner(operand))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in FUNCTIONS:
            wanted = len(arguments) >= 2 if name in VARIADIC else len(arguments) == 1
            require(wanted, f"formula {text!r} calls {name} with {len(arguments)} arguments")
            values = [inner(argument) for argument in arguments]
            if name == "exp":  # SymPy turns exp(c log u) into u**c
                for term in sympy.Add.make_args(values[0]):
                    number = term.replace(sympy.log, lambda u: sympy.Integer(1))
                    if number.is_number and number != term:
                        _check_exponent(number, text)
            return FUNCTIONS[name](*values)
        case _:
            pass
    raise InputError(
        f"formula {text!r} contains {ast.get_source_segment(text.strip(), node)!r}, which is no arithmetic; "
        f"allowed are + - * / **, pi and {', '.join(FUNCTIONS)}"
    )


class _Speller(StrPrinter):  # type: ignore[misc]
    """Expressions in the words that formulas are read in."""

    def _print_Abs(self, expr: sympy.Expr) -> str:
        return f"abs({self.stringify(expr.args, ', ')})"

    def _print_Max(self, expr: sympy.Expr) -> str:
        return f"max({self.stringify(expr.args, ', ')})"

    def _print_Min(self, expr: sympy.Expr) -> str:
        return f"min({self.stringify(expr.args, ', ')})"

    def _print_Exp1(self, expr: sympy.Expr) -> str:
        return "exp(1)"


def exact_numbers(expression: sympy.Expr) -> sympy.Expr:
    """The expression with the fractions that its decimals spell, as text is read: 1.8 is 9/5."""
    floats = expression.atoms(sympy.Float)
    return expression.xreplace({number: sympy.Rational(repr(float(number))) for number in floats})


def spelled(expression: sympy.Expr) -> str:
    """The text that `parse_expression` reads as this expression."""
    return str(_Speller().doprint(exact_numbers(expression)))
