"""The claims on walks and diffusions at crossings: each runs at a tiny size; what they share does what it says."""

import numpy as np
import pytest

from compare.claims import Evidence, shipped_claim
from compare.claims.random_motion.wells import anywhere, at_crossing, isotropic_sgd, share, well
from simulate import SGD
from theory import Ensemble

TINY = {
    "B1": {"walks": 2000},
    "B2": {"walkers": 600, "steps": 3200},
    "B3": {"walkers": 20, "steps": 200},
    "B4": {"walkers": 300},
}


@pytest.mark.parametrize("identifier", TINY)
def test_runs_at_a_tiny_size(identifier: str) -> None:
    found = shipped_claim(identifier).function(rng=np.random.default_rng(1), **TINY[identifier])
    assert isinstance(found, Evidence)


def test_share_counts_late_times_and_wraps() -> None:
    positions = np.array([[[0.9, 0.9], [0.9, 0.9]], [[2.0, 0.0], [0.5, 0.0]], [[0.05, 0.05], [0.5, 0.0]]])
    seen = share(Ensemble(np.array([0.0, 1.0, 2.0]), positions), 0.1, 0.5)
    assert seen.value == 0.5
    assert np.isclose(seen.estimate.error, 0.5)
    assert at_crossing(np.array([[2.05, -0.05], [1.0, 0.0]]), 0.1).tolist() == [True, False]


def test_isotropic_sgd_has_the_temperature_asked_for() -> None:
    rng = np.random.default_rng(1)
    flat, start = well("0*x + 0*y"), 0.01 * anywhere(4000, rng)
    for sgd in (SGD(1e-3, 4), SGD(1e-3, 4, momentum=0.5)):
        found = isotropic_sgd(flat, sgd, 0.5, start, steps=20, every=20, rng=rng)
        spread = np.var(found.final - start, axis=0)
        assert spread == pytest.approx(_spread(sgd, 20, 0.5), rel=0.15)


def _spread(sgd: SGD, steps: int, temperature: float) -> float:
    """Variance of sums of noise filtered by momentum."""
    lasting = (1 - float(sgd.momentum) ** np.arange(steps, 0, -1)) / (1 - sgd.momentum)
    rate = sgd.learning_rate
    return float(2 * temperature * rate * (1 - sgd.momentum) * np.sum(lasting**2))
