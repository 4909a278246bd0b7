"""How the eigenvalues of an operator are distributed, without any of them being computed."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse.linalg import LinearOperator
from scipy.special import betainc

from theory.base.arrays import Array, ArrayLike, evaluated, finite
from theory.base.errors import require
from theory.base.estimate import Estimate
from theory.base.showing import span, told
from theory.laws import Density, Grid
from theory.noise.spectra.defects import Defects, error_of_few, in_units, product_of
from theory.noise.spectra.lanczos import LanczosMeasure

LEVEL = 0.99  # at which errors of masses cover
ROUNDED = 1e-12  # what rounding may add to no share, or lack to a whole one
MOST_MISSED = 0.4  # share of the range: beyond it the ends are not known
LANCZOS_MISSES = (
    1.648  # times sqrt(d) exp(-sqrt(share) (2 m - 1)): the chance of a miss by that share of the range
)


@dataclass(frozen=True, eq=False)
class SpectralDensity:
    """The share of the d eigenvalues of a symmetric operator below any x, by stochastic Lanczos quadrature.

    Parameters
    ----------
    dim
        d.
    measures
        What Lanczos' method knows of each of p normal probes z. The share of |z|^2 that lies along eigenvectors of
        k eigenvalues, pooled over probes, has the law Beta(p k / 2, p (d - k) / 2), whatever the operator.
    slack
        How far an eigenvalue may lie from where it seems: rounding, and the defect of differences.
    unit
        A power of two, in which `measures` and `slack` are.
    """

    dim: int
    measures: tuple[LanczosMeasure, ...] = field(repr=False)
    slack: float
    unit: float = field(default=1.0, repr=False)

    def __repr__(self) -> str:
        return told(
            "SpectralDensity",
            dim=self.dim,
            probes=len(self.measures),
            steps=max(len(one.diagonal) for one in self.measures),
            range=span(self.nodes),
        )

    @property
    def nodes(self) -> Array:
        """Nodes of all probes, ascending, shape (nodes,)."""
        return np.sort(np.concatenate([one.nodes[0] for one in self.measures])) * self.unit

    def mass(self, lower: float = -math.inf, upper: float = math.inf) -> Estimate:
        """The share of the eigenvalues in (lower, upper], whose error covers 99 of 100 times.

        The farther end of `number`, over d: what few steps leave open of each probe, bounded, and what few probes
        leave open of the whole.

        Raises
        ------
        InputError
            If `lower` is not below `upper`.
        """
        least, most = self._seen(lower, upper)
        value = (least + most) / 2
        ends = np.array(self.number(lower, upper)) / self.dim
        return Estimate(value, float(np.abs(ends - value).max()))

    def number(self, lower: float = -math.inf, upper: float = math.inf, level: float = LEVEL) -> tuple[int, int]:
        """Least and largest number of eigenvalues in (lower, upper], a confidence interval of this level.

        The numbers k whose law, Beta(p k / 2, p (d - k) / 2), would show so much, by the bounds of Chebyshev,
        Markov and Stieltjes, with a chance of (1 - level) / 2 at each end.

        Raises
        ------
        InputError
            If `lower` is not below `upper`, or `level` is no probability between 0 and 1.
        """
        require(0 < level < 1, f"`level` must lie between 0 and 1, got {level}")
        return self._numbers(*self._seen(lower, upper), (1 - level) / 2)

    def _numbers(self, least: float, most: float, chance: float) -> tuple[int, int]:
        """The least and the largest number that would show shares from `least` to `most` with such a chance."""
        low = 0 if least <= ROUNDED else self._first(lambda k: 1 - self._below(least, k) >= chance)
        high = self.dim if most >= 1 - ROUNDED else self._first(lambda k: self._below(most, k) < chance) - 1
        return low, max(high, low)

    def ends(self, level: float = LEVEL) -> tuple[float, float]:
        """Numbers between which all eigenvalues lie, with at least this probability, whatever the operator.

        The outermost nodes, and beyond them what so many steps from so many normal probes may miss of the range by
        the bound of Kuczynski and Wozniakowski: 1.648 sqrt(d) exp(-sqrt(e) (2 m - 1)) is the chance that m steps
        from one miss a share e of it. Infinite where the steps are too few for the bound to say anything.

        Raises
        ------
        InputError
            If `level` is no probability between 0 and 1.

        References
        ----------
        Kuczynski & Wozniakowski (1992), Estimating the largest eigenvalue by the power and Lanczos algorithms with
        a random start, SIAM J. Matrix Anal. Appl. 13, 1094, theorem 4.1 and its remark on shifts.
        """
        require(0 < level < 1, f"`level` must lie between 0 and 1, got {level}")
        nodes, slack = self.nodes, self.slack * self.unit
        share = self._missed((1 - level) / 2)
        if not share < MOST_MISSED:
            return -math.inf, math.inf
        beyond = share / (1 - 2 * share) * float(nodes[-1] - nodes[0]) + slack
        return float(nodes[0]) - beyond, float(nodes[-1]) + beyond

    def _missed(self, chance: float) -> float:
        """The share of the range that all probes together miss at one end with this chance at most."""
        if any(one.beside[-1] == 0 for one in self.measures):
            return 0.0
        steps = np.array([2 * len(one.diagonal) - 1 for one in self.measures])
        logarithm = len(steps) * math.log(LANCZOS_MISSES * math.sqrt(self.dim)) - math.log(chance)
        return float((logarithm / steps.sum()) ** 2)

    def mean(self, function: Callable[[Array], ArrayLike]) -> Estimate:
        """The mean of a smooth function over the eigenvalues, tr f(A) / d, with its error.

        The standard error, by the spread over probes or by the law that their shares have, whichever is more, with
        the weight of one eigenvalue that they may miss; and what a quarter fewer steps change. The logarithm makes
        log det A of it, x / (x + c) the effective number of parameters.

        Parameters
        ----------
        function
            Of eigenvalues (n,), with values (n,).

        Raises
        ------
        InputError
            If there is one probe, or the function gives other shapes, or numbers that are not finite.
        """
        require(len(self.measures) > 1, "a mean with an error needs at least two probes, got one")

        def at(nodes: Array) -> Array:
            values = evaluated(lambda points: function(points[:, 0] * self.unit), nodes[:, None], "function")
            require(
                bool(np.isfinite(values).all()),
                f"`function` must be finite on the spectrum, it is not between {nodes.min() * self.unit:.3g} and "
                f"{nodes.max() * self.unit:.3g}",
            )
            return values

        weights = np.array([one.square for one in self.measures])
        found, changes = np.array([one.integral(at) for one in self.measures]).T
        value = float(weights @ found / weights.sum())
        squares = [one.integral(lambda nodes: (at(nodes) - value) ** 2)[0] for one in self.measures]
        freedom = len(found) * self.dim / 2
        by_law = math.sqrt(float(weights @ squares / weights.sum()) / (freedom + 1))
        by_spread = error_of_few(weights * (found - value) / weights.mean())
        reach = float(np.ptp(at(self.nodes / self.unit)))
        return Estimate(value, max(by_law, by_spread) + reach / freedom + float(changes.mean()))

    def cumulative(self, at: ArrayLike) -> tuple[Array, Array]:
        """Shares of the eigenvalues up to `at` (n,), and their errors as of `mass`; shape (n,) each.

        Raises
        ------
        InputError
            If a place is not finite, or there is none.
        """
        places = finite(at, "at")
        require(
            places.ndim == 1 and places.size > 0, f"`at` must be places of shape (n,), got shape {places.shape}"
        )
        found = [self.mass(upper=x) for x in places.tolist()]
        return np.array([float(one) for one in found]), np.array([one.error for one in found])

    def on_grid(self, grid: Grid) -> Density:
        """The law of an eigenvalue on the cells of a line; its `error` is that of the masses, in total variation.

        What quadrature leaves open at each edge, and 99 % of the spread over probes in each cell. What lies
        outside the grid, or may, counts to its ends.

        Raises
        ------
        InputError
            If the grid is no line.
        """
        require(grid.dim == 1, f"eigenvalues lie on a line, got a grid of {grid.dim} axes")
        edges = np.linspace(grid.lower[0], grid.upper[0], grid.cells[0] + 1)
        least, most = np.array([self._bounds(float(x)) for x in edges]).T
        middle = np.maximum.accumulate(np.clip((least + most) / 2, 0.0, 1.0))
        outside = most[0] + 1 - least[-1]
        middle[0], middle[-1] = 0.0, 1.0
        masses = np.diff(middle)
        ends = [np.array(self._numbers(mass, mass, (1 - LEVEL) / 2)) / self.dim for mass in masses.tolist()]
        spread = sum(float(np.abs(end - mass).max()) for end, mass in zip(ends, masses, strict=True))
        error = outside + float((most - least)[1:-1].sum() / 2) + spread / 2
        return Density(grid, masses / grid.cell_volume, min(error, 1.0), cell_averages=True)

    def _seen(self, lower: float, upper: float) -> tuple[float, float]:
        """Bounds of the pooled share in (lower, upper]."""
        require(lower < upper, f"`lower` must be below `upper`, got {lower} and {upper}")
        (low, high), (least, most) = self._bounds(lower), self._bounds(upper)
        return max(least - high, 0.0), most - low

    def _bounds(self, x: float) -> tuple[float, float]:
        if math.isinf(x):
            return (0.0, 0.0) if x < 0 else (1.0, 1.0)
        weights = np.array([one.square for one in self.measures])
        found = np.array([one.bounds(x / self.unit, self.slack) for one in self.measures])
        least, most = weights @ found / weights.sum()
        return float(least), float(most)

    def _below(self, share: float, k: int) -> float:
        """The chance that probes show at most this share of k eigenvalues."""
        if k in (0, self.dim):
            return 1.0 if k == 0 else 0.0
        half = len(self.measures) / 2
        return float(betainc(half * k, half * (self.dim - k), min(share, 1.0)))

    def _first(self, holds: Callable[[int], bool]) -> int:
        """The least k from 0 to d that holds, where all after it do, else d + 1."""
        low, high = 0, self.dim + 1
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if holds(middle) else (middle + 1, high)
        return low


def spectral_density(
    operator: LinearOperator, probes: int = 10, steps: int = 80, *, rng: np.random.Generator
) -> SpectralDensity:
    """The distribution of the eigenvalues of a symmetric operator, by stochastic Lanczos quadrature.

    Each probe is a normal vector, whose measure on the spectrum so many steps of Lanczos' method know up to
    bounds; the mean over probes is the density. It takes `probes` times `steps` products, and 8 d `steps` bytes of
    memory.

    Parameters
    ----------
    operator
        Symmetric, of shape (d, d); that of `hessian_operator` for example.
    probes
        Independent vectors.
    steps
        Of Lanczos' method, for each; at most d are made.

    Raises
    ------
    InputError
        If the operator is not square, symmetric or finite, or numbers are out of range.

    References
    ----------
    Ubaru, Chen & Saad (2017), Fast estimation of tr(f(A)) via stochastic Lanczos quadrature; Ghorbani, Krishnan &
    Xiao (2019), An investigation into neural net optimization via Hessian eigenvalue density; Golub & Meurant
    (2010), Matrices, moments and quadrature, for the bounds.
    """
    dim = operator.shape[0]
    require(operator.shape == (dim, dim), f"`operator` must be square, got shape {operator.shape}")
    for name, number in (("probes", probes), ("steps", steps)):
        require(number >= 1 and number % 1 == 0, f"`{name}` must be a whole number of at least 1, got {number}")
    scaled, unit = in_units(operator, rng)
    start = rng.standard_normal(dim)
    first = (start / np.linalg.norm(start))[None]
    defects = Defects.of(scaled, first, product_of(scaled, first[0])[None], rng)
    drawn = (rng.standard_normal(dim) for _ in range(int(probes)))
    measures = tuple(LanczosMeasure.of(scaled, probe, min(int(steps), dim)) for probe in drawn)
    size = max(float(np.abs(one.nodes[0]).max()) for one in measures)
    return SpectralDensity(dim, measures, defects.left_open(size), unit)
