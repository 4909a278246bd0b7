"""Sharpness and batch sharpness along a run."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from theory.base.arguments.words import shown
from theory.base.arrays import Array, ArrayLike, finite, read_only
from theory.base.errors import require
from theory.base.showing import told
from theory.base.tables import text_table
from theory.laws import Ensemble
from theory.models import DatasetModel
from theory.noise.spectra.batches import batch_sharpness
from theory.noise.spectra.eigenvalues import extreme_eigenvalues
from theory.noise.spectra.operators import hessian_operator

EDGE = 2.0  # curvature times learning rate at which a step of gradient descent neither shrinks nor grows


@dataclass(frozen=True, eq=False)
class SharpnessHistory:
    """Curvature of the loss and of batches at the looks of a run, beside the edge of stability.

    Parameters
    ----------
    times
        Of the looks, shape (t,).
    largest, largest_error
        The largest eigenvalue of the Hessian of each walker, and how far off it may be, shape (t, walkers); NaN of
        a walker that diverged.
    batch, batch_error
        The batch sharpness of each, with its standard error, shape (t, walkers).
    edge
        2 over the learning rate, shape (t,).
    """

    times: Array
    largest: Array = field(repr=False)
    largest_error: Array = field(repr=False)
    batch: Array = field(repr=False)
    batch_error: Array = field(repr=False)
    edge: Array

    def __post_init__(self) -> None:
        for name in ("times", "largest", "largest_error", "batch", "batch_error", "edge"):
            object.__setattr__(self, name, read_only(getattr(self, name)))

    def __repr__(self) -> str:
        return told("SharpnessHistory", times=self.times, largest=self.largest, batch=self.batch, edge=self.edge)

    def table(self) -> str:
        """Aligned text, a row for each look: means over the walkers that did not diverge, over the edge too."""
        rows = []
        for k, time in enumerate(self.times):
            here = np.isfinite(self.largest[k])
            means = [float(one[k][here].mean()) if here.any() else np.nan for one in (self.largest, self.batch)]
            numbers = (time, *means, self.edge[k], *(mean / self.edge[k] for mean in means))
            rows.append(tuple(f"{number:.4g}" for number in numbers))
        columns = ("time", "sharpness", "of batches", "edge", "sharpness / edge", "of batches / edge")
        return "\n".join(text_table(columns, rows))


def sharpness_along(
    model: DatasetModel,
    run: Ensemble,
    *,
    learning_rate: ArrayLike,
    batch_size: int,
    rng: np.random.Generator,
    batches: int = 256,
    with_replacement: bool = False,
) -> SharpnessHistory:
    """The largest eigenvalue of the Hessian and the batch sharpness of every walker at every look of a run.

    Both have errors as `extreme_eigenvalues` and `batch_sharpness` state them. Full descent is unstable where the
    first exceeds 2 / learning_rate; plain SGD is published to settle where the second is about that. With momentum
    mu the second settles elsewhere, from 2 (1 - mu) to 2 (1 + mu) over the rate, by the size of the batches.

    Parameters
    ----------
    model
        A data set or a network, with at least two parameters.
    run
        What `run_sgd(model, ..., save_every=...)` gave: positions (t, walkers, d).
    learning_rate
        Of the run, one number or (t,).
    batches
        How many batches at each place, at least 2.
    with_replacement
        Whether an example may be in a batch twice, as with `WithReplacement()`.

    Raises
    ------
    InputError
        If the run is not of the model or has no positions, the rate is not positive, or a curvature is refused.

    References
    ----------
    Cohen, Kaur, Li, Kolter & Talwalkar (2021), Gradient descent on neural networks typically occurs at the edge of
    stability; Andreyev & Beneventano (2024), Edge of stochastic stability.
    """
    positions = run.positions
    looks = len(run.times)
    require(
        positions.shape[0] == looks and positions.shape[2] == model.dim,
        f"`run` must have positions of {model.dim} numbers at {looks} times, got shape {positions.shape}; run "
        "without a grid",
    )
    rates = np.ravel(finite(learning_rate, "learning_rate"))
    rates = np.full(looks, rates[0]) if len(rates) == 1 else rates
    require(
        bool((rates > 0).all()) and rates.shape == (looks,),
        f"`learning_rate` must be positive, one or one for each of {looks} times, got {shown(learning_rate)}",
    )
    found = np.full((4, *positions.shape[:2]), np.nan)
    for k, look in enumerate(positions):
        for i, place in enumerate(look):
            if np.isfinite(place).all():
                outermost = extreme_eigenvalues(hessian_operator(model, place), rng=rng)
                ratio = batch_sharpness(
                    model, place, batch_size, batches, rng=rng, with_replacement=with_replacement
                )
                found[:, k, i] = outermost.values[0], outermost.error[0], float(ratio), ratio.error
    top, top_error, mean, error = found
    return SharpnessHistory(run.times, top, top_error, mean, error, EDGE / rates)
