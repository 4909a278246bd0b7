"""The largest step that a minimum holds."""

from __future__ import annotations

import numpy as np
import pytest

from simulate import SGD, Nesterov
from theory import ProductModel
from theory.base.stability import stability_limit
from theory.manifold import slow_limit


def growth(product: float, momentum: float) -> float:
    """Largest modulus of the eigenvalues of a step on a parabola, on w and w of the step before."""
    ahead, mu = isinstance(momentum, Nesterov), float(momentum)
    push = 1 - product
    step = [[push + mu * (push if ahead else 1), -mu * (push if ahead else 1)], [1.0, 0.0]]
    return float(np.abs(np.linalg.eigvals(np.array(step))).max())


@pytest.mark.parametrize("momentum", [0.0, 0.3, 0.9, Nesterov(0.3), Nesterov(0.9)])
def test_steps_grow_beyond_the_limit_and_shrink_below(momentum: float) -> None:
    limit = stability_limit(momentum)
    assert growth(0.999 * limit, momentum) < 1 < growth(1.001 * limit, momentum)
    if momentum:
        other = stability_limit(float(momentum)) if isinstance(momentum, Nesterov) else 2.0
        assert abs(growth(other, momentum) - 1) > 0.01  # control: of another momentum


def test_the_slow_equation_knows_which_momentum_it_is() -> None:
    model = ProductModel("x*y - 1")
    for momentum in (0.5, Nesterov(0.5)):
        slow = slow_limit(model, SGD(0.1, 4, momentum), (1.0, 1.0))
        assert slow.steepest == pytest.approx(stability_limit(momentum) / 0.1)
