"""Hessian noise against the noise of SGD itself, judged by what each does to the law."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from compare.comparison import Comparison, compare_laws
from compare.slope.method import require_plain
from simulate.sgd import SGD
from simulate.sources import Model
from theory.arguments import check_faces
from theory.arrays import Array, Integers
from theory.density import Density
from theory.ensemble import Ensemble
from theory.errors import InputError, require
from theory.field import Estimate
from theory.fokker_planck import FokkerPlanck, NoStationaryDensity
from theory.grid import Grid
from theory.langevin import Langevin, langevin_limit
from theory.proportionality.comparison import CovarianceComparison, compare_covariance
from theory.tensors import AbsoluteEigenvalues, HessianProportional, Isotropic, Scaled, TensorField
from theory.tensors.indefinite import Indefinite

OWN, HESSIAN, ISOTROPIC = "own noise C(w)", "noise c H", "isotropic noise"
MOST_POINTS = 100_000  # walkers or cells at which matrices are compared
GROUPS, FEWEST = 40, 10  # of walkers, that a jackknife leaves out in turn
UNSEEN = 3.0  # times the pull of the most distant walker: what the tail beyond it may add
ROUNDING = 1e-15  # relative, of |C - c H|^2


@dataclass(frozen=True, eq=False)
class NoiseAgainstHessian:
    """The covariance of gradient noise against the Hessian over a law, and the laws that three noises make.

    Parameters
    ----------
    constant
        The c that minimises the mean of |C - c H|^2 over the law, E<C, H> / E<H, H>.
    angle
        Between C and H in the inner product E<C, H>, in [0, pi]; 0 means proportional all over the law.
    temperature
        Of isotropic noise with the power of C: time_step E tr C / (2 batch_size d).

        The errors of the three are standard errors over walkers; of a computed law the
        change on half the cells and what its error may move, NaN where one of the two is not known.
    covariance_ranks, hessian_ranks
        Share of the law for each rank of C and of H.
    laws
        Stationary laws of dw = -grad L dt + sqrt(2 D) dW with D of C(w), of c H and of the temperature.
    reasons
        Why a law is missing.
    comparison
        Distances of the law from each; None where all are missing.
    """

    constant: Estimate
    angle: Estimate
    temperature: Estimate
    covariance_ranks: Mapping[int, float]
    hessian_ranks: Mapping[int, float]
    laws: Mapping[str, Density] = field(repr=False)
    reasons: Mapping[str, str] = field(repr=False)
    comparison: Comparison | None = field(repr=False)

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

    def table(self) -> str:
        """Aligned text: what the matrices say, then every distance with its verdict."""
        lines = [
            f"best constant of C = c H over the law: {float(self.constant):.6g} +- {self.constant.error:.2g}",
            f"angle between C and H over the law: {float(self.angle):.4g} +- {self.angle.error:.2g}",
            f"ranks of C: {_shares(self.covariance_ranks)}; of H: {_shares(self.hessian_ranks)}",
            *(f"{name}: no law: {reason}" for name, reason in self.reasons.items()),
        ]
        return "\n".join([*lines, *([] if self.comparison is None else [self.comparison.table()])])


def noise_against_hessian(
    model: Model,
    sgd: SGD,
    law: Ensemble | Density,
    grid: Grid,
    *,
    indefinite: Indefinite = AbsoluteEigenvalues(),  # noqa: B008 - frozen
    confidence: float = 0.95,
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

    Raises
    ------
    InputError
        If SGD has other options, dimensions differ, or no walker is left to average over.

    References
    ----------
    Jastrzebski et al. (2017), Three factors influencing minima in SGD; Thomas et al. (2020), On the interplay
    between noise and curvature.
    """
    require_plain(sgd)
    require(0 < confidence < 1, f"`confidence` must lie between 0 and 1, got {confidence}")
    require(model.dim == grid.dim, f"model and grid must have one dimension, got {model.dim} and {grid.dim}")
    half_step = float(sgd.times(1)) / (2 * sgd.batch_size)
    points, weights = _places(law, grid)
    found = compare_covariance(model, points)
    over = _OverLaw.of(found)
    numbers = over.numbers(weights)
    errors = (
        over.standard_errors(weights) if isinstance(law, Ensemble) else _mesh_errors(model, law, over, numbers)
    )
    constant, angle, power = map(Estimate, numbers, errors)
    temperature = Estimate(half_step * power / model.dim, half_step * power.error / model.dim)
    noises: dict[str, TensorField | str] = {
        OWN: langevin_limit(model, sgd).diffusion,
        HESSIAN: (
            Scaled(HessianProportional(model, float(constant), indefinite), half_step)
            if constant > 0
            else f"the best constant must be positive, got {float(constant):.3g}"
        ),
        ISOTROPIC: Isotropic(temperature, model.dim) if temperature > 0 else "C vanishes all over the law",
    }
    laws, reasons = {}, {}
    for name, noise in noises.items():
        if isinstance(noise, str):
            reasons[name] = noise
            continue
        try:
            laws[name] = FokkerPlanck(Langevin(model, noise), grid).stationary()
        except InputError as error:
            reasons[name] = str(error)
        except NoStationaryDensity as refusal:
            reasons[name] = refusal.reason
    comparison = compare_laws(law, laws, confidence=confidence) if laws else None
    return NoiseAgainstHessian(
        constant,
        angle,
        temperature,
        _ranks(found.covariance_rank, weights),
        _ranks(found.hessian_rank, weights),
        laws,
        reasons,
        comparison,
    )


