"""The maximum mean discrepancy."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from compare.samples.pairs import GAUSSIAN, PairSums
from theory.base.arrays import Array, Booleans
from theory.base.errors import require
from theory.base.showing import as_call

MOST_FOR_MEDIAN = 1000  # points, whose pairs give the median distance


@dataclass(frozen=True)
class MaximumMeanDiscrepancy:
    """E k(X, X') + E k(Y, Y') - 2 E k(X, Y) with the kernel k = exp(-|x - y|^2 / (2 bandwidth^2)).

    The square of the distance of the mean embeddings, 0 for equal laws and for no others. A small bandwidth sees
    small structures, a large one means.

    Parameters
    ----------
    bandwidth
        In the units of the points, which `two_sample_test` standardises; by default the median distance between
        points of both samples together.

    Raises
    ------
    InputError
        If the bandwidth is not positive.

    References
    ----------
    Gretton, Borgwardt, Rasch, Schoelkopf & Smola (2012), A kernel two-sample test.
    """

    bandwidth: float | None = None

    def __post_init__(self) -> None:
        width = self.bandwidth
        require(
            width is None or (math.isfinite(width) and width > 0),
            f"`bandwidth` must be positive and finite, got {width}",
        )

    def __repr__(self) -> str:
        return as_call(self)

    @property
    def words(self) -> str:
        """What it is, for a line of text."""
        width = "the median distance" if self.bandwidth is None else f"{self.bandwidth:g}"
        return f"maximum mean discrepancy, Gaussian kernel, bandwidth {width}"

    def prepare(self, points: Array, labels: Booleans, rng: np.random.Generator) -> PairSums:
        """Points (n, d) of both samples made ready, with labels (n,); see `SampleDistance`.

        Raises
        ------
        InputError
            If half of the points are at one place.
        """
        width = self.bandwidth
        if width is None:
            from scipy.spatial.distance import pdist  # which only this needs

            few = points if len(points) <= MOST_FOR_MEDIAN else rng.permutation(points)[:MOST_FOR_MEDIAN]
            width = float(np.median(pdist(few)))
        require(width > 0, "half of the points must not be at one place, where they are; give a `bandwidth`")
        return PairSums.of(points, GAUSSIAN, width, 1.0, rng)
