"""Weak orders of the equations of step rules, over every outcome, with equations that must not have them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from checks import observed_order
from outcomes import mean_of_equation, mean_of_signs, mean_of_steps
from scipy.stats import chi2, norm

from simulate import SGD, Adam, AdamW, RMSprop, Sign
from theory import (
    CallableLandscape,
    Isotropic,
    Langevin,
    NoisyGradient,
    ProductModel,
    SymbolicLandscape,
    langevin_limit,
)
from theory.base.arrays import Array
from theory.equations import EnlargedLangevin

STD, EPSILON, TIME = 0.5, 0.1, 0.4
BATCH = 3  # examples of a product model
SCALES = np.sqrt(chi2.ppf((np.arange(400) + 0.5) / 400, BATCH))  # the roots of B times S, at equal chances
MODEL = NoisyGradient(SymbolicLandscape("w**2/2 + w**4/8"), Isotropic(STD**2, 1))


def pull(w: Array) -> Array:
    return w + w**3 / 2


def rmsprop_step(h: float, rho: float) -> Callable[[Array, float, int], Array]:
    """V <- v + h rho (g^2 - v), w <- w - h g / (sqrt(v) + epsilon)."""

    def step(y: Array, z: float, number: int) -> Array:
        w, v = y.T
        g = pull(w) + STD * z
        v = v + h * rho * (g * g - v)
        return np.stack([w - h * g / (np.sqrt(v) + EPSILON), v], axis=1)

    return step


def adam_step(h: float, decay: float) -> Callable[[Array, float, int], Array]:
    """Adam with 1 - beta1 = 2 h and 1 - beta2 = h, bias corrected; the last part is the time."""

    def step(y: Array, z: float, number: int) -> Array:
        w, m, v, t = y.T
        g = pull(w) + STD * z
        m, v = m + 2 * h * (g - m), v + h * (g * g - v)
        count = np.rint(t / h) + 1
        mean, square = m / (1 - (1 - 2 * h) ** count), v / (1 - (1 - h) ** count)
        return np.stack([w - h * (mean / (np.sqrt(square) + EPSILON) + decay * w), m, v, t + h], axis=1)

    return step


RULES: dict[str, tuple[Any, Any, list[float]]] = {  # the rule at a rate, its step, where w and the memory begin
    "RMSprop": (lambda h: RMSprop(1 - h, EPSILON), lambda h: rmsprop_step(h, 1.0), [1.0, 1.0]),
    "Adam": (lambda h: Adam(1 - 2 * h, 1 - h, EPSILON), lambda h: adam_step(h, 0.0), [1.0, 0.5, 0.5, 0.4]),
    "AdamW": (lambda h: AdamW(1 - 2 * h, 1 - h, EPSILON, 0.5), lambda h: adam_step(h, 0.5), [1.0, 0.5, 0.5, 0.4]),
}
OBSERVED: tuple[Callable[[Array], Array], ...] = (lambda y: y[:, 0], lambda y: y[:, 0] ** 2)


def orders(name: str, equation: Callable[[float], Any]) -> list[float]:
    """The order of the error of the means of w and w^2 at a fixed time, of an equation at each rate."""
    _, step, start = RULES[name]
    counts, errors = (2, 4, 6), []
    for count in counts:
        h = TIME / count
        errors.append(
            [
                abs(mean_of_steps(step(h), start, count, f) - mean_of_equation(equation(h), start, TIME, count, f))
                for f in OBSERVED
            ]
        )
    return [observed_order(TIME / np.array(counts), column) for column in zip(*errors, strict=True)]


def changed(sde: EnlargedLangevin, part: int, wrong: Callable[[Array], Array]) -> Langevin:
    """The equation with the drift of one part of y replaced."""

    def extra(y: Array) -> Array:
        drift = sde.drift(y)
        drift[..., part] = wrong(y)
        return drift

    flat = CallableLandscape(
        lambda y: 0 * y[..., 0], lambda y: 0 * y, lambda y: 0 * y[..., None] * y[..., None, :], dim=sde.dim
    )
    return Langevin(flat, sde.diffusion, extra_drift=extra)


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("order", [1, 2])
def test_the_equation_of_a_rule_with_averages_has_its_weak_order(name: str, order: int) -> None:
    found = orders(name, lambda h: langevin_limit(MODEL, SGD(h, 1, rule=RULES[name][0](h)), order))
    assert np.abs(np.array(found) - order).max() < 0.2


def test_with_another_noise_in_the_mean_square_rmsprop_has_no_order() -> None:
    def wrong(h: float) -> Langevin:
        sde = langevin_limit(MODEL, SGD(h, 1, rule=RMSprop(1 - h, EPSILON)))
        assert isinstance(sde, EnlargedLangevin)
        return changed(sde, 1, lambda y: pull(y[..., 0]) ** 2 + 3 * STD**2 - y[..., 1])

    assert max(orders("RMSprop", wrong)) < 0.75


def test_without_its_noise_dependent_drift_the_second_order_of_rmsprop_is_the_first() -> None:
    def wrong(h: float) -> Langevin:
        sde = langevin_limit(MODEL, SGD(h, 1, rule=RMSprop(1 - h, EPSILON)), order=2)
        assert isinstance(sde, EnlargedLangevin)

        def without(y: Array) -> Array:
            root = np.sqrt(y[..., 1])
            share = 3 * pull(y[..., 0]) * STD**2 / (2 * root * (root + EPSILON) ** 2)
            return np.asarray(sde.drift(y)[..., 0] - h * share)

        return changed(sde, 0, without)

    assert max(orders("RMSprop", wrong)) < 1.4


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("kind", ["normal", "product"])
def test_the_equation_of_signs_has_its_weak_order(kind: str, order: int) -> None:
    model: Any = MODEL if kind == "normal" else ProductModel("w + w**3/2", noise_std=STD)
    size = 1 if kind == "normal" else BATCH

    def chance(w: Array) -> Array:
        if kind == "normal":
            return np.asarray(norm.cdf(pull(w) / STD))
        return np.asarray(norm.cdf(np.outer(pull(w), SCALES) / STD).mean(axis=1))

    counts, errors, wrong = np.array([4, 6, 12]), [], []
    for count in counts:
        rate = TIME / count
        sde = langevin_limit(model, SGD(rate, size, rule=Sign()), order)
        plain = langevin_limit(model, SGD(rate, size, rule=()), order)
        exact = mean_of_signs(chance, 0.5, rate, int(count), OBSERVED[1])
        errors.append(abs(exact - mean_of_equation(sde, np.array([0.5]), TIME, int(count), OBSERVED[1])))
        wrong.append(abs(exact - mean_of_equation(plain, np.array([0.5]), TIME, int(count), OBSERVED[1])))
    assert abs(observed_order(1 / counts, errors) - order) < (0.2 if kind == "normal" else 0.35)
    assert abs(observed_order(1 / counts, wrong)) < 0.6  # control: SGD's equation is another
