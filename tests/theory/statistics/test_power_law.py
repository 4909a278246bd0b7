"""Exponents with their intervals, and whether they are constant."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from theory.base import InputError
from theory.statistics import fit_power_law

STEPS = 0.1 / 2.0 ** np.arange(5)


def test_a_power_has_its_exponent_and_no_bend() -> None:
    for errors in (None, 0.1 * STEPS**2):
        law = fit_power_law(STEPS, 3 * STEPS**2, errors)
        assert law.exponent.value == pytest.approx(2, abs=1e-12)
        assert law.bend.value == pytest.approx(0, abs=1e-10)


def test_a_bend_is_the_change_of_the_slope() -> None:
    x = np.log(STEPS)
    law = fit_power_law(STEPS, np.exp(2 * x + 0.05 * x**2), 0.01 * np.exp(2 * x + 0.05 * x**2))
    assert law.bend.value == pytest.approx(0.1 * (x.max() - x.min()), rel=1e-9)


@pytest.mark.parametrize("known", [True, False])
def test_false_alarms_are_those_stated(known: bool) -> None:
    rng, repeats = np.random.default_rng(9), 1000
    alarms = np.zeros(2, dtype=int)
    for _ in range(repeats):
        true, noise = 3 * STEPS**2, rng.standard_normal(5)
        values = true * (1 + 0.08 * noise) if known else true * np.exp(0.2 * noise)
        law = fit_power_law(STEPS, values, 0.08 * true if known else None)
        alarms += np.array([law.exponent.p_value(2.0) < 0.1, law.bend.p_value(0.0) < 0.1])
    assert (binom.cdf(alarms, repeats, 0.1) > 1e-3).all()
    assert (binom.sf(alarms - 1, repeats, 0.1) > 1e-3).all()


@pytest.mark.parametrize(
    ("steps", "values", "errors", "said"),
    [
        (STEPS[:3], STEPS[:3], None, "needs 4 different steps, got 3"),
        (STEPS[:2], STEPS[:2], STEPS[:2] / 9, "needs 3 different steps, got 2"),
        (STEPS, -STEPS, None, "absolute values"),
        (STEPS, STEPS, STEPS, "at most 0.3 of its value, got 1;"),
        (STEPS, STEPS, 0 * STEPS, "must be positive"),
        (STEPS, STEPS[:4], None, "of one length"),
    ],
)
def test_what_has_no_order_is_refused(
    steps: np.ndarray, values: np.ndarray, errors: np.ndarray | None, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        fit_power_law(steps, values, errors)
