"""Hessian noise against the noise of SGD itself, judged by what each does to the law."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape

import numpy as np

from compare.comparison.comparison import Comparison, compare_laws
from compare.comparison.limiting import limit_instead
from compare.slope.method import require_plain
from simulate.sgd import SGD
from theory.base.absent import Absent
from theory.base.arrays import Array, Integers
from theory.base.errors import InputError, require
from theory.base.estimate import Estimate
from theory.base.shares import fraction
from theory.equations import Langevin, langevin_limit
from theory.fokker_planck import FokkerPlanck, LimitLaw, NoStationaryDensity
from theory.laws import Density, Ensemble, Grid, Histogram
from theory.models import Model
from theory.noise import compare_covariance
from theory.noise.proportionality.over_law import OverLaw, mesh_errors, places
from theory.tensors import AbsoluteEigenvalues, FactoredField, HessianProportional, Isotropic, Scaled
from theory.tensors.indefinite import Indefinite

SUBJECT = "whether the noise of SGD is proportional to the Hessian"
OWN, HESSIAN, ISOTROPIC = "own noise C(w)", "noise c H", "isotropic noise"
MOST_OUTSIDE = 0.01  # of the walkers, beyond which laws on the grid are not theirs


@dataclass(frozen=True, eq=False)
class NoiseAgainstHessian:
    """The covariance of gradient noise against the Hessian over a law, and the laws that three noises make.

    Parameters
    ----------
    constant
        The c that minimises the mean of |C - c H|^2 over the law, E<C, H> / E<H, H>.
    angle
        Between C and H in the inner product E<C, H>, in radians from 0 to pi; 0 means proportional all over the
        law.
    temperature
        Of isotropic noise with the power of C: time_step E tr C / (2 batch_size d).

        The errors of the three are standard errors over walkers; of a computed law the
        change on half the cells and what its error may move, NaN where one of the two is not known.
    covariance_ranks, hessian_ranks
        Share of the law for each rank of C and of H.
    laws
        Stationary laws of dw = -grad L dt + sqrt(2 D) dW with D of C(w), of c H and of the temperature; of those
        in `limits` the limit law, a point mass spread over its cell.
    reasons
        Why a law is missing.
    comparison
        Distances of the law from each; None where all are missing.
    observed
        The law that was given: walkers counted on the grid, or the law computed there.
    limits, not_unique
        The limit laws from `initial` where the stationary law is not unique, and why it is not.
    """

    constant: Estimate
    angle: Estimate
    temperature: Estimate
    covariance_ranks: Mapping[int, float]
    hessian_ranks: Mapping[int, float]
    laws: Mapping[str, Density] = field(repr=False)
    reasons: Mapping[str, str] = field(repr=False)
    comparison: Comparison | None = field(repr=False)
    observed: Density | Histogram = field(repr=False)
    limits: Mapping[str, LimitLaw] = field(default_factory=dict, repr=False)
    not_unique: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __repr__(self) -> str:
        numbers = (f"{name}={getattr(self, name)!r}" for name in ("constant", "angle", "temperature"))
        verdicts = (f"{name}: {self.verdict(name)}" for name in (OWN, HESSIAN, ISOTROPIC))
        return f"NoiseAgainstHessian({', '.join(numbers)}; {', '.join(verdicts)})"

    def _repr_html_(self) -> str:
        """The comparison of the laws, with what the matrices say below; alone where there is none."""
        notes = (f"<div>{escape(line)}</div>" for line in self._matrices())
        laws = "" if self.comparison is None else self.comparison._repr_html_()
        return f"<div>{laws}{''.join(notes)}</div>"

    def verdict(self, name: str) -> str:
        """`Comparison.verdict` of a law, or 'no law'.

        Raises
        ------
        InputError
            If `name` is none of the three noises.
        """
        require(
            name in (OWN, HESSIAN, ISOTROPIC), f"`name` must be one of {[OWN, HESSIAN, ISOTROPIC]}, got {name!r}"
        )
        return "no law" if self.comparison is None or name not in self.laws else self.comparison.verdict(name)

    def table(self, *, all_distances: bool = False) -> str:
        """Aligned text: what the matrices say, then the `Comparison.table` of the laws."""
        found = self.comparison
        laws = [] if found is None else [found.table(all_distances=all_distances)]
        return "\n".join([*self._matrices(), *laws])

    def _matrices(self) -> list[str]:
        """What the matrices say, and the laws that are missing or of limits."""
        lines = [
            f"best constant of C = c H over the law: {float(self.constant):.6g} +- {self.constant.error:.2g}",
            f"angle between C and H over the law: {float(self.angle):.4g} +- {self.angle.error:.2g} radians",
            f"ranks of C: {_shares(self.covariance_ranks)}; of H: {_shares(self.hessian_ranks)}",
            *(f"{name}: no law: {reason}" for name, reason in self.reasons.items()),
        ]
        for name, limit in self.limits.items():
            parts = zip(limit.classes, limit.weights, strict=True)
            lines.append(f"{name}: {self.not_unique[name]}")
            lines += [f"{name}: limit law: {fraction(weight, 4)} x {part.describe()}" for part, weight in parts]
        return lines


def noise_against_hessian(
    model: Model,
    sgd: SGD,
    law: Ensemble | Density,
    grid: Grid,
    *,
    indefinite: Indefinite = AbsoluteEigenvalues(),  # noqa: B008 - frozen
    confidence: float = 0.95,
    initial: Density | None = None,
) -> NoiseAgainstHessian:
    """C(w) against the Hessian over the law of SGD, and the laws of its own noise, of c H and of isotropic noise.

    "C is proportional to H" is judged by what it does: each noise has its stationary law by Fokker-Planck on
    `grid`, of order 1 in the learning rate, and its distances from `law`.

    Parameters
    ----------
    model, sgd
        What `law` is of; SGD without options beyond momentum.
    law
        Walkers of SGD at their last time, or its law on `grid`.
    indefinite
        What replaces H where it is indefinite in the noise c H.
    initial
        Where the walkers start, on `grid`: where a stationary law is not unique (one variable), the limit law from
        there stands for it; without it the law is missing, with that reason.

    Raises
    ------
    InputError
        If SGD has other options, dimensions differ, more than 1 % of the walkers are lost or off the grid, or none
        is left to average over.

    References
    ----------
    Jastrzebski et al. (2017), Three factors influencing minima in SGD; Thomas et al. (2020), On the interplay
    between noise and curvature.
    """
    require_plain(sgd, SUBJECT)
    require(
        initial is None or initial.grid == grid,
        f"`initial` must be on `grid`, {grid}, got {initial and initial.grid}",
    )
    require(0 < confidence < 1, f"`confidence` must lie between 0 and 1, got {confidence}")
    require(model.dim == grid.dim, f"model and grid must have one dimension, got {model.dim} and {grid.dim}")
    half_step = float(sgd.times(1)) / (2 * sgd.batch_size)
    if isinstance(law, Ensemble):
        _require_on_grid(law, grid)
    points, weights = places(law, grid)
    found = compare_covariance(model, points)
    over = OverLaw.of(found)
    numbers = over.numbers(weights)
    errors = over.standard_errors(weights) if isinstance(law, Ensemble) else mesh_errors(model, law, over, numbers)
    constant, angle, power = map(Estimate, numbers, errors)
    temperature = Estimate(half_step * power / model.dim, half_step * power.error / model.dim)
    noises: dict[str, FactoredField | Absent] = {
        OWN: langevin_limit(model, sgd).diffusion,
        HESSIAN: (
            Scaled(HessianProportional(model, float(constant), indefinite), half_step)
            if constant > 0
            else Absent(f"the best constant must be positive, got {float(constant):.3g}")
        ),
        ISOTROPIC: Isotropic(temperature, model.dim) if temperature > 0 else Absent("C vanishes all over the law"),
    }
    laws: dict[str, Density | LimitLaw] = {}
    reasons: dict[str, str] = {}
    not_unique: dict[str, str] = {}
    for name, noise in noises.items():
        if isinstance(noise, Absent):
            reasons[name] = noise.reason
            continue
        try:
            laws[name], refusal = _law(FokkerPlanck(Langevin(model, noise), grid), initial)
        except InputError as error:
            reasons[name] = str(error)
        except NoStationaryDensity as error:
            reasons[name] = error.reason
        else:
            not_unique |= {} if refusal is None else {name: refusal}
    comparison = compare_laws(law, laws, confidence=confidence) if laws else None
    return NoiseAgainstHessian(
        constant,
        angle,
        temperature,
        _ranks(found.covariance_rank, weights),
        _ranks(found.hessian_rank, weights),
        {name: one.density if isinstance(one, LimitLaw) else one for name, one in laws.items()},
        reasons,
        comparison,
        law.histogram(grid) if isinstance(law, Ensemble) else law,
        {name: one for name, one in laws.items() if isinstance(one, LimitLaw)},
        not_unique,
    )


def _law(equation: FokkerPlanck, initial: Density | None) -> tuple[Density | LimitLaw, str | None]:
    """The stationary law, or the limit law from `initial` and why the stationary one is not unique."""
    try:
        return equation.stationary(), None
    except NoStationaryDensity as refusal:
        if initial is None:
            raise
        return limit_instead(equation, refusal, lambda: initial), refusal.reason


def _require_on_grid(law: Ensemble, grid: Grid) -> None:
    """Raise where laws on `grid` are not those of the walkers."""
    require(law.dim == grid.dim, f"`law` must have the grid's dimension {grid.dim}, got {law.dim}")
    seen = law.histogram(grid)
    lost = seen.diverged + seen.outside
    require(
        lost <= MOST_OUTSIDE * seen.walkers,
        f"the walkers must stay on the grid, {lost} of {seen.walkers} left it; widen the `grid`, or take fewer "
        "steps",
    )


def _ranks(ranks: Integers, weights: Array) -> dict[int, float]:
    whole = math.fsum(weights)
    return {int(rank): math.fsum(weights[ranks == rank]) / whole for rank in np.unique(ranks)}


def _shares(ranks: Mapping[int, float]) -> str:
    """Ranks with their shares of the law in words, the largest share first."""
    if len(ranks) == 1:
        return f"{next(iter(ranks))} everywhere"
    shares = sorted(ranks.items(), key=lambda pair: -pair[1])
    return f"{', '.join(f'{rank} in {share:.3g}' for rank, share in shares)} of the law"
