"""What a study of a network means: where each law of theory differs from SGD's, and what would have shown."""

from __future__ import annotations

import math

from compare.comparison import Comparison
from compare.comparison.comparison import CANNOT_TELL
from compare.distances import Distance
from compare.distances.distance import quantile
from compare.report.network_report import NETWORK_LAWS, OBSERVED, NetworkReport, View
from theory.base.absent import Absent
from theory.base.shares import fraction, percent
from theory.laws.density import MASS_TOLERANCE


def judge_network(report: NetworkReport) -> tuple[str, ...]:
    """A sentence for each law of theory: in what it differs from SGD's, by how much, and in what it does not.

    Intervals are widened so that those of all laws and observables hold together (Bonferroni). Langevin paths
    differ where they do beyond the error of their step.
    """
    seen = {name: view for name, view in report.views.items() if isinstance(view.comparison, Comparison)}
    compared = [view.comparison for view in seen.values() if isinstance(view.comparison, Comparison)]
    looks = sum(len(one.names) for one in compared)
    missing = {name: view.comparison for name, view in report.views.items() if isinstance(view.comparison, Absent)}
    sentences = [f"Nothing is said of {name}: {absent.reason}." for name, absent in missing.items()]
    for law, words in NETWORK_LAWS.items():
        if law == OBSERVED:
            continue
        found = report.laws.get(law)
        if isinstance(found, Absent):
            sentences.append(f"{_begun(words)}: no law, {found.reason}.")
        elif seen:
            told = "; ".join(_told(law, name, view, looks) for name, view in seen.items())
            sentences.append(f"{_begun(words)}: {told}.")
    if compared:
        together = percent(compared[0].confidence)
        sentences.append(f"All {looks} intervals of total variation hold together with {together}.")
    return tuple(sentences)


def _told(law: str, name: str, view: View, looks: int) -> str:
    """What is said of a law seen through one observable."""
    absent = view.laws.get(law)
    if isinstance(absent, Absent):
        return f"of {name} nothing, {absent.reason}"
    assert isinstance(view.comparison, Comparison)
    distance = view.comparison.distances[law]["total_variation"].among(looks)
    step = view.step_error.among(looks) if law == "langevin" and view.step_error is not None else None
    if distance.low > MASS_TOLERANCE:
        ends = ", ".join(fraction(one, 2) for one in (distance.low, min(1.0, distance.high)))
        told = f"differs in {name} by {fraction(_size(distance), 2)} [{ends}]"
        if step is None:
            return told
        made = f", of which its step makes about {fraction(_size(step), 2)}" if step.low > 0 else ""
        return f"{told}{made}" if _beyond(distance, step) else f"{told}, which its step may make"
    shows = distance.detectable + (0.0 if step is None else _size(step))
    if shows < CANNOT_TELL:
        return f"no difference in {name}, where {fraction(shows, 2)} would have shown"
    return f"in {name} even {fraction(CANNOT_TELL, 2)} might not have shown"


def _size(distance: Distance) -> float:
    """A distance without what sampling adds to it, 0 at least."""
    return max(0.0, distance.value if distance.debiased is None else distance.debiased)


def _beyond(distance: Distance, step: Distance) -> bool:
    """Whether a distance is larger than what the step makes, of weak order 1 what halving it has changed.

    By the triangle between SGD, the paths and the paths without step.
    """
    error = math.hypot(distance.standard_error, step.standard_error)
    return _size(distance) - _size(step) > quantile(distance.confidence) * error


def _begun(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}"
