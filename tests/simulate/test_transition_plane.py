"""Laws of SGD in the plane where noise is narrow: what a thousand steps keep, and of what order they err."""

from __future__ import annotations

import numpy as np
import pytest
from checks import observed_order
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import make_interp_spline

from simulate import SGD, transition_operator
from simulate.transition.chain import Chain
from simulate.transition.matrix import build_matrix, splined
from simulate.transition.mesh import sharpened
from simulate.transition.sources import plane_sources
from simulate.transition.spline import Splines, spline_weights
from simulate.transition.step import PlaneStep, read_step
from theory import (
    AbsoluteEigenvalues,
    Constant,
    Density,
    Grid,
    HessianProportional,
    Isotropic,
    LossProportional,
    NoisyGradient,
    ProductModel,
    SymbolicLandscape,
)

RING = ProductModel("x**2 + y**2 - 1", noise_std=2.0)
VALLEY = NoisyGradient(  # steep along (1, 1), where the noise is, and 60 times less across
    SymbolicLandscape("3*(x + y)**2/8 + (x - y)**2/160"), Constant([[4.5, 4.5], [4.5, 4.5]])
)
SLOW = SGD(0.02, 1)


def normal(grid, mean, covariance):
    """Probabilities of cells under a normal law, by 4 x 4 Gauss points in each."""
    points, weights = np.polynomial.legendre.leggauss(4)
    offsets = np.stack(np.meshgrid(points, points, indexing="ij"), axis=-1).reshape(-1, 2) / 2 * grid.spacing
    ahead = grid.centers[..., None, :] + offsets - mean
    power = np.einsum("...i,ij,...j->...", ahead, np.linalg.inv(covariance), ahead)
    cells = np.exp(-power / 2) @ np.outer(weights, weights).ravel()
    return cells / cells.sum()


def moments(model, sgd, mean, covariance, steps):
    """Mean and covariance after `steps` of a linear map with constant noise."""
    push = np.eye(2) - sgd.learning_rate * model.hessian(np.zeros(2))
    noise = sgd.learning_rate**2 / sgd.batch_size * model.example_covariance.matrix
    for _ in range(steps):
        mean, covariance = push @ mean, push @ covariance @ push.T + noise
    return mean, covariance


def put(place, count, periodic):
    """What a walker at `place` brings to each of the nodes of a line."""
    splines = Splines(Grid([0, 0], [1, 1], [count, count], (periodic, periodic)))
    weights, plane = np.empty(4), np.zeros((count, count))
    first = spline_weights(place, count, periodic, splines.knots[0], weights)
    assert weights.min() >= 0
    plane[(first + np.arange(4)) % count, 3] = weights
    return splines.masses(plane.ravel()).reshape(count, count).sum(axis=1)


@settings(max_examples=50)
@given(place=st.floats(-0.5, 10.5), shift=st.integers(-20, 20))
def test_walkers_are_put_by_cardinal_splines(place, shift):
    nodes = np.arange(11.0)
    cardinal = make_interp_spline(nodes, np.eye(11), k=3)
    np.testing.assert_allclose(put(place, 11, False), cardinal(place), atol=1e-14)
    np.testing.assert_allclose(put(place, 11, False) @ nodes**3, place**3, atol=1e-11)
    np.testing.assert_allclose(put(place + shift, 11, True), np.roll(put(place, 11, True), shift), atol=1e-13)


