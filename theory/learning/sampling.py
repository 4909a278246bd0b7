"""Local learning coefficients estimated by sampling, in any dimension."""

from __future__ import annotations

import math
from typing import TypedDict, Unpack

import numpy as np

from theory.base.arguments import require_known
from theory.base.arrays import ArrayLike
from theory.base.errors import InputError, require
from theory.base.estimate import Estimate
from theory.laws.walkers import spawn_streams
from theory.learning.annealing import Annealing
from theory.learning.chains import Chains
from theory.learning.ladder import Ladder
from theory.learning.local_coefficient import LocalLearningCoefficient
from theory.learning.samplers import MALA, SGLD
from theory.learning.target import Energy, Localization, Target
from theory.models import DatasetModel
from theory.statistics import effective_sample_size, split_rhat

MIXED = 1.05  # largest R-hat
CHANCE = 3.0  # errors by which a value may miss d/2 at a regular minimum
FROZEN = 0.05  # least acceptance
RULED = 0.25  # of the value, that a localization which was chosen may take off it
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
        `MALA()`, `SGLD(step_size, batch_size)`, or `Annealing()`, which sees the approach to large n itself.
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
        accepted, a chain diverges, or numbers are out of range.

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
    target = Target(landscape, np.asarray(at, dtype=np.float64), count * temper, localization)
    (stream,) = spawn_streams(rng, 1)
    shown = options.get("progress")
    if isinstance(sampler, Annealing):
        counted = sorted(set(options) - {"progress"})
        require(not counted, f"Annealing has numbers of its own, leave out `{', '.join(counted)}`")
        return _annealed(target, *sampler.run(target, stream, shown))
    if isinstance(sampler, MALA):
        return _result(target, [sampler.run(target, stream, **numbers, progress=shown)])
    finer = {name: number if name == "chains" else 2 * number for name, number in numbers.items()}
    runs = [(sampler, numbers), (sampler.halved(), finer)]
    return _result(target, [step.run(target, stream, **many, progress=shown) for step, many in runs])


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


def _result(target: Target, runs: list[Chains]) -> LocalLearningCoefficient:
    """From one run, or from two at the steps h and h/2 extrapolated to 0."""
    rhat, size = _mixed(runs)
    count, is_data = target.degenerate, isinstance(target.landscape, DatasetModel)
    reach = 0 if is_data else 2 if count else 1  # 1/p
    parts = []
    for run in runs:
        energy, slope = run.moments()
        parts.append([run.estimate(terms) for terms in (run.energies, energy, slope, energy + reach * slope)])
    tempered, energy_, slope_, value = (_extrapolated(group) for group in zip(*parts, strict=True))
    unknown = abs(slope_) if count or is_data else 0.0
    if target.full_rank and not is_data:
        unknown = max(unknown, _short_of_regular(value, target.landscape.dim))
    steepest = abs(slope_) + slope_.error
    logarithm = 0.0 if count < 2 else min(math.sqrt((count - 1) * steepest), target.logarithm * steepest)
    pull = energy_ - tempered
    require(
        target.given or abs(pull) <= RULED * max(value, value.error),
        f"the localising prior must change n beta E[L] by less than {RULED} of it, got {pull / tempered:.3g}: no "
        "width along the eigenvectors of the Hessian suits this minimum; give Localization(strength), or "
        "coordinates in which its directions are of one scale",
    )
    beyond = pull**2  # next orders in the strength and the step, as of geometric series
    step_bias = None
    if len(runs) == 2:
        rough, fine = parts
        step_bias = Estimate(rough[0] - fine[0], math.hypot(rough[0].error, fine[0].error))
        beyond += 2 * max((r - f) ** 2 for r, f in zip(rough, fine, strict=True))
    rest = beyond / max(abs(value), value.error)
    return LocalLearningCoefficient(
        float(value),
        value.error,
        math.hypot(unknown, logarithm, rest),
        _degrees_of_freedom([part[-1].error for part in parts], runs[0].number),
        tempered,
        energy_,
        slope_,
        step_bias,
        count,
        rhat,
        size,
        runs[-1].acceptance,
        runs[-1].step_size,
        tuple(runs),
    )


def _annealed(target: Target, ladder: Ladder, acceptance: float, step_size: float) -> LocalLearningCoefficient:
    """From a ladder of temperatures; what its approach leaves open is the bias."""
    value, bias, multiplicity = ladder.limit(target.degenerate)
    last = ladder.settled - 1
    ratios = ladder.inverse_temperatures / target.inverse_temperature
    here = int(np.argmin(np.maximum(ratios, 1 / ratios)))
    energy = ladder.at(last)
    return LocalLearningCoefficient(
        float(value),
        value.error,
        bias,
        ladder.islands - 1,
        ladder.at(here),
        energy,
        ladder.slope(),
        None,
        target.degenerate,
        math.nan,
        max(float(energy), energy.error)
        / energy.error**2,  # X is about a gamma variable: its variance is its mean
        acceptance,
        step_size,
        multiplicity=multiplicity,
        ladder=ladder,
    )


def _short_of_regular(value: Estimate, dim: int) -> float:
    """What a value lacks to d/2, which the coefficient is at a Hessian of full rank, if more than chance."""
    gap = abs(value - dim / 2)
    return gap if gap > CHANCE * value.error else 0.0


def _mixed(runs: list[Chains]) -> tuple[float, float]:
    """R-hat and effective sample size, the worse ones, after the checks."""
    for run in runs:
        require(
            run.acceptance is None or run.acceptance >= FROZEN,
            f"at least {FROZEN} of the proposals must be accepted, got {run.acceptance}; reduce `step_size`, now "
            f"{run.step_size:.3g}, or lengthen `burn_in`",
        )
    rhat = max(split_rhat(run.energies) for run in runs)
    require(
        rhat <= MIXED, f"the chains must mix, R-hat at most {MIXED}, got {rhat:.4g}; raise `steps` and `burn_in`"
    )
    return rhat, min(effective_sample_size(run.energies) for run in runs)


def _extrapolated(group: tuple[Estimate, ...]) -> Estimate:
    if len(group) == 1:
        return group[0]
    rough, fine = group
    return Estimate(2 * fine - rough, math.hypot(2 * fine.error, rough.error))


def _degrees_of_freedom(errors: list[float], chains: int) -> float:
    """Chains - 1, for two runs by Welch and Satterthwaite."""
    if len(errors) == 1:
        return chains - 1
    variances = np.array([errors[0] ** 2, 4 * errors[1] ** 2])
    return float(variances.sum() ** 2 / (variances**2).sum() * (chains - 1))
