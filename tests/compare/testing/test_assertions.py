"""Assertions on laws, moments, orders, slopes and rates: what passes, what does not, and what is said."""

from __future__ import annotations

import pickle
import re
import warnings
from collections.abc import Callable

import numpy as np
import pytest

from compare import ByFormula, loss_slope
from compare.testing import CheckFailed, assert_law, assert_moment, assert_order, assert_rate, assert_slope
from simulate import SGD, Survival
from theory import (
    Arrivals,
    Density,
    Ensemble,
    EscapeRate,
    Estimate,
    Grid,
    Histogram,
    Isotropic,
    LinearRegression,
    NoisyGradient,
    gaussian,
)
from theory.base import InputError
from theory.base.arrays import Array

GRID = Grid(-6.0, 6.0, 240)
LAW = gaussian([0.0], [[1.0]], GRID)
POINTS = np.random.default_rng(1).standard_normal(4000)
PLANE = gaussian([0.0, 0.0], [[1.0, 0.5], [0.5, 1.0]], Grid((-6, -6), (6, 6), (60, 60)))
PAIRS = np.random.default_rng(2).multivariate_normal([0, 0], [[1.0, 0.5], [0.5, 1.0]], 4000)
STEPS = 0.1 / 2.0 ** np.arange(5)
ONE_LINE = re.compile(r"^assert_\w+: [^\n]*p = \S+ (<|>=) alpha = \S+; (no|smallest) difference of [^\n]*$")


def failed(call: Callable[[], object]) -> str:
    """What an assertion that fails says, in one line with all that is promised."""
    with pytest.raises(CheckFailed) as caught:
        call()
    text = str(caught.value)
    kept = pickle.loads(pickle.dumps(caught.value))  # as pytest-xdist may
    assert (str(kept), kept.check) == (text, caught.value.check)
    assert ONE_LINE.match(text), text
    return text


@pytest.mark.parametrize(
    "sample", [POINTS, POINTS[:, None], Ensemble.from_samples(POINTS), Histogram.from_samples(POINTS, GRID)]
)
def test_walkers_that_follow_a_law_pass(sample: object) -> None:
    found = assert_law(sample, LAW, alpha=0.05)  # type: ignore[arg-type]
    assert found.p_value > 0.05
    assert 0.01 < found.detectable < 0.1


def test_walkers_in_the_plane() -> None:
    assert assert_law(PAIRS, PLANE, alpha=0.05).p_value > 0.05
    turned = gaussian([0.0, 0.0], [[1.0, 0.4], [0.4, 1.0]], PLANE.grid)
    assert "chi-square" in failed(lambda: assert_law(PAIRS, turned, alpha=1e-3))
    narrow = gaussian([0.0, 0.0], [[1.0, 0.5], [0.5, 0.9]], PLANE.grid)
    assert "chi-square" in failed(lambda: assert_law(PAIRS, narrow, alpha=1e-2))


@pytest.mark.parametrize("other", [POINTS + 0.1, 1.08 * POINTS, np.abs(POINTS)])
def test_walkers_of_another_law_fail(other: Array) -> None:
    assert "chi-square" in failed(lambda: assert_law(other, LAW, alpha=0.01))


def test_walkers_off_the_grid_and_diverged_ones_count() -> None:
    lost = Ensemble.from_samples(np.append(POINTS, [np.nan, 9.0]))
    assert "1 of 4002 walkers off the grid, 1 diverged" in failed(lambda: assert_law(lost, LAW, alpha=1e-6))
    assert_law(lost, LAW, alpha=0.01, off_grid=5e-4)
    far = np.append(POINTS, 5.9)
    assert "one in cells of which all together hold" in failed(lambda: assert_law(far, LAW, alpha=1e-3))


def test_the_error_of_the_density_does_not_reject() -> None:
    shifted = gaussian([-0.1], [[1.0]], GRID)
    known = Density(GRID, shifted.values, error=0.05, cell_averages=False, reading_counted=True)
    assert_law(POINTS, known, alpha=0.5)
    assert "chi-square" in failed(lambda: assert_law(POINTS, shifted, alpha=0.05))


def test_a_density_without_an_error_says_so() -> None:
    bare = Density.from_log(GRID, -(GRID.axes[0] ** 2) / 2.4)
    assert "nobody gave the density an error" in failed(lambda: assert_law(POINTS, bare, alpha=0.01))


