"""Claims of "Degeneracies are sticky" at tiny sizes; S2, S3 and S8 take seconds at any size and are not run."""

from math import isfinite

import numpy as np
import pytest

from compare.claims import Evidence, judge, shipped_claim
from compare.claims.sticky.cubic import W0, cubic, left_of_barrier, spread
from simulate import SGD

TINY = {
    "S1": {"walkers": 1000},
    "S4": {"walkers": 1000},
    "S5": {"walkers": 50, "long": 10_000},
    "S6": {"walkers": 100},
    "S7": {"walkers": 100, "steps": 4000},
    "S9": {"walkers": 400},
    "S10": {"walkers": 200},
}


@pytest.mark.parametrize("name", TINY)
def test_claim_gives_finite_numbers_and_a_control(name):
    claim = shipped_claim(name)
    found = claim.function(rng=np.random.default_rng(1), **TINY[name])
    assert isinstance(found, Evidence)
    verdict, rows = judge(found)
    assert verdict.words
    assert all(isfinite(row.value) and row.low <= row.high for row in rows)
    assert any(row.part == "control" for row in rows)
    assert set(TINY[name]) == set(claim.sizes["quick"])


def test_spread_holds_one_more_data_set_as_often_as_it_says():
    rng = np.random.default_rng(1)
    inside = 0
    for _ in range(2000):
        low, high = spread(rng.normal(0.12, 0.03, 8))
        inside += low < rng.normal(0.12, 0.03) < high
    assert abs(inside / 2000 - 0.99) < 0.008


def test_nobody_is_lost_between_left_right_and_diverged():
    start = np.full((200, 1), -W0)
    seen = left_of_barrier(W0, SGD(0.001, 20), start, 5, np.random.default_rng(1))
    assert list(seen.inside) == [200] * 6
    assert cubic().value(np.array([[-W0 / 3]]))[0] > 40
