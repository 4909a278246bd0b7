"""C proportional to H, judged by matrices and by the laws that follow."""

from __future__ import annotations

import math

import numpy as np
import pytest
from checks import assert_near

from compare import noise_against_hessian
from simulate import SGD, run_sgd
from simulate.transition import transition_operator
from theory import (
    AbsoluteEigenvalues,
    Constant,
    Density,
    Ensemble,
    Grid,
    HessianProportional,
    InputError,
    NoisyGradient,
    PositivePart,
    ProductModel,
    Refuse,
    SymbolicLandscape,
    gaussian,
)

BOWL = SymbolicLandscape("x**2/2 + 2*y**2")
GRID = Grid((-1.2, -1.2), (1.2, 1.2), (40, 40))
RATE, BATCH = 0.02, 4


def test_proportional_noise_has_one_constant_and_an_isotropic_law():
    """C = 8 H: covariance eta c / 2B whatever the curvature, and noise without direction is another law."""
    model, sgd = NoisyGradient(BOWL, HessianProportional(BOWL, 8.0)), SGD(RATE, BATCH)
    walkers = run_sgd(model, sgd, np.zeros((40_000, 2)), steps=400, rng=np.random.default_rng(1))
    found = noise_against_hessian(model, sgd, walkers, GRID)
    assert_near([found.constant, found.constant.error, found.angle], [8.0, 0.0, 0.0], 1e-7)
    assert found.covariance_ranks == {2: 1.0}  # not 1 and some rounding
    assert found.verdict("noise c H") == found.verdict("own noise C(w)") == "agrees"
    assert found.verdict("isotropic noise") == "differs"
    assert_near(found.laws["noise c H"].covariance, RATE * 8 / (2 * BATCH) * np.eye(2), 1e-3)
    assert_near(found.temperature, RATE / (2 * BATCH) * 8 * 5 / 2, 1e-12)
    assert "best constant" in found.table()


def test_isotropic_noise_is_not_like_the_hessian():
    """C = I and H = diag(1, 4): c = 5 / 17, cos of the angle 5 / sqrt(2 * 17), and the law is Gibbs'."""
    model, sgd = NoisyGradient(BOWL, Constant(np.eye(2))), SGD(RATE, BATCH)
    walkers = run_sgd(model, sgd, np.zeros((40_000, 2)), steps=400, rng=np.random.default_rng(1))
    grid = Grid((-0.3, -0.2), (0.3, 0.2), (40, 40))
    found = noise_against_hessian(model, sgd, walkers, grid)
    assert_near([found.constant, found.angle], [5 / 17, math.acos(5 / math.sqrt(34))], 1e-12)
    assert found.verdict("noise c H") == "differs"
    assert found.verdict("isotropic noise") == "agrees"


@pytest.mark.parametrize("rate", [0.01, 0.005])
def test_minibatches_far_from_the_zeros_of_q(rate):
    """C of a product model is 2 s sigma^2 H at zeros of q only: over the law of SGD the constant is larger.

    All three laws miss that of SGD by order 1 in the rate: its own noise makes it no nearer than c H.
    """
    model, sgd = ProductModel("w**2 - 1", noise_std=0.2), SGD(rate, 2)
    width = 0.8 * math.sqrt(rate / 0.02)
    grid = Grid(1 - width, 1 + width, 400)
    law = transition_operator(model, sgd, grid).stationary()
    found = noise_against_hessian(model, sgd, law, grid, indefinite=PositivePart())
    assert_near(found.constant, 2 * model.loss_scale * 0.2**2 * (1 + 2.05 * rate), 2e-5)
    assert 0 < found.constant.error < 1e-3 * found.constant
    assert found.comparison is not None
    assert_near(found.comparison.distances["own noise C(w)"]["total_variation"].value, 1.08 * rate, 1e-4)
    assert found.verdict("noise c H") == "differs"  # at the larger rate the box holds a piece without noise
    distance = found.comparison.distances["noise c H"]["total_variation"]
    assert 0.4 * rate < distance.value < 0.7 * rate


def test_a_law_that_is_refused_has_its_reason():
    model, sgd, grid = ProductModel("w**2 - 1", noise_std=0.2), SGD(0.01, 2), Grid(0.45, 1.55, 200)
    law = transition_operator(model, sgd, grid).stationary()
    found = noise_against_hessian(model, sgd, law, grid, indefinite=Refuse())
    assert "got the eigenvalue" in found.reasons["noise c H"]
    assert found.verdict("noise c H") == "no law"


