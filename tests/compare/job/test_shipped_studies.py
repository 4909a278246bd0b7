"""Every study that ships runs to the end at a small size and says what it ships to show."""

from __future__ import annotations

import functools

import pytest
from network_studies import law_studies

from compare.job import run_study
from compare.report import LAWS, Report, summary
from compare.results.study_files import report_as_json
from compare.study import load_study, read_study
from theory.formulas import rule_stability_edge

WALKERS = 4000
# steps after which a law has settled, or shows what it ships for, and cells on which it does
SOONER = {"adam": 300, "hessian-noise": 300}
COARSER = {"hessian-noise": [44, 32], "degenerate-line": [48, 64]}
NO_POSTERIOR = "none: the study has no [posterior]"


@functools.cache
def run(name: str) -> Report:
    table = dict(load_study(name).source)
    if name in COARSER:
        table["grid"] = {**table["grid"], "cells": COARSER[name]}
    return run_study(read_study(table).resized(seed=None, walkers=WALKERS, steps=SOONER.get(name)))


@functools.cache
def printed(name: str) -> str:
    return summary(run(name))


def statuses(name: str) -> dict[str, str]:
    return {law: found.status for law, found in run(name).laws.items()}


def verdicts(name: str) -> dict[str, str]:
    comparison = run(name).comparison
    assert comparison is not None
    return {law: comparison.verdict(law) for law in comparison.names}


@pytest.mark.parametrize("name", law_studies())
def test_it_runs_to_the_end_with_every_law_or_its_reason(name: str) -> None:
    report = run(name)
    assert report.complete
    assert set(report.laws) == set(LAWS)
    for status in statuses(name).values():
        assert status == "ok" or status.startswith("none: ")
        assert "\n" not in status
    assert report.laws["sgd"].status == "ok"
    assert report.laws["langevin"].status == "ok" or report.study.sgd.rules
    assert report_as_json(report)["complete"]
    assert report.study.name in printed(name)
    assert "time" in printed(name)
    assert f"observed: {WALKERS} walkers" in printed(name)


EXPECTED = {
    "adam": {"gibbs": "differs", "posterior": "differs"},
    "crossing": {"sgd_exact": "agrees", "langevin": "agrees", "fokker_planck": "agrees", "gibbs": "agrees"},
    "degenerate-line": {"langevin": "agrees", "gibbs": "differs", "posterior": "differs"},
    "hessian-and-minibatch": {"langevin": "agrees", "fokker_planck": "agrees", "gibbs": "differs"},
    "hessian-noise": {
        "sgd_exact": "agrees",
        "langevin": "agrees",
        "fokker_planck": "agrees",
        "gibbs": "differs",
    },
    "regular": {
        "sgd_exact": "agrees",
        "langevin": "agrees",
        "fokker_planck": "agrees",
        "gibbs": "agrees",
        "posterior": "differs",
    },
    "rotated-noise": {"sgd_exact": "agrees", "langevin": "agrees", "fokker_planck": "agrees", "gibbs": "differs"},
    "sharp-and-flat": {
        "langevin": "differs",
        "fokker_planck": "differs",
        "gibbs": "differs",
        "posterior": "differs",
    },
    "two-temperatures": {
        "sgd_exact": "agrees",
        "langevin": "agrees",
        "fokker_planck": "agrees",
        "gibbs": "differs",
    },
}


@pytest.mark.parametrize("name", EXPECTED)
def test_it_judges_as_it_ships_to_show(name: str) -> None:
    assert verdicts(name) == EXPECTED[name]


def test_minibatch_noise_follows_the_hessian_where_the_model_fits_and_only_there() -> None:
    """At the other minimum it is isotropic; own noise has the law of SGD at both."""
    own, hessian, isotropic = "own noise C(w)", "noise c H", "isotropic noise"
    expected = {
        "a zero of q": {own: "agrees", hessian: "agrees", isotropic: "differs"},
        "a minimum without a fit": {own: "agrees", hessian: "differs", isotropic: "agrees"},
    }
    for place, verdicts in expected.items():
        found = run("hessian-and-minibatch").noises[place]
        assert not isinstance(found, str), found
        assert {law: found.verdict(law) for law in verdicts} == verdicts
        assert f"noise against the Hessian at {place}" in printed("hessian-and-minibatch")
    fitted, other = (run("hessian-and-minibatch").noises[place] for place in expected)
    assert fitted.angle < 0.1 < 0.35 < other.angle  # type: ignore[union-attr]
    assert float(fitted.constant) == pytest.approx(1.0, rel=0.05)  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["crossing", "rotated-noise", "two-temperatures"])
