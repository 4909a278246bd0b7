"""The findings of a study in words and a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from compare.report.law_figures import (
    ExactFigures,
    GibbsFigures,
    PosteriorFigures,
    SampledFigures,
    SolvedFigures,
)
from compare.report.moments import ComputedMoments, SampledMoments
from compare.report.movement import LastHalf
from compare.report.report import LawReport, Report
from compare.report.steps import stability
from compare.study.limit import limit_in_words
from simulate.momentum import Nesterov
from theory.base.absent import Absent
from theory.base.arrays import Array
from theory.base.shares import fraction
from theory.laws import Density
from theory.laws.tails import power_tails

SHOWN = 0.005  # of the width of a law: errors of its moments that are printed
FLAT = 1e-12  # learning rate times curvature below which a minimum is called flat
BY_OPERATOR = "one step's transition operator, applied step by step"
INDENT = " " * 15


def summary(report: Report, *, all_distances: bool = False) -> str:
    """What the command prints: setting, stability, survival, laws with their reasons, distances with verdicts.

    Of distances the total variation, or with `all_distances` every one.
    """
    lines = [report.study.name, "", *_setting(report), *stability_lines(report), *_survival(report), ""]
    for name, law in report.laws.items():
        lines += [*_law(name, law), *_tails(law, report.study.landscape.variables)]
    if report.comparison is not None:
        table = report.comparison.table(all_distances=all_distances)
        lines += ["", "distance of SGD's law from each", table, *_reservations(report, all_distances)]
    lines += _on_data(report, all_distances)
    for name, found in report.noises.items():
        lines += [
            "",
            f"noise against the Hessian at {name}",
            str(found) if isinstance(found, Absent) else found.table(all_distances=all_distances),
        ]
        lines += _movement(report.settled.get(name), "the laws of the three noises")
    if report.slopes is not None:
        lines += ["", "loss slope", report.slopes.table()]
    if report.second_opinions:
        lines += ["", "second opinions"]
        for name, opinion in report.second_opinions.items():
            lines.append(f"{name:14} {opinion if isinstance(opinion, Absent) else opinion.words()}")
    if report.verdict is not None:
        lines += ["", "verdict", *report.verdict.sentences]
    return "\n".join(lines)


def _setting(report: Report) -> list[str]:
    study = report.study
    sgd = study.sgd
    time = float(sgd.times(study.steps))
    line = (
        f"learning rate {sgd.learning_rate:g}, batch {sgd.batch_size}, momentum {sgd.momentum:g}: time "
        f"{'' if sgd.schedules else f'{float(sgd.times(1)):g} a step, '}{time:g} in all"
    )
    if not sgd.variants:
        return [f"{line}; D = learning_rate C / (2 batch (1 - momentum)), Ito"]
    parts: dict[str, tuple[Any, ...]] = {
        "momentum": (sgd.momentum,) if isinstance(sgd.momentum, Nesterov) else (),
        "preconditioner": () if sgd.preconditioner is None else (sgd.preconditioner,),
        "schedule": sgd.schedules,
        "rule": sgd.rules,
        "noise": sgd.noises,
    }
    options = "; ".join(f"{name} {', '.join(map(repr, part))}" for name, part in parts.items() if part)
    return [line, f"options: {options}", f"limit: {limit_in_words(study.equation, sgd)}"]


def stability_lines(report: Report) -> list[str]:
    """A line for each minimum, of many the sharpest: learning rate times curvature against what is stable."""
    minima, sgd = report.minima, report.study.sgd
    if not minima:
        return ["no local minimum on the grid"]
    chosen = minima if len(minima) <= 4 else (max(minima, key=lambda m: m.sharpness),)
    lines = []
    if len(chosen) < len(minima):
        lines.append(f"{len(minima)} cells hold minima (a line of them, or many); the sharpest:")
    matrix = "" if sgd.preconditioner is None else " of P H"
    when = " at the first step" if sgd.schedules else ""
    for minimum in chosen:
        place = ", ".join(f"{x:.4g}" for x in minimum.position)
        found = stability(report.study, minimum)
        if isinstance(found, Absent):
            lines.append(f"minimum at {place}: {found.reason}")
            continue
        product = found.learning_rate * found.curvature
        if sgd.learning_rate * found.curvature < FLAT:
            lines.append(f"minimum at {place}: flat, curvature 0 to rounding")
            continue
        unstable = product > found.limit
        verdict = f"> {found.limit:g}: unstable, SGD leaves it by itself" if unstable else f"< {found.limit:g}"
        lines.append(
            f"minimum at {place}: curvature{matrix} h = {found.curvature:.4g}, eta h = {product:.3g} "
            f"{verdict}{when}"
        )
    return lines


def _survival(report: Report) -> list[str]:
    found = report.survival
    if found is None or report.study.basin is None:
        return []
    low, high = report.study.basin
    chosen = np.unique(np.linspace(0, len(found.steps) - 1, 6).round().astype(int))
    fractions = ", ".join(f"{found.fraction[k]:.3g} at step {found.steps[k]}" for k in chosen)
    rate, error = found.rate()
    (early, early_error), (late, late_error) = found.halves()
    one = "; all walkers share one data set, and another has another rate" if report.study.data_examples else ""
    return [
        f"SGD inside ({low:g}, {high:g}): {fractions}",
        f"escape rate {rate:.4g} +- {error:.2g} a step (first half {early:.3g} +- {early_error:.1g}, second "
        f"{late:.3g} +- {late_error:.1g}){one}; {found.diverged[-1] / found.walkers:.3g} of all walkers diverged",
    ]


def _law(name: str, report: LawReport) -> list[str]:
    """A line of what the law is, and one of its moments with their errors."""
    figures, limit = report.figures, None
    moments: SampledMoments | ComputedMoments | None = None
    words, where = report.status, ""
    match figures:
        case SampledFigures():
            words, moments = _sampled(figures), figures.moments
            where = f"of the {figures.on_grid} on the grid: " if figures.on_grid < figures.walkers else ""
        case ExactFigures():
            words, moments = _exact(figures), None if isinstance(figures.law, Absent) else figures.law
        case SolvedFigures():
            limit, moments = figures.limit, figures.moments
            words = words if limit is None else figures.not_unique
        case GibbsFigures():
            error = figures.temperature.error  # none of a law that is computed
            words = f"nearest temperature {figures.temperature:.6g}{f' +- {error:.2g}' if error > 0 else ''}"
            moments = figures.moments
        case PosteriorFigures():
            moments = figures.moments
    if isinstance(moments, ComputedMoments) and moments.total_variation_error is not None:
        words += f"; error {moments.total_variation_error:.2g} in total variation"
    lines = [f"{name:14} {words}"]
    if limit is not None:
        parts = zip(limit.classes, limit.weights, strict=True)
        lines += [f"{INDENT}limit law: {fraction(weight, 4)} x {part.describe()}" for part, weight in parts]
    lines += [] if moments is None else [f"{INDENT}{where}{_moments(moments)}"]
    return lines


def _sampled(figures: SampledFigures) -> str:
    """How many walkers there are, and what the step of a scheme does to them."""
    words = f"{figures.walkers} walkers, {figures.diverged} diverged, {figures.outside} off the grid"
    if figures.step_error is not None:
        twice, step = figures.step_error.diverged_at_twice_the_step, figures.step_error.distance
        words += f" ({twice} diverged at twice the step: the scheme's doing)" if twice else ""
        words += f"; step error {step.value:.3g} (noise floor {step.noise_floor:.3g})"
    if figures.never_crossed is not None:
        past = figures.never_crossed
        words += (
            f"; a share {past.share:.2g} is past {past.point:.4g}, where the equation lets nobody pass: the step "
            "is too long"
        )
    return words


def _exact(figures: ExactFigures) -> str:
    """What is known of SGD's law without sampling."""
    words = str(figures.law) if isinstance(figures.law, Absent) else BY_OPERATOR
    if not isinstance(figures.covariance, Absent):
        matrix = figures.covariance
        entries = ", ".join(f"{x:.5g}" for x in matrix[np.triu_indices(len(matrix))])
        words += f"; stationary covariance {entries}"
    if figures.off is not None:
        words += f", from which the sample lies {figures.off:.2g} standard errors at most"
    return words


