"""Deep linear networks: the closed forms of two papers, and products of single numbers."""

from __future__ import annotations

from fractions import Fraction as F
from itertools import product

import pytest

from theory import InputError, LearningCoefficient, linear_network_coefficient


def two_layers(inputs: int, hidden: int, outputs: int, rank: int) -> LearningCoefficient:
    """Aoyagi & Watanabe (2005), theorem 1."""
    m, h, n, r = inputs, hidden, outputs, rank
    if n + r <= m + h and m + r <= n + h and h + r <= m + n:
        odd = (m + h + n + r) % 2
        return LearningCoefficient(
            F(odd - (h + r) ** 2 - m * m - n * n + 2 * (h + r) * (m + n) + 2 * m * n, 8), 1 + odd
        )
    if m + h < n + r:
        return LearningCoefficient(F(h * m - h * r + n * r, 2))
    if n + h < m + r:
        return LearningCoefficient(F(h * n - h * r + m * r, 2))
    return LearningCoefficient(F(m * n, 2))


def test_two_layers_are_reduced_rank_regression():
    for m, h, n in product(range(1, 7), repeat=3):
        for rank in range(min(m, h, n) + 1):
            assert linear_network_coefficient([m, h, n], rank) == two_layers(m, h, n, rank), (m, h, n, rank)
    assert linear_network_coefficient([5, 3, 5]) == LearningCoefficient(F(13, 2), 2)


@pytest.mark.parametrize("layers", range(1, 7))
def test_a_product_of_numbers_is_a_normal_crossing(layers):
    assert linear_network_coefficient([1] * (layers + 1)) == LearningCoefficient(F(1, 2), layers)


def test_regular_models_and_wide_hidden_layers():
    assert linear_network_coefficient([3, 4]) == LearningCoefficient(F(6))
    assert linear_network_coefficient([3, 4], 2) == LearningCoefficient(F(6))
    assert linear_network_coefficient([2, 50, 3]) == LearningCoefficient(F(3))  # as if the matrix were free
    assert linear_network_coefficient([2, 50, 3]) != LearningCoefficient(F(2 * 50 + 50 * 3, 2))  # control: d/2


@pytest.mark.parametrize(("widths", "rank"), [([3], 0), ([3, 0], 0), ([3, 2.5], 0), ([3, 4], 4), ([3, 4], -1)])
def test_refusals(widths, rank):
    with pytest.raises(InputError, match="must be"):
        linear_network_coefficient(widths, rank)
