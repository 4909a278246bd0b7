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


@dataclass(frozen=True, eq=False)
class NoiseAgainstHessian:
    """The covariance of gradient noise against the Hessian over a law, and the laws that three noises make.

    Parameters
    ----------
    constant
        The c that minimises the mean of |C - c H|^2 over the law, E<C, H> / E<H, H>, with its standard error.
    angle
        Between C and H in the inner product E<C, H>, in [0, pi]; 0 means proportional all over the law.
    temperature
        Of isotropic noise with the power of C: time_step E tr C / (2 batch_size d).
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
    angle: float
    temperature: float
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
            f"angle between C and H over the law: {self.angle:.4g} ({math.degrees(self.angle):.3g} degrees)",
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
    points, weights, independent = _places(law, grid)
    found = compare_covariance(model, points)
    constant, angle = _over_law(found, weights, independent)
    half_step = float(sgd.times(1)) / (2 * sgd.batch_size)
    trace = float(weights @ np.einsum("nii->n", found.covariance))
    temperature = half_step * trace / model.dim
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


def _places(law: Ensemble | Density, grid: Grid) -> tuple[Array, Array, bool]:
    """Points (n, d), weights (n,) that sum to 1, and whether the points are independent."""
    if isinstance(law, Ensemble):
        require(law.dim == grid.dim, f"`law` must have the grid's dimension {grid.dim}, got {law.dim}")
        points = law.final[np.isfinite(law.final).all(axis=-1)][:MOST_POINTS]
        require(len(points) > 0, "`law` must have walkers that did not diverge, got none")
        return points, np.full(len(points), 1 / len(points)), True
    require(law.grid == grid, f"`law` must be on `grid`, {grid}, got one on {law.grid}")
    weights = law.probabilities.ravel()
    kept = weights > 0
    return grid.centers.reshape(-1, grid.dim)[kept], weights[kept] / weights[kept].sum(), False


def _over_law(found: CovarianceComparison, weights: Array, independent: bool) -> tuple[Estimate, float]:
    """The constant with its standard error over independent points, and the angle."""
    inner = np.einsum("nij,nij->n", found.covariance, found.hessian)
    square = np.einsum("nij,nij->n", found.hessian, found.hessian)
    whole = float(weights @ square)
    require(whole > 0, "the Hessian must not vanish all over the law, it does; nothing is proportional to it")
    constant = float(weights @ inner) / whole
    residual = inner - constant * square
    error = math.sqrt(float(weights**2 @ residual**2)) / whole if independent else 0.0
    rest = found.covariance - constant * found.hessian
    sine = math.sqrt(float(weights @ np.einsum("nij,nij->n", rest, rest)))
    cosine = constant * math.sqrt(whole)
    return Estimate(constant, error), math.atan2(sine, cosine)


def _ranks(ranks: Integers, weights: Array) -> dict[int, float]:
    return {int(rank): float(weights[ranks == rank].sum()) for rank in np.unique(ranks)}


def _shares(ranks: Mapping[int, float]) -> str:
    return ", ".join(f"{rank} in {share:.3g}" for rank, share in ranks.items())


check_faces("compare.curvature")
