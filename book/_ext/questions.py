"""`{questions} 01_mask`: interview questions of a chapter or a theme, each with the answer folded away.

The records come from `book/questions/TOPIC.yml`; `dropgrade.interview.bank` documents how one is written. Put
the directive under a heading of its own: every question becomes a section with an anchor (`q16`), for
other pages to link to; `questions-01-mask` is the place where they start.
"""

from pathlib import Path

from docutils import nodes
from html_element import details, element
from measures import look_up
from results_role import typeset
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

from dropgrade.interview.bank import BankError, load_questions

FOLDER = "book/questions"
MEANING_OF_P = {
    "drop": "Here p is the probability of dropping a unit.",
    "keep": "Here p is the probability of keeping a unit.",
    "candidate_states": "Say first whether your p drops or keeps; either is fine.",
}


class Questions(SphinxDirective):
    """All questions of one file; a file that breaks the schema stops the build with its name and field."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        slug = self.arguments[0]
        folder = Path(self.env.srcdir) / FOLDER
        try:
            records = load_questions(folder, slug)
        except BankError as error:
            raise ExtensionError(f"{self.env.docname}: {error}") from error
        for name in (f"{slug}.yml", "schema.json"):
            self.env.note_dependency(str(folder / name))
        name = f"questions-{slug.replace('_', '-')}"
        start = nodes.target("", "", ids=[name], names=[name])
        self.state.document.note_explicit_target(start)
        return [start, *(self.section(record) for record in records)]

    def section(self, record: dict) -> nodes.section:
        """One question: who is asked it, the prompt, then answer, full answer and wrong answers to open."""
        section = nodes.section(
            ids=[record["id"].lower()], names=[record["id"].lower()], classes=["question"]
        )
        self.state.document.note_explicit_target(section)
        section += nodes.title("", "", *self.inline(record["title"]))
        section += nodes.paragraph("", _for_whom(record), classes=["question-meta"])
        section += self.blocks(record["prompt"], "question-prompt")
        if "convention" in record:
            section += nodes.paragraph("", MEANING_OF_P[record["convention"]], classes=["question-note"])
        answer = record["model_answer"]
        section += details("Answer in twenty seconds", self.blocks(answer["short_20s"]), classes=("answer",))
        section += details(
            "Full answer",
            self.blocks(answer["full"]),
            *self.evidence(record),
            self.sources(record),
            classes=("answer",),
        )
        section += details("Wrong answers, and why", self.wrong(record), classes=("answer", "answer-wrong"))
        section += details("For the interviewer", *self.scoring(record), classes=("answer", "answer-scoring"))
        return section

    def scoring(self, record: dict) -> list[nodes.Node]:
        """What to tick, how much is enough, what else counts, and what to ask next."""
        points = [_point(entry) for entry in record["rubric"]]
        bars = ", ".join(f"{level} {points}" for level, points in record["bars"].items())
        anchors = [f"- {name}: {said}" for name, said in record["anchors"].items()]
        also = [f"- {said}" for said in record["accept_also"]]
        parts = (
            ("Points", points),
            (f"Enough of 10: {bars}", []),
            ("How such answers sound", anchors),
            ("Right as well", also),
            ("Ask next", [_followup(entry) for entry in record["followups"]]),
        )
        return [self.blocks("\n".join([f"**{head}**", "", *lines])) for head, lines in parts]

    def wrong(self, record: dict) -> nodes.Node:
        """What people say, each followed by the reason, and the paragraph that treats it if there is one."""
        pairs = []
        for entry in record["wrong"]:
            why = entry["why"].rstrip()
            if "misconception" in entry:
                why += f" {{ref}}`Read the paragraph <{entry['misconception'].replace('_', '-')}>`."
            pairs += [f"<<{entry['says']}", why]
        listing = element("", tag="dl", classes=["wrong-answers"])
        for text in pairs:
            said = text.startswith("<<")
            listing += element("", self.blocks(text.removeprefix("<<")), tag="dt" if said else "dd")
        return listing

    def evidence(self, record: dict) -> list[nodes.Node]:
        """Links to the places of the course that prove the answer."""
        told = [self.proof(entry) for entry in record["evidence"]]
        return [self.blocks("Proof in the course: " + "; ".join(told) + ".", "question-evidence")]

    def proof(self, entry: dict) -> str:
        """A link to the place, or what was measured."""
        if "measure" in entry:
            found, _ = look_up(self.env, entry["measure"], self.env.docname)
            return f"{entry['shows']}: {typeset(found.quote())} (`{entry['measure']}`)"
        if "anchor" in entry:
            return f"{{ref}}`{entry['shows']} <{entry['anchor']}>`"
        return f"{{doc}}`{entry['shows']} </book/{entry['page']}>`"

    def sources(self, record: dict) -> nodes.Node:
        cited = "; ".join(f"{{cite:t}}`{s['key']}`, {s['where']}" for s in record["sources"])
        return self.blocks(f"Sources: {cited}.", "question-sources")

    def blocks(self, text: str, *classes: str) -> nodes.container:
        """MyST text as nodes, in a box of the given classes."""
        return nodes.container("", *self.parse_text_to_nodes(text), classes=[*classes])

    def inline(self, text: str) -> list[nodes.Node]:
        """MyST text of one line, without the paragraph round it."""
        (paragraph,) = self.parse_text_to_nodes(text)
        return list(paragraph.children)


def _point(entry: dict) -> str:
    """What to tick and what it counts."""
    worth = f"{entry['pts']} point{'s' * (entry['pts'] > 1)}"
    return f"- {worth}{' (a must)' if entry.get('must') else ''}: {entry['say']}"


def _followup(entry: dict) -> str:
    """One line of the tree: another question by its anchor, or a prompt with its answer."""
    head = f"- After a {entry['if']} answer: "
    if "ask" in entry:
        return f"{head}{{ref}}`question {entry['ask']} <{entry['ask'].lower()}>`."
    return f"{head}{entry['prompt'].strip()} *{entry['answer'].strip()}*"


def _for_whom(record: dict) -> str:
    minutes = record["minutes"]["answer"]
    return f"{' / '.join(record['levels'])} · {record['kind']} · {minutes} min"


def setup(app: Sphinx) -> dict:
    app.setup_extension("html_element")
    app.add_directive("questions", Questions)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
