"""The place above whose loss losses are counted: a minimum, also where the Hessian does not decide."""

from __future__ import annotations

import pytest

from compare.slope import LossMinimum
from theory import InputError, Isotropic, NoisyGradient, ProductModel, SymbolicLandscape
from theory.points import locate_minimum


def locate(formula: str, variables: str = "w", given: list[float] | None = None) -> LossMinimum:
    landscape = SymbolicLandscape(formula, variables=tuple(variables))
    return locate_minimum(NoisyGradient(landscape, Isotropic(1.0, len(variables))), given)


NONE = [
    ("x**2/2 - y**4/4", "xy", None),
    ("-w**4", "w", None),
    ("-w**4", "w", [0.0]),
    ("w**3", "w", None),
    ("w**3", "w", [0.0]),
    ("w**3 - 3*w**2 + 3*w - 1", "w", [1.0]),
    ("-(w/1e9)**4", "w", None),
    ("-(w*1e9)**4", "w", None),
    ("5 - (w/1e9)**4", "w", None),
    ("1 - cos(w) - w**2/2", "w", None),
    ("-(w - 5)**4 + 1e4*(w - 5)**6", "w", [5.0]),
    ("(x - y)**2 - (x + y)**4", "xy", None),
    ("x*y*(x**2 + y**2)", "xy", None),
    ("(y - x**2)*(y - 2*x**2)", "xy", None),  # a minimum along every straight line
    ("(y/1e9 - (x/1e9)**2)*(y/1e9 - 2*(x/1e9)**2)", "xy", None),
    ("(x**2 - y**3)*(x**2 - 2*y**3)", "xy", None),
    ("x**4 - 10*x**2*y*z + y**4 + z**4", "xyz", None),
]
DEGENERATE = [
    ("w**4 - w**6/10", "w", None),
    ("w**4 - w**6/10", "w", [0.0]),
    ("w**4 - 1000*w**6", "w", None),
    ("w**6 - w**7", "w", None),
    ("(w/1e9)**4", "w", None),
    ("(w*1e9)**4", "w", None),
    ("1e9 + w**4", "w", None),
    ("cos(w) - 1 + w**2/2", "w", None),
    ("(w**2 - 2)**4", "w", [1.4142135623730951]),
    ("w**4 - 4*w**3 + 6*w**2 - 4*w + 1", "w", [1.0]),
    ("x**2*y**2", "xy", None),
    ("x**2*y**2*(1 - x**2 - y**2)", "xy", None),
    ("x**4 + y**4", "xy", None),
    ("(x*y - 1)**2", "xy", [1.0, 1.0]),
    ("x**2*y**2 - 2*x*y + 1", "xy", [1.0, 1.0]),
    ("(x**2 + y**2 - 1)**2", "xy", [0.5403023058681398, 0.8414709848078965]),
    ("(y - x**2)**2", "xy", None),
    ("(0.6*x + 0.8*y)**2*(1 - 0.8*x + 0.6*y)", "xy", [0.0, 0.0]),
    ("(x*y*z - 1)**2", "xyz", [1.0, 1.0, 1.0]),
]


@pytest.mark.parametrize(("formula", "variables", "given"), NONE)
def test_a_place_from_which_the_loss_falls_is_no_minimum(
    formula: str, variables: str, given: list[float] | None
) -> None:
    with pytest.raises(InputError, match=r"must be a minimum, the loss falls to .* at \[.*\], below .* at \["):
        locate(formula, variables, given)


@pytest.mark.parametrize(("formula", "variables", "given"), DEGENERATE)
def test_a_degenerate_minimum_is_one_whatever_lies_farther_off(
    formula: str, variables: str, given: list[float] | None
) -> None:
    found = locate(formula, variables, given)
    assert not found.regular
    assert found.position.tolist() == pytest.approx(given or [0.0] * len(variables))


def test_a_residual_that_falls_is_no_minimum() -> None:
    """(1 + w^3)^2 is flat at 0 and lower on the left; w^3 alone is at its least there."""
    with pytest.raises(InputError, match="must be a minimum, the loss falls to"):
        locate_minimum(ProductModel("1 + w**3"), [0.0])
    assert locate_minimum(ProductModel("w**3"), [0.0]).position.tolist() == [0.0]


def test_flat_losses_and_kinks_are_named() -> None:
    with pytest.raises(InputError, match=r"must have a minimum, it is flat about \[0.0\]"):
        locate("1")
    for formula, variables, given in (
        ("abs(w) + w**2/2", "w", None),
        ("abs(w) + w**2/2", "w", [0.0]),
        ("abs(x - 1) + y**2 + abs(y)", "xy", [1.0, 0.0]),
    ):
        with pytest.raises(InputError, match="a minimum with a gradient, the loss has a kink at"):
            locate(formula, variables, given)
    with pytest.raises(InputError, match=r"must be a minimum, the gradient at \[2.0\]"):  # control: no kink
        locate("sqrt(1 + (w - 9)**2)", "w", [2.0])
