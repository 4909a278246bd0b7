"""Free energies grow as learning coefficients say; the sampled local coefficient shows them where m = 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log

import numpy as np

from compare.claims import (
    Computed,
    Control,
    Evidence,
    Finding,
    Sampled,
    Source,
    between,
    claim,
)
from compare.pictures import Axis, Panel, Picture, Series
from theory import (
    Estimate,
    Grid,
    LearningCoefficient,
    LocalLearningCoefficient,
    SymbolicLandscape,
    asymptotic_free_energy,
    free_energy,
    learning_coefficient,
    local_learning_coefficient,
    mean_energy,
)

VALLEY, LINE, CROSSING = "w**4", "(w1**2 + w2**2)**2*w1**2", "x**2*y**2"
TITLES = {VALLEY: "$w^4$", LINE: "$(w_1^2 + w_2^2)^2 w_1^2$", CROSSING: "$x^2 y^2$"}
FEW, MANY = 1e4, 1e8  # examples
SAMPLED = (100.0, 1000.0, 10_000.0)
BOUNDED = 0.25  # by how much a bounded term may change from few to many examples
NEAR, PLAIN = 0.05, 0.15  # as parts of lambda: of exact energies, and of sampled ones at few examples


@claim(
    "P11",
    source=Source(
        "Watanabe; Lau, Furman, Wang, Murfet & Wei", 2023, "The local learning coefficient", "arXiv:2308.12108"
    ),
    where="Watanabe (2009), main formulas I and II; Lau et al., section 4",
    statement="The free energy of n examples is n L + lambda log n - (m - 1) log log n + O(1), n E[K] tends to "
    "lambda, and n beta (E[L] - L(w*)) at beta = 1/log n, sampled around w*, estimates lambda.",
    prediction="lambda = 1/4, 1/3, 1/2 and m = 1, 1, 2, from Newton polyhedra; O(1) means .25 from 1e4 to 1e8.",
    quick={"steps": 3000, "chains": 32},
    full={"steps": 20_000, "chains": 64},
)
def learning_coefficients(*, steps: int, chains: int, rng: np.random.Generator) -> Evidence:
    """Free and mean energies by quadrature, and local coefficients by Langevin chains, at three minima."""
    landscapes = {name: SymbolicLandscape(name) for name in TITLES}
    exact = {name: learning_coefficient(one, [0.0] * one.dim) for name, one in landscapes.items()}
    found = {
        name: [
            local_learning_coefficient(one, [0.0] * one.dim, n, rng=rng, steps=steps, chains=chains)
            for n in SAMPLED
        ]
        for name, one in landscapes.items()
    }
    bounded = between(-BOUNDED, BOUNDED)
    double = exact[CROSSING]
    simple = LearningCoefficient(double.value, 1)
    single, crossing = "m = 1", "m = 2"
    findings = [
        *(
            Finding(f"what is left of the free energy of {name} grows by", _left(name, exact[name]), bounded)
            for name in TITLES
        ),
        *(
            Finding(f"n E[K] over lambda of {name}", _energy(name, exact[name]), between(1 - NEAR, 1 + NEAR), when)
            for name, when in ((VALLEY, single), (LINE, single), (CROSSING, crossing))
        ),
    ]
    for name, when in ((VALLEY, single), (CROSSING, crossing)):
        plain = Sampled(found[name][-1].tempered, chains - 1)
        value = float(exact[name].value)
        findings.append(
            Finding(
                f"the sampled n beta (E[L] - L) of {name}",
                plain,
                between((1 - PLAIN) * value, (1 + PLAIN) * value),
                when,
            )
        )
    return Evidence(
        findings,
        [Control(Finding(f"the same of {CROSSING} with m taken as 1", _left(CROSSING, simple), bounded))],
        _picture(landscapes, exact, found),
        [
            Finding(
                "n E[K] falls short of lambda by about (m - 1)/log n",
                _energy(CROSSING, double),
                between(1 - 2 / log(MANY), 1 - 1 / log(MANY)),
            )
        ],
    )


def _grid(landscape: SymbolicLandscape) -> Grid:
    return Grid([-2.0] * landscape.dim, [2.0] * landscape.dim, [100] * landscape.dim)


def _left(name: str, coefficient: LearningCoefficient) -> Computed:
    """By how much the free energy without its two growing terms changes from few to many examples."""
    landscape = SymbolicLandscape(name)
    few, many = (free_energy(landscape, n, _grid(landscape)) for n in (FEW, MANY))
    growth = asymptotic_free_energy(coefficient, MANY) - asymptotic_free_energy(coefficient, FEW)
    return Computed(Estimate(float(many) - float(few) - growth, many.error + few.error))


def _energy(name: str, coefficient: LearningCoefficient) -> Computed:
    """N E[K] over lambda at many examples."""
    landscape = SymbolicLandscape(name)
    found, value = mean_energy(landscape, MANY, _grid(landscape)), float(coefficient.value)
    return Computed(Estimate(float(found) / value, found.error / value))


def _picture(
    landscapes: Mapping[str, SymbolicLandscape],
    exact: Mapping[str, LearningCoefficient],
    found: Mapping[str, Sequence[LocalLearningCoefficient]],
) -> Picture:
    examples = np.geomspace(SAMPLED[0], MANY, 7)
    panels = []
    for name, landscape in landscapes.items():
        value = float(exact[name].value)
        energies = [float(mean_energy(landscape, n, _grid(landscape))) for n in examples]
        ends = np.array([one.interval() for one in found[name]])
        middle, half = ends.mean(axis=1), np.diff(ends)[:, 0] / 2
        plain = [one.tempered for one in found[name]]
        panels.append(
            Panel(
                Axis("examples $n$", logarithmic=True),
                Axis(r"$\lambda$", limits=(0.0, 0.7)),
                [
                    Series.predicted(f"$\\lambda = {exact[name].value}$", examples, np.full(len(examples), value)),
                    Series.predicted(r"$n\,\mathrm{E}[K]$", examples, energies),
                    Series.measured("sampled, carried to large $n$", SAMPLED, middle, half),
                    Series.control("sampled, plain", SAMPLED, np.array(plain), [2 * one.error for one in plain]),
                ],
                TITLES[name],
            )
        )
    return Picture(panels, "Local learning coefficients against the number of examples", share_y=True)
