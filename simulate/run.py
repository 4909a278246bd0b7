"""Run SGD."""

from __future__ import annotations

import numpy as np

from simulate.data import DataSet
from simulate.sampling import Fresh, WithoutReplacement
from simulate.sgd import SGD
from simulate.steppers import data_stepper, fresh_stepper, gaussian_stepper
from theory.arrays import Array, ArrayLike
from theory.ensemble import Ensemble
from theory.errors import InputError, require
from theory.grid import Grid
from theory.models.noisy_gradient import NoisyGradient
from theory.models.product import ProductModel
from theory.walkers import Stepper, run_walkers, torus_of


def run_sgd(
    model: ProductModel | NoisyGradient,
    sgd: SGD,
    start: ArrayLike,
    *,
    steps: int,
    rng: np.random.Generator,
    data: DataSet | None = None,
    save_every: int | None = None,
    grid: Grid | None = None,
    domain: Grid | None = None,
    threads: int | None = None,
) -> Ensemble:
    """Independent SGD walkers from `start` (walkers, d), as an `Ensemble`; a step takes the time `SGD.time_step`.

    The real algorithm, exact in law: of a `ProductModel` with fresh data the batch gradient is drawn from its
    sufficient statistics (two random numbers a step for scalar q), with a data set from its examples; of a
    `NoisyGradient` from its normal law.

    Parameters
    ----------
    steps
        Number of steps.
    data
        The fixed data set, needed by `WithReplacement()` and `WithoutReplacement()`; all walkers share it.
    save_every, grid
        Observations every so many steps; with a grid they are streamed into counts and moments.
    domain
        Positions of a `NoisyGradient` are wrapped along the periodic axes of this grid after every step.
    threads
        Blocks of walkers at the same time; the result does not depend on it.

    Raises
    ------
    InputError
        If model, data and sampling do not fit, numbers are out of range, or all walkers diverge.
    """
    _check(model, sgd, data)
    torus = torus_of(domain, model.dim)
    require(
        isinstance(model, NoisyGradient) or not torus[1].any(),
        "a periodic `domain` needs a NoisyGradient; a ProductModel lives on the whole space",
    )

    def begin(w: Array, stream: np.random.Generator) -> Stepper:
        if isinstance(model, NoisyGradient):
            return gaussian_stepper(model, sgd, w, stream, torus)
        if data is None:
            return fresh_stepper(model, sgd, w, stream)
        return data_stepper(model, sgd, data, w, stream)

    return run_walkers(
        begin,
        start,
        dim=model.dim,
        steps=steps,
        time_step=sgd.time_step,
        rng=rng,
        save_every=save_every,
        grid=grid,
        threads=threads,
        remedy=f"reduce `learning_rate` (now {sgd.learning_rate:g}) or start nearer to a minimum",
    )


def _check(model: object, sgd: SGD, data: DataSet | None) -> None:
    fresh = isinstance(sgd.sampling, Fresh)
    if isinstance(model, NoisyGradient):
        require(fresh and data is None, "a NoisyGradient has no examples; take sampling Fresh() and no data")
        return
    if not isinstance(model, ProductModel):
        raise InputError(
            f"SGD needs a ProductModel or a NoisyGradient, got {type(model).__name__}; "
            "NoisyGradient(landscape, covariance) makes a model of a bare landscape"
        )
    kind = type(sgd.sampling).__name__
    require(
        fresh == (data is None), f"sampling {kind}() {'takes no' if fresh else 'needs a'} data set; see `data`"
    )
    if data is not None:
        require(
            data.x.shape[1] == model.outputs,
            f"the inputs must have {model.outputs} components as q has, got {data.x.shape[1]}",
        )
        require(
            not isinstance(sgd.sampling, WithoutReplacement) or sgd.batch_size <= len(data),
            f"a batch without replacement must fit into the data set of {len(data)}, got {sgd.batch_size}",
        )