def _moments(moments: SampledMoments | ComputedMoments) -> str:
    """Mean, and variance or covariance, with their errors: of a computed law those that show."""
    dim = len(moments.covariance)
    deviations = np.sqrt(np.diag(moments.covariance))
    shown = None if isinstance(moments, SampledMoments) else SHOWN * deviations
    mean = [
        _spread(moments.mean, moments.mean_error, (i,), None if shown is None else shown[i]) for i in range(dim)
    ]
    upper = [(i, j) for i in range(dim) for j in range(i, dim)]
    covariance = [
        _spread(
            moments.covariance,
            moments.covariance_error,
            (i, j),
            None if shown is None else shown[i] * deviations[j],
        )
        for i, j in upper
    ]
    kind = "variance" if dim == 1 else f"covariance {', '.join(f'{i}{j}' for i, j in upper)}:"
    return f"mean {', '.join(mean)}; {kind} {', '.join(covariance)}"


def _tails(law: LawReport, variables: Sequence[object]) -> list[str]:
    """Which moments are those of the box, since the law reaches a side as a power."""
    if not isinstance(law.law, Density):
        return []
    tails = [tail for tail in power_tails(law.law) if tail.moment]
    told = [(tail.moment, tail.named(str(variables[tail.axis]))) for tail in tails]
    return [f"{INDENT}the {moment} follows the box: {words}" for moment, words in told]


