"""Claims: statements of publications, each put to the test by one command.

A claim is a function under `@claim` that returns its `Evidence`: findings (a number with an interval beside what
is predicted of it), controls that must come out differently, and a picture. The verdict is computed from these
numbers: `holds`, `holds when ...`, `fails because ...`, `not settled`, or withheld where a control does not come
out as it must. Those that ship have a folder for each source.

Never holds a verdict written by hand, nor a drawing.
"""

from compare.claims.definition import Claim, Source, claim
from compare.claims.drawn import series_of
from compare.claims.evidence import Control, Evidence, Finding
from compare.claims.judgement import Judgement, judge_claim
from compare.claims.measurement import (
    Computed,
    Difference,
    DistanceOf,
    MeanOf,
    Measurement,
    Power,
    Ratio,
    Sampled,
    Share,
)
from compare.claims.prediction import Outcome, Prediction, at_least, at_most, between, equal_to
from compare.claims.run import Order, judge_claims, outdated
from compare.claims.shelf import Shelf
from compare.claims.shipped import claims_of_file, shipped_claim, shipped_claims, shipped_modules
from compare.claims.verdict import Kind, Row, Verdict, judge
from compare.claims.words import evidence_text, statement_list, verdict_table

__all__ = [
    "Claim", "Computed", "Control", "Difference", "DistanceOf", "Evidence", "Finding", "Judgement", "Kind",
    "MeanOf", "Measurement", "Order", "Outcome", "Power", "Prediction", "Ratio", "Row", "Sampled", "Share",
    "Shelf", "Source", "Verdict",
    "at_least", "at_most", "between", "claim", "claims_of_file", "equal_to", "evidence_text", "judge",
    "judge_claim", "judge_claims", "outdated", "series_of", "shipped_claim", "shipped_claims", "shipped_modules",
    "statement_list", "verdict_table",
]  # fmt: skip
