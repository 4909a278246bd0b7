"""Whether the scores of one group lie above those of another."""

from __future__ import annotations

import numpy as np

from theory.base.arrays import Array, Booleans


def chance_of_order(scores: Array, labels: Booleans) -> Array:
    """The share of pairs in which a score with label True is the larger, ties by halves, shape (k,).

    For scores (n,) and each row of labels (k, n): Mann and Whitney's statistic over the number of pairs.

    References
    ----------
    Mann & Whitney (1947), On a test of whether one of two random variables is stochastically larger.
    """
    from scipy.stats import rankdata  # half a second that few need

    first = labels.sum(axis=1)
    second = labels.shape[1] - first
    ranks = labels @ rankdata(scores)
    return np.asarray((ranks - first * (first + 1) / 2) / (first * second))
