"""Coverage of SGD's exact laws: separated wells, kinks and jumps on lines, kinks and |H| noise of the plane.

    python benchmarks/sweeps/transition.py [PART OF A KIND] [SEED] [MEMBERS]

On a line the truth is the kernel by Gauss points between its kinks, with elimination that ends at the lowest; its
cells are differences of normal distribution functions. In the plane kinks run along a line with isotropic noise:
the law is a product of that of a line and of a normal one. Noise |H| of f(x) + g(y) is that of two lines: the law
is a product of theirs, by the operator of a line on 520 cells or more.
"""

from __future__ import annotations

import numpy as np
from scipy.stats import norm
from sweep import print_rows

from simulate import SGD, transition_operator
from theory import (
    AbsoluteEigenvalues,
    Density,
    Grid,
    HessianProportional,
    Isotropic,
    NoisyGradient,
    PositivePart,
    SymbolicLandscape,
)
from theory.landscapes import Landscape

POINTS, WEIGHTS = np.polynomial.legendre.leggauss(12)


class Line:
    """The kernel of SGD on a line between `faces`: rows of masses at Gauss points, and of cells."""

    def __init__(self, model: NoisyGradient, sgd: SGD, faces: np.ndarray, kinks: list[float], panels: int) -> None:
        ends = np.unique(np.concatenate([np.linspace(faces[0], faces[-1], panels + 1), kinks]))
        half = np.diff(ends)[:, None] / 2
        self.x, area = (ends[:-1, None] + half * (1 + POINTS)).ravel(), (half * WEIGHTS).ravel()
        aim = (self.x - sgd.learning_rate * model.gradient(self.x[:, None])[:, 0])[:, None]
        noise = model.example_covariance.tensor(self.x[:, None])[:, 0, 0] / sgd.batch_size
        width = (sgd.learning_rate * np.sqrt(noise))[:, None]
        self.area, self.push = area, norm.pdf(self.x, aim, width) * area
        self.cells = np.diff(norm.cdf(faces, aim, width), axis=1)
        self.leaving = (norm.cdf(faces[0], aim, width) + norm.sf(faces[-1], aim, width))[:, 0]
        self.root = int(model.landscape.value(self.x[:, None]).argmin())

    def stationary(self) -> np.ndarray:
        """Where walkers leave the faces, they set out again from the lowest point, which is passed last."""
        order = np.append(np.delete(np.arange(len(self.x)), self.root), self.root)
        moves, leaving = self.push[np.ix_(order, order)], self.leaving[order]
        for k in range(len(moves) - 1):
            moves[k + 1 :, k] /= max(moves[k, k + 1 :].sum() + leaving[k], 1e-300)
            moves[k + 1 :, k + 1 :] += np.outer(moves[k + 1 :, k], moves[k, k + 1 :])
            leaving[k + 1 :] += moves[k + 1 :, k] * leaving[k]
        law = np.zeros(len(moves))
        law[-1] = 1.0
        for k in range(len(moves) - 2, -1, -1):
            law[k] = law[k + 1 :] @ moves[k + 1 :, k]
            law /= law.max()
        cells = law @ self.cells[order]
        return cells / cells.sum()

    def after(self, start: np.ndarray, steps: int) -> np.ndarray:
        law = start * self.area
        for _ in range(steps - 1):
            law = law @ self.push
        return law @ self.cells


def distance(law: Density, exact: np.ndarray) -> float:
    return float(np.abs(law.probabilities - exact / exact.sum()).sum()) / 2


