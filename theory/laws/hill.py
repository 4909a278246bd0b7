"""The power of a tail from the largest of a sample."""

from __future__ import annotations

import numpy as np

from theory.base.arrays import ArrayLike, finite
from theory.base.errors import require
from theory.base.estimate import Estimate

FEWEST = 2  # values above the threshold


def hill_index(samples: ArrayLike, largest: int) -> Estimate:
    """The power alpha of the tail P(|w| > u) ~ u^-alpha from the `largest` absolute values, with standard error.

    `samples` has shape (n,). One over the mean of log(|w| / u), u being the next largest: maximum likelihood of an
    exact power beyond u, with the relative standard error 1 / sqrt(largest). Where the tail is a power only in the
    limit it is biased, for a density (c + w^2)^-(1 + alpha)/2 downwards by a share of order c / u^2.

    Raises
    ------
    InputError
        If the samples are not finite, `largest` is not between 2 and n - 1, or they do not differ.

    References
    ----------
    Hill (1975), A simple general approach to inference about the tail of a distribution.
    """
    sizes = np.sort(np.abs(finite(samples, "samples").ravel()))
    require(
        FEWEST <= largest < len(sizes) and largest % 1 == 0,
        f"`largest` must be a whole number from {FEWEST} to {len(sizes) - 1}, fewer than samples, got {largest}",
    )
    threshold = float(sizes[-largest - 1])
    require(
        0 < threshold < sizes[-1],
        f"the largest {largest} samples must lie above a positive number, got {threshold:.3g} as the next, "
        f"{sizes[-1]:.3g} as the largest; take fewer",
    )
    power = 1 / float(np.log(sizes[-largest:] / threshold).mean())
    return Estimate(power, power / largest**0.5)
