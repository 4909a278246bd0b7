"""SGD's exact law over epochs without replacement."""

from __future__ import annotations

import re
from itertools import permutations

import numpy as np
import pytest
from data_laws import LINE, WIDE, floors, uniform, walked
from sgd_models import seeded

from simulate import SGD, WithoutReplacement, WithReplacement, draw_data, transition_operator
from simulate.transition.invariant import invariant_masses
from simulate.transition.orders import all_orders, number_of_orders
from theory import Grid, InputError

SIX = draw_data(LINE, 6, seeded(6))
SHUFFLED = SGD(0.3, 2, sampling=WithoutReplacement())


@pytest.mark.parametrize(("examples", "batch", "number"), [(4, 1, 24), (5, 2, 30), (6, 6, 1), (6, 4, 15)])
def test_every_order_of_an_epoch_is_followed_once(examples, batch, number):
    found = [((), ())]
    for parents, members in all_orders(examples, batch):
        found = [(*found[p], tuple(m)) for p, m in zip(parents, members.tolist(), strict=True)]
    assert number_of_orders(examples, batch) == len(set(found)) == len(found) == number


def epoch_moments(data, sgd):
    """Stationary mean and second moment at the ends of epochs of q = w, by all permutations: affine maps."""
    square, product, batch = data.x[:, 0] ** 2, data.x[:, 0] * data.y, sgd.batch_size
    maps = []
    for order in permutations(range(len(data))):
        a, b = 1.0, 0.0
        for begin in range(0, len(data), batch):
            some = list(order[begin : begin + batch])
            slope, shift = 1 - sgd.learning_rate * square[some].mean(), sgd.learning_rate * product[some].mean()
            a, b = slope * a, slope * b + shift
        maps.append((a, b))
    a, b = np.array(maps).T
    mean = b.mean() / (1 - a.mean())
    return mean, (2 * mean * (a * b).mean() + (b**2).mean()) / (1 - (a**2).mean())


def test_the_law_at_the_ends_of_epochs_has_the_moments_of_all_permutations():
    grid = Grid(-2.0, 2.0, 16)
    operator = transition_operator(LINE, SHUFFLED, grid, SIX)
    assert (operator.epoch, operator.batches.number, operator.batches.exact) == (3, 90, True)
    other = transition_operator(LINE, SGD(0.3, 2, sampling=WithReplacement()), grid, SIX)
    exact = epoch_moments(SIX, SHUFFLED)
    found, replaced = (moments_at_nodes(one.chain) for one in (operator, other))
    assert found == pytest.approx(exact, rel=1e-6)  # cubics keep them
    assert replaced[1] > 1.3 * exact[1]  # control: with replacement it is another law


def moments_at_nodes(chain):
    """Mean and second moment of the only invariant law, node by node."""
    (found,) = invariant_masses(chain)
    return found.masses @ chain.mesh.nodes, found.masses @ chain.mesh.nodes**2


def test_epochs_are_those_of_walkers():
    operator = transition_operator(LINE, SHUFFLED, WIDE, SIX)
    steps = [3, 30]
    laws = operator.evolve(uniform(WIDE, -3, 3), steps)
    other = transition_operator(LINE, SGD(0.3, 2, sampling=WithReplacement()), WIDE, SIX)
    for seen, law in zip(walked(LINE, SHUFFLED, SIX, steps, WIDE, (-3.0, 3.0)), laws, strict=True):
        assert floors(seen, law) < 1.3
    assert floors(seen, other.evolve(uniform(WIDE, -3, 3), 30)[0]) > 3  # control


def test_a_sample_of_orders_has_an_error_that_covers():
    data, grid = draw_data(LINE, 6, seeded(6)), Grid(-2, 2, 64)
    sgd, start = SGD(0.2, 1, sampling=WithoutReplacement()), uniform(grid, -1, 1)
    all_of_them = transition_operator(LINE, sgd, grid, data)
    some = transition_operator(LINE, sgd, grid, data, orders=40, rng=seeded(1))
    assert (all_of_them.batches.followed, some.batches.followed, some.batches.number) == (720, 40, 720)
    exact, found = (one.evolve(start, [6, 60])[1] for one in (all_of_them, some))
    off = np.abs(exact.probabilities - found.probabilities).sum() / 2
    assert 3 * exact.error < off < found.error + exact.error  # the sample decides, and its error covers


def test_what_cannot_be_followed_is_refused_with_the_number():
    many = draw_data(LINE, 100, seeded(1))
    for changes, words in [
        ({}, "at most 20000, got 9.3e157 of 100 examples in batches of 1; give `orders` and `rng`"),
        ({"orders": 50}, "a sample of orders needs `rng`, got none"),
        ({"orders": 1, "rng": seeded(1)}, "`orders` must lie between 32 and 20000, got 1"),
    ]:
        with pytest.raises(InputError, match=re.escape(words)):
            transition_operator(LINE, SGD(0.1, 1, sampling=WithoutReplacement()), WIDE, many, **changes)
    with pytest.raises(
        InputError, match=r"`steps` must be whole epochs of 3 steps without replacement, got \[4\]"
    ):
        transition_operator(LINE, SHUFFLED, WIDE, SIX).evolve(uniform(WIDE, -3, 3), 4)
    with pytest.raises(InputError, match=r"`orders` are those of an epoch without replacement, got 5 with"):
        transition_operator(LINE, SGD(0.1, 1, sampling=WithReplacement()), WIDE, SIX, orders=5)
