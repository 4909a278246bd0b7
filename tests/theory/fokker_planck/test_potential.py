"""Constant tensors over drifts that are gradients for them: exp(-Phi) in every cell, however deep."""

from __future__ import annotations

import numpy as np
import pytest
import sympy

from theory import (
    AntiIto,
    Constant,
    Density,
    FokkerPlanck,
    Grid,
    Isotropic,
    Langevin,
    Reflecting,
    SymbolicLandscape,
)
from theory.landscapes.compiled import CompiledField

WELLS = SymbolicLandscape("70*(x**2 - 1)**2 + 115*x + 20*y**2")  # one side holds 5.5e-97
GRID = Grid([-1.9, -2.2], [1.6, 2.2], [80, 40])


def pulled(matrix, turn=0):
    """Drift -D grad L, with `turn` times a rotation of grad L on top, which keeps exp(-L) but is no gradient."""
    tensor = sympy.Matrix(matrix) + turn * sympy.Matrix([[0, 1], [-1, 0]])
    gradient = sympy.Matrix(WELLS.gradient_expressions)
    extra = CompiledField(tuple(gradient - tensor * gradient), WELLS.variables)
    return Langevin(WELLS, Constant(np.array(matrix, dtype=float)), extra_drift=extra)


@pytest.mark.parametrize(
    "matrix", [[[1, 0], [0, 1]], [["1", "1/2"], ["1/2", "1"]], [["1", "3/10"], ["3/10", "1/5"]]]
)
def test_a_rotated_tensor_keeps_gibbs_in_every_cell_and_basins_of_1e_97(matrix):
    numbers = [[float(sympy.Rational(x)) for x in row] for row in matrix]
    sde = pulled([[sympy.Rational(x) for x in row] for row in matrix])
    assert (sde.tensor(np.zeros(2)) == numbers).all()
    law = FokkerPlanck(sde, GRID).stationary()
    exact = Density.from_log(GRID, -WELLS.value(GRID.centers))
    seen = exact.values > 0
    assert np.abs(law.values[seen] / exact.values[seen] - 1).max() < 1e-12
    right = GRID.centers[..., 0] > 0.5
    assert exact.mass(right) < 1e-96
    assert law.mass(right) == pytest.approx(exact.mass(right), rel=1e-12)


def test_a_drift_that_turns_has_no_potential():
    turning = pulled([[1, 0], [0, 1]], turn=sympy.Rational(1, 10))
    assert turning.potential(GRID.centers) is None
    rotated = Langevin(SymbolicLandscape("(x**2 + 3*y**2)/2"), Constant([[1.0, 0.6], [0.6, 1.0]]))
    assert rotated.potential(GRID.centers) is None


def test_temperatures_along_the_axes_and_what_is_no_polynomial():
    landscape = SymbolicLandscape("x**4/4 + y**2 + x")
    warm = Langevin(landscape, Constant(np.diag([0.01, 0.3])), AntiIto())
    x, y = np.moveaxis(GRID.centers, -1, 0)
    assert warm.potential(GRID.centers) == pytest.approx((x**4 / 4 + x) / 0.01 + y**2 / 0.3, rel=1e-13)
    assert Langevin(SymbolicLandscape("cos(x) + y**2"), Constant(np.diag([0.01, 0.3]))).potential([[0, 0]]) is None
    assert Langevin(landscape, Constant(np.diag([1.0, 0.0]))).potential([[0, 0]]) is None
    functions = Langevin(landscape, Isotropic(1.0, 2), extra_drift=np.zeros_like)
    assert functions.potential([[0, 0]]) is None


@pytest.mark.parametrize("loss", ["x + y**2/2", "3*x", "x**4/4 - x**2/2 + y"])
def test_laws_between_walls_that_were_asked_for_are_exact_and_say_so(loss):
    landscape, grid = SymbolicLandscape(loss, ["x", "y"]), Grid((-1, -1), (1, 1), (24, 24))
    law = FokkerPlanck(Langevin(landscape, Isotropic(0.3, 2)), grid, Reflecting()).stationary()
    places, weights = np.polynomial.legendre.leggauss(16)
    exact = np.zeros(grid.shape)
    for x, one in zip(places, weights, strict=True):
        for y, other in zip(places, weights, strict=True):
            inside = grid.centers + np.array([x, y]) * grid.spacing / 2
            exact += one * other * np.exp(-landscape.value(inside) / 0.3)
    gap = np.abs(law.probabilities - exact / exact.sum()).sum() / 2
    assert gap <= law.error < 1e-12
    values = law.values / law.values.sum()
    assert np.abs(values - exact / exact.sum()).sum() / 2 > 1e-5 or loss == "3*x"  # the control: centre values
