"""Sphinx's settings. `make docs` builds the site; nothing is asked of a network, and a warning is an error."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

from simulator import __version__

project = "simulate"
author = "The simulate maintainers"
copyright = author
release = version = __version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx_click",
    "sphinx_copybutton",
    "sphinx_design",
    "site_parts",
]
exclude_patterns = ["_build", "_ext", "_drawn"]
root_doc = "index"
language = "en"
highlight_language = "none"
smartquotes = False  # --set stays --set
default_role = "code"  # `x` in a docstring is code
html_title = "simulate"
html_theme = "pydata_sphinx_theme"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_extra_path = ["_drawn/pages"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "logo": {"text": "simulate"},
    "navbar_align": "left",
    "navbar_end": ["theme-switcher"],
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "footer_start": ["copyright"],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_sidebars = {"index": [], "gallery": [], "page": []}
html_math_renderer = "mathml"

myst_enable_extensions = ["attrs_block", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 4
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_merge_streams = True
nb_execution_in_temp = True
copybutton_prompt_text = "$ "
copybutton_only_copy_prompt_lines = True

autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_class_signature = "separated"
python_maximum_signature_line_length = 88
nitpicky = True
nitpick_ignore_regex = [("py:.*", ".*")]  # types of the standard library, NumPy and xarray have no page here
