"""Local learning coefficients estimated by sampling, in any dimension."""

from __future__ import annotations

import math
from typing import TypedDict, Unpack

import numpy as np

from theory.base.arguments import require_known
from theory.base.arrays import ArrayLike
from theory.base.errors import InputError, require
from theory.base.matrices import MOST_DENSE
from theory.laws.walkers import spawn_streams
from theory.learning.annealing import Annealing
from theory.learning.from_chains import annealed, result_of
from theory.learning.large_target import LargeTarget, target_of
from theory.learning.local_coefficient import LocalLearningCoefficient
from theory.learning.samplers import MALA, SGLD
from theory.learning.target import Energy, Localization
from theory.models import DatasetModel

LEAST_CHAINS = 4  # chains, and kept steps of each


class ChainOptions(TypedDict, total=False):
    """How many chains of how many steps.

    Parameters
    ----------
    chains
        Independent chains, 32 by default.
    steps, burn_in
        Steps of each that count, 10 000 by default, and steps before them that do not, 2000.
    save_every
        How many steps make one that is kept.
    progress
        True shows a bar on stderr and False none; by default one appears in a terminal after two seconds.
    """

    chains: int
    steps: int
    burn_in: int
    save_every: int
    progress: bool | None


def local_learning_coefficient(
    landscape: Energy,
    at: ArrayLike,
    examples: float | None = None,
    *,
    rng: np.random.Generator,
    sampler: MALA | SGLD | Annealing = MALA(),  # noqa: B008 - frozen
    beta: float | None = None,
    localization: Localization = Localization(),  # noqa: B008 - frozen
    **options: Unpack[ChainOptions],
) -> LocalLearningCoefficient:
    """The local learning coefficient at a minimum w*, from chains that sample the tempered posterior around it.

    The chains start at w* and sample exp(-n beta L) times the localization. Their n beta (E[L] - L(w*)) is
    `tempered`; it is lambda up to two biases. That of the localization is taken out to first order, by a
    covariance, whose square over the value goes into `bias`. That of n is a t^-p, t = n beta, and slope/p takes it
    out: p = 1 at a regular minimum; else p is not known, 1/2 is taken, and `bias` holds the change to p = 1 or
    1/3. Where c >= 2 directions are degenerate m may be up to c and the approach (m - 1)/log n, so `bias` holds
    its size, sqrt((c - 1) |slope|) or, if that is less, |slope| times the logarithm of n beta L where the
    localization ends. Powers below 1/3 with c = 1 are not promised. Noise grows by all this: at
    p = 1 and 1/2 the error is some 1.7 and 3.5 times that of `tempered`.

    The error is the spread of the chains' means, which needs no model of their autocorrelation.

    Beyond 600 weights no matrix (d, d) is made: one strength holds all directions, a hundredth of n beta times the
    largest curvature unless it is given, and the burn-in must be as long as it needs to forget w*. Where that
    prior takes more than a quarter off, nothing takes it out: `value` is `tempered`, lambda at this n beta and
    strength, and `held` says so.

    Parameters
    ----------
    landscape
        A `Landscape`, L being averaged over the data (of a `ProductModel` the divergence to the truth), or a
        `DatasetModel`, whose loss of one example must be its negative log likelihood up to a constant. Of data
        the value is `energy` at its n beta, with |slope| as bias: its loss at larger n would not be that of more
        data, and what other data would give is not in the error. Where the data are true to w*,
        `LikelihoodRatio(model, at)` is free of that noise.
    at
        The minimum w*, shape (d,).
    examples
        n; the number of examples of a `DatasetModel`, which has its own.
    rng
        Its one spawned stream serves all chains.
    sampler
        `MALA()`, `SGLD(step_size, batch_size)`, or up to 600 weights `PreconditionedSGLD(step_size)` or
        `Annealing()`, which sees the approach to large n itself.
    localization
        By default chosen from the problem, along each eigenvector of the Hessian and the floors of valleys that
        leave them as squares, so that the value is that in any units of w and of L; of a minimum without any
        length of its own, such as x^2 y^2, the value is then the same at every n.
    beta
        Inverse temperature; by default 1/log n, as in the WBIC.
    chains, steps, burn_in, save_every
        Independent chains, steps of each that count, steps before them that do not, and how many steps make one
        that is kept (SGLD evaluates the full loss there only): 32, 10 000, 2000 and 1 by default. SGLD makes as
        many again, twice, at half the step.
    progress
        True shows a bar on stderr and False none; by default one appears in a terminal after two seconds.

    Raises
    ------
    InputError
        If w* is seen to be no minimum, n is at most e without `beta`, R-hat is above 1.05, hardly a proposal is
        accepted, a chain diverges, the burn-in is too short for many weights, or numbers are out of range.

    References
    ----------
    Lau, Furman, Wang, Murfet & Wei (2023), The local learning coefficient, arXiv:2308.12108; Watanabe (2013),
    Journal of Machine Learning Research 14, 867; Watanabe (2009), chapter 4, for the expansion in n.
    """
    require_known("local_learning_coefficient", options, ChainOptions)
    count = examples_of(landscape, examples)
    require(
        beta is not None or count > math.e,
        f"`examples` must be above e = 2.718 for 1/log n, got {count:g}; give `beta`",
    )
    temper = 1 / math.log(count) if beta is None else beta
    require(math.isfinite(temper) and temper > 0, f"`beta` must be positive and finite, got {beta}")
    samplers = MALA | SGLD | Annealing
    require(
        isinstance(sampler, samplers),
        f"`sampler` must be MALA(), SGLD(step_size) or Annealing(), got {sampler!r}",
    )
    numbers = {
        "chains": options.get("chains", 32),
        "steps": options.get("steps", 10_000),
        "burn_in": options.get("burn_in", 2_000),
        "save_every": options.get("save_every", 1),
    }
    for (name, number), least in zip(numbers.items(), (LEAST_CHAINS, 1, 0, 1), strict=True):
        require(
            number >= least and number % 1 == 0, f"`{name}` must be a whole number, at least {least}, got {number}"
        )
        numbers[name] = int(number)
    require(
        numbers["steps"] >= LEAST_CHAINS * numbers["save_every"],
        f"`steps` must be at least {LEAST_CHAINS} times `save_every`, got {numbers['steps']}",
    )
    (stream,) = spawn_streams(rng, 1)
    target = target_of(landscape, np.asarray(at, dtype=np.float64), count * temper, localization, stream)
    require(
        not isinstance(target, LargeTarget) or type(sampler) in (MALA, SGLD),
        f"of more than {MOST_DENSE} weights chains are those of MALA() or SGLD(step_size), got {sampler!r}",
    )
    shown = options.get("progress")
    if isinstance(sampler, Annealing):
        counted = sorted(set(options) - {"progress"})
        require(not counted, f"Annealing has numbers of its own, leave out `{', '.join(counted)}`")
        return annealed(target, *sampler.run(target, stream, shown))
    if isinstance(sampler, MALA):
        return result_of(target, [sampler.run(target, stream, **numbers, progress=shown)])
    finer = {name: number if name == "chains" else 2 * number for name, number in numbers.items()}
    runs = [(sampler, numbers), (sampler.halved(), finer)]
    return result_of(target, [step.run(target, stream, **many, progress=shown) for step, many in runs])


def examples_of(landscape: Energy, examples: float | None) -> float:
    """The number n of examples: that of a data set, or as given.

    Raises
    ------
    InputError
        If a data set has another number, or nobody gave one.
    """
    if isinstance(landscape, DatasetModel):
        require(
            examples is None or examples == len(landscape),
            f"a data set has its own number of examples, {len(landscape)}; leave `examples` out, got {examples}",
        )
        return float(len(landscape))
    if examples is None:
        raise InputError("a landscape averaged over the data needs `examples`, got none")
    require(math.isfinite(examples) and examples > 0, f"`examples` must be positive and finite, got {examples}")
    return float(examples)
