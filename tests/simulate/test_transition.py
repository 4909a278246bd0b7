"""Laws of SGD without random numbers, against walkers, closed forms and finer grids."""

from __future__ import annotations

import copy
import itertools
import pickle

import numpy as np
import pytest
from checks import observed_order
from scipy.stats import norm
from sgd_models import seeded

from compare.distances import total_variation
from simulate import SGD, run_sgd, transition_operator
from simulate.transition.batches import batch_rules
from simulate.transition.chain import Chain
from simulate.transition.mesh import Mesh
from simulate.transition.solve import stationary_masses
from theory import (
    Constant,
    Density,
    Grid,
    Histogram,
    Isotropic,
    NoisyGradient,
    NoStationaryDensity,
    ProductModel,
    SymbolicLandscape,
    gibbs,
    linear_regression_covariance,
    sgd_covariance,
)

REGULAR = ProductModel("w - 1/2", noise_std=2.0)
SHARP_AND_FLAT = ProductModel("(w + 1.8)*(w - 1.8)**2", loss_scale=1.0)
RING = ProductModel("x**2 + y**2 - 1", noise_std=2.0)
WALKERS = 100_000
ROTATED = Constant([[20.0, 12.0], [12.0, 20.0]])


def uniform(grid, lower, upper):
    inside = ((grid.centers > lower) & (grid.centers < upper)).all(axis=-1)
    return Density.normalised(grid, inside.astype(float))


def spread(law):
    """Covariance of a law of cell averages: cells spread their mass."""
    centred = law.grid.centers.reshape(-1, law.grid.dim) - law.mean
    return centred.T @ (centred * law.probabilities.reshape(-1, 1)) - np.diag(law.grid.spacing**2 / 12)


def samples(model, sgd, steps, lower, upper, grid):
    """Histograms of walkers from a uniform start after each of the `steps`."""
    w = seeded(3).uniform(lower, upper, (WALKERS, grid.dim))
    rng = seeded(4)
    for span in np.diff(steps, prepend=0):
        kept = w[np.isfinite(w).all(axis=-1)]
        w[np.isfinite(w).all(axis=-1)] = run_sgd(model, sgd, kept, steps=int(span), rng=rng).final
        yield Histogram.from_samples(w, grid)


def floors(seen, law, coarse):
    """Total variation between the law and sampled walkers, in noise floors."""
    distance = total_variation(seen.survivors, law.coarsen(coarse))
    return distance.value / distance.noise_floor


@pytest.mark.parametrize(
    ("model", "sgd", "grid", "ends", "coarse", "last"),
    [
        (REGULAR, SGD(0.02, 20), Grid(-1, 2, 600), (-1, 2), 1, 1000),
        (SHARP_AND_FLAT, SGD(0.01, 20), Grid(-4, 4, 400), (-3.6, 3.6), 1, 400),
        (RING, SGD(0.05, 20), Grid([-2, -2], [2, 2], [100, 100]), (-1, 1), 2, 200),
    ],
    ids=["regular", "sharp and flat", "ring"],
)
def test_the_law_is_that_of_walkers_at_every_step(model, sgd, grid, ends, coarse, last):
    steps = [1, 10, 100, last]
    initial = uniform(grid, *ends)
    laws = transition_operator(model, sgd, grid).evolve(initial, steps)
    twice = transition_operator(model, SGD(2 * sgd.learning_rate, sgd.batch_size), grid).evolve(initial, steps[2:])
    seen = list(samples(model, sgd, steps, *ends, grid.coarsened(coarse)))
    for law, outside, sample in zip(laws, laws.outside, seen, strict=True):
        assert floors(sample, law, coarse) < 1.5
        assert abs(outside - sample.lost) < 5 * np.sqrt(max(outside, 1e-4) / WALKERS)
    for law, sample in zip(twice, seen[2:], strict=True):
        assert floors(sample, law, coarse) > 4


def test_small_batches_are_not_gaussian():
    model, sgd, grid = ProductModel("w"), SGD(1.0, 3), Grid(-30, 30, 600)
    surrogate = NoisyGradient(model, model.example_covariance)
    law, normal = (
        transition_operator(m, sgd, grid).evolve(uniform(grid, -2, 2), 50)[0] for m in (model, surrogate)
    )
    (seen,) = samples(model, sgd, [50], -2, 2, grid.coarsened(3))
    assert floors(seen, law, 3) < 1.5
    assert floors(seen, normal, 3) > 10