def test_a_thousand_steps_of_a_linear_map_err_to_fourth_order():
    """The exact law is normal; noise, of one or two cells a step, has one direction."""
    start, steps = (np.array([0.2, -0.1]), np.array([[0.04, 0.01], [0.01, 0.05]])), 1000
    errors, blurred, cells = [], [], np.array([40, 56, 80])
    for n in cells:
        grid = Grid([-1.2, -1.2], [1.2, 1.2], [n, n])
        exact = normal(grid, *moments(VALLEY, SLOW, *start, steps))
        operator = transition_operator(VALLEY, SLOW, grid)
        law = operator.evolve(Density(grid, normal(grid, *start) / grid.cell_volume, cell_averages=True), steps)[0]
        errors.append(np.abs(law.probabilities - exact).sum() / 2)
        assert errors[-1] < law.error < 40 * errors[-1]
        compact = Chain.of(VALLEY, SLOW, grid, rare=True)
        (masses,), _ = compact.evolve(compact.masses(normal(grid, *start)), [steps])
        blurred.append(np.abs(compact.probabilities(masses) - exact).sum() / 2)
    assert observed_order(1 / cells, errors) == pytest.approx(4, abs=0.4)
    assert errors[-1] < 3e-3
    assert blurred[-1] > 8 * errors[-1]  # Lagrange's cubic


def test_walkers_about_a_ring_keep_their_angle():
    """Gradient and noise of q = r^2 - 1 are radial: E exp(6 i phi) stays, and the radius moves as on a line."""
    grid, sgd, steps = Grid([-2, -2], [2, 2], [64, 64]), SGD(0.05, 20), 400
    x, y = grid.centers.reshape(-1, 2).T
    wave, radius = np.exp(6j * np.arctan2(y, x)), np.hypot(x, y)
    initial = normal(grid, np.array([0.9, 0.5]), 0.15**2 * np.eye(2))
    lost = []
    for compact in (True, False):
        chain = Chain.of(RING, sgd, grid, rare=compact)
        masses = chain.masses(initial)
        (after,), _ = chain.evolve(masses, [steps])
        lost.append(np.abs((after - masses) @ wave))
    line = transition_operator(ProductModel("w**2 - 1", noise_std=2.0), sgd, Grid(0.2, 1.8, 800))
    start = Density.normalised(line.grid, np.exp(-((line.grid.centers[..., 0] - 1) ** 2) / 0.045))
    law = line.evolve(start, steps)[0]
    assert lost[1] < 5e-3
    assert lost[0] > 8 * lost[1]
    assert after @ radius == pytest.approx(law.mean[0], rel=1e-4)


def test_noise_that_is_narrow_one_way_and_wide_another():
    """A tenth of a cell along x, seven along y: the law after a step is normal, no comb of quadrature points."""
    model = NoisyGradient(SymbolicLandscape("0*x + 0*y"), Constant([[0.01, 0.0], [0.0, 25.0]]))
    grid, sgd, width = Grid([-1.2, -3], [1.2, 3], [24, 90]), SGD(0.1, 1), np.diag([0.06, 0.02])
    law = transition_operator(model, sgd, grid).evolve(
        Density(grid, normal(grid, np.zeros(2), width) / grid.cell_volume, cell_averages=True), 1
    )[0]
    exact = normal(grid, *moments(model, sgd, np.zeros(2), width, 1))
    assert np.abs(law.probabilities - exact).sum() / 2 < 1e-3


def test_cells_of_narrow_laws_and_of_edges():
    """A normal law a cell and a tenth wide is averaged over its cells; a box and a point gain nothing negative."""
    grid = Grid([-1, -1], [1, 1], [20, 20])
    covariance = (1.1 * grid.spacing[0]) ** 2 * np.eye(2)
    at_nodes = np.exp(-(grid.centers**2).sum(axis=-1) / (2 * covariance[0, 0]))
    at_nodes /= at_nodes.sum()
    exact = normal(grid, np.zeros(2), covariance)
    assert np.abs(sharpened(at_nodes, 1 / 24, grid.periodic) - exact).sum() / 2 < 5e-3
    assert np.abs(at_nodes - exact).sum() / 2 > 2e-2
    box = (np.abs(grid.centers) < 0.5).all(axis=-1) / 100
    np.testing.assert_array_equal(sharpened(sharpened(box, -1 / 24, grid.periodic), 1 / 24, grid.periodic), box)
    assert sharpened(exact, -1 / 24, grid.periodic).min() >= 0


