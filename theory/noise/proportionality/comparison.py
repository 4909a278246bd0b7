"""The covariance of one example's gradient against the Hessian, point by point."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from theory.base.arrays import Array, ArrayLike, Integers
from theory.base.errors import require
from theory.base.renamed import OldName, renamed
from theory.base.showing import told

RANK_TOLERANCE = 1e-9  # singular values below this part of the largest count as zero


class NoisyCurvature(Protocol):
    """A model that knows the covariance C(w) of one example's gradient and the Hessian H(w) of the mean loss."""

    @property
    def dim(self) -> int:
        """Dimension d."""
        ...

    def gradient_covariance(self, w: ArrayLike) -> Array:
        """C(w), shape (..., d, d)."""
        ...

    def hessian(self, w: ArrayLike) -> Array:
        """H(w), shape (..., d, d)."""
        ...


@renamed(covariance="gradient_covariance")
@dataclass(frozen=True, eq=False)
class CovarianceComparison:
    """C against H at n points, in the Frobenius inner product <C, H> = tr(C H).

    Parameters
    ----------
    points
        Shape (n, d).
    gradient_covariance, hessian
        C, of one example, and H, shape (n, d, d).
    constant
        The c that minimises |C - c H|, <C, H> / <H, H>; NaN where H = 0.
    misfit
        |C - c H| / |C| at that c, the sine of `angle`; NaN where C or H is zero.
    angle
        Between C and H, in [0, pi]; pi means C = -|c| H. NaN where C or H is zero.
    commutator
        |C H - H C| / (sqrt(2) |C| |H|) in [0, 1]: 0 exactly where C and H share their eigenvectors, however
        degenerate. NaN where C or H is zero.
    overlaps
        Squared inner products of the eigenvectors of C (rows) and H (columns), both by increasing eigenvalue; of
        equal eigenvalues the vectors are arbitrary.
    covariance_rank, hessian_rank
        Number of singular values above 1e-9 of the largest.
    """

    points: Array
    gradient_covariance: Array = field(repr=False)
    hessian: Array = field(repr=False)
    constant: Array
    misfit: Array
    angle: Array
    commutator: Array
    overlaps: Array = field(repr=False)
    covariance_rank: Integers
    hessian_rank: Integers
    covariance = OldName("gradient_covariance")

    def __repr__(self) -> str:
        return told(
            "CovarianceComparison",
            points=self.points,
            constant=self.constant,
            misfit=self.misfit,
            angle=self.angle,
            commutator=self.commutator,
            covariance_rank=self.covariance_rank,
            hessian_rank=self.hessian_rank,
        )


def compare_covariance(model: NoisyCurvature, points: ArrayLike) -> CovarianceComparison:
    """C(w) against H(w) at `points` (n, d): best constant, misfit, angle, ranks and eigenvectors.

    In one dimension the misfit is always 0 and only the constant, with its sign, says something. A point where C
    vanishes only up to the rounding of the point itself looks like a very small constant: there
    `judge_proportionality` along a path tells a zero from a small number.

    Raises
    ------
    InputError
        If the points do not fit the model, or C or H is not finite at one of them.

    References
    ----------
    Jastrzebski et al. (2017), Three factors influencing minima in SGD, assume C = H; Thomas et al. (2020), On the
    interplay between noise and curvature, measure it.
    """
    where = np.asarray(points, dtype=np.float64)
    require(
        where.ndim == 2 and where.shape[1] == model.dim and len(where) > 0,
        f"`points` must have shape (n, {model.dim}), got {where.shape}",
    )
    covariance, hessian = matrices(model, where)
    sizes = norm(covariance), norm(hessian)
    with np.errstate(divide="ignore", invalid="ignore"):
        unit = covariance / sizes[0][:, None, None], hessian / sizes[1][:, None, None]
        cosine = np.einsum("nij,nij->n", *unit)
        sine = norm(unit[0] - cosine[:, None, None] * unit[1])
        turned = unit[0] @ unit[1] - unit[1] @ unit[0]
        constant = np.where(sizes[1] > 0, cosine * sizes[0] / sizes[1], np.nan)
        constant = np.where((sizes[0] == 0) & (sizes[1] > 0), 0.0, constant)
    vectors = np.linalg.eigh(covariance)[1], np.linalg.eigh(hessian)[1]
    return CovarianceComparison(
        where,
        covariance,
        hessian,
        constant,
        sine,
        np.arctan2(sine, cosine),
        norm(turned) / np.sqrt(2),
        np.asarray((vectors[0].swapaxes(1, 2) @ vectors[1]) ** 2),
        rank(covariance),
        rank(hessian),
    )


def matrices(model: NoisyCurvature, points: Array) -> tuple[Array, Array]:
    """C and H at points (n, d), once they are finite.

    Raises
    ------
    InputError
        If one of them is not finite.
    """
    covariance, hessian = model.gradient_covariance(points), model.hessian(points)
    for name, matrix in (("covariance of the gradient", covariance), ("Hessian", hessian)):
        bad = ~np.isfinite(matrix).all(axis=(1, 2))
        require(
            not bad.any(),
            f"the {name} must be finite, it is not at w = {points[bad][:1].tolist()}; move the point",
        )
    return covariance, hessian


def norm(matrix: Array) -> Array:
    """Frobenius norms of matrices (..., d, d)."""
    return np.asarray(np.linalg.norm(matrix, axis=(-2, -1)))


def rank(matrix: Array) -> Integers:
    """Number of singular values that are not rounding beside the largest."""
    values = np.linalg.svd(matrix, compute_uv=False)
    return np.asarray((values > RANK_TOLERANCE * values[..., :1]).sum(axis=-1), dtype=np.int64)
