"""What a grid needs of an equation: drift, tensor, and what follows from them at the cell centres."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from theory.base.arrays import Array, Booleans
from theory.base.errors import InputError, require
from theory.base.rounding import LEAST_NORMAL
from theory.equations.protocol import Equation
from theory.laws import Grid

RANK_TOLERANCE = 1e-8  # of the largest eigenvalue: no grid has stencils for more
SEAM = 1e-6  # of the size of a coefficient: largest jump where a periodic axis closes
OUTSIDE = 1e-8  # of the drift: below it a part outside the range of the noise is rounding
SEAM_LEFT_BY_ROUNDING = 1e-12  # of the largest value at the seam


def carrying_drift(equation: Equation, grid: Grid) -> Array:
    """The field b - div D at the centres, shape (*grid.shape, d): it carries walkers where the noise does not.

    Raises
    ------
    InputError
        If a coefficient is not finite at a centre.
    """
    drift = finite_at_centres(equation.drift(grid.centers), "drift", grid)
    return drift - finite_at_centres(equation.divergence(grid.centers), "divergence of the diffusion tensor", grid)


def transport(equation: Equation, grid: Grid) -> Array:
    """The field v = D^-1 (b - div D) at the centres, shape (*grid.shape, d); pseudo-inverse where D loses rank."""
    tensor = finite_at_centres(equation.tensor(grid.centers), "diffusion tensor", grid)
    return _divided(carrying_drift(equation, grid), tensor)


def transport_at(equation: Equation, points: Array) -> Array:
    """The field of `transport` at `points` (..., d), in their shape."""
    return _divided(equation.drift(points) - equation.divergence(points), equation.tensor(points))


def _divided(carried: Array, tensor: Array) -> Array:
    """D^-1 times `carried` (..., d); pseudo-inverse where D loses rank."""
    full = full_rank(tensor)
    if full.all():
        return _solved(tensor, carried)
    velocity = np.empty(carried.shape)
    velocity[full] = _solved(tensor[full], carried[full])
    inverse = np.linalg.pinv(tensor[~full], rcond=RANK_TOLERANCE, hermitian=True)
    velocity[~full] = (inverse @ carried[~full][..., None])[..., 0]
    return velocity


def _solved(tensor: Array, right: Array) -> Array:
    """D^-1 times `right` (..., d) for D positive definite; in the plane eliminated from the larger diagonal."""
    if tensor.shape[-1] != 2:
        return np.asarray(np.linalg.solve(tensor, right[..., None])[..., 0])
    a, b, c = tensor[..., 0, 0], tensor[..., 0, 1], tensor[..., 1, 1]
    first = a >= c
    pivot, other = np.where(first, a, c), np.where(first, c, a)
    top, rest = np.where(first, right[..., 0], right[..., 1]), np.where(first, right[..., 1], right[..., 0])
    share = b / pivot
    last = (rest - share * top) / (other - share * b)
    lead = (top - b * last) / pivot
    return np.stack([np.where(first, lead, last), np.where(first, last, lead)], axis=-1)


def unfitted_drift(equation: Equation, grid: Grid) -> Array:
    """The part of b - div D outside the range of D at the centres, shape (*grid.shape, d).

    Zero where D has full rank, and where the potential is known, since then b - div D = -D grad Phi.

    Raises
    ------
    InputError
        If a coefficient is not finite at a centre.
    """
    outside = np.zeros((*grid.shape, grid.dim))
    if equation.potential(grid.centers) is not None:
        return outside
    tensor = finite_at_centres(equation.tensor(grid.centers), "diffusion tensor", grid)
    lost = ~full_rank(tensor)
    if not lost.any():
        return outside
    eigenvalues, frames = np.linalg.eigh(tensor[lost])
    seen = eigenvalues > RANK_TOLERANCE * np.maximum(eigenvalues[:, -1:], LEAST_NORMAL)
    carried = carrying_drift(equation, grid)[lost]
    along = np.einsum("cji,cj->ci", frames, carried)
    missed = np.einsum("cij,cj->ci", frames, np.where(seen, 0.0, along))
    noticed = np.linalg.norm(missed, axis=1) > OUTSIDE * np.linalg.norm(carried, axis=1)
    outside[lost] = np.where(noticed[:, None], missed, 0.0)
    return outside


def full_rank(tensor: Array) -> Booleans:
    """Whether D has full rank, shape (...): its least eigenvalue is above 1e-8 of the largest."""
    eigenvalues = symmetric_eigenvalues(tensor)
    return np.asarray(eigenvalues[..., 0] > RANK_TOLERANCE * eigenvalues[..., -1])


def symmetric_eigenvalues(matrices: Array) -> Array:
    """Eigenvalues of symmetric matrices (..., d, d), increasing, shape (..., d); by a formula up to d = 2.

    The one of smaller modulus is the determinant over the other, so that it is as accurate as the matrix allows.
    """
    dim = matrices.shape[-1]
    if dim == 1:
        return np.asarray(matrices[..., 0])
    if dim > 2:
        return np.asarray(np.linalg.eigvalsh(matrices), dtype=np.float64)
    a, b, c = matrices[..., 0, 0], matrices[..., 1, 0], matrices[..., 1, 1]
    middle = (a + c) / 2
    far = middle + np.copysign(np.hypot((a - c) / 2, b), middle)
    some = np.where(far != 0, far, 1.0)
    near = a * (c / some) - b * (b / some)
    return np.stack([np.minimum(near, far), np.maximum(near, far)], axis=-1)


def finite_at_centres(values: Array, name: str, grid: Grid) -> Array:
    """`values` at the centres as an array (*grid.shape, ...) of finite numbers.

    Raises
    ------
    InputError
        If they are not finite at a centre.
    """
    values = np.asarray(values, dtype=np.float64)
    if np.isfinite(values).all():
        return values
    broken = ~np.isfinite(values).reshape(grid.size, -1).all(axis=1)
    first = grid.centers.reshape(-1, grid.dim)[int(np.argmax(broken))]
    raise InputError(
        f"the {name} must be finite at every cell centre, got {np.count_nonzero(broken)} cells where it is not, "
        f"first w = ({', '.join(f'{x:.6g}' for x in first)}); check its formula or move the grid"
    )


def check_periodic(equation: Equation, grid: Grid) -> None:
    """Refuse an axis that is periodic where the coefficients are not.

    The potential where it is known, the tensor and the drift are compared on the two faces of each periodic axis,
    at the centres' other coordinates, to 1e-6 of their size on the grid. A potential may have a kink at the seam
    that is no sharper than those it has between cells: then its drift jumps there as it does inside.

    Raises
    ------
    InputError
        If one of them jumps from a face to the other.
    """
    potential = equation.potential(grid.centers)
    for axis in np.flatnonzero(grid.periodic):
        faces = [_face(grid, int(axis), end) for end in (grid.lower[axis], grid.upper[axis])]
        if potential is not None:
            values = [equation.potential(face) for face in faces]
            _refuse_jump(values, np.ptp(potential), "potential", grid, int(axis))
        tensor = equation.tensor(grid.centers)
        _refuse_jump([equation.tensor(face) for face in faces], np.abs(tensor).max(), "tensor", grid, int(axis))
        drift = equation.drift(grid.centers)
        kink = 0.0
        if potential is not None:
            kink = max(np.abs(np.diff(drift, axis=k)).max(initial=0.0) for k in range(grid.dim))
        drifts = [equation.drift(face) for face in faces]
        _refuse_jump(drifts, np.abs(drift).max(), "drift", grid, int(axis), kink)


def _face(grid: Grid, axis: int, end: float) -> Array:
    """Points on one face of an axis, at the centres' other coordinates, shape (..., d)."""
    points = grid.centers.take([0], axis).copy()
    points[..., axis] = end
    return points


