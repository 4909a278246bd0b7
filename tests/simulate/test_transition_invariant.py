"""Invariant measures of SGD on a fixed data set: singular ones, several of them, and their weights."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sgd_models import seeded

from simulate import SGD, DataSet, WithoutReplacement, WithReplacement, run_sgd, transition_operator
from theory import Density, Grid, NoStationaryDensity, ProductModel
from theory.laws import LimitLaw, MassClass, PointMass

LINE, SQUARE = ProductModel("w"), ProductModel("w**2")
COIN = DataSet(np.ones(2), np.array([-1.0, 1.0]))  # steps w <- (1 - eta) w +- eta
BOX = Grid(-2.0, 2.0, 20)


def cantor(x):
    """The distribution function of the middle-thirds measure on [-1, 1], digit by digit."""
    t, found, weight, open_ = np.clip((x + 1) / 2, 0, 1), np.zeros(len(x)), 0.5, np.ones(len(x), dtype=bool)
    for _ in range(60):
        digit = np.minimum(np.floor(3 * t), 2)
        found += np.where(open_ & (digit > 0), weight, 0.0)
        open_ &= digit != 1
        t, weight = 3 * t - digit, weight / 2
    return found


def uniform(grid, lower, upper):
    inside = (grid.centers[..., 0] > lower) & (grid.centers[..., 0] < upper)
    return Density.normalised(grid, inside.astype(float), cell_averages=True)


def test_the_cantor_measure_has_masses_an_error_in_w1_and_no_density():
    operator = transition_operator(LINE, SGD(2 / 3, 1, sampling=WithReplacement()), BOX, COIN)
    (found,) = operator.invariant_measures()
    exact = np.diff(cantor(BOX.edges[0]))
    assert isinstance(found, MassClass)
    assert found.singular
    assert found.dimension == pytest.approx(math.log(2) / math.log(3), abs=1e-6)
    off = np.abs(found.law.probabilities - exact)
    assert off.sum() / 2 < found.law.error < 0.05
    assert np.abs(np.cumsum(found.law.probabilities - exact)).sum() * BOX.spacing[0] < 2 * found.wasserstein_error
    assert found.wasserstein_error < 0.01
    with pytest.raises(NoStationaryDensity, match=r"dimension is at most 0\.631, entropy over Lyapunov exponent"):
        operator.stationary()
    flat = np.diff(np.clip((BOX.edges[0] + 1) / 2, 0, 1))  # control: the law at rate 1/2
    assert np.abs(found.law.probabilities - flat).sum() / 2 > 10 * found.law.error


def test_at_half_the_rate_the_same_data_have_the_uniform_law():
    law = transition_operator(LINE, SGD(0.5, 1, sampling=WithReplacement()), BOX, COIN).stationary()
    exact = np.diff(np.clip((BOX.edges[0] + 1) / 2, 0, 1))
    assert np.abs(law.probabilities - exact).sum() / 2 < law.error < 0.05


def test_two_invariant_measures_have_their_weights_from_a_start():
    data = DataSet(np.array([1.0, 0.8, 1.2]), np.array([0.9, 1.3, 0.7]))
    sgd, grid = SGD(0.1, 1, sampling=WithReplacement()), Grid(-2.0, 2.0, 40)
    start = uniform(grid, -0.5, 1.5)
    operator = transition_operator(SQUARE, sgd, grid, data)
    left, right = operator.invariant_measures()
    assert left.law.mean[0] == pytest.approx(-right.law.mean[0], abs=1e-6)
    with pytest.raises(NoStationaryDensity, match=r"got 2 invariant measures: .*; take `limit_law`") as refusal:
        operator.stationary()
    assert len(refusal.value.classes) == 2
    limit = operator.limit_law(start)
    walkers = run_sgd(SQUARE, sgd, seeded(1).uniform(-0.5, 1.5, (20_000, 1)), steps=200, rng=seeded(2), data=data)
    share = (walkers.final < 0).mean()
    (first, error), _ = operator.weights(start)
    assert first == limit.weights[0]
    assert abs(first - 0.25) < error < 0.01
    assert abs(first - share) < 5 * math.sqrt(share * (1 - share) / 20_000)
    assert abs(first - 0.5) > 10 * error  # control: as if the start were symmetric


def test_a_limit_law_with_classes_of_masses_keeps_them_in_a_file(tmp_path):
    found = transition_operator(LINE, SGD(2 / 3, 1, sampling=WithReplacement()), BOX, COIN)
    limit = found.limit_law(uniform(BOX, -1, 1))
    limit.save(tmp_path / "limit.nc")
    (again,) = LimitLaw.load(tmp_path / "limit.nc").classes
    assert isinstance(again, MassClass)
    assert (again.dimension, again.region) == (limit.classes[0].dimension, limit.classes[0].region)
    assert limit.coarsen(2).classes[0].singular


def test_examples_that_agree_leave_a_point():
    data = DataSet(np.array([1.0, 0.5, 1.5]), np.array([0.25, 0.125, 0.375]))  # y = x / 4
    operator = transition_operator(LINE, SGD(0.2, 1, sampling=WithReplacement()), BOX, data)
    (found,) = operator.invariant_measures()
    assert isinstance(found, PointMass)
    assert found.position[0] == pytest.approx(0.25, abs=1e-9)
    with pytest.raises(NoStationaryDensity, match=r"must have a density, it is a point mass at 0\.25"):
        operator.stationary()


def test_a_point_that_no_step_leaves_and_that_repels_is_not_the_law():
    """Steps w <- w (1 + eta (y - w^2)), which widen next to 0 by 2.2 and .6: on average they lead away."""
    data, model = DataSet(np.ones(2), np.array([3.0, -1.0])), ProductModel("w**2", loss_scale=0.25)
    grid = Grid(-2.6, 2.6, 26)
    sgd, start = SGD(0.4, 1, sampling=WithReplacement()), seeded(1).normal(0, 0.1, (5000, 1))
    (found,) = transition_operator(model, sgd, grid, data).invariant_measures()
    assert isinstance(found, MassClass)
    walkers = run_sgd(model, sgd, start, steps=200, rng=seeded(2), data=data)
    law = found.law.probabilities
    assert np.abs(walkers.histogram(grid).probabilities - law).sum() / 2 < 0.04
    tame = DataSet(np.ones(2), np.array([1.0, -1.0]))  # control: widened by 1.4 and .6, which leads to it
    (point,) = transition_operator(model, sgd, grid, tame).invariant_measures()
    assert isinstance(point, PointMass)
    assert point.position[0] == pytest.approx(0.0, abs=1e-9)


def test_the_minimum_of_whole_batches_is_a_point_that_every_example_would_move():
    data = DataSet(np.ones(3), np.array([1.0, 1.0, -1.0]))
    (point,) = transition_operator(
        LINE, SGD(0.2, 3, sampling=WithoutReplacement()), BOX, data
    ).invariant_measures()
    assert isinstance(point, PointMass)
    assert point.position[0] == pytest.approx(1 / 3, abs=1e-9)
    assert point.reason == "no step moves it"


def test_walkers_who_leave_every_set_have_no_invariant_measure():
    operator = transition_operator(LINE, SGD(2.5, 1, sampling=WithReplacement()), BOX, COIN)
    with pytest.raises(NoStationaryDensity, match="walkers must stay on the grid, they leave every set"):
        operator.stationary()
