"""The graders' trial on a page: `{proof-checks}` and numbers such as {proof}`wrong.answers`.

Everything comes from `book/results/proof/`, which `python -m dropgrade.checks.proof` writes, and from
`book/results/mutants/`, which `python -m dropgrade.checks.mutants` writes. A build stops when a grader or an
answer has changed since the first, with the command that tries them again; a test watches the second.
"""

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
from dropgrade.checks.proof import read, stale, summary

FOLDER = "book/results/proof"
MUTANTS = "book/results/mutants"
MEND = f"run `python -m dropgrade.checks.proof solutions --write {FOLDER}`"
PASSING = "The others pass, and are no mistakes:"
SCALES = ((9, "billion"), (6, "million"), (3, "thousand"))


def load(env: BuildEnvironment) -> list[dict[str, Any]]:
    """The exercises that were tried, noted as something the page depends on; `ExtensionError` if none was."""
    folder = Path(env.srcdir) / FOLDER
    parts = read(folder)
    if not parts:
        raise ExtensionError(f"{env.docname}: there is no {FOLDER}; {MEND}")
    for part in parts:
        env.note_dependency(str(folder / f"{part['slug']}.json"))
    return parts


def load_mutants(env: BuildEnvironment) -> dict[str, dict[str, Any]]:
    """What became of the small changes to the solutions, by exercise; noted as `load` does."""
    parts = {part["slug"]: part for part in read(Path(env.srcdir) / MUTANTS)}
    for slug in parts:
        env.note_dependency(str(Path(env.srcdir) / MUTANTS / f"{slug}.json"))
    return parts


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
        parts, mutants = load(self.env), load_mutants(self.env)
        changes = [mutants[part["slug"]] for part in parts if part["slug"] in mutants]
        value: Any = summary(parts) | {
            "mutants": {
                "tried": sum(part["mutants"] for part in changes),
                "rejected": sum(part["rejected"] for part in changes),
                "in_first_run": sum(part["in_first_run"] for part in changes),
                "equivalent": sum(len(part["equivalent"]) for part in changes),
            }
        }
        for key in self.text.split("."):
            if not isinstance(value, dict) or key not in value:
                raise ExtensionError(
                    f"{self.env.docname}, line {self.lineno}: {FOLDER} knows no {self.text!r}"
                )
            value = value[key]
        text = once_in(value) if isinstance(value, float) else f"{value:,}"
        return [nodes.inline(self.rawtext, text, classes=["result"])], []


class ProofChecks(SphinxDirective):
    """A section for each exercise: its checks with the wrong answers they refuse, and the right answers."""

    def run(self) -> list[nodes.Node]:
        changes = load_mutants(self.env)
        return [self.exercise(part, changes.get(part["slug"])) for part in load(self.env)]

    def exercise(self, part: dict[str, Any], changes: dict[str, Any] | None) -> nodes.Node:
        """One exercise under a heading of its own; `changes`: what became of those to its solution."""
        title = part["title"][0].lower() + part["title"][1:]
        heading = nodes.title("", f"Exercise {int(part['slug'][:2])}: {title}")
        section = nodes.section("", heading, ids=[f"trial-{part['slug'].replace('_', '-')}"])
        section["names"] = [f"trial of {part['slug']}"]
        self.state.document.note_explicit_target(section)
        blocks = [self.check(check, part["answers"]) for check in part["checks"]]
        blocks.append(self.right(part["answers"]))
        if changes:
            blocks.append(self.mutants(changes))
        section += element("", *blocks, tag="div", classes=["proof"])
        return section

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

    def mutants(self, part: dict[str, Any]) -> nodes.Node:
        """How many small changes to the solution were refused, and why those that pass are no mistakes."""
        equal = part["equivalent"]
        late = part["rejected"] - part["in_first_run"]
        when = f"{late} of them after a first run that they passed" if late else "each in its first run"
        listing = nodes.bullet_list()
        for reason in dict.fromkeys(entry["reason"] for entry in equal):
            changes = nodes.bullet_list()
            for entry in (entry for entry in equal if entry["reason"] == reason):
                line = nodes.paragraph("", "", nodes.literal("", entry["mutant"]))
                line += nodes.Text(f" in {entry['function']}")
                changes += nodes.list_item("", line)
            listing += nodes.list_item("", nodes.paragraph("", reason), changes)
        head = nodes.inline(
            "", f"{part['mutants']} small changes to the solution, {part['rejected']} refused"
        )
        count = nodes.inline("", f"{len(equal)} equivalent" if equal else "", classes=["proof-count"])
        told = nodes.paragraph("", f"{part['rejected']} were refused, {when}. {PASSING if equal else ''}")
        return details("", told, *([listing] if equal else []), head=[head, count], classes=("proof-right",))


def _number(answers: list[dict[str, Any]], kind: str) -> str:
    return f"{len(answers)} {kind} answer{'s' * (len(answers) != 1)}" if answers else ""


def _cell(tag: str, content: nodes.Node) -> element:
    return element("", content, tag=tag)


def refuse_stale(app: Sphinx) -> None:
    """In every build, also one that would read no page again."""
    if changed := stale(Path(app.srcdir) / FOLDER, Path(app.srcdir) / "solutions"):
        what = "; ".join(f"{slug}: {', '.join(names[:3])}" for slug, names in changed.items())
        raise ExtensionError(f"{FOLDER} is older than what it proves ({what}); {MEND}")


def setup(app: Sphinx) -> dict:
    app.setup_extension("html_element")
    app.add_role("proof", ProofNumber())
    app.add_directive("proof-checks", ProofChecks)
    app.connect("builder-inited", refuse_stale)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
