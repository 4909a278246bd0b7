"""Laws of SGD where the drift or the noise jumps: symmetry, closed products and walkers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm
from sgd_models import seeded

from simulate import SGD, run_sgd, transition_operator
from simulate.transition.chain import Chain
from theory import Density, Grid, HessianProportional, Isotropic, NoisyGradient, SymbolicLandscape

HALF = np.sqrt(0.5)


def crossing(size=50):
    """Of 100 min(x^2, y^2) on a torus from a uniform start: nothing tells x from y."""
    grid = Grid([-1, -1], [1, 1], [size, size], True)
    model = NoisyGradient(SymbolicLandscape("100*min(x**2, y**2)"), Isotropic(1e5, 2))
    return model, SGD(2e-4, 10), grid


def uniform(grid):
    return Density.normalised(grid, np.ones(grid.shape), cell_averages=True)


def moved(aim, width, start, steps, faces, kinks):
    """Cell masses on a line after `steps` from N(0, start^2), by Gauss points between the `kinks`."""
    points, weights = np.polynomial.legendre.leggauss(12)
    ends = np.unique(np.concatenate([np.linspace(faces[0], faces[-1], 60), kinks]))
    half = np.diff(ends) / 2
    x = (ends[:-1, None] + half[:, None] * (1 + points)).ravel()
    area = (half[:, None] * weights).ravel()
    law = norm.pdf(x, scale=start) * area
    push = norm.pdf(x, aim(x)[:, None], width(x)[:, None]) * area
    for _ in range(steps - 1):
        law = law @ push
    return law @ np.diff(norm.cdf(faces, aim(x)[:, None], width(x)[:, None]), axis=1)


def test_a_crossing_is_symmetric_and_that_of_walkers():
    model, sgd, grid = crossing(26)
    steps, walkers = 40, 100_000
    law = transition_operator(model, sgd, grid).evolve(uniform(grid), steps)[0]
    p = law.probabilities
    for other in (p.T, p[::-1], p[:, ::-1], np.rot90(p)):
        assert np.abs(p - other).max() < 1e-13 * p.max()
    w = seeded(1).uniform(-1, 1, (walkers, 2))
    w = run_sgd(model, sgd, w, steps=steps, rng=seeded(2), domain=grid).final
    x, y = w.T
    rates = p.ravel() @ np.abs(grid.centers.reshape(-1, 2)) ** 2 - grid.spacing**2 / 12
    for values, mean in ((x**2, rates[0]), (y**2, rates[1])):
        assert abs(values.mean() - mean) < 5 * values.std() / np.sqrt(walkers)
    near = np.minimum(np.abs(x), np.abs(y)) < 4 * grid.spacing[0]
    cells = np.minimum(*np.moveaxis(np.abs(grid.centers), -1, 0)) < 4 * grid.spacing[0]
    assert abs(near.mean() - p[cells].sum()) < 5 * near.std() / np.sqrt(walkers) + law.error


def test_the_shipped_crossing():
    """Covariances .1787 after 3000 steps; before they were .161 and .196 beside an error of .044."""
    model, sgd, grid = crossing()
    law = transition_operator(model, sgd, grid).evolve(uniform(grid), 3000)[0]
    p, square = law.probabilities, grid.axes[0] ** 2
    np.testing.assert_allclose(
        [p.sum(1) @ square, p.sum(0) @ square], 0.1789 + grid.spacing[0] ** 2 / 12, rtol=2e-3
    )
    assert np.abs(p - p.T).sum() < 1e-12
    assert 0.0048 < law.error < 0.03  # 200 cells along an axis put it .0048 off; half the cells alone say .068


@pytest.mark.parametrize(
    ("landscape", "turn"),
    [
        ("abs(x - 1/100) + y**2", 0.0),
        ("abs(x) + y**2", 0.0),
        ("abs(x + y)/sqrt(2) + (x - y)**2/2", 1.0),
        ("max(x + y, 0)**2 + (x + y)**2/4 + (x - y)**2/2", 1.0),
    ],
)
def test_a_kink_along_a_line_is_a_product(landscape, turn):
    """Isotropic noise: the law across the kink is that of a line, the law along it normal."""
    model, sgd, steps = NoisyGradient(SymbolicLandscape(landscape), Isotropic(1.0, 2)), SGD(0.1, 2), 30
    grid = Grid([-0.9, -0.9], [0.9, 0.9], [36, 36])
    across = np.array([1.0, 0.0]) if turn == 0 else np.array([HALF, HALF])

    def aim(u):
        return u - 0.1 * (model.gradient(u[:, None] * across + 1e-13) @ across)

    width = 0.1 / np.sqrt(2)
    faces = np.linspace(-1.5, 1.5, 601)
    masses = moved(aim, lambda u: np.full(len(u), width), 0.2, steps, faces, [0.01 if "100" in landscape else 0.0])
    middles = (faces[1:] + faces[:-1]) / 2
    start = Density.normalised(grid, np.exp(-(grid.centers**2).sum(axis=-1) / (2 * 0.2**2)))
    law = transition_operator(model, sgd, grid).evolve(start, steps)[0]
    flat, spread = grid.centers.reshape(-1, 2) @ across, grid.spacing[0] ** 2 / 12
    exact = np.array([masses @ middles, masses @ middles**2])
    found = law.probabilities.ravel() @ np.stack([flat, flat**2], axis=1) - [0, spread]
    np.testing.assert_allclose(found, exact, atol=1e-4)
    assert law.error < 0.05
    plain = Chain.of(model, sgd, grid, kinks=False)
    (naive,), _ = plain.evolve(plain.masses(start.probabilities), [steps])
    naive = plain.probabilities(naive).ravel() @ np.stack([flat, flat**2], axis=1) - [0, spread]
    assert np.abs(naive - exact).max() > 5 * np.abs(found - exact).max()


@pytest.mark.parametrize("cells", [80, 81])
@pytest.mark.parametrize(
    ("landscape", "place"),
    [
        ("abs(w) + w**2/4", 0.0),
        ("abs(w - 0.123) + w**2/4", 0.123),
        ("(w**2 - 1)**2/4 + abs(w)/3", 0.0),
        ("w**2/2 + max(w - 0.3, 0)**2*3/2", 0.3),
    ],
)
def test_a_kink_of_a_line_has_its_nodes(landscape, place, cells):
    """At centres, at faces and between: the law is that of Gauss points on both sides, here and on plain nodes."""
    form = SymbolicLandscape(landscape)
    noise = HessianProportional(form, 1.0) if "max" in landscape else Isotropic(1.0, 1)
    model, sgd, grid, steps = NoisyGradient(form, noise), SGD(0.2, 2), Grid(-2, 2, cells), 25

    def width(x):
        return 0.2 / np.sqrt(2) * np.sqrt(model.example_covariance.tensor(x[:, None])[:, 0, 0])

    exact = moved(lambda x: x - 0.2 * model.gradient(x[:, None])[:, 0], width, 0.3, steps, grid.edges[0], [place])
    start = Density.normalised(grid, np.diff(norm.cdf(grid.edges[0], scale=0.3)), cell_averages=True)
    operator = transition_operator(model, sgd, grid)
    assert operator._mesh.kinks == pytest.approx([place], abs=1e-8)
    law = operator.evolve(start, steps)[0]
    miss = np.abs(law.probabilities - exact).sum() / 2
    assert miss < law.error < 1e-3
    assert miss < 2e-6
    plain = Chain.of(model, sgd, grid, kinks=False)
    (naive,) = plain.laws(plain.masses(start.probabilities), [steps]).cells
    assert np.abs(naive - exact).sum() / 2 > 20 * miss


def test_kinks_of_a_circle():
    """Two kinks, one of them where the ends meet; mirrored, the law is mirrored."""
    model = NoisyGradient(SymbolicLandscape("2*min(abs(w), 1 - abs(w)) + w/8*(1 - w**2)"), Isotropic(1.0, 1))
    mirror = NoisyGradient(SymbolicLandscape("2*min(abs(w), 1 - abs(w)) - w/8*(1 - w**2)"), Isotropic(1.0, 1))
    grid = Grid(-1, 1, 40, periodic=True)
    one, other = (transition_operator(m, SGD(0.1, 1), grid).stationary() for m in (model, mirror))
    assert len(transition_operator(model, SGD(0.1, 1), grid)._mesh.kinks) >= 3
    np.testing.assert_allclose(one.values, other.values[::-1], atol=1e-10)
    finer = transition_operator(model, SGD(0.1, 1), Grid(-1, 1, 80, periodic=True)).stationary()
    assert np.abs(one.probabilities - finer.coarsen(2).probabilities).sum() / 2 < one.error < 1e-3


@pytest.mark.parametrize(
    ("landscape", "mirrored", "rate", "box"),
    [
        ("(w**2-1)**2/4 + abs(w)/5 + w/1000000", "(w**2-1)**2/4 + abs(w)/5 - w/1000000", 0.03, 2.0),
        ("(w**2-1)**2/4 + abs(w-0.123)/5", "(w**2-1)**2/4 + abs(w+0.123)/5", 0.03, 2.0),
        ("abs(abs(w)-1)", "abs(abs(w)-1)", 0.06, 2.5),
        ("abs(sin(pi*w/2.5))", "abs(sin(pi*w/2.5))", 0.05, -2.5),
    ],
)
def test_mirrored_jumps_have_mirrored_laws(landscape, mirrored, rate, box):
    """Jumps are placed to rounding, on the seam of a circle too: a millionth of a cell was 1e-7 between wells."""
    grid = Grid(-abs(box), abs(box), 31, box < 0)
    one, other = (
        transition_operator(NoisyGradient(SymbolicLandscape(form), Isotropic(1.0, 1)), SGD(rate, 2), grid)
        .stationary()
        .probabilities
        for form in (landscape, mirrored)
    )
    assert np.abs(one - other[::-1]).sum() / 2 < 1e-11
    assert (one[0] + one[-1] > 0.01) == (box < 0)


@pytest.mark.parametrize("gap", [0.02, 0.05, 0.3])
def test_two_kinks_in_a_cell_are_both_found(gap):
    """Parts of a cell apart: with one of them the law is 1e-3 off and half the nodes do not say so."""
    grid = Grid(-2.5, 2.5, 41)
    places = [0.123, 0.123 + gap * grid.spacing[0]]
    form = SymbolicLandscape(f"w**2/4 + abs(w-{places[0]})/2 + abs(w-{places[1]})/4")
    model, sgd = NoisyGradient(form, Isotropic(1.0, 1)), SGD(0.25, 1)
    operator = transition_operator(model, sgd, grid)
    np.testing.assert_allclose(operator._mesh.kinks, places, atol=1e-12)
