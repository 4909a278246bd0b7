"""The evidence on a claim: findings, the reasons they have, and controls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from compare.claims.measurement import Measurement
from compare.claims.prediction import Outcome, Prediction
from compare.pictures import Picture
from theory.base.errors import require


@dataclass(frozen=True)
class Finding:
    """One number beside what is predicted of it.

    Parameters
    ----------
    about
        What the number is, in words that a verdict may use: "the fraction left decays exponentially".
    condition
        Under which this part of the statement is put to the test, for a statement that may hold in one case and
        fail in another: "at regular zeros"; empty: it must hold whatever else.

    Raises
    ------
    InputError
        If a text is none, what is measured has no interval, or what is predicted is no Prediction.
    """

    about: str
    measured: Measurement
    predicted: Prediction
    condition: str = ""

    def __post_init__(self) -> None:
        require(
            isinstance(self.about, str) and bool(self.about.strip()), f"`about` must be words, got {self.about!r}"
        )
        require(isinstance(self.condition, str), f"`condition` must be words, got {self.condition!r}")
        require(
            hasattr(self.measured, "interval"),
            f"`measured` must have an interval, got {type(self.measured).__name__}; make it a `MeanOf`, a "
            "`Share` or `Computed`",
        )
        require(
            isinstance(self.predicted, Prediction),
            f"`predicted` must be a Prediction, got {type(self.predicted).__name__}",
        )


@dataclass(frozen=True)
class Control:
    """A finding of which it is known beforehand how it must come out: most often, that it fails.

    If it comes out otherwise, the method cannot tell, and nothing it found is a verdict.

    Raises
    ------
    InputError
        If it may be left unsettled, or the finding is something else.
    """

    finding: Finding
    must: Outcome = Outcome.FAILS

    def __post_init__(self) -> None:
        require(self.must in {Outcome.HOLDS, Outcome.FAILS}, f"a control must hold or fail, got {self.must!r}")
        kind = type(self.finding).__name__
        require(isinstance(self.finding, Finding), f"a control must have a Finding, got {kind}")


PARTS = {"findings": Finding, "controls": Control, "reasons": Finding, "notes": str}  # of evidence


@dataclass(frozen=True)
class Evidence:
    """What a claim's function found.

    Parameters
    ----------
    findings
        The parts of the statement: all must hold for the statement to hold.
    controls
        At least one.
    reasons
        Findings that explain why a part fails; a verdict names those that hold.
    notes
        Sentences on what else was seen, with their numbers.

    Raises
    ------
    InputError
        If there is no finding or no control, or one of them, the picture or a note is something else.
    """

    findings: Sequence[Finding] = field(repr=False)
    controls: Sequence[Control] = field(repr=False)
    picture: Picture = field(repr=False)
    reasons: Sequence[Finding] = field(default=(), repr=False)
    notes: Sequence[str] = ()

    def __post_init__(self) -> None:
        require(len(self.findings) > 0, "`findings` must hold at least one, got none")
        require(
            len(self.controls) > 0, "`controls` must hold at least one, got none: what would a failure look like?"
        )
        require(not isinstance(self.notes, str), "`notes` must hold sentences, got one; put it between brackets")
        for name, kind in PARTS.items():
            object.__setattr__(self, name, tuple(getattr(self, name)))
            wrong = [one for one in getattr(self, name) if not isinstance(one, kind)]
            require(
                not wrong,
                f"`{name}` must hold {kind.__name__} alone, got {[type(one).__name__ for one in wrong[:1]]}",
            )
        require(
            isinstance(self.picture, Picture), f"`picture` must be a Picture, got {type(self.picture).__name__}"
        )

    @property
    def looks(self) -> int:
        """How many numbers are judged."""
        return len(self.findings) + len(self.controls) + len(self.reasons)
