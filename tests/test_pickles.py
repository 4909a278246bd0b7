"""Everything public goes to other processes, fresh and after it was used, and gives the same numbers there."""

import pickle

import numpy as np
import pytest
from contents import content
from instances import instances

import compare
import simulate
import theory
from theory import (
    FokkerPlanck,
    Grid,
    Isotropic,
    Langevin,
    NoisyGradient,
    ProductModel,
    SymbolicLandscape,
    Underdamped,
)
from theory.landscapes.compiled import CompiledField

W = np.linspace(-1.0, 1.0, 7)[:, None]
WELLS = SymbolicLandscape("(w**2 - 1)**2/4")
CUBIC = ProductModel("(w + 1.8)*(w - 1.8)**2")
SGD = simulate.SGD(0.01, 4)


def copied(one):
    return pickle.loads(pickle.dumps(one))


def ended(model):
    return simulate.run_sgd(model, SGD, np.zeros((50, 1)), steps=5, rng=np.random.default_rng(1)).final


def past(w):
    return w[..., 0] > 1


def of_landscape(one):
    return np.concatenate([one.value(W), one.gradient(W)[:, 0], one.hessian(W)[:, 0, 0]])


def of_model(one):
    return np.concatenate([one.gradient_covariance(W)[:, 0, 0], ended(one)[:, 0]])


def of_paths(one):
    return theory.sample_paths(one, W, dt=1e-3, steps=2, rng=np.random.default_rng(1)).final


def of_equation(one):
    times = np.nan_to_num(one.mean_first_passage_time(past).mean.values)
    return np.concatenate([one.stationary().values, one.spectrum(2).eigenvalues.real, times])


NOISY = NoisyGradient(WELLS, Isotropic(1.0, 1))


def of_many(model):
    return model.gradient(np.ones((3, model.dim)))


USES = {
    "landscape": (lambda: WELLS, of_landscape),
    "model": (lambda: CUBIC, of_model),
    "noise": (lambda: NOISY, ended),
    "data": (lambda: theory.on_data(CUBIC, W, W[:, 0]), lambda one: one.gradient(W)),
    "labels": (lambda: theory.logistic_regression(W, np.arange(7) % 2), lambda one: one.hessian(W)),
    "network": (lambda: theory.two_layer_network(W, W[:, 0]), of_many),
    "decay": (lambda: theory.with_weight_decay(theory.two_layer_network(W, W[:, 0]), 0.1), of_many),
    "sde": (lambda: theory.langevin_limit(CUBIC, SGD), of_paths),
    "kinetic": (lambda: Underdamped(WELLS, 1.0, 0.2), lambda one: one.landscape.gradient(W)),
    "equation": (lambda: FokkerPlanck(Langevin(WELLS, Isotropic(0.3, 1)), Grid(-2, 2, 60)), of_equation),
    "operator": (
        lambda: simulate.transition_operator(NOISY, simulate.SGD(0.05, 1), Grid(-2.5, 2.5, 60)),
        lambda one: one.stationary().values,
    ),
}


@pytest.mark.parametrize("name", USES)
def test_what_was_used_is_the_same_elsewhere(name):
    made, use = USES[name]
    one = made()
    fresh = copied(one)
    found = use(one)
    np.testing.assert_array_equal(use(fresh), found)
    np.testing.assert_array_equal(use(copied(one)), found)


def test_instances_of_all_public_classes_keep_their_content():
    lost = {}
    for name, ones in instances().items():
        for one in ones[:3]:
            try:
                if content(copied(one)) != content(one):
                    lost[name] = "other content"
            except Exception as error:
                lost[name] = str(error)
    assert lost == {}
    assert len(instances()) > 100


def test_public_functions_go_by_their_names():
    for face in (theory, simulate, compare):
        assert [name for name in face.__all__ if copied(getattr(face, name)) is not getattr(face, name)] == []


def test_reports_go_to_other_processes():
    study = compare.load_study("regular").resized(seed=None, walkers=500, steps=20)
    report = compare.run_study(study)
    again = copied(report)
    assert again.comparison.table() == report.comparison.table()
    assert again.verdict.sentences == report.verdict.sentences
    assert copied(study).source == study.source


def test_what_was_compiled_is_left_behind(monkeypatch):
    WELLS.value(W)
    monkeypatch.delattr(CompiledField.__mro__[1], "__getstate__")
    with pytest.raises((pickle.PicklingError, AttributeError, TypeError)):
        copied(WELLS)