def _spread(numbers: Array, errors: Array | None, index: tuple[int, ...], above: float | None) -> str:
    """One number with +- its error, where there is one above `above`, or any."""
    if errors is None or (above is not None and errors[index] <= above):
        return f"{numbers[index]:.5g}"
    return f"{numbers[index]:.5g} +- {errors[index]:.2g}"


def _reservations(report: Report, all_distances: bool) -> list[str]:
    """What a reader of the table must know."""
    columns = "debiased: without what sampling adds on average; floor: what sampling alone gives"
    if all_distances:
        columns += (
            "; shows from: the smallest distance that would have shown; kullback_leibler is inf where walkers are "
            "and the law is not"
        )
    lines = [columns]
    lines += _movement(report.last_half, "fokker_planck, gibbs and posterior")
    if report.study.data_examples is not None:
        lines.append(
            f"SGD has one data set of {report.study.data_examples} examples; these laws of theory have the loss "
            "of the population and the noise of fresh batches"
        )
    return lines


def _on_data(report: Report, all_distances: bool) -> list[str]:
    """The laws of theory for the data set at hand, and SGD's distances from them."""
    if not report.on_data:
        return []
    lines = [
        "",
        f"with the loss, the noise and the posterior of the {report.study.data_examples} examples at hand",
    ]
    for name, law in report.on_data.items():
        lines += [*_law(name, law), *_tails(law, report.study.landscape.variables)]
    found = report.comparison_on_data
    return lines if found is None else [*lines, found.table(all_distances=all_distances)]


def _movement(check: LastHalf | None, laws: str) -> list[str]:
    """That the walkers of a check have not settled, while `laws` are those of infinite time."""
    if check is None or not check.still_moving:
        return []
    return [
        f"SGD's law still moves: over the last half of the steps by {check.distance.value:.3g} in total "
        f"variation (noise floor {check.distance.noise_floor:.3g}), its moments by up to "
        f"{check.moments_shift:.2g} errors; {laws} are of infinite time"
    ]
