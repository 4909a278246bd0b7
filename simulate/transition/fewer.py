"""Errors of what a grid says, by its distances from what fewer cells say."""

from __future__ import annotations

from collections.abc import Sequence

SECOND_ORDER = 5 / 12  # distance from two thirds of the cells over that from half of them, at the second order
CHANCE = 8.0  # of the distance from half the cells, of which the fourth order leaves a fifteenth
FAR = 0.1  # total variation from half the cells, beyond which no order is seen
UNSEEN = 2.0  # of that distance


def left(distances: Sequence[float]) -> float | None:
    """The error that answers on two thirds and half of the cells, or on the last alone, show by their distances.

    What is of the first order at least leaves no more than the distance from the half, or twice that from two
    thirds. Where the two fall as at the second order or faster, it leaves no more than the nearer distance; never
    less than half of what the fourth order leaves, as cells may agree by chance.
    """
    if len(distances) < 2:
        return distances[0] if distances else None
    near, far = distances
    if near <= SECOND_ORDER * far:
        return max(near, far / CHANCE)
    return min(2 * near, far)


def left_of_law(distances: Sequence[float]) -> float | None:
    """The same of total variations between laws.

    Where half the cells move a law by more than a tenth, its spikes are narrower than cells, as behind curves
    across which |H| vanishes, and orders say little: then twice that distance.
    """
    error = left(distances)
    if error is None or len(distances) < 2 or distances[-1] <= FAR:
        return error
    return max(error, UNSEEN * distances[-1])
