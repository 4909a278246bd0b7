"""The findings of a study in words and a table."""

from __future__ import annotations

import numpy as np

from compare.report import Report
from theory.fokker_planck import LimitLaw


def summary(report: Report) -> str:
    """What the command prints: setting, stability, survival, laws with their reasons, distances with verdicts."""
    lines = [report.study.name, "", *_setting(report), *_stability(report), *_survival(report), *_laws(report)]
    if report.comparison is not None:
        lines += ["", "distance of SGD's law from each", report.comparison.table()]
    return "\n".join(lines)


def _setting(report: Report) -> list[str]:
    study = report.study
    sgd = study.sgd
    line = (
        f"learning rate {sgd.learning_rate:g}, batch {sgd.batch_size}, momentum {sgd.momentum:g}: "
        f"time {study.effective_rate:g} a step, {study.effective_rate * study.steps:g} in all; "
    )
    return [line + "D = learning_rate C / (2 batch (1 - momentum)), Ito"]


def _stability(report: Report) -> list[str]:
    minima, rate, momentum = report.minima, report.study.sgd.learning_rate, report.study.sgd.momentum
    if not minima:
        return ["no local minimum on the grid"]
    threshold = 2 * (1 + momentum)
    chosen = minima if len(minima) <= 4 else (max(minima, key=lambda m: m.sharpness),)
    lines = []
    if len(chosen) < len(minima):
        lines.append(f"{len(minima)} cells hold minima (a line of them, or many); the sharpest:")
    for minimum in chosen:
        place = ", ".join(f"{x:.4g}" for x in minimum.position)
        product = minimum.instability(rate)
        verdict = (
            f"> {threshold:g}: unstable, SGD leaves it by itself" if product > threshold else f"< {threshold:g}"
        )
        lines.append(f"minimum at {place}: curvature h = {minimum.sharpness:.4g}, eta h = {product:.3g} {verdict}")
    return lines


def _survival(report: Report) -> list[str]:
    found = report.survival
    if found is None or report.study.basin is None:
        return []
    low, high = report.study.basin
    chosen = np.unique(np.linspace(0, len(found.steps) - 1, 6).round().astype(int))
    fractions = ", ".join(f"{found.fraction[k]:.3g} at step {found.steps[k]}" for k in chosen)
    rate, error = found.rate()
    diverged = found.diverged[-1] / found.walkers
    return [
        f"SGD inside ({low:g}, {high:g}): {fractions}",
        f"escape rate {rate:.4g} +- {error:.2g} a step; {diverged:.3g} of all walkers diverged",
    ]


def _laws(report: Report) -> list[str]:
    lines = [""]
    for name, law in report.laws.items():
        numbers = law.numbers
        words = law.status if law.status != "ok" else ""
        if name in {"sgd", "langevin"} and law.law is not None:
            words = (
                f"{numbers['walkers']} walkers, {numbers['diverged']} diverged, {numbers['outside']} off the grid"
            )
        if "step_error" in numbers:
            step = numbers["step_error"]
            words += f"; step error {step['value']:.3g} (noise floor {step['noise_floor']:.3g})"
        if "temperature" in numbers:
            words = (
                f"nearest temperature {numbers['temperature']:.6g} +- {numbers['temperature_standard_error']:.2g}"
            )
        if isinstance(law.law, LimitLaw):
            words = numbers["stationary"].removeprefix("none: ")
        lines.append(f"{name:14} {words or 'ok'}{_variances(numbers)}")
        if isinstance(law.law, LimitLaw):
            lines += [
                f"{'':14}   limit law: {part['weight']:.4f} x {part['class']}" for part in numbers["limit_law"]
            ]
    moved = report.checks.get("sgd_last_half")
    if moved and moved["still_moving"]:
        lines.append(
            f"SGD's law still moves: total variation {moved['value']:.3g} over the last half of the steps "
            f"(noise floor {moved['noise_floor']:.3g}); stationary laws need more steps"
        )
    return lines


def _variances(numbers: dict[str, object] | object) -> str:
    if not isinstance(numbers, dict) or "covariance" not in numbers:
        return ""
    covariance = np.array(numbers["covariance"])
    error = numbers.get("covariance_standard_error")
    spread = "" if error is None else f" +- {np.diag(np.array(error)).max():.2g}"
    return f"; variance {', '.join(f'{v:.5g}' for v in np.diag(covariance))}{spread}"
