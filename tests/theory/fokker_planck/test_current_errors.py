"""Currents of the facade with their errors: behind barriers, between walls, and of laws that turn or pass."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from theory import Constant, Density, FokkerPlanck, Grid, Isotropic, Langevin, Reflecting, gaussian
from theory import SymbolicLandscape as Formula
from theory.fokker_planck.currents.balance import probability_current

TURN = 2 * np.pi


def torque_on(text, noise, torque):
    return Langevin(Formula(text), Isotropic(noise, 1), extra_drift=lambda w: torque + 0 * np.asarray(w))


def stratonovich(height, noise, torque):
    """D (1 - exp(-2 pi torque / D)) over int exp(-V) int_x^(x + 2 pi) exp(V), V the tilted potential over D."""
    outer = TURN * np.arange(600) / 600
    nodes, weights = np.polynomial.legendre.leggauss(12)
    cuts = TURN * np.arange(101) / 100
    ahead = (cuts[:-1, None] + cuts[1] * (nodes + 1) / 2).ravel()
    weights = np.tile(weights, 100) * cuts[1] / 2
    logs = (height * (np.cos(outer[:, None] + ahead) - np.cos(outer[:, None])) - torque * ahead) / noise
    whole = (np.exp(logs - logs.max()) @ weights).mean() * TURN
    return noise * -np.expm1(-TURN * torque / noise) / whole * np.exp(-logs.max())


@pytest.mark.parametrize(
    ("height", "noise", "torque", "known"),
    [(2, 0.1, 1.0, 3.03e-7), (1, 0.04, -0.3, None), (1, 0.04, 1e-9, None), (0.1, 1.0, 2.0, None)],
)
def test_the_ring_has_the_constant_current_of_the_formula(height, noise, torque, known):
    grid = Grid(0.0, TURN, 100, True)
    equation = FokkerPlanck(torque_on(f"{height}*cos(t)", noise, torque), grid)
    law = equation.stationary()
    current = equation.current(law)
    exact = stratonovich(height, noise, torque)
    assert current.shape == current.error.shape == (100, 1)
    assert (np.abs(current - exact) <= current.error + 1e-15 * abs(exact)).all()
    assert (current.error < 1e-5 * abs(exact)).all()
    if known:
        assert exact == pytest.approx(known, rel=1e-3)
        flows = probability_current(equation.sde, grid, law.values)  # control: differences of large flows
        assert np.abs(flows - exact).max() > 10 * exact
    averaged = equation.sde, equation.grid.refined(3)
    coarse = FokkerPlanck(*averaged).stationary().coarsen(3)
    np.testing.assert_allclose(equation.current(coarse), current, rtol=1e-9)


def test_no_current_between_walls_nor_in_a_known_potential():
    line = Grid(-3.0, 3.0, 60)
    well = FokkerPlanck(Langevin(Formula("(t**2 - 1)**2/4"), Isotropic(0.01, 1)), line)
    push = FokkerPlanck(torque_on("0*t", 1.0, 2.0), line, Reflecting())
    for equation, law in (
        (well, well.stationary()),
        (push, Density.normalised(line, np.exp(2 * line.axes[0]))),
    ):
        current = equation.current(law)
        assert not np.asarray(current).any()
        assert not current.error.any()
    wrong = push.current(Density.normalised(line, np.exp(1.9 * line.axes[0])))  # control
    assert np.abs(wrong).max() > 0.01
    plane = FokkerPlanck(
        Langevin(Formula("(x**2 - 1)**2/4 + y**2"), Isotropic(0.1, 2)), Grid([-2, -2], [2, 2], [24, 20])
    )
    assert not np.asarray(plane.current(plane.stationary())).any()


def test_the_current_of_a_turning_gaussian_lies_within_its_error():
    tensor, spin = np.array([[1, 0.3], [0.3, 0.8]]), np.array([[0, 0.7], [-0.7, 0]])
    covariance = np.array([[1, 0.2], [0.2, 0.6]])
    inverse = np.linalg.inv(covariance)
    pull = (tensor + spin) @ inverse
    grid = Grid([-5, -4], [5, 4], [40, 36])
    sde = Langevin(Formula("0*x*y"), Constant(tensor), extra_drift=lambda w: -np.asarray(w) @ pull.T)
    equation = FokkerPlanck(sde, grid)
    law = equation.stationary()
    density = gaussian([0, 0], covariance, grid).values[..., None]
    exact = -(grid.centers @ (spin @ inverse).T) * density
    current = equation.current(law)
    miss, size = np.abs(current - exact), np.abs(exact).max()
    assert np.mean(miss <= current.error + 1e-13) >= 0.99
    assert current.error.max() < 0.05 * size
    still = (grid.centers @ (spin @ inverse)) * density  # control: turned the other way
    assert np.mean(np.abs(current - still) <= current.error) < 0.5
    other = equation.current(gaussian([0.5, 0], np.diag([0.5, 0.4]), grid))  # not stationary: by slopes alone
    passing = gaussian([0.5, 0], np.diag([0.5, 0.4]), grid).values[..., None]
    w = grid.centers
    truth = passing * (sde.drift(w) + ((w - [0.5, 0]) / [0.5, 0.4]) @ tensor)
    assert (np.abs(other - truth) <= other.error + 1e-13).all()
    assert other.error.max() < 1e-6


def test_a_ring_beside_a_line_has_the_current_of_the_ring():
    noise = 0.25
    grid = Grid([0.0, -2.6], [TURN, 2.6], [48, 24], [True, False])
    sde = Langevin(
        Formula("cos(t) + y**2/2", ("t", "y")),
        Isotropic(noise, 2),
        extra_drift=lambda w: np.stack([0.4 + 0 * w[..., 0], 0 * w[..., 0]], axis=-1),
    )
    equation = FokkerPlanck(sde, grid)
    current = equation.current(equation.stationary())
    exact = stratonovich(1.0, noise, 0.4)
    wanted = exact * np.exp(-(grid.axes[1] ** 2) / 2 / noise) / np.sqrt(TURN * noise)
    miss = np.abs(current[..., 0] - wanted)
    assert np.mean(miss <= current.error[..., 0]) >= 0.99
    assert np.median(current.error[:, 12, 0]) < 0.05 * wanted.max()
    assert np.median(current.error[:, 12, 0]) < 1e3 * np.median(miss[:, 12])


def test_a_current_is_an_array_with_an_error():
    grid = Grid(0.0, TURN, 40, True)
    equation = FokkerPlanck(torque_on("cos(t)", 0.5, 1.0), grid)
    current = equation.current(equation.stationary())
    assert isinstance(current, np.ndarray)
    assert type(2 * current) is type(current[..., 0]) is np.ndarray
    assert current.max() > 0
    again = pickle.loads(pickle.dumps(current))
    np.testing.assert_array_equal(again, current)
    np.testing.assert_array_equal(again.error, current.error)
    assert np.isnan(current.reshape(-1).error).all()
    with pytest.raises(ValueError, match="read-only"):
        current[0] = 1.0


def test_a_histogram_has_a_current_within_its_noise():
    grid = Grid(-4.0, 4.0, 40)
    equation = FokkerPlanck(Langevin(Formula("t**2/2"), Isotropic(0.5, 1)), grid)
    points = np.random.default_rng(3).normal(0, np.sqrt(0.5), (40_000, 1))
    current = equation.current(Density.from_samples(points, grid))
    assert np.mean(np.abs(current) <= current.error) > 0.95
    assert current.error.max() < 1.0
