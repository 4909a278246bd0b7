"""Forty laws with exact means."""

from __future__ import annotations

import math

from compare.calibration.target import CalibrationTarget

NORMAL = "normal law: an energy has the mean d/2"
POWER = "E of the energy of w^2k is 1/2k, and energies of different coordinates add"
REGRESSION = "conjugate normal regression, sums in closed form"
WARM = 100  # t of laws exp(-t K)
STIFFEST = 1000.0  # ratio of curvatures
SLOPES, LABELS = (-1.5, -0.5, 0.2, 0.8, 1.4), (0, 0, 1, 0, 1)


FOUND = {  # means by quadrature, 2 to 4 units of the last digit
    "crossing-2-2": 0.3542038277,
    "crossing-2-4": 0.205712397,
    "crossing-4-4": 0.1471347558,
    "crossing-4-2": 0.1882035482,
    "cusp": 0.35703,
    "three-lines": 0.2401,
    "parabola": 0.4983002,
    "deep-linear-1-1-1": 0.3387677762,
    "reduced-rank-2-1": 0.461869126,
    "tanh-1": 0.3745599494,
    "well-warm": -0.2050618949,
    "well-mild": -0.1725527103,
    "well-even": 0.871362908,
    "well-plane": 0.2553365676,
    "logistic-mean": 0.6894136555,
    "logistic-square": 0.9920693908,
    "logistic-plane": -0.2542514868,
    "wall-quartic": 0.3974933,
}


def calibration_targets() -> dict[str, CalibrationTarget]:
    """All by name."""
    every = [
        *_normals(),
        *_regressions(),
        *_powers(),
        *_singular(),
        *_networks(),
        *_wells(),
        *_logistic(),
        *_walls(),
    ]
    return {one.name: one for one in every}


def _names(dim: int) -> tuple[str, ...]:
    return tuple(f"w{k + 1}" for k in range(dim))


def _sum(names: tuple[str, ...], factors: list[float]) -> str:
    return " + ".join(f"{factor:.12g}*{name}**2/2" for name, factor in zip(names, factors, strict=True))


def _normals() -> list[CalibrationTarget]:
    cases = [(dim, 1.0) for dim in (1, 2, 5, 10, 20)] + [(2, 100.0), (5, 100.0), (10, 100.0), (10, STIFFEST)]
    found = []
    for dim, ratio in cases:
        names = _names(dim)
        energy = _sum(names, [ratio ** (k / max(dim - 1, 1)) for k in range(dim)])
        title = f"normal-{dim}" + (f"-stiff-{ratio:g}" if ratio > 1 else "")
        found.append(
            CalibrationTarget(title, "regular", energy, energy, names, (0.0,) * dim, dim / 2, source=NORMAL)
        )
    return found


def _regressions() -> list[CalibrationTarget]:
    """(w1 + w2 - 1)^2 n1/2 + (w1 - 2)^2 n2/2 + |w|^2/2: n1, n2 examples of two inputs, unit noise and prior."""
    found = []
    for first, second in ((4, 2), (40, 5)):
        energy = f"{first}*(w1 + w2 - 1)**2/2 + {second}*(w1 - 2)**2/2 + w1**2/2 + w2**2/2"
        # precision [[first + second + 1, first], [first, first + 1]], right side (first + 2 second, first)
        a, b, c = first + second + 1, first, first + 1
        determinant = a * c - b * b
        mean = (c * (first + 2 * second) - b * first) / determinant
        title = f"regression-{first}-{second}"
        for kind, quantity, exact in (
            ("mean", "w1", mean),
            ("square", "w1**2", mean**2 + c / determinant),
        ):
            found.append(
                CalibrationTarget(
                    f"{title}-{kind}",
                    "posterior",
                    energy,
                    quantity,
                    ("w1", "w2"),
                    (0.0, 0.0),
                    exact,
                    source=REGRESSION,
                )
            )
    return found


def _powers() -> list[CalibrationTarget]:
    formulas = {
        "quartic": ("w1**4", 1 / 4),
        "sextic": ("w1**6", 1 / 6),
        "octic": ("w1**8", 1 / 8),
        "quasi-2-4": ("w1**2 + w2**4", 3 / 4),
        "quasi-4-6": ("w1**4 + w2**6", 5 / 12),
        "quasi-2-4-6": ("w1**2 + w2**4 + w3**6", 11 / 12),
        "quasi-4-4-4-4": ("w1**4 + w2**4 + w3**4 + w4**4", 1.0),
    }
    found = []
    for name, (formula, exact) in formulas.items():
        dim = formula.count("+") + 1
        found.append(
            CalibrationTarget(
                name, "quasi-homogeneous", formula, formula, _names(dim), (0.1,) * dim, exact, source=POWER
            )
        )
    return found


