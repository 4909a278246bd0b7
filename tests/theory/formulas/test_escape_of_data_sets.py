"""SGD on fixed data sets leaves a sharp minimum at published rates, within what data sets differ by."""

from __future__ import annotations

import pytest
from example_files import load

SOME = {
    "sharpness": {1.7: 0.025, 1.8: 0.137, 1.9: 0.292},
    "learning rate": {0.006: 0.0, 0.009: 0.077, 0.012: 0.256},
    "batch size": {10: 0.172, 90: 0.153, 210: 0.09},
    "figure 1": {20: 0.163},
}


@pytest.fixture(scope="module")
def example():
    return load("escape_from_a_sharp_minimum")


@pytest.fixture(scope="module")
def found(example):
    return example.main(sets=8, walkers=300, published=SOME)


def test_published_rates_are_within_the_spread_over_data_sets(example, found):
    assert {name: {x: example.PUBLISHED[name][x] for x in rates} for name, rates in SOME.items()} == SOME
    off = [found[name][x].off(rate) for name, rates in SOME.items() for x, rate in rates.items()]
    assert max(map(abs, off)) < 3


def test_rates_of_other_settings_are_not(found):
    """The control: the rate of one sharpness or learning rate is not that of the next."""
    assert abs(found["sharpness"][1.9].off(SOME["sharpness"][1.7])) > 3
    assert abs(found["learning rate"][0.012].off(SOME["learning rate"][0.006])) > 3


def test_diverged_walkers_are_counted(found):
    assert 0.1 < found["figure 1"][20].diverged < 0.3