@dataclass(frozen=True, eq=False)
class _OverLaw:
    """What is averaged over a law at its points (n,): <C, H>, <H, H>, <C, C> and tr C."""

    inner: Array
    square: Array
    own: Array
    trace: Array

    @staticmethod
    def of(found: CovarianceComparison) -> _OverLaw:
        """Of the matrices at the points."""
        c, h = found.covariance, found.hessian
        inner, square, own = (np.einsum("nij,nij->n", a, b) for a, b in ((c, h), (h, h), (c, c)))
        return _OverLaw(inner, square, own, np.einsum("nii->n", c))

    def numbers(self, weights: Array) -> Array:
        """Constant, angle and E tr C with weights (n,) that sum to 1."""
        inner, square, own = (float(weights @ part) for part in (self.inner, self.square, self.own))
        require(square > 0, "the Hessian must not vanish all over the law, it does; nothing is proportional to it")
        constant = inner / square
        rest = float(weights @ (self.own - 2 * constant * self.inner + constant**2 * self.square))
        sine = math.sqrt(max(rest, 0.0)) if rest > ROUNDING * own else 0.0
        return np.array([constant, math.atan2(sine, constant * math.sqrt(square)), float(weights @ self.trace)])

    def standard_errors(self, weights: Array) -> Array:
        """Standard errors of `numbers` over independent points.

        A jackknife of groups and, since matrices grow with w and the tail is seen by few, three times what the
        point with the largest matrices moves.
        """
        groups = min(GROUPS, len(weights))
        if groups < FEWEST:
            return np.full(3, np.nan)
        number = np.arange(len(weights)) % groups
        kept = [np.where(number == group, 0.0, weights) for group in range(groups)]
        left = np.array([self.numbers(part / part.sum()) for part in kept])
        variance = (groups - 1) / groups * ((left - left.mean(axis=0)) ** 2).sum(axis=0)
        worst, whole = np.zeros(3), self.numbers(weights)
        for part in (self.inner, self.square, self.own, self.trace):
            without = np.where(np.arange(len(weights)) == part.argmax(), 0.0, weights)
            worst = np.maximum(worst, np.abs(self.numbers(without / without.sum()) - whole))
        return np.asarray(np.sqrt(variance + (UNSEEN * worst) ** 2))


def _mesh_errors(model: Model, law: Density, over: _OverLaw, numbers: Array) -> Array:
    """Errors of `numbers` of a computed law: by half the cells, and by the mass that may lie elsewhere."""
    if law.error is None or any(cells % 2 for cells in law.grid.shape):
        return np.full(3, np.nan)
    points, weights = _places(half := law.coarsen(2), half.grid)
    change = np.abs(_OverLaw.of(compare_covariance(model, points)).numbers(weights) - numbers)
    worst = np.zeros(3)
    if law.error > 0:  # all of that mass at the place where it moves a number most, of those that it may be at
        _, weights = _places(law, law.grid)
        near = weights > law.error * weights.max()
        for part in (over.inner, over.square, over.own, over.trace):
            for place in (int(np.where(near, part, np.inf).argmin()), int(np.where(near, part, -np.inf).argmax())):
                moved = (1 - law.error) * weights
                moved[place] += law.error
                worst = np.maximum(worst, np.abs(over.numbers(moved) - numbers))
    return np.asarray(change + worst)


def _places(law: Ensemble | Density, grid: Grid) -> tuple[Array, Array]:
    """Points (n, d) and weights (n,) that sum to 1."""
    if isinstance(law, Ensemble):
        require(law.dim == grid.dim, f"`law` must have the grid's dimension {grid.dim}, got {law.dim}")
        points = law.final[np.isfinite(law.final).all(axis=-1)][:MOST_POINTS]
        require(len(points) > 0, "`law` must have walkers that did not diverge, got none")
        return points, np.full(len(points), 1 / len(points))
    require(law.grid == grid, f"`law` must be on `grid`, {grid}, got one on {law.grid}")
    weights = law.probabilities.ravel()
    kept = weights > 0
    return grid.centers.reshape(-1, grid.dim)[kept], weights[kept] / weights[kept].sum()


def _ranks(ranks: Integers, weights: Array) -> dict[int, float]:
    return {int(rank): float(weights[ranks == rank].sum()) for rank in np.unique(ranks)}


def _shares(ranks: Mapping[int, float]) -> str:
    return ", ".join(f"{rank} in {share:.3g}" for rank, share in ranks.items())


check_faces("compare.curvature")
