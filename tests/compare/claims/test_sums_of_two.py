"""The claims on sums of two examples: each runs at a tiny size; their examples are what they say."""

import numpy as np
import pytest

from compare.claims import Evidence, shipped_claim
from compare.claims.recent.n2_invariant_measures import EDGE, TILT, two_tilted_wells
from compare.claims.recent.n9_local_maxima import MINIMA, MODEL, exponent

TINY = {"N2": {"walkers": 50, "steps": 20}, "N9": {"walkers": 20, "steps": 20}}


@pytest.mark.parametrize("identifier", TINY)
def test_runs_at_a_tiny_size(identifier: str) -> None:
    found = shipped_claim(identifier).function(rng=np.random.default_rng(1), **TINY[identifier])
    assert isinstance(found, Evidence)


def test_the_edges_of_a_well_stand_still_under_one_example_each() -> None:
    gradients = two_tilted_wells(TILT).examples(np.array([[[EDGE]], [[-EDGE]]]))[..., 0]
    assert np.abs(np.sort(np.abs(gradients), axis=1) - [0, 2 * TILT]).max() < 1e-12


def test_the_exponent_changes_sign_at_the_rate_of_one_sixth() -> None:
    assert exponent(1 / 6) == pytest.approx(0, abs=1e-15)
    assert exponent(0.16) > 0 > exponent(0.17)
    assert np.abs(MODEL.gradient(np.array([[0.0], [MINIMA], [-MINIMA]]))).max() < 1e-12
