"""The figures of each kind of law, as typed records; lists only where files are written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from compare.comparison import limit_as_json
from compare.report.moments import ComputedMoments, SampledMoments
from compare.report.movement import NeverCrossed, StepError
from theory.base.absent import Absent
from theory.base.arrays import Array
from theory.base.estimate import Estimate
from theory.landscapes import Landscape
from theory.laws import Ensemble, Histogram, LimitLaw


@dataclass(frozen=True, eq=False)
class SampledFigures:
    """Of walkers: how many there are, were lost and are on the grid, and the moments of those (None below two).

    `step_error` and `never_crossed` are of paths of an equation.
    """

    walkers: int
    diverged: int
    outside: int
    on_grid: int
    moments: SampledMoments | None
    step_error: StepError | None = None
    never_crossed: NeverCrossed | None = None

    @staticmethod
    def of(ensemble: Ensemble, seen: Histogram, landscape: Landscape) -> SampledFigures:
        """Of walkers that were counted as `seen`."""
        _, inside = seen.grid.locate(ensemble.final)
        points = ensemble.final[inside]
        moments = SampledMoments.of(points, landscape) if len(points) > 1 else None
        return SampledFigures(seen.walkers, seen.diverged, seen.outside, len(points), moments)

    def as_json(self) -> dict[str, Any]:
        """As result files hold it."""
        content: dict[str, Any] = {"walkers_on_grid": self.on_grid}
        content |= {} if self.moments is None else self.moments.as_json()
        content |= {"walkers": self.walkers, "diverged": self.diverged, "outside": self.outside}
        content |= {} if self.step_error is None else {"step_error": self.step_error.as_json()}
        return content | ({} if self.never_crossed is None else {"never_crossed": self.never_crossed.as_json()})


@dataclass(frozen=True, eq=False)
class ExactFigures:
    """Of SGD's law without sampling: moments, the share `outside` the grid, the stationary covariance (d, d).

    `law` holds the moments, or why there is no law while there is a covariance; `off` says how many standard
    errors the sampled covariance lies from it at most, None where walkers are lost.
    """

    law: ComputedMoments | Absent
    outside: float | None
    covariance: Array | Absent
    off: float | None = None

    def as_json(self) -> dict[str, Any]:
        """As result files hold it."""
        content: dict[str, Any] = {"no_law": str(self.law)} if isinstance(self.law, Absent) else self.law.as_json()
        content |= {} if self.outside is None else {"outside": self.outside}
        if not isinstance(self.covariance, Absent):
            content["stationary_covariance"] = self.covariance.tolist()
        return content | ({} if self.off is None else {"sample_standard_errors_off": self.off})


@dataclass(frozen=True, eq=False)
class SolvedFigures:
    """Of the Fokker-Planck law, on cells `refinement` times finer; with the limit law that stands for it.

    `limit` is None where the stationary law is unique; else `not_unique` says why it is not.
    """

    moments: ComputedMoments
    refinement: int
    limit: LimitLaw | None = None
    not_unique: str = ""

    def as_json(self) -> dict[str, Any]:
        """As result files hold it."""
        content = self.moments.as_json() | {"refinement": self.refinement}
        return content | ({} if self.limit is None else limit_as_json(self.limit, self.not_unique))


@dataclass(frozen=True, eq=False)
class GibbsFigures:
    """Of the nearest Gibbs measure: moments and temperature."""

    moments: ComputedMoments
    temperature: Estimate

    def as_json(self) -> dict[str, Any]:
        """As result files hold it."""
        return self.moments.as_json() | {
            "temperature": float(self.temperature),
            "temperature_standard_error": self.temperature.error,
        }


@dataclass(frozen=True, eq=False)
class PosteriorFigures:
    """Of the posterior: moments, the examples it has seen, and its inverse temperature."""

    moments: ComputedMoments
    examples: float
    beta: float

    def as_json(self) -> dict[str, Any]:
        """As result files hold it."""
        return self.moments.as_json() | {"examples": self.examples, "beta": self.beta}


LawFigures: TypeAlias = SampledFigures | ExactFigures | SolvedFigures | GibbsFigures | PosteriorFigures
