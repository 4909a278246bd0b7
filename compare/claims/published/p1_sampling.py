"""SGD with a constant rate as a sampler of the posterior."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from compare.claims import (
    Control,
    Difference,
    Evidence,
    Finding,
    MeanOf,
    Source,
    at_least,
    at_most,
    between,
    claim,
    series_of,
)
from compare.pictures import Axis, Panel, Picture, Role, Series
from simulate import SGD, run_sgd
from theory import Constant, NoisyGradient, SymbolicLandscape, full_preconditioner, optimal_learning_rate
from theory.base.arrays import Array, ArrayLike
from theory.formulas import diagonal_preconditioner, normal_divergence, posterior_match

MANDT = Source(
    "Mandt, Hoffman & Blei",
    2017,
    "Stochastic gradient descent as approximate Bayesian inference",
    "https://arxiv.org/abs/1704.04289",
)
BATCH, EXAMPLES, BLOCKS, STEPS = 10, 1000, 20, 200
Matrices = tuple[Array, Array]  # H and C
MILD = np.array([[2.0, 0.5], [0.5, 1.0]]), np.array([[1.0, 0.3], [0.3, 2.0]])
COUPLED = np.array([[2.0, -0.9], [-0.9, 1.0]]), np.array([[1.0, 0.9], [0.9, 2.0]])
UNCOUPLED = np.diag([2.0, 1.0]), np.diag([1.0, 2.0])
FACTORS = (0.8, 1.0, 1.25)  # of the best rate
FREE = "one rate or a full matrix is taken"
DIAGONAL = "a diagonal is taken and H and C are diagonal"
MIXED = "a diagonal is taken and H and C are not"


@claim(
    "P1",
    source=MANDT,
    where="theorems 1 and 2, section 4.2",
    statement="The rate 2 (B/N) d/tr C brings the stationary law of SGD nearest to the posterior, the "
    "preconditioner C^-1 makes it the posterior, and 1/C_kk is the best diagonal one.",
    prediction="KL(SGD || posterior) is least at this rate, with the value of the quadratic theory, and O(rate) "
    "for C^-1; of diagonals 1/C_kk is the best where H and C are diagonal.",
    quick={"walkers": 240_000},
    full={"walkers": 1_000_000},
)
def sampling(*, walkers: int, rng: np.random.Generator) -> Evidence:
    """Divergences of the normal laws with the covariances of walkers, mean over blocks of them."""

    def kl(matrices: Matrices, rate: ArrayLike) -> MeanOf:
        return _divergence(matrices, np.asarray(rate), walkers, rng)

    theory = optimal_learning_rate(*MILD, BATCH, EXAMPLES)
    below, best, above = by_rate = [kl(MILD, factor * theory.learning_rate * np.eye(2)) for factor in FACTORS]
    full = kl(MILD, full_preconditioner(*MILD, BATCH, EXAMPLES).rate)
    partly = kl(MILD, diagonal_preconditioner(*MILD, BATCH, EXAMPLES).rate)
    published, optimised = (
        {
            name: kl(pair, diagonal_preconditioner(*pair, BATCH, EXAMPLES, optimise=better).rate)
            for name, pair in PAIRS.items()
        }
        for better in (False, True)
    )
    higher, posterior = at_least(0.005), at_most(0.005, formula="0 + O(rate)")
    margin = 0.12 * theory.divergence
    expected = between(theory.divergence - margin, theory.divergence + margin, formula="quadratic theory, O(rate)")
    excess = {name: Difference(published[name], optimised[name]) for name in PAIRS}
    return Evidence(
        [
            Finding("KL at the rate 2 (B/N) d/tr C", best, expected, FREE),
            Finding("how much higher it is at 4/5 of the rate", Difference(below, best), higher, FREE),
            Finding("how much higher it is at 5/4 of the rate", Difference(above, best), higher, FREE),
            Finding("KL with the preconditioner C^-1", full, posterior, FREE),
            Finding(
                "KL with 1/C_kk above that of the best diagonal", excess["not coupled"], at_most(0.01), DIAGONAL
            ),
            Finding("KL with 1/C_kk above that of the best diagonal", excess["coupled"], at_most(0.01), MIXED),
        ],
        [Control(Finding("KL with 1/C_kk in the place of C^-1", partly, posterior))],
        Picture(
            [_rates(by_rate, theory.learning_rate), _preconditioners(full, published, optimised)],
            "How far the stationary law of SGD is from the posterior: by its rate, a full preconditioner, and "
            "diagonal ones where the coordinates are apart and where they are coupled.",
        ),
        reasons=[Finding("another diagonal comes nearer to the posterior", excess["coupled"], at_least(0.05))],
    )


PAIRS = {"not coupled": UNCOUPLED, "coupled": COUPLED}


def _divergence(matrices: Matrices, rate: Array, walkers: int, rng: np.random.Generator) -> MeanOf:
    """KL from the law of walkers with this matrix for a rate, started near it."""
    hessian, noise = matrices
    loss = f"{hessian[0, 0] / 2}*x**2 + {hessian[0, 1]}*x*y + {hessian[1, 1] / 2}*y**2"
    near = posterior_match(hessian, noise, BATCH, EXAMPLES, rate)
    start = rng.multivariate_normal(np.zeros(2), near.covariance, walkers)
    model = NoisyGradient(SymbolicLandscape(loss), Constant(noise))
    final = run_sgd(
        model, SGD(1.0, BATCH, preconditioner=tuple(map(tuple, rate.tolist()))), start, steps=STEPS, rng=rng
    ).final
    blocks = np.split(final, BLOCKS)
    return MeanOf(
        np.array([normal_divergence(one.T @ one / len(one), near.posterior_covariance) for one in blocks])
    )


def _rates(found: list[MeanOf], best: float) -> Panel:
    factors = np.linspace(0.6, 1.6, 101)
    theory = [posterior_match(*MILD, BATCH, EXAMPLES, factor * best).divergence for factor in factors]
    series = [Series.predicted("quadratic theory", factors, theory), series_of("SGD", FACTORS, found)]
    return Panel(Axis("rate over $2 (B/N)\\, d/\\mathrm{tr} C$"), Axis("KL(SGD || posterior)"), series, "one rate")


def _preconditioners(full: MeanOf, published: Mapping[str, MeanOf], best: Mapping[str, MeanOf]) -> Panel:
    places = range(1, 3)
    series = [
        series_of("$C^{-1}$", [0], [full]),
        series_of("$1/C_{kk}$", places, list(published.values()), Role.CONTROL),
        series_of("best diagonal", places, list(best.values()), Role.REFERENCE),
    ]
    names = ("full", "apart", "coupled")
    return Panel(Axis("", names=names), Axis("KL(SGD || posterior)"), series, "preconditioners")
