"""Stretches of a line without noise, where the drift alone moves walkers."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from theory.base.arrays import Array, Booleans
from theory.base.errors import require
from theory.equations.protocol import Equation, plain_drift

SAMPLES_OF_STRETCH = 2**11  # of the drift in a stretch
BISECTIONS = 200  # to neighbouring floating point numbers from anywhere
STILL = 1e-12  # of the largest drift in a stretch: less is rounding
NARROWEST = 64  # widths of the last cells of a search: what is narrower is a point
GOLDEN = (np.sqrt(5) - 1) / 2
SECTIONS = 100  # golden, more than a double has digits


def quiet_stretches(sde: Equation, samples: Array, values: Array) -> list[tuple[float, float]]:
    """Intervals on which D is exactly 0 at two or more neighbouring `samples`, with their ends to rounding."""
    stretches = []
    for first, last in _runs(values == 0):
        if last == first:
            continue
        ends = []
        for inside, outside in ((first, first - 1), (last, last + 1)):
            if 0 <= outside < samples.size:
                ends.append(_end(sde, float(samples[inside]), float(samples[outside])))
            else:
                ends.append(float(samples[inside]))
        stretches.append((ends[0], ends[1]))
    return stretches


def joined(sde: Equation, left: Array, right: Array, finest: float) -> list[tuple[float, float]]:
    """The stretches that cells of the last search lie in, which have no noise at either end."""
    stretches: list[tuple[float, float]] = []
    for low, high in zip(left, right, strict=True):
        if stretches and low <= stretches[-1][1] + finest / 4:
            stretches[-1] = stretches[-1][0], float(high)
        else:
            stretches.append((float(low), float(high)))
    return [
        (_end(sde, low, low - finest), _end(sde, high, high + finest))
        for low, high in stretches
        if high - low >= NARROWEST * finest
    ]


def still_points(sde: Equation, start: float, stop: float, lower: float, upper: float) -> list[float]:
    """Zeros of the drift in a stretch without noise, by bisection, or golden section where its sign stays.

    At the ends of the stretch only where these are ends `lower` or `upper` of the line.

    Raises
    ------
    InputError
        If the drift vanishes on an interval too.
    """
    w = np.linspace(start, stop, SAMPLES_OF_STRETCH + 1)
    push = _push(sde, w)
    require(
        bool(np.isfinite(push[1:-1]).all()),
        f"the drift must be finite where nothing diffuses, got none of that between {start:.6g} and {stop:.6g}",
    )
    least = STILL * float(np.abs(push[1:-1]).max())
    still = np.abs(push) <= least
    for first, last in _runs(still):
        require(
            last - first < 2,
            f"noise and drift must not both vanish on an interval, got neither from {w[first]:.6g} to "
            f"{w[last]:.6g}, where walkers stay wherever they are; add noise or choose an interval without it",
        )
    found = [end for end, place in ((0, lower), (-1, upper)) if still[end] and w[end] == place]
    zeros = [float(w[end]) for end in found]
    inner = np.arange(1, SAMPLES_OF_STRETCH)
    zeros += w[inner[push[inner] == 0]].tolist()
    signs = np.sign(push)
    for k in np.flatnonzero(signs[:-1] * signs[1:] < 0):
        if not (k == 0 and 0 in found) and not (k == SAMPLES_OF_STRETCH - 1 and -1 in found):
            zeros.append(_crossing(sde, float(w[k]), float(w[k + 1])))
    size = np.abs(push)
    same = (signs[:-2] == signs[1:-1]) & (signs[1:-1] == signs[2:])
    for k in inner[same & (size[1:-1] <= size[:-2]) & (size[1:-1] <= size[2:]) & (size[1:-1] > 0)]:
        place = _least(sde, float(w[k - 1]), float(w[k + 1]))
        if abs(_push(sde, np.array([place]))[0]) <= least:
            zeros.append(place)
    return sorted(set(zeros))


def _push(sde: Equation, w: Array) -> Array:
    with np.errstate(all="ignore"):
        return np.asarray(plain_drift(sde, w[:, None])[:, 0], dtype=np.float64)


def _runs(flags: Booleans) -> list[tuple[int, int]]:
    """First and last index of each run of True."""
    marks = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(a), int(b) - 1) for a, b in list(pairwise(marks))[::2]]


def _end(sde: Equation, quiet: float, noisy: float) -> float:
    """The last number without noise on the way from a place without to one with it, or that one if it has none."""
    for _ in range(BISECTIONS):
        middle = (quiet + noisy) / 2
        if middle in (quiet, noisy):
            break
        with np.errstate(all="ignore"):
            silent = not np.asarray(sde.tensor(np.array([[middle]])))[0, 0, 0] > 0
        quiet, noisy = (middle, noisy) if silent else (quiet, middle)
    return quiet


def _crossing(sde: Equation, low: float, high: float) -> float:
    """Where the drift changes its sign."""
    rising = _push(sde, np.array([high]))[0] > 0
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        above = _push(sde, np.array([middle]))[0] > 0
        low, high = (low, middle) if above == rising else (middle, high)
    return (low + high) / 2


def _least(sde: Equation, low: float, high: float) -> float:
    """Where the size of the drift is least."""
    for _ in range(SECTIONS):
        left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        one, other = np.abs(_push(sde, np.array([left, right])))
        low, high = (low, right) if one <= other else (left, high)
    return (low + high) / 2
