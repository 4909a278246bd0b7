"""The derivative of stationary expectations in a parameter, against closed forms and differences of laws."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

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
    SymbolicLandscape,
    SymbolicTensor,
    langevin_limit,
)
from theory.fokker_planck.sensitivity import stationary_sensitivity

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
PLANE = Grid((-3, -3), (3, 3), (120, 120))


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
    """Within its error, on a grid a third as fine as that of the laws; 1e-8 of the slope."""
    found = FokkerPlanck(in_line(RATE), LINE).sensitivity(REGULAR.value, in_line, RATE)
    expected = difference(in_line, RATE, LINE.refined(3), REGULAR.value, 1e-3)
    assert abs(found - expected) <= found.error < 1e-6
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


def test_the_error_falls_with_the_mesh():
    """Extrapolated values converge at the fourth order or better, and the error covers at every mesh."""
    expected = difference(in_line, RATE, LINE.refined(3), REGULAR.value, 1e-3)
    found = [stationary_sensitivity(in_line, RATE, Grid(-1.5, 2.2, n), REGULAR.value) for n in (60, 120, 240)]
    errors = [abs(one - expected) for one in found]
    assert all(error <= one.error for one, error in zip(found, errors, strict=True))
    assert found[1].error < found[0].error / 8
    assert errors[2] < errors[0] / 2**6


def test_another_parameter_than_the_rate():
    """d<w>/da of the drift -(w - a) is 1; the derivative takes a parameter of the drift too."""
    landscapes = {}

    def shifted(a):
        landscapes.setdefault(a, SymbolicLandscape(sympy.sympify("(w - a)**2/2").subs("a", sympy.Float(a))))
        return Langevin(landscapes[a], Isotropic(0.1, 1))

    found = stationary_sensitivity(shifted, 0.0, Grid(-3, 3, 200), lambda w: w[..., 0], step=1e-2)
    assert abs(found - 1) <= found.error + 1e-9 < 1e-5


@settings(max_examples=15)
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


def test_upwinding_is_refused():
    """Where drift crosses a weak direction the fitted flux has an error that meshes do not show."""
    turned = SymbolicLandscape("x**2/2 + y**2/2", variables=("x", "y"))
    spin = np.array([[0.0, -2.0], [2.0, 0.0]])

    def at(rate):
        return Langevin(turned, Constant(rate * np.diag([1.0, 1e-4])), extra_drift=lambda w: w @ spin)

    grid = Grid((-4, -4), (4, 4), (64, 64))
    with pytest.raises(InputError, match="upwinding above the Peclet number"):
        FokkerPlanck(at(0.3), grid).sensitivity(turned.value, at, 0.3)


def test_a_jump_that_moves_within_a_cell_is_refused():
    def at(place):
        return Langevin(
            SymbolicLandscape("w**2/2"), Isotropic(0.1, 1), extra_drift=lambda w: -1.0 * np.sign(w - place)
        )

    with pytest.raises(InputError, match=r"must change with the parameter, it does not within 2e-06 of 0\.333"):
        stationary_sensitivity(at, 0.333, Grid(-3, 3, 200), lambda w: w[..., 0], step=1e-6)
