"""The verdict on a study, from its numbers."""

from __future__ import annotations

from compare.report.case import Case, size
from compare.report.reasons import reasons
from compare.report.report import LAWS, Report
from compare.report.second_opinion import SecondOpinion
from compare.report.study_verdict import NAMES, StudyVerdict

MATTERS = 0.1  # a total variation that must show before a law is said to describe SGD
NOT_ASKED = "the study has no [posterior]"


def judge_study(report: Report) -> StudyVerdict | None:
    """Which law describes SGD, by how much others miss, and why; None before the comparison is made.

    Intervals are widened so that those of all laws hold together (Bonferroni), SGD's own exact law counted.
    """
    comparison = report.comparison
    if comparison is None:
        return None
    looks = max(1, len(comparison.names))
    found = {name: comparison.distances[name]["total_variation"].among(looks) for name in comparison.names}
    own = found.pop("sgd_exact", None)
    doubts = [
        f"A second opinion disagrees on {NAMES[name]}: {one.words()}."
        for name, one in report.second_opinions.items()
        if isinstance(one, SecondOpinion) and one.verdict == "disagrees"
    ]
    if own is not None and own.low > 0:
        doubts.append(f"SGD's walkers lie {size(own):.2g} from SGD's own exact law: one of the two is wrong.")
    known = {name: one for name, one in found.items() if one.grid_error_known}
    misses = {name: one for name, one in known.items() if one.low > 0}
    describes = tuple(n for n, one in known.items() if n not in misses and one.detectable < MATTERS)
    unsettled = tuple(name for name in found if name not in misses and name not in describes)
    absent = [name for name in LAWS[2:] if name in report.laws and report.laws[name].law is None]
    asked = [n for n in absent if not (n == "posterior" and report.study.posterior_examples is None)]
    return StudyVerdict(
        describes,
        misses,
        unsettled,
        {name: found[name].detectable for name in (*describes, *unsettled)},
        tuple(asked),
        reasons(Case(report, misses, looks)) if misses else (),
        tuple(doubts),
        comparison.walkers or 0,
        looks,
        comparison.confidence,
    )
