"""The step rules of a study."""

from __future__ import annotations

from compare.study.definition.bounds import NOT_NEGATIVE, POSITIVE, Bounds
from compare.study.definition.scalars import Number
from compare.study.definition.table import Key, by_kind

_SHARE = Bounds(0, 1, below=True)
_BETA1 = "share of the mean gradient that a step keeps"
_BETA2 = "share of the mean square that a step keeps"
_EPSILON = "added to the root of the mean square"
_TEMPERATURE = Key("temperature", Number(NOT_NEGATIVE), "of the noise that samples", unit="that of L")
_ADAM = (
    Key("beta1", Number(_SHARE), _BETA1, 0.9),
    Key("beta2", Number(_SHARE), _BETA2, 0.999),
    Key("epsilon", Number(POSITIVE), _EPSILON, 1e-8, unit="that of the gradient"),
)

RULE = by_kind(
    "What a step makes of the gradient of a batch; one rule or several, in order. A rule that needs no key may be "
    "its name alone.",
    "`clip by value`, `clip by norm`: no more than `limit`; `weight decay`: plus `rate` times w; `sign`, "
    "`rmsprop`, `adam`, `adamw`, `lion`: as published; `langevin` (SGLD), `preconditioned langevin` (pSGLD) and "
    "`hamiltonian` (SGHMC): samplers",
    {
        "clip by value": (Key("limit", Number(POSITIVE), "of every component", unit="that of the gradient"),),
        "clip by norm": (Key("limit", Number(POSITIVE), "of the norm", unit="that of the gradient"),),
        "weight decay": (Key("rate", Number(NOT_NEGATIVE), "times w is added", unit="1 / time"),),
        "sign": (),
        "rmsprop": (
            Key("beta", Number(_SHARE), _BETA2, 0.99),
            Key("epsilon", Number(POSITIVE), _EPSILON, 1e-8, unit="that of the gradient"),
        ),
        "adam": _ADAM,
        "adamw": (*_ADAM, Key("weight_decay", Number(NOT_NEGATIVE), "times w is added, decoupled", 0.01)),
        "lion": (
            Key("beta1", Number(_SHARE), "share of the mean gradient in a step", 0.9),
            Key("beta2", Number(_SHARE), _BETA1, 0.99),
        ),
        "langevin": (_TEMPERATURE,),
        "preconditioned langevin": (
            _TEMPERATURE,
            Key("beta", Number(_SHARE), _BETA2, 0.99),
            Key("epsilon", Number(POSITIVE), _EPSILON, 1e-5, unit="that of the gradient"),
        ),
        "hamiltonian": (
            Key("friction", Number(Bounds(0, 1, above=True)), "1 − the share of the velocity that a step keeps"),
            _TEMPERATURE,
        ),
    },
)