def test_what_it_refuses():
    model, sgd = NoisyGradient(BOWL, Constant(np.eye(2))), SGD(RATE, BATCH)
    walkers = run_sgd(model, sgd, np.zeros((20, 2)), steps=2, rng=np.random.default_rng(1))
    with pytest.raises(InputError, match="one dimension"):
        noise_against_hessian(model, sgd, walkers, Grid(-1.0, 1.0, 20))
    flat = SymbolicLandscape("x + y")
    with pytest.raises(InputError, match="Hessian must not vanish"):
        noise_against_hessian(NoisyGradient(flat, Constant(np.eye(2))), sgd, walkers, GRID)
    with pytest.raises(InputError, match="must be on `grid`"):
        noise_against_hessian(model, sgd, gaussian((0.0, 0.0), np.eye(2) / 50, GRID), GRID.refined(2))


def test_walkers_off_the_grid_are_refused():
    """A law that is not on the grid is not judged there: walkers of deviation .05 on (-1e-4, 1e-4)."""
    well, sgd = SymbolicLandscape("w**2/2"), SGD(RATE, BATCH)
    walkers = Ensemble(np.zeros(1), np.random.default_rng(1).normal(0, 0.05, (1, 4000, 1)))
    model = NoisyGradient(well, Constant(np.eye(1)))
    with pytest.raises(InputError, match=r"must stay on the grid, 39\d\d of 4000 left it; widen the `grid`"):
        noise_against_hessian(model, sgd, walkers, Grid(-1e-4, 1e-4, 20))
    noise_against_hessian(model, sgd, walkers, Grid(-0.2, 0.2, 20))


def test_where_the_stationary_law_is_not_unique_the_limit_law_from_the_start_stands_for_it():
    """|H| of two wells vanishes at -+ 1/sqrt(3), where drift alone leads on: three quarters start to the right."""
    wells, grid = SymbolicLandscape("(w**2 - 1)**2/4"), Grid(-2.0, 2.0, 80)
    model = NoisyGradient(wells, HessianProportional(wells, 8.0, AbsoluteEigenvalues()))
    start = np.concatenate([np.linspace(-0.5, 0, 250), np.linspace(0, 1.5, 750)])[:, None]
    walkers = run_sgd(model, SGD(RATE, BATCH), start, steps=200, rng=np.random.default_rng(1))
    initial = Density.normalised(grid, np.where(np.abs(grid.axes[0] - 0.5) < 1, 1.0, 0.0), cell_averages=True)
    alone = noise_against_hessian(model, SGD(RATE, BATCH), walkers, grid)
    assert "take the limit law from an initial density" in alone.reasons["own noise C(w)"]
    found = noise_against_hessian(model, SGD(RATE, BATCH), walkers, grid, initial=initial)
    assert not found.reasons
    for name in ("own noise C(w)", "noise c H"):
        assert_near(found.limits[name].weights, [0.25, 0.75], 1e-6)
        assert found.verdict(name) == "agrees"
    assert "noise c H: limit law: 0.75 x density on (0.57735, 2)" in found.table()
    with pytest.raises(InputError, match="`initial` must be on `grid`"):
        noise_against_hessian(model, SGD(RATE, BATCH), walkers, grid, initial=initial.coarsen(2))


def test_ranks_are_said_with_their_shares():
    """H of x^2/2 + max(y, 0)^3 has rank 2 above y = 0 and 1 below."""
    cubic, sgd = SymbolicLandscape("x**2/2 + max(y, 0)**3"), SGD(RATE, BATCH)
    places = np.zeros((1, 10, 2))
    places[0, :, 1] = [0.5] * 9 + [-0.5]
    grid = Grid((-1.0, -1.0), (1.0, 1.0), (8, 8))
    found = noise_against_hessian(
        NoisyGradient(cubic, Constant(np.eye(2))), sgd, Ensemble(np.zeros(1), places), grid
    )
    assert found.hessian_ranks == {1: 0.1, 2: 0.9}
    assert "ranks of C: 2 everywhere; of H: 2 in 0.9, 1 in 0.1 of the law" in found.table()
    with pytest.raises(
        InputError, match="noise of SGD is proportional to the Hessian is known of plain SGD, got preconditioner"
    ):
        noise_against_hessian(
            NoisyGradient(cubic, Constant(np.eye(2))), SGD(RATE, BATCH, preconditioner=2.0),
            Ensemble(np.zeros(1), places), grid,
        )  # fmt: skip