@pytest.mark.parametrize(
    ("model", "sgd", "grid"),
    [
        (SHARP_AND_FLAT, SGD(0.01, 20), Grid(-4, 4, 160)),
        (ProductModel("w**2", noise_std=0.0), SGD(0.05, 1), Grid(-2, 2, 90)),
        (RING, SGD(0.05, 3), Grid([-2, -1], [1, 2], [30, 40])),
        (
            NoisyGradient(SymbolicLandscape("x**2/2 + 3*y**2/2"), ROTATED),
            SGD(0.1, 10),
            Grid([-1, -1], [1, 1], [24, 40]),
        ),
        (
            NoisyGradient(SymbolicLandscape("-x**2"), Isotropic(0.5, 1)),
            SGD(0.1, 3, 0.9),
            Grid([-1, -1], [1, 1], [30, 24]),
        ),
    ],
    ids=["line", "no label noise", "rank one", "full rank", "momentum"],
)
def test_no_walker_is_lost(model, sgd, grid):
    chain = transition_operator(model, sgd, grid).chain
    assert np.abs(chain.matrix.sum(axis=0) + chain.outside - 1).max() < 1e-13
    masses, lost = chain.evolve(chain.masses(np.full(grid.shape, 1 / grid.size)), [1, 50, 400])
    assert np.abs([m.sum() + out - 1 for m, out in zip(masses, lost, strict=True)]).max() < 1e-13 * 400
    assert chain.probabilities(masses[0]).sum() == pytest.approx(masses[0].sum(), abs=1e-13)


def test_linear_regression_has_its_exact_variance():
    model, grid = ProductModel("w"), Grid(-10, 10, 500)
    law = transition_operator(model, SGD(0.3, 2), grid).stationary()
    variance = spread(law)[0, 0]
    assert variance == pytest.approx(0.15 / 1.4, rel=1e-6)
    assert variance == pytest.approx(linear_regression_covariance(model, 0.3, 2)[0, 0], rel=1e-6)
    assert variance > 1.4 * 0.3 / 4  # the value of the stochastic equation


@pytest.mark.parametrize(("rate", "batch", "index"), [(1.0, 4, 3.505), (0.3, 1, 5.306)])
def test_tails_are_powers(rate, batch, index):
    grid = Grid(-80, 80, 1600)
    law = transition_operator(ProductModel("w"), SGD(rate, batch), grid).stationary()
    x = grid.axes[0]
    far = (x > 10) & (x < 25)
    slope = np.polyfit(np.log(x[far]), np.log(law.values[far]), 1)[0]
    assert -1 - slope == pytest.approx(index, rel=0.03)
    assert abs(-1 - slope - (1 + batch / rate)) > 0.1 * index  # the index of the stochastic equation


def test_momentum_has_its_exact_variance():
    model, sgd = NoisyGradient(SymbolicLandscape("x**2/2"), Isotropic(1.0, 1)), SGD(0.1, 4, 0.5)
    grid = Grid([-1.2, -0.5], [1.2, 0.5], [64, 64])
    law = transition_operator(model, sgd, grid).stationary()
    exact = sgd_covariance([[1.0]], [[0.25]], 0.1, 0.5)[0, 0]
    assert spread(law)[0, 0] == pytest.approx(exact, rel=1e-6)
    assert exact > 1.5 * sgd_covariance([[1.0]], [[0.25]], 0.1)[0, 0]


def test_a_rotated_quadratic_has_its_exact_covariance():
    model = NoisyGradient(SymbolicLandscape("x**2/2 + 3*y**2/2"), Constant([[2.0, 1.2], [1.2, 2.0]]))
    grid = Grid([-0.7, -0.42], [0.7, 0.42], [64, 64])
    law = transition_operator(model, SGD(0.1, 10), grid).stationary()
    exact = sgd_covariance([[1, 0], [0, 3]], np.array([[0.2, 0.12], [0.12, 0.2]]), 0.1)
    np.testing.assert_allclose(spread(law), exact, rtol=1e-5)


