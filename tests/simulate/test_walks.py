"""Random walks on graphs: exact laws, unbiased estimates, and starts that are not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from simulate import WeightedGraph, excursions, occupation, rings
from theory import InputError

WEIGHTS = np.array([[1.0, 2, 0, 0.5], [2, 0, 3, 0], [0, 3, 0, 1], [0.5, 0, 1, 0]])


def seeded(seed):
    return np.random.default_rng(seed)


@pytest.mark.parametrize(("count", "sites"), [(1, 5), (2, 3), (3, 10), (5, 40)])
def test_the_crossing_of_rings_has_the_weight_of_its_degree(count, sites):
    law = rings(count, sites).stationary
    assert len(law) == 1 + count * (sites - 1)
    assert law.sum() == pytest.approx(1, rel=1e-14)
    assert law[0] == pytest.approx(1 / sites, rel=1e-14)
    np.testing.assert_allclose(law[1:], 1 / (count * sites), rtol=1e-14)


def test_the_law_is_stationary():
    for graph in (WeightedGraph(WEIGHTS), WeightedGraph(csr_array(WEIGHTS)), rings(3, 4)):
        weights = graph.weights.toarray()
        chain = weights / weights.sum(axis=1, keepdims=True)
        np.testing.assert_allclose(graph.stationary @ chain, graph.stationary, atol=1e-15)


def off(found, expected):
    return np.max(np.abs(found.mean - expected) / np.maximum(found.error, 1e-12))


@pytest.mark.parametrize("graph", [rings(3, 10), WeightedGraph(WEIGHTS)], ids=["rings", "weighted"])
def test_occupation_is_unbiased_from_the_stationary_law_only(graph):
    found = occupation(graph, steps=7, walks=40_000, rng=seeded(1))
    assert found.mean.sum() == pytest.approx(1, rel=1e-12)
    assert off(found, graph.stationary) < 5
    biased = occupation(graph, steps=7, walks=40_000, rng=seeded(1), start=0)
    assert off(biased, graph.stationary) > 20


def test_longer_walks_know_more():
    short, long = (occupation(rings(2, 5), steps=n, walks=4000, rng=seeded(2)) for n in (10, 1000))
    assert off(long, rings(2, 5).stationary) < 5
    assert (long.error < short.error / 5).all()


@pytest.mark.parametrize("site", [0, 2])
def test_excursions_have_the_ratios_of_the_law(site):
    for graph in (rings(3, 10), WeightedGraph(WEIGHTS)):
        found = excursions(graph, site, walks=30_000, rng=seeded(3))
        expected = graph.stationary / graph.stationary[site]
        assert found.mean[site] == 1
        assert off(found, expected) < 5
        other = np.arange(graph.sites) != site
        assert np.max(np.abs(found.mean - 1.2 * expected)[other] / found.error[other]) > 5


def test_the_errors_are_those_of_repetitions():
    graph = WeightedGraph(WEIGHTS)
    runs = [occupation(graph, steps=5, walks=200, rng=seeded(s)) for s in range(300)]
    spread = np.std([r.mean for r in runs], axis=0)
    np.testing.assert_allclose(np.mean([r.error for r in runs], axis=0), spread, rtol=0.15)


def test_one_seed_gives_one_result():
    first, again, other = (excursions(rings(2, 6), 0, walks=1000, rng=seeded(s)).mean for s in (4, 4, 5))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: rings(0, 5), "`count` >= 1 and `sites` >= 3, got 0 and 5"),
        (lambda: rings(2, 2), "got 2 and 2"),
        (lambda: WeightedGraph(np.ones((2, 3))), r"square, got shape \(2, 3\)"),
        (lambda: WeightedGraph([[0, 1], [2, 0]]), "symmetric, got entries that differ by 1"),
        (lambda: WeightedGraph([[0, -1], [-1, 0]]), "not negative"),
        (lambda: WeightedGraph(np.eye(3)), "connected, got 3 pieces"),
        (lambda: WeightedGraph([[0.0]]), "connected"),
        (lambda: occupation(rings(2, 5), steps=0, walks=5, rng=seeded(0)), "`steps` must be .* got 0"),
        (lambda: occupation(rings(2, 5), steps=3, walks=1, rng=seeded(0)), "`walks` must be .* got 1"),
        (lambda: excursions(rings(2, 5), 9, walks=5, rng=seeded(0)), "one of 0 to 8, got 9"),
        (lambda: excursions(rings(2, 5), 0, walks=5, rng=1), "must be a numpy Generator, got 1"),
    ],
)
def test_refuses(make, reason):
    with pytest.raises(InputError, match=reason):
        make()
