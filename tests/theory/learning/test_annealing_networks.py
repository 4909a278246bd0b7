"""Learning coefficients of networks with a known truth, by cooled particles."""

from __future__ import annotations

import numpy as np
import pytest
from local_coefficients import seeded

from theory import from_torch, linear_network_coefficient, two_layer_network
from theory.learning import Annealing, LikelihoodRatio, local_learning_coefficient


def interval(model, at, sampler):
    ratio = LikelihoodRatio(model, at)
    return local_learning_coefficient(ratio, at, 2000, rng=seeded(5), sampler=sampler).interval()


def test_two_tanh_units():
    """Aoyagi & Watanabe: 2/3 where the truth is 0; the control, a single unit's 1/2, lies outside."""
    rng = seeded(8)
    model = two_layer_network(rng.normal(size=6), rng.normal(size=6), 2)
    low, high = interval(model, np.zeros(4), Annealing(128, 16, moves=2, leaps=5))
    assert 0.5 < low < 2 / 3 < high < 0.85


def test_reduced_rank_regression_in_torch():
    """2-1-2 of rank 1; the control is the coefficient of rank 0."""
    torch, rng = pytest.importorskip("torch"), seeded(3)
    module = torch.nn.Sequential(*(torch.nn.Linear(n, k, bias=False) for n, k in ((2, 1), (1, 2)))).double()
    with torch.no_grad():
        for layer in module:
            layer.weight.fill_(1.0)
    x = rng.normal(size=(7, 2))
    y = x @ np.ones((2, 2)) + rng.normal(size=(7, 2))
    model = from_torch(module, lambda outputs, labels: ((outputs - labels) ** 2).sum(-1) / 2, x, y)
    low, high = interval(model, model.start, Annealing(48, 8, moves=2, leaps=3))
    exact, control = (float(linear_network_coefficient([2, 1, 2], rank).value) for rank in (1, 0))
    assert control < low < exact < high
