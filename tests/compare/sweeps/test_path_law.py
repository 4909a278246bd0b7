"""The law of paths at a point of a sweep: its steps, and the error of them."""

import numpy as np
import pytest

from compare import read_study
from compare.distances import total_variation
from compare.sweeps.laws import predicted
from theory import FokkerPlanck, gaussian

WALKERS = 20_000
FAR = 2.6  # standard errors of counting


def study_of(curvature, learning_rate, seed, substeps=64):
    return read_study({
        "name": "well", "seed": seed,
        "model": {"landscape": f"{curvature} * w**2 / 2"},
        "sgd": {"learning_rate": learning_rate, "batch_size": 1, "steps": 6, "walkers": WALKERS},
        "start": {"normal": {"mean": [1.0], "std": [0.5]}},
        "noise": {"kind": "isotropic", "temperature": 0.3},
        "langevin": {"substeps": substeps},
        "grid": {"lower": [-6.0], "upper": [6.0], "cells": [120]},
    })  # fmt: skip


def off(study, curvature, law):
    """Total variation from the law of the equation at the last step, beyond what counting gives."""
    left = np.exp(-curvature * 6 * study.sgd.learning_rate)
    exact = gaussian([left], [[0.25 * left**2 + 0.3 / curvature * (1 - left**2)]], study.grid)
    found = total_variation(law, exact)
    return found.debiased - FAR * found.standard_error


@pytest.mark.parametrize(("curvature", "learning_rate"), [(0.5, 0.05), (2.0, 0.2), (3.0, 0.3), (4.0, 0.5)])
def test_the_error_holds_what_the_steps_change(curvature, learning_rate):
    for seed in range(4):
        study = study_of(curvature, learning_rate, seed)
        found = predicted._paths(study, study.equation, study.grid)
        assert off(study, curvature, found.law) <= found.step_error < 0.04


def test_steps_are_cut_until_that_changes_little(monkeypatch):
    taken, sample = [], predicted.sample_paths

    def counted(*given, **options):
        taken.append(options["steps"] // 6)
        return sample(*given, **options)

    monkeypatch.setattr(predicted, "sample_paths", counted)
    for curvature, substeps, levels in ((0.1, 64, [4, 16]), (6.0, 128, [2, 8, 32, 128])):
        study = study_of(curvature, 0.5, 1, substeps)
        assert predicted._paths(study, study.equation, study.grid).step_error < 0.04
        assert taken == levels
        taken.clear()
    few = study_of(4.0, 0.5, 1, substeps=4)  # the control: the steps show, and the error says so
    found = predicted._paths(few, few.equation, few.grid)
    assert found.step_error > off(few, 4.0, found.law) > 0.04


def test_python_functions_take_steps_as_long_as_their_rate_allows_and_bounded_work(monkeypatch):
    """Signs of batches of a product model: Student's law, no compiled loop; beside the law of the grid."""
    study = read_study({
        "name": "signs", "seed": 1, "model": {"q": "w"},
        "sgd": {"learning_rate": 0.01, "batch_size": 9, "steps": 100, "walkers": 800, "rule": {"kind": "sign"}},
        "start": {"normal": {"mean": [0.8], "std": [0.4]}},
        "langevin": {"substeps": 4}, "grid": {"lower": [-2.0], "upper": [3.0], "cells": [50]},
    })  # fmt: skip
    taken, sample = [], predicted.sample_paths

    def counted(sde, start, **options):
        taken.append((len(start), options["steps"]))
        return sample(sde, start, **options)

    monkeypatch.setattr(predicted, "sample_paths", counted)
    found = predicted._paths(study, study.equation, study.grid)
    assert taken == [(800, 25), (800, 100)]
    exact = FokkerPlanck(study.equation, study.grid).evolve(study.start.density(study.grid), [1.0])[0]
    missed = total_variation(found.law, exact)
    assert missed.debiased - FAR * missed.standard_error <= found.step_error < 0.15
    still = total_variation(found.law, study.start.density(study.grid))  # the control: where it began
    assert still.debiased > 0.5
    monkeypatch.setattr(predicted, "FEWEST_PATHS", 100)
    monkeypatch.setattr(predicted, "MOST_WORK", 6.25e4)
    assert predicted._work(study, study.equation, study.grid) == ([25, 100, 400], 500)