def _tethered(name: str, family: str, divergence: str, dim: int = 2, cells: int = 600) -> CalibrationTarget:
    """T K beside a normal prior of unit variance: the mean is the tempered learning coefficient."""
    names = _names(dim)
    energy = f"{WARM}*({divergence})"
    prior = " + ".join(f"{one}**2/2" for one in names)
    return CalibrationTarget(
        name, family, f"{energy} + {prior}", energy, names, (0.1,) * dim, FOUND[name], (5.5, cells)
    )


def _singular() -> list[CalibrationTarget]:
    crossings = {"2-2": "w1**2*w2**2", "2-4": "w1**2*w2**4", "4-4": "w1**4*w2**4", "4-2": "w1**4*w2**2/4"}
    found = [_tethered(f"crossing-{name}", "normal crossings", formula) for name, formula in crossings.items()]
    found.append(_tethered("cusp", "curves", "(w1**2 - w2**3)**2"))
    found.append(_tethered("three-lines", "curves", "(w1*w2*(w1 + w2))**2"))
    found.append(_tethered("parabola", "curves", "(w1 - w2**2)**2"))
    return found


def _networks() -> list[CalibrationTarget]:
    points = (-2.0, -1.0, -0.4, 0.5, 1.2, 2.2)
    unit = " + ".join(f"(w1*tanh({x:g}*w2))**2/{2 * len(points)}" for x in points)
    return [
        _tethered("deep-linear-1-1-1", "deep linear", "w1**2*w2**2/2"),
        _tethered("reduced-rank-2-1", "reduced rank", "(w1**2 + w2**2)*w3**2/2", dim=3, cells=120),
        _tethered("tanh-1", "tanh", unit),
    ]


def _wells() -> list[CalibrationTarget]:
    found = []
    for name, temperature, tilt in (("warm", 0.2, 0.05), ("mild", 0.1, 0.02), ("even", 0.1, 0.0)):
        energy = f"((w1**2 - 1)**2/4 + {tilt:g}*w1)/{temperature:g}"
        quantity = "w1" if tilt else "w1**2"
        title = f"well-{name}"
        found.append(
            CalibrationTarget(title, "double well", energy, quantity, ("w1",), (1.0,), FOUND[title], (3.5, 4000))
        )
    energy = "((w1**2 - 1)**2/4 + w2**2/2 + w1*w2/4)/0.2"
    names, start, exact = ("w1", "w2"), (1.0, 0.0), FOUND["well-plane"]
    found.append(CalibrationTarget("well-plane", "double well", energy, "w2**2", names, start, exact, (4.0, 800)))
    return found


def _logistic() -> list[CalibrationTarget]:
    line = " + ".join(f"log(1 + exp({x:g}*w1)) - {y}*({x:g}*w1)" for x, y in zip(SLOPES, LABELS, strict=True))
    plane = " + ".join(
        f"log(1 + exp({x:g}*w1 + w2)) - {y}*({x:g}*w1 + w2)" for x, y in zip(SLOPES, LABELS, strict=True)
    )
    cases = {
        "logistic-mean": (f"{line} + w1**2/2", "w1", ("w1",), 4000),
        "logistic-square": (f"{line} + w1**2/2", "w1**2", ("w1",), 4000),
        "logistic-plane": (f"{plane} + w1**2/2 + w2**2/2", "w1*w2", ("w1", "w2"), 800),
    }
    return [
        CalibrationTarget(
            name, "posterior", energy, quantity, names, (0.0,) * len(names), FOUND[name], (8.0, cells)
        )
        for name, (energy, quantity, names, cells) in cases.items()
    ]


def _walls() -> list[CalibrationTarget]:
    cases = {
        "wall-normal": ("w1**2/2", math.sqrt(2 / math.pi), 9.0, "half a normal law has the mean sqrt(2/pi)"),
        "wall-slope": ("w1", 1.0, 40.0, "the exponential law"),
        "wall-quartic": ("w1**4 + w1", FOUND["wall-quartic"], 4.0, "quadrature"),
    }
    return [
        CalibrationTarget(name, "wall", energy, "w1", ("w1",), (0.5,), exact, (half, 4000), True, source)
        for name, (energy, exact, half, source) in cases.items()
    ]