def test_noise_that_is_narrow_here_and_wide_there():
    """Splines about the origin, values of the density outside: the law is that of all values on a finer grid."""
    noise = LossProportional(SymbolicLandscape("1/10 + x**2 + y**2"), 4.5)
    model, laws, mixed = NoisyGradient(SymbolicLandscape("x**2 + y**2"), noise), [], []
    for n in (32, 64):
        grid = Grid([-1.5, -1.5], [1.5, 1.5], [n, n])
        operator = transition_operator(model, SGD(0.1, 1), grid)
        initial = Density.normalised(
            grid, normal(grid, np.array([0.3, 0.1]), 0.04 * np.eye(2)), cell_averages=True
        )
        mixed.append(splined(read_step(model, SGD(0.1, 1), grid.centers.reshape(-1, 2)), grid))
        laws.append(operator.evolve(initial, 20)[0])
    assert 0 < np.count_nonzero(mixed[0]) < 900
    assert not mixed[1].any()
    moved = np.abs(laws[0].probabilities - laws[1].coarsen(2).probabilities).sum() / 2
    assert moved < min(laws[0].error, 5e-3)


def test_rates_where_noise_has_one_direction():
    """A double well along x with all the noise, a parabola along y without: the rate is that of the line."""
    plane = NoisyGradient(SymbolicLandscape("(x**2 - 1)**2/4 + y**2/2"), Constant([[4.0, 0.0], [0.0, 0.0]]))
    line = NoisyGradient(SymbolicLandscape("(x**2 - 1)**2/4"), Isotropic(4.0, 1))
    rates = []
    for model, grid in ((plane, Grid([-2.4, -1], [2.4, 1], [72, 10])), (line, Grid(-2.4, 2.4, 72))):
        operator = transition_operator(model, SGD(0.1, 4), grid)
        rates.append(operator.escape_rate(lambda w: w[..., 0] < 0))
        assert operator._rare.splines is None
    assert abs(rates[0] - rates[1]) < 0.02 * rates[1]


@pytest.mark.parametrize("periodic", [False, True])
def test_columns_have_the_moments_of_a_step(periodic):
    """Narrow or wide along each axis and across any direction: means and covariances to rounding."""
    grid = Grid([0, 0], [60, 60], [60, 60], periodic)
    widths = [0.0, 1e-3, 0.3, 0.9, 1.1, 1.5, 2.5]
    factor = np.array([[a, b, c] for a in widths for b in (0.0, 0.4, -2.0) for c in widths])
    base = seeded_places(len(factor))
    splines = Splines(grid)
    matrix, outside = build_matrix(PlaneStep(base, factor), grid, None, splines)
    narrow = splined(PlaneStep(base, factor), grid)
    assert 0 < np.count_nonzero(~narrow) < len(factor) / 5
    np.testing.assert_allclose(outside, 0, atol=1e-12)
    columns = matrix.toarray()
    for k, (a, b, c) in enumerate(factor):
        masses = splines.masses(columns[:, k]) if narrow[k] else columns[:, k]
        ahead = grid.centers.reshape(-1, 2) - base[k]
        np.testing.assert_allclose(masses @ ahead, 0, atol=1e-11)
        moments = masses @ np.stack([ahead[:, 0] ** 2, ahead[:, 0] * ahead[:, 1], ahead[:, 1] ** 2], axis=1)
        np.testing.assert_allclose(moments, [a * a, a * b, b * b + c * c], atol=2e-10)


def seeded_places(count):
    return 30 + np.random.default_rng(1).uniform(-0.5, 0.5, (count, 2))


