"""The laws of a study of a network, as draws of chains that begin at the lowest minimum."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from compare.report import NetworkReport
from compare.study import NetworkStreams, NetworkStudy
from simulate.noise import SubsampledNoise
from simulate.run import run_sgd
from simulate.sampling import WithoutReplacement
from simulate.sgd import SGD
from theory.base.absent import Absent
from theory.base.arrays import Array
from theory.base.errors import InputError, require
from theory.base.stability import stability_limit
from theory.equations import Langevin
from theory.landscapes import sharpest_directions
from theory.laws import DistanceTo, Draws, Ensemble
from theory.learning import sample_gibbs, sample_posterior
from theory.models import ExampleDiffusion, nearest_copy
from theory.paths import sample_paths
from theory.points import Minimum, lowest_minimum

Observable = Callable[[Array], Array]


class NetworkStart(NamedTuple):
    """Where walkers (n, d) and chains (m, d) begin."""

    walkers: Array
    chains: Array


HALF = 0.5  # of a step, before the first look: times are sums of steps


def find_minimum(study: NetworkStudy, streams: NetworkStreams) -> Minimum:
    """The lowest minimum that the study's descents find, at which SGD's mean step is stable.

    Raises
    ------
    InputError
        As `lowest_minimum`, and if the learning rate is above what the minimum holds.
    """
    found = lowest_minimum(study.model, study.searches, rng=streams.minimum, spread=study.spread)
    sgd = study.sgd
    if not sgd.rules:
        limit, product = stability_limit(sgd.momentum), found.instability(sgd.learning_rate)
        require(
            product < limit,
            "`learning_rate` must be stable at the lowest minimum: times the largest curvature "
            f"{found.sharpness:.4g} it must be below {limit:.4g}, got {product:.4g}; take less than "
            f"{limit / found.sharpness:.4g}",
        )
    return found


def observables_of(study: NetworkStudy, minimum: Minimum) -> dict[str, Observable]:
    """What is looked at, by name: functions of w, of distance and directions of its copy nearest to the minimum.

    Raises
    ------
    InputError
        If the two sharpest directions are asked for and are not defined.
    """
    place, least = np.array(minimum.position), minimum.loss
    distance = DistanceTo(place)

    def copy(w: Array) -> Array:
        return nearest_copy(study.model, w, place)

    def along() -> Observable:
        directions = sharpest_directions(study.model, place)
        return lambda w: directions(copy(w))

    made: dict[str, Callable[[], Observable]] = {
        "loss": lambda: lambda w: study.model.value(w) - least,
        "log loss": lambda: lambda w: _logarithm(study.model.value(w) - least),
        "distance": lambda: lambda w: distance(copy(w)),
        "sharpest": along,
    }
    return {name: made[name]() for name in study.observables}


def _logarithm(excess: Array) -> Array:
    """To the base 10; NaN at and below the minimum."""
    return np.asarray(np.log10(excess, out=np.full(np.shape(excess), np.nan), where=excess > 0))


def begin(study: NetworkStudy, minimum: Minimum, streams: NetworkStreams) -> NetworkStart:
    """Where all begin: scattered about the minimum."""
    walkers, chains = (
        minimum.position + study.scatter * streams.start.standard_normal((number, study.model.dim))
        for number in (study.walkers, study.chains.number)
    )
    return NetworkStart(walkers, chains)


def run_walkers(report: NetworkReport, start: NetworkStart, streams: NetworkStreams, threads: int | None) -> None:
    """SGD's own law.

    Raises
    ------
    InputError
        If a walker diverges: with it the law that lasts would leave the minimum.
    """
    study = report.study
    found = run_sgd(
        study.model,
        study.sgd,
        start.walkers,
        rng=streams.sgd,
        steps=study.steps,
        save_every=study.every,
        threads=threads,
    )
    require(
        found.diverged == 0,
        f"SGD must stay by the minimum to have a law, {found.diverged} of {study.walkers} walkers diverged; "
        "reduce `learning_rate` or raise `batch_size`",
    )
    report.laws["sgd"] = _draws(study, found)


def run_normal_noise(
    report: NetworkReport, start: NetworkStart, streams: NetworkStreams, threads: int | None
) -> None:
    """SGD with normal noise of the covariance that one batch has, at every step.

    Raises
    ------
    InputError
        If a number of the study is out of range; walkers that diverge make no law, with the reason.
    """
    study, sgd = report.study, report.study.sgd
    examples, batch = len(study.model), sgd.batch_size
    if not isinstance(sgd.sampling, WithoutReplacement) and not sgd.momentum and not sgd.rules:
        # a step of Euler and Maruyama as long as the learning rate is that step of SGD, in one pass
        report.laws["normal_noise"] = _paths(study, start, 1, streams.normal, threads)
        return
    share = (examples - batch) / (examples - 1) if isinstance(sgd.sampling, WithoutReplacement) else 1.0
    noise = SubsampledNoise((share / batch) ** 0.5)
    normal = SGD(
        sgd.learning_rate, examples, sgd.momentum, sampling=WithoutReplacement(), noise=noise, rule=sgd.rules
    )
    try:
        found = run_sgd(
            study.model,
            normal,
            start.walkers,
            rng=streams.normal,
            steps=study.steps,
            save_every=study.every,
            threads=threads,
        )
    except InputError as error:
        report.laws["normal_noise"] = Absent(str(error))
        return
    report.laws["normal_noise"] = _whole(study, found)


def run_paths(report: NetworkReport, start: NetworkStart, streams: NetworkStreams, threads: int | None) -> None:
    """Langevin paths with the noise of the examples, by steps as the study has them and by steps twice as long.

    Raises
    ------
    InputError
        If a number of the study is out of range; walkers that diverge make no law, with the reason.
    """
    study = report.study
    if study.sgd.rules:
        report.laws["langevin"] = Absent("[sgd] has a step rule, whose equation has no noise of the examples' own")
        return
    coarse = _paths(study, start, study.substeps // 2, streams.coarse, threads)
    report.coarse = None if isinstance(coarse, Absent) else coarse
    report.laws["langevin"] = _paths(study, start, study.substeps, streams.fine, threads)


def run_chains(report: NetworkReport, start: NetworkStart, streams: NetworkStreams) -> None:
    """Gibbs measure and posterior, by Hamiltonian chains whose losses must mix; views ask for what they show."""
    study = report.study
    plan = study.chains

    def drawn(sample: Callable[..., Draws], *law: float, rng: np.random.Generator, **own: float) -> Draws | Absent:
        return _sampled(
            lambda: sample(
                study.model, *law, start.chains, rng=rng, observables=study.model.value,
                steps=plan.steps, burn_in=plan.burn_in, save_every=plan.every, **own,
            )
        )  # fmt: skip

    temperature = gibbs_temperature(study, report.minimum)
    if isinstance(temperature, Absent):
        report.laws["gibbs"] = temperature
    else:
        report.temperature = temperature
        report.laws["gibbs"] = drawn(sample_gibbs, temperature, rng=streams.gibbs)
    if study.beta is None:
        report.laws["posterior"] = Absent("the study has no [posterior]")
    else:
        report.laws["posterior"] = drawn(sample_posterior, rng=streams.posterior, beta=study.beta)


def gibbs_temperature(study: NetworkStudy, minimum: Minimum) -> float | Absent:
    """The temperature that the study gives, else eta tr C / (2 B d (1 - momentum)) at the minimum."""
    if study.temperature is not None:
        return study.temperature
    sgd = study.sgd
    if sgd.rules:
        return Absent("[sgd] has a step rule, whose noise has no one temperature; give `temperature` in [gibbs]")
    spread = float(np.trace(study.model.gradient_covariance(np.array(minimum.position))))
    if spread == 0:
        return Absent("the gradients of all examples are one at the minimum: SGD has no temperature there")
    return float(sgd.times(1)) * spread / (2 * sgd.batch_size * study.model.dim)


def _sampled(sample: Callable[[], Draws]) -> Draws | Absent:
    try:
        return sample()
    except InputError as error:
        return Absent(str(error))


def _paths(
    study: NetworkStudy, start: NetworkStart, substeps: int, rng: np.random.Generator, threads: int | None
) -> Draws | Absent:
    """Langevin paths by so many steps a learning rate."""
    time_step = float(study.sgd.times(1))
    sde = Langevin(study.model, ExampleDiffusion(study.model, time_step, study.sgd.batch_size))
    try:
        found = sample_paths(
            sde,
            start.walkers,
            dt=time_step / substeps,
            rng=rng,
            threads=threads,
            steps=study.steps * substeps,
            save_every=study.every * substeps,
        )
    except InputError as error:  # all paths diverged: a finding about the scheme, not about the study
        return Absent(str(error))
    return _whole(study, found)


def _whole(study: NetworkStudy, found: Ensemble) -> Draws | Absent:
    if found.diverged:
        return Absent(f"{found.diverged} of {study.walkers} walkers diverged")
    return _draws(study, found)


def _draws(study: NetworkStudy, found: Ensemble) -> Draws:
    first = float(study.sgd.times(study.burn_in)) + HALF * float(study.sgd.times(1))
    return Draws.of(found, first)
