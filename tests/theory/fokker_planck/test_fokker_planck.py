"""The facade: one object for one equation on one grid."""

from __future__ import annotations

import numpy as np
import pytest

from theory import (
    Constant,
    Density,
    FokkerPlanck,
    Grid,
    InputError,
    Isotropic,
    Langevin,
    Periodic,
    Reflecting,
    SymbolicLandscape,
    gaussian,
)

ROTATED = Langevin(SymbolicLandscape("(x**2 + 3*y**2)/2"), Constant([[1.0, 0.6], [0.6, 1.0]]))
PLANE = Grid((-6.0, -3.6), (6.0, 3.6), (80, 80))
PARABOLA = Langevin(SymbolicLandscape("x**2/2"), Isotropic(1.0, 1))
LINE = Grid(-8.0, 8.0, 200)


def test_the_rotated_gaussian_its_current_and_its_entropy_production() -> None:
    equation = FokkerPlanck(ROTATED, PLANE)
    density = equation.stationary()
    exact = gaussian([0, 0], [[1, 0.3], [0.3, 1 / 3]], PLANE)
    assert np.abs(density.probabilities - exact.probabilities).sum() < 1e-4
    assert equation.solution.order in {4, 6}
    produced = equation.entropy_production(density)
    assert produced == pytest.approx(0.5625, rel=2e-4)
    assert abs(produced - 0.5625) < produced.error < 0.01
    # J = (b - div D - D grad log p) p with grad log p = -Sigma^-1 w.
    w = PLANE.centers
    velocity = -w * [1.0, 3.0] + w @ np.linalg.inv([[1, 0.3], [0.3, 1 / 3]]) @ np.array([[1, 0.6], [0.6, 1]])
    wanted = velocity * exact.values[..., None]
    assert np.abs(equation.current(density) - wanted).max() < 0.02 * np.abs(wanted).max()
    still = FokkerPlanck(Langevin(ROTATED.landscape, Isotropic(1.0, 2)), PLANE)  # control: no current
    assert still.entropy_production(still.stationary()) < 1e-9


def test_relaxation_and_spectrum_of_the_parabola() -> None:
    equation = FokkerPlanck(PARABOLA, LINE)
    start = gaussian([2.0], [[0.1]], LINE)
    (law,) = equation.evolve(start, [0.7])
    decay = np.exp(-0.7)
    assert law.mean[0] == pytest.approx(2 * decay, rel=1e-3)
    assert law.covariance[0, 0] == pytest.approx(1 - 0.9 * decay**2, rel=2e-3)
    assert law.mean[0] != pytest.approx(2 * np.exp(-0.7 / 2), rel=0.1)  # control: half the drift
    assert equation.spectrum(4).eigenvalues.real == pytest.approx([0, -1, -2, -3], rel=1e-2, abs=1e-9)
    assert equation.spectrum(4).gap == pytest.approx(1, rel=2e-3)
    limit = equation.limit_law(start)
    assert limit.weights == (1.0,)
    assert np.abs(limit.density.values - equation.stationary().values).max() < 1e-12


def test_refusals() -> None:
    with pytest.raises(InputError, match="one dimension, got 2 and 1"):
        FokkerPlanck(ROTATED, LINE)
    with pytest.raises(InputError, match="must agree with the grid"):
        FokkerPlanck(PARABOLA, LINE, Periodic())
    assert FokkerPlanck(PARABOLA, LINE, Reflecting()).boundary == ((Reflecting(), Reflecting()),)
    with pytest.raises(InputError, match="must live on"):
        FokkerPlanck(PARABOLA, LINE).evolve(gaussian([0.0], [[1.0]], Grid(-8, 8, 100)), [1.0])
    with pytest.raises(InputError, match="must live on"):
        FokkerPlanck(PARABOLA, LINE).limit_law(Density.normalised(Grid(0, 1, 3), np.ones(3)))
    with pytest.raises(InputError, match="take `stationary`"):
        _ = FokkerPlanck(PARABOLA, LINE).solution
