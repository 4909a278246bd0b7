"""Particles that are cooled from the localising prior, through a ladder of temperatures."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from theory.base.arrays import Array
from theory.base.errors import require
from theory.base.progress import progress_bar
from theory.base.rounding import LEAST_NORMAL
from theory.base.showing import as_call
from theory.base.whole_numbers import powers
from theory.learning.ladder import Ladder
from theory.learning.target import LOSS_BELOW, Target, per_divergence
from theory.learning.widths import widths
from theory.models import DatasetModel

FACTOR, LEAST = 3.0, 1.2  # most and least from one inverse temperature to the next
KEPT = 0.5  # share of particles that weights are to leave
SAME = 1e-9  # relative difference of inverse temperatures that are one
START = 0.5  # t K of the 90 % quantile of the prior, at the first one
PRIOR_MOST = 0.9
IDEAL, HASTE = 0.65, 0.3  # acceptance that steps are adapted to, and how fast
SPREAD, FREEDOM = 0.8, 3.0  # of the logarithm of a particle's step about its own length: Student's t
NEARBY = 1e-3  # of a step, over which a curvature is felt
PRECISE = 1e-14  # relative error of a loss
REACH = (1.0, 2.0)  # widths of the prior along flat and other directions: where n beta K is of order 1
FLAT, ROTATIONS = 1e-8, 8  # of the largest curvature, below which a direction is flat; looks at those
FEWEST = 8  # islands, and particles on each


@dataclass(frozen=True)
class Annealing:
    """Islands of particles from the prior, cooled by weights and moved at each temperature.

    At each level t the particles of an island are drawn again with weights exp(-(t' - t) K) and make Hamiltonian
    trajectories that keep exp(-t K): sequential Monte Carlo. From level to level t rises by a factor of three, or
    by less where lambda is above 1.2: such that weights leave half of the particles. The length of
    their steps is drawn anew each time about one that the curvature at the particle suggests, and its density is
    part of the acceptance, so that particles in narrow valleys and in wide crossings all move. No chain needs to
    pass from one to the other: where they are is in the weights. So t may rise far beyond n, and lambda is read
    from the approach of E[t K] over a dozen decades; islands are independent, and their spread is the error.

    Parameters
    ----------
    particles, islands
        Particles of each island, whose bias is of order 1 / particles, and independent islands.
    moves, leaps
        Trajectories at each level, and most leapfrog steps of each. Many particles with few moves say more of
        where they are than few with many; beyond 18 parameters, where nothing is counted, raise both.
    reach
        How far t goes beyond its start, as a factor.

    Raises
    ------
    InputError
        If a number is out of range.

    References
    ----------
    Del Moral, Doucet & Jasra (2006), Sequential Monte Carlo samplers; Bou-Rabee, Carpenter & Marsden (2024), GIST:
    Gibbs self-tuning for locally adaptive Hamiltonian Monte Carlo, for steps as auxiliary variables.
    """

    particles: int = 384
    islands: int = 16
    moves: int = 2
    leaps: int = 8
    reach: float = 1e12

    def __post_init__(self) -> None:
        least = {"particles": FEWEST, "islands": FEWEST, "moves": 1, "leaps": 1}
        for name, fewest in least.items():
            number = getattr(self, name)
            require(
                number >= fewest and number % 1 == 0,
                f"`{name}` must be a whole number, at least {fewest}, got {number}",
            )
        require(
            math.isfinite(self.reach) and self.reach >= FACTOR,
            f"`reach` must be finite and at least {FACTOR:g}, got {self.reach}",
        )

    def __repr__(self) -> str:
        return as_call(self)

    def run(
        self, target: Target, stream: np.random.Generator, progress: bool | None = None
    ) -> tuple[Ladder, float, float]:
        """The ladder, one of whose levels is n beta, the acceptance and the step at its end.

        Raises
        ------
        InputError
            If the landscape is the loss of data, whose noise is all that low temperatures show; if the prior has
            a wall; or if a particle finds a loss below that at w*.
        """
        require(
            not isinstance(target.landscape, DatasetModel),
            "Annealing goes to temperatures at which the loss of data shows their noise; take "
            "LikelihoodRatio(model, at) if the data are true to `at`, else MALA()",
        )
        require(
            math.isinf(target.localization.radius),
            "Annealing knows no wall; take MALA(), or a localization without radius",
        )
        cloud = _Cloud.drawn(target, self, stream)
        warm = target.inverse_temperature
        first = -powers(FACTOR, warm * cloud.quantile() / START)
        number = powers(FACTOR, self.reach) + 1
        resolved = abs(target.lowest) / per_divergence(target.landscape) * PRECISE
        below = resolved + target.fall / warm  # of K: what rounding and a w* beside the minimum hide
        while number > 1 and warm * FACTOR ** (first + number) * below > LOSS_BELOW:
            number -= 1
        level, last = warm * FACTOR**first, warm * FACTOR ** (first + number - 1) * (1 + SAME)
        levels, energies = [], []
        with np.errstate(all="ignore"), progress_bar(number, progress) as count:
            while level <= last:
                cloud.cool(level, stream)
                for _ in range(self.moves):
                    cloud.move(stream)
                levels.append(level)
                energies.append(cloud.energies())
                colder = level * _factor(float(np.mean(level * cloud.k)))
                if level * (1 + SAME) < warm <= colder * (1 + SAME):
                    colder = warm  # n beta itself is a level
                done = [math.log(one / levels[0]) / math.log(FACTOR) for one in (level, min(colder, last))]
                count(int(done[1]) - int(done[0]))
                level = colder
            count(1)
        return Ladder(np.array(levels), np.array(energies)), cloud.acceptance, math.exp(cloud.log_step)


@dataclass
class _Cloud:
    """Particles z (n, d) with K (n,) and its slope (n, d) at the inverse temperature t, n in islands.

    `constants` are logarithms of the islands' normalising constants.
    """

    target: Target
    sampler: Annealing
    axes: Array
    holds: Array
    z: Array
    k: Array
    slope: Array
    constants: Array
    t: float = 0.0
    log_step: float = 0.0
    acceptance: float = 0.0

    @staticmethod
    def drawn(target: Target, sampler: Annealing, stream: np.random.Generator) -> _Cloud:
        """From the localising prior."""
        axes, strengths = _localized(target)
        lengths = 1 / np.sqrt(1 + strengths)
        axes, holds = axes * lengths, strengths * lengths**2
        number = sampler.islands * sampler.particles
        z = stream.standard_normal((number, len(holds))) / np.sqrt(holds)
        empty, none = np.empty(0), np.zeros(sampler.islands)
        cloud = _Cloud(target, sampler, axes, holds, z, empty, empty, none)
        with np.errstate(all="ignore"):
            cloud.k, cloud.slope = cloud.at(z)
        known = np.isfinite(cloud.k)
        require(bool(known.mean() > START), "the loss must be finite around `at`; localize more strongly")
        cloud.k = np.where(known, cloud.k, np.inf)
        return cloud

    def at(self, z: Array) -> tuple[Array, Array]:
        """K and its slope in z at places z (n, d)."""
        points = np.ascontiguousarray((self.target.centre + z @ self.axes.T).T)
        out = np.empty((1 + z.shape[1], len(z)))
        self.target.kernel[0](points, out)
        scale = self.target.inverse_temperature / self.target.sharpness
        return (out[0] - self.target.lowest) / scale, out[1:].T @ self.axes / scale

    def quantile(self) -> float:
        """Of K over the prior."""
        return max(float(np.quantile(self.k, PRIOR_MOST)), LEAST_NORMAL)

    def energies(self) -> Array:
        """Of each island what it adds to the mean of t K, shape (islands,): their mean is the estimate.

        Islands count by their normalising constants, which frees the estimate of most of the bias of few
        particles (Verge et al. 2015, On parallel implementation of sequential Monte Carlo methods).

        Raises
        ------
        InputError
            If K is below 0.
        """
        lower = -float(self.k.min()) * self.t
        require(
            lower <= LOSS_BELOW,
            f"`at` must be a minimum, at t = {self.t:.3g} a particle found t K lower by {lower:.3g}; start from "
            "that minimum, localize more strongly, or take a smaller `reach`",
        )
        means = (self.t * self.k).reshape(self.sampler.islands, -1).mean(axis=1)
        shares = np.exp(self.constants - self.constants.max())
        shares /= shares.sum()
        mean = shares @ means
        return np.asarray(mean + len(means) * shares * (means - mean))

    def cool(self, t: float, stream: np.random.Generator) -> None:
        """Draw the particles of each island again, with the weights of the next temperature."""
        islands, particles = self.sampler.islands, self.sampler.particles
        logs = -(t - self.t) * self.k.reshape(islands, particles)
        most = logs.max(axis=1, keepdims=True)
        shares = np.cumsum(np.exp(logs - most), axis=1)
        self.constants = self.constants + most[:, 0] + np.log(shares[:, -1])
        shares /= shares[:, -1:]
        marks = (np.arange(particles) + stream.random((islands, 1))) / particles
        chosen = [np.searchsorted(share, mark) for share, mark in zip(shares, marks, strict=True)]
        places = np.minimum(chosen, particles - 1) + particles * np.arange(islands)[:, None]
        self.z, self.k, self.slope = (part[places.ravel()] for part in (self.z, self.k, self.slope))
        self.t = t

    def own_step(self, z: Array, k: Array, slope: Array, along: Array) -> Array:
        """Logarithm of the step that the curvature at particles suggests, felt along the slope and `along`."""
        hold = float(self.holds.max())
        steep = hold + self.t * (slope**2).sum(axis=1) / np.maximum(2 * k, LEAST_NORMAL)
        near = NEARBY / np.sqrt(steep)[:, None]
        bend = (self.at(z + near * along)[1] - slope) / near
        felt = self.t * np.sqrt((bend**2).sum(axis=1))
        return np.asarray(self.log_step - np.log(np.fmax(steep, felt)) / 2)

    def move(self, stream: np.random.Generator) -> None:
        """One trajectory of each particle."""
        shape = self.z.shape
        along, push = stream.standard_normal(shape), stream.standard_normal(shape)
        usual = self.own_step(self.z, self.k, self.slope, along)
        log_step = usual + SPREAD * stream.standard_t(FREEDOM, len(usual))
        step = np.exp(log_step)[:, None]
        before = self._energy(self.z, self.k, push)
        z, k, slope = self.z, self.k, self.slope
        for _ in range(int(stream.integers(1, self.sampler.leaps + 1))):
            push = push - step / 2 * (self.t * slope + self.holds * z)
            z = z + step * push
            k, slope = self.at(z)
            push = push - step / 2 * (self.t * slope + self.holds * z)
        gain = before - self._energy(z, k, push)
        gain += _log_density(log_step - self.own_step(z, k, slope, along)) - _log_density(log_step - usual)
        chance = np.where(np.isfinite(gain), np.exp(np.minimum(gain, 0.0)), 0.0)
        taken = stream.random(len(chance)) < chance
        self.z = np.where(taken[:, None], z, self.z)
        self.k = np.where(taken, k, self.k)
        self.slope = np.where(taken[:, None], slope, self.slope)
        self.acceptance = float(chance.mean())
        self.log_step += (self.acceptance - IDEAL) * HASTE

    def _energy(self, z: Array, k: Array, push: Array) -> Array:
        return np.asarray(self.t * k + ((self.holds * z**2) + push**2).sum(axis=1) / 2)


def _factor(energy: float) -> float:
    """By how much t may rise at a mean t K, which is about lambda, so that enough particles count.

    X = t K is about a gamma variable, so that weights exp(-(r - 1) X) leave the share ((2 r - 1)/r^2)^lambda.
    """
    share = KEPT ** (1 / energy) if energy > LEAST_NORMAL else 0.0
    if share <= (2 * FACTOR - 1) / FACTOR**2:
        return FACTOR
    return max(LEAST, (1 + math.sqrt(1 - share)) / share)


def _localized(target: Target) -> tuple[Array, Array]:
    """Axes (d, d) in units of how far n beta K rises by 1 along them, and the curvature of the prior along each.

    Flat directions share the median of what random rotations of them have: the axes among them are arbitrary, and
    one that lies in the set of minima has no width.
    """
    values, vectors = target.curvatures
    flat = values <= FLAT * max(float(values.max()), 0.0)
    turned = vectors.copy()
    found = []
    for seed in range(ROTATIONS if flat.any() else 1):
        normal = np.random.default_rng(seed).standard_normal((int(flat.sum()),) * 2)
        turned[:, flat] = vectors[:, flat] @ np.linalg.qr(normal)[0]
        found.append(widths(target.rise, turned, target.sharpness * np.where(flat, 0.0, values)))
    lengths = np.median(found, axis=0)
    lengths[flat] = np.median(np.array(found)[:, flat]) if flat.any() else 0.0
    reach = np.where(flat, *REACH)
    own = 1 / reach**2
    return vectors * lengths, target.strengths * lengths**2 if target.given else own


def _log_density(offset: Array) -> Array:
    """Of the logarithm of a step, about its own, up to a constant."""
    return np.asarray(-(FREEDOM + 1) / 2 * np.log1p((offset / SPREAD) ** 2 / FREEDOM))
