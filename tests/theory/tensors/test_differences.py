"""Divergences by differences of tensors that a user gives, on fields of any length."""

from __future__ import annotations

import numpy as np
import pytest

from theory.tensors import Constant, Transformed, whole_field
from theory.tensors.differences import divergence_with_error
from theory.tensors.minibatch import covariance_of
from theory.tensors.whole import divergence_of

PLACES = np.linspace(-2, 2, 41)[:, None]


class Rippled:
    """D = 1.5 + sin(w / length) on a line."""

    dim = 1

    def __init__(self, length):
        self.length = length

    def tensor(self, w):
        return (1.5 + np.sin(w / self.length))[..., None]

    def divergence_exactly(self, w):
        return np.cos(w / self.length) / self.length


@pytest.mark.parametrize("length", [1e-5, 3e-4, 1e-2, 1.0, 1e3])
def test_the_error_covers_on_every_length(length):
    ripples, points = Rippled(length), length * PLACES
    field = whole_field(ripples)
    miss = np.abs(field.divergence(points) - ripples.divergence_exactly(points)) * length
    error = field.divergence_error(points) * length
    assert (miss <= error).all()
    assert error.max() < 1e-6


def test_one_step_tells_nothing_of_a_field_that_varies_within_it():
    ripples, points = Rippled(1e-5), 1e-5 * PLACES
    miss = np.abs(divergence_of(ripples, points) - ripples.divergence_exactly(points)) * 1e-5
    assert miss.max() > 0.1  # the control


class Ripples(Rippled):
    """A model whose noise varies on a short length; its loss is flat."""

    def value(self, w):
        return 0 * w[..., 0]

    def gradient(self, w):
        return 0 * w

    def hessian(self, w):
        return 0 * w[..., None]

    def gradient_covariance(self, w):
        return self.tensor(w)


@pytest.mark.parametrize(
    "field",
    [
        covariance_of(Ripples(1e-5)),
        Transformed(Constant(1.0), lambda w: np.sqrt(1.5 + np.sin(w / 1e-5))[..., None]),
    ],
    ids=["covariance of a model", "preconditioned"],
)
def test_noise_of_other_parts_is_differentiated_on_its_length_too(field):
    found, exact = field.divergence(1e-5 * PLACES), Rippled(1e-5).divergence_exactly(1e-5 * PLACES)
    assert np.abs(found - exact).max() * 1e-5 < 1e-7


def test_a_field_that_is_settled_is_asked_with_two_steps_only():
    calls = []

    class Counted(Rippled):
        def tensor(self, w):
            calls.append(len(w))
            return super().tensor(w)

    points = np.linspace(-1, 1, 5)[:, None]
    value, _ = divergence_with_error(Counted(1.0), points)
    assert len(calls) == 9  # two differences of four values, and the size
    assert value == pytest.approx(divergence_of(Rippled(1.0), points), rel=1e-12)


def test_values_do_not_depend_on_the_other_points():
    field, points = whole_field(Rippled(1e-3)), 1e-3 * PLACES
    assert (field.divergence(points)[7] == field.divergence(points[7])).all()
