"""Laws whose density is infinite at an end or a point: masses, moments and errors against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from scipy.special import gammainc
from scipy.stats import beta, gamma

from theory import (
    AntiIto,
    Density,
    FokkerPlanck,
    Grid,
    InputError,
    Isotropic,
    Langevin,
    NoStationaryDensity,
    Stratonovich,
    SymbolicLandscape,
    SymbolicTensor,
)

X = sympy.Symbol("x", real=True)


def equation(loss, root, *reading):
    return Langevin(SymbolicLandscape(loss, ["x"]), SymbolicTensor(sympy.Matrix([[root]]), (X,)), *reading)


def square_root_noise(k):
    """DX = (k - X) dt + sqrt(2 X) dW, whose law is Gamma(k)."""
    return equation(f"x**2/2 - {k}*x", sympy.sqrt(X))


def missed(law, masses):
    return np.abs(law.values * law.grid.cell_volume - masses / masses.sum()).sum() / 2


@pytest.mark.parametrize(
    ("k", "upper", "cells"), [(0.5, 12, 1200), (0.25, 12, 200), (0.9, 20, 80), (0.3, 20, 800), (0.02, 20, 31)]
)
def test_square_root_noise_at_its_end(k, upper, cells):
    grid = Grid(0, upper, cells)
    law = FokkerPlanck(square_root_noise(k), grid).stationary()
    masses = np.diff(gamma.cdf(grid.edges[0], k))
    assert law.cell_averages
    assert missed(law, masses) <= law.error + 1e-12 < 1e-11
    cut = gamma.cdf(upper, k + 1) / gamma.cdf(upper, k)
    assert law.mean == pytest.approx([k * cut], abs=1e-12)
    second = k * (k + 1) * gamma.cdf(upper, k + 2) / gamma.cdf(upper, k)
    assert law.covariance[0, 0] == pytest.approx(second - (k * cut) ** 2, abs=1e-11)
    density = gamma.pdf(grid.axes[0], k)  # the control: what the centres say
    assert missed(law, density) > 1e-3
    half = FokkerPlanck(square_root_noise(k), grid.refined(3)).stationary().coarsen(3)
    assert missed(half, masses) <= half.error + 1e-12
    assert half.mean == pytest.approx(law.mean, abs=1e-12)


@pytest.mark.parametrize(("a", "b", "cells"), [(0.5, 0.5, 100), (0.1, 0.1, 40), (2, 0.1, 77), (0.05, 0.3, 50)])
@pytest.mark.parametrize(("reading", "share"), [(Stratonovich(), 0.5), (AntiIto(), 1.0)])
def test_beta_laws_in_any_reading(a, b, cells, reading, share):
    """D = x (1 - x): p ~ D^(share - 1) exp(int h / D), with what the reading adds taken out of h."""
    left, right = a - share, b - share
    grid = Grid(0, 1, cells)
    sde = equation(f"-({left})*x + ({left + right})*x**2/2", sympy.sqrt(X * (1 - X)), reading)
    law = FokkerPlanck(sde, grid).stationary()
    masses = np.diff(beta.cdf(grid.edges[0], a, b))
    masses[cells // 2 :] = -np.diff(beta.sf(grid.edges[0], a, b))[cells // 2 :]
    assert missed(law, masses) <= law.error + 1e-12 < 2e-9
    assert law.mean == pytest.approx([a / (a + b)], abs=1e-9)


@pytest.mark.parametrize("cells", [60, 61])
@pytest.mark.parametrize("power", [0.5, 0.9])
def test_a_logarithm_in_the_loss_at_a_face_and_at_a_centre(power, cells):
    """L = w^2/2 + a log |w|: p ~ |w|^-a exp(-w^2/2), infinite at 0 on both sides."""
    grid = Grid(-3, 3, cells)
    loss = SymbolicLandscape(f"w**2/2 + {power}*log(abs(w))")
    law = FokkerPlanck(Langevin(loss, Isotropic(1.0, 1)), grid).stationary()
    edges = grid.edges[0]
    masses = np.diff(np.sign(edges) * gammainc((1 - power) / 2, edges**2 / 2))
    assert missed(law, masses) <= law.error + 1e-12 < 1e-11
    assert law.mean == pytest.approx([0], abs=1e-12)
    upper = Grid(0, 3, cells)  # a pole of the drift is no mere end of the grid
    half = FokkerPlanck(Langevin(loss, Isotropic(1.0, 1)), upper).stationary()
    masses = np.diff(gammainc((1 - power) / 2, upper.edges[0] ** 2 / 2))
    assert missed(half, masses) <= half.error + 1e-12 < 1e-11


def test_infinite_mass_at_a_pole_and_poles_that_nobody_passes_are_refused():
    for power, reason in ((1.2, "infinite mass at 0"), (-1.5, "nobody passes")):
        loss = SymbolicLandscape(f"w**2/2 + {power}*log(abs(w))")
        with pytest.raises(NoStationaryDensity, match=reason):
            FokkerPlanck(Langevin(loss, Isotropic(1.0, 1)), Grid(-3, 3, 60)).stationary()


def test_a_potential_that_is_no_number_says_where():
    loss = SymbolicLandscape("w**2*log(abs(w)) + w**2")
    with pytest.raises(InputError, match=r"at w = \[0.\].*change the number of cells by one"):
        FokkerPlanck(Langevin(loss, Isotropic(0.1, 1)), Grid(-1, 1, 21)).stationary()
    assert FokkerPlanck(Langevin(loss, Isotropic(0.1, 1)), Grid(-1, 1, 40)).stationary().error < 2e-3


def test_limit_law_of_an_infinite_density():
    grid = Grid(0, 12, 60)
    start = Density.normalised(grid, np.exp(-((grid.axes[0] - 3) ** 2)))
    law = FokkerPlanck(square_root_noise(0.5), grid).limit_law(start).density
    assert law.cell_averages
    assert missed(law, np.diff(gamma.cdf(grid.edges[0], 0.5))) <= law.error + 1e-12 < 1e-11
