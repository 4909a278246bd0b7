"""Local learning coefficients without a matrix, against closed forms and against those with one."""

from __future__ import annotations

import math

import numpy as np
import pytest

from theory import CallableLandscape, InputError
from theory.base.arrays import Array
from theory.learning import (
    MALA,
    SGLD,
    Annealing,
    Localization,
    LocalLearningCoefficient,
    PreconditionedSGLD,
    large_target,
    local_learning_coefficient,
)

CURVATURES = np.linspace(0.5, 4.0, 700)
COLD = 1000 / math.log(1000)  # n beta at n = 1000


def bowl(curvatures: Array = CURVATURES) -> CallableLandscape:
    dim = len(curvatures)
    return CallableLandscape(
        lambda w: (curvatures * w**2).sum(axis=-1) / 2,
        lambda w: curvatures * w,
        lambda w: np.broadcast_to(np.diag(curvatures), (*np.shape(w)[:-1], dim, dim)),
        dim=dim,
    )


def estimate(curvatures: Array = CURVATURES, seed: int = 0, **options) -> LocalLearningCoefficient:
    numbers = {"chains": 8, "steps": 800, "burn_in": 200, **options}
    return local_learning_coefficient(
        bowl(curvatures), np.zeros(len(curvatures)), 1000, rng=np.random.default_rng(seed), **numbers
    )


def held(strength: float, curvatures: Array = CURVATURES) -> float:
    """N beta E[L] of chains that a localization of this strength holds."""
    return float((COLD * curvatures / (COLD * curvatures + strength)).sum() / 2)


@pytest.mark.parametrize("sampler", [MALA(), SGLD(5e-4)])
def test_a_strong_localization_is_not_taken_out_and_the_value_says_so(sampler):
    found = estimate(sampler=sampler, localization=Localization(600.0))
    low, high = found.interval(0.999)
    assert found.held
    assert found.value == found.tempered
    assert low < held(600.0) < high
    assert not low < held(300.0) < high  # control: half the strength
    assert found.degenerate == 700
    assert "strength=600, held=True" in repr(found)


def test_the_step_of_sgld_is_in_the_interval():
    """The control is the run with the coarse step alone, far off."""
    found = estimate(sampler=SGLD(1.2e-3), localization=Localization(600.0))
    low, high = found.interval(0.999)
    assert low < held(600.0) < high
    coarse = found.chains[0].estimate(found.chains[0].energies)
    assert coarse - held(600.0) > 10 * coarse.error


def test_a_weak_localization_is_chosen_and_taken_out():
    found = estimate(steps=2500)
    assert found.strength == pytest.approx(COLD * 4 / 100, rel=0.01)
    assert not found.held
    low, high = found.interval(0.999)
    assert low < 350 < high
    assert abs(found.tempered - held(found.strength)) < 4 * found.tempered.error
    assert found.degenerate == 0


def test_both_ways_agree_where_both_go(monkeypatch):
    curvatures, localization = np.linspace(1, 3, 12), Localization(20.0)
    options = {"localization": localization, "chains": 16, "steps": 2000}
    dense = estimate(curvatures, **options)
    monkeypatch.setattr(large_target, "MOST_DENSE", 10)
    free = estimate(curvatures, **options)
    assert (dense.strength, free.strength) == (None, 20.0)
    for one in (dense, free):
        assert abs(one.tempered - held(20.0, curvatures)) < 4 * one.tempered.error
        assert abs(one.value - 6) < 4 * one.error + one.bias
        assert one.acceptance == pytest.approx(0.574, abs=0.06)


def test_a_wall_holds_chains_too():
    found = estimate(localization=Localization(0.0, radius=4.0), steps=2500)
    assert abs(found.tempered - 350) < 4 * found.tempered.error
    assert found.strength == 0


def test_refusals_say_what_to_do():
    options = {"sampler": SGLD(1e-3), "localization": Localization(100.0)}
    with pytest.raises(InputError, match=r"must be 4; take \d+ steps of `burn_in`") as short:
        estimate(burn_in=10, **options)
    estimate(burn_in=int(str(short.value).split("take ")[1].split()[0]), **options)
    for sampler in (PreconditionedSGLD(1e-3), Annealing()):
        with pytest.raises(InputError, match="of more than 600 weights chains are those of MALA"):
            estimate(sampler=sampler)
    with pytest.raises(InputError, match="no curvature that would say how strongly to hold chains"):
        estimate(np.zeros(700))
    with pytest.raises(InputError, match=r"the Hessian has an eigenvalue of -0\.3 or less"):
        estimate(np.append(CURVATURES, -0.3))
    with pytest.raises(InputError, match="a Newton step lowers n beta L by"):
        local_learning_coefficient(bowl(), np.full(700, 0.01), 1000, rng=np.random.default_rng(0))
    with pytest.raises(InputError, match=r"got \[0.0, 0.0\]"):
        local_learning_coefficient(bowl(), [0.0, 0.0], 1000, rng=np.random.default_rng(0))
