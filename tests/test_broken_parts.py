"""Parts of a user's own that break their contract are refused at the door in one line with their name."""

from __future__ import annotations

import dataclasses
import math

import doors_of_simulate
import doors_of_theory
import numpy as np
import own_parts
import pytest
import sympy
from broken_parts import (
    LAW,
    LINE,
    NOISY,
    SDE,
    WELL,
    Rising,
    Well,
    below,
    broken,
    fails,
    nothing,
    paths_of,
    sgd_of,
    text,
)

from compare import check_distance, compare_laws, total_variation
from simulate import (
    SGD,
    check_noise,
    check_preconditioner,
    check_rule,
    check_sampling,
    check_schedule,
    run_sgd,
)
from theory import (
    CallableLandscape,
    FokkerPlanck,
    Grid,
    InputError,
    Isotropic,
    Langevin,
    NoisyGradient,
    ProductModel,
    Reflecting,
    SymbolicLandscape,
    check_interpretation,
    check_landscape,
    check_model,
    check_scheme,
    check_tensor_field,
    langevin_limit,
)

DOORS = doors_of_theory.DOORS | doors_of_simulate.DOORS
CASES = [
    pytest.param(base, spoilt, use, id=f"{door}-{label}-{name}")
    for door, (base, parts, uses) in DOORS.items()
    for label, spoilt in parts.items()
    for name, use in uses.items()
]


def one_line(refused):
    message = str(refused.value)
    assert "\n" not in message
    assert len(message) < 900
    return message


@pytest.mark.parametrize(("base", "spoilt", "use"), CASES)
def test_broken_parts_are_refused_in_one_line(base, spoilt, use):
    with pytest.raises(InputError) as refused:
        use(broken(base, spoilt))
    message = one_line(refused)
    assert "Mine" in message
    assert "must" in message or "needs" in message


@pytest.mark.parametrize("door", DOORS)
def test_the_right_part_of_each_door_is_taken(door):
    base, _, uses = DOORS[door]
    for use in uses.values():
        use(broken(base, {}))


def spoilt_distance(**numbers):
    return lambda p, q, *, confidence=0.95: dataclasses.replace(
        total_variation(p, q, confidence=confidence), **numbers
    )


DISTANCES = {
    "raises": fails, "text": text, "None": nothing, "a number": lambda p, q, *, confidence: 0.1,
    "no confidence": lambda p, q: total_variation(p, q),
    "another confidence": lambda p, q, *, confidence: total_variation(p, q, confidence=0.5),
    "negative": spoilt_distance(value=-0.1), "NaN": spoilt_distance(value=math.nan),
    "not 0 of equal laws": spoilt_distance(value=0.2, high=0.5),
    "outside its interval": spoilt_distance(low=0.4, high=0.5),
    "a negative floor": spoilt_distance(noise_floor=-1.0), "text inside": spoilt_distance(grid_error="a"),
    "random": lambda p, q, *, confidence: dataclasses.replace(
        total_variation(p, q, confidence=confidence), high=2 + np.random.default_rng().random()
    ),
}  # fmt: skip


@pytest.mark.parametrize("label", DISTANCES)
def test_broken_distances_are_refused_in_one_line(label):
    for use in (lambda part: compare_laws(LAW, {"law": LAW}, distances={"mine": part}), check_distance):
        with pytest.raises(InputError, match=r"the distance `.*` *must|the distance `.*must") as refused:
            use(DISTANCES[label])
        one_line(refused)


@pytest.mark.parametrize("wrong", [3, "text", None, [1], object(), dict, np.zeros(2)])
def test_what_is_no_part_at_all_is_refused(wrong):
    uses = [
        lambda: compare_laws(LAW, {"law": LAW}, distances={"mine": wrong}),
        lambda: SGD(0.1, 4, sampling=wrong),
        lambda: SGD(0.1, 4, schedule=[wrong]),
        lambda: SGD(0.1, 4, noise=[wrong]),
        lambda: SGD(0.1, 4, rule=[wrong]),
        lambda: Langevin(WELL, wrong),
        lambda: Langevin(WELL, Isotropic(0.3, 1), wrong),
        lambda: sgd_of(wrong),
        lambda: paths_of(SDE, scheme=wrong),
        lambda: langevin_limit(wrong, SGD(0.1, 4)),
        *(
            lambda check=check: check(wrong)
            for check in (check_landscape, check_model, check_tensor_field, check_interpretation, check_sampling,
                          check_schedule, check_noise, check_preconditioner, check_rule, check_distance)
        ),
        lambda: check_scheme(wrong, SDE),
    ]  # fmt: skip
    for use in uses[1 if wrong is dict else 0 :]:
        with pytest.raises(InputError) as refused:
            use()
        one_line(refused)


HARMLESS = {
    "whole numbers": lambda self, w: np.asarray(w, dtype=int) * 0,
    "lists": lambda self, w: (0 * w).tolist(),
    "single precision": lambda self, w: np.zeros(w.shape, dtype=np.float32),
    "numbers as objects": lambda self, w: np.zeros(w.shape).astype(object),
}


