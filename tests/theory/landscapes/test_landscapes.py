"""Every landscape has the derivatives of its value, and compiled loops compute what NumPy computes."""

from __future__ import annotations

import numba
import numpy as np
import pytest
import sympy
from checks import check_landscape

from theory import CallableLandscape, InputError, Isotropic, NoisyGradient, ProductModel, SymbolicLandscape
from theory.landscapes.compiled import CompiledField
from theory.landscapes.protocol import Landscape

POINTS = np.random.default_rng(11).uniform(-1.5, 1.5, (40, 2))
QUARTIC = SymbolicLandscape("x**4/4 - x**2*y + exp(-y**2)*cos(3*x)")


def quartic_value(w):
    x, y = w[..., 0], w[..., 1]
    return x**4 / 4 - x**2 * y + np.exp(-(y**2)) * np.cos(3 * x)


def quartic_gradient(w):
    x, y = w[..., 0], w[..., 1]
    bell = np.exp(-(y**2))
    return np.stack([x**3 - 2 * x * y - 3 * bell * np.sin(3 * x), -(x**2) - 2 * y * bell * np.cos(3 * x)], axis=-1)


@pytest.mark.parametrize(
    ("landscape", "tolerance"),
    [
        (QUARTIC, 1e-7),
        (SymbolicLandscape("(x**2 + y**2)**2*x", ["x", "y"]), 1e-7),
        (SymbolicLandscape("log(2 + x) + sqrt(2 + y) + tanh(x*y) + 1/(3 + x)"), 1e-7),
        (SymbolicLandscape("3", ["x", "y"]), 1e-7),
        (ProductModel(["x", "x*y - 1/2"], noise_std=0.3, input_std=(1, 2), loss_scale=1), 1e-7),
        (NoisyGradient(QUARTIC, Isotropic(1, 2)), 1e-7),
        (CallableLandscape(quartic_value, quartic_gradient, QUARTIC.hessian, dim=2), 1e-7),
        (CallableLandscape(quartic_value, quartic_gradient, dim=2), 1e-7),
        (CallableLandscape(quartic_value, dim=2), 1e-6),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Landscape) else str(value),
)
def test_derivatives_are_those_of_the_value(landscape, tolerance):
    assert isinstance(landscape, Landscape)
    check_landscape(landscape, POINTS, tolerance)


def test_the_check_sees_a_wrong_gradient():
    wrong = CallableLandscape(quartic_value, lambda w: 1.0001 * quartic_gradient(w), dim=2)
    with pytest.raises(AssertionError):
        check_landscape(wrong, POINTS)


def test_formula_and_function_agree():
    np.testing.assert_allclose(QUARTIC.value(POINTS), quartic_value(POINTS), rtol=1e-14, atol=1e-14)
    np.testing.assert_allclose(QUARTIC.gradient(POINTS), quartic_gradient(POINTS), rtol=1e-12, atol=1e-13)


def test_differences_are_as_good_as_they_say():
    by_value, by_gradient = (CallableLandscape(quartic_value, g, dim=2) for g in (None, quartic_gradient))
    gradient, hessian = QUARTIC.gradient(POINTS), QUARTIC.hessian(POINTS)
    np.testing.assert_allclose(by_value.gradient(POINTS), gradient, atol=1e-10)
    np.testing.assert_allclose(by_gradient.hessian(POINTS), hessian, atol=1e-10)
    np.testing.assert_allclose(by_value.hessian(POINTS), hessian, atol=1e-6)


ANGLES = np.linspace(0, 2 * np.pi, 16)
KINKS = {
    "min(x**2, y**2)": lambda x, y: np.minimum(x**2, y**2),
    "max(x, y, x*y)": lambda x, y: np.maximum(np.maximum(x, y), x * y),
    "abs(x - y**2)": lambda x, y: np.abs(x - y**2),
    "abs(log(abs(x)) + y)": lambda x, y: np.abs(np.log(np.abs(x)) + y),
    "sqrt(max(x, y)**2 + 1)*min(abs(x), 1)": lambda x, y: np.hypot(np.maximum(x, y), 1) * np.minimum(abs(x), 1),
}


@pytest.mark.parametrize("formula", KINKS)
def test_kinks_have_the_derivatives_of_their_sides(formula):
    landscape = SymbolicLandscape(formula, ["x", "y"])
    np.testing.assert_allclose(landscape.value(POINTS), KINKS[formula](*POINTS.T), rtol=1e-13)
    around = POINTS + 0.02 * np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=-1)[:, None]
    smooth = np.ptp(landscape.gradient(around), axis=0).max(axis=-1) < 0.3  # no kink near, where no derivative is
    assert smooth.sum() > 10
    check_landscape(landscape, POINTS[smooth])


