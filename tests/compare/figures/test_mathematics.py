"""Formulas of studies as mathematics."""

from __future__ import annotations

import pytest
from matplotlib.mathtext import MathTextParser

from compare.figures.lines_of_text import in_lines, text_width
from compare.figures.mathematics import formula_in_mathematics, in_mathematics, scientific


@pytest.mark.parametrize(
    ("text", "set_"),
    [
        ("(w + 1.8)*(w - 1.8)**2", "(w + 1.8)(w - 1.8)^{2}"),
        ("(w1**2 + w2**2)**2*w1", "(w_{1}^{2} + w_{2}^{2})^{2}w_{1}"),
        ("x**3/2 - 9*x**2/4 + 3*x", "x^{3}/2 - 9x^{2}/4 + 3x"),
        ("100*min(x**2, abs(theta))", r"100\,\min(x^{2}, |\theta|)"),
        ("a/(b*c)", r"a/(b\,c)"),
        ("x - (y - z)", "x - (y - z)"),
        ("(-x)**2", "(-x)^{2}"),
        ("2*3*x", r"2 \cdot 3x"),
        ("sqrt(x)*exp(-y)", r"\sqrt{x}\,\exp(-y)"),
    ],
)
def test_a_formula_is_set_as_it_is_written(text: str, set_: str) -> None:
    found = " ".join(formula_in_mathematics(text))
    assert found == set_
    MathTextParser("path").parse(f"${found}$")


def test_what_is_no_formula_is_left_as_it_stands() -> None:
    for text in ("a b", "f(x", "[1, 2]", "x if y else 2", "50 % of $w_1$"):
        (found,) = formula_in_mathematics(text)
        MathTextParser("path").parse(f"${found}$")


def test_names_have_indices() -> None:
    names = {
        "w1": "$w_{1}$",
        "w_12": "$w_{12}$",
        "theta2": r"$\theta_{2}$",
        "x": "$x$",
        "speed": r"$\mathrm{speed}$",
    }
    assert {name: in_mathematics(name) for name in names} == names


def test_numbers_have_powers_of_ten() -> None:
    assert scientific(2e-7) == r"2\times 10^{-7}"
    assert scientific(0.25) == "0.25"


def test_lines_fit_their_width() -> None:
    parts = [f"part {k}," for k in range(30)]
    lines = in_lines(parts, 7.0, 2.0, " ").split("\n")
    assert " ".join(lines).split() == " ".join(parts).split()
    assert max(text_width(line, 7.0) for line in lines) <= 2.0
    assert all(text_width(f"{line} {parts[0]}", 7.0) > 1.6 for line in lines[:-1])  # and are filled
