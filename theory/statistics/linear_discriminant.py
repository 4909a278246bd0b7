"""Fisher's linear discriminant."""

from __future__ import annotations

import numpy as np

from theory.base.arrays import Array

RANK = 1e-10  # of the largest eigenvalue of a covariance, below which a direction has no spread


def discriminant(first: Array, second: Array) -> Array:
    """The weights (p,) of features that tell rows of `first` (n, p) from those of `second` (m, p) best.

    S^-1 (difference of the means), with S the covariance within the two groups, where it has no spread the
    pseudo-inverse: optimal for normal laws of one covariance.

    References
    ----------
    Fisher (1936), The use of multiple measurements in taxonomic problems.
    """
    means = first.mean(axis=0), second.mean(axis=0)
    within = sum((group - mean).T @ (group - mean) for group, mean in zip((first, second), means, strict=True))
    values, vectors = np.linalg.eigh(within / (len(first) + len(second)))
    kept = values > RANK * max(float(values[-1]), 0.0)
    basis = vectors[:, kept]
    return np.asarray(basis @ ((basis.T @ (means[0] - means[1])) / values[kept]))