def wells(rng: np.random.Generator) -> list[tuple[float, float]]:
    """Two or three wells with a random tilt behind barriers of 1 to some 200 temperatures."""
    tilt, height = rng.uniform(-0.05, 0.05), rng.uniform(0.5, 1.5)
    three = rng.random() < 0.3
    shape = "w**2*(w**2-1)**2" if three else "(w**2-1)**2/4"
    model = NoisyGradient(SymbolicLandscape(f"{height}*{shape} + {tilt}*w"), Isotropic(1.0, 1))
    sgd = SGD(10 ** rng.uniform(-1.5, -0.7), int(rng.integers(1, 9)))
    half = 1.6 if three else 2.2
    grid = Grid(-half, half, int(rng.integers(60, 300)))
    law = transition_operator(model, sgd, grid).stationary()
    width = sgd.learning_rate / np.sqrt(sgd.batch_size)
    exact = Line(model, sgd, grid.edges[0], [], int(2 * half / (4 * width)) + 8).stationary()
    return [(distance(law, exact), law.error)]


def kinks(rng: np.random.Generator) -> list[tuple[float, float]]:
    """Tips, one-sided parabolas, jumps of the drift and noise that jumps, at random places and on cells' ends."""
    cells = int(rng.integers(50, 200))
    grid = Grid(-2.5, 2.5, cells)
    place = rng.choice([rng.uniform(-0.5, 0.5), grid.axes[0][cells // 2], grid.edges[0][cells // 2], 0.0])
    c, a = float(place), rng.uniform(0.3, 1.5)
    tip, bend = f"{a}*abs(w-({c!r})) + w**2/4", f"w**2/2 + {a}*max(w-({c!r}), 0)**2"
    well = f"(w**2-1)**2/4 + {a}/2*abs(w-({c!r}))"
    landscape: Landscape = SymbolicLandscape(str(rng.choice([tip, bend, well])))
    noise = Isotropic(1.0, 1)
    if rng.random() < 0.3:
        landscape = SymbolicLandscape(bend)
        noise = HessianProportional(landscape, 1.0)
    model, sgd = NoisyGradient(landscape, noise), SGD(10 ** rng.uniform(-1.3, -0.5), int(rng.integers(1, 5)))
    law = transition_operator(model, sgd, grid).stationary()
    width = sgd.learning_rate / np.sqrt(sgd.batch_size)
    exact = Line(model, sgd, grid.edges[0], [c], int(5 / (4 * width)) + 8).stationary()
    return [(distance(law, exact), law.error)]


def plane(rng: np.random.Generator) -> list[tuple[float, float]]:
    """A kink along a random line: axes, diagonals or oblique."""
    angle = rng.choice([0, np.pi / 2, np.pi / 4, -np.pi / 4, rng.uniform(0, 2 * np.pi)])
    cos, sin, c = float(np.cos(angle)), float(np.sin(angle)), float(rng.choice([0.0, rng.uniform(-0.2, 0.2)]))
    u, v = f"({cos!r}*x + {sin!r}*y)", f"({-sin!r}*x + {cos!r}*y)"
    a = rng.uniform(0.2, 1.0)
    kink = rng.choice(
        [f"{a}*abs({u}-({c!r}))", f"{a}*max({u}-({c!r}), 0)**2", f"min(({u}-1/2)**2, ({u}+1/4)**2)/2"]
    )
    across = SymbolicLandscape(f"{kink} + {u}**2/4 + {v}**2/2")
    model = NoisyGradient(across, Isotropic(1.0, 2))
    sgd, steps = SGD(rng.uniform(0.06, 0.15), int(rng.integers(1, 4))), int(rng.integers(10, 60))
    grid = Grid([-1.8, -1.8], [1.8, 1.8], [int(rng.integers(24, 45))] * 2)
    line = NoisyGradient(_Across(across, np.array([cos, sin])), Isotropic(1.0, 1))
    faces = np.linspace(-2.6, 2.6, 2081)
    width = sgd.learning_rate / np.sqrt(sgd.batch_size)
    exact = Line(line, sgd, faces, [c, 0.125], int(5.2 / (4 * width)) + 8)
    masses = exact.after(norm.pdf(exact.x, scale=0.3), steps)
    shrink = (1 - sgd.learning_rate) ** (2 * steps)
    variance = 0.09 * shrink + width**2 * (1 - shrink) / (1 - (1 - sgd.learning_rate) ** 2)
    points, weights = np.polynomial.legendre.leggauss(4)
    offsets = np.stack(np.meshgrid(points, points, indexing="ij"), axis=-1).reshape(-1, 2) * grid.spacing / 2
    inner = grid.centers[..., None, :] + offsets
    middles = (faces[1:] + faces[:-1]) / 2
    density = np.interp(inner @ [cos, sin], middles, masses) * norm.pdf(
        inner @ [-sin, cos], scale=np.sqrt(variance)
    )
    cells = density @ np.outer(weights, weights).ravel()
    start = np.exp(-(inner**2).sum(axis=-1) / 0.18) @ np.outer(weights, weights).ravel()
    law = transition_operator(model, sgd, grid).evolve(Density.normalised(grid, start, cell_averages=True), steps)[
        0
    ]
    return [(distance(law, cells), law.error)]


def hessian_noise(rng: np.random.Generator) -> list[tuple[float, float]]:
    """|H| or its positive part, of a double well beside a bowl or another well."""
    parts = [f"{rng.uniform(0.6, 1.4)}*(w**2 - {rng.uniform(0.3, 0.9)})**2/4", f"{rng.uniform(0.3, 2)}*w**2/2"]
    if rng.random() < 0.4:
        parts[1] = f"{rng.uniform(0.6, 1.4)}*(w**2 - {rng.uniform(0.3, 0.9)})**2/4 + w**2/{rng.uniform(2, 9)}"
    if rng.random() < 0.5:
        parts.reverse()
    instead = AbsoluteEigenvalues() if rng.random() < 0.85 else PositivePart()
    noise, steps = rng.uniform(1.0, 6.0), int(rng.integers(5, 30))
    sgd = SGD(rng.uniform(0.06, 0.15), int(rng.integers(1, 4)))
    cells = int(rng.integers(20, 34))
    finer = -(-520 // cells)
    fine = Grid(-1.8, 1.8, cells * finer)
    begin = Density.normalised(fine, np.diff(norm.cdf(fine.edges[0], scale=0.3)), cell_averages=True)
    lines = []
    for part in parts:
        form = SymbolicLandscape(part)
        line = NoisyGradient(form, HessianProportional(form, noise, instead))
        lines.append(transition_operator(line, sgd, fine).evolve(begin, steps)[0].coarsen(finer).probabilities)
    whole = SymbolicLandscape(" + ".join(part.replace("w", axis) for part, axis in zip(parts, "xy", strict=True)))
    model = NoisyGradient(whole, HessianProportional(whole, noise, instead))
    grid = Grid([-1.8, -1.8], [1.8, 1.8], [cells, cells])
    start = begin.coarsen(finer).probabilities
    initial = Density.normalised(grid, np.outer(start, start), cell_averages=True)
    law = transition_operator(model, sgd, grid).evolve(initial, steps)[0]
    return [(distance(law, np.outer(*lines)), law.error)]


class _Across:
    """The landscape along a line through the origin."""

    def __init__(self, plane: SymbolicLandscape, direction: np.ndarray) -> None:
        self.plane, self.direction, self.dim = plane, direction, 1

    def value(self, w: np.ndarray) -> np.ndarray:
        return self.plane.value(w * self.direction)

    def hessian(self, w: np.ndarray) -> np.ndarray:
        return (self.plane.hessian(w * self.direction) @ self.direction @ self.direction)[..., None, None]

    def gradient(self, w: np.ndarray) -> np.ndarray:
        return self.plane.gradient(w * self.direction) @ self.direction[:, None]


KINDS = {
    "SGD's stationary law, separated wells": wells,
    "SGD's stationary law, kinks and jumps on a line": kinks,
    "SGD's law after some steps, kinks of the plane": plane,
    "SGD's law after some steps, Hessian noise in the plane": hessian_noise,
}

if __name__ == "__main__":
    print_rows(KINDS, rounding=1e-11)