@pytest.mark.parametrize("label", HARMLESS)
def test_harmless_answers_are_right(label):
    def steady(self, w):
        return np.ones(np.shape(w)[:-1]).tolist()

    flat = broken(Well, {"value": steady, "gradient": HARMLESS[label]})
    paths = paths_of(Langevin(flat, Isotropic(0.3, 1)))
    plain = paths_of(Langevin(SymbolicLandscape("0*w + 1", "w"), Isotropic(0.3, 1)))
    assert paths.final == pytest.approx(plain.final, abs=1e-12)


def test_functions_of_a_landscape_are_tried_too():
    wrong = CallableLandscape(lambda w: (w**2).sum(axis=-1) / 2, lambda w: 2 * w, dim=1)
    with pytest.raises(InputError, match="`gradient` must be the derivative of `value`, got"):
        sgd_of(NoisyGradient(wrong, Isotropic(0.3, 1)))
    force = CallableLandscape(lambda w: 0 * w[..., 0], lambda w: 2 * w, dim=1)  # no loss is given
    assert np.isfinite(paths_of(Langevin(force, Isotropic(0.3, 1))).final).all()
    right = CallableLandscape(lambda w: (w**2).sum(axis=-1) / 2, lambda w: 1 * w, dim=1)
    assert np.isfinite(sgd_of(NoisyGradient(right, Isotropic(0.3, 1))).final).all()


def test_an_extra_drift_is_vectorised():
    with pytest.raises(InputError, match=r"the extra drift `<lambda>`: .* vectorise"):
        paths_of(Langevin(WELL, Isotropic(0.3, 1), extra_drift=lambda w: w - w.mean(axis=0)))


def test_a_noise_where_it_is_defined_is_not_asked_elsewhere():
    class OnTheRight(Rising):
        def tensor(self, w):
            return np.array(w[..., None])  # negative to the left of 0

    grid = Grid(0.5, 2.0, 40)
    assert FokkerPlanck(Langevin(WELL, OnTheRight()), grid, Reflecting()).stationary().error < 1e-3
    with pytest.raises(InputError, match="`tensor` must be positive semidefinite, got the eigenvalue -"):
        FokkerPlanck(Langevin(WELL, OnTheRight()), LINE)


def test_a_method_with_other_arguments_is_told_how_many():
    class Mine(Well):
        def batch_gradient(self, w):
            return self.gradient(w)

    with pytest.raises(InputError, match=r"`batch_gradient` must take 3 arguments, got batch_gradient\(w\)"):
        run_sgd(Mine(), SGD(0.1, 4), [[0.5]], steps=2, rng=np.random.default_rng(1))


@pytest.mark.parametrize("told", [None, "a", -1.0, math.nan, 1j, [0.5], property(fails)])
def test_a_limit_asks_for_a_variance_that_is_a_number(told):
    shaken = broken(own_parts.Shaken, {"variance": told})
    with pytest.raises(InputError, match="the noise `Mine`: `variance` must be"):
        langevin_limit(NOISY, SGD(0.1, 4, noise=shaken))


def test_a_limit_asks_for_a_definite_preconditioner():
    sde = langevin_limit(NOISY, SGD(0.1, 4, preconditioner=broken(own_parts.Steeper, {"matrix": below})))
    for use in (paths_of, lambda equation: FokkerPlanck(equation, LINE).stationary()):
        with pytest.raises(InputError, match="the preconditioner `Mine`: `matrix` must be positive definite"):
            use(sde)


def test_a_formula_of_the_root_is_taken_where_it_fits():
    def formula(self, variables):
        return sympy.Matrix([[sympy.sqrt(0.3 * (1 + variables[0] ** 2))]])

    plain, compiled = (Langevin(WELL, broken(Rising, more)) for more in ({}, {"root_expressions": formula}))
    assert compiled.compiled is not None
    assert plain.compiled is None
    np.testing.assert_allclose(paths_of(compiled).final, paths_of(plain).final, rtol=1e-12)


def test_a_part_that_cannot_show_itself_serves_all_the_same():
    silent = broken(own_parts.Uniform, {"__repr__": fails})
    assert "Mine object" in repr(SGD(0.1, 4, sampling=silent))
    assert np.isfinite(paths_of(Langevin(broken(Well, {"__repr__": fails}), Isotropic(0.3, 1))).final).all()


def test_answers_are_shown_only_where_they_are_refused():
    """To show the arrays of a block took twenty times as long as its step."""
    shown = []

    class Pair(tuple):
        def __repr__(self):
            shown.append(len(self))
            return "a pair"

    class Rule:
        def update(self, gradient, state, w, rate, step, rng):
            return Pair((gradient, state))

    class Data:
        def examples(self, batch_size, walkers, step, rng):
            return Pair(rng.normal(size=(walkers, batch_size)) for _ in "xy")

    run_sgd(NOISY, SGD(0.1, 4, rule=Rule()), [[0.5]], steps=2, rng=np.random.default_rng(1))
    run_sgd(ProductModel("w"), SGD(0.1, 4, sampling=Data()), [[0.5]], steps=2, rng=np.random.default_rng(1))
    assert shown == []


@pytest.mark.parametrize("name", ["", " ", "two\nlines"])
def test_a_distance_has_a_name(name):
    with pytest.raises(InputError, match="`distances` must have names of one line"):
        compare_laws(LAW, {"law": LAW}, distances={name: total_variation})
