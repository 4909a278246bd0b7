"""Parts of a user's own, right ones, for each door."""

from __future__ import annotations

from typing import Any

import numpy as np

from compare import Distance, total_variation
from theory import Density, Estimate
from theory.base.arrays import Array, Integers


class Well:
    """L = w^4/4 + w^2/2 on a line."""

    dim = 1

    def value(self, w: Array) -> Array:
        return np.asarray((w**4 / 4 + w**2 / 2).sum(axis=-1))

    def gradient(self, w: Array) -> Array:
        return w**3 + w

    def hessian(self, w: Array) -> Array:
        return (3 * w**2 + 1)[..., None]


class Laplace(Well):
    """One example's gradient has Laplace noise of variance 1 + w^2."""

    def gradient_covariance(self, w: Array) -> Array:
        return (1 + w**2)[..., None]

    def batch_gradient(self, w: Array, batch_size: int, rng: np.random.Generator) -> Array:
        noise = rng.laplace(scale=0.5**0.5, size=(*w.shape, batch_size)).mean(axis=-1)
        return np.asarray(self.gradient(w) + np.sqrt(1 + w**2) * noise)


class Normal(Laplace):
    """The same with normal noise, and it says so."""

    normal = True

    def batch_gradient(self, w: Array, batch_size: int, rng: np.random.Generator) -> Array:
        return self.gradient(w) + np.sqrt((1 + w**2) / batch_size) * rng.standard_normal(w.shape)


class Rising:
    """D = .3 (1 + w^2)."""

    dim = 1

    def tensor(self, w: Array) -> Array:
        return 0.3 * (1 + w[..., None] ** 2)


class Quarter:
    """A reading between Ito's and Stratonovich's."""

    share = 0.25


class Decay:
    """The learning rate over 1 + step / 50."""

    def rate(self, steps: Array) -> Array:
        return 1 / (1 + steps / 50)


class Doubling:
    """The batch doubles after 10 steps."""

    def batch(self, steps: Array) -> Array:
        return np.where(steps < 10, 1.0, 2.0)


class Uniform:
    """Examples with replacement."""

    def indices(
        self, examples: int, batch_size: int, walkers: int, step: int, rng: np.random.Generator
    ) -> Integers:
        return rng.integers(examples, size=(walkers, batch_size))


class NewData:
    """Normal inputs and labels."""

    def examples(self, batch_size: int, walkers: int, step: int, rng: np.random.Generator) -> tuple[Array, Array]:
        return rng.standard_normal((walkers, batch_size, 1)), rng.standard_normal((walkers, batch_size))


class Shaken:
    """Laplace noise of variance 1/2."""

    variance = 0.5

    def sample(self, w: Array, rng: np.random.Generator) -> Array:
        return rng.laplace(scale=0.5, size=w.shape)


class Steeper:
    """P = 1 + 1/(1 + w^2)."""

    def matrix(self, w: Array) -> Array:
        return (1 + 1 / (1 + w**2))[..., None]


class Averaged:
    """Momentum as a rule: the mean gradient, with a tenth of the new one."""

    def start(self, w: Array) -> Array:
        return np.zeros(w.shape)

    def update(
        self, gradient: Array, state: Array, w: Array, rate: float, step: int, rng: np.random.Generator
    ) -> tuple[Array, Array]:
        mean = 0.9 * state + 0.1 * gradient
        return mean, mean


class Euler:
    """Euler's step."""

    def step(self, sde: Any, w: Array, dt: float, rng: np.random.Generator) -> Array:
        noise = rng.standard_normal(w.shape)
        spread = np.einsum("nij,nj->ni", sde.diffusion.root(w), noise)
        return np.asarray(w + dt * sde.drift(w) + np.sqrt(2 * dt) * spread)


class InPlace:
    """Euler's step as a scheme that advances blocks."""

    strong_order, weak_order, joins = 0.5, 1.0, False

    def prepare(self, sde: Any, setting: Any) -> Any:
        def begin(w: Array, stream: np.random.Generator) -> Any:
            def advance(steps: int) -> None:
                for _ in range(steps):
                    w[:] = Euler().step(sde, w.T, setting.dt, stream).T

            return advance

        return begin


class Known:
    """The stationary loss of a quadratic one with constant noise: eta s^2 / (2 B (2 - eta)) with h = s = 1."""

    statistical, jumps = False, True

    def measure(self, model: Any, sgd: Any, minimum: Any, rng: Any) -> Estimate:
        return Estimate(sgd.learning_rate / (2 * sgd.batch_size * (2 - sgd.learning_rate)), 1e-12)


def coarse(p: Density, q: Density, *, confidence: float = 0.95) -> Distance:
    """Total variation on cells four times as wide."""
    return total_variation(p.coarsen(4), q.coarsen(4), confidence=confidence)
