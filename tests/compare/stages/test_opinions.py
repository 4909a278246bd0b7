"""Second opinions: what is right passes, what is wrong does not, and a package that is missing is named."""

from __future__ import annotations

import importlib.util
from dataclasses import replace

import numpy as np
import pytest
from made_up_reports import valley

from compare.report import LawReport, Report, SecondOpinion
from compare.stages import Streams, opinions, run_opinion_stage, run_sgd_stage, run_static_stage
from compare.stages.fokker_planck import run_fokker_planck_stage
from compare.study import Study
from theory.base.absent import Absent
from theory.base.errors import InputError
from theory.equations import AntiIto, Langevin
from theory.fokker_planck import FokkerPlanck
from theory.fokker_planck.residual import check_residual
from theory.laws import Density, Grid

pytest.importorskip("sdeint")
pytest.importorskip("findiff")


@pytest.fixture(scope="module")
def asked() -> Report:
    study = valley({"kind": "hessian", "scale": 0.1}, posterior={"examples": 10}).resized(
        seed=1, walkers=2000, steps=20
    )
    report = Report(study)
    streams = Streams.of(1)
    start = study.start.sample(study.walkers, streams.start)
    run_sgd_stage(report, start, streams, 1)
    run_fokker_planck_stage(report)
    run_static_stage(report)
    report.laws["langevin"] = LawReport(Absent("not run"))
    run_opinion_stage(report, start, streams)
    return report


def opinion(found: SecondOpinion | Absent) -> SecondOpinion:
    assert isinstance(found, SecondOpinion)
    return found


def test_what_is_right_passes_by_far_and_the_control_does_not(asked: Report) -> None:
    assert set(asked.second_opinions) == {"langevin", "fokker_planck", "gibbs", "posterior"}
    for name, found in asked.second_opinions.items():
        one = opinion(found)
        assert one.verdict == "agrees", name
        assert one.control > 100 * one.threshold > 200 * one.value, name
        assert one.words().startswith(f"{one.by} agrees: ")


def test_a_density_of_another_reading_is_seen(asked: Report) -> None:
    study = asked.study
    assert isinstance(study.equation, Langevin)
    other = FokkerPlanck(replace(study.equation, interpretation=AntiIto()), study.grid.refined(3)).stationary()
    found = opinion(opinions._of_densities(study.equation, (other,), 3))
    assert found.verdict == "disagrees"
    assert found.value > 0.1
    (right,) = asked.laws["fokker_planck"].fine
    both = opinion(opinions._of_densities(study.equation, (right, other), 3))
    assert both.value == found.value  # the worst speaks


def test_paths_of_another_reading_are_seen(asked: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    study = asked.study
    assert isinstance(study.equation, Langevin)
    start = study.start.sample(40, np.random.default_rng(0))
    sample = opinions.sample_paths

    def misread(equation, *arguments, scheme, **options):
        if isinstance(scheme, opinions.EulerMaruyama):
            equation = replace(equation, interpretation=AntiIto())
        return sample(equation, *arguments, scheme=scheme, **options)

    monkeypatch.setattr(opinions, "sample_paths", misread)
    found = opinion(opinions._of_paths(asked, study.equation, start, np.random.default_rng(0)))
    assert found.verdict == "disagrees"


def test_a_missing_package_is_named_with_its_remedy(asked: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opinions, "find_spec", lambda name: None)
    report = Report(asked.study, laws=asked.laws)
    run_opinion_stage(report, np.zeros((4, 1)), Streams.of(1))
    told = {name: str(found) for name, found in report.second_opinions.items()}
    assert told["langevin"] == "none: sdeint is not installed; `pip install '.[sdeint]'` in a checkout of gibbsgap"
    assert told["gibbs"] == "none: findiff is not installed; `pip install '.[findiff]'` in a checkout of gibbsgap"
    assert importlib.util.find_spec("sdeint") is not None


@pytest.mark.parametrize(
    ("value", "threshold", "control", "undecided", "verdict"),
    [
        (1.0, 2.0, 3.0, "", "agrees"),
        (2.5, 2.0, 3.0, "", "disagrees"),
        (1.0, 2.0, 1.5, "", "cannot tell"),
        (2.5, 2.0, 1.5, "", "disagrees"),
        (2.5, 2.0, 3.0, "a kink", "cannot tell"),
        (float("inf"), 2.0, 3.0, "", "disagrees"),
    ],
)
def test_a_control_that_passes_says_nothing(value, threshold, control, undecided, verdict) -> None:
    one = SecondOpinion("findiff", "residual", value, threshold, control, "moved", undecided)
    assert one.verdict == verdict
    assert undecided in one.words()


def law(grid: Grid, power: int) -> Density:
    return Density.from_log(grid, -5 * np.abs(grid.centers[..., 0]) ** power, 0.0)


def test_a_residual_knows_what_its_operators_leave() -> None:
    study: Study = valley({"kind": "isotropic", "temperature": 0.2})
    assert isinstance(study.equation, Langevin)
    fine = study.grid.refined(3)
    found = check_residual(study.equation, replace(FokkerPlanck(study.equation, fine).stationary(), error=0.0))
    assert found.converges
    assert found.relative < found.truncation == found.threshold
    assert not check_residual(study.equation, law(fine, 1)).converges  # a kink, where no order is better
    with_error = replace(law(fine, 2), error=0.01)
    assert check_residual(study.equation, with_error).from_error == 0.02
    with pytest.raises(InputError, match="which is not known"):
        check_residual(study.equation, replace(with_error, error=None))