def test_moments() -> None:
    assert assert_moment(POINTS, 0.0, alpha=0.01).p_value > 0.01
    assert assert_moment(PAIRS, [0.0, 0.0], alpha=0.01).p_value > 0.01
    assert assert_moment(PAIRS, [[1.0, 0.5], [0.5, 1.0]], of="covariance", alpha=0.01).p_value > 0.01
    assert assert_moment(PAIRS, 0.5, of=lambda w: w[..., 0] * w[..., 1], alpha=0.01).p_value > 0.01
    assert assert_moment(POINTS, Estimate(0.2, 0.2), alpha=0.01).p_value > 0.01
    assert "in component 1 of 2" in failed(lambda: assert_moment(PAIRS, [0.0, 0.1], alpha=0.01))
    wrong = [[1.0, 0.3], [0.3, 1.0]]
    assert "component (1, 0) of 3" in failed(lambda: assert_moment(PAIRS, wrong, of="covariance", alpha=0.01))
    with pytest.raises(AssertionError, match="1 of 3 walkers diverged"):
        assert_moment(Ensemble.from_samples([0.0, 1.0, np.nan]), 0.0, alpha=0.01)


def test_orders() -> None:
    assert_order(STEPS, STEPS**2 * (1 + STEPS), 2, alpha=0.01)
    assert "expected 1 +-" in failed(lambda: assert_order(STEPS, STEPS**2 * (1 + STEPS), 1, alpha=0.01))
    errors = STEPS + 30 * STEPS**2
    told = failed(lambda: assert_order(STEPS, errors, 1.6, standard_errors=0.01 * errors, alpha=0.01))
    assert "not yet a power law" in told
    assert_order(STEPS, errors, 1.6, standard_errors=0.3 * errors, alpha=0.01)


def test_slopes() -> None:
    model = NoisyGradient(LinearRegression(1.0), Isotropic(1.0, 1))
    slope = loss_slope(model, SGD(0.1, 4), [0.02, 0.04, 0.08], method=ByFormula())
    assert_slope(slope, alpha=0.01, resolution=1e-6)
    assert "expected 0.07" in failed(lambda: assert_slope(slope, 0.07, alpha=0.01))
    assert_slope(Estimate(1.0, 0.1), 1.2, alpha=0.01)
    failed(lambda: assert_slope(Estimate(1.0, 0.1), 1.3, alpha=0.01))
    assert_slope(Estimate(1.0, 0.1), Estimate(1.3, 0.1), alpha=0.01)


def survival(rate: float) -> Survival:
    steps = np.arange(101)
    inside = np.rint(1000 * np.exp(-rate * steps)).astype(np.int64)
    return Survival(steps, inside, np.zeros_like(steps), 1000)


def test_rates() -> None:
    assert_rate(survival(0.01), 0.01, alpha=0.01)
    assert "events in" in failed(lambda: assert_rate(survival(0.01), 0.012, alpha=0.01))
    waits = np.full(100, np.nan)
    waits[:60] = np.linspace(0, 9.9, 60)
    assert_rate(Arrivals(waits, 10.0, 0), 0.09, alpha=0.01)
    failed(lambda: assert_rate(Arrivals(waits, 10.0, 0), 0.05, alpha=0.01))
    assert_rate((30, 100.0), 0.3, alpha=0.01)
    kramers = EscapeRate(np.log(0.3), 0.1, 5.0, None, (0.0,), (1.0,))
    assert_rate((33, 100.0), kramers, alpha=0.9)
    assert_rate(kramers, 0.33, alpha=0.01)
    failed(lambda: assert_rate(kramers, 0.45, alpha=0.01))


@pytest.mark.parametrize(
    "call",
    [
        lambda: assert_law(POINTS[:100], LAW, alpha=0.01, resolution=0.1),
        lambda: assert_moment(POINTS[:100], 0.0, alpha=0.01, resolution=0.1),
        lambda: assert_order(STEPS, STEPS, 1, standard_errors=0.1 * STEPS, alpha=0.01, resolution=0.1),
        lambda: assert_slope(Estimate(1.0, 0.1), 1.1, alpha=0.01, resolution=0.1),
        lambda: assert_rate((3, 100.0), 0.03, alpha=0.01, resolution=0.1),
    ],
)
def test_what_the_data_cannot_tell_does_not_pass(call: Callable[[], object]) -> None:
    assert "the data cannot tell" in failed(call)