def _refuse_jump(
    values: Sequence[Array | None], inside: float, name: str, grid: Grid, axis: int, kink: float = 0.0
) -> None:
    below, above = (
        np.asarray(value, dtype=np.float64).reshape(grid.size // grid.shape[axis], -1) for value in values
    )
    with np.errstate(invalid="ignore"):
        jump = np.abs(above - below).max(axis=1)
    worst = int(np.argmax(np.where(np.isfinite(jump), jump, np.inf)))
    size = max(inside, float(np.ptp(np.stack([below, above]), axis=1).max(initial=0.0)))
    rounding = SEAM_LEFT_BY_ROUNDING * float(np.abs(below).max())
    place = ", ".join(f"{x:.6g}" for x in _face(grid, axis, grid.upper[axis]).reshape(-1, grid.dim)[worst])
    low, high = grid.lower[axis], grid.upper[axis]
    require(
        bool(jump[worst] <= max(SEAM * size + rounding, (1 + SEAM) * kink)),
        f"a periodic axis needs periodic coefficients: along axis {axis} the {name} jumps by {jump[worst]:.3g} "
        f"(its size is {inside:.3g}) between w{axis} = {low:g} and w{axis} = {high:g}, at w = ({place}); make it "
        "periodic or take reflecting sides",
    )
