"""SGD's exact law under rules over the root of a mean square, beside integrals over the gradients."""

from __future__ import annotations

import numpy as np
import pytest
from data_laws import uniform
from scipy.stats import norm

from simulate import SGD, Exponential, PreconditionedLangevin, RMSprop, transition_operator
from theory import Density, Grid, InputError, Isotropic, NoisyGradient, SymbolicLandscape

DRIFT, STD, RATE, BETA, HEAT = 0.2, 0.5, 0.05, 0.9, 0.1
SLOPE = NoisyGradient(SymbolicLandscape(f"{DRIFT}*w"), Isotropic(4 * STD**2, 1))  # batches of 4
LINE = Grid(-3.0, 3.0, 40)
PLANE = Grid((-3.0, -0.1), (3.0, 1.5), (40, 16))
SPREAD = 0.5
START = Density.normalised(LINE, np.diff(norm.cdf(LINE.edges[0], scale=SPREAD)), cell_averages=True)
FLOOR = 0.0013  # total variation of a million draws from such laws, in the mean


def normal_gradients():
    """Gradients with chances, by Gauss's rule on panels that halve towards 0."""
    far = 9 * STD * 0.5 ** np.arange(12.0)
    faces = np.concatenate([-far, [0.0], far[::-1]])
    places, weights = np.polynomial.legendre.leggauss(10)
    half = np.diff(faces)[:, None] / 2
    g = (faces[:-1, None] + half * (1 + places)).ravel()
    return g, (half * weights).ravel() * norm.pdf(g, DRIFT, STD)


def integrated(heat, epsilon, steps, rates=(RATE, RATE)):
    """Probabilities of the cells of w after one or two steps on a slope."""
    g, chances = normal_gradients()
    square = (1 - BETA) * g**2
    scale = 1 / (np.sqrt(square) + epsilon)
    way, variance = -rates[0] * scale * g, 2 * rates[0] * heat * scale
    if steps == 2:
        square = (BETA * square[:, None] + square).ravel()
        scale = 1 / (np.sqrt(square) + epsilon)
        way = np.repeat(way, len(g)) - rates[1] * scale * np.tile(g, len(g))
        variance = np.repeat(variance, len(g)) + 2 * rates[1] * heat * scale
        chances = np.outer(chances, chances).ravel()
    spread = np.sqrt(SPREAD**2 + variance)
    return np.diff(norm.cdf((LINE.edges[0][:, None] - way) / spread) @ chances)


def apart(law, cells):
    return float(np.abs(law.probabilities - cells).sum()) / 2


@pytest.mark.parametrize(
    ("rule", "heat"),
    [(RMSprop(BETA), 0.0), (PreconditionedLangevin(HEAT, BETA, 0.001), HEAT)],
    ids=["rmsprop", "psgld"],
)
def test_two_steps_from_rest_have_the_law_of_integrals(rule, heat):
    operator = transition_operator(SLOPE, SGD(RATE, 4, rule=rule), PLANE)
    found = operator.evolve(START, [1, 2])
    both = [integrated(heat, 1e-8 if heat == 0 else rule.epsilon, steps) for steps in (1, 2)]
    for law, cells, other in zip(found, both, both[::-1], strict=True):
        assert apart(law.marginal(0), cells) < min(FLOOR / 5, law.error) + found.outside[-1]
        assert apart(law.marginal(0), other) > 5 * FLOOR  # control: after the other number of steps
    roots = np.maximum(PLANE.edges[1], 0) / np.sqrt(1 - BETA)
    first = np.diff(norm.cdf(roots, DRIFT, STD) - norm.cdf(-roots, DRIFT, STD))
    assert apart(found[0].marginal(1), first) < FLOOR / 5 + found.outside[-1]
    assert apart(found[1].marginal(1), first) > 5 * FLOOR  # control


def test_a_schedule_goes_on_where_the_step_from_rest_ends():
    sgd = SGD(RATE, 4, rule=RMSprop(BETA), schedule=Exponential(1, 0.5))
    found = transition_operator(SLOPE, sgd, PLANE).evolve(START, [0, 2])
    assert apart(found[1].marginal(0), integrated(0.0, 1e-8, 2, (RATE, RATE / 2))) < FLOOR / 5
    assert apart(found[1].marginal(0), integrated(0.0, 1e-8, 2)) > 5 * FLOOR  # control


def test_a_law_on_the_plane_keeps_its_cells():
    start = uniform(PLANE, 0.2, 1.0)
    now, later = transition_operator(SLOPE, SGD(RATE, 4, rule=RMSprop(BETA)), PLANE).evolve(start, [0, 1])
    assert apart(now, start.probabilities) < min(now.error, 1e-2)
    assert apart(later, start.probabilities) > 0.05  # control


def test_too_few_cells_above_zero_are_refused():
    with pytest.raises(InputError, match="at least 8 cells above 0 along its root mean square, got 4"):
        transition_operator(SLOPE, SGD(RATE, 4, rule=RMSprop(BETA)), Grid((-3.0, -1.0), (3.0, 0.5), (40, 12)))
