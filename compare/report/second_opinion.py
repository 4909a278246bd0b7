"""What another package says of a law."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class SecondOpinion:
    """A number by which another package judges a law, the largest it may be, and that of a law that is wrong.

    Parameters
    ----------
    by
        The package.
    value, threshold, control
        The three numbers; a right law has at most the threshold, and the control more.
    what, control_is
        What `value` is, and where `control` is that of, in words.
    undecided
        Why the number says nothing, empty where it does.
    """

    by: str
    what: str
    value: float
    threshold: float
    control: float
    control_is: str
    undecided: str = ""

    @property
    def verdict(self) -> str:
        """'agrees', 'disagrees', or 'cannot tell' where the control passes, too, or the number says nothing."""
        if self.undecided:
            return "cannot tell"
        if self.value > self.threshold:
            return "disagrees"
        return "agrees" if self.control > self.threshold else "cannot tell"

    def words(self) -> str:
        """One line."""
        why = f" ({self.undecided})" if self.undecided else ""
        return (
            f"{self.by} {self.verdict}{why}: {self.what} {self.value:.2g} (at most {self.threshold:.2g} if right, "
            f"{self.control:.2g} {self.control_is})"
        )

    def as_json(self) -> dict[str, Any]:
        """As result files hold it."""
        return {"status": "ok", **asdict(self), "verdict": self.verdict}
