"""What a model of the user's own must give."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from theory.base.arrays import Array, ArrayLike, Booleans
from theory.base.contracts import Kept, Part
from theory.base.errors import require
from theory.base.trials import some_of, trial_points
from theory.landscapes import check_landscape
from theory.landscapes.contract import try_landscape
from theory.models.dataset_model import DatasetModel
from theory.models.protocol import BatchModel
from theory.tensors import check_tensor_field
from theory.tensors.contract import try_tensor_field
from theory.tensors.minibatch import AnyNoisyModel, covariance_of

DRAWS: Final = (2_000, 20_000)  # gradients at a point: a second, longer look before a refusal
MOST: Final = 4_000_000  # numbers that a model may need at once for them
FEWEST: Final = 100  # gradients, of which a mean is normal enough
FAR: Final = 6.0  # standard errors
FACTOR: Final = 1.6  # between variances, within which heavy tails may mislead a sample
NAMES: Final = ("gradient_covariance", "example_covariance", "covariance")  # of C(w), the last one old
MEAN_LEFT_BY_ROUNDING = 1e-9  # of the mean and absolutely


def check_model(
    model: BatchModel | AnyNoisyModel, points: ArrayLike | None = None, *, batch_size: int = 1
) -> Kept:
    """What `model` keeps of its contract: that of a landscape, and that its batch gradients are its gradient's.

    Their mean over some thousand draws is compared with `gradient` at 6 standard errors, and their variances with
    those of C(w) / `batch_size`, where it is known, within a factor of 1.6, since tails may be heavy.

    Parameters
    ----------
    points
        Where it is tried, shape (n, d), and must be finite; by default at four places around 0, where it may not.
    batch_size
        Examples of a batch.

    Raises
    ------
    InputError
        If it does not keep it, in one line with its name, or it has neither batch gradients nor a covariance.
    """
    require(batch_size >= 1, f"`batch_size` must be at least 1, got {batch_size}")
    part = Part.of("model", model)
    known = _covariance(part)
    takes_batches = isinstance(part.value, DatasetModel)
    draws = part.has("batch_gradient") and not takes_batches
    part.require(
        draws or known is not None,
        "it must have `batch_gradient(w, batch_size, rng)` or `gradient_covariance(w)`, got neither; define one",
    )
    where, finite = trial_points(part.dimension(), points)
    clauses = list(check_landscape(part.value, points).clauses)
    if known is not None:
        _tried_covariance(part, known, where, finite)
        clauses.append("the covariance of one example's gradient is symmetric, positive semidefinite, vectorised")
    if draws:
        _tried_draws(part, known, where, batch_size)
        clauses.append("`batch_gradient` draws from `rng` alone, with the mean `gradient`")
    return Kept(part.name, tuple(clauses))


def try_model(model: object, positions: Array, batch_size: int) -> None:
    """Refuse a model of the user's own that breaks its contract next to `positions` (n, d).

    Raises
    ------
    InputError
        As `check_model`.
    """
    part = Part.of("model", model)
    if part.ours:
        try_landscape(getattr(part.value, "landscape", part.value), positions)
        try_tensor_field(getattr(part.value, "example_covariance", None), positions, finite=True)
        return
    where, known = some_of(positions), _covariance(part)
    try_landscape(part.value, positions)
    if known is not None and len(where):
        _tried_covariance(part, known, where, finite=True)
    if part.has("batch_gradient") and len(where):
        _tried_draws(part, known, where, batch_size)


def _covariance(part: Part) -> Any:
    return next((name for name in NAMES if part.has(name)), None)


def _tried_covariance(part: Part, name: str, where: Array, finite: bool) -> None:
    if name == "gradient_covariance":
        part.somewhere(name, part.covariance(name, where, finite=finite))
    else:
        check_tensor_field(getattr(part.value, name), where if finite else None)


def _tried_draws(part: Part, known: str | None, where: Array, batch_size: int) -> None:
    """Shapes, the stream, then the mean at the first two points."""
    dim = where.shape[1]
    drawn = part.reproducible(
        "batch_gradient", lambda rng: part.numbers("batch_gradient", where, (dim,), batch_size, rng)
    )
    part.numbers("batch_gradient", where[:1], (dim,), batch_size, part.stream())
    gradient = part.numbers("gradient", where, (dim,))
    told: Booleans = np.asarray(np.isfinite(gradient).all(axis=1))
    part.require_finite("batch_gradient", where[told], drawn[told])
    for point, mean in zip(where[:2], gradient[:2], strict=True):
        if np.isfinite(mean).all():
            trial = _Draws(part, point, mean, _variances(part, known, point))
            for batch in dict.fromkeys((batch_size, 1)) if known else (batch_size,):
                room = max(FEWEST, MOST // (batch * dim))
                complaint = trial.complaint(batch, min(DRAWS[0], room)) and trial.complaint(
                    batch, min(DRAWS[1], room)
                )
                part.require(not complaint, complaint)


def _variances(part: Part, known: str | None, point: Array) -> Array | None:
    """Variances of one example's gradient at `point`, shape (d,), where the model tells them."""
    if known is None:
        return None
    return np.asarray(np.diagonal(covariance_of(part.value).tensor(point[None])[0]).clip(min=0.0))


@dataclass(frozen=True)
class _Draws:
    """Batch gradients at one point, with the mean and the variances of one example's that they must have."""

    part: Part
    point: Array
    mean: Array
    variances: Array | None

    def complaint(self, batch: int, draws: int) -> str:
        """What is wrong with so many of them; nothing where they fit."""
        dim, at = len(self.point), f"at w = {self.point.tolist()}"
        points = np.tile(self.point, (draws, 1))
        found = self.part.numbers("batch_gradient", points, (dim,), batch, self.part.stream())
        rounding = MEAN_LEFT_BY_ROUNDING * (1 + np.abs(self.mean))
        gap, seen = np.abs(found.mean(axis=0) - self.mean), found.var(axis=0, ddof=1)
        if (seen <= rounding**2).all() and (gap > rounding).any():
            return f"`batch_gradient` must draw a batch for each walker, got one for all of them {at}; draw (n, d)"
        wanted = seen if self.variances is None else self.variances / batch
        error = np.sqrt(np.maximum(seen, wanted) / draws)
        far = gap > FAR * error + rounding
        if far.any():
            k = int(np.argmax(far))
            return (
                f"`batch_gradient` must have the mean `gradient`, got {found[:, k].mean():.4g} +- {error[k]:.2g} "
                f"and not {self.mean[k]:.4g} {at}; draw unbiased batches, and divide by their size"
            )
        wrong = seen > FACTOR * wanted + rounding**2
        if batch == 1:  # larger batches without replacement vary less
            wrong |= wanted > FACTOR * seen + rounding**2
        if wrong.any():
            k = int(np.argmax(wrong))
            return (
                f"`batch_gradient` must have the covariance C(w) / {batch}, got the variance {seen[k]:.4g} "
                f"and not {wanted[k]:.4g} {at}; C(w) is that of one example's gradient"
            )
        if self.part.has("normal") and self.part.value.normal is True and (seen > rounding**2).all():
            kurtosis = ((found - found.mean(axis=0)) ** 4).mean(axis=0) / seen**2 - 3
            k = int(np.argmax(np.abs(kurtosis)))
            if abs(kurtosis[k]) > FAR * math.sqrt(24 / draws):
                return (
                    f"`batch_gradient` must be normal, as `normal` says, got the kurtosis 3 + {kurtosis[k]:.3g} "
                    f"{at}; leave `normal` out"
                )
        return ""
