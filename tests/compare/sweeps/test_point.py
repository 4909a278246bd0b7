"""What is measured at a point: distances with errors and floors, reasons, and grids that follow the law."""

import pickle

import numpy as np
import pytest

from compare import measure_point, measure_settled_point, read_study, study_at
from compare.sweeps.laws.lines import edges_of
from compare.sweeps.laws.reason import Code, code_of
from simulate import SGD, run_sgd
from theory import find_minima, tail_index
from theory.points import step_factor

WELLS = {
    "name": "two wells",
    "seed": 1,
    "model": {"landscape": "(w**2 - 1)**2/4"},
    "sgd": {"learning_rate": 0.05, "batch_size": 4, "steps": 100, "walkers": 20_000},
    "start": {"uniform": [[-1.5, 1.5]]},
    "noise": {"kind": "gradient", "std": 1.0},
    "grid": {"lower": [-2.5], "upper": [2.5], "cells": [60]},
}
REGRESSION = WELLS | {
    "model": {"q": "w"},
    "noise": {"kind": "minibatch"},
    "start": {"normal": {"mean": [0.0], "std": [0.2]}},
}


def at(table, **numbers):
    return study_at(read_study(table), **numbers)


def test_a_narrow_well_gets_the_cells_that_it_needs():
    found = measure_settled_point(at(WELLS, learning_rate=0.05, batch_size=64))
    assert found["sgd_reason"] == ""
    assert found["cells"] > 1000  # a standard deviation of 0.014 in wells that are 2 apart
    assert found["fokker_planck_error"] < 0.05 * found["fokker_planck_total_variation"]
    wider = measure_settled_point(at(WELLS, learning_rate=0.05, batch_size=1))
    assert wider["cells"] < found["cells"] / 3


def test_too_narrow_a_well_is_refused_with_its_reason():
    found = measure_settled_point(at(WELLS, learning_rate=0.0001, batch_size=4096))
    assert code_of(found["sgd_reason"]) in {Code.UNRESOLVED, Code.CLASSES}
    assert "fokker_planck_total_variation" not in found


def test_steps_too_long_for_the_wells_diverge():
    found = measure_settled_point(at(WELLS, learning_rate=1.2, batch_size=4, steps=500))
    assert code_of(found["sgd_reason"]) is Code.DIVERGES
    assert found["edge_descent_0"] == pytest.approx(np.log(1.2))
    assert code_of(measure_settled_point(at(WELLS, learning_rate=0.3, batch_size=4))["sgd_reason"]) is None


def test_a_leak_that_wider_windows_do_not_stop_is_divergence():
    """Of those beyond 2.25 nobody comes back: a window that holds a few of them says nothing of the others."""
    found = measure_settled_point(at(WELLS, learning_rate=0.49, batch_size=2, steps=1000))
    assert code_of(found["sgd_reason"]) is Code.DIVERGES


def test_the_law_after_the_steps_is_nearer_to_langevin_than_to_the_end():
    found = measure_point(at(WELLS, learning_rate=0.005, batch_size=4))
    assert found["sgd_exact"] == 1
    assert found["langevin_total_variation"] < found["langevin_floor"]
    assert found["fokker_planck_total_variation"] > 2 * found["fokker_planck_floor"]


def test_counted_and_computed_laws_agree():
    """The same point by walkers, whose distances hold the exact ones within their errors."""
    from compare.distances import total_variation
    from compare.sweeps.laws.observed import observe, observe_walkers

    study = at(WELLS, learning_rate=0.3, batch_size=4)
    exact, counted = observe(study, study.grid, settled=False), observe_walkers(study, study.grid)
    distance = total_variation(counted.law, exact.law)
    assert distance.value < distance.noise_floor + 4 * distance.standard_error
    later = observe(at(WELLS, learning_rate=0.4, batch_size=4), study.grid, settled=False)
    assert total_variation(counted.law, later.law).low > 0


def test_a_law_without_a_variance_says_so(monkeypatch):
    monkeypatch.setattr("compare.sweeps.point.MOST_TRIES", 2)  # no grid is wide enough
    rate, batch = 1.8, 1  # far beyond 2/3: a law with a tail index of 0.27
    assert tail_index(rate, batch) < 2
    found = measure_settled_point(at(REGRESSION, learning_rate=rate, batch_size=batch))
    assert found["edge_mean_square_0"] > 0 > found["edge_growth_0"]
    assert code_of(found["sgd_reason"]) is Code.TAIL


@pytest.mark.parametrize(("rate", "collapses"), [(0.05, True), (0.2, False)])
def test_collapse_is_where_walkers_collapse(rate, collapses):
    """At the top of (w^2 - 1)^2 noise vanishes, and strong noise draws walkers to it, at some rates alone."""
    table = REGRESSION | {"model": {"q": "w**2 - 1", "noise_std": 6.0}}
    study = at(table, learning_rate=rate, batch_size=1)
    edges = {edge.name: edge.value for edge in edges_of(study, find_minima(study.landscape, study.grid))}
    assert step_factor(study.model, 0.0).silent
    assert (edges["collapse_0"] > 0) == collapses
    rng = np.random.default_rng(1)
    near = run_sgd(study.model, SGD(rate, 1), np.full((4000, 1), 1e-9), steps=20, rng=rng).final
    assert (np.mean(np.log(np.abs(near) / 1e-9)) < 0) == collapses


def test_a_fixed_data_set_is_counted():
    table = REGRESSION | {"data": {"examples": 50}}
    table["sgd"] = table["sgd"] | {"sampling": "without replacement", "walkers": 3000}
    found = measure_point(at(table, learning_rate=0.1, batch_size=5))
    assert found["sgd_exact"] == 0
    assert found["langevin_error"] > 0
    again = measure_point(at(table, learning_rate=0.1, batch_size=5))
    assert again == found


def test_measures_pickle():
    for measure in (measure_point, measure_settled_point):
        assert pickle.loads(pickle.dumps(measure)).__name__ == measure.__name__