def test_bare_landscapes_have_no_posterior(name: str) -> None:
    assert statuses(name)["posterior"] == NO_POSTERIOR
    assert "posterior      none" in printed(name)


def test_the_sharp_minimum_is_named_unstable_and_the_limit_law_in_its_classes() -> None:
    text = printed("sharp-and-flat")
    assert "minimum at -1.8: curvature h = 335.9, eta h = 3.36 > 2: unstable" in text
    assert "minimum at 1.8: " in text
    assert "SGD inside (-4, -0.6): 0.4" in text
    assert "at step 50" in text
    assert "escape rate 0.0" in text
    assert "no unique stationary density" in text
    assert "limit law: 0.4167 x density on (-4, -0.6)" in text
    assert "limit law: 0.5833 x point mass at 1.8" in text
    assert "SGD's law still moves" in text
    numbers = run("sharp-and-flat").laws["fokker_planck"].numbers
    assert [part["weight"] for part in numbers["limit_law"]] == pytest.approx([5 / 12, 7 / 12], abs=1e-6)
    assert run("sharp-and-flat").laws["sgd_exact"].status.startswith("none: ")


def test_adam_holds_the_sharp_minimum_that_sgd_leaves_at_this_rate() -> None:
    found = run("adam").survival
    assert found is not None
    assert found.inside[0] == found.inside[-1] == pytest.approx(5 / 12 * WALKERS, rel=0.1)
    assert "rule Adam()" in printed("adam")
    edge = rule_stability_edge(run("adam").study.sgd)
    assert "minimum at -1.8: under Adam() steps are stable where the curvature over the root " in printed("adam")
    assert f"mean square gradient is < {edge:.4g}" in printed("adam")
    assert run("sharp-and-flat").study.sgd.learning_rate == run("adam").study.sgd.learning_rate


def test_the_degenerate_line_has_no_density_because_walkers_collect_on_a_curve() -> None:
    status = statuses("degenerate-line")["fokker_planck"]
    assert status.startswith("none: where the noise misses a direction the density must be wider than the cells")
    assert "walkers collect on a curve" in status
    assert status.removeprefix("none: ") in printed("degenerate-line")
    assert "fokker_planck" not in verdicts("degenerate-line")
    assert "minimum at 0, 0.7" in printed("degenerate-line")  # on the line, where the walkers are


@pytest.mark.parametrize("name", ["regular", "rotated-noise", "two-temperatures"])
def test_quadratic_losses_have_the_exact_covariance_of_sgd(name: str) -> None:
    found = run(name).laws
    exact = found["sgd_exact"].numbers["stationary_covariance"]
    sampled, error = (found["sgd"].numbers[key] for key in ("covariance", "covariance_standard_error"))
    for axis in range(len(exact)):
        assert abs(exact[axis][axis] - sampled[axis][axis]) < 5 * error[axis][axis]
    assert exact[0][0] > found["fokker_planck"].numbers["covariance"][0][0]  # the discrete step adds variance


def test_the_crossing_has_the_temperature_of_its_noise() -> None:
    numbers = run("crossing").laws["gibbs"].numbers
    assert abs(numbers["temperature"] - 1.0) < 5 * numbers["temperature_standard_error"]
    assert numbers["temperature_standard_error"] < 0.05


def test_the_regular_study_has_the_posterior_of_its_examples_and_the_temperature_of_its_noise() -> None:
    found = run("regular").laws
    assert found["posterior"].numbers["covariance"][0][0] == pytest.approx(0.004, rel=1e-3)  # sigma^2 / n
    temperature, error = (found["gibbs"].numbers[key] for key in ("temperature", "temperature_standard_error"))
    assert abs(temperature - 0.002) < 5 * error  # eta sigma^2 / (2 B)


REASONS = {
    "degenerate-line": {"gibbs": {"finite time"}, "posterior": {"finite time"}},
    "hessian-noise": {"gibbs": {"two temperatures"}},
    "regular": {"posterior": {"temperature"}},
    "rotated-noise": {"gibbs": {"current"}},
    "sharp-and-flat": {
        "langevin": {"unstable step", "noise vanishes at the barrier"},
        "fokker_planck": {"point mass", "finite time"},
    },
    "two-temperatures": {"gibbs": {"two temperatures"}},
}


@pytest.mark.parametrize("name", REASONS)
def test_its_verdict_names_the_reasons(name: str) -> None:
    verdict = run(name).verdict
    assert verdict is not None
    for law, kinds in REASONS[name].items():
        assert kinds <= {reason.kind for reason in verdict.reasons if law in reason.laws}
    assert printed(name).endswith("\n".join(["verdict", *verdict.sentences]))
