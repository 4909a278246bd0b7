"""Coverage of passages with full tensors, drift, curved ends: ``python benchmarks/sweeps/exits.py ROW SEED``."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import mpmath
import numpy as np
from passages import PLANE, SPACE, panels, pushed
from sweep import print_rows

from theory import Constant, FokkerPlanck, Grid, Isotropic, Langevin, SymbolicLandscape

DIGITS = 50
NORMALS = ((1, 0), (0, 1), (1, 1), (1, -1), (2, 1), (1, -2))


def turned(rng, dim):
    """A tensor with random axes and eigenvalues within a factor of 10, of random size."""
    frame = np.linalg.qr(rng.normal(size=(dim, dim)))[0]
    return 10 ** rng.uniform(-1, 1) * (frame * 10 ** rng.uniform(-1, 0, dim)) @ frame.T


def direction(rng, dim):
    vector = rng.normal(size=dim)
    return vector / np.linalg.norm(vector)


def asked(equation, regions):
    """The committor of two regions or the mean time to one."""
    if len(regions) == 2:
        return equation.committor(*regions)
    return equation.mean_first_passage_time(*regions).mean


def compared(rng, field, inside, truth, count=2):
    """Relative misses and errors at random cells that are `inside`; unseen where the truth is below 1e-200."""
    points = field.grid.centers.reshape(-1, field.grid.dim)
    rows = []
    for cell in rng.choice(np.flatnonzero(inside(points)), count):
        exact = float(truth(points[cell]))
        if exact > 1e-200:
            miss = abs(float(field.values.ravel()[cell]) - exact)
            rows.append((miss / exact, float(field.error.ravel()[cell]) / exact))
    return rows


def layers(place, low, high, both):
    """The regions below `low` and above `high` of a coordinate: two, or both as one."""
    if both:
        return (lambda w: place(w) < low, lambda w: place(w) > high)
    return (lambda w: (place(w) < low) | (place(w) > high),)


def crossed(x, width, speed, noise, arrives):
    """Brownian motion with drift between 0 and `width`: the chance to arrive above, or the mean time."""
    mpmath.mp.dps = DIGITS
    x, width, speed, noise = map(mpmath.mpf, (x, width, speed, noise))
    chance = mpmath.expm1(-speed * x / noise) / mpmath.expm1(-speed * width / noise)
    return chance if arrives else (width * chance - x) / speed


def oblique(rng):
    """Strips across a torus at an angle to the axes, with a full tensor and drift in any direction."""
    normal = np.array(NORMALS[rng.integers(len(NORMALS))])
    tensor = turned(rng, 2)
    drift = direction(rng, 2) * 10 ** rng.uniform(-2, 3) * tensor[0, 0]
    grid = Grid([0.0, 0.0], [1.0, 1.0], rng.integers(24, 60, 2).tolist(), [True, True])
    low, high, arrives = rng.uniform(0.03, 0.2), rng.uniform(0.8, 0.97), bool(rng.integers(2))

    def place(w):
        return np.mod(w @ normal, 1.0)

    regions = layers(place, low, high, arrives)
    field = asked(FokkerPlanck(pushed(drift, Constant(tensor)), grid), regions)
    speed, noise = float(normal @ drift), float(normal @ tensor @ normal)
    return compared(
        rng,
        field,
        lambda w: (place(w) >= low) & (place(w) <= high),
        lambda w: crossed(float(place(w)) - low, high - low, speed, noise, arrives),
    )


def log_bounded(exponents, weights):
    """Sums of weights times exp(exponents) over the last axis."""
    return (weights * np.exp(exponents)).sum(axis=-1)


def linear(dim, cells):
    """Strips and slabs with a linear drift across, any drift along, and a full tensor."""

    def member(rng):
        tensor = turned(rng, dim)
        noise, middle = tensor[0, 0], rng.uniform(-0.5, 1.5)
        pull = noise * float(rng.choice([-1, 1])) * 10 ** rng.uniform(-1, 3)
        if pull * max(abs(middle), abs(1 - middle)) ** 2 > 40 * noise:
            pull = -pull  # out of reach by time alone
        shear = abs(pull) * rng.normal(size=dim - 1)
        sides = [int(n) for n in rng.integers(cells[0], cells[1], dim)]
        sides[1:] = [max(6, n // 2) for n in sides[1:]]
        grid = Grid([0.0] * dim, [1.0] * dim, sides, [False] + [True] * (dim - 1))

        def drift(w):
            w = np.asarray(w)
            along = [s * (w[..., 0] - 0.3) for s in shear]
            return np.stack([-pull * (w[..., 0] - middle), *along], axis=-1)

        low, high, arrives = rng.uniform(0.1, 0.25), rng.uniform(0.75, 0.9), bool(rng.integers(2))
        sde = Langevin(PLANE if dim == 2 else SPACE, Constant(tensor), extra_drift=drift)
        field = asked(FokkerPlanck(sde, grid), layers(lambda w: w[..., 0], low, high, arrives))
        a = pull / (2 * noise)

        def rise(z):
            return a * (z - middle) ** 2

        top = max(rise(low), rise(high), rise(np.clip(middle, low, high)))

        def scale(start, end):
            z, weights = panels(np.asarray(start), np.asarray(end))
            return log_bounded(rise(z) - top, weights)

        def truth(w):
            x = float(w[0])
            below, above, whole = scale(low, x), scale(x, high), scale(low, high)
            if arrives:
                return below / whole
            y, outer = panels(np.array(low), x)
            z, inner = panels(np.full(y.shape, low), y)
            before = outer @ log_bounded(rise(z) - rise(y)[:, None], inner)
            y, outer = panels(np.array(x), high)
            z, inner = panels(y, np.full(y.shape, high))
            after = outer @ log_bounded(rise(z) - rise(y)[:, None], inner)
            return (above * before + below * after) / whole / noise

        return compared(rng, field, lambda w: (w[..., 0] >= low) & (w[..., 0] <= high), truth)

    return member


def bessel(order, x, dim):
    """Modified Bessel functions of the first kind, spherical ones in space."""
    if dim == 2:
        return mpmath.besseli(order, x)
    return mpmath.besseli(order + mpmath.mpf(1) / 2, x) * mpmath.sqrt(mpmath.pi / (2 * x))


def drifting_time(point, radius, drift):
    """Mean time for dw = drift dt + sqrt(2) dW to leave a disc or ball: harmonics of exp(drift w / 2)."""
    mpmath.mp.dps = DIGITS
    dim, size = len(drift), mpmath.mpf(float(np.linalg.norm(drift)))
    half, r = size / 2, mpmath.mpf(max(float(np.linalg.norm(point)), 1e-9))
    cosine = max(-1, min(1, mpmath.mpf(float(point @ drift)) / (r * size)))
    edge = half * radius
    count = int(30 + 2.2 * float(edge))
    values = [bessel(n, edge, dim) for n in range(count + 1)]
    total, harmonic, following = mpmath.mpf(0), mpmath.mpf(1), cosine
    for n in range(count):
        if dim == 2:
            weight, slope = min(n + 1, 2), values[1] if n == 0 else (values[n - 1] + values[n + 1]) / 2
            later = 2 * cosine * following - harmonic
        else:
            weight = 2 * n + 1
            slope = values[1] if n == 0 else (n * values[n - 1] + (n + 1) * values[n + 1]) / weight
            later = ((2 * n + 3) * cosine * following - (n + 1) * harmonic) / (n + 2)
        total += weight * slope / values[n] * bessel(n, half * r, dim) * harmonic
        harmonic, following = following, later
    return -r * cosine / size + radius / size * mpmath.exp(-half * r * cosine) * total


def drifting(dim, cells):
    """Ellipses and ellipsoids of a full tensor, left under a constant drift."""

    def member(rng):
        tensor = turned(rng, dim)
        noise = float(np.diag(tensor).max())
        eigenvalues, frame = np.linalg.eigh(tensor / noise)
        whiten = (frame / np.sqrt(eigenvalues)) @ frame.T
        radius = rng.uniform(0.6, 0.95)
        drift = direction(rng, dim) * 10 ** rng.uniform(-1, 2)
        side = np.sqrt(np.diag(tensor) / noise)
        grid = Grid(-side, side, rng.integers(cells // 2, cells + 1, dim).tolist())

        def outside(w):
            return ((w @ whiten) ** 2).sum(axis=-1) > radius**2

        field = asked(FokkerPlanck(pushed(drift * noise, Constant(tensor)), grid), (outside,))
        return compared(
            rng,
            field,
            lambda w: ~outside(w),
            lambda w: drifting_time(whiten @ w, radius, whiten @ drift) / noise,
        )

    return member


def shells(dim, cells):
    """Which end of a ring or shell is met first under a pull to or from the centre."""

    def member(rng):
        noise = 10 ** rng.uniform(-1, 1)
        pull = noise * float(rng.choice([-1, 1])) * 10 ** rng.uniform(-1, 2.5)
        inner, outer = rng.uniform(0.2, 0.4), rng.uniform(0.75, 0.97)
        square = " + ".join(f"{name}**2" for name in "xyz"[:dim])
        sde = Langevin(SymbolicLandscape(f"{pull!r}*({square})/2"), Isotropic(noise, dim))
        grid = Grid([-1.0] * dim, [1.0] * dim, rng.integers(cells // 2, cells + 1, dim).tolist())

        def radius(w):
            return np.linalg.norm(w, axis=-1)

        field = asked(FokkerPlanck(sde, grid), (lambda w: radius(w) < inner, lambda w: radius(w) > outer))
        a = pull / (2 * noise)

        def scale(end):
            z, weights = panels(np.array(inner), np.array(end))
            return log_bounded(a * z**2 - max(a * inner**2, a * outer**2), weights * z ** (1 - dim))

        def inside(w):
            return (radius(w) >= inner) & (radius(w) <= outer)

        return compared(rng, field, inside, lambda w: scale(radius(w)) / scale(outer))

    return member


KINDS = {
    "strips at an angle, full tensors and drift": oblique,
    "strips with linear drift and full tensors": linear(2, (24, 60)),
    "slabs in space with linear drift and full tensors": linear(3, (10, 14)),
    "exits from ellipses under drift": drifting(2, 40),
    "exits from ellipsoids under drift": drifting(3, 12),
    "committors of rings": shells(2, 40),
    "committors of shells in space": shells(3, 14),
}

if __name__ == "__main__":
    print_rows(KINDS)
