"""Claims of "Degeneracies are sticky" at tiny sizes; S2 and S8, which take seconds at any size, are left out."""

from dataclasses import replace
from math import isfinite

import numpy as np
import pytest

from compare.claims import Evidence, judge, shipped_claim
from compare.claims.sticky.cubic import W0, cubic, left_of_barrier, spread
from compare.claims.sticky.s3_sharpness import BATCH_SIZE, SHARPNESS, Sweep, _worst
from simulate import SGD, WithoutReplacement, draw_data, run_sgd

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


@pytest.mark.parametrize(("sweep", "every"), [(SHARPNESS, 6), (BATCH_SIZE, 5)])
def test_rates_of_figure_7_are_ones_that_data_sets_have(sweep: Sweep, every: int) -> None:
    rates = sweep.run(every, 8, 300, np.random.default_rng(1))
    assert float(_worst(sweep, rates).estimate) < 1
    assert float(_worst(replace(sweep, read=[4 * one for one in sweep.read]), rates).estimate) > 1  # the control


def test_a_sharper_minimum_has_other_rates() -> None:
    rates = SHARPNESS.run(6, 8, 300, np.random.default_rng(1))
    assert float(_worst(SHARPNESS, rates, 6).estimate) > 1


def test_walkers_that_diverge_on_the_way_of_figure_1_are_counted() -> None:
    rng = np.random.default_rng(1)
    data = draw_data(cubic(), 1000, rng)
    sgd, start = SGD(0.01, 20, sampling=WithoutReplacement()), rng.uniform(-2 * W0, 2 * W0, (2000, 1))
    walkers = run_sgd(cubic(), sgd, start, steps=50, rng=rng, data=data)
    assert 0.1 < walkers.diverged / 2000 < 0.3
    calm = run_sgd(cubic(), replace(sgd, learning_rate=0.001), start, steps=50, rng=rng, data=data)
    assert calm.diverged == 0  # the control
