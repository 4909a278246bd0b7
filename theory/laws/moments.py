"""Mean and covariance of independent walkers, with what chance leaves open in both."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce

import numpy as np

from theory.base.arrays import Array
from theory.base.showing import told


@dataclass(frozen=True, eq=False)
class Moments:
    """Mean and covariance of the walkers that are still finite, at each time, with standard errors.

    Shapes: `count` (t,), `mean` and `mean_error` (t, d), `covariance` and `covariance_error` (t, d, d), the
    covariance with divisor `count` - 1.

    The errors are those of independent walkers whose law is as it is, not of a normal one: that of the covariance
    is from fourth moments. That of the mean needs a finite variance, that of the covariance finite fourth moments,
    and both some hundred walkers: under heavier tails (stable noise; SGD near its edge) they are those of the
    walkers seen, and too small for the rare ones that were not. NaN where nobody can tell: below 2 walkers, and
    without one the mean too.
    """

    count: Array
    mean: Array = field(repr=False)
    covariance: Array = field(repr=False)
    covariance_error: Array = field(default_factory=lambda: np.empty(0), repr=False)

    def __post_init__(self) -> None:
        if self.covariance_error.shape != self.covariance.shape:
            object.__setattr__(self, "covariance_error", np.full(self.covariance.shape, np.nan))

    def __repr__(self) -> str:
        return told(
            "Moments",
            walkers=self.count[-1],
            mean=self.mean[-1],
            mean_error=self.mean_error[-1],
            covariance=self.covariance[-1],
            covariance_error=self.covariance_error[-1],
        )

    @property
    def mean_error(self) -> Array:
        """Standard error of the mean, shape (t, d)."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.sqrt(np.diagonal(self.covariance, axis1=-2, axis2=-1) / np.asarray(self.count)[:, None])

    @staticmethod
    def of(positions: Array) -> Moments:
        """Those of `positions` (t, walkers, d), NaN being walkers that diverged."""
        finite = [points[np.isfinite(points).all(axis=-1)] for points in positions]
        return Moments.from_sums([Sums.of(points) for points in finite])

    @staticmethod
    def from_sums(sums: list[Sums]) -> Moments:
        """Those of the sums at each time."""
        parts = ("number", "mean", "squares", "fourths")
        n, mean, squares, fourths = (np.array([getattr(one, part) for one in sums]) for part in parts)
        counts = n[:, None, None]
        mean = np.where(n[:, None] > 0, mean, np.nan)  # of nobody there is none
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            covariance = squares / np.where(n > 1, n - 1, np.nan)[:, None, None]
            variances = np.diagonal(covariance, axis1=-2, axis2=-1)
            products = variances[:, :, None] * variances[:, None, :]
            spread = (fourths / counts - covariance**2) / counts
            spread += (products + covariance**2) / (counts * (counts - 1))
            return Moments(n, mean, covariance, np.sqrt(np.maximum(spread, 0.0)))


@dataclass(frozen=True, eq=False)
class Sums:
    """What moments are made of, so that blocks of walkers add up without cancellation.

    Parameters
    ----------
    number
        Of walkers.
    mean
        Shape (d,).
    squares, thirds, fourths
        Sums over the walkers of x_i x_j, x_i^2 x_j and x_i^2 x_j^2, x being the deviation from the mean, (d, d).
    """

    number: float
    mean: Array
    squares: Array
    thirds: Array
    fourths: Array

    @staticmethod
    def of(points: Array) -> Sums:
        """Those of `points` (n, d)."""
        mean = points.mean(axis=0) if len(points) else np.zeros(points.shape[1])
        with np.errstate(over="ignore", invalid="ignore"):  # of walkers on their way to infinity
            x = points - mean
            return Sums(float(len(points)), mean, x.T @ x, (x**2).T @ x, (x**2).T @ x**2)

    def plus(self, other: Sums) -> Sums:
        """Those of both together, by the pairwise update of Chan, Golub & LeVeque, for higher moments as well.

        References
        ----------
        Pebay (2008), Formulas for robust, one-pass parallel computation of covariances and arbitrary-order
        statistical moments.
        """
        if not other.number:
            return self
        number = self.number + other.number
        with np.errstate(over="ignore", invalid="ignore"):
            shift = other.mean - self.mean
            mean = self.mean + shift * (other.number / number)
            squares = self.squares + other.squares
            squares = squares + self.number * other.number / number * np.outer(shift, shift)
            moved = [self._about(self.mean - mean), other._about(other.mean - mean)]
            thirds, fourths = (reduce(np.add, parts) for parts in zip(*moved, strict=True))
            return Sums(number, mean, squares, thirds, fourths)

    def _about(self, shift: Array) -> tuple[Array, Array]:
        """Third and fourth sums of deviations that are larger by `shift` (d,)."""
        n, c, t = self.number, self.squares, self.thirds
        one, other = shift[:, None], shift[None, :]
        own = np.diagonal(c)
        thirds = t + 2 * one * c + own[:, None] * other + n * one**2 * other
        fourths = self.fourths + 2 * other * t + 2 * one * t.T + own[:, None] * other**2
        fourths = fourths + own[None, :] * one**2 + 4 * one * other * c + n * one**2 * other**2
        return thirds, fourths
