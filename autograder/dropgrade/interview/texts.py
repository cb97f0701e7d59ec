"""The bank's texts as HTML: Markdown by markdown-it, code by Pygments, formulas by KaTeX in an embedded V8.

The site's pages and the printed kits set their formulas with the same engine, so a formula that KaTeX cannot
read stops either of them with its reason. What comes out needs no script to be read, and holds MathML.
"""

import atexit
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from html import escape
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.amsmath import amsmath_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from py_mini_racer import JSEvalException, MiniRacer
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from dropgrade.errors import CourseError

MACROS = {
    r"\E": r"\operatorname{E}",
    r"\Var": r"\operatorname{Var}",
    r"\Cov": r"\operatorname{Cov}",
    r"\Bernoulli": r"\operatorname{Bernoulli}",
    r"\Binomial": r"\operatorname{Binomial}",
    r"\diag": r"\operatorname{diag}",
    r"\R": r"\mathbb{R}",
}


class FormulaError(CourseError):
    """A formula that KaTeX cannot read; the message holds its reason and the formula."""


@cache
def v8(*scripts: Path) -> MiniRacer:
    """V8 with these scripts, started once; closed before Python ends, as its thread would hang the exit."""
    with ThreadPoolExecutor(1) as alone:  # made where an event loop runs, it would end with that loop
        js = alone.submit(MiniRacer).result()
    atexit.register(js.close)
    for script in scripts:
        js.eval(script.read_text(encoding="utf-8"))
    return js


@cache
def formula(katex: Path, tex: str, display: bool = False) -> str:
    """HTML and MathML of one formula.

    Args:
        katex: KaTeX's script, `katex.min.js`.
        tex: the formula without its dollars.
        display: on a line of its own.

    Raises:
        JSEvalException: KaTeX cannot read it; the first line says why.
    """
    options = {"displayMode": display, "throwOnError": True, "strict": "ignore", "macros": dict(MACROS)}
    return v8(katex).call("katex.renderToString", tex, options | {"output": "htmlAndMathml"})


def why(error: JSEvalException) -> str:
    """KaTeX's reason without the trace that follows it."""
    return str(error).splitlines()[0].removeprefix("ParseError: ")


class Texts:
    """Turns Markdown into HTML in the dress of the site's pages.

    Args:
        katex: KaTeX's script.

    Raises (every method):
        FormulaError: the text holds a formula that KaTeX cannot read.
    """

    def __init__(self, katex: Path):
        self.katex = katex
        self.markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
        self.markdown.use(dollarmath_plugin, allow_labels=False, double_inline=True).use(amsmath_plugin)
        rules = {
            "math_inline": self._inline_formula,
            "math_inline_double": self._block_formula,
            "math_block": self._block_formula,
            "amsmath": self._block_formula,
            "fence": _code,
            "table_open": lambda *_: '<div class="table-scroll"><table>\n',
            "table_close": lambda *_: "</table></div>\n",
        }
        for name, rule in rules.items():
            # A rule of markdown-it is a method of its renderer; ours do not need that.
            self.markdown.add_render_rule(name, lambda _self, *args, rule=rule: rule(*args))

    def block(self, text: str) -> str:
        """Paragraphs, lists, tables, code and formulas."""
        return self.markdown.render(text).strip()

    def line(self, text: str) -> str:
        """One line without the paragraph round it."""
        return self.markdown.renderInline(text.strip())

    def _formula(self, token: Token, display: bool) -> str:
        tex = token.content.strip()
        try:
            return formula(self.katex, tex, display)
        except JSEvalException as error:
            raise FormulaError(f"{why(error)}\n  in: {tex}") from error

    def _inline_formula(self, tokens: Sequence[Token], at: int, *_: object) -> str:
        return f'<span class="math-inline">{self._formula(tokens[at], display=False)}</span>'

    def _block_formula(self, tokens: Sequence[Token], at: int, *_: object) -> str:
        tag = "span" if tokens[at].type == "math_inline_double" else "div"
        return f'<{tag} class="math-block">{self._formula(tokens[at], display=True)}</{tag}>\n'


class AsWritten:
    """Stands in for `Texts` where the Markdown itself is wanted."""

    def block(self, text: str) -> str:
        return text.strip()

    def line(self, text: str) -> str:
        return " ".join(text.split())


def _code(tokens: Sequence[Token], at: int, *_: object) -> str:
    """A fenced block, coloured if Pygments knows its language."""
    language = tokens[at].info.strip().partition(" ")[0]
    try:
        lexer = get_lexer_by_name(language or "text")
    except ClassNotFound:
        return f'<div class="highlight"><pre>{escape(tokens[at].content)}</pre></div>\n'
    return highlight(tokens[at].content, lexer, HtmlFormatter(wrapcode=False))


__all__ = ["AsWritten", "FormulaError", "Texts", "formula", "v8", "why"]
