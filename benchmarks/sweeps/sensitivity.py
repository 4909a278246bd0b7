"""Coverage of derivatives of SGD's stationary means at a finite rate: exact ones, and coupled walkers.

    python benchmarks/sweeps/sensitivity.py [PART OF A KIND] [SEED] [MEMBERS]

Truths are closed forms of quadratic losses, with noise that is constant, grows with w, or is that of data, and
with momentum; for wells and kinks differences of tenth order of laws in long doubles, on Gauss nodes of their own.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import sympy
from scipy.linalg import solve_discrete_lyapunov
from sweep import print_rows

from simulate import SGD, coupled_sensitivity, transition_sensitivity
from theory import Constant, Grid, Isotropic, NoisyGradient, ProductModel, SymbolicLandscape, SymbolicTensor

NAMES = ("learning_rate", "batch_size")
PANEL, POINTS = 5.0, 16  # standard deviations of a step, nodes
STEP = 0.002  # of the parameter
TENTH = (5 / 6, -5 / 21, 5 / 84, -5 / 504, 1 / 1260)  # of differences over 1 to 5 steps to either side


def quadratic(rng: np.random.Generator) -> tuple[NoisyGradient, SGD, float, str, tuple[float, float]]:
    """Model, algorithm, standard deviation, parameter and the derivatives of E L and E w^4."""
    a, noise, batch = 10 ** rng.uniform(-1, 1), 10 ** rng.uniform(-1, 1), int(rng.integers(1, 9))
    rate, name = rng.uniform(0.05, 1.5) / a, str(rng.choice(NAMES))
    variance = rate * noise / (batch * a * (2 - rate * a))
    growth = 2 * noise / (batch * a * (2 - rate * a) ** 2) if name == "learning_rate" else -variance / batch
    model = NoisyGradient(SymbolicLandscape(f"{a!r}*w**2/2"), Isotropic(noise, 1))
    return model, SGD(rate, batch), variance**0.5, name, (a * growth / 2, 6 * variance * growth)


def fourth(w: np.ndarray) -> np.ndarray:
    return w[..., 0] ** 4


def closed_forms(rng: np.random.Generator) -> list[tuple[float, float]]:
    """Quadratic losses on grids that end at 4 to 10 standard deviations."""
    model, sgd, spread, name, truths = quadratic(rng)
    half = rng.uniform(4, 10) * spread
    grid = Grid(-half, half, int(rng.integers(30, 200)))
    pairs = []
    for f, truth in zip((model.value, fourth), truths, strict=True):
        found = transition_sensitivity(model, sgd, grid, f, parameter=name)
        pairs.append((abs(found - truth) / abs(truth), found.error / abs(truth)))
    return pairs


def growing_noise(rng: np.random.Generator) -> list[tuple[float, float]]:
    """Regression on batches of data, or noise c + s w^2: tails are powers, beyond grids of 5 to 30 deviations."""
    if rng.random() < 0.5:
        batch, noise = int(rng.integers(1, 30)), rng.uniform(0.3, 3)
        rate = 2 * batch / (batch + 2) * rng.uniform(0.02, 0.5)
        left = 2 * batch - rate * (batch + 2)
        middle, variance, truth = 0.5, rate * noise**2 / left, batch * (noise / left) ** 2
        model: NoisyGradient | ProductModel = ProductModel("w - 1/2", noise_std=noise)
    else:
        a, c, batch = 10 ** rng.uniform(-1, 1), 10 ** rng.uniform(-1, 1), int(rng.integers(1, 9))
        rate = rng.uniform(0.05, 1.2) / a
        s = rng.uniform(0.05, 0.6) * (1 - (1 - rate * a) ** 2) * batch / rate**2
        left = 2 * a - rate * (a * a + s / batch)
        middle, variance = 0.0, rate * c / (batch * left)
        truth = a / 2 * (c / (batch * left) + variance / left * (a * a + s / batch))
        w = sympy.Symbol("w")
        root = sympy.Matrix([[sympy.sqrt(c + s * w**2)]])
        model = NoisyGradient(SymbolicLandscape(f"{a!r}*w**2/2"), SymbolicTensor(root, (w,)))
    half = rng.uniform(5, 30) * variance**0.5
    grid = Grid(middle - half, middle + half, int(rng.integers(60, 160)))
    found = transition_sensitivity(model, SGD(rate, batch), grid, model.value)
    return [(abs(found - truth) / truth, found.error / truth)]


def law(x: np.ndarray, weights: np.ndarray, to: np.ndarray, spread: np.longdouble) -> np.ndarray:
    """Masses at the nodes of steps to N(to, spread^2), by elimination without subtraction."""
    away = (x[:, None] - to) / spread
    moves = weights[:, None] * np.exp(-away * away / 2)
    size, exits = len(x), np.empty_like(x)
    for k in range(size - 1):
        exits[k] = moves[k + 1 :, k].sum()
        moves[k + 1 :, k + 1 :] += np.outer(moves[k + 1 :, k], moves[k, k + 1 :] / exits[k])
    masses = np.ones_like(x)
    for k in range(size - 2, -1, -1):
        masses[k] = moves[k, k + 1 :] @ masses[k + 1 :] / exits[k]
    return masses / masses.sum()


def slope_of(
    gradient: Callable[[np.ndarray], np.ndarray],
    value: Callable[[np.ndarray], np.ndarray],
    given: tuple[float, float, float],
    name: str,
    half: float,
) -> float:
    """dE[value]/d(rate or batch size) with a kink at 0 allowed, `given` rate, batch size and noise."""
    rate, batch, noise = given
    panels = math.ceil(half / (PANEL * rate * math.sqrt(noise / batch)))
    ends = np.linspace(-half, half, 2 * panels + 1).astype(np.longdouble)
    nodes, shares = np.polynomial.legendre.leggauss(POINTS)
    width = np.diff(ends)[:, None] / 2
    x, weights = (ends[:-1, None] + width * (1 + nodes)).ravel(), (width * shares).ravel()

    def mean(shift: float) -> np.longdouble:
        eta = np.longdouble(rate) * (1 + np.longdouble(shift) if name == "learning_rate" else 1)
        size = np.longdouble(batch) * (1 + np.longdouble(shift) if name == "batch_size" else 1)
        p = law(x, weights, x - eta * gradient(x), eta * np.sqrt(noise / size))
        return np.longdouble(p @ value(x))

    total = sum(c * (mean(k * STEP) - mean(-k * STEP)) for k, c in enumerate(TENTH, 1))
    return float(total) / STEP / (rate if name == "learning_rate" else batch)


def wells(rng: np.random.Generator) -> list[tuple[float, float]]:
    """Tilted wells from shallow to 25 temperatures deep, quartic bowls and kinks."""
    kind, name = rng.choice(["wells", "wells", "wells", "bowl", "kink"]), str(rng.choice(NAMES))
    tilt, rate, batch = rng.uniform(-0.1, 0.1), 10 ** rng.uniform(-1.15, -0.7), int(rng.integers(1, 5))
    noise = 2 * batch / rate / rng.uniform(4, 100) if kind == "wells" else rng.uniform(1, 4) * batch
    half = min(2.8, 0.96 * math.sqrt(1 + 2 / rate))
    formula, gradient, value = {
        "wells": (
            f"(w**2-1)**2/4 + {tilt!r}*w",
            lambda x: x * (x * x - 1) + tilt,
            lambda x: (x * x - 1) ** 2 / 4 + tilt * x,
        ),
        "bowl": (f"w**4/4 + {tilt!r}*w", lambda x: x**3 + tilt, lambda x: x**4 / 4 + tilt * x),
        "kink": (
            f"abs(w) + w**2/2 + {tilt!r}*w",
            lambda x: np.sign(x) + x + tilt,
            lambda x: np.abs(x) + x * x / 2 + tilt * x,
        ),
    }[str(kind)]
    truth = slope_of(gradient, value, (rate, batch, noise), name, half)
    model = NoisyGradient(SymbolicLandscape(formula), Isotropic(noise, 1))
    grid = Grid(-half, half, int(rng.integers(40, 160)))
    found = transition_sensitivity(model, SGD(rate, batch), grid, model.value, parameter=name)
    return [(abs(found - truth) / abs(truth), found.error / abs(truth))]


def plane(rng: np.random.Generator) -> list[tuple[float, float]]:
    """Heavy balls in all three numbers, and full tensors that do not commute, on 24 to 34 cells an axis."""
    batch, cells, deviations = int(rng.integers(1, 5)), int(rng.integers(24, 34)), rng.uniform(5, 8)
    if rng.random() < 0.9:
        (a, noise), momentum = 10 ** rng.uniform(-0.5, 0.5, 2), rng.uniform(0.2, 0.9)
        a, noise, name = float(a), float(noise), str(rng.choice([*NAMES, "momentum"]))
        rate = rng.uniform(0.1, 1.4) * (1 + momentum) / a
        step = np.array([[1 - rate * a, momentum], [-rate * a, momentum]])
        kick = np.full((2, 2), rate**2 * noise / batch)
        change = {
            "learning_rate": (np.array([[-a, 0], [-a, 0]]), 2 / rate * kick),
            "batch_size": (np.zeros((2, 2)), -kick / batch),
            "momentum": (np.array([[0, 1], [0, 1]]), 0 * kick),
        }[name]
        model = NoisyGradient(SymbolicLandscape(f"{a!r}*w**2/2"), Isotropic(noise, 1))
        sgd, half_hessian = SGD(rate, batch, momentum=momentum), np.diag([a / 2, 0])
    else:
        roots, name, rate = rng.normal(size=(2, 2, 2)), "learning_rate", rng.uniform(0.5, 1.6)
        h, c = (root @ root.T + 0.2 * np.eye(2) for root in roots)
        h /= np.linalg.eigvalsh(h)[-1]
        step, kick = np.eye(2) - rate * h, rate**2 * c / batch
        change, half_hessian = (-h, 2 / rate * kick), h / 2
        (xx, xy), (_, yy) = h.tolist()
        formula = f"{xx!r}*x**2/2 + {xy!r}*x*y + {yy!r}*y**2/2"
        model = NoisyGradient(SymbolicLandscape(formula, variables=("x", "y")), Constant(c))
        sgd = SGD(rate, batch)
    covariance = solve_discrete_lyapunov(step, kick)
    cross = change[0] @ covariance @ step.T
    truth = float(np.trace(half_hessian @ solve_discrete_lyapunov(step, cross + cross.T + change[1])))
    half = deviations * np.sqrt(np.diag(covariance))
    grid = Grid((-half).tolist(), half.tolist(), (cells, cells))
    found = transition_sensitivity(
        model, sgd, grid, lambda w: np.einsum("...i,ij,...j", w, half_hessian, w), parameter=name
    )
    return [(abs(found - truth) / abs(truth), found.error / abs(truth))]


def coupled(rng: np.random.Generator) -> list[tuple[float, float]]:
    """Coupled walkers on quadratic losses: the interval of 99 %."""
    model, sgd, _, name, truths = quadratic(rng)
    slow = 1 - abs(1 - sgd.learning_rate * float(model.hessian([0.0])[0, 0]))
    found = coupled_sensitivity(
        model, sgd, model.value, np.zeros((300, 1)), burn_in=int(8 / slow) + 20, steps=200, rng=rng, parameter=name
    )
    margin = found.interval(0.99)[1] - found.value
    return [(abs(found.value - truths[0]) / abs(truths[0]), margin / abs(truths[0]))]


KINDS = {
    "derivatives of SGD's means at a finite rate, quadratic losses": closed_forms,
    "derivatives of SGD's means at a finite rate, noise that grows, data": growing_noise,
    "derivatives of SGD's means at a finite rate, wells, bowls, kinks": wells,
    "derivatives of SGD's means at a finite rate, planes and momentum": plane,
    "derivatives by coupled walkers, intervals of 99 %": coupled,
}

if __name__ == "__main__":
    print_rows(KINDS, rounding=1e-12)
