"""The nearest Gibbs measure: recovered temperatures, its standard error, and the refusals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from compare.distances import kullback_leibler
from theory.base.errors import InputError
from theory.equations import nearest_gibbs
from theory.landscapes import CallableLandscape
from theory.laws.density import Density
from theory.laws.ensemble import Ensemble
from theory.laws.grid import Grid
from theory.laws.histogram import Histogram

QUARTIC = CallableLandscape(lambda w: w[..., 0] ** 4 - w[..., 0] ** 2, dim=1)
BOWL = CallableLandscape(lambda w: (w**2).sum(axis=-1) / 2, dim=2)
LINE = Grid(-2.5, 2.5, 60)


def gibbs(landscape: CallableLandscape, temperature: float, grid: Grid, parts: int = 1) -> Density:
    fine = grid.refined(parts)
    return Density.from_log(fine, -landscape.value(fine.centers) / temperature).coarsen(parts)


@pytest.mark.parametrize("temperature", [0.01, 0.3, 5.0])
@pytest.mark.parametrize("parts", [1, 2, 3])
def test_gibbs_gives_back_its_temperature(temperature: float, parts: int) -> None:
    found = nearest_gibbs(gibbs(QUARTIC, temperature, LINE, parts), QUARTIC, refinement=parts)
    assert found.temperature == pytest.approx(temperature, rel=1e-8)
    assert found.standard_error == 0


def test_centres_and_averages_of_one_law_have_one_temperature() -> None:
    exact = gibbs(QUARTIC, 0.05, LINE, 101)
    centres = gibbs(QUARTIC, 0.05, LINE)
    for law in (exact, centres):
        assert nearest_gibbs(law, QUARTIC, refinement=1).temperature == pytest.approx(0.05, rel=1e-10)
    as_masses = Density(LINE, centres.values, cell_averages=True)  # control: the centres are no averages
    assert abs(nearest_gibbs(as_masses, QUARTIC).temperature / 0.05 - 1) > 2e-3


def test_error_of_the_density_covers_its_cells() -> None:
    sharp = CallableLandscape(lambda w: np.log(np.cosh(6 * w[..., 0] - 0.7)), dim=1)
    exact = gibbs(sharp, 0.5, LINE, 101)
    for parts in (1, 3):
        found = nearest_gibbs(exact, sharp, refinement=parts).density
        miss = np.abs(exact.probabilities - found.averaged().probabilities).sum() / 2
        assert 1e-12 < miss <= found.averaged().error < 100 * miss


def test_no_other_temperature_is_nearer() -> None:
    """Also for a law that is no Gibbs measure, and in two dimensions."""
    for grid, landscape in [(LINE, QUARTIC), (Grid((-3, -3), (3, 3), (24, 20)), BOWL)]:
        w = grid.centers
        observed = Density.from_log(grid, -np.abs(w - 0.4).sum(axis=-1) / 0.7)
        found = nearest_gibbs(observed, landscape)
        best = float(kullback_leibler(observed, found.density))
        assert best > 0.01
        for factor in (0.95, 1.05):
            other = gibbs(landscape, factor * found.temperature, grid, 3)
            assert float(kullback_leibler(observed, other)) > best


def test_standard_error_is_the_spread_over_samples() -> None:
    law, rng = gibbs(QUARTIC, 0.3, LINE, 3), np.random.default_rng(1)
    found = [nearest_gibbs(Histogram(LINE, rng.multinomial(2000, law.probabilities)), QUARTIC) for _ in range(200)]
    temperatures = np.array([f.temperature for f in found])
    error = nearest_gibbs(replace(law, samples=2000), QUARTIC).standard_error
    assert temperatures.std() == pytest.approx(error, rel=0.2)
    assert abs(temperatures.mean() - 0.3) < 5 * error / np.sqrt(200)
    assert error < 0.1 * 0.3  # control: a temperature wrong by half lies five errors away


def test_scaling_the_loss_scales_the_temperature() -> None:
    scaled = CallableLandscape(lambda w: 1e6 * QUARTIC.value(w) - 3e6, dim=1)
    law = gibbs(QUARTIC, 0.3, LINE, 3)
    assert nearest_gibbs(law, scaled).temperature == pytest.approx(3e5, rel=1e-8)


def test_walkers() -> None:
    w = 0.5 * np.random.default_rng(3).standard_normal((1, 4000, 2))
    w[0, :5] = np.nan
    grid = Grid((-3, -3), (3, 3), (40, 40))
    walkers = Ensemble(np.ones(1), w)
    found = nearest_gibbs(walkers, BOWL, grid)
    assert abs(found.temperature - 0.25) < 5 * found.standard_error
    assert abs(found.temperature - 0.5) > 10 * found.standard_error  # control
    same = nearest_gibbs(walkers.histogram(grid), BOWL)
    assert (same.temperature, same.standard_error) == (found.temperature, found.standard_error)


def test_refusals() -> None:
    flat = Density.normalised(LINE, np.ones(60))
    with pytest.raises(InputError, match="below that of the uniform law"):
        nearest_gibbs(flat, QUARTIC)
    with pytest.raises(InputError, match="below that of the uniform law"):
        nearest_gibbs(Density.from_log(LINE, QUARTIC.value(LINE.centers)), QUARTIC)
    odd = Grid(-1, 1, 31)
    point = Density.normalised(odd, np.arange(31) == 15)
    with pytest.raises(InputError, match="above the lowest on the grid"):
        nearest_gibbs(point, CallableLandscape(lambda w: w[..., 0] ** 2, dim=1))
    with pytest.raises(InputError, match="an Ensemble needs a `grid`"):
        nearest_gibbs(Ensemble(np.ones(1), np.zeros((1, 3, 1))), QUARTIC)
    with pytest.raises(InputError, match="`grid` must be the law's own"):
        nearest_gibbs(flat, QUARTIC, odd)
    with pytest.raises(InputError, match="dimension 2"):
        nearest_gibbs(flat, BOWL)
    wall = CallableLandscape(lambda w: np.where(w[..., 0] > 0, np.inf, 0.0), dim=1)
    with pytest.raises(InputError, match="finite on the grid, got 90 cells"):
        nearest_gibbs(flat, wall)
