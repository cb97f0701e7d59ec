"""`{question-index}`: every question of the bank, by level, as links; `{question-count}` counts them.

    ```{question-index} junior
    ```
    The bank holds {question-count}`all` questions, {question-count}`senior` of them at senior level.

A question stands under the first of its levels, which is the one it counts for.
"""

from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from html_element import element
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective, SphinxRole

from dropgrade.interview.bank import LEVELS, BankError, load_bank

FOLDER = "book/questions"


def bank(env: BuildEnvironment) -> dict[str, dict]:
    """All records; notes that the page depends on every question file."""
    folder = Path(env.srcdir) / FOLDER
    for path in sorted(folder.glob("*.yml")):
        env.note_dependency(str(path))
    try:
        return load_bank(folder)
    except BankError as error:
        raise ExtensionError(f"{env.docname}: {error}") from error


class QuestionIndex(SphinxDirective):
    """The questions of one level in a list: title as a link, kind and minutes."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        level = directives.choice(self.arguments[0], LEVELS)
        records = [record for record in bank(self.env).values() if record["levels"][0] == level]
        return [element("", *(self.line(record) for record in records), tag="ul", classes=["question-index"])]

    def line(self, record: dict) -> element:
        """One question; its title may hold formulas."""
        (title,) = self.parse_text_to_nodes(record["title"])
        link = addnodes.pending_xref(
            "",
            nodes.inline("", "", *title.children),
            refdomain="std",
            reftype="ref",
            reftarget=record["id"].lower(),
            refexplicit=True,
            refwarn=True,
            refdoc=self.env.docname,
        )
        about = nodes.Text(f" {record['kind']}, {record['minutes']['answer']} min")
        return element("", nodes.inline("", "", link), nodes.inline("", "", about), tag="li")


class QuestionCount(SphinxRole):
    """How many questions there are: `all`, or a level's."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        records = bank(self.env).values()
        if self.text != "all" and self.text not in LEVELS:
            raise ExtensionError(
                f"{self.env.docname}: question-count must be all or one of {', '.join(LEVELS)}"
            )
        count = sum(self.text in ("all", record["levels"][0]) for record in records)
        return [nodes.inline(self.rawtext, str(count), classes=["result"])], []


def setup(app: Sphinx) -> dict:
    app.setup_extension("html_element")
    app.add_directive("question-index", QuestionIndex)
    app.add_role("question-count", QuestionCount())
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
