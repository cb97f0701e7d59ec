"""Numbers and figures that come from measured results, so that none is typed into prose.

    {result}`rate_sweep:error_p30_minus_none`            -0.55 pp (95 % CI -0.61 to -0.49, 5 seeds)
    {result}`rate_sweep:error_p30_minus_none|value`      -0.55 pp
    {result}`rate_sweep:error_p30_minus_none|size`       0.55 pp, for "lowers it by ..."
    {result}`rate_sweep:error_p30_minus_none|interval`   95 % CI -0.61 to -0.49
    {result}`rate_sweep:error_p30_minus_none|number`     -0.55
    {result}`rate_sweep:claim`                           the whole finding, as the experiment words it

    ```{result-figure} rate_sweep
    A caption; without one, the claim stands here.
    ```

An unknown result or key, and a result older than what made it, stop the build with the command that mends it.
"""

import re
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective, SphinxRole

from dropgrade.errors import ResultError
from dropgrade.results import Result, load, path_of, stale_reasons
from dropgrade.style import inline

FOLDER = "book/results"
SCRIPTS = "book/experiments"


class ResultRole(SphinxRole):
    """Quotes one value: `NAME:key` or `NAME:key|part`."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        where = f"{self.env.docname}, line {self.lineno}"
        name, separator, key = self.text.partition(":")
        if not separator or not key:
            raise ExtensionError(f"{where}: {{result}}`{self.text}` must be NAME:key or NAME:key|part")
        result = fresh(self.env, name, where)
        key, _, part = key.partition("|")
        try:
            text = result.claim if key == "claim" else result.quote(key, part or "full")
        except ResultError as error:
            raise ExtensionError(f"{where}: {error}") from error
        node = nodes.inline(self.rawtext, typeset(text), classes=["result"])
        return [node], []


class ResultFigure(SphinxDirective):
    """The figure of a result with a caption, how it was made, and its numbers to download."""

    required_arguments = 1
    has_content = True
    option_spec = {"name": directives.unchanged}  # noqa: RUF012 (docutils reads it from the class)

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        result = fresh(self.env, name, f"{self.env.docname}, line {self.lineno}")
        figure = nodes.figure("", self.picture(result), classes=["result-figure"])
        if self.content:
            text, messages = self.parse_inline(" ".join(self.content), lineno=self.content_offset + 1)
        else:
            text, messages = [nodes.Text(typeset(result.claim))], []
        figure += nodes.caption("", "", *text, nodes.Text(" "), self.origin(result))
        self.add_name(figure)
        return [figure, *messages]

    def picture(self, result: Result) -> nodes.raw:
        """The SVG inside the page, so that it follows the page between light and dark, wide and narrow."""
        paths = [Path(self.env.srcdir) / FOLDER / name for name in result.figures]
        for path in paths:
            self.env.note_dependency(str(path))
        return nodes.raw("", inline(*(path.read_text("utf-8") for path in paths)), format="html")

    def origin(self, result: Result) -> nodes.inline:
        """What it took, and links to the script and to the numbers."""
        made = (
            f"Bands and bars: 95 % intervals over {len(result.seeds)} seeds; {len(result.runs)} runs of "
            f"{result.steps:,} updates, {result.quote('cpu_seconds')} on one CPU core: "
        )
        if not result.steps:
            made = f"Computed for {len(result.runs)} cases; nothing was trained or left to chance: "
        node = nodes.inline("", nodes.Text(typeset(made)), classes=["result-origin"])
        node += _download(f"/{SCRIPTS}/{result.name}.py", "script")
        node += nodes.Text(", ")
        node += _download(f"/{FOLDER}/{result.name}.json", "numbers")
        return node


def fresh(env: BuildEnvironment, name: str, where: str) -> Result:
    """The result, and a note that the page depends on its files; stale or missing ones stop the build."""
    root = Path(env.srcdir)
    folder = root / FOLDER
    env.note_dependency(str(folder / f"{name}.json"))
    try:
        result = load(folder, name)
    except ResultError as error:
        raise ExtensionError(f"{where}: {error}") from error
    for source in result.sources:
        env.note_dependency(str(path_of(source, root)))
    reasons = stale_reasons(result, root, folder)
    if reasons:
        raise ExtensionError(f"{where}: result {name} is stale ({'; '.join(reasons)}); run `make results`")
    return result


def typeset(text: str) -> str:
    """Minus signs and spaces that do not break, for the eye; the text is otherwise as quoted.

    >>> typeset("-0.55 pp (95 % CI -0.61 to -0.49)").replace(chr(160), "_")
    '−0.55_pp (95_% CI −0.61 to −0.49)'
    """
    text = re.sub(r"(?<![\w.])-(?=\d)", "\N{MINUS SIGN}", text)
    return re.sub(r"(?<=\d) (?=%|(?:pp|nats|s|min|times)\b)", "\N{NO-BREAK SPACE}", text)


def _download(target: str, text: str) -> addnodes.download_reference:
    label = nodes.literal(text, text, classes=["xref", "download"])
    return addnodes.download_reference(text, "", label, reftarget=target, refdoc="", refexplicit=True)


def setup(app: Sphinx) -> dict:
    app.add_role("result", ResultRole())
    app.add_directive("result-figure", ResultFigure)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
