"""How well a classifier tells two samples apart."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, runtime_checkable

import numpy as np

from compare.samples.contract import Shifting, splits_of
from theory.base.arguments.numbers import MISFIT, numbers_of
from theory.base.arrays import Array, Booleans
from theory.base.contracts import Part
from theory.statistics import chance_of_order, left_out_scores

AT_ONCE = 2_000_000  # scores of points in labellings
PER_FEATURE = 10  # points of each sample to learn from, for each number that the discriminant weighs


@runtime_checkable
class Learner(Protocol):
    """A classifier as those of scikit-learn: it learns from points (n, d) and labels (n,) of 0 and 1."""

    def fit(self, X: Any, y: Any) -> Any:
        """Learn."""
        ...

    def predict_proba(self, X: Any) -> Any:
        """Chances of 0 and 1, shape (n, 2)."""
        ...


@dataclass(frozen=True)
class Classifier:
    """How often a classifier ranks a point of one sample above one of the other, less one half.

    The discriminant gives each point what it has learnt from all others, and learns anew from permuted labels. A
    learner of the user's own learns from half of each sample and is judged on the other half, whose labels alone
    are permuted: the test is exact whatever it has learnt, and half of the points pay for that.

    Parameters
    ----------
    learner
        Anything with `fit` and `predict_proba`, such as a classifier of scikit-learn, of which copies learn. By
        default Fisher's discriminant of the coordinates, with their squares and then their products where there
        are ten points of each sample to learn from for each.

    References
    ----------
    Lopez-Paz & Oquab (2017), Revisiting classifier two-sample tests; Kim, Ramdas, Singh & Wasserman (2021),
    Classification accuracy as a proxy for two-sample testing.
    """

    learner: Learner | None = None

    @property
    def words(self) -> str:
        """What it is, for a line of text."""
        name = "Fisher's discriminant" if self.learner is None else type(self.learner).__name__
        return f"chance above 1/2 that {name} orders two points rightly"

    def prepare(
        self, points: Array, labels: Booleans, rng: np.random.Generator
    ) -> ClassifiedSample | DiscriminedSample:
        """Points (n, d) of both samples made ready, with labels (n,); see `SampleDistance`."""
        if self.learner is None:
            return DiscriminedSample(points, min(int(labels.sum()), int((~labels).sum())))
        learning = np.zeros(len(points), dtype=np.bool_)
        for group in (labels, ~labels):
            members = rng.permutation(np.flatnonzero(group))
            learning[members[: len(members) // 2]] = True
        return ClassifiedSample(points, learning, self.learner)


@dataclass(frozen=True, eq=False)
class ClassifiedSample:
    """Points (n, d), of which those in `fixed` (n,) are for learning."""

    points: Array = field(repr=False)
    fixed: Booleans = field(repr=False)
    learner: Learner

    def values(self, labels: Booleans) -> Array:
        """The chances above 1/2 for labels (k, n), shape (k,); where all rows teach the same it is learnt once."""
        taught, judged = labels[:, self.fixed], labels[:, ~self.fixed]
        if (taught == taught[:1]).all():
            return chance_of_order(self._scores(taught[0]), judged) - 1 / 2
        parts = [
            chance_of_order(self._scores(one), other[None]) for one, other in zip(taught, judged, strict=True)
        ]
        return np.concatenate(parts) - 1 / 2

    def shifting(self, labels: Booleans, values: Array, ways: Array) -> Shifting:
        """The chances of a few labellings after the second parts have moved, each learnt anew."""
        few = labels[: splits_of(len(self.points))]

        def moved(length: float) -> Array:
            pairs = _moved(self.points, few, length * ways)
            return np.array([replace(self, points=one).values(row[None])[0] for row, one in pairs])

        return moved

    def _scores(self, taught: Booleans) -> Array:
        """What a classifier that has learnt these labels gives the other points: more for those of the first."""
        known, new = self.points[self.fixed], self.points[~self.fixed]
        part = Part.of("learner", deepcopy(self.learner))
        part.call("fit", known, taught.astype(np.int64))
        chances = numbers_of(part.call("predict_proba", new))
        got = "no numbers" if chances is MISFIT else f"shape {chances.shape}"
        fits = chances is not MISFIT and chances.shape == (len(new), 2) and bool(np.isfinite(chances).all())
        part.require(
            fits,
            f"`predict_proba` must give chances ({len(new)}, 2), got {got}",
        )
        return np.asarray(chances[:, 1], dtype=np.float64)


@dataclass(frozen=True, eq=False)
class DiscriminedSample:
    """Points (n, d), whose discriminant has features as `least` points of each sample are enough for."""

    points: Array = field(repr=False)
    least: int

    @property
    def fixed(self) -> Booleans:
        """None."""
        return np.zeros(len(self.points), dtype=np.bool_)

    def values(self, labels: Booleans) -> Array:
        """The chances above 1/2 for labels (k, n), shape (k,)."""
        features, some = _features(self.points, self.least), max(1, AT_ONCE // len(self.points))
        found = []
        for begin in range(0, len(labels), some):
            rows = labels[begin : begin + some]
            scores = left_out_scores(features, rows)
            found += [chance_of_order(one, row[None]) for one, row in zip(scores, rows, strict=True)]
        return np.concatenate(found) - 1 / 2

    def shifting(self, labels: Booleans, values: Array, ways: Array) -> Shifting:
        """The chances of a few labellings after the second parts have moved."""
        few = labels[: splits_of(len(self.points))]

        def moved(length: float) -> Array:
            pairs = _moved(self.points, few, length * ways)
            return np.array([replace(self, points=one).values(row[None])[0] for row, one in pairs])

        return moved


def _moved(points: Array, labels: Booleans, steps: Array) -> Iterator[tuple[Booleans, Array]]:
    """Each of the labels (k, n) with the points after those with label False have moved by its step, (k, d)."""
    for row, step in zip(labels, steps, strict=False):
        yield row, points + np.where(row[:, None], 0.0, step)


def _features(points: Array, number: int) -> Array:
    """The coordinates, with their squares and products where `number` points of each sample are enough."""
    dim = points.shape[1]
    if number < 2 * dim * PER_FEATURE:
        return points
    if number < dim * (dim + 3) / 2 * PER_FEATURE:
        return np.concatenate([points, points**2], axis=1)
    rows, columns = np.triu_indices(dim)
    return np.concatenate([points, points[:, rows] * points[:, columns]], axis=1)
