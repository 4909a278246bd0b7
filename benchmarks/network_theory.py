"""What theory needs of a network of 10^4 weights: curvature, noise, loss slope and a local learning coefficient.

    python benchmarks/network_theory.py

A perceptron 20-100-70-10 with cross-entropy and weight decay on 500 examples of ten overlapping clusters. Times
are those of the processor, all threads together. Theory says at its minimum

    E[L] - L(w*) = eta tr C / (4 B) + O(eta^2),

whatever H is, up to the share of the noise that points where H is zero: of H S + S H = eta C / B the trace gives
tr(H S) / 2 = eta tr C / (4 B).
"""

from __future__ import annotations

import math
import time
from itertools import pairwise

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from compare import BySampling, loss_slope
from simulate import SGD, WithReplacement, run_sgd
from theory import from_torch, local_learning_coefficient
from theory.learning import SGLD, Localization
from theory.models import Network
from theory.noise import (
    batch_sharpness,
    extreme_eigenvalues,
    hessian_operator,
    sharpness_along,
    spectral_density,
)
from theory.points import lowest_minimum

LAYERS, EXAMPLES, CLASSES, DECAY = (20, 100, 70, 10), 500, 10, 0.01
BATCH, RATES = 10, (0.02, 0.04, 0.08)
SAMPLING = BySampling(walkers=20, steps=600, burn_in=1200, observations=4)
STRENGTH, STEP_SIZE, CHAINS = 100.0, 2e-3, {"chains": 5, "steps": 400, "burn_in": 60, "save_every": 5}
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
    at = np.array(lowest_minimum(model, model.start[None], rng=rng).position)
    told(f"minimum: loss {model.value(at):.6f}, gradient {np.linalg.norm(model.gradient(at)):.2g}")
    hessian = hessian_operator(model, at)
    told(f"largest eigenvalues {extreme_eigenvalues(hessian, 3, rng=rng)}")
    told(f"batch sharpness {batch_sharpness(model, at, BATCH, rng=rng)!r}")
    density = spectral_density(hessian, 4, 60, rng=rng)
    for low, high in ((-math.inf, 0.0), (0.0, 1.5 * DECAY), (0.1, math.inf)):
        told(f"eigenvalues in ({low:g}, {high:g}]: {' to '.join(map(str, density.number(low, high)))}")
    slope = loss_slope(
        model,
        SGD(RATES[0], BATCH, sampling=WithReplacement()),
        RATES,
        rng=rng,
        method=SAMPLING,
        minimum=at,
        confidence=LEVEL,
    )
    told(slope.table())
    for colder in (1.0, 10.0):
        t, strength = colder * EXAMPLES / math.log(EXAMPLES), colder * STRENGTH
        share = density.mean(lambda h, soft=strength / t: h / (h + soft))
        told(f"of a quadratic loss: {model.dim * share / 2:.2f} +- {model.dim * share.error / 2:.2f}")
        found = local_learning_coefficient(
            model, at, rng=rng, sampler=SGLD(STEP_SIZE / colder), beta=t / EXAMPLES,
            localization=Localization(strength), **CHAINS,
        )  # fmt: skip
        low, high = found.interval(LEVEL)
        told(f"n beta = {t:.3g}: 99 % interval {low:.2f} to {high:.2f}: {found!r}")


if __name__ == "__main__":
    main()
