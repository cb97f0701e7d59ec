"""Mathematics set at build time by KaTeX inside an embedded V8.

A reader's browser gets finished HTML with MathML for screen readers: no script, no font service, nothing to
wait for. A formula that KaTeX cannot read stops the build, naming page, line and formula. KaTeX 0.16.22 lies
in `vendor/katex` (script) and `../_static/vendor/katex` (style and fonts of the same release).
"""

import atexit
from functools import cache
from pathlib import Path

from docutils import nodes
from py_mini_racer import JSEvalException, MiniRacer
from sphinx.application import Sphinx
from sphinx.errors import SphinxError
from sphinx.util.math import get_node_equation_number

KATEX = Path(__file__).parent / "vendor/katex/katex.min.js"
MACROS = {
    r"\E": r"\operatorname{E}",
    r"\Var": r"\operatorname{Var}",
    r"\Cov": r"\operatorname{Cov}",
    r"\Bernoulli": r"\operatorname{Bernoulli}",
    r"\Binomial": r"\operatorname{Binomial}",
    r"\diag": r"\operatorname{diag}",
    r"\R": r"\mathbb{R}",
}


class MathError(SphinxError):
    """A formula KaTeX cannot read; the message says where it stands and what it is."""

    category = "Maths error"


@cache
def engine() -> MiniRacer:
    """V8 with KaTeX, started once; closed before the interpreter goes, for its thread would hang the exit."""
    js = MiniRacer()
    atexit.register(js.close)
    js.eval(KATEX.read_text(encoding="utf-8"))
    return js


@cache
def render(tex: str, display: bool) -> str:
    """HTML and MathML of one formula; raises JSEvalException with KaTeX's reason."""
    options = {"displayMode": display, "throwOnError": True, "strict": "ignore", "macros": dict(MACROS)}
    return engine().call("katex.renderToString", tex, options | {"output": "htmlAndMathml"})


def to_html(writer, node: nodes.Element, display: bool) -> str:
    tex = node.astext().strip()
    try:
        return render(tex, display)
    except JSEvalException as error:
        reason = str(error).splitlines()[0].removeprefix("ParseError: ")
        line = f", line {node.line}" if node.line else ""
        raise MathError(f"{writer.builder.current_docname}{line}: {reason}\n  in: {tex}") from error


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


def setup(app: Sphinx) -> dict:
    app.add_html_math_renderer("course_katex", (visit_inline, None), (visit_block, None))
    app.add_css_file("vendor/katex/katex.min.css")
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
