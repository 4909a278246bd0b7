"""What is said of C = c H at the end of a path."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import sympy

from theory.base.estimate import Estimate
from theory.base.showing import told


class Reason(Enum):
    """Why C is, or is not, proportional to H at the end of a path."""

    PROPORTIONAL = "C = c H"
    RANK = "C and H have different ranks"
    DIRECTION = "C and H have one rank and different directions"
    COVARIANCE_VANISHES = "C vanishes beside H"
    HESSIAN_VANISHES = "H vanishes beside C"
    SIGN = "C = c H with c < 0: the curvature is negative and a covariance is not"


@dataclass(frozen=True)
class Proportionality:
    """The verdict on C = c H along a path w(u) as u decreases to 0.

    There C ~ C0 u^a and H ~ H0 u^b. Proportionality holds if a = b and C0 = c H0 with c > 0.

    Parameters
    ----------
    holds, reason
        The verdict and its reason.
    constant
        The limit of <C, H>/<H, H> with its error: 0 where C vanishes beside H, infinite where H does beside C.
    misfit
        |C0 - <C0, H0>/<H0, H0> H0| / |C0|, the sine of the angle between the leading matrices, with its error.
    covariance_order, hessian_order
        The powers a and b.
    covariance_rank, hessian_rank
        Ranks of C0 and H0.
    exact
        The constant as a number of SymPy where the series was exact, else None.
    """

    holds: bool
    reason: Reason
    constant: Estimate
    misfit: Estimate
    covariance_order: float
    hessian_order: float
    covariance_rank: int
    hessian_rank: int
    exact: sympy.Expr | None = None

    def __repr__(self) -> str:
        return told(
            "Proportionality",
            holds=self.holds,
            reason=self.reason.value,
            constant=self.constant,
            misfit=self.misfit,
            orders=(self.covariance_order, self.hessian_order),
            ranks=(self.covariance_rank, self.hessian_rank),
            exact=self.exact,
        )

    def __str__(self) -> str:
        """One line: verdict, reason and figures."""
        constant = repr(self.constant) if self.exact is None else str(self.exact)
        return (
            f"{'holds' if self.holds else 'fails'}: {self.reason.value}; c = {constant}, misfit "
            f"{float(self.misfit):.3g}, C ~ u^{self.covariance_order:.3g} of rank {self.covariance_rank}, "
            f"H ~ u^{self.hessian_order:.3g} of rank {self.hessian_rank}"
        )