def test_short_steps_neither_freeze_nor_diffuse():
    """Drift .003 and noise .05 of a cell a step: mean and variance are those of the steps, to rounding."""
    grid = Grid(-1, 1, 100)
    model = NoisyGradient(SymbolicLandscape("0.6*x"), Isotropic(1.0, 1))
    initial = Density.normalised(grid, np.diff(norm.cdf(grid.edges[0], scale=0.1)), cell_averages=True)
    law = transition_operator(model, SGD(1e-4, 1), grid).evolve(initial, 500)[0]
    assert law.mean[0] == pytest.approx(-500 * 0.6e-4, rel=1e-9)
    grown = spread(law)[0, 0] - 0.1**2
    assert grown == pytest.approx(500 * 1e-8, rel=1e-4)


def test_a_step_without_noise_moves_walkers_by_the_gradient():
    grid = Grid(-6, 6, 600)
    model = ProductModel("w", noise_std=0.0)
    initial = Density.normalised(grid, np.diff(norm.cdf(grid.edges[0], 0.3, 0.1)), cell_averages=True)
    law = transition_operator(model, SGD(0.4, 2), grid).evolve(initial, 1)[0]
    square = lambda d: spread(d)[0, 0] + d.mean[0] ** 2  # noqa: E731
    assert law.mean[0] == pytest.approx(0.6 * initial.mean[0], rel=1e-5)
    assert square(law) == pytest.approx((0.6**2 + 0.4**2) * square(initial), rel=1e-4)  # Var chi2_2 / 2 = 1


def test_collapse_onto_a_flat_minimum_has_its_lyapunov_exponent():
    """The minimum q = 3.6 u^2 near 0: log |u| falls by 8 c^2 eta^2 / B a step and spreads by twice that."""
    grid = Grid(1.7, 1.9, 200)
    operator = transition_operator(SHARP_AND_FLAT, SGD(0.01, 20), grid)
    initial = uniform(grid, 1.801, 1.802)
    chain = operator.chain
    logs = np.log(np.abs(chain.mesh.nodes - 1.8))
    masses, _ = chain.evolve(chain.masses(initial.probabilities), [0, 600])
    before, after = (m @ logs for m in masses)
    spread = [m @ logs**2 - (m @ logs) ** 2 for m in masses]
    assert (after - before) / 600 == pytest.approx(-5.184e-4, rel=0.02)
    assert (spread[1] - spread[0]) / 600 == pytest.approx(2 * 5.184e-4, rel=0.02)
    assert masses[1][chain.mesh.nodes < 1.8].sum() == pytest.approx(0, abs=1e-12)  # nobody crosses


def test_narrow_noise_has_nodes_of_its_own():
    """OU with steps of a quarter of a cell to a half: cell averages against the exact normal law.

    With one node a cell the law errs to fourth order.
    """
    errors, plain, widths = [], [], (0.01, 0.0075, 0.005)
    for width in widths:
        grid = Grid(-0.3, 0.3, round(0.6 / width))
        model = NoisyGradient(SymbolicLandscape("x**2/2"), Isotropic(1.0, 1))
        law = transition_operator(model, SGD(0.0025, 1), grid).stationary()
        scale = 0.0025 / np.sqrt(1 - (1 - 0.0025) ** 2)
        exact = np.diff(norm.cdf(grid.edges[0], scale=scale))
        errors.append(np.abs(law.probabilities - exact).sum() / 2)
        assert errors[-1] < law.error < 100 * errors[-1]
        chain = Chain.of(model, SGD(0.0025, 1), grid, Mesh(grid, np.empty(0)))
        plain.append(np.abs(chain.probabilities(stationary_masses(chain)[0]) - exact).sum() / 2)
    assert max(errors) < 1e-8
    assert min(plain) > 1e-5
    assert observed_order(widths, plain) == pytest.approx(4, abs=0.6)


