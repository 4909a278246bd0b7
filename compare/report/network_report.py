"""What a study of a network found: laws as draws, their views, distances and what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from compare.comparison import Comparison
from compare.distances import Distance
from compare.study import NetworkStudy
from theory.base.absent import Absent
from theory.laws import Draws
from theory.points import Minimum

NETWORK_LAWS: Mapping[str, str] = MappingProxyType(
    {
        "sgd": "SGD",
        "normal_noise": "normal noise",
        "langevin": "Langevin",
        "gibbs": "Gibbs",
        "posterior": "posterior",
    }
)
OBSERVED = "sgd"


@dataclass(frozen=True, eq=False)
class View:
    """All laws seen through one observable, and how far SGD's is from each.

    Parameters
    ----------
    laws
        Draws of one or two numbers, or why there are none.
    comparison
        The distances of SGD's law from the others that there are, or why there are none.
    step_error
        The total variation between Langevin paths with the step and with twice the step, where there are any.
    """

    laws: Mapping[str, Draws | Absent] = field(repr=False)
    comparison: Comparison | Absent
    step_error: Distance | None = None

    @property
    def found(self) -> dict[str, Draws]:
        """The laws that there are."""
        return {name: law for name, law in self.laws.items() if isinstance(law, Draws)}


@dataclass(eq=False)
class NetworkReport:
    """All that a study of a network has found so far; filled stage by stage.

    Parameters
    ----------
    minimum
        The lowest minimum, where all begin.
    laws
        Of `NETWORK_LAWS` draws of w by independent chains, or why there are none.
    coarse
        Langevin paths with twice the step.
    temperature
        Of the Gibbs measure.
    views
        By observable.
    sentences
        What it all means, once the laws are compared.
    timings
        Seconds of each stage.
    """

    study: NetworkStudy
    minimum: Minimum
    laws: dict[str, Draws | Absent] = field(default_factory=dict, repr=False)
    coarse: Draws | None = field(default=None, repr=False)
    temperature: float | None = None
    views: dict[str, View] = field(default_factory=dict)
    sentences: tuple[str, ...] = ()
    timings: dict[str, float] = field(default_factory=dict)

    def __repr__(self) -> str:
        laws = ", ".join(f"{name} {self.status(name)}" for name in self.laws) or "no law yet"
        state = "complete" if self.complete else "not complete"
        return f"NetworkReport({'; '.join([self.study.name, state, laws, *self.sentences])})"

    @property
    def complete(self) -> bool:
        """Whether every stage was run."""
        return bool(self.sentences)

    def status(self, law: str) -> str:
        """'ok', or 'none: ' with the reason."""
        found = self.laws.get(law, Absent("interrupted before it was computed"))
        return str(found) if isinstance(found, Absent) else "ok"

    def numbers(self, law: str) -> dict[str, Any]:
        """Chains, draws, and of every observable its mean, spread, R-hat and effective size."""
        found = self.laws.get(law)
        if not isinstance(found, Draws):
            return {}
        seen = {name: view.found[law] for name, view in self.views.items() if law in view.found}
        return {
            "chains": found.chains,
            "draws": len(found.positions),
            "acceptance": found.acceptance,
            "step_size": found.step_size,
            "observables": {name: _moments(one) for name, one in seen.items()},
        }


def _moments(seen: Draws) -> dict[str, Any]:
    """Mean with its standard error, standard deviation, R-hat and effective size of the slowest number."""
    spread = seen.all.std(axis=0, ddof=1)
    size = seen.effective_size
    return {
        "mean": seen.all.mean(axis=0).tolist(),
        "mean_standard_error": (spread / size**0.5).tolist(),
        "standard_deviation": spread.tolist(),
        "rhat": seen.rhat,
        "effective_size": size,
    }
