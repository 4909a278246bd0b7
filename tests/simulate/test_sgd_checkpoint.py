"""A run that is split in two makes the steps of the run in one piece, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest
from own_parts import Averaged

from simulate import (
    SGD,
    Adam,
    ClipByNorm,
    LabelNoise,
    Nesterov,
    PreconditionedLangevin,
    RMSprop,
    Step,
    StochasticHamiltonian,
    StudentNoise,
    WeightDecay,
    WithoutReplacement,
    WithReplacement,
    draw_data,
    run_sgd,
)
from theory import (
    CallableLandscape,
    Constant,
    InputError,
    Isotropic,
    NoisyGradient,
    ProductModel,
    SymbolicLandscape,
    logistic_regression,
)

SCALAR = ProductModel("(w + 1)*(w - 1)", loss_scale=0.5)
VECTOR = ProductModel(["x", "x*y"], variables=["x", "y"])
PLANE = NoisyGradient(SymbolicLandscape("x**2 + y**2/2"), Constant([[1.0, 0.3], [0.3, 2.0]]))
BOWL = CallableLandscape(
    lambda w: (np.asarray(w) ** 2).sum(axis=-1),
    lambda w: 2 * np.asarray(w),
    lambda w: 2 * np.eye(1) + 0 * w[..., None],
    dim=1,
)
FUNCTIONS = NoisyGradient(BOWL, Isotropic(1.0, 1))
DATA = draw_data(SCALAR, 37, np.random.default_rng(0))
LOGISTIC = logistic_regression(np.random.default_rng(1).standard_normal((40, 2)), np.arange(40) % 2)

CASES = {
    "fresh": (SCALAR, SGD(0.02, 3), None),
    "momentum": (SCALAR, SGD(0.02, 3, 0.9), None),
    "vector": (VECTOR, SGD(0.02, 3, 0.5), None),
    "replaced": (SCALAR, SGD(0.02, 5, 0.5, sampling=WithReplacement()), DATA),
    "epochs": (SCALAR, SGD(0.02, 5, 0.5, sampling=WithoutReplacement()), DATA),
    "gaussian": (PLANE, SGD(0.02, 3, 0.5), None),
    "functions": (FUNCTIONS, SGD(0.02, 3, 0.5), None),
    "nesterov": (SCALAR, SGD(0.02, 3, Nesterov(0.8)), None),
    "rules": (SCALAR, SGD(0.02, 3, rule=(Adam(), WeightDecay(0.1), RMSprop())), None),
    "a rule of one's own": (
        SCALAR,
        SGD(
            0.02, 3, sampling=WithoutReplacement(), rule=(ClipByNorm(1.0), Averaged(), PreconditionedLangevin(0.1))
        ),
        DATA,
    ),
    "hamiltonian": (FUNCTIONS, SGD(0.02, 3, rule=StochasticHamiltonian(0.2, 0.1)), None),
    "schedule": (SCALAR, SGD(0.02, 3, 0.5, schedule=Step(9, 0.5)), None),
    "noise": (
        SCALAR,
        SGD(0.02, 5, noise=(LabelNoise(0.3), StudentNoise(3.0, 0.1)), sampling=WithoutReplacement()),
        DATA,
    ),
    "examples": (LOGISTIC, SGD(0.1, 5, 0.5, sampling=WithReplacement()), None),
    "examples in order": (
        LOGISTIC,
        SGD(0.1, 3, 0.5, sampling=WithoutReplacement()),
        None,
    ),  # 40 is no multiple of 3
}


@pytest.mark.parametrize("name", CASES)
def test_two_halves_are_the_whole(name):
    model, sgd, data = CASES[name]
    start = np.random.default_rng(2).uniform(-1, 1, (700, model.dim))
    whole = run_sgd(model, sgd, start, steps=31, rng=np.random.default_rng(3), data=data)
    first = run_sgd(model, sgd, start, steps=13, rng=np.random.default_rng(3), data=data)
    assert first.checkpoint is not None
    second = run_sgd(model, sgd, first.checkpoint, steps=18, data=data, threads=2)
    np.testing.assert_array_equal(second.final, whole.final)
    assert second.times[-1] == whole.times[-1]
    fresh = run_sgd(model, sgd, first.final, steps=18, rng=np.random.default_rng(3), data=data)
    assert not np.array_equal(fresh.final, whole.final)  # control: positions alone are not enough


def test_refusals():
    model, sgd, _ = CASES["fresh"]
    first = run_sgd(model, sgd, np.zeros((10, 1)), steps=2, rng=np.random.default_rng(0))
    with pytest.raises(InputError, match="has its own streams; leave `rng` out"):
        run_sgd(model, sgd, first.checkpoint, steps=2, rng=np.random.default_rng(0))
    with pytest.raises(InputError, match="`rng` must be a numpy Generator"):
        run_sgd(model, sgd, np.zeros((10, 1)), steps=2)


@pytest.mark.parametrize(
    ("before", "after"), [("fresh", "nesterov"), ("momentum", "schedule"), ("replaced", "noise")]
)
def test_another_algorithm_may_go_on(before, after):
    model, sgd, data = CASES[before]
    first = run_sgd(model, sgd, np.zeros((600, 1)), steps=4, rng=np.random.default_rng(0), data=data)
    _, other, more = CASES[after]
    if after == "noise":
        with pytest.raises(
            InputError, match=r"must remember what the run keeps, arrays of shapes .*; go on with the"
        ):
            run_sgd(model, other, first.checkpoint, steps=3, data=more)
        return
    second = run_sgd(model, other, first.checkpoint, steps=3, data=more)
    assert second.steps.tolist() == [7]
    assert np.isfinite(second.final).all()
