"""The splitting lemma: residuals known in closed form, and learning coefficients that do not see coordinates."""

from __future__ import annotations

from fractions import Fraction as F

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from theory import (
    CallableLandscape,
    InputError,
    LearningCoefficient,
    ProductModel,
    SymbolicLandscape,
    UndecidedCoefficient,
    learning_coefficient,
    sum_of,
)
from theory.points.critical import coefficient, learning_coefficient_by_splitting, splitting

v = sympy.Symbol("v1", real=True)
small = st.fractions(-3, 3, max_denominator=4)


def of(formula, at=None):
    landscape = SymbolicLandscape(formula)
    return learning_coefficient_by_splitting(landscape, [0] * landscape.dim if at is None else at)


@settings(max_examples=25)
@given(a=small.filter(bool), b=small, c=small)
def test_the_residual_of_a_completed_square(a, b, c):
    """A x^2 + B x y^2 + C y^4 is A (x + B y^2 / 2A)^2 + (C - B^2/4A) y^4."""
    found = splitting(SymbolicLandscape(f"({a})*x**2 + ({b})*x*y**2 + ({c})*y**4", variables=("x", "y")), (0, 0))
    assert (found.rank, found.index, found.exact) == (1, int(a < 0), True)
    assert found.residual == sympy.Rational(c - b**2 / (4 * a)) * v**4
    assert found.directions == ((0, 1),)
    if b:
        assert found.residual != sympy.Rational(c) * v**4  # what cutting along the axis would give


@pytest.mark.parametrize("order", [4, 6, 8, 12])
def test_a_residual_that_does_not_end(order):
    """x^2 (1 + y) + x y^2 is least at x = -y^2 / (2 (1 + y)): the series of -y^4 / (4 (1 + y))."""
    found = splitting(SymbolicLandscape("x**2*(1 + y) + x*y**2"), (0, 0), order)
    series = sum((-1) ** (k + 1) * v ** (4 + k) for k in range(order - 3)) / 4
    assert sympy.expand(found.residual - series) == 0


@pytest.mark.parametrize("order", [4, 6, 8])
def test_a_truncated_residual_is_the_partial_minimum_to_its_order(order):
    """(x + y)^2 + x^4 + x^3 y^2 along the kernel (-1, 1): minimised over x, the error falls as v^(order + 1)."""
    landscape = SymbolicLandscape("(x + y)**2 + x**4 + x**3*y**2")
    found = splitting(landscape, (0, 0), order)
    assert found.directions == ((-1, 1),)
    assert not found.exact
    residual = sympy.lambdify(v, found.residual)

    def miss(s):
        near = minimize_scalar(
            lambda u: float(landscape.value([u - s, s])), bracket=(-3 * s**2, 3 * s**2), options={"xtol": 1e-12}
        )
        return abs(near.fun - residual(s))

    slope = np.log(miss(0.2) / miss(0.1)) / np.log(2)
    assert slope > order + 0.5
    assert slope < order + 2.5  # a residual right to a higher order would not show this


@pytest.mark.parametrize(
    ("formula", "value", "multiplicity"),
    [
        ("(x - y**2)**2 + y**6", F(2, 3), 1),
        ("(x + y)**2 + x**4", F(3, 4), 1),
        ("(x - y)**2*(x**2 + 1)", F(1, 2), 1),
        ("(x - y)**2 + (x + y)**4 + (x - y)**3", F(3, 4), 1),
        ("(x + y + z)**2 + (x - y)**4 + z**6", F(11, 12), 1),
        ("(x - y**2)**2 + y**6 + y**2*z**4", F(5, 6), 1),  # 1/2 + 1/3: t = 3 on the edge from (6, 0) to (2, 4)
        ("(x + y)**2 + x**2*z**2 + z**8 + x**8", F(1), 2),  # 1/2 + 1/2, twice at the vertex (2, 2)
        ("x**2 + y**2", F(1), 1),
        ("1 - cos(x - y**2) + y**6", F(2, 3), 1),
        ("1 - cos(x - y) + y**6", F(2, 3), 1),
        ("exp(x + y) - x - y - 1 + x**4", F(3, 4), 1),
        ("x**2*y**2", F(1, 2), 2),
    ],
)
def test_learning_coefficients(formula, value, multiplicity):
    assert of(formula) == LearningCoefficient(value, multiplicity)


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("(x - y**2)**2 + y**6", F(2, 3)),
        ("(x + y)**2 + x**4", F(3, 4)),
        ("(x + y + z)**2 + (x - y)**4 + z**6", F(11, 12)),
    ],
)
def test_outputs_and_the_lemma_agree(formula, value):
    landscape = SymbolicLandscape(formula)
    place = [0] * landscape.dim
    assert learning_coefficient(landscape, place) == learning_coefficient_by_splitting(landscape, place)
    assert learning_coefficient(landscape, place).value == value


@pytest.mark.parametrize(
    ("formula", "at", "value"),
    [
        ("x**2*y**2 - 2*x*y + 1", (1, 1), F(1, 2)),  # a curve of minima, found by ideals
        ("x**2 + y**2 + 2*x*y - 4*x - 4*y + x**2*z**2 - 2*x*z", (1, 1, 1), F(1)),
        ("(x**2 - y**3)**2 + z**2", (0, 0, 0), F(11, 12)),  # a cusp beside a square
        ("(sin(x) - y)**2 + (x - z)**2 + (x**2 - y**3)**2 - x**9", (0, 0, 0), F(5, 4)),
    ],
)
def test_what_used_to_go_in_a_circle(formula, at, value):
    assert learning_coefficient_by_splitting(SymbolicLandscape(formula), at) == LearningCoefficient(value)


