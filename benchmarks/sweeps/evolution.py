"""Coverage of laws in time and of survival: ``python benchmarks/sweeps/evolution.py ROW SEED MEMBERS``."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.linalg import expm
from scipy.special import log_ndtr
from scipy.stats import multivariate_normal, norm
from sweep import print_rows

from theory import Absorbing, Density, FokkerPlanck, Grid, Isotropic, Langevin, SymbolicLandscape
from theory.base.arrays import Array
from theory.fokker_planck.evolution.chosen_laws import laws_in_time

Pairs = list[tuple[float, float]]
Masses = Callable[[float], Array]

QUADRATURE = np.array([275, 100, 402, 100, 275]) / 1152  # of values at the middles of fifths, degree 5


def drawn(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def missed(laws: tuple[Density, ...], times: list[float], exact: Masses) -> Pairs:
    return [
        (float(np.abs(law.probabilities - exact(time)).sum() / 2), float(law.error or 0.0))
        for law, time in zip(laws, times, strict=True)
    ]


def gaussian_masses(grid: Grid, mean: float, variance: float) -> Array:
    return np.diff(norm.cdf(grid.edges[0], mean, np.sqrt(variance)))


def spans(rng: np.random.Generator, rate: float) -> list[float]:
    """An early and a late time, from a thousandth to a hundred times that of relaxation."""
    return sorted(drawn(rng, 1e-3, 1e2 if rng.random() < 0.2 else 3.0) / rate for _ in range(2))


def ornstein_uhlenbeck(rng: np.random.Generator) -> Pairs:
    """Peclet numbers of a cell from .001 to 1000, starts from a third of a cell on."""
    n, pull, variance = int(rng.integers(50, 300)), drawn(rng, 0.1, 10), drawn(rng, 1e-6, 0.16)
    grid = Grid(-3.0, 3.0, n)
    mean, sd = rng.uniform(-1.4, 1.4), max(drawn(rng, 0.02, 0.3), drawn(rng, 0.3, 3) * grid.spacing[0])
    times = spans(rng, pull)

    def moments(time: float) -> tuple[float, float]:
        decay = np.exp(-pull * time)
        return mean * decay, variance + (sd**2 - variance) * decay**2

    start = chosen(rng, grid, lambda mesh: gaussian_masses(mesh, mean, sd**2), lambda x: norm.pdf(x, mean, sd))
    sde = Langevin(SymbolicLandscape(f"{pull!r}*w**2/2"), Isotropic(pull * variance, 1))
    laws = FokkerPlanck(sde, grid).evolve(start, times)
    return missed(laws, times, lambda time: gaussian_masses(grid, *moments(time)))


def chosen(
    rng: np.random.Generator, grid: Grid, masses: Callable[[Grid], Array], values: Callable[[Array], Array]
) -> Density:
    """A start of averages or of values at the centres."""
    if rng.random() < 0.5:
        return Density.normalised(grid, masses(grid), cell_averages=True)
    return Density.normalised(grid, values(grid.axes[0]))


def benes(rng: np.random.Generator) -> Pairs:
    """Drift 2 D k tanh(k x) from a law cosh(k x) N(m, v): the law is cosh(k x) N(m, v + 2 D t), two Gaussians."""
    n, noise, k = int(rng.integers(60, 250)), drawn(rng, 1e-3, 1), drawn(rng, 0.3, 30)
    first = drawn(rng, 0.01, 0.2)
    longest = max(0.02, (-1 + np.sqrt(1 + 4 * k * 1.0)) / (2 * k)) ** 2  # so that k v + 4 sd stays in the box
    mean, grid = rng.uniform(-0.3, 0.3), Grid(-6.0, 6.0, n)
    times = sorted(drawn(rng, 1e-3, 1.0) * longest / (2 * noise) for _ in range(2))

    def masses(mesh: Grid, time: float) -> Array:
        spread = first**2 + 2 * noise * time
        weights = 1 / (1 + np.exp(-2 * k * mean)), 1 / (1 + np.exp(2 * k * mean))
        return np.asarray(
            sum(
                w * gaussian_masses(mesh, mean + sign * k * spread, spread)
                for w, sign in zip(weights, (1, -1), strict=True)
            )
        )

    def density(x: Array) -> Array:
        logs = np.logaddexp(k * x, -k * x) + norm.logpdf(x, mean, first)
        return np.exp(logs - logs.max())

    start = chosen(rng, grid, lambda mesh: masses(mesh, 0.0), density)
    landscape = SymbolicLandscape(f"-{2 * noise!r}*log(cosh({k!r}*w))")
    laws = FokkerPlanck(Langevin(landscape, Isotropic(noise, 1)), grid).evolve(start, times)
    return missed(laws, times, lambda time: masses(grid, time))


def free(rng: np.random.Generator) -> Pairs:
    """Brownian motion between reflecting sides, or with a drift around a ring: sums over images."""
    n, noise, ring = int(rng.integers(50, 250)), drawn(rng, 1e-3, 3), bool(rng.random() < 0.5)
    speed = rng.uniform(-5, 5) if ring else 0.0
    grid = Grid(-1.0, 1.0, n, ring)
    mean, sd = rng.uniform(-0.9, 0.9), drawn(rng, 0.3, 10) * grid.spacing[0]
    times = [min(time, 20 * 2 / (abs(speed) + 0.1)) for time in spans(rng, noise * 3)]

    def masses(mesh: Grid, time: float) -> Array:
        total, spread = np.zeros(mesh.size), sd**2 + 2 * noise * time
        centre = np.mod(mean + speed * time + 1, 2) - 1 if ring else mean
        for turn in range(-60, 61):
            total += gaussian_masses(mesh, centre + (2 if ring else 4) * turn, spread)
            if not ring:
                total += gaussian_masses(mesh, 2 - centre + 4 * turn, spread)
        return total

    def density(x: Array) -> Array:
        total = np.zeros(len(x))
        for turn in range(-3, 4):
            total += norm.pdf(x, mean + (2 if ring else 4) * turn, sd)
            if not ring:
                total += norm.pdf(x, 2 - mean + 4 * turn, sd)
        return total

    start = chosen(rng, grid, lambda mesh: masses(mesh, 0.0), density)

    def push(w: Array) -> Array:
        return np.full(np.shape(w), speed)

    sde = Langevin(SymbolicLandscape("0*w"), Isotropic(noise, 1), extra_drift=push if ring else None)
    return missed(FokkerPlanck(sde, grid).evolve(start, times), times, lambda time: masses(grid, time))


def gauss(low: float, high: float, panel: float, count: int) -> tuple[Array, Array]:
    """Nodes and weights of Gauss and Legendre in panels of at most that width, of which none holds 0 inside."""
    ends = [low, 0.0, high] if low < 0 < high else [low, high]
    nodes, weights = np.polynomial.legendre.leggauss(count)
    found: list[tuple[Array, Array]] = []
    for left, right in itertools.pairwise(ends):
        cuts = np.linspace(left, right, int(np.ceil((right - left) / panel)) + 1)
        half = np.diff(cuts)[:, None] / 2
        found.append(((cuts[:-1, None] + half * (1 + nodes)).ravel(), (half * weights).ravel()))
    return np.concatenate([part[0] for part in found]), np.concatenate([part[1] for part in found])


def bent(rng: np.random.Generator) -> Pairs:
    """Drift -a sign(x), which jumps, by the closed transition density of Karatzas and Shreve (6.5.14)."""
    n, noise = int(rng.integers(50, 120)), drawn(rng, 0.03, 1)
    pull = noise * drawn(rng, 0.3, 20)
    mean, sd = rng.uniform(0.0, 1.5), drawn(rng, 0.1, 0.3)
    times = sorted(drawn(rng, 0.02, 2.0) for _ in range(2))
    reach = max(4.0, mean + 7 * np.sqrt(sd**2 + 2 * noise * times[1]))  # the closed form knows no wall
    grid = Grid(-reach, reach, n)
    theta = pull / np.sqrt(2 * noise)

    def masses(mesh: Grid, time: float) -> Array:
        panel = 2 * min(sd, np.sqrt(2 * noise * time))  # both integrals in pieces that end at the kink
        places, weights = gauss(mean - 9 * sd, mean + 9 * sd, panel, 12)
        weights = weights * norm.pdf(places, mean, sd)
        edges = mesh.edges[0]
        parts = [gauss(low, high, panel, 6) for low, high in itertools.pairwise(edges)]
        points, shares = (np.concatenate([part[k] for part in parts]) for k in range(2))
        owner = np.repeat(np.arange(mesh.size), [len(part[0]) for part in parts])
        x, y = (z / np.sqrt(2 * noise) for z in (points[:, None], places[None]))
        z, y = x * np.sign(y), np.abs(y)
        root = np.sqrt(time)
        right = norm.pdf(z, y - theta * time, root) + theta * np.exp(
            -2 * theta * np.abs(z) + log_ndtr(-(y + np.abs(z) - theta * time) / root)
        )
        left = np.exp(2 * theta * y + norm.logpdf(z, y + theta * time, root)) + theta * np.exp(
            2 * theta * np.minimum(z, 0) + log_ndtr(-(y - z - theta * time) / root)
        )
        law = np.where(z > 0, right, left) @ weights / np.sqrt(2 * noise)
        return np.bincount(owner, law * shares, mesh.size)

    start = chosen(rng, grid, lambda mesh: gaussian_masses(mesh, mean, sd**2), lambda x: norm.pdf(x, mean, sd))
    sde = Langevin(SymbolicLandscape(f"{pull!r}*abs(w)"), Isotropic(noise, 1))
    return missed(FokkerPlanck(sde, grid).evolve(start, times), times, lambda time: masses(grid, time))


@dataclass(frozen=True)
class Linear:
    """Drift -F w with constant D."""

    pull: Array
    noise: Array

    @property
    def dim(self) -> int:
        return len(self.pull)

    def drift(self, w: Array) -> Array:
        return -w @ self.pull.T

    def tensor(self, w: Array) -> Array:
        return np.broadcast_to(self.noise, (*w.shape, self.dim)).copy()

    def divergence(self, w: Array) -> Array:
        return np.zeros_like(w)

    def potential(self, w: Array) -> None:
        return None


def plane(rng: np.random.Generator, dim: int = 2) -> Pairs:
    """Turning drift with rotated noise, of any anisotropy or of rank 1, also without a pull to the middle."""
    n = int(rng.integers(32, 56)) if dim == 2 else int(rng.integers(14, 20))
    kinetic = dim == 2 and rng.random() < 0.3
    if kinetic:
        friction, noise = drawn(rng, 0.3, 3), drawn(rng, 1e-3, 0.3)
        pull, tensor = np.array([[0, -1.0], [1.0, friction]]), np.diag([0, noise])
    else:
        turn = rng.normal(size=(dim, dim))
        pull = np.diag(rng.uniform(0.2, 1.5, dim)) + (turn - turn.T) * rng.uniform(0, 1)
        frame = np.linalg.qr(rng.normal(size=(dim, dim)))[0]
        values = drawn(rng, 3e-3, 0.3) * np.array([drawn(rng, 0.03, 1.0) for _ in range(dim)])
        tensor = frame @ np.diag(values) @ frame.T
    grid = Grid([-3.0] * dim, [3.0] * dim, [n] * dim)
    mean, sd = rng.uniform(-0.6, 0.6, dim), max(drawn(rng, 0.15, 0.4), drawn(rng, 0.5, 3) * grid.spacing[0])
    times = sorted(drawn(rng, 0.02, 3.0) for _ in range(2))

    def density(points: Array, time: float) -> Array:
        block = expm(time * np.block([[-pull, 2 * tensor], [np.zeros((dim, dim)), pull.T]]))
        flow = block[:dim, :dim]
        spread = block[:dim, dim:] @ flow.T + flow @ flow.T * sd**2
        return np.asarray(multivariate_normal(flow @ mean, (spread + spread.T) / 2).pdf(points))

    nodes, weights = gauss(0.0, 1.0, 0.5 if dim == 2 else 1.0, 4)
    places = [(axis[:, None] + (nodes - 0.5) * h).ravel() for axis, h in zip(grid.axes, grid.spacing, strict=True)]
    points = np.stack(np.meshgrid(*places, indexing="ij"), axis=-1)

    def masses(time: float) -> Array:
        found = density(points, time) * grid.cell_volume
        for axis in range(dim):
            parts = found.reshape((*found.shape[:axis], n, len(nodes), *found.shape[axis + 1 :]))
            found = np.tensordot(parts, weights, axes=(axis + 1, 0))
        return found

    averages = bool(rng.random() < 0.5)
    start = Density.normalised(
        grid, masses(0.0) if averages else density(grid.centers, 0.0), cell_averages=averages or None
    )
    laws = laws_in_time(Linear(pull, tensor), grid, np.zeros((dim, 2), dtype=bool), start, times)
    return missed(laws, times, masses)


def survival(rng: np.random.Generator) -> Pairs:
    """Brownian motion with drift between absorbing sides: sums over images, tilted; laws of the living too."""
    n, noise, speed = int(rng.integers(40, 120)), drawn(rng, 0.02, 1), rng.uniform(-3, 3)
    grid = Grid(-1.0, 1.0, n)
    mean, sd = rng.uniform(-0.5, 0.5), drawn(rng, 0.04, 0.12)
    times = sorted(min(drawn(rng, 0.02, 2.0) / noise, drawn(rng, 0.2, 2.0) / abs(speed)) for _ in range(2))

    def masses(time: float) -> Array:
        panel = 2 * min(sd, np.sqrt(2 * noise * time))
        places, weights = gauss(max(-1.0, mean - 9 * sd), min(1.0, mean + 9 * sd), panel, 12)
        weights = weights * norm.pdf(places, mean, sd)
        fine = grid.refined(5)
        x, y = fine.axes[0][:, None], places[None]
        root, tilt = np.sqrt(2 * noise * time), speed / (2 * noise)
        law = np.zeros((fine.size, len(places)))
        for turn in range(-8, 9):
            for sign, image in ((1, y + 4 * turn), (-1, 2 - y + 4 * turn)):
                logs = tilt * (x - y) - tilt * speed * time / 2 + norm.logpdf(x, image, root)
                law += sign * np.exp(logs)
        law = law @ (weights / weights.sum())
        return law.reshape(-1, 5) @ QUADRATURE * grid.spacing[0]

    def push(w: Array) -> Array:
        return np.full(np.shape(w), speed)

    start = chosen(rng, grid, lambda mesh: gaussian_masses(mesh, mean, sd**2), lambda x: norm.pdf(x, mean, sd))
    sde = Langevin(SymbolicLandscape("0*w"), Isotropic(noise, 1), extra_drift=push)
    equation = FokkerPlanck(sde, grid, Absorbing())
    shares, errors = equation.survival(start, times)
    pairs = [
        (abs(share - masses(time).sum()), error) for share, error, time in zip(shares, errors, times, strict=True)
    ]
    laws = equation.evolve(start, times)
    return pairs + missed(laws, times, lambda time: masses(time) / masses(time).sum())


KINDS = {
    "laws in time, Ornstein–Uhlenbeck on a line": ornstein_uhlenbeck,
    "laws in time, Beneš' drift tanh": benes,
    "laws in time, walls and rings": free,
    "laws in time, drift that jumps": bent,
    "laws in time, linear in the plane": plane,
    "laws in time, linear in space": partial(plane, dim=3),
    "survival and laws between absorbing sides": survival,
}

if __name__ == "__main__":
    print_rows(KINDS, members=100, rounding=1e-11)
