"""What theory needs of a network of 10^4 weights: curvature, noise, loss slope and a local learning coefficient.

    python benchmarks/network_theory.py

A perceptron 20-100-70-10 with cross-entropy and weight decay on 500 examples of ten overlapping clusters. Times
are those of the processor, all threads together. The weight decay makes the minimum regular. Theory says there

    E[L] - L(w*) = eta tr C / (4 B) + O(eta^2),

whatever H is, as long as no noise points where H is zero: of H S + S H = eta C / B the trace gives tr(H S) / 2 =
eta tr C / (4 B).
"""

from __future__ import annotations

import math
import time
from itertools import pairwise

import numpy as np
import torch
from scipy.optimize import minimize
from scipy.stats import t as student
from torch.nn.functional import cross_entropy

from simulate import SGD, WithReplacement, run_sgd
from theory import Estimate, from_torch
from theory.learning import extrapolate
from theory.models import Network
from theory.noise import (
    batch_sharpness,
    covariance_trace,
    extreme_eigenvalues,
    hessian_operator,
    sharpness_along,
    spectral_density,
)

LAYERS, EXAMPLES, CLASSES, DECAY = (20, 100, 70, 10), 500, 10, 0.01
BATCH, RATES, WALKERS, SPAN, LOOKS = 10, (0.01, 0.02, 0.04, 0.06), 30, 20.0, 20
STRENGTH, CHAINS, STEPS, STEP_SIZE = 100.0, 8, 150, 1e-3
LEVEL = 0.99


class Decayed(torch.nn.Module):
    """A perceptron whose last output is its weight decay."""

    def __init__(self) -> None:
        super().__init__()
        parts = [part for a, b in pairwise(LAYERS) for part in (torch.nn.Linear(a, b), torch.nn.Tanh())]
        self.layers = torch.nn.Sequential(*parts[:-1])

    def forward(self, x):
        penalty = DECAY / 2 * sum((one**2).sum() for one in self.layers.parameters())
        return torch.cat([self.layers(x), penalty.expand(len(x), 1)], 1)


def loss(outputs, y):
    return cross_entropy(outputs[:, :-1], y, reduction="none") + outputs[:, -1]


def network() -> Network:
    rng = np.random.default_rng(1)
    torch.manual_seed(1)
    centres = 0.8 * rng.standard_normal((CLASSES, LAYERS[0]))
    y = rng.integers(CLASSES, size=EXAMPLES)
    return from_torch(Decayed(), loss, centres[y] + rng.standard_normal((EXAMPLES, LAYERS[0])), y)


def minimum(model: Network) -> np.ndarray:
    def both(w):
        return float(model.value(w)), model.gradient(w)

    options = {"maxiter": 3000, "maxfun": 4000, "ftol": 0.0, "gtol": 1e-7, "maxcor": 30}
    return minimize(both, model.start, jac=True, method="L-BFGS-B", options=options).x


