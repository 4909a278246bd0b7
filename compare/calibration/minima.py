"""Twenty-six minima with known learning coefficients."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise, product

from compare.calibration.coefficient_target import CoefficientTarget
from theory.learning import LearningCoefficient, linear_network_coefficient

AOYAGI = "`linear_network_coefficient`"
TANH = "(h + i^2 + i)/(4 i + 2) of h units, i the largest with i^2 <= h; Aoyagi & Watanabe (2005)"
INPUTS = (-2.0, -1.0, -0.4, 0.5, 1.2, 2.2)  # of tanh units: more absolute values than units
FORMULAS: dict[str, tuple[str, str, Fraction, int]] = {  # family, formula, lambda, multiplicity
    "regular-1": ("regular", "w1**2/2", Fraction(1, 2), 1),
    "regular-3": ("regular", "w1**2/2 + w2**2/2 + w3**2/2", Fraction(3, 2), 1),
    "regular-3-stiff": ("regular", "w1**2/2 + 10*w2**2/2 + 100*w3**2/2", Fraction(3, 2), 1),
    "exponential": ("regular", "exp(w1) - 1 - w1", Fraction(1, 2), 1),
    "quartic": ("quasi-homogeneous", "w1**4", Fraction(1, 4), 1),
    "sextic": ("quasi-homogeneous", "w1**6", Fraction(1, 6), 1),
    "quasi-2-4": ("quasi-homogeneous", "w1**2 + w2**4", Fraction(3, 4), 1),
    "quasi-4-6": ("quasi-homogeneous", "w1**4 + w2**6", Fraction(5, 12), 1),
    "quasi-2-4-6": ("quasi-homogeneous", "w1**2 + w2**4 + w3**6", Fraction(11, 12), 1),
    "crossing-2-2": ("normal crossings", "w1**2*w2**2", Fraction(1, 2), 2),
    "crossing-2-4": ("normal crossings", "w1**2*w2**4", Fraction(1, 4), 1),
    "crossing-4-4": ("normal crossings", "w1**4*w2**4", Fraction(1, 4), 2),
    "crossing-2-2-2": ("normal crossings", "w1**2*w2**2*w3**2", Fraction(1, 2), 3),
    "cusp": ("curves and surfaces", "(w1**2 - w2**3)**2", Fraction(5, 12), 1),
    "three-lines": ("curves and surfaces", "(w1*w2*(w1 + w2))**2", Fraction(1, 3), 1),
    "parabola": ("curves and surfaces", "(w1 - w2**2)**2", Fraction(1, 2), 1),
    "cone": ("curves and surfaces", "(w1**2 + w2**2 - w3**2)**2", Fraction(1, 2), 1),
    "umbrella": ("curves and surfaces", "(w1**2 - w2**2*w3)**2", Fraction(1, 2), 2),
}
NETWORKS: dict[str, tuple[str, tuple[int, ...], int]] = {  # family, widths, rank of the truth
    "deep-linear-1-1-1-true": ("deep linear", (1, 1, 1), 1),
    "deep-linear-1-2-1": ("deep linear", (1, 2, 1), 0),
    "deep-linear-1-2-2-1": ("deep linear", (1, 2, 2, 1), 0),
    "reduced-rank-2-1-2": ("reduced rank", (2, 1, 2), 0),
    "reduced-rank-2-2-2": ("reduced rank", (2, 2, 2), 0),
    "reduced-rank-2-2-2-true": ("reduced rank", (2, 2, 2), 1),
}


def coefficient_targets() -> dict[str, CoefficientTarget]:
    """All by name."""
    every = [_formula(name) for name in FORMULAS]
    every += [_linear(name) for name in NETWORKS]
    every += [_tanh(1, LearningCoefficient(Fraction(1, 2), 2)), _tanh(2, LearningCoefficient(Fraction(2, 3)))]
    return {one.name: one for one in every}


def _names(number: int) -> tuple[str, ...]:
    return tuple(f"w{k + 1}" for k in range(number))


def _formula(name: str) -> CoefficientTarget:
    family, formula, value, multiplicity = FORMULAS[name]
    names = tuple(one for one in _names(3) if one in formula)
    exact = LearningCoefficient(value, multiplicity)
    return CoefficientTarget(name, family, formula, names, (0.0,) * len(names), exact)


def _linear(name: str) -> CoefficientTarget:
    """Half the square of what W_L ... W_1 is off a diagonal of ones, at diagonal factors: the worst parameter."""
    family, widths, rank = NETWORKS[name]
    number, factors = 0, []
    at: list[float] = []
    for inner, outer in pairwise(widths):
        factors.append(
            [[f"w{number + row * inner + column + 1}" for column in range(inner)] for row in range(outer)]
        )
        at += [float(row == column < rank) for row, column in product(range(outer), range(inner))]
        number += inner * outer
    terms = []
    for row, column in product(range(widths[-1]), range(widths[0])):
        entry = " + ".join(_paths(factors, row, column))
        terms.append(f"({entry} - {int(row == column < rank)})**2/2")
    exact = linear_network_coefficient(widths, rank)
    return CoefficientTarget(name, family, " + ".join(terms), _names(number), tuple(at), exact, source=AOYAGI)


def _paths(factors: Sequence[list[list[str]]], row: int, column: int) -> list[str]:
    """The products that an entry of W_L ... W_1 sums."""
    *below, top = factors
    if not below:
        return [top[row][column]]
    return [f"{one}*{rest}" for k, one in enumerate(top[row]) for rest in _paths(below, k, column)]


def _tanh(units: int, exact: LearningCoefficient) -> CoefficientTarget:
    """Units without bias on six inputs, the truth being 0."""
    squares = [
        "(" + " + ".join(f"w{2 * k + 1}*tanh({x:g}*w{2 * k + 2})" for k in range(units)) + ")**2" for x in INPUTS
    ]
    formula = f"({' + '.join(squares)})/{2 * len(INPUTS)}"
    number = 2 * units
    return CoefficientTarget(f"tanh-{units}", "tanh", formula, _names(number), (0.0,) * number, exact, source=TANH)
