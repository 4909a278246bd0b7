"""The derivative of stationary expectations in a parameter, against closed forms and differences of laws."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import solve_continuous_lyapunov

from simulate import SGD
from theory import (
    AntiIto,
    Constant,
    FokkerPlanck,
    Grid,
    InputError,
    Isotropic,
    Langevin,
    NoisyGradient,
    NoStationaryDensity,
    ProductModel,
    Reflecting,
    SymbolicLandscape,
    SymbolicTensor,
    langevin_limit,
)
from theory.fokker_planck.derivatives.sensitivity import stationary_sensitivity

RATE = 0.1
REGULAR = ProductModel("w - 1/2 + w**2/5", noise_std=2.0)
LINE = Grid(-1.5, 2.2, 301)


def in_line(rate):
    return langevin_limit(REGULAR, SGD(rate, 4))


def anti(rate):
    """The same coefficients in the wrong reading: div D joins the drift."""
    right = in_line(rate)
    return Langevin(right.landscape, right.diffusion, AntiIto())


BOWL = SymbolicLandscape("x**2/2 + x*y/3 + y**2 + x**4/8", variables=("x", "y"))
X, Y = BOWL.variables
THIRD, HALF = sympy.Rational(1, 3), sympy.Rational(1, 2)
ROOT = sympy.Matrix([[sympy.sqrt(1 + X**2 / 2), 0], [HALF, sympy.sqrt(THIRD + Y**2 / 4)]])
TILTED = NoisyGradient(BOWL, SymbolicTensor(ROOT, (X, Y)))
PLANE = Grid((-3, -3), (3, 3), (90, 90))
ROUND = SymbolicLandscape("x**2/2 + y**2/2", variables=("x", "y"))
SPIN = np.array([[0.0, -2.0], [2.0, 0.0]])


def in_plane(rate):
    return langevin_limit(TILTED, SGD(rate, 2))


def difference(equation_at, parameter, grid, observable, step):
    """Fourth-order central difference of expectations, without adjoints."""
    places = [parameter + k * step for k in (-2, -1, 1, 2)]
    at = [FokkerPlanck(equation_at(place), grid).stationary().expect(observable) for place in places]
    return (8 * (at[2] - at[1]) - (at[3] - at[0])) / (12 * step)


@pytest.mark.parametrize(
    ("formula", "dim", "slope"),
    [("w**2/2", 1, 0.5), ("w**4/4", 1, 0.25), ("w**6/6", 1, 1 / 6)],
)
def test_gibbs_laws_have_the_learning_coefficient_as_slope(formula, dim, slope):
    """<L> = lambda T for pure powers: d<L>/dT = 1/2, 1/4, 1/6."""
    landscape = SymbolicLandscape(formula)
    found = stationary_sensitivity(
        lambda t: Langevin(landscape, Isotropic(t, dim)), 0.1, Grid(-3, 3, 240), landscape.value
    )
    assert abs(found - slope) < 1e-10  # exp(-Phi) is kept, and the difference is of the fourth order
    assert found.error < 1e-7


def test_an_ornstein_uhlenbeck_process_in_the_plane_has_the_trace_as_slope():
    """<L> = eta tr C / (4 B) whatever H: noise that does not commute with H, a law with a current."""
    landscape = SymbolicLandscape("x**2 + x*y/2 + y**2/2", variables=("x", "y"))
    noise = np.array([[1.0, 0.3], [0.3, 2.0]])
    found = stationary_sensitivity(
        lambda rate: Langevin(landscape, Constant(rate * noise / 2)),
        0.2,
        Grid((-3, -3), (3, 3), (100, 100)),
        landscape.value,
    )
    assert abs(found - 0.75) <= found.error < 0.75e-2


def test_state_dependent_noise_on_a_line_matches_differences_of_laws():
    """Within its error, between walls; without them what lies beyond the box is in it."""
    between = FokkerPlanck(in_line(RATE), LINE, Reflecting())
    found = between.sensitivity(REGULAR.value, in_line, RATE)
    expected = difference(in_line, RATE, LINE.refined(3), REGULAR.value, 1e-3)
    assert found.error < 1e-9
    assert abs(found - expected) <= found.error + 1e-9  # the difference is of the fourth order
    wide = FokkerPlanck(in_line(RATE), Grid(-2.4, 3.4, 300)).sensitivity(REGULAR.value, in_line, RATE)
    open_ended = FokkerPlanck(in_line(RATE), LINE).sensitivity(REGULAR.value, in_line, RATE)
    assert open_ended == found
    assert found.error < abs(found - wide) <= open_ended.error < 1e-3 * found
    wrong = difference(anti, RATE, LINE.refined(3), REGULAR.value, 1e-3)
    assert abs(found - wrong) > 1e4 * found.error  # the control: without the term from div D


def test_a_rotated_varying_tensor_in_the_plane_matches_differences_of_laws():
    found = FokkerPlanck(in_plane(0.5), PLANE).sensitivity(BOWL.value, in_plane, 0.5)
    expected = difference(in_plane, 0.5, PLANE, BOWL.value, 1e-2)
    assert abs(found - expected) <= found.error < 1e-3
    wrong = stationary_sensitivity(
        lambda rate: Langevin(BOWL, in_plane(rate).diffusion, AntiIto()), 0.5, PLANE, BOWL.value
    )
    assert abs(wrong - expected) > 20 * (found.error + wrong.error)


def test_a_line_needs_no_fine_mesh():
    """Expectations by quadrature: twelve cells tell the derivative of a law of two wells as well as 240."""
    found = [
        FokkerPlanck(in_wells(0.4), Grid(-3, 3, n)).sensitivity(lambda w: w[..., 0], in_wells, 0.4)
        for n in (40, 240)
    ]
    assert abs(found[0] - found[1]) <= found[0].error < 1e-9 * abs(found[0])


def in_wells(rate):
    return Langevin(SymbolicLandscape("(w**2 - 1)**2/4 + w/20"), Isotropic(rate / 40, 1))


@pytest.mark.parametrize("a", [0.1, 0.5])
def test_power_tails_beyond_the_box_are_in_the_error(a):
    """D = a (1 + s x^2): <x^2> = a/(1 - a s), whose tails fall like |x|^-(2 + 1/(a s))."""
    s, x = 0.4, sympy.Symbol("x")
    bowl = SymbolicLandscape("x**2/2", ("x",))

    def at(a):
        return Langevin(bowl, SymbolicTensor(sympy.Matrix([[sympy.sqrt(a * (1 + s * x**2))]]), (x,)))

    found = FokkerPlanck(at(a), Grid(-20, 20, 200)).sensitivity(lambda w: w[..., 0] ** 2, at, a)
    truth = 1 / (1 - a * s) ** 2
    assert abs(found - truth) <= found.error < max(20 * abs(found - truth), 1e-9)


def test_another_parameter_than_the_rate():
    """d<w>/da of the drift -(w - a) is 1; the derivative takes a parameter of the drift too."""
    landscapes = {}

    def shifted(a):
        landscapes.setdefault(a, SymbolicLandscape(sympy.sympify("(w - a)**2/2").subs("a", sympy.Float(a))))
        return Langevin(landscapes[a], Isotropic(0.1, 1))

    found = stationary_sensitivity(shifted, 0.0, Grid(-3, 3, 200), lambda w: w[..., 0], step=1e-2)
    assert abs(found - 1) <= found.error + 1e-9 < 1e-5


@settings(max_examples=4)
@given(scale=st.floats(0.2, 5), temperature=st.floats(0.05, 0.3), shift=st.floats(-10, 10))
def test_a_derivative_is_linear_in_the_observable_and_blind_to_constants(scale, temperature, shift):
    landscape = SymbolicLandscape("w**4/4 + w**2/3")
    grid = Grid(-3, 3, 64)

    def at(t):
        return Langevin(landscape, Isotropic(t, 1))

    plain = stationary_sensitivity(at, temperature, grid, landscape.value)
    other = stationary_sensitivity(at, temperature, grid, lambda w: scale * landscape.value(w) + shift)
    assert other == pytest.approx(scale * plain, rel=1e-7)


def test_bad_input_is_refused():
    fp = FokkerPlanck(in_line(RATE), LINE)
    with pytest.raises(InputError, match="must be the equation of this object, its tensor differs"):
        fp.sensitivity(REGULAR.value, in_line, 2 * RATE)
    with pytest.raises(InputError, match=r"its drift differs"):
        fp.sensitivity(REGULAR.value, anti, RATE)
    with pytest.raises(InputError, match="`step` must be positive and finite, got 0"):
        stationary_sensitivity(in_line, 0.0, LINE, REGULAR.value)
    with pytest.raises(InputError, match="`parameter` must be finite, got nan"):
        stationary_sensitivity(in_line, float("nan"), LINE, REGULAR.value)
    with pytest.raises(InputError, match="one dimension, got 1 and 2"):
        stationary_sensitivity(in_line, RATE, PLANE, REGULAR.value)
    with pytest.raises(InputError, match="observable must be finite"):
        fp.sensitivity(lambda w: np.where(w[..., 0] > 0, 1, np.nan), in_line, RATE)


def test_laws_that_do_not_exist_have_no_derivative():
    """At a zero of the noise walkers do not pass: no unique law."""
    model = ProductModel("(w + 1)*(w - 1)**2")

    def at(rate):
        return langevin_limit(model, SGD(rate, 1))

    with pytest.raises(NoStationaryDensity):
        FokkerPlanck(at(RATE), Grid(-2, 2, 200)).sensitivity(model.value, at, RATE)


def test_a_side_where_noise_vanishes_ends_the_law():
    """Square-root noise, D = a x: a gamma law of variance a m, infinite at 0 or not; nothing lies below 0."""
    x = sympy.Symbol("x")

    def at(a):
        root = sympy.Matrix([[sympy.sqrt(a * x)]])
        return Langevin(SymbolicLandscape("(x - 1)**2/2", ("x",)), SymbolicTensor(root, (x,)))

    for a in (0.3, 1.5):
        found = FokkerPlanck(at(a), Grid(0, 60 * a + 10, 200)).sensitivity(lambda w: w[..., 0] ** 2, at, a)
        assert abs(found - 1) <= found.error < 1e-7


@pytest.mark.parametrize(("weak", "cells"), [(1e-4, 64), (1e-2, 64), (0.1, 56)])
def test_where_drift_rules_the_centred_flux_has_the_closed_form(weak, cells):
    """Spin across weak noise: A S + S A' = 2 D gives the derivative of the trace; Peclet numbers 20 to 2e4."""
    pull = np.array([[1.0, -2.0], [2.0, 1.0]])

    def at(rate):
        return Langevin(ROUND, Constant(rate * np.diag([1.0, weak])), extra_drift=lambda w: w @ SPIN)

    equation = FokkerPlanck(at(0.3), Grid((-4, -4), (4, 4), (cells, cells)))
    found = equation.sensitivity(ROUND.value, at, 0.3)
    truth = np.trace(solve_continuous_lyapunov(pull, 2 * np.diag([1.0, weak]))) / 2
    assert equation.solution.largest_peclet > 10
    assert abs(found - truth) <= found.error < 0.01 * truth
    assert abs(found - truth) < 1e-4 * truth
    assert abs(found - (1 + weak) / 4) > 5 * found.error  # the control: without the drift's share of the trace