def excess(model: Network, at: np.ndarray, rate: float, rng: np.random.Generator) -> Estimate:
    """The stationary loss above the minimum at a rate, from independent walkers that start there."""
    steps = int(SPAN / rate)
    run = run_sgd(
        model, SGD(rate, BATCH, sampling=WithReplacement()), np.tile(at, (WALKERS, 1)),
        steps=2 * steps, rng=rng, save_every=steps // LOOKS, progress=False,
    )  # fmt: skip
    settled = run.steps > steps
    losses = np.array([model.value(points) for points in run.positions[settled]]) - model.value(at)
    halves = losses[: len(losses) // 2].mean(axis=0) - losses[len(losses) // 2 :].mean(axis=0)
    if abs(halves.mean()) > 5 * halves.std(ddof=1) / math.sqrt(WALKERS):
        raise SystemExit(f"walkers are not stationary at the rate {rate:g}")
    means = losses.mean(axis=0)
    return Estimate(means.mean(), means.std(ddof=1) / math.sqrt(WALKERS))


def slope(model: Network, at: np.ndarray, rng: np.random.Generator) -> Estimate:
    """The slope d E[L] / d eta at 0, by extrapolation of loss over rate."""
    found = [excess(model, at, rate, rng) for rate in RATES]
    rates = np.array(RATES)
    values, errors = (np.array(one) / rates for one in ([float(e) for e in found], [e.error for e in found]))
    for rate, value, error in zip(RATES, values, errors, strict=True):
        print(f"    loss over rate at {rate:g}: {value:.4f} +- {error:.4f}")
    return extrapolate(rates, values, errors, 1.0, True).limit


def tempered(model: Network, at: np.ndarray, halvings: int, colder: float, rng: np.random.Generator) -> Estimate:
    """N beta (E[L] - L(w*)) of Langevin chains that a prior of STRENGTH holds near w*, both times `colder`."""
    t, strength = colder * EXAMPLES / math.log(EXAMPLES), colder * STRENGTH
    step, steps = STEP_SIZE / colder / 2**halvings, STEPS * 2**halvings
    points, kept = np.tile(at, (CHAINS, 1)), []
    for k in range(2 * steps):
        pull = t * model.gradient(points) + strength * (points - at)
        points = points - step / 2 * pull + math.sqrt(step) * rng.standard_normal(points.shape)
        if k >= steps and k % 5 == 0:
            kept.append(t * (model.value(points) - model.value(at)))
    means = np.mean(kept, axis=0)
    return Estimate(means.mean(), means.std(ddof=1) / math.sqrt(CHAINS))


def main() -> None:
    begin = time.process_time()

    def told(text: str) -> None:
        print(f"{time.process_time() - begin:6.1f} s  {text}", flush=True)

    model, rng = network(), np.random.default_rng(2)
    rate = 0.5
    sgd = SGD(rate, BATCH, sampling=WithReplacement())
    run = run_sgd(model, sgd, model.start[None], steps=1000, rng=rng, save_every=200, progress=False)
    history = sharpness_along(model, run, learning_rate=rate, batch_size=BATCH, rng=rng, batches=100)
    told(f"{model.dim} weights; sharpness along SGD at the rate {rate:g}, batches of {BATCH}:")
    print(history.table())
    at = minimum(model)
    told(f"minimum: loss {model.value(at):.6f}, gradient {np.linalg.norm(model.gradient(at)):.2g}")
    hessian = hessian_operator(model, at)
    told(f"largest eigenvalues {extreme_eigenvalues(hessian, 3, rng=rng)}")
    told(f"batch sharpness {batch_sharpness(model, at, BATCH, rng=rng)!r}")
    density = spectral_density(hessian, 4, 60, rng=rng)
    for low, high in ((-math.inf, 0.0), (0.0, 1.5 * DECAY), (0.1, math.inf)):
        told(f"eigenvalues in ({low:g}, {high:g}]: {' to '.join(map(str, density.number(low, high)))}")
    trace = covariance_trace(model, at)
    predicted = trace / (4 * BATCH)
    measured = slope(model, at, rng)
    half = student.ppf((1 + LEVEL) / 2, WALKERS - 1) * measured.error
    inside = abs(measured - predicted) <= half
    told(
        f"loss slope {float(measured):.4f}, 99 % interval {measured - half:.4f} to {measured + half:.4f}; "
        f"tr C / 4B = {predicted:.4f} is {'inside' if inside else 'OUTSIDE'}, "
        f"half of it is {'INSIDE' if abs(measured - predicted / 2) <= half else 'outside'}"
    )
    t = EXAMPLES / math.log(EXAMPLES)
    share = density.mean(lambda h: t * h / (t * h + STRENGTH))
    told(f"of a quadratic loss: {model.dim * share / 2:.2f} +- {model.dim * share.error / 2:.2f}")
    for colder, stream in ((1.0, rng), (10.0, np.random.default_rng(3))):
        rough, fine = (tempered(model, at, halvings, colder, stream) for halvings in (0, 1))
        value, error = 2 * fine - rough, math.hypot(2 * fine.error, rough.error)
        half = student.ppf((1 + LEVEL) / 2, CHAINS - 1) * error + abs(fine - rough)
        told(
            f"local learning coefficient at n beta = {colder * t:.3g}, strength {colder * STRENGTH:g}: "
            f"{value:.2f}, 99 % interval {value - half:.2f} to {value + half:.2f}"
        )


if __name__ == "__main__":
    main()
