"""Tables for notebooks: numbers with errors, text escaped, drawings small."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from html_texts import texts_of
from instances import instances

from theory import Density, Ensemble, Estimate, Grid, LearningCoefficient
from theory.base.html import number, sketch, table, vector, with_error


def text_of(html):
    return " | ".join(text for _, text in texts_of(html))


SHOWN = ("Density", "LineDensity", "Ensemble", "LearningCoefficient", "LocalLearningCoefficient")


@pytest.mark.parametrize("kind", SHOWN)
def test_tables_are_whole(kind):
    for one in instances()[kind]:
        html = one._repr_html_()
        assert kind.removeprefix("Line") in text_of(html)
        assert len(html) < 10_000


def test_a_density_tells_its_numbers():
    law = Density.normalised(Grid(0, 4, 4), [0.0, 1.0, 1.0, 0.0], 0.25, cell_averages=False)
    html = law._repr_html_()
    assert "0.25" in text_of(html)
    assert "<svg" in html
    plane = Density.normalised(Grid((0, 0), (1, 1), (2, 2)), np.ones((2, 2)))
    assert "<svg" not in plane._repr_html_()


def test_an_ensemble_tells_who_diverged_and_where_the_others_are():
    text = text_of(Ensemble.from_samples([[1.0], [3.0], [np.nan]])._repr_html_())
    assert "diverged | 1" in text
    assert "2.0 ± 1" in text
    assert "mean" not in text_of(Ensemble.from_samples(np.zeros((3, 9)))._repr_html_())


def test_a_coefficient_is_a_fraction_where_it_is():
    assert "1/2" in text_of(LearningCoefficient(Fraction(1, 2))._repr_html_())


def test_text_is_escaped():
    html = table("<b>", {"<i>": "a & <script>", "left out": None})
    assert "<script>" not in html
    assert "<i>" not in html
    assert "left out" not in html
    assert text_of(html) == "<b> | <i> | a & <script>"


def test_numbers_have_the_digits_that_errors_leave():
    assert with_error(1.23456, 0.012) == "1.235 &plusmn; 0.012"
    assert with_error(1.23456, np.nan) == "1.23456"
    assert with_error(np.inf, np.inf) == "inf &plusmn; inf"
    assert with_error(0.0, 0.1) == "0 &plusmn; 0.1"
    assert number(Estimate(2.0, 0.5)) == "2.00 &plusmn; 0.5"
    assert number(0.1) == "0.1"
    assert vector([1.0, 2.0], [0.1, 0.2]) == "1.00 &plusmn; 0.1, 2.00 &plusmn; 0.2"


def test_sketches_are_small_and_keep_peaks():
    x = np.linspace(0, 1, 100_000)
    drawn = sketch(x, np.where(np.arange(100_000) == 777, 1.0, 0.0))
    assert len(drawn) < 6000
    assert ",4.0" in drawn
    assert "nan" not in sketch(np.zeros(1), np.zeros(1))
