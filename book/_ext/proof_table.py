"""The graders' trial on a page: `{proof-checks} 01_mask` and numbers such as {proof}`wrong.answers`.

Everything comes from `book/results/proof.json`, which `python -m dropgrade.checks.proof` writes. A build
stops when a grader or an answer has changed since, with the command that tries them again.
"""

import json
from functools import cache
from math import floor, log10
from pathlib import Path
from typing import Any

from docutils import nodes
from html_element import details, element
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective, SphinxRole

from dropgrade.checks.misconceptions import MISCONCEPTIONS
from dropgrade.checks.proof import stale

FILE = "book/results/proof.json"
MEND = f"run `python -m dropgrade.checks.proof solutions --write {FILE}`"
SCALES = ((9, "billion"), (6, "million"), (3, "thousand"))


def load(env: BuildEnvironment) -> dict[str, Any]:
    """The proof, noted as something the page depends on; `ExtensionError` if there is none."""
    path = Path(env.srcdir) / FILE
    if not path.is_file():
        raise ExtensionError(f"{env.docname}: there is no {FILE}; {MEND}")
    env.note_dependency(str(path))
    return _parse(path.read_text(encoding="utf-8"))


@cache
def _parse(text: str) -> dict[str, Any]:
    return json.loads(text)


def once_in(chance: float) -> str:
    """A chance as people read it, never better than it is: 2.0002e-08 -> "once in 49 million runs"."""
    if chance == 0:
        return "never"
    runs = 1 / chance
    step = 10 ** max(0, floor(log10(runs)) - 1)
    runs = floor(runs / step) * step
    for power, word in SCALES:
        if runs >= 10**power:
            return f"once in {runs / 10**power:g} {word} runs"
    return f"once in {runs:g} runs"


class ProofNumber(SphinxRole):
    """One number of the summary by its path, such as `right.answers`; `false_alarm` in words."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        value: Any = load(self.env)["summary"]
        for key in self.text.split("."):
            if not isinstance(value, dict) or key not in value:
                raise ExtensionError(f"{self.env.docname}, line {self.lineno}: {FILE} knows no {self.text!r}")
            value = value[key]
        text = once_in(value) if isinstance(value, float) else f"{value:,}"
        return [nodes.inline(self.rawtext, text, classes=["result"])], []


class ProofChecks(SphinxDirective):
    """Each check of one exercise with the wrong answers it refuses, then the right ones that pass all."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        slug = self.arguments[0]
        parts = {part["slug"]: part for part in load(self.env)["exercises"]}
        if slug not in parts:
            raise ExtensionError(f"{self.env.docname}: {FILE} has no exercise {slug!r}; {MEND} {slug}")
        answers = parts[slug]["answers"]
        blocks = [self.check(check, answers) for check in parts[slug]["checks"]]
        return [element("", *blocks, self.right(answers), tag="div", classes=["proof"])]

    def check(self, check: dict[str, Any], answers: list[dict[str, Any]]) -> nodes.Node:
        """What a check asks, how often it errs, what it catches, and which wrong answers it has to refuse."""
        refused = [answer for answer in answers if answer["check"] == check["id"]]
        fact = element("", nodes.literal("", check["id"]), nodes.Text(" " + check["fact"]), tag="span")
        count = nodes.inline("", _number(refused, "wrong"), classes=["proof-count"])
        alarms = once_in(check["false_alarm"])
        often = (
            "It never fails a right answer."
            if alarms == "never"
            else f"It fails a right answer at most {alarms}."
        )
        promise = nodes.paragraph("", f"{often} It catches {check['catches']}.")
        return details("", promise, *([self.table(refused)] if refused else []), head=[fact, count])

    def table(self, refused: list[dict[str, Any]]) -> nodes.Node:
        """Mistake, diagnosis, and in how many runs it was refused with it."""
        head = element(
            "", *(_cell("th", nodes.Text(t)) for t in ("The answer", "Diagnosis", "Runs")), tag="tr"
        )
        body = element("", tag="tbody")
        for answer in refused:
            runs = f"{answer['as_foretold']} of {answer['runs']}"
            tone = "caught" if answer["as_foretold"] == answer["runs"] else "missed"
            cells = (nodes.Text(answer["says"]), self.diagnosis(answer["diagnosis"]), nodes.Text(runs))
            body += element("", *(_cell("td", cell) for cell in cells), tag="tr", classes=[tone])
        table = element("", element("", head, tag="thead"), body, tag="table", classes=["proof-table"])
        return element("", table, tag="div", classes=["table-scroll"])

    def diagnosis(self, key: str | None) -> nodes.Node:
        """The misconception's name, as a link to the paragraph that sets it right."""
        if key is None:
            return nodes.Text("none named")
        link = addnodes.pending_xref(
            "",
            nodes.inline("", MISCONCEPTIONS[key].name),
            refdomain="std",
            reftype="ref",
            reftarget=MISCONCEPTIONS[key].page.partition("#")[2],
            refexplicit=True,
            refwarn=True,
            refdoc=self.env.docname,
        )
        return nodes.inline("", "", link)  # Sphinx wants a link inside text

    def right(self, answers: list[dict[str, Any]]) -> nodes.Node:
        """The styles of right answers; all of them have to pass."""
        right = [answer for answer in answers if answer["right"]]
        runs = sum(answer["runs"] for answer in right)
        alarms = runs - sum(answer["as_foretold"] for answer in right)
        listing = nodes.bullet_list("", *(nodes.list_item("", nodes.paragraph("", a["says"])) for a in right))
        head = nodes.inline("", f"{_number(right, 'right')}, {alarms} false alarms in {runs:,} runs")
        return details("", listing, head=[head], classes=("proof-right",))


def _number(answers: list[dict[str, Any]], kind: str) -> str:
    return f"{len(answers)} {kind} answer{'s' * (len(answers) != 1)}" if answers else ""


def _cell(tag: str, content: nodes.Node) -> element:
    return element("", content, tag=tag)


def refuse_stale(app: Sphinx) -> None:
    """In every build, also one that would read no page again."""
    written, solutions = Path(app.srcdir) / FILE, Path(app.srcdir) / "solutions"
    if written.is_file() and (changed := stale(written, solutions)):
        what = "; ".join(f"{slug}: {', '.join(names[:3])}" for slug, names in changed.items())
        raise ExtensionError(f"{FILE} is older than what it proves ({what}); {MEND}")


def setup(app: Sphinx) -> dict:
    app.setup_extension("html_element")
    app.add_role("proof", ProofNumber())
    app.add_directive("proof-checks", ProofChecks)
    app.connect("builder-inited", refuse_stale)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
