"""Do the errors of stationary laws in the plane and in space cover? Closed forms."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.linalg import solve_continuous_lyapunov
from sweep import print_rows

from theory import Constant, Density, FokkerPlanck, Grid, Langevin, SymbolicLandscape
from theory.base.arrays import Array

Pairs = Sequence[tuple[float, float]]
Field = Callable[[Array], Array]


def pair(drift: Field, tensor: Array, grid: Grid, log_law: Field) -> Pairs:
    """Miss and error in total variation of the law on a grid; refused where there is no error."""
    names = ("x", "y", "z")[: grid.dim]
    flat = SymbolicLandscape(" + ".join(f"0*{name}" for name in names), names)
    law = FokkerPlanck(Langevin(flat, Constant(tensor), extra_drift=drift), grid).stationary()
    if law.error is None:
        return []
    exact = Density.from_log(grid, log_law(grid.centers))
    miss = float(np.abs(law.values - exact.values).sum() * grid.cell_volume / 2)
    return [(miss, law.error)]


def gaussian(pull: Array, tensor: Array, rng: np.random.Generator, cells: int) -> Pairs:
    """The law of dw = -pull w dt + sqrt(2 tensor) dW on a box of 5.8 to 7 standard deviations."""
    covariance = solve_continuous_lyapunov(pull, 2 * tensor)
    precision = np.linalg.inv(covariance)
    box = rng.uniform(5.8, 7) * np.sqrt(np.diag(covariance))
    grid = Grid(-box, box, [cells] * len(box))
    return pair(lambda w: -w @ pull.T, tensor, grid, lambda w: -((w @ precision) * w).sum(axis=-1) / 2)


def missed(rng: np.random.Generator) -> Pairs:
    """Linear equations whose noise has rank 1, along an axis or turned, with any friction and temperature."""
    friction, temperature = np.exp(rng.uniform(-1.2, 1.2, 2))
    stiffness = np.exp(rng.uniform(-1, 1))
    pull = np.array([[0, -1.0], [stiffness, friction]])
    tensor = np.diag([0, friction * temperature])
    if rng.random() < 0.6:
        angle = rng.uniform(0, np.pi)
        frame = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        pull, tensor = frame @ pull @ frame.T, frame @ tensor @ frame.T
    return gaussian(pull, tensor, rng, int(rng.integers(60, 161)))


def kinetic(rng: np.random.Generator) -> Pairs:
    """Kinetic Langevin equations in wells of one or two minima."""
    friction, temperature = np.exp(rng.uniform(-1, 1.2)), np.exp(rng.uniform(-1.5, 0.3))
    square, cubic = rng.uniform(-1, 1), rng.uniform(-0.3, 0.3)

    def loss(x: Array) -> Array:
        return square * x**2 / 2 + cubic * x**3 / 3 + x**4 / 4

    def drift(w: Array) -> Array:
        x, v = w[..., 0], w[..., 1]
        return np.stack([v, -square * x - cubic * x**2 - x**3 - friction * v], axis=-1)

    x = np.linspace(-6, 6, 4001)
    inside = x[loss(x) < loss(x).min() + 17 * temperature]
    reach = rng.uniform(5.5, 6.5) * np.sqrt(temperature)
    cells = [int(n) for n in rng.integers(60, 161, 2)]
    grid = Grid([inside[0] - 0.1, -reach], [inside[-1] + 0.1, reach], cells)
    tensor = np.diag([0, friction * temperature])
    return pair(drift, tensor, grid, lambda w: -(loss(w[..., 0]) + w[..., 1] ** 2 / 2) / temperature)


def turning(rng: np.random.Generator) -> Pairs:
    """Full noise of any anisotropy and a current of any strength around a law exp(-Phi), quadratic and quartic."""
    root = np.linalg.qr(rng.normal(size=(2, 2)))[0] * np.exp(rng.uniform(-1, 0.5, 2))
    tensor = root @ root.T
    current = np.exp(rng.uniform(-4, 0.5)) * rng.choice([-1, 1]) * np.array([[0, 1.0], [-1.0, 0]])
    shape = rng.normal(size=(2, 2))
    shape = shape @ shape.T + 0.3 * np.eye(2)
    quartic = rng.uniform(0, 0.5)

    def phi(w: Array) -> Array:
        return ((w @ shape) * w).sum(axis=-1) / 2 + quartic * (w**4).sum(axis=-1) / 4

    def drift(w: Array) -> Array:
        return -(w @ shape + quartic * w**3) @ (tensor + current).T

    box = rng.uniform(5, 6.5) * np.sqrt(np.diag(np.linalg.inv(shape)))
    cells = [int(n) for n in rng.integers(50, 121, 2)]
    return pair(drift, tensor, Grid(-box, box, cells), lambda w: -phi(w))


def space(rng: np.random.Generator) -> Pairs:
    """Full noise, turned and anisotropic, and a current around a normal law in space: drift -(D + A) P w."""
    root, sides = (np.linalg.qr(rng.normal(size=(3, 3)))[0] * np.exp(rng.uniform(-0.4, 0.4, 3)) for _ in range(2))
    tensor, precision, turn = root @ root.T, sides @ sides.T, rng.normal(size=(3, 3))
    current = np.exp(rng.uniform(-3, -0.5)) * (turn - turn.T)
    return gaussian((tensor + current) @ precision, tensor, rng, int(rng.integers(12, 19)))


KINDS: dict[str, tuple[Callable[[np.random.Generator], Pairs], int]] = {
    "stationary laws of linear equations, noise of rank 1": (missed, 200),
    "stationary laws of kinetic Langevin equations": (kinetic, 200),
    "stationary laws in the plane with currents, any Péclet number": (turning, 200),
    "stationary laws in space with currents, full noise": (space, 200),
}

if __name__ == "__main__":
    print_rows(KINDS)
