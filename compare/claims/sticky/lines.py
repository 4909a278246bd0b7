"""Lines of minima with a most degenerate point at 0, q = (w1^2 + w2^2)^2 w1^power, and SGD along them."""

from __future__ import annotations

import numpy as np

from compare.pictures import Axis, Plane
from simulate import SGD
from theory import Ensemble, Grid, ProductModel

__all__ = ["ORIGINAL", "STEPS", "line_of_minima", "plane_of_walkers"]

ORIGINAL = SGD(0.01, 20)
STEPS = 5000  # of figures 2 to 6


def line_of_minima(power: int) -> ProductModel:
    """The model in the source's convention, plain mean square: minima on w1 = 0."""
    return ProductModel(f"(w1**2 + w2**2)**2*w1**{power}", loss_scale=1.0)


def plane_of_walkers(model: ProductModel, walkers: Ensemble, grid: Grid, title: str = "") -> Plane:
    """Where walkers are at the end, as a density over the loss, whose logarithm is contoured."""
    points = np.stack(np.meshgrid(*grid.axes, indexing="ij"), axis=-1)
    return Plane(
        Axis("$w_1$"),
        Axis("$w_2$"),
        x_centres=grid.axes[0],
        y_centres=grid.axes[1],
        values=walkers.histogram(grid).counts / walkers.walkers / grid.cell_volume,
        title=title,
        decades=3.0,
        contours=np.log10(model.kl(points)),
        points=np.zeros((1, 2)),
    )