def test_a_truncation_does_not_pass_for_the_whole():
    """To order 4 the residual of this one is (2 v1 + v2)^4, alone worth 1/4; z^6 adds 1/6."""
    landscape = SymbolicLandscape("(x + y + z)**2 + (x - y)**4 + z**6")
    cut = splitting(landscape, (0, 0, 0), 4)
    alone = learning_coefficient(SymbolicLandscape(cut.residual, ("v1", "v2")), (0, 0))
    regular, sixth = LearningCoefficient(F(1, 2)), LearningCoefficient(F(1, 6))
    assert alone == LearningCoefficient(F(1, 4))
    right = learning_coefficient_by_splitting(landscape, (0, 0, 0))
    assert right == sum_of(sum_of(regular, alone), sixth)
    assert right != sum_of(regular, alone)


@settings(max_examples=15)
@given(
    power=st.integers(2, 4),
    shear=st.integers(-2, 2),
    bend=st.integers(-2, 2),
    shift=st.fractions(-2, 2, max_denominator=3),
)
def test_coordinates_do_not_matter(power, shear, bend, shift):
    """u^2 + t^(2 power) with u = x + shear y + bend y^2 + ..., t = y + x^2: 1/2 + 1/(2 power), anywhere."""
    x, y = sympy.symbols("x y", real=True)
    u, t = x + shear * y + bend * y**2 + x * y, y + bend * x**2
    formula = (u**2 + t ** (2 * power)).subs(x, x - sympy.Rational(shift), simultaneous=True)
    landscape = SymbolicLandscape(sympy.expand(formula), variables=("x", "y"))
    expected = LearningCoefficient(F(1, 2) + F(1, 2 * power))
    assert learning_coefficient_by_splitting(landscape, (shift, 0)) == expected


def test_models_and_what_splits():
    model = ProductModel(["x - y**2", "y**3"], noise_std=0.5, input_std=(1.0, 2.0))
    assert learning_coefficient_by_splitting(model, (0, 0)) == LearningCoefficient(F(2, 3))
    found = splitting(model, (0, 0))
    assert (found.rank, found.index, found.residual) == (1, 0, 2 * v**6)
    saddle = splitting(SymbolicLandscape("x**2 - y**2 + (x + y + z)**5"), (0, 0, 0))
    assert (saddle.rank, saddle.index, saddle.residual) == (2, 1, v**5)


def test_what_is_known_is_told_when_the_time_is_up(monkeypatch):
    """To order 4 the residual of (x + y)^2 + (x - y)^6 + z^6 in two variables is 0: from 1/2 to 1/2 + 2/5."""
    landscape, known = SymbolicLandscape("(x + y)**2 + (x - y)**6 + z**6"), []
    assert learning_coefficient_by_splitting(landscape, (0, 0, 0), seconds=None).value == F(5, 6)

    def interrupted(*arguments):
        if known:
            raise UndecidedCoefficient("the time is up")
        known.append(splitting(*arguments))
        return known[0]

    monkeypatch.setattr(coefficient, "splitting", interrupted)
    with pytest.raises(UndecidedCoefficient, match="up; it lies between 1/2 and 9/10") as undecided:
        learning_coefficient_by_splitting(landscape, (0, 0, 0))
    assert undecided.value.low < F(5, 6) < undecided.value.high

    def endless(*arguments):
        while True:
            pass

    monkeypatch.setattr(coefficient, "splitting", endless)
    with pytest.raises(UndecidedCoefficient, match=r"more than 0\.01 s; allow it more `seconds`$"):
        learning_coefficient_by_splitting(landscape, (0, 0, 0), seconds=0.01)
    with pytest.raises(InputError, match="`seconds` must be positive"):
        learning_coefficient_by_splitting(landscape, (0, 0, 0), seconds=-1.0)


@pytest.mark.parametrize(
    ("formula", "at", "message"),
    [
        ("x**2 + y**3", (0, 0), "must be a minimum, near it the residual v1\\*\\*3 is negative"),
        ("x**2 - y**2 + z**4", (0, 0, 0), "its Hessian has 1 negative eigenvalue"),
        ("(y*exp(x))**2", (0, 0), "vanishes to order 16 but not provably .*; it lies between 1/2 and 19/34"),
        ("exp(x*y) - x*y + z**2", (0, 0, 0), "does not decide the learning coefficient"),
        ("x**2 + y", (0, 0), r"must be a critical point, the gradient there is \(0, 1\)"),
        ("pi*x**2 + y**4", (0, 0), "must be rational"),
        ("abs(x) + y**2", (0, 1), "must be analytic"),
        ("log(x)**2 + y**2", (0, 0), "must be analytic"),
        ("x**2 + y**2", (0,), "`at` must have 2 coordinates, got 1"),
    ],
)
def test_refusals(formula, at, message):
    with pytest.raises(InputError, match=message):
        of(formula, at)


def test_bad_arguments():
    landscape = SymbolicLandscape("x**2 + y**4")
    for order in (2, 17):
        with pytest.raises(InputError, match="`order` must be a whole number from 3 to 16"):
            splitting(landscape, (0, 0), order)
    with pytest.raises(InputError, match="needs a SymbolicLandscape"):
        splitting(CallableLandscape(lambda w: w[..., 0] ** 2, dim=1), (0,))
