"""Gradient noise against curvature where the curvature is largest, in any dimension."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.sparse.linalg import LinearOperator

from theory.base.arrays import Array, ArrayLike
from theory.base.errors import require
from theory.base.estimate import Estimate
from theory.base.showing import told
from theory.models import DatasetModel
from theory.noise.spectra.eigenvalues import extreme_eigenvalues
from theory.noise.spectra.operators import covariance_operator, hessian_operator
from theory.noise.spectra.traces import covariance_trace

LARGEST_TILT = 0.1  # sine of the angle by which the subspace may be off


@dataclass(frozen=True, eq=False)
class SubspaceComparison:
    """C against H in the span of the top k eigenvectors of H at one point.

    Parameters
    ----------
    curvatures
        The top eigenvalues of H, shape (k,), the largest first.
    vectors
        Their eigenvectors, in rows, shape (k, d).
    gradient_covariance
        C of one example between them, shape (k, k).
    constant
        The c that minimises |C - c H| there.
    cosine
        Of the angle between C and H there, <C, H> / (|C| |H|); 1 where C = c H.
    share
        Of tr C that lies there: k/d for noise that knows nothing of H.
    overlap
        The mean squared cosine between the span and that of the top k eigenvectors of C: 1 where they are one, k/d
        for spans that know nothing of each other.
    tilt
        The sine of the angle by which the span may be off, from the residuals and the gap to the eigenvalue below;
        the errors of the others hold what it does to them.
    """

    curvatures: Array
    vectors: Array = field(repr=False)
    gradient_covariance: Array = field(repr=False)
    constant: Estimate
    cosine: Estimate
    share: Estimate
    overlap: Estimate
    tilt: float

    def __repr__(self) -> str:
        return told(
            "SubspaceComparison",
            curvatures=self.curvatures,
            constant=self.constant,
            cosine=self.cosine,
            share=self.share,
            overlap=self.overlap,
        )


def compare_in_subspace(
    model: DatasetModel, at: ArrayLike, number: int = 10, *, rng: np.random.Generator
) -> SubspaceComparison:
    """C(w) against H(w) in the span of the top `number` eigenvectors of H, by products with vectors alone.

    Parameters
    ----------
    model
        A data set or a network.
    at
        The point, shape (d,).
    number
        k, less than d - 1.

    Raises
    ------
    InputError
        If numbers do not fit, C or H vanishes, or no gap divides the top k eigenvalues from the next, of H or C.

    References
    ----------
    Thomas, Pedregosa, van Merrienboer, Manzagol, Bengio & Le Roux (2020), On the interplay between noise and
    curvature; Davis & Kahan (1970), The rotation of eigenvectors by a perturbation.
    """
    require(
        1 <= number < model.dim - 1 and number % 1 == 0,
        f"`number` must be a whole number from 1 to {model.dim - 2}, got {number}",
    )
    noise = covariance_operator(model, at)
    values, span, tilt = _top(hessian_operator(model, at), int(number), "Hessian", rng)
    strongest, noisy, noisy_tilt = _top(noise, int(number), "covariance of the gradient", rng)
    raw = span @ np.stack([noise.matvec(row) for row in span]).T
    inside = (raw + raw.T) / 2
    sizes = float(np.linalg.norm(inside)), float(np.linalg.norm(values))
    require(
        sizes[0] > 0, "the noise must not vanish along the top of the Hessian, it does; nothing is proportional"
    )
    inner = float(np.diag(inside) @ values)
    moved = 2 * tilt * float(strongest[0]) * np.sqrt(number) / sizes[0]  # relative, of C in the span
    cosine = inner / (sizes[0] * sizes[1])
    trace = covariance_trace(model, at)
    overlap = float(((span @ noisy.T) ** 2).sum() / number)
    return SubspaceComparison(
        values,
        span,
        inside,
        Estimate(inner / sizes[1] ** 2, moved * sizes[0] / sizes[1] + 2 * tilt * abs(inner) / sizes[1] ** 2),
        Estimate(cosine, 2 * moved + 2 * tilt),
        Estimate(float(np.trace(inside)) / trace, 2 * tilt * float(strongest.sum()) / trace),
        Estimate(overlap, 2 * (tilt + noisy_tilt)),
        tilt,
    )


def _top(operator: LinearOperator, number: int, name: str, rng: np.random.Generator) -> tuple[Array, Array, float]:
    """The top eigenvalues (k,), vectors (k, d), and the sine by which their span may be off."""
    found = extreme_eigenvalues(operator, number + 1, rng=rng)
    gap = float(found.values[number - 1] - found.values[number])
    error = float(found.error.max())
    tilt = error / (gap - error) if gap > error else np.inf
    require(
        tilt <= LARGEST_TILT,
        f"the top {number} eigenvalues of the {name} must lie apart from the next, they end at "
        f"{found.values[number - 1]:.6g} +- {error:.2g} and the next is {found.values[number]:.6g}; take another "
        "`number`",
    )
    return found.values[:number], found.vectors[:number], tilt