def test_at_a_kink_one_side_is_taken():
    ridge = SymbolicLandscape("min(x**2, y**2)")
    gradient = ridge.gradient([0.5, 0.5])
    assert gradient.tolist() in ([1, 0], [0, 1])
    assert SymbolicLandscape("abs(x)").gradient([0.0]) in (-1, 1)


FIELDS = [
    *KINKS,
    "x**4/4 - x**2*y + exp(-y**2)*cos(3*x)",
    "sin(x)*cosh(y) + tan(x/2)*sinh(y) - tanh(x) + log(3 + x)/(2 - y/pi)",
    "(x**2 + 1)**(1/3) + (2 + y)**-1.5 + 3",
    "1e20*x**2 + y/1e30 + 0.12345678901234567890123*x",
    "sqrt(1e20*x**2 + 1e-20)",
]


@numba.njit
def run(kernel, w, out):
    kernel(w, out)


@pytest.mark.parametrize("formula", FIELDS)
def test_the_compiled_loop_is_the_formula(formula):
    landscape = SymbolicLandscape(formula, ["x", "y"])
    derivatives = (*landscape.gradient_expressions, *landscape.hessian_expressions)
    field = CompiledField((landscape.expression, *derivatives), landscape.variables)
    found = np.empty((7, len(POINTS)))
    run(field.kernel, np.ascontiguousarray(POINTS.T), found)
    expected = field(POINTS).T
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12 * np.abs(expected).max())


@pytest.mark.parametrize("names", ["x0 x1", "shared_0 w_0", "I E", "math out", "S select"])
def test_any_plain_name_may_be_a_variable(names):
    names = a, b = names.split()
    landscape = SymbolicLandscape(f"({a} + {b})**2*sin(({a} + {b})**2) + max({a}, 2*{b})", names)
    x, y = POINTS.T
    np.testing.assert_allclose(landscape.value(POINTS), (x + y) ** 2 * np.sin((x + y) ** 2) + np.maximum(x, 2 * y))
    out = np.empty((2, len(POINTS)))
    run(landscape._gradient.kernel, np.ascontiguousarray(POINTS.T), out)
    np.testing.assert_allclose(out.T, landscape.gradient(POINTS), rtol=1e-12, atol=1e-12)


def test_numbers_keep_all_their_digits():
    x = sympy.Symbol("x", real=True)
    number = 0.1 + 0.2
    assert CompiledField((sympy.Float(number) * x,), (x,))([1.0])[0] == number


def test_a_formula_without_value_gives_nan_quietly():
    values = SymbolicLandscape("log(x) + sqrt(x)").value(np.array([[-1.0], [1.0]]))
    assert np.isnan(values[0])
    assert values[1] == 1


def test_sympy_expressions_are_formulas_too():
    a, b = sympy.symbols("a b")
    landscape = SymbolicLandscape(a * b**2)
    np.testing.assert_array_equal(landscape.gradient([2.0, 3.0]), [9, 12])
    assert SymbolicLandscape(a * b**2, ["b", "a"]).gradient([3.0, 2.0]).tolist() == [12, 9]


def test_variables_without_order_are_natural():
    landscape = SymbolicLandscape("w10 + 2*w2")
    np.testing.assert_array_equal(landscape.gradient([0.0, 0.0]), [2, 1])
    assert repr(landscape) == "SymbolicLandscape('w10 + 2*w2', variables=('w2', 'w10'))"


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: SymbolicLandscape("x*y", ["x"]), "undeclared variable 'y'"),
        (lambda: SymbolicLandscape(sympy.Symbol("z"), ["x"]), r"undeclared variables \['z'\]"),
        (lambda: SymbolicLandscape(3.0), "`formula` must be text or an Expr, got 3.0"),
        (lambda: CallableLandscape(quartic_value, dim=0), "`dim` must be at least 1, got 0"),
        (lambda: CallableLandscape(lambda w: w, dim=2).value(POINTS), r"`value` .* \(40,\), got \(40, 2\); vect"),
        (
            lambda: CallableLandscape(quartic_value, quartic_value, dim=2).gradient(POINTS),
            r"`gradient` .* \(40, 2\), got \(40,\)",
        ),
    ],
)
def test_refuses(make, reason):
    with pytest.raises(InputError, match=reason):
        make()
