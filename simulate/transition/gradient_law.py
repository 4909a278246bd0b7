"""The law of the gradient of a batch at each place of a line, as values with chances."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

import numpy as np
from scipy.special import ndtr

from simulate.transition.batches import batch_rules
from simulate.transition.choices import MOST_CHOICES, multisets, number_of_batches
from simulate.transition.convolved import FINENESS, mean_laws
from simulate.transition.data_step import mixed
from simulate.transition.examples import ExampleGradients
from theory.base.arrays import Array
from theory.models import NoisyGradient, ProductModel

FARTHEST = 8.5  # standard deviations of a normal law, beyond which nobody is
POINTS = 8  # of Gauss's rule on each panel of a piece of a normal law


class Mixture(NamedTuple):
    """Normal laws at each of n places: means and standard deviations (n, k), chances (n, k) or (1, k)."""

    means: Array
    stds: Array
    chances: Array


class GradientLaw(Protocol):
    """The law of the gradient of a batch on a line."""

    def mixture(self, w: Array) -> Mixture:
        """The normal laws that it is made of at places w (n, 1)."""
        ...

    def of(self, batch: int) -> GradientLaw:
        """The law of a batch of another size."""
        ...

    def rougher(self) -> GradientLaw:
        """The same by less work, where something stands for the batches."""
        ...


@dataclass(frozen=True, eq=False)
class NormalGradients:
    """Of fresh data: a normal law at each place, or a mixture of them over the size of the batch."""

    model: ProductModel | NoisyGradient
    batch: int

    def of(self, batch: int) -> NormalGradients:
        """The law of a batch of another size."""
        return replace(self, batch=batch)

    def rougher(self) -> NormalGradients:
        """Itself: nothing stands for the batches."""
        return self

    def mixture(self, w: Array) -> Mixture:
        """One law, or one for each of Gauss's sizes of a batch."""
        model, root = self.model, math.sqrt(self.batch)
        if isinstance(model, NoisyGradient):
            std = np.linalg.norm(model.example_covariance.root(w)[:, 0, :], axis=1) / root
            return Mixture(model.gradient(w), std[:, None], np.ones((1, 1)))
        q, slope = model.scaled_predictor(w).T
        rules, twice = batch_rules(self.batch), 2 * model.loss_scale
        r, weights = rules.nodes[: rules.starts[1]], rules.weights[: rules.starts[1]]
        means = (twice * q * slope)[:, None] * r**2
        return Mixture(means, np.abs(twice * slope)[:, None] * model.noise_std / root * r, weights[None])


@dataclass(frozen=True, eq=False)
class CountedGradients:
    """Of a fixed data set with replacement, batch by batch: `shares` (batches, N) of each example, `chances`.

    Without shares a batch is one example.
    """

    examples: ExampleGradients
    shares: Array | None
    chances: Array
    fineness: int = FINENESS  # of the lattice that stands for larger batches, where they are too many

    def of(self, batch: int) -> GradientLaw:
        """The law of a batch of another size."""
        return data_gradients(self.examples, batch, self.fineness)

    def rougher(self) -> CountedGradients:
        """The same, nothing is left out; but of larger batches half the lattice."""
        return replace(self, fineness=self.fineness // 2)

    def mixture(self, w: Array) -> Mixture:
        """One value a batch."""
        gradients = self.examples.gradients(w)
        values = (gradients if self.shares is None else mixed(gradients, self.shares))[..., 0]
        return Mixture(values, np.zeros_like(values), self.chances[None])


@dataclass(frozen=True, eq=False)
class SummedGradients:
    """Of too many batches, by the law of their mean on a lattice."""

    examples: ExampleGradients
    batch: int
    fineness: int = FINENESS

    def of(self, batch: int) -> GradientLaw:
        """The law of a batch of another size."""
        return data_gradients(self.examples, batch, self.fineness)

    def rougher(self) -> SummedGradients:
        """By half the lattice."""
        return replace(self, fineness=self.fineness // 2)

    def mixture(self, w: Array) -> Mixture:
        """The points of the lattice."""
        numbers = self.examples.gradients(w)[..., 0]
        values, chances = mean_laws(numbers, self.examples.chances, self.batch, self.fineness)
        return Mixture(values, np.zeros_like(values), chances)


def data_gradients(examples: ExampleGradients, batch: int, fineness: int = FINENESS) -> GradientLaw:
    """The law batch by batch where they can be enumerated, else that of their mean on a lattice."""
    if number_of_batches(len(examples), batch) > MOST_CHOICES:
        return SummedGradients(examples, batch, fineness)
    shares, chances = multisets(examples.chances, batch)
    return CountedGradients(examples, shares, chances, fineness)


def values_of(law: Mixture, breaks: Array, panels: int, added: float = 0.0) -> tuple[Array, Array]:
    """Values (n, k) and chances, (n, k) or (1, k), of a mixture with normal noise of deviation `added` beside it.

    Of normal laws Gauss's rules on `panels` parts of the pieces between the `breaks` (n, p), where a rule jumps or
    bends: the chance that a gradient lies in a piece is exact.
    """
    stds = np.hypot(law.stds, added)
    if not stds.any():
        return law.means, law.chances
    count = law.means.shape[1]
    every = np.repeat(breaks, count, axis=0)
    values, chances = _normal(law.means.ravel(), np.broadcast_to(stds, law.means.shape).ravel(), every, panels)
    whole = np.broadcast_to(law.chances, law.means.shape).ravel()
    shape = len(law.means), -1
    return values.reshape(shape), (chances * whole[:, None]).reshape(shape)


def normal_rule(panels: int) -> tuple[Array, Array]:
    """Places (k,) and chances of a standard normal law."""
    values, chances = _normal(np.zeros(1), np.ones(1), np.zeros((1, 0)), panels)
    return values[0], chances[0]


def _normal(mean: Array, std: Array, breaks: Array, panels: int) -> tuple[Array, Array]:
    """Values and chances of normal laws with `mean` and `std` (n,), right between the `breaks` (n, p)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        inner = np.nan_to_num((breaks - mean[:, None]) / std[:, None], nan=0.0)
    ends = np.full((len(mean), 1), FARTHEST)
    cuts = np.concatenate([-ends, np.sort(np.clip(inner, -FARTHEST, FARTHEST), axis=1), ends], axis=1)
    places, weights = np.polynomial.legendre.leggauss(POINTS)
    places = ((np.arange(panels)[:, None] + (places + 1) / 2) / panels).ravel()
    z = cuts[:, :-1, None] + np.diff(cuts, axis=1)[..., None] * places
    density = np.exp(-(z**2) / 2) * np.tile(weights, panels)
    total = density.sum(axis=2, keepdims=True)
    held = np.diff(ndtr(cuts), axis=1)[..., None]
    chances = np.divide(density * held, total, out=np.zeros_like(density), where=total > 0)
    shape = len(mean), -1
    chances = chances.reshape(shape)
    return mean[:, None] + std[:, None] * z.reshape(shape), chances / chances.sum(axis=1, keepdims=True)
