"""Coverage of derivatives of stationary expectations of Fokker-Planck equations, against closed forms.

python benchmarks/sweeps/derivatives.py [PART OF A KIND] [SEED] [MEMBERS]
"""

from __future__ import annotations

import numpy as np
import sympy
from scipy.linalg import solve_continuous_lyapunov
from scipy.special import gamma
from sweep import print_rows

from theory import Constant, FokkerPlanck, Grid, Isotropic, Langevin, SymbolicLandscape, SymbolicTensor
from theory.base.arrays import Array

Pairs = list[tuple[float, float]]


def on_a_line(rng: np.random.Generator) -> Pairs:
    """Powers in their own heat, and noise a (1 + s x^2), whose tails are powers, in boxes of 4 to 40 sd."""
    x, cells = sympy.Symbol("x"), int(rng.integers(40, 300))
    if rng.random() < 0.5:
        k, temperature = int(rng.integers(1, 5)), 10 ** rng.uniform(-2, 0)
        landscape = SymbolicLandscape(x ** (2 * k) / (2 * k))
        spread = (2 * k * temperature) ** (1 / (2 * k)) * (gamma(1.5 / k) / gamma(0.5 / k)) ** 0.5
        half = rng.uniform(4, 10) * spread
        equation = FokkerPlanck(Langevin(landscape, Isotropic(temperature, 1)), Grid(-half, half, cells))
        found = equation.sensitivity(landscape.value, lambda t: Langevin(landscape, Isotropic(t, 1)), temperature)
        truth = 1 / (2 * k)
    else:
        a, s = 10 ** rng.uniform(-1, 1), rng.uniform(0.05, 0.6)
        s /= a
        bowl, half = SymbolicLandscape("x**2/2", ("x",)), rng.uniform(8, 40) * (a / (1 - a * s)) ** 0.5

        def at(scale: float) -> Langevin:
            root = sympy.Matrix([[sympy.sqrt(scale * (1 + s * x**2))]])
            return Langevin(bowl, SymbolicTensor(root, (x,)))

        found = FokkerPlanck(at(a), Grid(-half, half, cells)).sensitivity(bowl.value, at, a)
        truth = 1 / (2 * (1 - a * s) ** 2)
    return [(abs(found - truth) / truth, found.error / truth)]


def linear(rng: np.random.Generator, dim: int, cells: tuple[int, int]) -> Pairs:
    """Equations dw = -A w dt + sqrt(2 D) dW with spin and tilted noise, in its scale or in the drift's."""
    names = ("x", "y", "z")[:dim]
    flat = SymbolicLandscape(" + ".join(f"0*{name}" for name in names), names)
    roots = rng.normal(size=(2, dim, dim))
    pull = roots[0] @ roots[0].T + 0.3 * np.eye(dim)
    pull /= np.linalg.norm(pull, 2)
    spin = 10 ** rng.uniform(-1, 1.3) * (roots[1] - roots[1].T) / 2
    frame = np.linalg.qr(rng.normal(size=(dim, dim)))[0]
    noise = frame @ np.diag(10 ** -rng.uniform(0, 2, dim)) @ frame.T
    more, a = np.diag(rng.uniform(0, 0.15, dim)) * np.diag(noise), rng.uniform(0.2, 1.5)
    heated = bool(rng.random() < 0.5)

    def drift(a: float) -> Array:
        return pull + spin + (0 if heated else 0.2 * a * a) * pull

    def tensor(a: float) -> Array:
        return a * noise + a * a * more if heated else noise

    def at(a: float) -> Langevin:
        matrix = drift(a)
        return Langevin(flat, Constant(tensor(a)), extra_drift=lambda w: -w @ matrix.T)

    covariance = solve_continuous_lyapunov(drift(a), 2 * tensor(a))
    turned = (0 if heated else 0.4 * a) * pull @ covariance
    changed = 2 * (noise + 2 * a * more) if heated else 0 * noise
    growth = solve_continuous_lyapunov(drift(a), changed - turned - turned.T)
    wave = rng.normal(size=dim)
    wave /= np.sqrt(wave @ covariance @ wave)
    rise = wave @ growth @ wave
    f, truth = [
        (lambda w: (w @ wave) ** 2, rise),
        (lambda w: (w @ wave) ** 4, 6 * rise),
        (lambda w: np.cos(w @ wave), -rise / 2 * np.exp(-0.5)),
    ][rng.integers(3)]
    box = rng.uniform(5, 7) * np.sqrt(np.diag(covariance))
    grid = Grid((-box).tolist(), box.tolist(), [int(rng.integers(*cells))] * dim)
    found = FokkerPlanck(at(a), grid).sensitivity(f, at, a)
    return [(abs(found - truth) / abs(truth), found.error / abs(truth))]


def in_the_plane(rng: np.random.Generator) -> Pairs:
    """Péclet numbers of .1 to 1000."""
    return linear(rng, 2, (40, 90))


def in_space(rng: np.random.Generator) -> Pairs:
    """On 14 to 20 cells an axis."""
    return linear(rng, 3, (14, 20))


KINDS = {
    "derivatives of stationary means on a line": on_a_line,
    "derivatives of stationary means of linear equations in the plane, any Péclet number": in_the_plane,
    "derivatives of stationary means of linear equations in space": (in_space, 40),
}

if __name__ == "__main__":
    print_rows(KINDS, rounding=1e-12)
