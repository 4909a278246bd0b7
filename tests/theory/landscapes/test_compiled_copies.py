"""Formulas that were compiled are copied and pickled as formulas, whatever holds them."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

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
