"""Gibbs measures and posteriors sampled in any dimension."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TypedDict, Unpack

import numpy as np

from theory.base.arguments import require_known
from theory.base.arrays import Array, ArrayLike, finite
from theory.base.errors import require
from theory.landscapes import Landscape
from theory.laws import Draws, Ensemble, project
from theory.laws.walkers import spawn_streams
from theory.learning.from_chains import FROZEN, MIXED
from theory.learning.hamiltonian import HMC
from theory.learning.nuts import NUTS
from theory.learning.potential import LogPrior, Potential
from theory.learning.sampling import LEAST_CHAINS, examples_of
from theory.learning.target import per_divergence
from theory.models import DatasetModel
from theory.statistics import effective_sample_size, rank_rhat

FEWEST_EFFECTIVE = 100.0  # independent draws, below which nothing is said of the law
Observable = Callable[[Array], ArrayLike]


class SamplingOptions(TypedDict, total=False):
    """How many chains of how many steps, and what they are judged by.

    Parameters
    ----------
    chains
        Independent chains, 16 by default, where `start` is one point.
    steps, burn_in
        Steps of each that count, 2000 by default, and steps before them that do not, 1000.
    save_every
        How many steps make one that is kept, 1 by default.
    observables
        What must mix: functions as `project` takes them; by default every component of w, and the potential. Of a
        law with symmetries, between whose copies chains do not pass, give what all copies have in common.
    progress
        True shows a bar on stderr and False none; by default one appears in a terminal after two seconds.
    """

    chains: int
    steps: int
    burn_in: int
    save_every: int
    observables: Observable | Sequence[Observable] | None
    progress: bool | None


def sample_gibbs(
    landscape: Landscape | DatasetModel,
    temperature: float,
    start: ArrayLike,
    *,
    rng: np.random.Generator,
    log_prior: LogPrior | None = None,
    sampler: HMC | NUTS = HMC(),  # noqa: B008 - frozen
    **options: Unpack[SamplingOptions],
) -> Draws:
    """Draws from the Gibbs measure exp(-L/T) times the prior, in any dimension, by independent chains.

    Refused where the chains do not agree (R-hat by ranks above 1.05) or are worth fewer than 100 independent
    draws: so are measures that do not exist, as of a loss that is bounded far out and no prior, where chains
    wander off for good. Chains that all start at one place may all miss another one.

    Parameters
    ----------
    landscape
        L: a `Landscape` or any model.
    temperature
        T, in units of L.
    start
        Where chains start: points (chains, d), better far from each other, or one point (d,) for all.
    log_prior
        Logarithm of the prior up to a constant, such as `NormalPrior(std)`, w (..., d) to (...); by default flat.
    sampler
        `HMC(leaps, step_size)`; `HMC(1)` is MALA. `NUTS()`, of formulas and networks of JAX, needs blackjax.
    chains, steps, burn_in, save_every, observables, progress
        See `SamplingOptions`.

    Raises
    ------
    InputError
        If numbers are out of range, the loss is not finite at the start, hardly a proposal is accepted, or the
        chains do not mix.

    References
    ----------
    Vehtari, Gelman, Simpson, Carpenter & Buerkner (2021), Rank-normalization, folding, and localization.
    """
    require_known("sample_gibbs", options, SamplingOptions)
    require(
        math.isfinite(temperature) and temperature > 0,
        f"`temperature` must be positive and finite, got {temperature}",
    )
    return _sampled(Potential(landscape, 1 / temperature, log_prior), start, rng, sampler, options)


def sample_posterior(
    landscape: Landscape | DatasetModel,
    start: ArrayLike,
    examples: float | None = None,
    *,
    rng: np.random.Generator,
    beta: float = 1.0,
    log_prior: LogPrior | None = None,
    sampler: HMC | NUTS = HMC(),  # noqa: B008 - frozen
    **options: Unpack[SamplingOptions],
) -> Draws:
    """Draws from the Bayesian posterior exp(-n beta K) times the prior, in any dimension, by independent chains.

    Of a `DatasetModel` K is its mean loss, and the loss of one example must be its negative log likelihood up to a
    constant: for noise of another variance than that gives, take `beta`. Else, as in `posterior`, K is the
    divergence to the truth where the model knows it, and the data are averaged over. Refused as `sample_gibbs`.

    Parameters
    ----------
    landscape, log_prior, sampler
        As of `sample_gibbs`.
    start
        Points (chains, d), or one (d,) for all.
    examples
        n; the number of examples of a `DatasetModel`, which has its own.
    beta
        Inverse temperature.
    chains, steps, burn_in, save_every, observables, progress
        See `SamplingOptions`.

    Raises
    ------
    InputError
        As `sample_gibbs`.
    """
    require_known("sample_posterior", options, SamplingOptions)
    require(math.isfinite(beta) and beta > 0, f"`beta` must be positive and finite, got {beta}")
    scale = examples_of(landscape, examples) * beta / per_divergence(landscape)
    return _sampled(Potential(landscape, scale, log_prior), start, rng, sampler, options)


def _sampled(
    potential: Potential, start: ArrayLike, rng: np.random.Generator, sampler: HMC | NUTS, options: SamplingOptions
) -> Draws:
    numbers = {
        "steps": options.get("steps", 2_000),
        "burn_in": options.get("burn_in", 1_000),
        "save_every": options.get("save_every", 1),
    }
    for (name, number), least in zip(numbers.items(), (1, 0, 1), strict=True):
        require(
            number >= least and number % 1 == 0, f"`{name}` must be a whole number, at least {least}, got {number}"
        )
    require(
        numbers["steps"] >= LEAST_CHAINS * numbers["save_every"],
        f"`steps` must be at least {LEAST_CHAINS} times `save_every`, got {numbers['steps']}",
    )
    points = _starts(start, potential.dim, options.get("chains"))
    observables = options.get("observables")
    if observables is not None:  # what does not fit is told before the chains run
        project(Ensemble.from_samples(points), observables)
    (stream,) = spawn_streams(rng, 1)
    draws, energies = sampler.run(potential, points, stream, **numbers, progress=options.get("progress"))
    _refuse_unmixed(draws, energies, observables)
    return draws


def _starts(start: ArrayLike, dim: int, chains: int | None) -> Array:
    """Where the chains start, shape (chains, d)."""
    require(
        chains is None or chains >= LEAST_CHAINS,
        f"`chains` must be a whole number, at least {LEAST_CHAINS}, got {chains}",
    )
    points = finite(start, "start")
    points = points[:, None] if points.ndim == 1 and dim == 1 and len(points) > 1 else points
    if points.ndim < 2:
        points = np.tile(np.atleast_1d(points), (16 if chains is None else chains, 1))
    require(
        points.ndim == 2 and points.shape[1] == dim and (chains is None or len(points) == chains),
        f"`start` must be one point of {dim} numbers, or one for each chain, got shape {np.shape(start)}",
    )
    require(len(points) >= LEAST_CHAINS, f"`start` must have at least {LEAST_CHAINS} points, got {len(points)}")
    return points


def _refuse_unmixed(draws: Draws, energies: Array, observables: Observable | Sequence[Observable] | None) -> None:
    assert draws.acceptance is not None
    require(
        draws.acceptance >= FROZEN,
        f"at least {FROZEN} of the proposals must be accepted, got {draws.acceptance:.3g}; reduce `step_size`, "
        f"now {draws.step_size:.3g}, or lengthen `burn_in`",
    )
    judged, name = draws.positions, "component"
    if observables is not None:
        judged, name = project(draws, observables).positions, "observable"
    series = {f"{name} {k}": judged[..., k] for k in range(judged.shape[-1])} | {"the potential": energies}
    worst = max(series, key=lambda one: rank_rhat(series[one]))
    rhat = rank_rhat(series[worst])
    require(
        rhat <= MIXED,
        f"the chains must mix, R-hat at most {MIXED}, got {rhat:.4g} for {worst}; raise `steps` and `burn_in`, "
        "give a prior that holds them, or say by `observables` what is to be judged",
    )
    least = min(series, key=lambda one: effective_sample_size(series[one]))
    size = effective_sample_size(series[least])
    require(
        size >= FEWEST_EFFECTIVE,
        f"draws must be worth {FEWEST_EFFECTIVE:g} independent ones, got {size:.3g} for {least}; raise `steps`",
    )
