"""Formulas are read as data: right where they are arithmetic, refused with a reason where they are not."""

from __future__ import annotations

import os

import pytest
import sympy
from hypothesis import example, given, settings
from hypothesis import strategies as st

from theory import InputError
from theory.landscapes.expression import FUNCTIONS, check_variables, guess_variables, parse_expression

X, Y = sympy.symbols("x y", real=True)
NAMES = {"x": X, "y": Y, "abs": sympy.Abs, "max": sympy.Max, "min": sympy.Min}
BOUNDED = settings(max_examples=250)


def parsed(text):
    return parse_expression(text, ("x", "y"))


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "-x + +y",
        "(x + 9/5)*(x - 9/5)**2",
        "x**2*y**2",
        "(x**2 + y**2)**2*x",
        "100*min(x**2, y**2)",
        "max(x, y, 0) - abs(x - y)",
        "exp(-x**2/2)*cos(3*pi*y)",
        "sin(x)*sinh(y) + tan(x)/cosh(y) - tanh(x*y)",
        "log(1 + x**2) + sqrt(y**2 + 1)",
        "x**-2 + x**(1/2) + x**0.25",
        "2**3**2 - 2**-1",
        "-x**2",
        "x/y/2",
        "1_000*x + 0x10",
        "exp(3*log(x)) + sqrt(8)",
        " x # the first coordinate",
    ],
)
def test_means_what_sympy_means(text):
    assert parsed(text) == sympy.sympify(text, locals=NAMES, rational=True)


@pytest.mark.parametrize(
    ("text", "value"),
    [("1.8", (9, 5)), ("0.1", (1, 10)), ("1e-3", (1, 1000)), ("0.1 + 0.2", (3, 10)), ("3.6e2", (360, 1))],
)
def test_decimals_are_exact(text, value):
    assert parsed(text) == sympy.Rational(*value)
    assert parsed(f"x - ({text})").subs(X, parsed(text)) == 0


def test_letters_in_other_styles_are_the_same_names():
    assert parsed("𝐱 + ｙ") == X + Y


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("__import__('os').getcwd()", "no arithmetic"),
        ("x.__class__", "no arithmetic"),
        ("x[0]", "no arithmetic"),
        ("lambda: x", "no arithmetic"),
        ("[x for x in y]", "no arithmetic"),
        ("(x := 2)", "no arithmetic"),
        ("'x'", "no arithmetic"),
        ("f'{x}'", "no arithmetic"),
        ("b'x'", "no arithmetic"),
        ("x if y else 1", "no arithmetic"),
        ("1if x else 2", "no arithmetic"),
        ("x < y", "no arithmetic"),
        ("x and y", "no arithmetic"),
        ("not x", "no arithmetic"),
        ("x // 2", "no arithmetic"),
        ("x % 2", "no arithmetic"),
        ("x @ y", "no arithmetic"),
        ("x, y", "no arithmetic"),
        ("True", "no arithmetic"),
        ("None", "no arithmetic"),
        ("...", "no arithmetic"),
        ("2j", "no arithmetic"),
        ("sin(x)(y)", "no arithmetic"),
        ("sin(x=y)", "no arithmetic"),
        ("sin(*x)", "no arithmetic"),
        ("erf(x)", "no arithmetic; allowed are .* exp, log"),
        ("eval(x)", "no arithmetic"),
        ("~" * 1500 + "x", "no arithmetic"),
        ("x" + ".a" * 900, "no arithmetic"),
        ("sin*x", r"function sin as a number; write sin\(\.\.\.\)"),
        ("min(x)", "calls min with 1 arguments"),
        ("sin(x, y)", "calls sin with 2 arguments"),
        ("max()", "calls max with 0 arguments"),
        ("x^2", r"write \*\*"),
        ("xx + 1", "undeclared variable 'xx'; did you mean 'x'"),
        ("weight", r"undeclared variable 'weight'; declare it among the variables \(x, y\)"),
        ("é", "undeclared variable"),
        ("x +", "does not parse"),
        ("", "does not parse"),
        ("x; y", "does not parse"),
        ("x = 2", "does not parse"),
        ("x²", "does not parse"),
        ("x\u202e + y", "does not parse"),
        ("x\x00", "does not parse"),
        ("\ud800", "does not parse"),
        ("(" * 900 + "x" + ")" * 900, "does not parse"),
        ("-" * 1500 + "x", "nests deeper than 100"),
        ("+".join("x" * 150), "nests deeper than 100"),
        ("x" * 2001, "may have 2000 characters, got 2001"),
        ("9**9**9**9", "has the exponent 387420489"),
        ("x**y", "has the exponent y"),
        ("x**65", "has the exponent 65; it must be a number of size <= 64"),
        ("(x**9)**9", "has the exponent 81"),
        ("x**1e-9", "denominator <= 10000"),
        ("exp(log(x)*1e9)", "has the exponent 1000000000"),
        ("9e99*9e99", "beyond 1e100"),
        ("1e400", "beyond 1e100"),
        ("exp(exp(exp(exp(9))))", "beyond 1e100"),
        ("((((0.1**64)**64)**64)**64)**64", "more than 1000 digits"),
        ("(((((2*x)**8)**8)*9)**8)**8", "exponent 512"),
        ("1/0", "divides by zero"),
        ("x/(1 - 1)", "divides by zero"),
        ("1/(x/0)", "divides by zero"),
        ("0**-1", "real and finite, a part of it is zoo"),
        ("exp(-1/log(1))", "divides by zero"),
        ("log(0)", "real and finite"),
        ("1/log(0)", "real and finite"),
        ("tan(pi/2)", "real and finite"),
        ("sqrt(-1)", "real and finite, a part of it is I"),
        ("(-8)**(1/3)", "real and finite"),
        ("max(x, sqrt(-2))", "real and finite"),
        ("sqrt(-x**2)", "must be real"),
        ("inf", "undeclared variable"),
        ("nan", "undeclared variable"),
        ("oo", "undeclared variable"),
    ],
    ids=lambda part: ascii(part[:24]),
)
def test_refuses(text, reason):
    with pytest.raises(InputError, match=reason):
        parsed(text)


