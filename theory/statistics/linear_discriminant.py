"""Fisher's linear discriminant."""

from __future__ import annotations

import numpy as np

from theory.base.arrays import Array, Booleans

RANK = 1e-10  # of the largest eigenvalue of a covariance, below which a direction has no spread


def left_out_scores(features: Array, labels: Booleans) -> Array:
    """What Fisher's discriminant of all other rows gives each row of `features` (n, p), shape (k, n).

    For each of the labels (k, n), more for those of the label True: S^-1 (difference of the means without the
    row), with S the covariance of all rows, which gives the directions of that within the groups, plus p / n of
    its mean, which keeps it apart from 0 where rows are few. For finding what is permuted, S need not be computed
    again.

    References
    ----------
    Fisher (1936), The use of multiple measurements in taxonomic problems; Lachenbruch & Mickey (1968), Estimation
    of error rates in discriminant analysis.
    """
    centred = features - features.mean(axis=0)
    number, dim = features.shape
    values, vectors = np.linalg.eigh(centred.T @ centred / number)
    kept = values > RANK * max(float(values[-1]), 0.0)
    white = centred @ (vectors[:, kept] / np.sqrt(values[kept] + values.mean() * dim / number))
    squares = (white**2).sum(axis=1)
    first = labels.sum(axis=1, keepdims=True)
    means = labels @ white / first, ~labels @ white / (number - first)
    along = means[0] @ white.T, means[1] @ white.T
    own = np.where(labels, (along[0] - squares) / (first - 1), (squares - along[1]) / (number - first - 1))
    return np.asarray(along[0] - along[1] + own)
