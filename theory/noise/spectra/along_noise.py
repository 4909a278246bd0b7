"""Along which curvatures the noise of the gradient points, and how far a point is from the minimum."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse.linalg import LinearOperator, cg

from theory.base.arrays import Array, ArrayLike, evaluated, finite
from theory.base.errors import require
from theory.base.showing import span, told
from theory.models import DatasetModel
from theory.noise.spectra.defects import in_units
from theory.noise.spectra.lanczos import LanczosMeasure
from theory.noise.spectra.operators import hessian_operator, place_of
from theory.noise.spectra.traces import covariance_trace

LEVEL = 0.99  # at which bounds hold
CLOSE = 0.01  # of the gradient, that conjugate gradients leave
MOST_PRODUCTS = 500  # of the same


@dataclass(frozen=True, eq=False)
class NoiseSpectrum:
    """The law that the noise of one example's gradient has over the eigenvalues of the Hessian, at a point.

    Parameters
    ----------
    trace
        tr C, exact.
    measures
        What Lanczos' method knows of each probe, a vector of the covariance C.
    unit
        A power of two, in which `measures` are.
    """

    trace: float
    measures: tuple[LanczosMeasure, ...] = field(repr=False)
    unit: float = field(default=1.0, repr=False)

    def __repr__(self) -> str:
        nodes = np.concatenate([one.nodes[0] for one in self.measures]) * self.unit
        return told("NoiseSpectrum", trace=self.trace, probes=len(self.measures), range=span(np.sort(nodes)))

    def mean_at_most(self, function: Callable[[Array], ArrayLike], level: float = LEVEL) -> float:
        """What tr(C f(H)) / tr C, the mean of f over the curvatures weighted by the noise, is at most.

        With this probability: whatever C and H are, p probes show no less of it than a chi square of p degrees of
        freedom over p would. What a quarter fewer steps of Lanczos' method change is added.

        Parameters
        ----------
        function
            A smooth f >= 0 of eigenvalues (n,), with values (n,).

        Raises
        ------
        InputError
            If the function gives other shapes, or numbers that are negative or not finite, or `level` is no
            probability between 0 and 1.

        References
        ----------
        Szekely & Bakirov (2003), Extremal probabilities for Gaussian quadratic forms.
        """
        from scipy.stats import chi2  # as elsewhere, where it is needed

        require(0 < level < 1, f"`level` must lie between 0 and 1, got {level}")

        def at(nodes: Array) -> Array:
            values = evaluated(lambda points: function(points[:, 0] * self.unit), nodes[:, None], "function")
            fits = bool(np.isfinite(values).all() and (values >= 0).all())
            require(fits, "`function` must be finite and not negative on the spectrum, it is not")
            return values

        squares, number = np.array([one.square for one in self.measures]), len(self.measures)
        seen = float(squares @ [sum(one.integral(at)) for one in self.measures]) / number
        return seen / self.trace / (float(chi2.ppf(1 - level, number)) / number)


def noise_spectrum(
    model: DatasetModel, at: ArrayLike, probes: int = 20, steps: int = 60, *, rng: np.random.Generator
) -> NoiseSpectrum:
    """Along which eigenvalues of the Hessian the gradient noise points, by stochastic Lanczos quadrature.

    Each probe is a sum of the examples' gradients about their mean with normal weights, whose covariance is C; its
    measure on the spectrum of the Hessian is known by so many steps. No matrix (d, d) is made.

    Parameters
    ----------
    model
        A data set or a network.
    at
        The point, shape (d,).
    probes
        How many.
    steps
        Of Lanczos' method, for each; at most d are made.

    Raises
    ------
    InputError
        If the point does not fit, numbers are out of range, or all examples have one gradient there.

    References
    ----------
    Ubaru, Chen & Saad (2017), Fast estimation of tr(f(A)) via stochastic Lanczos quadrature.
    """
    place = place_of(at, model.dim)
    for name, number in (("probes", probes), ("steps", steps)):
        require(number >= 1 and number % 1 == 0, f"`{name}` must be a whole number of at least 1, got {number}")
    trace = covariance_trace(model, place)
    require(trace > 0, "the gradients of all examples are one at `at`: there is no noise; take another point")
    operator, unit = in_units(hessian_operator(model, place), rng)
    measures = []
    for _ in range(int(probes)):
        weights = rng.standard_normal(len(model))
        probe = model.weighted_gradient(place, (weights - weights.mean()) / np.sqrt(len(model)))
        measures.append(LanczosMeasure.of(operator, probe, min(int(steps), model.dim)))
    return NoiseSpectrum(trace, tuple(measures), unit)


def newton_decrement(operator: LinearOperator, gradient: ArrayLike, shift: float = 0.0) -> float:
    """What a Newton step lowers the loss by, g' (H + shift)^-1 g / 2, from products with vectors.

    By conjugate gradients, within a hundredth of the gradient; where H + shift has curvatures that these do not
    resolve the answer is too small.

    Parameters
    ----------
    operator
        The Hessian H, shape (d, d), with H + shift positive definite.
    gradient
        g, shape (d,).

    Raises
    ------
    InputError
        If shapes do not fit, or numbers are not finite.

    References
    ----------
    Boyd & Vandenberghe (2004), Convex optimization, section 9.5.
    """
    dim, slope = operator.shape[0], finite(gradient, "gradient")
    require(operator.shape == (dim, dim), f"`operator` must be square, got shape {operator.shape}")
    require(slope.shape == (dim,), f"`gradient` must have shape {(dim,)}, got {slope.shape}")
    require(math.isfinite(shift), f"`shift` must be finite, got {shift}")

    def held(vector: Array) -> Array:
        return np.asarray(operator.matvec(vector) + shift * np.ravel(vector))

    whole = LinearOperator(operator.shape, matvec=held, dtype=np.float64)
    step, _ = cg(whole, slope, rtol=CLOSE, maxiter=MOST_PRODUCTS)
    return float(slope @ step) / 2
