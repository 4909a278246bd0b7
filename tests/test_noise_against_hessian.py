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
    Constant,
    Grid,
    HessianProportional,
    InputError,
    NoisyGradient,
    PositivePart,
    ProductModel,
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
    assert_near(found.covariance_ranks[2], 1.0, 1e-12)
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
    if rate > 0.005:  # the box holds a piece without noise
        assert "nothing diffuses" in found.reasons["noise c H"]
        assert found.verdict("noise c H") == "no law"
    else:
        assert found.verdict("noise c H") == "differs"


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
