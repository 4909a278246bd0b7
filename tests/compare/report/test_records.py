"""Reasons and figures are records until files are written."""

import ast
import math

import numpy as np
import pytest
from sources import SOURCES, TREES

from compare.distances import Distance
from compare.report import (
    ComputedMoments,
    ExactFigures,
    LastHalf,
    LawReport,
    Report,
    SampledFigures,
    SolvedFigures,
    summary,
)
from compare.study import load_study
from theory import Density, Ensemble, Grid, SymbolicLandscape
from theory.base.absent import Absent

LOSS = SymbolicLandscape("w**2/2", ["w"])
LINE = Grid(-1, 1, 4)
EVEN = ComputedMoments.of(Density.normalised(LINE, np.ones(4), error=0.0), LOSS)


def reasons_as_text(tree):
    """Texts that begin as a reason does, and unions of a result with text."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("none: "):
            found.append(node.value)
        if isinstance(node, ast.FunctionDef) and node.returns is not None:
            kinds = set(ast.unparse(node.returns).split(" | "))
            found += [node.name] if "str" in kinds and kinds - {"str", "None", "list[str]"} else []
    return found


def test_no_reason_is_a_text():
    others = {name: tree for name, tree in TREES.items() if name != "theory.base.absent"}
    assert {name: found for name, tree in others.items() if (found := reasons_as_text(tree))} == {}


@pytest.mark.parametrize(
    "source", ["x = 'none: no law'", "x = f'none: {error}'", "def law(study) -> Density | str:\n    pass"]
)
def test_a_reason_as_text_is_seen(source):
    assert reasons_as_text(ast.parse(source))


def test_stages_pass_no_bare_dictionaries():
    stages = {name: source for name, source in SOURCES.items() if name.startswith("compare.stages")}
    assert len(stages) > 5
    assert [str(path) for path, source in stages.items() if "dict[str, Any]" in source] == []


def test_a_law_that_is_missing_says_why_and_has_no_numbers():
    missing = LawReport(Absent("the noise vanishes"))
    assert (missing.status, missing.numbers, missing.law) == ("none: the noise vanishes", {}, None)
    found = LawReport(SolvedFigures(EVEN, 3))
    assert found.status == "ok"
    assert found.numbers["refinement"] == 3
    assert found.numbers["covariance"] == EVEN.covariance.tolist()
    assert "limit_law" not in found.numbers


def test_a_covariance_may_stand_without_a_law():
    figures = ExactFigures(Absent("the grid is coarse"), None, np.eye(2), 1.5)
    assert figures.as_json() == {
        "no_law": "none: the grid is coarse",
        "stationary_covariance": [[1.0, 0.0], [0.0, 1.0]],
        "sample_standard_errors_off": 1.5,
    }


def test_figures_of_one_walker_have_no_moments():
    walkers = Ensemble(np.array([0.0]), np.array([[[0.5]]]))
    one = SampledFigures.of(walkers, walkers.histogram(LINE), LOSS)
    assert one.as_json() == {"walkers_on_grid": 1, "walkers": 1, "diverged": 0, "outside": 0}
    report = Report(load_study("regular"), laws={"sgd": LawReport(one)})
    assert "sgd            1 walkers, 0 diverged, 0 off the grid" in summary(report)


def test_moments_of_walkers_have_their_standard_errors():
    points = np.random.default_rng(0).normal(0.2, 0.1, size=(400, 1))
    walkers = Ensemble(np.array([0.0]), points[None])
    found = SampledFigures.of(walkers, walkers.histogram(LINE), LOSS).moments
    assert found is not None
    assert abs(found.mean[0] - 0.2) < 5 * found.mean_error[0]
    assert abs(found.covariance[0, 0] - 0.01) < 5 * found.covariance_error[0, 0]
    assert abs(found.expected_loss - 0.025) < 5 * found.expected_loss.error
    assert found.mean_error[0] == pytest.approx(0.1 / math.sqrt(400), rel=0.1)


@pytest.mark.parametrize(("low", "shift", "moving"), [(0.0, 4.9, False), (0.01, 0.0, True), (0.0, 5.1, True)])
def test_a_law_still_moves_by_its_distance_or_its_moments(low, shift, moving):
    check = LastHalf(50, 100, Distance(0.1, 0.05, low, 0.3, 0.0, 0.05), shift)
    assert check.still_moving is check.as_json()["still_moving"] is moving
    report = Report(load_study("regular"), last_half=check)
    assert report.checks["sgd_last_half"]["low"] == low
    assert Report(report.study).checks == {}
