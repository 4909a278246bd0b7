"""Survival in a basin: the rate of exact exponentials, whatever the span between observations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simulate import SGD, Step, Survival, run_sgd, survival
from theory import Ensemble, Grid, InputError, ProductModel

RATE = 0.02


def exponential(span: int, steps: int = 100, walkers: int = 1_000_000) -> Survival:
    observed = np.unique([*range(0, steps + 1, span), steps])
    inside = np.rint(walkers * np.exp(-RATE * observed)).astype(np.int64)
    return Survival(observed, inside, np.zeros_like(observed), walkers)


@pytest.mark.parametrize("span", [1, 7, 30])
def test_an_exponential_has_its_rate_at_every_span(span: int) -> None:
    rate, error = exponential(span).rate()
    assert rate == pytest.approx(RATE, abs=1e-5)
    assert 0 < error < 1e-4
    first, second = exponential(span).halves()
    assert first[0] == pytest.approx(second[0], abs=3e-5)


def test_two_rates_show_in_the_halves() -> None:
    one = exponential(1)
    inside = (one.inside * np.exp(-0.0005 * one.steps**2)).astype(np.int64)
    (early, early_error), (late, late_error) = Survival(one.steps, inside, one.diverged, one.walkers).halves()
    assert late - early > 10 * (early_error + late_error)


def test_nobody_at_risk_and_everybody_gone() -> None:
    steps = np.arange(10)
    empty = Survival(steps, np.zeros(10, dtype=np.int64), np.zeros(10, dtype=np.int64), 5)
    assert np.isnan(empty.rate()[0])
    gone = Survival(steps, np.array([5, 5, 5, 5, 0, 0, 0, 0, 0, 0]), np.zeros(10, dtype=np.int64), 5)
    assert gone.rate()[0] == np.inf


def test_a_run_that_was_not_counted_is_refused() -> None:
    model, start = ProductModel("w"), np.zeros((4, 1))
    ensemble = run_sgd(model, SGD(0.1, 2), start, steps=3, rng=np.random.default_rng(1))
    with pytest.raises(InputError, match="counted on the basin"):
        survival(ensemble, 0.1)
    counted = run_sgd(
        model, SGD(0.1, 2), start, steps=3, rng=np.random.default_rng(1), grid=Grid(-9, 9, 1), save_every=1
    )
    assert survival(counted, 0.1).fraction == pytest.approx(1.0)
    assert survival(counted).steps.tolist() == survival(counted, 0.1).steps.tolist() == [0, 1, 2, 3]
    with pytest.raises(InputError, match="needs the steps of the ensemble, got times only; give `step`"):
        survival(replace(counted, steps=None))


def test_steps_are_known_where_times_do_not_tell_them() -> None:
    sgd = SGD(0.1, 2, schedule=Step(at=4, factor=0.0))  # the rate vanishes: times stand still
    options = {"grid": Grid(-9, 9, 1), "save_every": 3}
    ensemble = run_sgd(ProductModel("w"), sgd, np.zeros((4, 1)), steps=10, rng=np.random.default_rng(1), **options)
    assert ensemble.times[-1] == ensemble.times[-2]
    assert survival(ensemble).steps.tolist() == [0, 3, 6, 9, 10]
    assert ensemble.checkpoint is not None
    more = run_sgd(ProductModel("w"), sgd, ensemble.checkpoint, steps=4, **options)
    assert more.steps is not None
    assert more.steps.tolist() == [10, 13, 14]


def test_an_ensemble_made_by_hand_needs_no_steps() -> None:
    places = np.zeros((2, 5, 1))
    assert Ensemble(np.array([0.0, 1.0]), places).steps is None
    assert "step" not in Ensemble(np.array([0.0, 1.0]), places).to_xarray().coords
    known = Ensemble(np.array([0.0, 1.0]), places, steps=np.array([0, 7]))
    assert known.to_xarray()["step"].values.tolist() == [0, 7]
    with pytest.raises(InputError, match=r"`steps` must be one for each of 2 times, got shape \(3,\)"):
        Ensemble(np.array([0.0, 1.0]), places, steps=np.array([0, 7, 8]))


def test_intervals_cover_the_true_fraction() -> None:
    rng = np.random.default_rng(5)
    truth = np.array([1.0, 0.9, 0.5, 0.02, 0.0])
    steps = np.arange(5)
    covered = np.zeros(5)
    for _ in range(400):
        inside = rng.binomial(300, truth)
        low, high = Survival(steps, inside, np.zeros_like(steps), 300).interval(0.9)
        assert ((low >= 0) & (low <= inside / 300) & (inside / 300 <= high) & (high <= 1)).all()
        covered += (low <= truth) & (truth <= high)
    assert (covered >= 0.87 * 400).all()
    assert (covered[1:4] < 0.98 * 400).all()  # control: they are not the whole line
    with pytest.raises(InputError, match="`confidence` must lie between 0 and 1"):
        exponential(1).interval(1.0)
