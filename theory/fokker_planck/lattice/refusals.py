"""When a Fokker-Planck equation on a grid has no stationary law to report."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from theory.base.arrays import Array, Booleans
from theory.base.shares import percent
from theory.equations.protocol import Equation
from theory.fokker_planck.generator import RANK_TOLERANCE, check_tensor, full_rank, unfitted_drift
from theory.fokker_planck.meshes import ROUNDING_IN_VARIATION, coarsening, halved, variation_of_values
from theory.laws import Density, Grid, NoStationaryDensity

LARGEST_SHIFT = 0.5  # total variation between two meshes beyond which neither is believed
SETTLED_SHIFT = 0.02  # below it a slow approach is accepted
SAFETY_OF_SECOND_ORDER = 1.5  # of what second order leaves: the order after it
SAFETY_IN_SPACE = 2.0  # the same on the dozen cells along an axis that space allows: shifts still fall slowly
SLOWEST_RATIO = 0.8  # of successive shifts: 1/4 is second order, 1 a mass that follows the mesh
FOLLOWED = 200  # cells from which curves along the noise are followed
FAINT = 0.05  # of the largest, in its weakest direction: noise that may vanish between the centres
LIKELY = 1e-3  # of the largest density: cells whose noise matters
HOPELESS_PECLET = 10.0  # above it the fitted flux is upwinding, and its meshes do not show its error
EQUAL_DENSITIES = 1e-9  # relative, of two values that may be equal


def refuse_lost_rank(equation: Equation, grid: Grid) -> None:
    """Raise where the noise misses a direction on whole blocks of cells and the drift does not leave its range.

    Walkers then stay on curves. Where the drift leaves the range the law may be unique, and numbers decide:
    `refuse_numerical_law` for the fitted flux, negative mass and meshes for the centred one.

    Raises
    ------
    InputError
        If the tensor is not valid.
    NoStationaryDensity
        If the drift lies in the range of a tensor without full rank on a block of two cells along every axis, and
        noise does not lead out of it.
    """
    tensor = equation.tensor(grid.centers)
    check_tensor(tensor, grid)
    lost = ~full_rank(tensor)
    if not lost.any() or not _has_block(lost):
        return
    kept = lost & ~unfitted_drift(equation, grid).any(axis=-1)
    if not _has_block(kept):
        return
    if _led_out(equation, kept, grid):
        return
    eigenvalues = np.linalg.eigvalsh(tensor[kept])
    rank = int((eigenvalues > RANK_TOLERANCE * eigenvalues[:, -1:]).sum(axis=1).max())
    raise NoStationaryDensity(
        f"no unique stationary density: the diffusion tensor has rank {rank} of {grid.dim} on "
        f"{percent(float(kept.mean()))} of the cells, and the drift b - div D lies in its range there, so that "
        "walkers stay on the integral curves of the range and the law depends on the start; sample paths, ask for "
        "the limit law, or add noise in every direction"
    )


def _led_out(equation: Equation, kept: Booleans, grid: Grid) -> bool:
    """Whether noise of rank 1 leads out of the cells `kept`: curves along it are followed both ways from some.

    To another cell, or a place of full rank; midpoint rule in steps of half a cell, at most twice round the grid.
    """
    if kept.all():
        return False
    starts = grid.centers[kept][:: 1 + np.count_nonzero(kept) // FOLLOWED]
    inside = kept.ravel()
    led = np.zeros(len(starts), dtype=bool)
    for sign in (-1.0, 1.0):
        w, way = starts, sign * np.ones_like(starts)

        def along(points: Array, before: Array) -> Array:
            eigenvalues, frames = np.linalg.eigh(equation.tensor(grid.wrap(points)))
            single = eigenvalues[:, -2:-1] <= RANK_TOLERANCE * eigenvalues[:, -1:]
            ahead = frames[..., -1] * np.where(single, 1.0, 0.0)
            turned = (ahead * before).sum(axis=1, keepdims=True) < 0
            return np.asarray(np.where(turned, -ahead, ahead))

        for _ in range(4 * max(grid.shape)):
            way = along(w, way)
            middle = w + way * grid.spacing.min() / 4
            w = w + along(middle, way) * grid.spacing.min() / 2
            cells, here = grid.locate(w)
            led |= here & (~inside[cells] | full_rank(equation.tensor(grid.wrap(w))))
            w = np.where((here & ~led)[:, None], w, starts)
            if led.all():
                return True
    return False


def _has_block(mask: Booleans) -> bool:
    """Whether `mask` holds on a block of two cells along every axis that has as many."""
    blocks = sliding_window_view(mask, tuple(min(2, n) for n in mask.shape))
    return bool(blocks.all(axis=tuple(range(mask.ndim, blocks.ndim))).any())


def refuse_walls(law: Density, asked: Booleans | None = None) -> None:
    """Refuse a density that is largest on a reflecting side, but for those `asked` for, shape (d, 2).

    Raises
    ------
    NoStationaryDensity
        If it is; it carries the density.
    """
    grid = law.grid
    wall = np.zeros(grid.shape, dtype=bool)
    for axis, (n, periodic) in enumerate(zip(grid.shape, grid.periodic, strict=True)):
        if n > 2 and not periodic:
            sides = np.array([0, -1])
            np.moveaxis(wall, axis, 0)[sides if asked is None else sides[~asked[axis]]] = True
    if wall.any() and not wall.all() and law.values[wall].max() > (1 + EQUAL_DENSITIES) * law.values[~wall].max():
        place = grid.centers[np.unravel_index(np.argmax(np.where(wall, law.values, 0.0)), grid.shape)]
        raise NoStationaryDensity(
            f"the density is largest on a reflecting wall, at w = ({', '.join(f'{x:.4g}' for x in place)}), and "
            f"the wall cells hold {law.mass(wall):.2g} of the mass: the walls, not the equation, keep walkers in; "
            "widen the grid, or ask for walls by boundary=Reflecting()",
            density=law,
        )


def exact_error(law: Density, equation: Equation) -> float | None:
    """The distance of a law with a known potential from exp(-Phi), which is rounding; None without one.

    No mesh is asked: on coarser ones the same law has another sum over the centres, between walls above all.

    Raises
    ------
    NoStationaryDensity
        If the centres leave more than half of the law open between them.
    """
    potential = equation.potential(law.grid.centers)
    if potential is None:
        return None
    known = Density.from_log(law.grid, np.where(law.values > 0, -np.asarray(potential), -np.inf))
    reading = known.reading_error
    if reading > LARGEST_SHIFT:
        raise NoStationaryDensity(
            f"the grid does not resolve the density: {_size(law.grid)} cells leave {reading:.2g} of its mass "
            "open, in parts of cells or at edges between two centres; refine the grid",
            density=law,
        )
    return variation_of_values(law.values, known.values, law.grid) + ROUNDING_IN_VARIATION


def mesh_error(law: Density, shifts: Sequence[float], advice: Callable[[], str]) -> float | None:
    """Error of a second-order law from its shifts to the half grid and from that to the quarter grid.

    Half of the first shift, more where they fall more slowly than at second order; None without a shift.
    `advice` says what a refusal recommends.

    Raises
    ------
    NoStationaryDensity
        If the density moves with the mesh.
    """
    if not shifts:
        return None
    second_order = coarsening(law.grid, halved(law.grid)) ** -2
    ratio = shifts[0] / shifts[1] if len(shifts) > 1 and shifts[1] > 0 else second_order
    creeps = shifts[0] > SETTLED_SHIFT and SLOWEST_RATIO < ratio < 1 / SLOWEST_RATIO
    if shifts[0] > LARGEST_SHIFT or creeps:
        moved = " and ".join(f"{min(shift, 1.0):.2g}" for shift in shifts)
        raise NoStationaryDensity(
            f"the density moves with the mesh: successive halvings of {_size(law.grid)} cells shift it by {moved} "
            f"in total variation; {advice()}",
            density=law,
        )
    if ratio >= 1 / SLOWEST_RATIO:
        return shifts[0]  # the quarter grid resolves nothing and tells no order
    ratio = min(max(ratio, second_order), SLOWEST_RATIO)
    return (SAFETY_IN_SPACE if law.grid.dim == 3 else SAFETY_OF_SECOND_ORDER) * shifts[0] * ratio / (1 - ratio)


def remedy(equation: Equation, law: Density, peclet: float = 0.0) -> str:
    """What a law that moves with the mesh asks for, and why: faint noise, drift that rules, or a narrow law.

    Noise counts where the law has mass: far corners without it have no part in the matter.
    """
    grid = law.grid
    noise = np.linalg.eigvalsh(equation.tensor(grid.centers))
    weakest, strongest = noise[..., 0], float(noise.max())
    if float(weakest.max()) <= RANK_TOLERANCE * strongest:
        return "refine the grid: the noise misses a direction, along which cells alone may give the law its width"
    everywhere = float(weakest.min()) > FAINT * float(weakest.max())
    seen = np.where(law.values >= LIKELY * law.values.max(), weakest, np.inf)
    if not everywhere and float(seen.min()) <= FAINT * float(weakest.max()):
        place = grid.centers[np.unravel_index(int(seen.argmin()), grid.shape)]
        return (
            "refine the grid, or look for a point or curve where the noise vanishes: where the law has mass it is "
            f"weakest at w = ({', '.join(f'{x:.4g}' for x in place)}), {seen.min() / weakest.max():.2g} of its "
            "strongest; noise by the Hessian vanishes nowhere with SmoothAbsolute(width)"
        )
    nowhere = "the noise vanishes nowhere" + ("" if everywhere else " that the law has mass")
    if peclet > HOPELESS_PECLET:
        factor = math.ceil(peclet / HOPELESS_PECLET)
        return (
            f"{nowhere}, but drift rules over cells (Peclet number {peclet:.2g}), which makes "
            f"layers narrower than they are; take about {_size(grid, factor)} cells, stronger noise, or paths"
        )
    number = f", the Peclet number of cells is {peclet:.2g}" if peclet else ""
    cause = "the law is narrower than cells show, or what confines it is weak beside what the mesh adds"
    return f"{nowhere}{number}: {cause}; refine the grid"


def _size(grid: Grid, factor: int = 1) -> str:
    return " x ".join(str(factor * n) for n in grid.cells)
