"""The law of paths at a point of a sweep: its steps, and the error of them."""

import numpy as np
import pytest

from compare import read_study
from compare.distances import total_variation
from compare.sweeps.laws import predicted
from theory import gaussian

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