COUNTED = Density.from_samples(POINTS, GRID)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: assert_law(POINTS, LAW, alpha=0.0), "`alpha` must lie between 0 and 1, got 0"),
        (lambda: assert_law(POINTS, LAW, alpha=0.1, resolution=0.0), "`resolution` must be positive"),
        (lambda: assert_law(POINTS, LAW, alpha=0.1, off_grid=1.0), "`off_grid` must lie"),
        (lambda: assert_law(PAIRS, LAW, alpha=0.1), "must be points"),
        (lambda: assert_law(Ensemble.from_samples(PAIRS), LAW, alpha=0.1), "must have dimension 1, got 2"),
        (lambda: assert_law(np.append(POINTS, np.nan), LAW, alpha=0.1), "must be finite, got 1 of 4001"),
        (lambda: assert_law(POINTS[:19], LAW, alpha=0.1), "at least 20 walkers, got 19"),
        (lambda: assert_law(POINTS, COUNTED, alpha=0.1), "must be computed, got one counted from 4000"),
        (lambda: assert_law(Histogram.from_samples(POINTS, Grid(-6, 6, 24)), LAW, alpha=0.1), "on the grid of"),
        (
            lambda: assert_law(0 * POINTS, gaussian([0], [[1]], Grid(-9, 9, 1)), alpha=0.1),
            "nearly all in one cell",
        ),
        (lambda: assert_moment(POINTS, [0.0, 0.0], alpha=0.1), "must have 1 components"),
        (lambda: assert_moment(PAIRS, np.eye(3), of="covariance", alpha=0.1), "symmetric matrix"),
        (lambda: assert_moment(POINTS, 0.0, of="median", alpha=0.1), "'mean', 'covariance' or a function"),
        (lambda: assert_moment(POINTS, 0.0, of=lambda w: 1.0, alpha=0.1), "`of` must map points"),
        (lambda: assert_moment(POINTS, 0.0, of=lambda w: np.log(w[:, 0] ** 2 - 9), alpha=0.1), "must be finite"),
        (lambda: assert_moment(POINTS, 0.0, error=-1.0, alpha=0.1), "`error` must not be negative"),
        (lambda: assert_moment(np.append(POINTS, np.inf), 0.0, alpha=0.1), "`sample` must be finite"),
        (lambda: assert_order(STEPS, STEPS, 1, alpha=0.1, tolerance=-1.0), "`tolerance` must not"),
        (lambda: assert_slope(Estimate(1.0, np.nan), 1.0, alpha=0.1), "needs a finite error, got nan"),
        (lambda: assert_slope(Estimate(1.0, 0.1), alpha=0.1), "give `expected`"),
        (lambda: assert_rate((1, 2.0), -1.0, alpha=0.1), "`expected` must be positive"),
        (lambda: assert_rate((1.5, 2.0), 1.0, alpha=0.1), "whole number, got 1.5"),
        (lambda: assert_rate((np.nan, 2.0), 1.0, alpha=0.1), "whole number, got nan"),
        (lambda: assert_rate((1, 2.0), Estimate(1.0, 2.0), alpha=0.1), "more than its error"),
        (lambda: assert_rate(survival(-0.001), 0.1, alpha=0.1), "walkers came back"),
        (lambda: assert_rate(survival(0.1), 0.1, alpha=0.1, first=100), "steps after `first`"),
        (lambda: assert_rate(Arrivals(POINTS, 9.0, 1), 0.1, alpha=0.1), "that do not diverge, got 1"),
    ],
)
def test_bad_input_is_refused_in_one_line(call: Callable[[], object], said: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the logarithm that a user takes
        with pytest.raises(InputError, match=re.escape(said)) as caught:
            call()
    assert "\n" not in str(caught.value)


def test_a_failure_shows_the_line_of_the_test_alone() -> None:
    with pytest.raises(CheckFailed) as caught:
        assert_moment(POINTS + 1.0, [0.0], of="mean", alpha=0.01)
    own, *inner = caught.traceback
    assert own.path.name == "test_assertions.py"
    assert len(inner) > 1
    assert all(entry.frame.f_locals.get("__tracebackhide__") for entry in inner)
