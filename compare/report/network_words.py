"""The findings of a study of a network in words and tables."""

from __future__ import annotations

from compare.comparison import Comparison
from compare.report.network_report import NETWORK_LAWS, NetworkReport, View
from theory.base.absent import Absent
from theory.base.stability import stability_limit
from theory.laws import Draws


def network_summary(report: NetworkReport, *, all_distances: bool = False) -> str:
    """What the command prints: setting, minimum, laws with their reasons, distances with verdicts.

    Of distances the total variation, or with `all_distances` every one.
    """
    lines = [report.study.name, "", *_setting(report), ""]
    for law in report.laws:
        lines.append(f"{NETWORK_LAWS[law]:14} {_status(report, law)}")
    for name, view in report.views.items():
        lines += ["", f"distance of SGD's law from each, through {name}", *_distances(view, all_distances)]
    if report.sentences:
        lines += ["", "verdict", *report.sentences]
    return "\n".join(lines)


def _setting(report: NetworkReport) -> list[str]:
    study, found = report.study, report.minimum
    sgd = study.sgd
    rules = f", rule {', '.join(map(repr, sgd.rules))}" if sgd.rules else ""
    lines = [
        f"{study.model.dim} weights, {len(study.model)} examples; learning rate {sgd.learning_rate:g}, batch "
        f"{sgd.batch_size}, momentum {float(sgd.momentum):g}{rules}: time {float(sgd.times(1)):g} a step"
    ]
    product, limit = found.instability(sgd.learning_rate), stability_limit(sgd.momentum)
    edge = "" if sgd.rules else f" < {limit:g}"
    lines.append(
        f"lowest minimum of {study.searches} descents: loss {found.loss:.4g}, curvature "
        f"h = {found.sharpness:.4g}, eta h = {product:.3g}{edge}"
    )
    if report.temperature is not None:
        of = "given" if study.temperature is not None else "eta tr C / (2 B d (1 - momentum)) at the minimum"
        lines.append(f"temperature of Gibbs {report.temperature:.4g}, {of}")
    return lines


def _status(report: NetworkReport, law: str) -> str:
    found = report.laws[law]
    if isinstance(found, Absent):
        return str(found)
    parts = [f"{found.chains} chains of {len(found.positions)} draws"]
    for name, view in report.views.items():
        one = view.laws.get(law)
        if isinstance(one, Draws):
            means = ", ".join(f"{x:.3g}" for x in one.all.mean(axis=0))
            spreads = ", ".join(f"{x:.3g}" for x in one.all.std(axis=0))
            parts.append(f"{name} {means} sd {spreads}")
    return "; ".join(parts)


def _distances(view: View, all_distances: bool) -> list[str]:
    """The table of an observable, with the laws that it lacks and the error of the step of Langevin paths."""
    if not isinstance(view.comparison, Comparison):
        return [str(view.comparison)]
    lines = view.comparison.table(all_distances=all_distances).splitlines()
    lines += [
        f"{name} {law}"
        for name, law in view.laws.items()
        if isinstance(law, Absent) and name not in view.comparison.names
    ]
    if view.step_error is not None:
        one = view.step_error
        lines.append(
            f"langevin by twice the step: total variation {one.value:.4g} from it, floor {one.noise_floor:.4g}"
        )
    return lines
