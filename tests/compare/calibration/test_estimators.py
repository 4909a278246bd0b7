"""Estimators scored on minima of known learning coefficients: honest ones are good, narrow and warm ones bad."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from compare.calibration import (
    ESTIMATORS,
    CoefficientProblem,
    coefficient_targets,
    estimator_named,
    score_estimator,
)
from compare.calibration.minima import FORMULAS, NETWORKS
from theory import InputError
from theory.learning import learning_coefficient

TARGETS = coefficient_targets()


class Drawn:
    """A right estimator: lambda plus a normal error, in an interval of so many of its standard errors."""

    def __init__(self, quantile, factor=1.0):
        self.quantile, self.factor = quantile, factor

    def estimate(self, problem, stream):
        exact = float(problem.target.exact.value)
        problem.value(np.zeros((3, problem.dim)))
        value, half = exact * (1 + 0.1 * stream.standard_normal()), 0.1 * exact * self.quantile
        return self.factor * value, self.factor * (value - half), self.factor * (value + half)


def scored(estimator, target="cusp", repeats=40):
    return score_estimator(estimator, TARGETS[target], repeats=repeats, seed=1)[0]


def test_there_are_twenty_six_minima():
    assert len(TARGETS) == 26
    for target in TARGETS.values():
        at = np.array(target.at)
        assert target.landscape.value(at) == pytest.approx(0, abs=1e-15)
        away = at + 0.1 * np.random.default_rng(1).standard_normal((100, len(at)))
        assert (target.landscape.value(away) >= 0).all()


@pytest.mark.parametrize("name", FORMULAS)
def test_coefficients_of_formulas_are_those_of_the_algebra(name):
    assert learning_coefficient(TARGETS[name].landscape, TARGETS[name].at) == TARGETS[name].exact


@pytest.mark.parametrize("name", NETWORKS)
def test_formulas_of_networks_are_those_of_products_of_matrices(name):
    target, (_, widths, rank) = TARGETS[name], NETWORKS[name]
    w = np.random.default_rng(2).standard_normal(len(target.at))
    whole, begin = np.eye(widths[0]), 0
    for inner, outer in pairwise(widths):
        whole = w[begin : begin + inner * outer].reshape(outer, inner) @ whole
        begin += inner * outer
    truth = np.eye(*whole.shape) * (np.arange(whole.shape[1]) < rank)
    assert target.landscape.value(w) == pytest.approx(((whole - truth) ** 2).sum() / 2, rel=1e-12)


def test_a_right_interval_is_good_and_a_narrow_a_wide_and_a_warm_one_are_bad():
    right = scored(Drawn(1.96))
    assert right.good
    assert abs(right.mean - right.exact) < 4 * right.error
    assert right.evaluations == 3
    assert not scored(Drawn(1.0)).good
    assert not scored(Drawn(1.96, 1.25)).good
    wide = scored(Drawn(11.0))
    assert wide.covered == 40
    assert not wide.good


def test_chains_are_good_where_their_controls_are_bad():
    good = scored(ESTIMATORS["llc-mala"], "quartic", 6)
    assert good.good
    assert good.evaluations == 32 * 12_000
    for control in ("llc-spread", "llc-warm"):
        assert not scored(ESTIMATORS[control], "quartic", 6).good


def test_evaluations_are_counted_by_points():
    problem = CoefficientProblem(TARGETS["cusp"])
    problem.gradient(np.zeros((5, 4, 2)))
    assert problem.calls == 20
    problem.hessian(np.zeros((5, 2)))
    assert problem.calls == 30
    assert (problem.dim, problem.examples, problem.at.tolist()) == (2, 1000, [0, 0])


def test_refusals_are_no_answers_and_a_reason_is_kept():
    def sometimes(problem, stream):
        if stream.random() < 0.3:
            raise InputError("the chains must mix, they do not")
        return Drawn(1.96).estimate(problem, stream)

    def never(problem, stream):
        return np.nan, 0.0, 1.0

    found = scored(called(sometimes))
    assert found.answered < found.repeats == 40
    assert found.good
    assert found.failure == "the chains must mix, they do not"
    lost = scored(called(never))
    assert (lost.answered, lost.good) == (0, False)
    assert lost.failure == "the answer nan from 0 to 1 is not finite"


def called(function):
    class Called:
        def estimate(self, problem, stream):
            return function(problem, stream)

    return Called()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda *_: 0.5, "must give a value and the ends of its interval"),
        (lambda *_: (0.5, 0.4), "must give a value and the ends of its interval"),
        (lambda *_: (0.5, 0.6, 0.7), "must give a value within its interval, got 0.5 from 0.6 to 0.7 on cusp"),
        (lambda *_: 1 / 0, "must estimate cusp, it raised ZeroDivisionError"),
    ],
)
def test_an_estimator_that_gives_no_interval_is_a_line(answer, words):
    with pytest.raises(InputError, match=words) as told:
        scored(called(answer), repeats=1)
    assert "\n" not in str(told.value)


def test_estimators_of_ones_own_are_objects_or_functions_of_files_and_modules(tmp_path, monkeypatch):
    own = tmp_path / "estimators_of_mine.py"
    own.write_text("def estimator(problem, stream):\n    return 0.4, 0.3, 0.5\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    by_file, by_name = estimator_named(str(own)), estimator_named("estimators_of_mine:estimator")
    assert scored(by_file, repeats=2) == scored(by_name, repeats=2)
    assert scored(by_file, repeats=2).covered == 2
    with pytest.raises(InputError, match="an estimator must be llc-mala, llc-sgld, "):
        estimator_named("hmc")
    own.write_text("estimator = 3\n")
    with pytest.raises(InputError, match="must hold `estimator` with a method"):
        estimator_named(str(own))