@pytest.mark.parametrize("text", [b"x", 2, None, ["x"]])
def test_only_text_is_parsed(text):
    with pytest.raises(InputError, match="a formula must be text"):
        parse_expression(text, ("x",))


def test_nothing_is_run(monkeypatch):
    calls = []
    monkeypatch.setattr(os, "getcwd", lambda: calls.append("called") or "/")
    call = "__import__('os').getcwd()"
    for text in (call, f"(lambda: {call})()", f"x*{call}", f"[{call} for x in (1, 2)]", f"f'{{{call}}}'"):
        with pytest.raises(InputError):
            parsed(text)
    assert calls == []
    eval(call)  # the control
    assert calls == ["called"]


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        ((), "at least one variable"),
        (("x", "x"), "variables must differ, got x, x"),
        (("lambda",), "plain name .* got 'lambda'"),
        (("True",), "plain name"),
        (("_x",), "plain name"),
        (("x.y",), "plain name"),
        (("1x",), "plain name"),
        (("",), "plain name"),
        (("exp",), "must not be called 'exp'"),
        (("pi",), "must not be called 'pi'"),
    ],
)
def test_refuses_variables(names, reason):
    with pytest.raises(InputError, match=reason):
        check_variables(names)


def test_variables_are_guessed_in_natural_order():
    assert guess_variables("w10*w2 + sin(b) + w1*pi") == ("b", "w1", "w2", "w10")
    with pytest.raises(InputError, match="at least one variable"):
        guess_variables("1 + pi")


def outcome(text):
    """The expression, or None where it is refused; any other exception fails the test."""
    try:
        return parsed(text)
    except InputError:
        return None


PIECES = ["x", "y", "2", "0.5", "1e9", "(", ")", "+", "-", "*", "**", "/", ",", ".", "'", "[", "]", "{", ":=", " "]
LEAVES = st.sampled_from(["x", "y", "0", "1", "2", "0.1", "1e9", "9e99", "1e-50", "64", "pi"])


def grown(inner):
    pairs = st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "**"]), inner)
    calls = st.tuples(st.sampled_from(sorted(FUNCTIONS)), st.lists(inner, min_size=1, max_size=2))
    return pairs.map(lambda p: f"({p[0]}{p[1]}{p[2]})") | calls.map(lambda c: f"{c[0]}({','.join(c[1])})")


@BOUNDED
@given(st.text(max_size=60))
def test_any_text_parses_or_is_refused(text):
    outcome(text)


@BOUNDED
@given(st.lists(st.sampled_from([*PIECES, *FUNCTIONS, "lambda", "if", "else", "for", "in"]), max_size=25))
def test_any_pieces_parse_or_are_refused(pieces):
    outcome("".join(pieces))


@BOUNDED
@example("((64/1e9)**1e-50)**0.5")
@example("exp(log(2/x)/1e-50)")
@example("((((((2*x)**64)**64)**64)**64)**64)**64")
@example("2**exp(exp(exp(exp(9))))")
@example("sqrt(" * 90 + "64/1e9" + ")" * 90)
@example("cos(tanh(y**(1 + 1e-50)))")
@given(st.recursive(LEAVES, grown, max_leaves=8))
def test_any_arithmetic_is_finite_or_refused(text):
    expression = outcome(text)
    if expression is not None and expression.is_number:
        assert expression.evalf().is_real
        assert abs(expression) < 10**100
