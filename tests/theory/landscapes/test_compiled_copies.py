"""Formulas that were compiled are copied and pickled as formulas, whatever holds them."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
import sympy

from simulate import SGD, run_sgd
from theory import (
    HessianProportional,
    Isotropic,
    Langevin,
    LinearRegression,
    NoisyGradient,
    ProductModel,
    SymbolicLandscape,
    sample_paths,
)

WELL, START = SymbolicLandscape("w**2/2"), np.linspace(-1.0, 1.0, 5)[:, None]


def paths_of(sde):
    start = np.repeat(START, sde.dim, axis=1)
    return sample_paths(sde, start, dt=0.01, steps=2, rng=np.random.default_rng(1)).final


def sgd_of(model):
    return run_sgd(model, SGD(0.1, 4), START, steps=2, rng=np.random.default_rng(1)).final


USED = {
    "an equation": (Langevin(WELL, Isotropic(0.3, 1)), paths_of),
    "curvature as noise": (
        Langevin(SymbolicLandscape("x**2 + y**2 + z**4 + x*y*z"),
                 HessianProportional(SymbolicLandscape("x**2 + y**2 + z**2 + x*y"), 0.1)), paths_of),
    "a noisy gradient": (NoisyGradient(WELL, Isotropic(1.0, 1)), sgd_of),
    "a model": (ProductModel("w - 1/2"), sgd_of),
    "a regression": (LinearRegression(1.0), sgd_of),
    "a landscape": (SymbolicLandscape("w**4/4"), lambda landscape: landscape.gradient(START)),
}  # fmt: skip


@pytest.mark.parametrize("name", USED)
@pytest.mark.parametrize("again", [lambda one: pickle.loads(pickle.dumps(one)), copy.deepcopy, copy.copy])
def test_what_was_used_is_copied(name, again):
    one, use = USED[name]
    before = use(one)
    np.testing.assert_array_equal(use(again(one)), before)


def test_equal_formulas_are_compiled_once():
    one, same, other = (ProductModel(q) for q in ("w - 1/2", "w - 1/2", "w - 1/3"))
    assert one.predictor is not same.predictor
    for compiled in (lambda model: model.predictor.kernel, lambda model: model.predictor._vectorised):
        assert compiled(one) is compiled(same)
        assert compiled(one) is not compiled(other)
    exact, rounded = (SymbolicLandscape(sympy.Symbol("w") ** power) for power in (2, sympy.Float(2.0)))
    assert exact.expression != rounded.expression  # w^2. by a power may differ from w w in the last digit
    assert exact._value.kernel is not rounded._value.kernel
    assert exact._value._vectorised is not rounded._value._vectorised
    assert not np.array_equal(sgd_of(one), sgd_of(other))
