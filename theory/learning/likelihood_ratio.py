"""The divergence from a true parameter, seen in data."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from theory.base.arrays import Array, ArrayLike, points_of, read_only
from theory.base.errors import require
from theory.landscapes.function import central_differences
from theory.models import DatasetModel
from theory.models.slabs import slabs


@dataclass(frozen=True, eq=False)
class LikelihoodRatio:
    """K(w) = half the mean square of l(w) - l(w*) over the examples: a `Landscape` that is 0 where w* is as good.

    If the data are true to w*, so that exp(-l) is the density of an example up to a factor, this is the divergence
    to leading order: the mean of the ratio's square is twice it (relatively finite variance), so both have one
    learning coefficient. The noise of n examples is here a factor 1 +- O(1 / sqrt n), where that of the loss
    itself is of the size of sqrt(K / n): n may be small, and t in exp(-t K) as large as one likes. At a w* that
    was only fitted it is the coefficient that the model would have were its fit the truth.

    Parameters
    ----------
    model
        Whose loss of one example is its negative log likelihood up to a constant: half the square of the residual
        over the variance of the noise.
    at
        w*, shape (d,), the true parameter.

    Raises
    ------
    InputError
        If w* does not fit, or a loss is not finite there.

    References
    ----------
    Watanabe (2009), Algebraic geometry and statistical learning theory, chapter 6; Watanabe (2018), Mathematical
    theory of Bayesian statistics, section 3.1, for the variance of the ratio.
    """

    model: DatasetModel = field(repr=False)
    at: Array
    _there: Array = field(init=False, repr=False)

    def __post_init__(self) -> None:
        centre = read_only(np.atleast_1d(np.asarray(self.at, dtype=np.float64)))
        dim = self.model.dim
        require(
            centre.shape == (dim,) and bool(np.isfinite(centre).all()),
            f"`at` must be {dim} finite numbers, got {np.asarray(self.at).tolist()}",
        )
        object.__setattr__(self, "at", centre)
        losses = self._losses(centre[None])[0]
        require(bool(np.isfinite(losses).all()), "the losses at `at` must be finite, they are not")
        object.__setattr__(self, "_there", losses)

    def __repr__(self) -> str:
        return f"<LikelihoodRatio of {self.model!r} at {self.at.tolist()}>"

    @property
    def dim(self) -> int:
        """Dimension d."""
        return self.model.dim

    def value(self, w: ArrayLike) -> Array:
        """K, shape (...).

        Raises
        ------
        InputError
            If the last axis of `w` is not of length d.
        """
        points = points_of(w, self.dim)
        flat = points.reshape(-1, self.dim)
        found = np.empty(len(flat))
        for part in slabs(len(flat), len(self.model)):
            found[part] = ((self._losses(flat[part]) - self._there) ** 2).mean(axis=1) / 2
        return found.reshape(points.shape[:-1])

    def gradient(self, w: ArrayLike) -> Array:
        """Its gradient, shape (..., d).

        Raises
        ------
        InputError
            If the last axis of `w` is not of length d.
        """
        points = points_of(w, self.dim)
        return self.value_and_gradient(points.reshape(-1, self.dim))[1].reshape(points.shape)

    def hessian(self, w: ArrayLike) -> Array:
        """Its Hessian, shape (..., d, d), symmetric; by differences of fourth order.

        Raises
        ------
        InputError
            If the last axis of `w` is not of length d.
        """
        raw = central_differences(self.gradient, points_of(w, self.dim))
        return np.asarray((raw + raw.swapaxes(-1, -2)) / 2)

    def value_and_gradient(self, points: Array) -> tuple[Array, Array]:
        """Both at points (n, d), shapes (n,) and (n, d): losses of all examples, then a sum of their gradients."""
        values, slopes = np.empty(len(points)), np.empty(points.shape)
        for part in slabs(len(points), len(self.model)):
            ratios = self._losses(points[part]) - self._there
            values[part] = (ratios**2).mean(axis=1) / 2
            slopes[part] = self.model.weighted_gradient(points[part], ratios / len(self.model))
        return values, slopes

    def _losses(self, points: Array) -> Array:
        """Of all examples, shape (n, N)."""
        return np.asarray(self.model.loss(points[:, None], self.model.x, self.model.y))
