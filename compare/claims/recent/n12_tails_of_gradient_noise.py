"""The tail index that an estimator gives of gradient noise is not that of an alpha-stable law."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import digamma

from compare.claims import (
    Control,
    Difference,
    Evidence,
    Finding,
    MeanOf,
    Outcome,
    Source,
    claim,
    equal_to,
    series_of,
)
from compare.pictures import Axis, Panel, Picture, Role, Series
from simulate import SGD, StableNoise, run_sgd
from theory import ProductModel
from theory.base.arrays import Array

SOURCE = Source(
    "Battash & Lindenbaum",
    2023,
    "Revisiting the noise model of stochastic gradient descent",
    "arXiv:2303.02749",
)
BLOCKS = (10, 100, 1000)  # numbers that are added, of which the estimator takes the logarithm
STABLE = 1.5
SAME = 0.05  # of 1/alpha: a tenth of alpha at most
SMALL = 1e-6  # deviation of labels where only the added noise is to be seen
LOG_NORMAL = (float(digamma(0.5)) + math.log(2.0)) / 2  # mean of log|x|, x standard normal


@claim(
    "N12",
    source=SOURCE,
    where="abstract, after Simsekli, Sagun & Gurbuzbalaban (2019), arXiv:1901.06053, whose estimator is meant",
    statement="Gradient noise of which an estimator of alpha gives less than 2 has the heavy tails of an "
    "alpha-stable law, better described by that than by a normal one.",
    prediction="Sums of K numbers of an alpha-stable law grow like K^(1/alpha), which the estimator gives "
    "whatever K. For noise with a variance it gives 1/2 + E(log|normal| - log|noise|)/log K, below 2 at every K.",
    quick={"numbers": 1_200_000},
    full={"numbers": 12_000_000},
)
def tails(*, numbers: int, rng: np.random.Generator) -> Evidence:
    """The index at three lengths of blocks, of single examples' gradients at a minimum and of stable noise."""
    gradients = _noise(SGD(1.0, 1), 1.0, numbers, rng)
    stable = _noise(SGD(1.0, 1, noise=StableNoise(STABLE, 1.0)), SMALL, numbers, rng)
    found = {name: [_inverse_index(x, k) for k in BLOCKS] for name, x in (("SGD", gradients), ("stable", stable))}
    first, _, last = found["SGD"]
    same = equal_to(0.0, margin=SAME, formula="an alpha-stable law")
    findings = [
        Finding("1/alpha of blocks of 10 and of 1000 is the same", Difference(first, last), same),
    ]
    limit = 0.5 - LOG_NORMAL / math.log(BLOCKS[-1])  # log|x e| has twice the mean of log|x|
    reasons = [
        Finding(
            "the noise, a product of two normal numbers, has every moment, and the estimator's index comes of "
            "finite blocks",
            last,
            equal_to(limit, margin=SAME, formula="1/2 + 0.635/log K"),
        )
    ]
    controls = [
        Control(Finding("stable noise", Difference(found["stable"][0], found["stable"][-1]), same), Outcome.HOLDS),
        Control(
            Finding(
                "the index of stable noise as of a normal law", found["stable"][-1], equal_to(0.5, margin=SAME)
            )
        ),
    ]
    notes = [f"The estimator gives alpha = {1 / found['SGD'][1].value:.2f} of gradient noise at blocks of 100."]
    return Evidence(findings, controls, _picture(found), reasons, notes)


def _noise(sgd: SGD, label_std: float, numbers: int, rng: np.random.Generator) -> Array:
    """The noise of `numbers` gradients at the minimum: what one step of length 1 makes of walkers there."""
    model = ProductModel("w", noise_std=label_std)
    return run_sgd(model, sgd, np.zeros((numbers, 1)), steps=1, rng=rng).final[:, 0]


def _inverse_index(noise: Array, block: int) -> MeanOf:
    """1/alpha by the growth of sums (Mohammadi, Mohammadpour & Ogata, 2015), a number for each block."""
    blocks = noise[: len(noise) // block * block].reshape(-1, block)
    growth = np.log(np.abs(blocks.sum(axis=1))) - np.log(np.abs(blocks)).mean(axis=1)
    return MeanOf(growth / math.log(block))


def _picture(found: dict[str, list[MeanOf]]) -> Picture:
    lengths = np.array(BLOCKS, dtype=np.float64)
    fine = np.geomspace(lengths[0], lengths[-1], 60)
    series = [
        series_of("gradients of SGD", lengths, found["SGD"]),
        Series.predicted(r"$1/2+0.635/\log K$", fine, 0.5 - LOG_NORMAL / np.log(fine)),
        series_of(r"$\alpha$-stable noise, $\alpha=1.5$", lengths, found["stable"], Role.CONTROL),
        Series("normal law", fine, np.full(len(fine), 0.5), Role.REFERENCE),
    ]
    panel = Panel(Axis("length $K$ of the blocks", True), Axis(r"estimated $1/\alpha$"), series)
    return Picture([panel], "The tail index of gradient noise follows the length of the estimator's blocks.")