def test_noise_of_an_indefinite_hessian_is_that_of_two_lines():
    """|H| of f(x) + g(y): the law is the product of those of the lines, and H as it bends costs few sources."""
    parts = "(x**2 - 1/2)**2", "y**2/2"
    lines, sgd, steps = Grid(-1.6, 1.6, 640), SGD(0.1, 2), 12
    begin = Density.normalised(lines, np.exp(-(lines.centers[..., 0] ** 2) / 0.18))
    product = np.ones((32, 32))
    for axis, part in enumerate(parts):
        form = SymbolicLandscape(part)
        model = NoisyGradient(form, HessianProportional(form, 2.0, AbsoluteEigenvalues()))
        law = transition_operator(model, sgd, lines).evolve(begin, steps)[0].coarsen(20).probabilities
        product *= law if axis else law[:, None]
    whole = SymbolicLandscape(" + ".join(parts))
    model = NoisyGradient(whole, HessianProportional(whole, 2.0, AbsoluteEigenvalues()))
    grid = Grid([-1.6, -1.6], [1.6, 1.6], [32, 32])
    start = begin.coarsen(20).probabilities
    initial = Density(grid, np.outer(start, start) / grid.cell_volume, cell_averages=True)
    law = transition_operator(model, sgd, grid).evolve(initial, steps)[0]
    miss = np.abs(law.probabilities - product).sum() / 2
    assert miss < law.error < 0.1
    constant = NoisyGradient(whole, Constant(np.diag([4.0, 2.0])))
    other = transition_operator(constant, sgd, grid).evolve(initial, steps)[0]
    assert np.abs(other.probabilities - product).sum() / 2 > 2 * law.error
    sources = plane_sources(lambda points: read_step(model, sgd, points), grid)
    assert len(sources.step.base) < 12 * grid.size


def test_a_law_that_has_settled_stays_and_leaks_on():
    """What a chain of steps does after its law has settled, without the steps."""
    model = NoisyGradient(SymbolicLandscape("x**2/2 + y**2/2"), Isotropic(2.0, 2))
    grid = Grid([-1, -1], [1, 1], [24, 24])
    chain = Chain.of(model, SGD(0.1, 1), grid)
    masses, gone = chain.masses(np.full((24, 24), 1 / 576)), 0.0
    (found, longer), lost = chain.evolve(masses, [400, 500])
    for k in range(500):
        gone += chain.outside @ masses
        masses = chain.step(masses)
        if k == 399:
            np.testing.assert_allclose(found, masses, rtol=1e-10)
            assert lost[0] == pytest.approx(gone, rel=1e-12)
    np.testing.assert_allclose(longer, masses, rtol=1e-10)
    assert 1e-3 < lost[1] == pytest.approx(gone, rel=1e-12)


@pytest.mark.parametrize("cells", [32, 48, 56])
def test_a_heavy_ball_has_its_variance_on_few_cells(cells):
    """Coefficients of splines are no masses: a law of theirs alone is 4 to 7 % too wide."""
    a, momentum, rate = 1.58, 0.68, 0.518
    ball = NoisyGradient(SymbolicLandscape(f"{a}*w**2/2"), Isotropic(1.0, 1))
    variance = rate * (1 + momentum) / (a * (1 - momentum) * (2 * (1 + momentum) - rate * a))
    half = 7 * variance**0.5
    operator = transition_operator(
        ball, SGD(rate, 1, momentum=momentum), Grid((-half, -half), (half, half), (cells, cells))
    )
    law = operator.stationary()
    found = law.covariance[0, 0]
    assert abs(found - variance) < 1e-4 * variance


def test_a_law_that_hardly_leaks_is_not_refused():
    """Noise wide across the cells: a leak of 1e-9 a step is nothing where laws settle in ten steps."""
    bowl = NoisyGradient(SymbolicLandscape("(x**2 + y**2)/2", variables=("x", "y")), Isotropic(1.0, 2))
    law = transition_operator(bowl, SGD(0.5, 1), Grid((-3.4, -3.4), (3.4, 3.4), (24, 24))).stationary()
    assert law.error < 0.01