def test_a_grid_on_which_no_flux_resolves_the_law_is_refused():
    def at(rate):
        return Langevin(ROUND, Constant(rate * np.diag([1.0, 1e-4])), extra_drift=lambda w: w @ SPIN)

    with pytest.raises(InputError, match="upwinding above the Peclet number"):
        FokkerPlanck(at(0.3), Grid((-4, -4), (4, 4), (32, 32))).sensitivity(ROUND.value, at, 0.3)


def test_a_jump_that_moves_within_a_cell_has_its_derivative():
    """P ~ exp(-(w^2/2 + |w - b|)/T): d<w>/db = <w - sign>/... = cov(w, sign(w - b))/T."""
    temperature, b = 0.1, 0.333

    def at(place):
        return Langevin(
            SymbolicLandscape("w**2/2"),
            Isotropic(temperature, 1),
            extra_drift=lambda w: -1.0 * np.sign(w - place),
        )

    found = FokkerPlanck(at(b), Grid(-3, 3, 200)).sensitivity(lambda w: w[..., 0], at, b)
    points, weights = np.polynomial.legendre.leggauss(400)
    w = np.concatenate([(b - 3) / 2 + (b + 3) / 2 * points, (3 + b) / 2 + (3 - b) / 2 * points])
    mass = np.exp(-(w**2 / 2 + np.abs(w - b)) / temperature)
    mass *= np.concatenate([(b + 3) * weights, (3 - b) * weights])
    mass /= mass.sum()
    side = np.sign(w - b)
    truth = (mass @ (w * side) - (mass @ w) * (mass @ side)) / temperature
    assert abs(found - truth) <= found.error < 1e-7
