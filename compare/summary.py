"""The findings of a study in words and a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from compare.report import LawReport, Report
from compare.stability import stability
from compare.study.limit import limit_in_words
from simulate.momentum import Nesterov
from theory.fokker_planck import LimitLaw
from theory.laws.density import Density
from theory.laws.tails import power_tails

SHOWN = 0.005  # of the width of a law: errors of its moments that are printed
FLAT = 1e-12  # learning rate times curvature below which a minimum is called flat
INDENT = " " * 15


def summary(report: Report) -> str:
    """What the command prints: setting, stability, survival, laws with their reasons, distances with verdicts."""
    lines = [report.study.name, "", *_setting(report), *_stability(report), *_survival(report), ""]
    for name, law in report.laws.items():
        lines += _law(name, law)
    if report.comparison is not None:
        lines += ["", "distance of SGD's law from each", report.comparison.table(), *_reservations(report)]
    for name, found in report.noises.items():
        lines += ["", f"noise against the Hessian at {name}", found if isinstance(found, str) else found.table()]
        lines += _movement(report.settling.get(name), "the laws of the three noises")
    if report.slopes is not None:
        lines += ["", "loss slope", report.slopes.table()]
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
        "noise": sgd.noises,
    }
    options = "; ".join(f"{name} {', '.join(map(repr, part))}" for name, part in parts.items() if part)
    return [line, f"options: {options}", f"limit: {limit_in_words(study.equation, sgd)}"]


def _stability(report: Report) -> list[str]:
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
        if found is None:
            lines.append(f"minimum at {place}: the preconditioner has no value there")
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


def _law(name: str, law: LawReport) -> list[str]:
    """A line of what the law is, and one of its moments with their errors."""
    numbers, words = law.numbers, law.status
    if name in {"sgd", "langevin"} and law.law is not None:
        words = f"{numbers['walkers']} walkers, {numbers['diverged']} diverged, {numbers['outside']} off the grid"
    if "step_error" in numbers:
        step = numbers["step_error"]
        twice = step["diverged_at_twice_the_step"]
        words += f" ({twice} diverged at twice the step: the scheme's doing)" if twice else ""
        words += f"; step error {step['value']:.3g} (noise floor {step['noise_floor']:.3g})"
    if "never_crossed" in numbers:
        point, share = numbers["never_crossed"]["point"], numbers["never_crossed"]["share_past_it"]
        words += (
            f"; a share {share:.2g} is past {point:.4g}, where the equation lets nobody pass: the step is too long"
        )
    if "temperature" in numbers:
        words = f"nearest temperature {numbers['temperature']:.6g} +- {numbers['temperature_standard_error']:.2g}"
    if name == "sgd_exact" and law.status == "ok":
        words = _exact(numbers)
    limit = numbers.get("limit_law", ())
    if isinstance(law.law, LimitLaw):
        words = numbers["stationary"].removeprefix("none: ")
    if numbers.get("total_variation_error") is not None:
        words += f"; error {numbers['total_variation_error']:.2g} in total variation"
    lines = [f"{name:14} {words}"]
    lines += [f"{INDENT}limit law: {part['weight']:.4f} x {part['class']}" for part in limit]
    return lines + _moments(numbers) + _tails(law)


def _exact(numbers: Mapping[str, Any]) -> str:
    """What is known of SGD's law without sampling."""
    words = str(numbers.get("no_law", "one step's transition operator, applied step by step"))
    if "stationary_covariance" in numbers:
        matrix = np.array(numbers["stationary_covariance"])
        entries = ", ".join(f"{x:.5g}" for x in matrix[np.triu_indices(len(matrix))])
        words += f"; stationary covariance {entries}"
    if "sample_standard_errors_off" in numbers:
        words += (
            f", from which the sample lies {numbers['sample_standard_errors_off']:.2g} standard errors at most"
        )
    return words


def _moments(numbers: Mapping[str, Any]) -> list[str]:
    """Mean, variance or covariance, with standard errors where the law was sampled."""
    if "covariance" not in numbers:
        return []
    dim = len(numbers["covariance"])
    upper = [(i, j) for i in range(dim) for j in range(i, dim)]
    covariance = [_spread(numbers, "covariance", i, j) for i, j in upper]
    mean = [_spread(numbers, "mean", i) for i in range(dim)] if "mean" in numbers else []
    lost = numbers.get("walkers", 0) - numbers.get("walkers_on_grid", 0)
    where = f"of the {numbers['walkers_on_grid']} on the grid: " if lost else ""
    words = f"mean {', '.join(mean)}; " if mean else ""
    kind = "variance" if dim == 1 else f"covariance {', '.join(f'{i}{j}' for i, j in upper)}:"
    return [f"{INDENT}{where}{words}{kind} {', '.join(covariance)}"]


def _tails(law: LawReport) -> list[str]:
    """Which moments are those of the box, since the law reaches a side as a power."""
    if not isinstance(law.law, Density):
        return []
    tails = [tail for tail in power_tails(law.law) if tail.moment]
    return [f"{INDENT}the {tail.moment} follows the box: {tail}" for tail in tails]


def _spread(numbers: Mapping[str, Any], key: str, *index: int) -> str:
    """One moment, with +- its standard error where there is one, or that of its reading where it shows."""
    value = float(np.array(numbers[key])[index])
    error = numbers.get(f"{key}_standard_error")
    if error is not None:
        return f"{value:.5g} +- {np.array(error)[index]:.2g}"
    error = numbers.get(f"{key}_error")
    if error is None or np.array(error)[index] <= SHOWN * _size(numbers, key, index):
        return f"{value:.5g}"
    return f"{value:.5g} +- {np.array(error)[index]:.2g}"


def _size(numbers: Mapping[str, Any], key: str, index: tuple[int, ...]) -> float:
    """What a moment is measured by: the standard deviation along its axis, or the product of two of them."""
    deviations = np.sqrt(np.diag(np.array(numbers["covariance"])))
    return float(deviations[index[0]] if key == "mean" else deviations[index[0]] * deviations[index[1]])


def _reservations(report: Report) -> list[str]:
    """What a reader of the table must know."""
    lines = [
        "debiased: without what sampling adds on average; floor: what sampling alone gives; shows from: the "
        "smallest distance that would have shown; "
        "kullback_leibler is inf where walkers are and the law is not"
    ]
    lines += _movement(report.checks.get("sgd_last_half"), "fokker_planck, gibbs and posterior")
    if report.study.data_examples is not None:
        lines.append(
            f"SGD has one data set of {report.study.data_examples} examples; the laws of theory have the loss "
            "of the population and the noise of fresh batches"
        )
    return lines


def _movement(check: Mapping[str, Any] | None, laws: str) -> list[str]:
    """That the walkers of a check have not settled, while `laws` are those of infinite time."""
    if check is None or not check["still_moving"]:
        return []
    return [
        f"SGD's law still moves: over the last half of the steps by {check['value']:.3g} in total variation "
        f"(noise floor {check['noise_floor']:.3g}), its moments by up to {check['moments_shift']:.2g} errors; "
        f"{laws} are of infinite time"
    ]
