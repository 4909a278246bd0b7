"""Derivatives by differences of functions that a user gives, on any length."""

from __future__ import annotations

import numpy as np
import pytest

from theory import InputError, check_landscape, check_tensor_field
from theory.landscapes.differences import divergence_with_error, slopes_with_error
from theory.landscapes.function import central_differences
from theory.tensors import Constant, Transformed, whole_field
from theory.tensors.minibatch import covariance_of

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


@pytest.mark.parametrize("length", [1e-8, 1e-6, 1e-5, 3e-4, 1e-2, 1.0, 1e3])
def test_the_error_covers_on_every_length(length):
    ripples, points = Rippled(length), length * PLACES
    field = whole_field(ripples)
    miss = np.abs(field.divergence(points) - ripples.divergence_exactly(points)) * length
    error = field.divergence_error(points) * length
    assert (miss <= error).all()
    assert error.max() < 1e-5


def test_one_step_tells_nothing_of_a_field_that_varies_within_it():
    ripples, points = Rippled(1e-5), 1e-5 * PLACES
    miss = (
        np.abs(central_differences(ripples.tensor, points)[:, 0, :, 0] - ripples.divergence_exactly(points)) * 1e-5
    )
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
    value, _ = divergence_with_error(Counted(1.0).tensor, points)
    assert len(calls) == 9  # two differences of four values, and the size
    assert (value == central_differences(Rippled(1.0).tensor, points)[:, 0, :, 0]).all()


def test_values_do_not_depend_on_the_other_points():
    field, points = whole_field(Rippled(1e-3)), 1e-3 * PLACES
    assert (field.divergence(points)[7] == field.divergence(points[7])).all()


class Waves:
    """A loss 1 - cos(w / length) whose gradient may be off by a part."""

    dim = 1

    def __init__(self, length, off=0.0):
        self.length, self.off = length, off

    def value(self, w):
        return 1 - np.cos(w / self.length)[..., 0]

    def gradient(self, w):
        return (1 + self.off) * np.sin(w / self.length) / self.length

    def hessian(self, w):
        return (1 + self.off) * (np.cos(w / self.length) / self.length**2)[..., None]


class Told(Rippled):
    """A tensor that tells its divergence, which may be off by a part."""

    def __init__(self, length, off=0.0):
        super().__init__(length)
        self.off = off

    def divergence(self, w):
        return (1 + self.off) * self.divergence_exactly(w)


@pytest.mark.parametrize("length", [1e-8, 1e-6, 1e-4, 1e-2, 1.0, 1e4])
@pytest.mark.parametrize(("part", "check"), [(Waves, check_landscape), (Told, check_tensor_field)])
def test_contracts_read_derivatives_on_the_length_of_the_part(part, check, length):
    assert check(part(length), length * PLACES)
    with pytest.raises(InputError, match=r"differences give|sum_j d_j D_ij"):
        check(part(length, off=0.01), length * PLACES)  # the control


def test_a_point_out_of_reach_of_a_wide_step_is_reached_by_a_narrow_one():
    inside = np.array([[1e-5]])
    value, error = slopes_with_error(lambda w: np.where(w > 0, np.sqrt(np.abs(w)), np.nan)[..., 0], inside)
    assert abs(value - 0.5e2 * 10**0.5).max() <= error.max() < 1e-3