def test_spectral_accuracy_where_the_noise_is_wide():
    model = NoisyGradient(SymbolicLandscape("x**2/2"), Isotropic(1.0, 1))
    grid = Grid(-2, 2, 80)
    operator = transition_operator(model, SGD(0.1, 1), grid)
    np.testing.assert_allclose(operator.spectrum(5), 0.9 ** np.arange(5), atol=1e-9)
    law = operator.stationary()
    scale = 0.1 / np.sqrt(1 - 0.9**2)
    mesh = operator.chain.mesh
    masses, *_ = stationary_masses(operator.chain)
    np.testing.assert_allclose(masses / mesh.spacing, norm.pdf(mesh.nodes, scale=scale), atol=1e-13, rtol=1e-11)
    assert np.abs(law.probabilities - np.diff(norm.cdf(grid.edges[0], scale=scale))).sum() / 2 < law.error


def test_powers_of_the_full_matrix_are_the_steps():
    grid = Grid(-1, 2, 120)
    chain = transition_operator(REGULAR, SGD(0.02, 20), grid).chain
    start = chain.masses(uniform(grid, -1, 2).probabilities)
    (law,), _ = chain.evolve(start, [800])
    np.testing.assert_allclose(chain._powers(start, 800), law, atol=1e-13)
    (far,), _ = chain.evolve(start, [10**6])  # too many to make one by one
    np.testing.assert_allclose(far / far.sum(), law / law.sum(), atol=1e-4)


def test_a_torus_keeps_its_walkers():
    grid = Grid(-1, 1, 60, periodic=True)
    model = NoisyGradient(SymbolicLandscape("cos(pi*x)"), Isotropic(4.0, 1))
    operator = transition_operator(model, SGD(0.05, 1), grid)
    assert operator.chain.outside.max() == 0
    start = seeded(2).uniform(-1, 1, (WALKERS, 1))
    seen = run_sgd(model, SGD(0.05, 1), start, steps=400, rng=seeded(4), domain=grid).histogram(grid)
    distance = total_variation(seen, operator.stationary())
    assert distance.value < 1.5 * distance.noise_floor
    assert operator.stationary().values.max() > 2 * operator.stationary().values.min()


@pytest.mark.parametrize(
    ("model", "sgd", "grid", "words"),
    [
        (SHARP_AND_FLAT, SGD(0.01, 20), Grid(-4, 4, 400), "collapse"),
        (SHARP_AND_FLAT, SGD(0.003, 20), Grid(-4, 4, 400), "unique"),
        (REGULAR, SGD(0.02, 20), Grid(0, 0.6, 200), "stay on the grid"),
        (
            NoisyGradient(SymbolicLandscape("(w - 1/2)**2"), Isotropic(1e-6, 1)),
            SGD(0.02, 1),
            Grid(-3, 4.3, 24),
            "follow the mesh",
        ),
    ],
)
def test_no_stationary_law_where_there_is_none(model, sgd, grid, words):
    with pytest.raises(NoStationaryDensity, match=words):
        transition_operator(model, sgd, grid).stationary()


@pytest.mark.parametrize("batch", [1, 2, 3, 8, 20, 100])
def test_every_rule_over_batches_has_their_moments(batch):
    """E r^2 = 1, E r^4 = 1 + 2/B and E r^6 = (1 + 2/B)(1 + 4/B) for r^2 = chi2_B / B."""
    starts, nodes, weights = batch_rules(batch)
    exact = (1.0, 1 + 2 / batch, (1 + 2 / batch) * (1 + 4 / batch))
    for begin, stop in itertools.pairwise(starts):
        found = [weights[begin:stop] @ nodes[begin:stop] ** power for power in (2, 4, 6)]
        np.testing.assert_allclose(found, exact, rtol=3e-9)


@pytest.mark.parametrize("again", [lambda one: pickle.loads(pickle.dumps(one)), copy.deepcopy, copy.copy])
def test_laws_of_several_steps_are_copied_with_what_has_left(again):
    model, grid = NoisyGradient(SymbolicLandscape("w**2/2"), Isotropic(1.0, 1)), Grid(-1.0, 1.0, 20)
    laws = transition_operator(model, SGD(0.5, 1), grid).evolve(gibbs(model.landscape, 0.3, grid), [1, 3])
    copied = again(laws)
    assert type(copied) is type(laws)
    np.testing.assert_array_equal(copied.outside, laws.outside)
    np.testing.assert_array_equal(copied[1].values, laws[1].values)
