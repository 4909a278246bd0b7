"""Rates of escape where the drift circulates, and over saddles that are flat in one direction."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy
from escape_laws import log_time

from theory import (
    Constant,
    FokkerPlanck,
    Grid,
    InputError,
    Isotropic,
    Langevin,
    SymbolicLandscape,
    kramers_rate,
    langevin_escape_rate,
)
from theory.landscapes.compiled import CompiledField

WELLS = SymbolicLandscape("(x**2 - 1)**2/4 + y**2/2")
X, Y = WELLS.variables
TURN = np.array([[0.0, 1.0], [-1.0, 0.0]])


def circling(landscape, strength, temperature, factor=1):
    """The drift -(I + strength factor J) grad U."""
    across = sympy.Matrix([landscape.gradient_expressions[1], -landscape.gradient_expressions[0]])
    extra = tuple(-strength * factor * e for e in across)
    return Langevin(landscape, Isotropic(temperature, 2), extra_drift=CompiledField(extra, landscape.variables))


@pytest.mark.parametrize("strength", [-2.0, 0.5, 3.0])
def test_a_circulating_drift_escapes_faster_by_the_eigenvalue_of_its_full_linearisation(strength):
    """At the saddle of U the Jacobian is (I + cJ) diag(1, -1), with l = sqrt(1 + c^2) for (1, -1)."""
    rate = langevin_escape_rate(circling(WELLS, strength, 0.01), (-1, 0), (0, 0))
    jacobian = -(np.eye(2) + strength * TURN) @ np.diag([-1.0, 1.0])
    growth = np.linalg.eigvals(jacobian).real.max()
    assert rate.barrier == pytest.approx(25)
    assert rate.log_value == pytest.approx(math.log(growth / (2 * math.pi)) + math.log(2) / 2 - 25, abs=1e-7)
    plain = kramers_rate(WELLS, 0.01, (-1, 0), (0, 0))
    assert rate.log_value > plain.log_value + 0.1  # control: without the circulation


def test_noise_of_any_shape_with_its_own_circulation():
    """Drift = -(D + A) grad Phi is that of isotropic noise in other coordinates."""
    tensor, turn = np.array([[0.02, 0.006], [0.006, 0.04]]), 0.03 * TURN
    potential = SymbolicLandscape("25*((x**2 - 1)**2/4 + (y - x/2)**2/2)")
    flat = SymbolicLandscape("0*x + 0*y", ["x", "y"])
    gradient = sympy.Matrix(potential.gradient_expressions)
    drift = CompiledField(tuple(-sympy.Matrix(tensor + turn) * gradient), potential.variables)
    rate = langevin_escape_rate(Langevin(flat, Constant(tensor), extra_drift=drift), (-1, -0.5), (0, 0))
    hessians = [potential.hessian(np.array(p)) for p in ((-1.0, -0.5), (0.0, 0.0))]
    growth = np.linalg.eigvals(-(tensor + turn) @ hessians[1]).real.max()
    ratio = np.linalg.det(hessians[0]) / abs(np.linalg.det(hessians[1]))
    assert rate.barrier == pytest.approx(25 / 4, rel=1e-6)
    assert rate.log_value == pytest.approx(
        math.log(growth / (2 * math.pi)) + math.log(ratio) / 2 - 25 / 4, abs=1e-6
    )


@pytest.mark.parametrize(("factor", "dilutes"), [(1, False), (1 + X / 2, True)])
def test_the_solver_agrees_on_flows_along_the_levels_with_and_without_divergence(factor, dilutes):
    tilted = SymbolicLandscape("(x**2 - 1)**2/4 + (y - x/2)**2*(1 + x**2)/2")
    sde = circling(tilted, -1.0, 0.04, factor)
    rate = langevin_escape_rate(sde, (-1, -0.5), (0, 0))
    grid = Grid((-1.7, -1.8), (1.7, 1.8), (56, 56))
    time = FokkerPlanck(sde, grid).mean_first_passage_time(lambda w: w[..., 0] > 0.8).mean.at([(-1, -0.5)])[0]
    assert abs(rate.value * time - 1) < rate.relative_error
    wrong = kramers_rate(tilted, 0.04, (-1, -0.5), (0, 0))
    if dilutes:
        wrong = langevin_escape_rate(circling(tilted, -1.0, 0.04), (-1, -0.5), (0, 0))
    assert abs(wrong.value * time - 1) > 2 * abs(rate.value * time - 1)  # control: without flow or its divergence


def test_what_has_no_such_form_is_refused():
    def sideways(w):
        x = np.asarray(w)[..., :1]
        return x * (1 - x**2) * [0.0, 0.5]

    odd = Langevin(WELLS, Isotropic(0.05, 2), extra_drift=sideways)
    with pytest.raises(InputError, match=r"antisymmetric part .* flow along the levels"):
        langevin_escape_rate(odd, (-1, 0), (0, 0))
    quartic = circling(SymbolicLandscape("-x**4 + 2*x**6/3 + y**2/2"), 1.0, 0.02)
    with pytest.raises(InputError, match="a drift that is no gradient needs curvature in every direction"):
        langevin_escape_rate(quartic, (-1, 0), (0, 0))


@pytest.mark.parametrize("temperature", [0.03, 0.01, 0.003])
def test_a_quartic_saddle_has_its_own_power_of_the_temperature(temperature):
    """L = -w^4 + 2 w^6/3: barrier 1/3, curvature 8 at the minimum; leading rate sqrt(8/T^3/(2 pi)) T / I."""
    line = SymbolicLandscape("-w**4 + 2*w**6/3")
    rate = kramers_rate(line, temperature, -1, 0)
    exact = log_time(Langevin(line, Isotropic(temperature, 1)), -1, 1)
    assert abs(np.expm1(rate.log_value + exact)) < rate.relative_error < 0.02
    integral = 2 * math.gamma(1.25) * temperature**0.25  # of exp(-w^4/T)
    leading = math.log(math.sqrt(8 * temperature / (2 * math.pi)) / integral) - 1 / (3 * temperature)
    assert abs(leading + exact) < math.sqrt(temperature)
    assert abs(math.log(math.sqrt(8) / (2 * math.pi)) - 1 / (3 * temperature) + exact) > 0.5  # control: Kramers


def test_flat_directions_in_a_plane():
    """Beside a valley of its own the quartic has the rate of the line; a flat ridge has Berglund and Gentz's."""
    line = kramers_rate(SymbolicLandscape("-w**4 + 2*w**6/3"), 0.01, -1, 0)
    valley = kramers_rate(SymbolicLandscape("-x**4 + 2*x**6/3 + 3*y**2"), 0.01, (-1, 0), (0, 0))
    assert valley.log_value == pytest.approx(line.log_value, abs=1e-6)
    temperature = 0.003
    ridge = kramers_rate(
        SymbolicLandscape("(x**2 - 1)**2/4 + x**2*y**2/2 + (1 - x**2)**2*y**4 + y**6"),
        temperature,
        (-1, 0),
        (0, 0),
    )
    flat = 2 * math.gamma(1.25) * temperature**0.25 / math.sqrt(2 * math.pi * temperature)
    leading = math.log(math.sqrt(2) / (2 * math.pi) * flat) - 0.25 / temperature
    assert ridge.log_value == pytest.approx(leading, abs=0.1)
    plane = SymbolicLandscape("(x**2 - 1)**2/4 + y**4*(1 + x/2) + y**2*x**2")
    sde, rate = Langevin(plane, Isotropic(0.04, 2)), kramers_rate(plane, 0.04, (-1, 0), (0, 0))
    passage = FokkerPlanck(sde, Grid((-1.8, -1.3), (1.8, 1.3), (40, 28))).mean_first_passage_time(
        lambda w: w[..., 0] > 0.8
    )
    assert abs(rate.value * passage.mean.at([(-1, 0)])[0] - 1) < rate.relative_error
