"""Whether a law has changed: the distance between two laws of one origin, as a report holds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from compare.distances import Distance

MOST_SHIFT = 5.0  # standard errors by which a moment may change when the law does not


def interval_as_json(distance: Distance) -> dict[str, float]:
    """Value, noise floor and interval of a distance."""
    return {
        "value": distance.value,
        "noise_floor": distance.noise_floor,
        "low": distance.low,
        "high": distance.high,
    }


@dataclass(frozen=True)
class LastHalf:
    """Whether the law of walkers still moved between the steps `half` and `steps`, the last.

    `distance` is the total variation between the two, `moments_shift` the largest change of a first or second
    moment in standard errors.
    """

    half: int
    steps: int
    distance: Distance
    moments_shift: float

    @property
    def still_moving(self) -> bool:
        """Whether one of the two says so."""
        return self.distance.low > 0 or self.moments_shift > MOST_SHIFT

    def as_json(self) -> dict[str, Any]:
        """As result files hold it."""
        return {
            "what": f"total variation between the laws at steps {self.half} and {self.steps}, and the largest "
            "change of a first or second moment in standard errors of its walkers' own changes",
            **interval_as_json(self.distance),
            "moments_shift": self.moments_shift,
            "still_moving": self.still_moving,
        }


@dataclass(frozen=True)
class StepError:
    """What twice the step of a scheme changes: the total variation, and the walkers that diverged there."""

    substeps: int
    distance: Distance
    diverged_at_twice_the_step: int

    def as_json(self) -> dict[str, Any]:
        """As result files hold it."""
        return {
            "what": f"total variation between {self.substeps // 2} and {self.substeps} steps a learning rate",
            "diverged_at_twice_the_step": self.diverged_at_twice_the_step,
            **interval_as_json(self.distance),
        }


@dataclass(frozen=True)
class NeverCrossed:
    """A point that an equation lets nobody pass, and the share of paths that a step has carried past it."""

    point: float
    share: float

    def as_json(self) -> dict[str, Any]:
        """As result files hold it."""
        return {"point": self.point, "share_past_it": self.share}
