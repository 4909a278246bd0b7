"""Masses of known spectra, within their errors, which shrink."""

import numpy as np
import pytest
from scipy.sparse.linalg import aslinearoperator

from theory import Grid, InputError
from theory.base.arrays import Array
from theory.noise import SpectralDensity, spectral_density
from theory.noise.spectra.lanczos import LanczosMeasure

SPREAD = np.concatenate([np.zeros(40), np.linspace(1, 2, 55), [5.0, 8.0, -1.0, -1.0, 20.0]])


def of(spectrum: Array, probes: int = 6, steps: int = 30, seed: int = 0) -> SpectralDensity:
    rng = np.random.default_rng(seed)
    turn = np.linalg.qr(rng.standard_normal((len(spectrum), len(spectrum))))[0]
    matrix = turn * spectrum @ turn.T
    return spectral_density(aslinearoperator((matrix + matrix.T) / 2), probes, steps, rng=rng)


@pytest.mark.parametrize("scale", [1.0, 1e200, 1e-200])
def test_masses_of_a_known_spectrum_are_covered(scale: float) -> None:
    for seed in range(5):
        found = of(scale * SPREAD, seed=seed)
        for lower, upper in ((-np.inf, -0.5), (-0.5, 0.5), (0.5, 1.5), (1.5, np.inf), (4.0, 9.0)):
            inside = int(((lower < SPREAD) & (upper >= SPREAD)).sum())
            low, high = found.number(scale * lower, scale * upper)
            mass = found.mass(scale * lower, scale * upper)
            assert low <= inside <= high
            assert abs(mass - inside / 100) <= mass.error < 0.5


def test_bounds_of_one_probe_hold_its_measure_and_close() -> None:
    spectrum, gaps = np.linspace(-1, 1, 60), []
    probe = np.random.default_rng(3).standard_normal(60)
    for steps in (4, 8, 16, 60):
        measure = LanczosMeasure.of(aslinearoperator(np.diag(spectrum)), probe, steps)
        places = np.linspace(-1.201, 1.201, 31)
        low, high = np.array([measure.bounds(float(x), 1e-14) for x in places]).T
        exact = np.array([(probe[spectrum <= x] ** 2).sum() for x in places]) / (probe**2).sum()
        assert (low - 1e-12 <= exact).all()
        assert (exact <= high + 1e-12).all()
        gaps.append((high - low).max())
    assert (np.diff(gaps) < 0).all()
    assert gaps[-1] < 1e-9


def test_more_probes_and_steps_say_more() -> None:
    few, many = (of(SPREAD, probes, steps).mass(0.5, 1.5).error for probes, steps in ((2, 6), (60, 40)))
    assert many < 0.3 * few


def test_the_law_on_a_grid_holds_all_and_what_it_lacks() -> None:
    law = of(SPREAD, 20, 60).on_grid(Grid(-2.5, 22.5, 5))
    exact = np.histogram(SPREAD, np.linspace(-2.5, 22.5, 6))[0] / 100
    assert law.error is not None
    assert np.abs(law.probabilities - exact).sum() / 2 <= law.error < 0.3
    outside = of(SPREAD, 20, 60).on_grid(Grid(0.5, 22.5, 5))
    assert outside.error is not None
    assert outside.error > 0.4  # the zeros are there


def test_what_has_no_density_is_refused() -> None:
    with pytest.raises(InputError, match="linear and symmetric"):
        spectral_density(aslinearoperator(np.triu(np.ones((6, 6)))), rng=np.random.default_rng(0))
    with pytest.raises(InputError, match="`lower` must be below"):
        of(SPREAD).mass(2.0, 1.0)
    with pytest.raises(InputError, match="on a line"):
        of(SPREAD).on_grid(Grid((0, 0), (1, 1), (2, 2)))


@pytest.mark.parametrize("scale", [1.0, 1e200])
def test_all_eigenvalues_lie_between_the_ends(scale: float) -> None:
    """An even spectrum shows no node at its ends: the control is the outermost nodes, which miss them."""
    even = scale * np.linspace(0, 1, 300)
    for seed in range(5):
        found = of(even, 4, 25, seed)
        low, high = found.ends()
        assert low <= even[0] < found.nodes[0]
        assert found.nodes[-1] < even[-1] <= high
        assert high - low < 1.05 * scale
    assert of(even, 1, 5).ends() == (-np.inf, np.inf)
    assert of(SPREAD, 1, 100).ends() == pytest.approx((-1, 20))


def test_one_eigenvalue_apart_is_between_the_ends() -> None:
    for apart in (-0.02, 0.3, 1.05):
        low, high = of(np.append(np.linspace(0, 1, 299), apart), 2, 40).ends()
        assert low <= min(apart, 0.0)
        assert high >= max(apart, 1.0)
