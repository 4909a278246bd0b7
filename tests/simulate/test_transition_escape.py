"""Escape rates of SGD from one step's matrix: against walkers, over twenty decades, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from checks import observed_order
from sgd_models import seeded

from simulate import SGD, WithReplacement, run_sgd, transition_operator
from simulate.preconditioner import InverseNoise
from theory import Density, Grid, InputError, Isotropic, NoisyGradient, ProductModel, SymbolicLandscape

WELL = NoisyGradient(SymbolicLandscape("(w**2 - 1)**2/4"), Isotropic(4.0, 1))
SHARP_AND_FLAT = ProductModel("(w + 1.8)*(w - 1.8)**2", loss_scale=1.0)


def below(limit):
    return lambda points: points[..., 0] < limit


def sampled_rate(model, sgd, start, limit, settle, steps, walkers):
    """Exits from w < limit over walkers at risk, after `settle` steps of settling in; and its relative error."""
    w, rng = np.full((walkers, 1), start), seeded(7)
    exits = risk = 0
    for step in range(settle + steps):
        after = run_sgd(model, sgd, w, steps=1, rng=rng).final
        stay = after[:, 0] < limit
        if step >= settle:
            exits += np.count_nonzero(~stay)
            risk += len(w)
        w = after[stay]
    return exits / risk, exits**-0.5


@pytest.mark.parametrize(
    ("model", "sgd", "grid", "start", "limit", "run"),
    [
        (WELL, SGD(0.2, 4), Grid(-3, 3, 300), -1.0, 0.0, (60, 400, 20_000)),
        (SHARP_AND_FLAT, SGD(0.01, 20), Grid(-4, 4, 400), -1.8, -0.6, (15, 25, 100_000)),
    ],
    ids=["double well", "sharp and flat"],
)
def test_the_rate_is_that_of_walkers(model, sgd, grid, start, limit, run):
    rate = transition_operator(model, sgd, grid).escape_rate(below(limit))
    sampled, error = sampled_rate(model, sgd, start, limit, *run)
    assert error < 0.01
    assert sampled / rate == pytest.approx(1, abs=min(5 * error + rate.error / rate, 0.03))
    other = transition_operator(model, SGD(sgd.learning_rate * 0.9, sgd.batch_size), grid).escape_rate(
        below(limit)
    )
    assert abs(sampled / other - 1) > 0.1


def test_rare_escapes_follow_arrhenius():
    """T = eta / 2 and a barrier of 1/4: log (rate / eta) falls by 1/2 for each unit of 1 / eta, down to 1e-25."""
    etas = np.array([0.03, 0.02, 0.01])
    rates = [transition_operator(WELL, SGD(eta, 4), Grid(-2.5, 2.5, 1600)).escape_rate(below(0)) for eta in etas]
    slopes = np.diff(np.log(rates / etas)) / np.diff(1 / etas)
    np.testing.assert_allclose(slopes, -0.5, rtol=5e-3)
    assert 7e-25 < rates[-1] < 9e-25
    assert all(rate.error < 0.01 * rate for rate in rates)
    finer = transition_operator(WELL, SGD(0.01, 4), Grid(-2.5, 2.5, 2400)).escape_rate(below(0))
    assert abs(finer - rates[-1]) < rates[-1].error


def test_rates_are_of_second_order_in_the_spacing():
    counts = np.array([100, 150, 200])
    grids = [Grid(-3, 3, n) for n in (*counts, 1200)]
    *rates, exact = [transition_operator(WELL, SGD(0.2, 4), g).escape_rate(below(0)) for g in grids]
    errors = [abs(rate - exact) for rate in rates]
    assert observed_order(1 / counts, errors) == pytest.approx(2, abs=0.3)
    assert all(error < rate.error for error, rate in zip(errors, rates, strict=True))


def test_a_mask_is_the_function_of_its_cells():
    grid = Grid(-3, 3, 200)
    operator = transition_operator(WELL, SGD(0.2, 4), grid)
    mask = grid.centers[..., 0] < 0
    assert operator.chain.shares(region_of(grid, mask)).sum() == 100
    kept = operator.quasi_stationary(below(0.0))
    assert kept.density.mass(mask) == pytest.approx(1, abs=1e-3)
    assert kept.rate == pytest.approx(operator._stay(region_of(grid, mask))[1], rel=1e-8)


def region_of(grid, mask):
    from theory.laws.region import Region

    return Region(grid, mask, "basin")


def test_a_plane_escapes_as_its_line():
    """A double well along x and a parabola along y, independent: the rate is that of the line."""
    grid = Grid([-2.6, -1.6], [2.6, 1.6], [52, 32])
    plane = NoisyGradient(SymbolicLandscape("(x**2 - 1)**2/4 + y**2/2"), Isotropic(4.0, 2))
    rate = transition_operator(plane, SGD(0.2, 4), grid).escape_rate(below(0))
    line = transition_operator(WELL, SGD(0.2, 4), Grid(-2.6, 2.6, 52)).escape_rate(below(0))
    assert abs(rate - line) < rate.error < 0.1 * rate


@pytest.mark.parametrize(
    ("model", "sgd", "grid", "words"),
    [
        (SHARP_AND_FLAT, SGD(0.01, 20, sampling=WithReplacement()), Grid(-1, 1, 50), "needs a data set"),
        (SHARP_AND_FLAT, SGD(0.01, 20, preconditioner=InverseNoise()), Grid(-1, 1, 50), "preconditioner"),
        (ProductModel(["x", "y"]), SGD(0.1, 2), Grid([-1, -1], [1, 1], [20, 20]), "scalar q"),
        (ProductModel("x*y*z"), SGD(0.1, 2), Grid([-1] * 3, [1] * 3, [9] * 3), "1 or 2 dimensions"),
        (ProductModel("x*y"), SGD(0.1, 2, 0.9), Grid([-1, -1], [1, 1], [20, 20]), "momentum"),
        (SHARP_AND_FLAT, SGD(0.1, 2, 0.9), Grid(-1, 1, 20), "position and velocity"),
        (WELL, SGD(0.1, 2), Grid([-1, -1], [1, 1], [20, 20]), "axes"),
        (WELL, SGD(0.1, 2), Grid(-1, 1, 5), "at least 8 cells"),
        (SHARP_AND_FLAT, SGD(0.1, 2), Grid(-1, 1, 20, periodic=True), "periodic"),
        (SymbolicLandscape("w**2"), SGD(0.1, 2), Grid(-1, 1, 20), "NoisyGradient"),
        (NoisyGradient(SymbolicLandscape("1/w**2"), Isotropic(1.0, 1)), SGD(0.1, 2), Grid(-1, 1, 21), "finite"),
    ],
)
def test_what_has_no_operator_is_refused(model, sgd, grid, words):
    with pytest.raises(InputError, match=words):
        _ = transition_operator(model, sgd, grid).chain


def test_bad_questions_are_refused():
    grid = Grid(-3, 3, 100)
    operator = transition_operator(WELL, SGD(0.2, 4), grid)
    initial = Density.normalised(grid, np.ones(100))
    for steps in (-1, [5, 3], 1.5):
        with pytest.raises(InputError, match="steps"):
            operator.evolve(initial, steps)
    with pytest.raises(InputError, match="initial"):
        operator.evolve(Density.normalised(Grid(-3, 3, 50), np.ones(50)), 1)
    with pytest.raises(InputError, match="basin"):
        operator.escape_rate(below(-4))
    with pytest.raises(InputError, match="resolves"):
        transition_operator(WELL, SGD(5e-4, 4), grid).escape_rate(below(0))
    drift = NoisyGradient(SymbolicLandscape("10*w"), Isotropic(0.01, 1))
    with pytest.raises(InputError, match="nobody"):
        transition_operator(drift, SGD(1.0, 1), grid).evolve(initial, 1)
    with pytest.raises(InputError, match="`k`"):
        operator.spectrum(0)
