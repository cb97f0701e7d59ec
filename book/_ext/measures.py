"""Numbers that small functions measured: `{measure}`, {measured} and the docket of the trials.

    ```{measure} trials_scaling.scale_by_rate        the function's source and what it returned
    ```
    {measured}`trials_scaling.scale_by_rate`         0.42 (95 % CI 0.40 to 0.44)
    {measured}`trials_scaling.scale_by_rate|2`       with two significant digits

    ```{docket}                                      all trials of book/trials/docket.yml
    ```

The functions stand in `book/evidence/TOPIC.py`, what they returned in `book/results/evidence/TOPIC.json`. A
number older than its module stops the build with the command that mends it, and the tests measure it again.
"""

from pathlib import Path

from docutils import nodes
from html_element import element
from results_role import typeset
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective, SphinxRole

from dropgrade.interview import evidence
from dropgrade.interview.bank import BankError, read_yaml

MODULES = "book/evidence"
KEPT = "book/results/evidence"
DOCKET = "book/trials/docket.yml"
VERDICTS = {"true": "true", "false": "wrong", "depends": "it depends"}


def look_up(env: BuildEnvironment, name: str, where: str) -> tuple[evidence.Measured, str]:
    """What `TOPIC.function` returned, and its source; notes that the page depends on both."""
    topic, _, function = name.partition(".")
    path = Path(env.srcdir) / MODULES / f"{topic}.py"
    if not path.is_file():
        raise ExtensionError(f"{where}: there is no {MODULES}/{topic}.py for the measure {name!r}")
    env.note_dependency(str(path))
    env.note_dependency(str(Path(env.srcdir) / KEPT / f"{topic}.json"))
    try:
        found = evidence.read(path, Path(env.srcdir) / KEPT)
    except evidence.EvidenceError as error:
        raise ExtensionError(f"{where}: {error}") from error
    if function not in found:
        raise ExtensionError(f"{where}: {topic} has no measure {function!r}; it has: {', '.join(found)}")
    return found[function], evidence.sources(path)[function]


class MeasuredRole(SphinxRole):
    """One number by its name; `|N` for another number of significant digits than three."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        name, _, digits = self.text.partition("|")
        found, _ = look_up(self.env, name, f"{self.env.docname}, line {self.lineno}")
        text = typeset(found.quote(int(digits or 3)))
        return [nodes.inline(self.rawtext, text, classes=["result"])], []


class Measure(SphinxDirective):
    """A function's source, and under it what it returned."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        found, source = look_up(self.env, name, f"{self.env.docname}, line {self.lineno}")
        code = nodes.literal_block(source, source, language="python")
        returned = nodes.paragraph("", "", nodes.strong("", "It returns "), classes=["measured"])
        returned += nodes.inline("", typeset(found.quote(4)), classes=["result"])
        return [element("", code, returned, tag="div", classes=["measure"])]


class Docket(SphinxDirective):
    """The trials as a table that links to each, and the claims that a sentence and a source set right."""

    def run(self) -> list[nodes.Node]:
        path = Path(self.env.srcdir) / DOCKET
        self.env.note_dependency(str(path))
        try:
            docket = read_yaml(path)
        except (BankError, OSError) as error:
            raise ExtensionError(f"{self.env.docname}: {error}") from error
        head = element(
            "", *(_cell("th", nodes.Text(text)) for text in ("Trial", "The claim", "Verdict")), tag="tr"
        )
        body = element("", *(self.row(trial) for trial in docket["trials"]), tag="tbody")
        table = element("", element("", head, tag="thead"), body, tag="table", classes=["docket"])
        return [element("", table, tag="div", classes=["table-scroll"])]

    def row(self, trial: dict) -> element:
        """Number, the claim in our words as a link, and what came of it."""
        link = addnodes.pending_xref(
            "",
            nodes.inline("", trial["says"]),
            refdomain="std",
            reftype="doc",
            reftarget=f"/book/trials/{trial['page']}",
            refexplicit=True,
            refwarn=True,
            refdoc=self.env.docname,
        )
        verdict = VERDICTS[str(trial["verdict"]).lower()]
        on = f": {trial['on']}" if trial.get("on") else ""
        cells = (nodes.Text(trial["id"]), nodes.inline("", "", link), nodes.Text(verdict + on))
        return element("", *(_cell("td", cell) for cell in cells), tag="tr", classes=[verdict.split()[0]])


def _cell(tag: str, content: nodes.Node) -> element:
    return element("", content, tag=tag)


def setup(app: Sphinx) -> dict:
    app.setup_extension("html_element")
    app.add_role("measured", MeasuredRole())
    app.add_directive("measure", Measure)
    app.add_directive("docket", Docket)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
