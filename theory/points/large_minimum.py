"""A minimum of many weights, of which no matrix is made."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from theory.base.arrays import Array, ArrayLike, read_only
from theory.base.errors import InputError, require
from theory.base.showing import told
from theory.models import DatasetModel, covariance_traces
from theory.noise import NoiseSpectrum, hessian_operator, newton_decrement, noise_spectrum, spectral_density

PROBES, LANCZOS_STEPS = 4, 100
FLAT = 1e-7  # of the largest eigenvalue of the Hessian: below it a direction has no curvature
SILENT = 1e-12  # of the noise a length away: below it the noise at the minimum vanishes


@dataclass(frozen=True, eq=False)
class LargeMinimum:
    """A minimum of a model on data with what the slope of the loss needs of it, from products with vectors.

    Parameters
    ----------
    position
        Its place, shape (d,).
    loss
        L there.
    curvatures
        The smallest and the largest eigenvalue of the Hessian that were seen.
    ends
        Numbers between which all eigenvalues lie, 99 times of 100 (`SpectralDensity.ends`).
    fall
        What a Newton step would still lower the loss by.
    noise
        Along which eigenvalues the noise of one example's gradient points, with its trace.
    silent
        Whether that noise vanishes beside that a length |w| away.
    """

    position: Array = field(repr=False)
    loss: float
    curvatures: tuple[float, float]
    ends: tuple[float, float]
    fall: float
    noise: NoiseSpectrum
    silent: bool

    def __repr__(self) -> str:
        return told("LargeMinimum", weights=len(self.position), loss=self.loss, ends=self.ends, noise=self.noise)

    @property
    def regular(self) -> bool:
        """Whether the Hessian is seen to be positive definite."""
        return self.ends[0] > 0

    @property
    def sharpness(self) -> float:
        """A number that no curvature exceeds, 99 times of 100."""
        return self.ends[1]


def locate_large_minimum(
    model: DatasetModel, given: ArrayLike | None = None, *, rng: np.random.Generator
) -> LargeMinimum:
    """The minimum at `given`, shape (d,), once it is seen to be one; it is not moved.

    Raises
    ------
    InputError
        If nothing is given, it does not fit, the loss falls from it along a direction of negative curvature, or
        its gradients have no noise.
    """
    if given is None:
        raise InputError(
            f"of {model.dim} weights `minimum` must be given, got none; "
            "theory.points.lowest_minimum(model, 1, rng=rng) finds one"
        )
    place = np.atleast_1d(np.asarray(given, dtype=np.float64))
    require(
        place.shape == (model.dim,) and bool(np.isfinite(place).all()),
        f"`minimum` must be {model.dim} finite numbers, got shape {place.shape}",
    )
    operator = hessian_operator(model, place)
    seen = spectral_density(operator, PROBES, LANCZOS_STEPS, rng=rng)
    least, largest, slack = float(seen.nodes[0]), float(seen.nodes[-1]), seen.slack * seen.unit
    require(
        largest > 0 and least + slack >= -FLAT * largest,
        f"`minimum` must be a minimum, the Hessian has an eigenvalue of {least:.3g} or less",
    )
    ends = seen.ends()
    fall = newton_decrement(operator, np.asarray(model.gradient(place)), max(-ends[0], 0.0) + FLAT * largest)
    away = rng.standard_normal(model.dim)
    away *= (float(np.linalg.norm(place)) or 1.0) / float(np.linalg.norm(away))
    noise = noise_spectrum(model, place, rng=rng)
    silent = bool(noise.trace <= SILENT * float(covariance_traces(model, place + away)))
    return LargeMinimum(read_only(place), float(model.value(place)), (least, largest), ends, fall, noise, silent)
