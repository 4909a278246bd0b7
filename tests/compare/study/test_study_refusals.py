"""Studies that are wrong: each is refused in one line that names the key, the value found and the remedy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from refused_studies import INF, LINE, NAN, PLANE, REFUSED, with_entry

from compare.study import read_study
from theory.base.errors import InputError
from theory.landscapes.expression import parse_expression


def refusal(table: dict[str, Any]) -> str:
    with pytest.raises(InputError) as caught:
        read_study(table)
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize("table", [LINE, PLANE], ids=["line", "plane"])
def test_what_the_refused_studies_are_made_of_is_accepted(table: dict[str, Any]) -> None:
    read_study(table)


MISSPELT = {
    "sed": "seed",
    "modle": "model",
    "survivl.basin": "survival",
    "model.nois_std": "noise_std",
    "model.loss_scal": "loss_scale",
    "sgd.momentun": "momentum",
    "sgd.sampling_": "sampling",
    "start.unifrom": "uniform",
    "noise.kin": "kind",
    "grid.periodc": "periodic",
    "data.exampels": "examples",
    "langevin.substep": "substeps",
    "posterior.bta": "beta",
    "survival.basins": "basin",
}


@pytest.mark.parametrize(("place", "meant"), MISSPELT.items())
def test_an_unknown_key_is_named_with_the_nearest(place: str, meant: str) -> None:
    message = refusal(with_entry(LINE, place, {"basin": [0, 1]} if place == "survivl" else 1))
    assert f"`{place.split('.')[0 if place == 'survivl.basin' else -1]}`" in message
    assert f"did you mean {meant!r}?" in message


def test_a_key_of_another_kind_is_said_to_be_one() -> None:
    bare = LINE | {"model": {"landscape": "w**2/2", "noise_std": 1.0}, "noise": {"kind": "gradient", "std": 1.0}}
    assert "no key `noise_std` in [model] here; it belongs to tables with `q`, this one is another" in refusal(
        bare
    )
    noise = {"kind": "gradient", "std": 1.0, "temperature": 0.1}
    assert "no key `temperature` in [noise] here; it belongs to kind `isotropic`, this one" in refusal(
        LINE | {"noise": noise}
    )


@pytest.mark.parametrize(("found", "wanted"), [("learnin_rate", "learning_rate"), ("batchsize", "batch_size")])
def test_a_missing_key_is_named_with_the_misspelt_one(found: str, wanted: str) -> None:
    table = with_entry(with_entry(LINE, f"sgd.{found}", 1), f"sgd.{wanted}", None)
    assert f"needs `{wanted}` in [sgd], it is missing; is {found!r} misspelt?" in refusal(table)


@pytest.mark.parametrize("place", ["name", "grid", "model", "sgd", "start", "grid.cells", "sgd.walkers"])
def test_a_missing_entry_is_named(place: str) -> None:
    assert "it is missing" in refusal(with_entry(LINE, place, None))


@pytest.mark.parametrize(
    ("place", "found", "meant"),
    [
        ("noise.kind", "isotropc", "isotropic"),
        ("sgd.sampling", "without replacment", "without replacement"),
        ("noise", {"kind": "hessian", "scale": 1, "indefinite": "refse"}, "refuse"),
    ],
)
def test_a_misspelt_kind_is_answered_with_the_nearest(place: str, found: Any, meant: str) -> None:
    assert f"did you mean {meant!r}?" in refusal(with_entry(LINE, place, found))


NUMBERS = ["model.noise_std", "model.input_std", "model.loss_scale", "sgd.learning_rate", "sgd.momentum"]
NUMBERS += ["posterior.examples", "posterior.beta"]
WHOLE = ["seed", "sgd.batch_size", "sgd.steps", "sgd.walkers", "data.examples", "langevin.substeps"]


@pytest.mark.parametrize("value", [NAN, INF, -INF, -1.0, True, "0.1", [0.1], 1e300, 1e-300, 10**400], ids=str)
@pytest.mark.parametrize("place", NUMBERS)
def test_a_number_must_be_one_and_in_range(place: str, value: Any) -> None:
    message = refusal(with_entry(LINE, place, value))
    assert f"`{place.split('.')[-1]}`" in message
    assert f"got {value!r}" in message


@pytest.mark.parametrize("value", [-1, 2.0, NAN, True, "3", [3], 10**20], ids=str)
@pytest.mark.parametrize("place", WHOLE)
def test_a_whole_number_must_be_one_and_in_range(place: str, value: Any) -> None:
    message = refusal(with_entry(LINE, place, value))
    assert f"`{place.split('.')[-1]}`" in message
    assert f"got {value!r}" in message


@pytest.mark.parametrize("place", [place for place in WHOLE if place != "seed"])
def test_nothing_can_be_made_of_zero(place: str) -> None:
    assert "got 0" in refusal(with_entry(LINE, place, 0))


FORMULAS = {
    "w +": "does not parse",
    "": "does not parse",
    "w\n*v": "does not parse",
    "w*v": "undeclared variable 'v'",
    "w^2": r"write \*\*",
    "1/0": "zero",
    "w**1000": "exponent",
    "sqrt(w)": "finite on \\[grid\\]",
    "__import__('os').getcwd()": "contains|plain name|undeclared",
    "w.__class__.__mro__[1].__subclasses__()": "no arithmetic",
    "(lambda: w)()": "no arithmetic",
    "[w for w in (1, 2)][0]": "no arithmetic",
    "open('ran', 'w')": "contains|undeclared|no arithmetic",
    "exec('1')": "contains|undeclared|no arithmetic",
    "eval('w')": "contains|undeclared|no arithmetic",
    "w if w else w": "no arithmetic",
    "f'{w}'": "no arithmetic",
    "(v := w)": "no arithmetic",
    "getattr(w, 'x')": "contains|undeclared|no arithmetic",
    "3": "must not vanish",
    "w - w": "must not vanish",
}


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_is_data_and_never_runs(formula: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    table = with_entry(LINE, "model", {"q": formula, "variables": ["w"]})
    with pytest.raises(InputError, match=FORMULAS[formula]) as caught:
        read_study(table)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []
    guessed = with_entry(LINE, "model", {"q": formula})
    with pytest.raises(InputError):
        read_study(guessed)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("table", "place", "value", "words"), REFUSED)
def test_what_cannot_be_is_refused(table: dict[str, Any], place: str, value: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_study(with_entry(table, place, value))


@pytest.mark.parametrize(
    ("matrix", "words"),
    [
        ([[0.1, 0.0], [0.0, 0.0]], "must not be singular, got the eigenvalue 0"),
        ([[1.0, 2.0], [0.0, 1.0]], "must be symmetric"),
        ([[1.0, 2.0], [2.0, 1.0]], "no negative eigenvalue, got -1"),
        ([[1.0, NAN], [NAN, 1.0]], "finite"),
        ([[1.0, 0.0]], "must be 2 x 2"),
        ([[1.0], [0.0, 1.0]], "rows of one length"),
        ([[True, False], [False, True]], "finite numbers"),
        (0.1, "a list of lists"),
    ],
)
def test_a_noise_matrix_must_be_a_diffusion_tensor(matrix: Any, words: str) -> None:
    message = refusal(with_entry(PLANE, "noise", {"kind": "constant", "matrix": matrix}))
    assert "`matrix` in [noise]" in message
    assert words in message


def test_noise_must_be_a_covariance_in_every_cell_before_anything_runs() -> None:
    saddle = with_entry(PLANE, "model.landscape", "x**2/2 - y**2 + y**4")
    hessian = refusal(with_entry(saddle, "noise", {"kind": "hessian", "scale": 0.1}))
    assert 'indefinite = "absolute"' in hessian
    assert "add a constant to L" in refusal(with_entry(saddle, "noise", {"kind": "loss", "scale": 0.1}))


NESTED = [
    ("w**2", "sin(@)", 20, "functions 20 deep"),
    ("w**2", "tanh(w + @)", 20, "functions 20 deep"),
    ("w", "w + abs(@)", 4, "abs, min and max 4 deep"),
    ("w", "max(w - 1, 2*@)", 4, "abs, min and max 4 deep"),
    ("w", "sqrt(1 + abs(@))", 4, "abs, min and max 4 deep"),
]


@pytest.mark.parametrize(("inner", "form", "most", "words"), NESTED)
def test_functions_of_functions_are_refused_before_their_derivatives_take_minutes(
    inner: str, form: str, most: int, words: str
) -> None:
    formula = inner
    for _ in range(most):
        formula = form.replace("@", formula)
    parse_expression(formula, ["w"])  # control
    with pytest.raises(InputError, match=words):
        parse_expression(form.replace("@", formula), ["w"])
