"""Gradient noise draws SGD onto invariant sets, at maxima of the loss too; the criterion is that of a step."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from compare.claims import Control, Evidence, Finding, MeanOf, Source, at_least, at_most, claim, equal_to
from compare.pictures import Axis, Panel, Picture, Series
from simulate import SGD, run_sgd
from theory import CollapseExponent, ProductModel, collapse_exponent
from theory.base.arrays import Array

NETWORK, CUBIC = "w1*w2 - 1", "(w + 1.8)*(w - 1.8)**2"
STRONG, WEAK = 22.0, 18.0  # noise of labels; at eta = .005 the criterion lies at 20
SLOW, FAST = SGD(0.005, 1), SGD(0.01, 1)
NEAR = 1e-6  # the distance from the invariant set at the start
BARRIER = -0.6  # of the cubic, where gradient and noise vanish
LOOKS = 10
SAME = 0.05


@claim(
    "P8",
    source=Source(
        "Chen, Kunin, Yamamura & Ganguli",
        2023,
        "Stochastic collapse: how gradient noise attracts SGD dynamics towards simpler subnetworks",
        "arXiv:2306.04251",
    ),
    where="section 3",
    statement="A set that SGD leaves invariant attracts it if and only if mu > -eta zeta^2/2, mu being the "
    "curvature across and zeta u the noise at the distance u: at a maximum of the loss too, if noise is strong.",
    prediction="The mean of log u falls at eta zeta^2/2 = 1.21 and rises at .81, mu = -1 being the curvature at "
    "the dead neuron w1 = w2 = 0 of w1 w2 - 1; exactly it changes by E log|1 - eta X| a step.",
    quick={"walkers": 2000, "steps": 2000},
    full={"walkers": 40_000, "steps": 4000},
)
def stochastic_collapse(*, walkers: int, steps: int, rng: np.random.Generator) -> Evidence:
    """The growth of log u of walkers near a dead neuron, and near a barrier with single examples."""
    networks = {std: ProductModel(NETWORK, noise_std=std) for std in (STRONG, WEAK)}
    cubic = ProductModel(CUBIC, loss_scale=1.0)
    exponents = {std: _exponent(one, (0, 0), SLOW, (1, 1)) for std, one in networks.items()}
    at_barrier = _exponent(cubic, (BARRIER,), FAST, (1,))
    distances = {std: _distances(one, np.zeros(2), SLOW, steps, walkers, rng) for std, one in networks.items()}
    barrier = _distances(cubic, np.array([BARRIER]), FAST, LOOKS, walkers, rng)
    small, single = "steps are small", "single examples decide at the barrier of a cubic"
    pairs = _distances(networks[STRONG], np.zeros(2), SGD(SLOW.learning_rate, 2), steps, walkers, rng)
    away = MeanOf(_growth(barrier, LOOKS))
    return Evidence(
        [
            Finding("log u grows, strong noise", MeanOf(_growth(distances[STRONG], steps)), at_most(0.0), small),
            Finding("log u grows, weak noise", MeanOf(_growth(distances[WEAK], steps)), at_least(0.0), small),
            Finding("log u grows, where the criterion says collapse", away, at_most(0.0), single),
        ],
        [
            Control(
                Finding("log u grows with two examples, strong noise", MeanOf(_growth(pairs, steps)), at_most(0.0))
            )
        ],
        _picture(distances, barrier, steps, exponents, at_barrier),
        [
            Finding(
                "a step multiplies by 1 - eta X, and E log|1 - eta X| is positive",
                away,
                equal_to(at_barrier.discrete, margin=SAME),
            )
        ],
        [
            f"At the barrier the criterion gives {at_barrier.continuous:.4f} a step, E log|1 - eta X| is "
            f"{float(at_barrier.discrete):.4f}."
        ],
    )


def _exponent(model: ProductModel, at: tuple[float, ...], sgd: SGD, along: tuple[float, ...]) -> CollapseExponent:
    return collapse_exponent(model, at, along, learning_rate=sgd.learning_rate, batch_size=sgd.batch_size)


def _distances(
    model: ProductModel, at: Array, sgd: SGD, steps: int, walkers: int, rng: np.random.Generator
) -> Array:
    """Log u of every walker at the looks, (looks, walkers), started at the same distance along the diagonal."""
    start = np.tile(at + NEAR, (walkers, 1))
    run = run_sgd(model, sgd, start, steps=steps, rng=rng, save_every=steps // LOOKS)
    return np.asarray(np.log(np.abs(run.positions[..., 0] - at[0])))


def _growth(distances: Array, steps: int) -> Array:
    """Of log u a step, of each walker."""
    return np.asarray((distances[-1] - distances[0]) / steps)


def _picture(
    distances: Mapping[float, Array],
    barrier: Array,
    steps: int,
    exponents: Mapping[float, CollapseExponent],
    at_barrier: CollapseExponent,
) -> Picture:
    k = np.linspace(0, steps, LOOKS + 1)
    network = [
        series
        for std, one in distances.items()
        for series in (
            Series.predicted(
                f"$\\mathrm{{E}}\\log|1 - \\eta X|$, $\\sigma = {std:g}$",
                k,
                np.log(NEAR) + exponents[std].discrete * k,
            ),
            _mean(f"SGD, $\\sigma = {std:g}$", k, one),
        )
    ]
    few = np.linspace(0, LOOKS, LOOKS + 1)
    cubic = [
        Series.predicted(r"$\mathrm{E}\log|1 - \eta X|$", few, np.log(NEAR) + at_barrier.discrete * few),
        Series.control(r"criterion as $\eta \to 0$", few, np.log(NEAR) + at_barrier.continuous * few, joined=True),
        _mean("SGD", few, barrier),
    ]
    steps_axis, log_u = Axis("steps $k$"), Axis(r"mean of $\log u$")
    return Picture(
        [
            Panel(steps_axis, log_u, network, "dead neuron, $q = w_1 w_2 - 1$"),
            Panel(steps_axis, log_u, cubic, "barrier of a cubic, $B = 1$"),
        ],
        "Collapse onto invariant sets",
    )


def _mean(label: str, k: Array, distances: Array) -> Series:
    return Series.measured(label, k, distances.mean(axis=1), 3 * distances.std(axis=1) / distances.shape[1] ** 0.5)
