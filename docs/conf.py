"""The site of the documents, built by `make docs`."""

from __future__ import annotations

import os
import sys
from importlib.metadata import version as version_of
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_extensions")]

from gather_examples import gather, gather_notebooks  # noqa: E402

gather_notebooks(HERE.parent / "examples" / "notebooks", HERE / "notebooks")

project = "gibbsgap"
author = copyright = "The gibbsgap developers"
release = version = version_of("gibbsgap")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "cyclopts.ext.sphinx",
    "sphinx_copybutton",
    "sphinx_codeautolink",
    "sphinx_gallery.gen_gallery",
    "plain_docstrings",
    "public_names",
    "signatures",
    "mathml",
]
exclude_patterns = ["_build", "gallery/README.*"]
language = "en"

myst_enable_extensions = ["dollarmath", "colon_fence", "deflist"]
myst_heading_anchors = 4
codeautolink_concat_default = True

autodoc_member_order = "bysource"
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 80
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True
napoleon_attr_annotations = False

html_theme = "furo"
pygments_dark_style = "monokai"
html_title = "gibbsgap"
html_static_path = ["_static"]
html_css_files = ["gibbsgap.css"]
html_show_sphinx = False
html_copy_source = False
copybutton_exclude = ".linenos, .gp, .go"

# The pages of the gallery run the examples, cell by cell.
sphinx_gallery_conf = {
    "examples_dirs": str(gather(HERE.parent / "examples", HERE / "_build" / "examples")),
    "gallery_dirs": "gallery",
    "filename_pattern": os.environ.get("GALLERY", "."),  # a pattern of those to run; GALLERY=none runs none
    "download_all_examples": False,
    "show_memory": False,
    "show_signature": False,
    "min_reported_time": 1,
    "write_computation_times": False,
}

linkcheck_anchors = False
