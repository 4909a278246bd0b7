"""The lowest of many minima, found from many places, and what is none."""

from __future__ import annotations

import numpy as np
import pytest

from theory import CallableLandscape, InputError, SymbolicLandscape, logistic_regression, with_weight_decay
from theory.points import lowest_minimum


def rng() -> np.random.Generator:
    return np.random.default_rng(3)


TILTED = SymbolicLandscape("(w**2 - 1)**2/4 + w/10")
LOWEST = min(np.roots([1, 0, -1, 0.1]).real, key=lambda w: (w**2 - 1) ** 2 / 4 + w / 10)


def test_the_lower_of_two_wells_is_found_from_many_places_and_not_from_one() -> None:
    found = lowest_minimum(TILTED, 12, rng=rng())
    assert found.position == pytest.approx((LOWEST,), abs=1e-9)
    assert found.sharpness == pytest.approx(3 * LOWEST**2 - 1, rel=1e-9)
    assert found.loss == pytest.approx(float(TILTED.value(np.array([LOWEST]))), rel=1e-12)
    assert lowest_minimum(TILTED, [[0.9]], rng=rng()).position[0] > 0  # control: the basin of the other
    assert lowest_minimum(TILTED, [0.9, -0.8], rng=rng()).position == pytest.approx((LOWEST,), abs=1e-9)


@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e6])
def test_units_do_not_matter(unit: float) -> None:
    def bowl(w):
        return ((w / unit - 1) ** 2 * [1.0, 9.0]).sum(axis=-1) / unit

    def slope(w):
        return 2 * (w / unit - 1) * [1.0, 9.0] / unit**2

    found = lowest_minimum(CallableLandscape(bowl, slope, dim=2), 4, rng=rng(), spread=2 * unit)
    assert found.position == pytest.approx((unit, unit), rel=1e-6)
    assert found.sharpness == pytest.approx(18 / unit**3, rel=1e-4)


def test_a_high_dimension_is_searched_with_little_memory() -> None:
    curvatures = np.linspace(0.5, 3.0, 700)
    bowl = CallableLandscape(
        lambda w: (curvatures * (w - 1) ** 2).sum(axis=-1) / 2, lambda w: curvatures * (w - 1), dim=700
    )
    found = lowest_minimum(bowl, 2, rng=rng())
    assert np.abs(np.array(found.position) - 1).max() < 1e-5
    assert found.sharpness == pytest.approx(3.0, rel=1e-5)
    upside = CallableLandscape(lambda w: -bowl.value(w), lambda w: -bowl.gradient(w), dim=700)
    with pytest.raises(InputError, match="must be a minimum, the gradient is"):
        lowest_minimum(upside, 1, rng=rng())


def test_a_saddle_in_a_high_dimension_is_none_and_crowded_curvatures_are_no_hindrance() -> None:
    """Of 700 curvatures all but a few are one, where Lanczos' method finds no single smallest one."""
    curvatures = np.full(700, 0.01)
    curvatures[:5] = [3.0, 2.0, 1.0, 0.5, 0.2]
    start = np.ones((1, 700))

    def of(ends: np.ndarray) -> CallableLandscape:
        return CallableLandscape(
            lambda w: (ends * w**2).sum(axis=-1) / 2 + w[..., -1] ** 4, lambda w: _slope(ends, w), dim=700
        )

    assert lowest_minimum(of(curvatures), start, rng=rng()).sharpness == pytest.approx(3.0, rel=1e-5)
    curvatures[-1], start[0, -1] = -0.05, 0.0  # descent along all others ends on the saddle
    with pytest.raises(InputError, match=r"the Hessian there has the eigenvalue -0\.05"):
        lowest_minimum(of(curvatures), start, rng=rng())


def _slope(curvatures: np.ndarray, w: np.ndarray) -> np.ndarray:
    found = curvatures * w
    found[..., -1] += 4 * w[..., -1] ** 3
    return found


def test_a_degenerate_minimum_and_a_line_of_them_are_minima() -> None:
    assert abs(lowest_minimum(SymbolicLandscape("w**4"), 3, rng=rng()).position[0]) < 1e-5
    line = lowest_minimum(SymbolicLandscape("(x*y - 1)**2"), 3, rng=rng())
    assert np.prod(line.position) == pytest.approx(1.0, abs=1e-9)


SEPARABLE = np.linspace(-1, 1, 20)[:, None]
FALLS = logistic_regression(SEPARABLE, (SEPARABLE[:, 0] > 0) * 1.0)
FAR = "must be a minimum, a step of Newton's method still goes .* the loss may fall for ever; add decay by"


def test_a_loss_that_falls_for_ever_is_refused_and_has_a_minimum_with_decay() -> None:
    with pytest.raises(InputError, match=FAR):
        lowest_minimum(FALLS, 4, rng=rng())
    held = lowest_minimum(with_weight_decay(FALLS, 0.01), 4, rng=rng())
    assert np.abs(with_weight_decay(FALLS, 0.01).gradient(held.position)).max() < 1e-11


@pytest.mark.parametrize(
    ("formula", "starts", "words"),
    [
        ("-w**4", 3, "must be a minimum"),
        ("-w**2/2", [[0.0]], "the Hessian there has the eigenvalue -1: it is a saddle; take more `starts`"),
        ("w**2", 0, "`starts` must be places, or how many, at least 1, got 0"),
        ("w**2", np.zeros((2, 3)), r"`starts` must be places \(n, 1\), or how many, got shape \(2, 3\)"),
        ("w**2", [[np.nan]], "`starts` must be finite"),
        ("log(w)**2", [[-1.0]], "the loss must be finite at one of the `starts`"),
    ],
)
def test_what_has_no_minimum_there_is_refused(formula: str, starts, words: str) -> None:
    with pytest.raises(InputError, match=words):
        lowest_minimum(SymbolicLandscape(formula), starts, rng=rng())


@pytest.mark.parametrize("spread", [0.0, np.nan])
def test_a_spread_that_is_none_is_refused(spread: float) -> None:
    with pytest.raises(InputError, match="`spread` must be positive and finite"):
        lowest_minimum(TILTED, 2, rng=rng(), spread=spread)
