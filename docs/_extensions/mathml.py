"""Formulas as MathML, which browsers set by themselves: no script, nothing fetched, readable without a network."""

from __future__ import annotations

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.util import logging

LOG = logging.getLogger(__name__)


def as_mathml(node: nodes.Node, *, block: bool) -> str:
    """MathML of a formula; one that docutils cannot read is a warning, which stops the build."""
    try:
        return tex2mathml(node.astext(), as_block=block)
    except MathError as error:
        LOG.warning("formula not understood: %s: %s", node.astext(), error, location=node)
        return ""


def visit_math(translator: nodes.NodeVisitor, node: nodes.Node) -> None:
    """A formula in a line."""
    translator.body.append(as_mathml(node, block=False))
    raise nodes.SkipNode


def visit_math_block(translator: nodes.NodeVisitor, node: nodes.Node) -> None:
    """A formula that stands alone; a wide one is scrolled, so that a narrow page keeps its width."""
    translator.body.append(f'<div class="formula">{as_mathml(node, block=True)}</div>\n')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Writes formulas as MathML into pages."""
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_math_block, None))
    app.config.html_math_renderer = "mathml"
    return {"parallel_read_safe": True, "parallel_write_safe": True}
