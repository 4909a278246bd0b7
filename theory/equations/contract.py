"""The parts of the user's own in an equation, tried where it is solved or run."""

from __future__ import annotations

from theory.base.arrays import Array
from theory.base.contracts import Part
from theory.base.packages import module_is_ours
from theory.base.trials import some_of
from theory.equations.langevin import Langevin
from theory.equations.underdamped import Underdamped
from theory.landscapes.compiled import CompiledField
from theory.landscapes.contract import try_landscape
from theory.tensors.contract import try_tensor_field


def try_equation(sde: Langevin | Underdamped, positions: Array) -> None:
    """Refuse an equation of which a part of the user's own breaks its contract at `positions` (n, d).

    Raises
    ------
    InputError
        As `check_landscape` and `check_tensor_field`, or if the extra drift is not vectorised.
    """
    try_landscape(sde.landscape, positions[:, : sde.landscape.dim])
    if not isinstance(sde, Langevin):
        return
    try_tensor_field(sde.diffusion, positions, finite=True)
    extra, points = sde.extra_drift, some_of(positions)
    ours = isinstance(extra, CompiledField) or module_is_ours(getattr(extra, "__module__", None))
    if extra is not None and not ours and len(points):
        Part.of("extra drift", extra).field("", points, (sde.dim,), finite=False)
