"""Whether independent walkers follow given masses of cells, up to the error that these have."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.optimize import brentq

from theory.base.arrays import Array, Integers
from theory.base.errors import require
from theory.base.showing import told
from theory.statistics.cell_tree import Split, halved

MASS_TOLERANCE = 1e-9  # of the whole mass
LEAST_EXPECTED = 10.0  # walkers in a part, from which a chi-square law holds to 1 in 10 at its 1 % point
OCTAVE = 3  # cuts of a box into halves that make one statistic
DEEPEST = 9  # cuts along one way: 512 parts
OUTSIDE, RAREST = 0.05, 0.05  # shares of the false alarms for walkers where no mass is, and for the most distant
CUTS = 1 - OUTSIDE - RAREST
SURE_OF_MASS = 8.0  # errors of the masses that a part must hold
FELT = 0.25  # standard deviations by which the error may shift a statistic
SHARES = 8  # steps in which a difference is shared out over the octaves
NO_SHIFT = 1e-300  # of a chi-square law, for its central case
FARTHEST = 1e12  # shift of a chi-square law, beyond which no search goes
LOG_STEP = 1e-3  # of the logarithm of a shift, to which it is searched


@dataclass(frozen=True)
class Octave:
    """Cuts of one scale: the squares of their standardised counts, summed.

    Parameters
    ----------
    statistic, degrees
        A chi-square variable, if the masses are right.
    shift
        The largest noncentrality that the error of the masses gives it.
    """

    statistic: float
    degrees: int
    shift: float

    @property
    def p_value(self) -> float:
        """Largest chance of a larger statistic, over all laws within the error."""
        from scipy.stats import chi2, ncx2

        if self.shift == 0:
            return float(chi2.sf(self.statistic, self.degrees))
        return max(0.0, float(ncx2.sf(self.statistic, self.degrees, self.shift)))

    def threshold(self, level: float) -> float:
        """The statistic that is exceeded with a chance of `level` at most."""
        from scipy.stats import ncx2

        return float(ncx2.isf(level, self.degrees, max(self.shift, NO_SHIFT)))


@dataclass(frozen=True)
class GoodnessOfFit:
    """What walkers say about given masses of cells.

    Parameters
    ----------
    walkers
        All of them.
    octaves
        Statistics of the cuts, the widest first, nearly independent of each other.
    parts
        Into how many parts the grid was cut.
    outside
        Walkers off the grid, diverged, or in cells without mass.
    outside_chance
        Chance of a number as unlikely under the masses, two-sided.
    rarest
        Mass of all cells that hold no more than the emptiest one that a walker is in.
    rarest_chance
        Chance that one of the walkers is in those cells, or the error counted, anywhere as unlikely.
    """

    walkers: int
    octaves: tuple[Octave, ...]
    parts: int
    outside: int
    outside_chance: float
    rarest: float
    rarest_chance: float

    def __repr__(self) -> str:
        return told(
            "GoodnessOfFit", p_value=self.p_value, walkers=self.walkers, parts=self.parts, outside=self.outside
        )

    @property
    def widest(self) -> Octave:
        """The octave whose statistic is least probable."""
        return min(self.octaves, key=lambda one: one.p_value)

    @property
    def p_values(self) -> tuple[float, float, float]:
        """Those of the cuts, of walkers outside and of the most distant one, corrected for being three."""
        cuts = 1.0
        if self.octaves:
            cuts = -math.expm1(len(self.octaves) * math.log1p(-min(self.widest.p_value, 1 - OUTSIDE)))
        weighted = (cuts / CUTS, self.outside_chance / OUTSIDE, self.rarest_chance / RAREST)
        return tuple(min(1.0, one) for one in weighted)  # type: ignore[return-value]

    @property
    def p_value(self) -> float:
        """Below alpha with a chance of alpha at most, if the law is within the error of the masses."""
        return min(self.p_values)

    def detectable(self, alpha: float, power: float = 0.9) -> float:
        """The total variation between the masses of the parts that is found with a chance `power`, wherever it is.

        `alpha` is the chance of a false alarm. A chi-square over parts of masses p grows by n sum (q - p)^2 / p,
        at least 4 n TV^2 by Cauchy and Schwarz; the worst way to share that over the octaves is looked for.
        Infinite where nothing on the grid would show.
        """
        from scipy.stats import ncx2

        if not self.octaves or self.walkers == self.outside:
            return math.inf
        level = -math.expm1(math.log1p(-CUTS * alpha) / len(self.octaves))
        thresholds = [one.threshold(level) for one in self.octaves]
        ways = np.array(
            [way for way in product(range(SHARES + 1), repeat=len(self.octaves)) if sum(way) == SHARES]
        )

        def missing(log_growth: float) -> float:
            growth = math.exp(log_growth) * ways / SHARES
            missed = np.ones(len(ways))
            for k, (one, threshold) in enumerate(zip(self.octaves, thresholds, strict=True)):
                missed *= ncx2.cdf(threshold, one.degrees, np.maximum(growth[:, k], NO_SHIFT))
            return float(missed.max()) - (1 - power)

        growth = math.exp(brentq(missing, 0.0, math.log(FARTHEST), xtol=LOG_STEP))
        variation = math.sqrt(growth / (4 * (self.walkers - self.outside)))
        return variation if variation < 1 else math.inf


def goodness_of_fit(
    counts: Integers, masses: Array, *, outside: int = 0, error: float = 0.0, outside_mass: float = 0.0
) -> GoodnessOfFit:
    """How likely `counts` of independent walkers are under `masses` of cells, both of the shape of the grid.

    The grid is halved by mass (`cell_tree`), so that parts follow from the masses alone. Given the count of a box,
    that of its half is binomial; the squares of the standardised counts of three levels of cuts make a chi-square
    each, so that wide and narrow differences both show. Walkers where the masses are 0, and the one in the
    emptiest cell, have exact chances of their own, each a twentieth of the false alarms.

    Parameters
    ----------
    outside
        Walkers that are in no cell.
    error
        Of the masses, in total variation: no law within it is rejected more often than stated. A chi-square is
        shifted by at most (n e^2 + e) (1/a + 1/b), a and b the masses of the smallest parts: by other means and by
        the noise of larger ones.
    outside_mass
        Mass of the law that is in no cell; `masses` are those of the rest, with sum 1.

    Raises
    ------
    InputError
        If there is no walker, a count is negative, the shapes differ, the masses are negative or have not the sum
        1, or `error` or `outside_mass` are not in [0, 1).
    """
    require(
        counts.shape == masses.shape and counts.size > 0 and bool((counts >= 0).all()) and outside >= 0,
        f"`counts` must not be negative and of the shape {masses.shape} of `masses`, got shape {counts.shape}",
    )
    whole = float(masses.sum())
    require(
        bool((masses >= 0).all()) and abs(whole - 1) <= MASS_TOLERANCE,
        f"`masses` must not be negative and have the sum 1, got {whole:.12g}; divide by it",
    )
    inside = int(counts.sum())
    walkers = inside + outside
    require(walkers > 0, "a goodness of fit needs at least one walker, got none")
    require(0 <= error <= 1, f"`error` must lie in [0, 1], got {error}")
    require(0 <= outside_mass < 1, f"`outside_mass` must lie in [0, 1), got {outside_mass}")
    nowhere = outside + int(counts[masses <= 0].sum())
    least = max(LEAST_EXPECTED / max(inside, 1), SURE_OF_MASS * error, 2 * inside**2 * error**4 / FELT**2)
    cuts = halved(masses, least, DEEPEST) or halved(masses, LEAST_EXPECTED / max(inside, 1), 1)
    octaves = tuple(_octave(group, counts, inside, error) for group in _by_scale(cuts))
    rarest = _rarest(counts, masses)
    chance = min(1.0, (1 - outside_mass) * rarest + error)
    return GoodnessOfFit(
        walkers,
        octaves,
        len(cuts) + 1,
        nowhere,
        _chance_outside(nowhere, walkers, outside_mass, error),
        rarest,
        -math.expm1(walkers * math.log1p(-chance)) if chance < 1 else 1.0,
    )


def _by_scale(cuts: list[Split]) -> list[list[Split]]:
    """Three levels of cuts a group; a narrow scale that is cut in a few places joins the one before."""
    groups: list[list[Split]] = []
    for k in range(DEEPEST // OCTAVE):
        group = [one for one in cuts if one.depth // OCTAVE == k]
        if len(group) >= 2**OCTAVE or not groups:
            groups.append(group)
        else:
            groups[-1] += group
    return [group for group in groups if group]


def _octave(cuts: list[Split], counts: Integers, walkers: int, error: float) -> Octave:
    total = 0.0
    for one in cuts:
        low, high = one.counted(counts)
        both, share = low + high, one.masses[0] / sum(one.masses)
        if both:
            total += (low - both * share) ** 2 / (both * share * (1 - share))
    smallest = sorted(mass for one in cuts for mass in one.masses)[:2]
    shift = (walkers * error**2 + error) * sum(1 / mass for mass in smallest)
    return Octave(total, len(cuts), shift)


def _rarest(counts: Integers, masses: Array) -> float:
    """Mass of all cells that hold no more than the emptiest cell, of those with mass, that a walker is in."""
    held = (counts > 0) & (masses > 0)
    if not held.any():
        return 1.0
    return float(np.sort(masses[masses <= masses[held].min()]).sum())


def _chance_outside(seen: int, walkers: int, mass: float, error: float) -> float:
    """Two-sided chance of so many walkers where the law has `mass`, known to within `error`."""
    from scipy.stats import binom

    most, fewest = min(1.0, mass + error), max(0.0, mass - error)
    above = float(binom.sf(seen - 1, walkers, most))
    below = float(binom.cdf(seen, walkers, fewest))
    return min(1.0, 2 * min(above, below)) if mass > 0 else above
