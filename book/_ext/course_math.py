"""Mathematics set at build time by KaTeX in an embedded V8, which also sets the question bank's texts.

A reader's browser gets finished HTML with MathML for screen readers: no script, no font service, nothing to
wait for. A formula that KaTeX cannot read stops the build, naming page, line and formula. KaTeX 0.16.22 lies
in `vendor/katex` (script) and `../_static/vendor/katex` (style and fonts of the same release).
"""

from pathlib import Path

from docutils import nodes
from py_mini_racer import JSEvalException
from sphinx.application import Sphinx
from sphinx.errors import SphinxError
from sphinx.util.math import get_node_equation_number

from dropgrade.interview.texts import formula, why

KATEX = Path(__file__).parent / "vendor/katex/katex.min.js"


# By a script, as Chromium refuses such a link on a page opened from disk, and says so in the console.
EARLY = """
<script>if (location.protocol !== "file:") for (const name of ["Main-Regular", "Math-Italic"])
  document.head.append(Object.assign(document.createElement("link"), {{rel: "preload", as: "font",
    type: "font/woff2", crossOrigin: "", href: `{fonts}/KaTeX_${{name}}.woff2`}}));</script>
"""


class MathError(SphinxError):
    """A formula KaTeX cannot read; the message says where it stands and what it is."""

    category = "Maths error"


def render(tex: str, display: bool) -> str:
    """HTML and MathML of one formula; raises JSEvalException with KaTeX's reason."""
    return formula(KATEX, tex, display)


def to_html(writer, node: nodes.Element, display: bool) -> str:
    tex = node.astext().strip()
    try:
        return render(tex, display)
    except JSEvalException as error:
        line = f", line {node.line}" if node.line else ""
        raise MathError(f"{writer.builder.current_docname}{line}: {why(error)}\n  in: {tex}") from error


def visit_inline(writer, node: nodes.math) -> None:
    writer.body.append(f'<span class="math-inline">{to_html(writer, node, display=False)}</span>')
    raise nodes.SkipNode


def visit_block(writer, node: nodes.math_block) -> None:
    writer.body.append(writer.starttag(node, "div", CLASS="math-block"))
    writer.body.append(to_html(writer, node, display=True))
    if node.get("number"):
        writer.body.append(f'<span class="eqno">({get_node_equation_number(writer, node)})')
        writer.add_permalink_ref(node, "Link to this equation")
        writer.body.append("</span>")
    writer.body.append("</div>\n")
    raise nodes.SkipNode


def fetch_fonts_early(app: Sphinx, pagename: str, template: str, context: dict, doctree: object) -> None:
    """Ask for the fonts of formulas beside the styles and not after them: fewer lines move when they come."""
    if 'class="katex"' not in context.get("body", ""):
        return
    folder = context["pathto"]("_static/vendor/katex/fonts", 1)
    context["metatags"] = context.get("metatags", "") + EARLY.format(fonts=folder)


def setup(app: Sphinx) -> dict:
    app.add_html_math_renderer("course_katex", (visit_inline, None), (visit_block, None))
    app.add_css_file("vendor/katex/katex.min.css")
    app.connect("html-page-context", fetch_fonts_early)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
