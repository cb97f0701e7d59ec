"""The engine's trial on a page: `{attack-table}` and numbers such as {attacks}`attacks`.

Both come from `book/results/attacks.json`, which `python -m dropgrade.grading.engine.trial` writes. A build
stops when an attack, or what decides how it ends, has changed since, with the command that mends it.
{attacks}`same:rows` and {attacks}`fuzz:notebooks` quote the two other records of `engine.trial`.
"""

import json
from pathlib import Path
from typing import Any

from docutils import nodes
from html_element import details, element
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective, SphinxRole

from dropgrade.grading.engine.trial.record import stale

FILE = "book/results/attacks.json"
OTHERS = {"same": ("honest", "book/results/same_truth.json"), "fuzz": ("fuzz", "book/results/fuzz.json")}
MEND = f"run `python -m dropgrade.grading.engine.trial --write {FILE}`"
GROUPS = {
    "Reading and writing what is not theirs": "abco",
    "Changing what judges them": "dm",
    "Changing the notebook": "fp",
    "Ending or exhausting the machine": "eghijn",
    "Finding or impersonating the judge": "kl",
    "More of our own": ("own",),
}


def load(env: BuildEnvironment, file: str = FILE, mend: str = MEND) -> dict[str, Any]:
    """A record, noted as something the page depends on; `ExtensionError` if there is none."""
    path = Path(env.srcdir) / file
    if not path.is_file():
        raise ExtensionError(f"{env.docname}: there is no {file}; {mend}")
    env.note_dependency(str(path))
    return json.loads(path.read_text(encoding="utf-8"))


class AttackNumber(SphinxRole):
    """A number of the trial's summary, or `same:KEY` or `fuzz:KEY` for one of the other two records.

    A list is quoted by its length.
    """

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        other, _, key = self.text.rpartition(":")
        if other in OTHERS:
            module, file = OTHERS[other]
            mend = f"run `python -m dropgrade.grading.engine.trial.{module} --write {file}`"
            found = load(self.env, file, mend)
        else:
            found = load(self.env)["summary"]
        if key not in found:
            raise ExtensionError(f"{self.env.docname}, line {self.lineno}: no such number: {self.text!r}")
        value = found[key]
        text = f"{len(value) if isinstance(value, list) else value:,}"
        return [nodes.inline(self.rawtext, text, classes=["result"])], []


class AttackTable(SphinxDirective):
    """Every attack with what it tries and what it got, in groups that open."""

    def run(self) -> list[nodes.Node]:
        found = load(self.env)
        users = found["summary"]["users"]
        blocks = []
        for title, letters in GROUPS.items():
            attacks = [one for one in found["attacks"] if one["group"] in letters]
            if not attacks:
                continue
            count = f"{sum(one['failed'] for one in attacks)} of {len(attacks)} failed"
            head = [nodes.inline("", title), nodes.inline("", count, classes=["proof-count"])]
            blocks.append(details("", self.table(attacks, users), head=head))
        return [element("", *blocks, tag="div", classes=["proof"])]

    def table(self, attacks: list[dict[str, Any]], users: list[str]) -> nodes.Node:
        """What is tried, and the score that it gets beside the one that the same answer gets honestly."""
        head = element("", *(_cell("th", text) for text in ("It", "Honest score", *_titles(users))), tag="tr")
        body = element("", tag="tbody")
        for one in attacks:
            scores = [f"{score:g}" if score is not None else "none" for score in one["scores"]]
            cells = [_cell("td", text) for text in (one["about"], f"{one['honest']:g}", *scores)]
            body += element("", *cells, tag="tr", classes=["caught" if one["failed"] else "missed"])
        table = element(
            "", element("", head, tag="thead"), body, tag="table", classes=["proof-table", "attack-table"]
        )
        return element("", table, tag="div", classes=["table-scroll"])


def _titles(users: list[str]) -> list[str]:
    return [f"As {user}" for user in users]


def _cell(tag: str, text: str) -> element:
    return element("", nodes.Text(text), tag=tag)


def refuse_stale(app: Sphinx) -> None:
    """In every build, also one that would read no page again."""
    written = Path(app.srcdir) / FILE
    if written.is_file() and (changed := stale(written)):
        raise ExtensionError(f"{FILE} is older than what it tried ({', '.join(changed[:4])}); {MEND}")


def setup(app: Sphinx) -> dict:
    app.setup_extension("html_element")
    app.add_role("attacks", AttackNumber())
    app.add_directive("attack-table", AttackTable)
    app.connect("builder-inited", refuse_stale)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
