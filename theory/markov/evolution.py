"""Probabilities of a rate matrix at later times, positive and of mass 1 however stiff it is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from theory.base.arrays import Array, Integers
from theory.base.errors import require
from theory.markov.elimination.solve import eliminate

FEW_JUMPS = 3e4  # up to so many the series of jumps is the cheapest way
CHUNK = 500.0  # jumps in one series: exp(-CHUNK) is far from underflow
DEVIATIONS, MORE = 9.0, 20.0  # of the number of jumps, beyond the mean: more have a chance below 2e-20
SUM_ERROR = 1e-9  # of a law that is given, whose sum is 1
FEWEST_STEPS = 8
MOST_DOUBLINGS = 6
STALLED = 0.25  # of the last error: modes that turn many times in a span need a shorter one
MOST_HALVINGS = 12
LEAST_TOLERANCE = 1e-11
LEAK_LEFT_BY_ROUNDING = 1e-11  # of column sums, relative to the largest rate


def evolve(
    generator: sparse.csc_array,
    positions: Integers,
    probabilities: Array,
    times: Sequence[float] | Array,
    *,
    tolerance: float = 1e-8,
) -> Array:
    """Probabilities exp(t G) p at each of the `times`, shape (times, states): positive, of mass 1 to rounding.

    While walkers make few jumps, the Poisson series of the numbers of jumps, right in every entry. Beyond, n
    backward Euler steps for n = 8, 16, 32, ..., each solved without subtraction, and Richardson's extrapolation in
    1/n of the *logarithms*: order k + 1 after k doublings, positive at every order, where linear schemes stop at
    the first. A span of time that does not settle is halved. The mass that extrapolation misses counts as error
    and is then divided out, with that of rounding. Deep tails are right in absolute terms only; a slow leak over
    a barrier, however small, in relative ones too.

    Parameters
    ----------
    generator
        Rate matrix with columns that sum to 0: entry (i, j) is the rate from j to i.
    positions
        Lattice index of each state, shape (states, d).
    probabilities
        The law at time 0, shape (states,), sum 1.
    times
        Increasing, from 0 on, finite.
    tolerance
        Bound on the error in sum of absolute values, for each span between two times.

    Raises
    ------
    InputError
        If the law is no law, the times do not increase, columns do not sum to 0, or the tolerance cannot be met.

    References
    ----------
    Jensen (1953), "Markoff chains as an aid in the study of Markoff processes"; Deuflhard (1983), "Order and
    stepsize control in extrapolation methods"; Bolley & Crouzeix (1978) for the limit of linear schemes.
    """
    times = np.asarray(times, dtype=np.float64)
    law = np.array(probabilities, dtype=np.float64)
    require(
        law.shape == (generator.shape[0],) and bool((law >= 0).all()) and abs(law.sum() - 1) < SUM_ERROR,
        f"`probabilities` must be >= 0 with sum 1 on {generator.shape[0]} states, got shape {law.shape}, least "
        f"{law.min(initial=np.inf):.3g} and sum {law.sum():.9g}",
    )
    spans = np.diff(times, prepend=0.0)
    require(
        times.ndim == 1 and bool(np.isfinite(times).all() and (spans >= 0).all()),
        f"`times` must increase from 0 and be finite, got {times}; the limit is the stationary law",
    )
    require(
        tolerance >= LEAST_TOLERANCE,
        f"`tolerance` must be at least {LEAST_TOLERANCE:g}, got {tolerance:g}: rounding is not far below",
    )
    leak = float(np.abs(generator.sum(axis=0)).max())
    require(
        leak <= LEAK_LEFT_BY_ROUNDING * float(np.abs(generator.diagonal()).max()),
        f"columns of the generator must sum to 0, got one of {leak:.3g}: where walkers are absorbed, add "
        "the state that they enter",
    )
    laws = np.empty((len(times), len(law)))
    for row, span in zip(laws, spans, strict=True):
        row[:] = law = _after(generator, positions, law, float(span), tolerance, MOST_HALVINGS)
    return laws


def _after(
    generator: sparse.csc_array, positions: Integers, law: Array, time: float, tolerance: float, halvings: int
) -> Array:
    """The law after one span of time."""
    if -generator.diagonal().min() * time <= FEW_JUMPS:
        later, error = _jumps(generator, law, time), 0.0
    else:
        later, error = _extrapolated(generator, positions, law, time, tolerance)
    if error <= tolerance:
        return np.asarray(later / later.sum())
    require(
        halvings > 0,
        f"`tolerance` must be attainable, got {tolerance:.2g} with {error:.2g} left in a span after "
        f"{MOST_HALVINGS} halvings; raise it",
    )
    for _ in range(2):
        law = _after(generator, positions, law, time / 2, tolerance / 2, halvings - 1)
    return law


def _jumps(generator: sparse.csc_array, law: Array, time: float) -> Array:
    """exp(t G) p as the mean over the Poisson number of jumps at the largest rate: all terms are >= 0."""
    from scipy.stats import poisson

    fastest = float(-generator.diagonal().min())
    chunks = max(1, int(np.ceil(fastest * time / CHUNK)))
    mean = fastest * time / chunks
    weights = poisson.pmf(np.arange(int(mean + DEVIATIONS * np.sqrt(mean) + MORE)), mean)
    weights /= weights.sum()  # the tail beyond is below rounding
    jump = sparse.csr_array(generator / fastest + sparse.eye_array(len(law))) if fastest > 0 else generator
    for _ in range(chunks):
        moved, law = law, weights[0] * law
        for weight in weights[1:]:
            moved = np.asarray(jump @ moved)
            law += weight * moved
    return law


def _extrapolated(
    generator: sparse.csc_array, positions: Integers, law: Array, time: float, tolerance: float
) -> tuple[Array, float]:
    """The law after one span, and its error: the change from the last doubling and the mass that is missing.

    The tableau of Romberg for log p, as products of powers: column j is free of the first j powers of 1/n.
    """
    before: list[Array] = []
    best, least, last = law, np.inf, np.inf
    for doubling in range(MOST_DOUBLINGS + 1):
        steps = FEWEST_STEPS * 2**doubling
        walk = eliminate(generator, positions, np.full(len(law), steps / time))
        plain = law
        for _ in range(steps):
            plain = walk.solve_transposed(plain * (steps / time))
        row = [plain]
        with np.errstate(over="ignore", invalid="ignore"):  # what is not finite never has the least error
            for column, coarse in enumerate(before, 1):
                ratio = np.divide(row[-1], coarse, out=np.ones_like(coarse), where=coarse > 0)
                row.append(row[-1] * ratio ** (1 / (2**column - 1)))
            for fine, coarse in zip(row[1:], before, strict=True):
                error = float(np.abs(fine - coarse).sum() + abs(fine.sum() - 1))
                if error < least:
                    best, least = fine, error
        if least <= tolerance or (doubling > 2 and least > STALLED * last):
            break
        before, last = row, least
    return best, least
