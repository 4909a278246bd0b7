"""The claims on Langevin dynamics: each runs at a tiny size, as do those on stationary laws and on shuffling."""

import numpy as np
import pytest

from compare.claims import Evidence, shipped_claim
from compare.claims.published.p2_momentum import HESSIAN, NOISE, RATE, equation
from compare.claims.soul_of_sgd.l1_gradient_flow import flow
from theory import sgd_covariance

TINY = {
    "L1": {"walkers": 1000},
    "L2": {"walkers": 1000, "rates": (0.2, 0.1)},
    "L3": {"walkers": 2000},
    "L4": {"walkers": 1000, "walkers_on_line": 500},
    "L5": {"walkers": 60, "walkers_of_identity": 200},
    "L6": {"walkers": 200},
    "L7": {"walkers": 50, "steps": (100, 1000)},
    "L8": {"walkers": 60},
    "P1": {"walkers": 200},
    "P2": {"walkers": 100},
    "P3": {"walkers": 100},
    "P4": {"walkers": 3000},
    "N1": {"walkers": 100, "rates": 1, "observers": 100},
    "N10": {"walkers": 100},
}


@pytest.mark.parametrize("identifier", TINY)
def test_runs_at_a_tiny_size(identifier: str) -> None:
    found = shipped_claim(identifier).function(rng=np.random.default_rng(1), **TINY[identifier])
    assert isinstance(found, Evidence)


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_the_published_equation_tells_covariances_apart(momentum: float) -> None:
    """0 for that of SGD, and not for one that is off by a tenth of a percent."""
    covariance = sgd_covariance(HESSIAN, NOISE, RATE, momentum)
    assert np.abs(equation(covariance, momentum)).max() < 1e-14
    assert np.abs(equation(1.001 * covariance, momentum)).max() > 1e-5


def test_the_flow_descends_the_quartic() -> None:
    step = 1e-4
    slope = (flow(1.0 + step) - flow(1.0 - step)) / (2 * step)
    assert slope == pytest.approx(-(float(flow(1.0)) ** 3), rel=1e-6)
