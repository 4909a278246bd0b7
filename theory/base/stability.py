"""How large a gradient step may be for a minimum to hold it."""

from __future__ import annotations


def stability_limit(momentum: float = 0.0) -> float:
    """What learning rate times curvature must stay below, or descent leaves a minimum by itself, without noise.

    2 (1 + mu) for heavy-ball momentum mu, whose step has the eigenvalues z^2 - (1 + mu - x) z + mu = 0 along a
    direction where x is learning rate times curvature: one of them is -1 at the limit. For momentum that
    `looks_ahead`, Nesterov's, z^2 - (1 + mu)(1 - x) z + mu (1 - x) = 0 and the limit is 2 (1 + mu) / (1 + 2 mu).

    References
    ----------
    Polyak (1964), Some methods of speeding up the convergence of iteration methods; Cohen, Kaur, Li, Kolter &
    Talwalkar (2021), Gradient descent on neural networks typically occurs at the edge of stability.
    """
    most = 2 * (1 + float(momentum))
    return most / (1 + 2 * float(momentum)) if getattr(momentum, "looks_ahead", False) else most
