"""Whether two samples are of one law."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import ndtri

from compare.samples.contract import SampleDistance, Shifting
from compare.samples.energy import EnergyDistance
from compare.samples.found import POWER, TwoSampleTest
from theory.base.arrays import Array, ArrayLike, Booleans
from theory.base.errors import require
from theory.laws import Draws, Ensemble
from theory.laws.walkers import spawn_streams

FEWEST = 10  # points of a sample
SEARCH = 6  # shifts that are tried
CLOSE = 0.05  # standard deviations of the distance, to which a shift is searched
WIDER = 9.0  # times the square of the last shift, as far as the next one goes
ROUNDING = 1e-12  # of alpha times the number of permutations
FARTHEST = 100.0  # standard deviations


def two_sample_test(
    x: Ensemble | Draws | ArrayLike,
    y: Ensemble | Draws | ArrayLike,
    *,
    rng: np.random.Generator,
    method: SampleDistance = EnergyDistance(),  # noqa: B008 - frozen
    permutations: int = 199,
    alpha: float = 0.05,
) -> TwoSampleTest:
    """Whether two samples in any dimension are of one law, with the smallest shift that would have shown.

    Each coordinate is measured in standard deviations of both samples together. The labels of the pooled points
    are permuted: the share of permutations, the one seen among them, whose distance is at least the one seen is
    `p_value`, and whatever the law, the chance of a false alarm is `alpha` at most. The mean of the permuted
    distances is the floor. `detectable` is found by shifting one part of random splits of the pooled sample, each
    in a direction of its own: of the law nothing is assumed, of the distances that they are nearly normal.

    Points must be independent. Draws of chains are thinned until they are (`Draws.independent`).

    Parameters
    ----------
    x, y
        Ensembles, whose last positions count, `Draws` of chains, or points (n, d), on a line also (n,).
    method
        `EnergyDistance()`, `SlicedWasserstein()`, `MaximumMeanDiscrepancy()`, `Classifier()`, or one of the user's
        own, a `SampleDistance`.
    permutations
        How many, beside the labels seen.
    alpha
        Chance of a false alarm.

    Raises
    ------
    InputError
        If dimensions differ, a walker diverged, a sample has fewer than ten points, all points are one, `alpha` is
        no chance, or too small for so many permutations.

    References
    ----------
    Phipson & Smyth (2010), Permutation p-values should never be zero; Hemerik & Goeman (2018), Exact testing with
    random permutations.
    """
    require(0 < alpha < 1, f"`alpha` must lie between 0 and 1, got {alpha}; it is the chance of a false alarm")
    require(permutations >= 1, f"`permutations` must be at least 1, got {permutations}")
    rejecting = math.floor(alpha * (permutations + 1) * (1 + ROUNDING))
    require(
        rejecting >= 1,
        f"`permutations` must be at least 1 / alpha - 1 = {1 / alpha - 1:.4g} to reject, got {permutations}",
    )
    first, second = _points(x, "x"), _points(y, "y")
    require(
        first.shape[1] == second.shape[1],
        f"`x` and `y` must have one dimension, got {first.shape[1]} and {second.shape[1]}",
    )
    points = np.concatenate([first, second])
    points -= points.mean(axis=0)
    spread = points.std(axis=0)
    require(bool(spread.any()), "`x` and `y` must not be one point, all are")
    points /= np.where(spread > 0, spread, 1.0)
    labels = np.arange(len(points)) < len(first)
    (stream,) = spawn_streams(rng, 1)
    pooled = method.prepare(points, labels, stream)
    tried = _permuted(labels, [~pooled.fixed], permutations, stream)
    values = pooled.values(np.concatenate([labels[None], tried]))
    seen, permuted = float(values[0]), values[1:]
    threshold = float(np.sort(permuted)[-rejecting])
    splits = (
        _permuted(labels, [pooled.fixed, ~pooled.fixed], permutations, stream) if pooled.fixed.any() else tried
    )
    ways = stream.standard_normal((permutations, points.shape[1])) * (spread > 0)
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    shifting = pooled.shifting(splits, permuted, ways)
    guess = math.sqrt((1 / len(first) + 1 / len(second)) * (9 + 4 * math.sqrt(points.shape[1])))
    return TwoSampleTest(
        method.words,
        seen,
        float(permuted.mean()),
        threshold,
        float((1 + np.count_nonzero(permuted >= seen)) / (1 + permutations)),
        alpha,
        (len(first), len(second)),
        points.shape[1],
        _detectable(shifting, permuted, threshold, guess),
        permutations,
    )


def _points(sample: Ensemble | Draws | ArrayLike, name: str) -> Array:
    """The independent points of a sample, shape (n, d)."""
    sample = sample.independent() if isinstance(sample, Draws) else sample
    places = np.asarray(sample.final if isinstance(sample, Ensemble) else sample, dtype=np.float64)
    places = places[:, None] if places.ndim == 1 else places
    require(
        places.ndim == 2 and places.shape[1] >= 1,
        f"`{name}` must be an Ensemble, Draws or points (n, d), got shape {places.shape}",
    )
    lost = len(places) - int(np.isfinite(places).all(axis=1).sum())
    require(
        lost == 0,
        f"`{name}` must be finite, {lost} of {len(places)} points are not; compare the shares that diverged, and "
        "the others without them",
    )
    require(len(places) >= FEWEST, f"`{name}` must have at least {FEWEST} points, got {len(places)}")
    return places


def _permuted(labels: Booleans, groups: list[Booleans], number: int, stream: np.random.Generator) -> Booleans:
    """Labels (number, n) permuted within each of the groups alone."""
    found = np.tile(labels, (number, 1))
    for members in groups:
        for row in found:
            row[members] = stream.permutation(labels[members])
    return found


def _detectable(shifting: Shifting, permuted: Array, threshold: float, guess: float) -> float:
    """The shift at which a share `POWER` of the distances exceeds the threshold, by a normal law of them.

    The mean distance grows like the square of a small shift, so that a secant in the squares soon meets it. What a
    shift adds is taken as the mean of there and back, less the distance without it: what chance has to do with it
    goes out of the mean, and stays in the spread.
    """
    wanted = float(ndtri(POWER))
    noise, still = float(permuted.std()) or 1.0, shifting(0.0)
    before, margin_before = 0.0, (float(permuted.mean()) - threshold) / noise
    square = guess**2
    for _ in range(SEARCH):
        there, back = (shifting(sign * math.sqrt(square)) for sign in (1, -1))
        mean = float(permuted.mean() + ((there + back) / 2 - still).mean())
        spread = math.sqrt((there.var(ddof=1) + back.var(ddof=1)) / 2)
        margin = (mean - threshold) / (spread or noise)
        if abs(margin - wanted) < CLOSE:
            return math.sqrt(square)
        rise = (margin - margin_before) / (square - before)
        aim = square + (wanted - margin) / rise if rise > 0 else WIDER * square
        before, margin_before = square, margin
        square = float(np.clip(aim, square / WIDER, WIDER * square))
        if square > FARTHEST**2:
            return math.inf
    return math.sqrt(square) if margin > wanted / 2 else math.inf
