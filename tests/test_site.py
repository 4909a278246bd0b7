"""The site of the documents knows every public name, and takes docstrings as the plain text that they are."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

import pytest
from repository import ROOT


@pytest.fixture
def extension(monkeypatch: pytest.MonkeyPatch):
    """An extension of the site by its name."""
    monkeypatch.syspath_prepend(str(ROOT / "docs" / "_extensions"))

    def load(name: str) -> ModuleType:
        return import_module(name)

    return load


def test_every_public_name_has_a_line_and_a_page(extension) -> None:
    site = extension("public_names")
    names = site.public_names()
    known = site.targets(names)
    shown = {f"{face}.{name}" for face in site.faces() for name in import_module(face).__all__}
    assert shown <= known.keys()
    assert set(known.values()) - set(site.faces()) == {one.full for one in names}
    assert [one.full for one in names if not one.first_line] == []
    assert len({one.full for one in names}) == len(names) > 300


def test_a_name_that_is_quoted_leads_to_its_page(extension) -> None:
    site = extension("public_names")
    known = site.targets(site.public_names())
    assert site.target_of("run_sgd()", known) == "simulate.run_sgd"
    assert site.target_of("theory.laws.Density.error", known) == "theory.Density.error"
    assert site.target_of("theory.paths.Scheme", known) == "theory.paths.Scheme"
    assert site.target_of("no_such_name", known) is None
    assert site.target_of("evolve", known) is None  # a method in most texts


def test_docstrings_are_plain_text(extension) -> None:
    plain = extension("plain_docstrings").as_restructured
    assert plain("|p - q| of `a_b`s, w*") == "\\|p - q\\| of ``a_b``\\ s, w\\*"
    assert plain("x_1 and ``code``") == "x\\_1 and ``code``"


def test_examples_become_pages(extension) -> None:
    gathered = extension("gather_examples")
    page = gathered.as_page('"""\nFirst |H|\n=========\n\nMore.\n"""\n\nX = 1\n', "some_name")
    assert page.startswith('r"""\nFirst \\|H\\|\n=========\n\nMore.')
    assert page.endswith('"""\n\nX = 1\n')
    notebook = "---\njupytext:\n---\n\n# Tour\n\n```{code-cell} ipython3\n:tags: [x]\ny = 1\n```\n"
    assert gathered.as_document(notebook) == "# Tour\n\n```python\ny = 1\n```\n"


def test_formulas_become_mathml(extension) -> None:
    formula = extension("mathml").tex2mathml(r"\frac{\eta s^2}{2B}", as_block=False)
    assert formula.startswith("<math")
    assert "<mfrac>" in formula
