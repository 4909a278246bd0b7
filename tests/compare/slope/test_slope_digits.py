"""Numbers as the tables of slopes print them: as many digits as the errors leave, and no objects of Python."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from slope_studies import FEW, ISOTROPIC, power, regression, slope_table
from slopes import QUICK, RATES, rng

from compare.job import run_slopes
from compare.slope import ByFormula, ByTransitionOperator, loss_slope
from compare.slope.digits import beside, interval_to, last_place, to_place, with_error
from compare.study import read_slope_study
from simulate import SGD
from theory import Grid, LinearRegression


@pytest.mark.parametrize(
    ("number", "error", "words"),
    [
        (1 / 30, 1.23e-9, "0.0333333333 +- 1.2e-09"),
        (1 / 30, 0.0012, "0.0333 +- 0.0012"),
        (1 / 30, 0.0996, "0.03 +- 0.10"),
        (0.733, 0.76, "0.73 +- 0.76"),
        (1.23456e-9, 1e-12, "1.2346e-09 +- 1.0e-12"),
        (-2.5e9, 1.3e7, "-2.500e+09 +- 1.3e+07"),
        (1234.5, 120.0, "1.23e+03 +- 1.2e+02"),
        (0.0, 0.1, "0 +- 0.10"),
        (0.5, 0.0, "0.5 +- 0"),
        (0.5, float("nan"), "0.5 +- nan"),
        (0.25, 1e-30, "0.25000000000000000 +- 1.0e-30"),
    ],
)
def test_a_number_has_the_digits_of_its_error(number: float, error: float, words: str) -> None:
    assert with_error(number, error) == words


def test_intervals_and_predictions_keep_their_width() -> None:
    place = last_place(1.2e-9)
    assert interval_to(1 / 30 - 2.4e-9, 1 / 30 + 2.4e-9, place) == "[0.0333333309, 0.0333333357]"
    assert beside(1 / 30, place) == "0.0333333333"
    assert beside(0.0625, place) == "0.0625"
    assert beside(1 / 30, last_place(0.01)) == "0.0333333"
    assert to_place(1 / 30, None) == "0.0333333"


def test_tables_name_methods_and_fits_in_words() -> None:
    grid = {"lower": [-1.5], "upper": [2.5], "cells": [200]}
    found = run_slopes(read_slope_study(regression(1, "all", grid=grid, **FEW)), threads=1)
    table = found.table()
    assert "stationary loss of SGD by sampling: 200 walkers, 50 looks at each over 200 steps after 600" in table
    assert "stationary loss of SGD by formula, exact" in table
    assert "the transition operator on grids of 400 cells fitted at each rate" in table
    assert "loss / rate fitted by powers 0, 1, 2, 3 of the rate" in table
    assert not re.search(r"By[A-Z]|Grid\(|<|object at|0x", table)
    for low, high in re.findall(r"\[([-0-9.e+]+), ([-0-9.e+]+)\]", table):
        assert low != high
    told = table.count("probability of larger residuals") + table.count("one power less is not enough")
    assert told == 1  # that of sampling alone
    plain = ByTransitionOperator(Grid([-1], [2], [64]))
    assert plain.words.endswith("on a grid of 64 cells from [-1] to [2]")
    assert ByTransitionOperator(lambda rate: Grid([-1], [1], [64])).words.endswith(
        "a grid of its own at each rate"
    )


def test_fits_of_other_powers_and_of_logarithms_are_named() -> None:
    found = run_slopes(read_slope_study(power(2, ["fokker planck"])), threads=1)
    assert re.search(r"loss / rate fitted by powers 0(, \d)+ of the rate\n", found.table())
    box = {"lower": [-1.0, -1.0], "upper": [1.0, 1.0], "cells": [40, 40]}
    table = slope_table({"landscape": "x**2*y**2"}, ["fokker planck"], noise=ISOTROPIC, grid=box)
    words = run_slopes(read_slope_study(table), threads=1).table()
    assert "fitted by S - 0.125 P'(l)/P(l) with l = log(1/rate), P of degree 1, and power" in words


def test_a_statistical_fit_says_how_probable_it_is() -> None:
    model, sgd = LinearRegression(1.0), SGD(0.1, 4)
    sampled = loss_slope(model, sgd, RATES, method=QUICK, rng=rng(1))
    exact = loss_slope(model, sgd, RATES, method=ByFormula())
    assert sampled.extrapolation.independent
    for chance, words in (
        (0.84, "; probability of larger residuals 0.84 with one power less"),
        (0.99999, "; probability of larger residuals 0.99999 with one power less"),
        (0.0, "; one power less is not enough, and what it changes is in the error"),
    ):
        fit = replace(sampled.extrapolation, fit_probability=chance)
        assert f"{fit.form}{words}\n" in replace(sampled, extrapolation=fit).table()
    assert "larger residuals" not in exact.table()
    assert "one power less" not in exact.table()
