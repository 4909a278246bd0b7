"""The claims on gradient noise: each runs at a tiny size; what they share does what it says."""

import numpy as np
import pytest

from compare.claims import Evidence, shipped_claim
from compare.claims.fine_tuned_noise.one_step import classified, step_noise, whitened_entries
from simulate import SGD, WithReplacement

TINY = {
    "G1": {"walkers": 50},
    "G2": {"sets": 2, "walkers": 10},
    "G3": {"walkers": 100},
    "G4": {"walkers": 50},
    "G5": {"walkers": 50, "steps": 400},
    "G6": {"walkers": 500},
}


@pytest.mark.parametrize("identifier", TINY)
def test_runs_at_a_tiny_size(identifier: str) -> None:
    found = shipped_claim(identifier).function(rng=np.random.default_rng(1), **TINY[identifier])
    assert isinstance(found, Evidence)


def test_entries_are_those_of_the_identity_where_the_covariance_is_right() -> None:
    rng, root = np.random.default_rng(1), np.array([[2.0, 0.0], [0.5, 0.3]])
    entries = whitened_entries(rng.standard_normal((20_000, 2)) @ root.T, root @ root.T)
    assert [one.value for one in entries.values()] == pytest.approx([1, 0, 1], abs=0.05)
    assert [one.estimate.error for one in entries.values()] == pytest.approx(np.sqrt([1e-4, 5e-5, 1e-4]), rel=0.1)


def test_noise_of_single_examples_is_that_of_the_data() -> None:
    rng, at = np.random.default_rng(1), np.array([0.5, 0.5])
    model = classified(5, rng)
    noise = step_noise(model, SGD(0.1, 1, sampling=WithReplacement()), at, 100, rng)
    gradients = model.examples(at[None, None])[0] - model.gradient(at)
    assert np.abs(noise[:, None] - gradients).max(axis=-1).min(axis=1).max() < 1e-12
