"""Shares in words: what is nearly nothing or nearly all is not printed as nothing or all."""

import pytest

from theory.base.shares import fraction, percent


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.95, "95%"),
        (0.975, "97.5%"),
        (0.999, "99.9%"),
        (0.99999, "99.999%"),
        (1.0, "100%"),
        (0.0, "0%"),
        (1e-7, "1e-05%"),
        (0.3333, "33%"),
        (0.996, "99.6%"),
    ],
)
def test_a_percentage_keeps_what_it_leaves(share: float, words: str) -> None:
    assert percent(share) == words


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.41667, "0.417"), (1.0, "1"), (0.0, "0"), (0.99999, "0.99999"), (1e-9, "1e-09"), (0.5, "0.5")],
)
def test_a_fraction_keeps_what_it_leaves(share: float, words: str) -> None:
    assert fraction(share) == words


def test_the_last_float_below_one_is_not_one() -> None:
    assert "100" not in percent(1 - 2**-53)
    assert fraction(1 - 2**-53) != "1"
