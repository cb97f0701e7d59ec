"""Interview kits: which questions to put in the time there is, and four sheets to put them from.

The choice and the sheets are scripts in `book/_static/kit` (kit_core.js, kit_sheets.js, kit_writers.js), the
same that the page on kits runs; here V8 evaluates them, so page and command line cannot differ. What this
module adds is the bank in the form those scripts read: an index to choose from, and the chosen records, with
their texts set.
"""

from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import yaml

from dropgrade.errors import CourseError
from dropgrade.interview.bank import fingerprint, load_bank
from dropgrade.interview.citing import Citing
from dropgrade.interview.texts import AsWritten, FormulaError, Texts, v8

SCRIPTS = ("kit_core.js", "kit_sheets.js", "kit_writers.js")


class KitError(CourseError):
    """No kit can be made as asked; the message holds the rule, and what would work."""


@dataclass(frozen=True)
class Wish:
    """What a kit should be; the same wish and the same bank give the same kit, byte for byte.

    Attributes:
        level: "junior", "mid", "senior" or "staff".
        minutes: of questions and follow-ups; the kit takes up to a tenth less (rounded up), never more.
        audience: "interviewer" (four sheets) or "candidate" (three, to practise alone).
        seed: 0 to 2**32 - 1.
        exclude: ids of records that the kit must not put, not even as a follow-up.
    """

    level: str
    minutes: int
    audience: str = "interviewer"
    seed: int = 1
    exclude: tuple[str, ...] = ()


class KitMaker:
    """Makes kits from a course's bank.

    Args:
        course: the course's folder; questions, scripts and bibliography are read from its `book`.

    Raises:
        BankError: a question file breaks the schema.
        KitError: the folder holds no bank.
    """

    def __init__(self, course: Path):
        self.book = Path(course) / "book"
        self.bank = load_bank(self.book / "questions")
        if not self.bank:
            raise KitError(
                f"no questions in {self.book / 'questions'}; give the course's folder with --course"
            )
        self.hash = fingerprint(self.bank)

    @cached_property
    def index(self) -> list[dict]:
        """What the choice looks at, of each record, by id."""
        return [_entry(self.bank[name]) for name in sorted(self.bank)]

    def make(self, wish: Wish) -> dict:
        """The questions of a kit in their order, planned minutes, and the ids it uses up.

        Raises:
            KitError: nothing fits; the message says what would.
        """
        made = self._call("dropoutKit.make", self.index, asdict(wish))
        if "error" in made:
            raise KitError(made["error"])
        return made["kit"]

    def sheets(self, kit: dict, site: str, language: str = "html") -> dict[str, str]:
        """Sheet name -> its text.

        Args:
            kit: from `make`.
            site: address of the built site, ending in "/", for the links of the key.
            language: "html" or "markdown".
        """
        records = {place["id"]: self.question(place["id"], language) for place in kit["questions"]}
        return self._call("dropoutKit.sheets", kit, records, {"hash": self.hash, "site": site}, language)

    def question(self, name: str, language: str = "html") -> dict:
        """A record as the sheets need it, its texts set in the language; a follow-up holds what it asks.

        Raises:
            KitError: a formula that KaTeX cannot read; the message names the record.
        """
        try:
            return self._set(name, language)
        except FormulaError as error:
            raise KitError(f"{name}: {error}") from error

    def _set(self, name: str, language: str) -> dict:
        record, texts = self.bank[name], self._texts(language)
        line, block = texts.line, texts.block
        return {
            "id": name,
            "title": line(record["title"]),
            "kind": record["kind"],
            "minutes": {"followups": 0} | record["minutes"],
            "convention": record.get("convention", ""),
            "prompt": block(record["prompt"]),
            "short": block(record["model_answer"]["short_20s"]),
            "full": block(record["model_answer"]["full"]),
            "rubric": [{"must": False} | point | {"say": line(point["say"])} for point in record["rubric"]],
            "bars": record["bars"],
            "anchors": {quality: line(said) for quality, said in record["anchors"].items()},
            "accept": [line(text) for text in record["accept_also"]],
            "wrong": [{"says": line(one["says"]), "why": line(one["why"])} for one in record["wrong"]],
            "evidence": [self._evidence(record, one, texts) for one in record["evidence"]],
            "here": self._page_of(record),
            "task": self._task(record),
            "sources": [line(f"{self._citing.label(s['key'])}: {s['where']}") for s in record["sources"]],
            "followups": [self._followup(one, texts) for one in record["followups"]],
        }

    def _followup(self, entry: dict, texts: Texts | AsWritten) -> dict:
        """What is put, from the record it asks or from its own text."""
        asked = self.bank.get(entry.get("ask", ""), {})
        prompt = asked.get("prompt", entry.get("prompt", ""))
        answer = asked["model_answer"]["short_20s"] if asked else entry["answer"]
        return {
            "if": entry["if"],
            "ask": entry.get("ask", ""),
            "prompt": texts.block(prompt),
            "answer": texts.block(answer),
            "convention": asked.get("convention", ""),
        }

    def _evidence(self, record: dict, entry: dict, texts: Texts | AsWritten) -> dict:
        """Where on the site the answer is proved, and what number is accepted there."""
        if "measure" in entry:
            shows = f"{entry['shows']}: {entry['expect']}, measured by `{entry['measure']}`"
            return {"shows": texts.line(shows), "at": self._page_of(record)}
        anchor = f"#{entry['anchor']}" if "anchor" in entry else ""
        return {
            "shows": texts.line(f"{entry['shows']} ({entry['page']})"),
            "at": f"book/{entry['page']}.html{anchor}",
        }

    def _page_of(self, record: dict) -> str:
        """The place on the site that shows the record."""
        chapter = (self.book / f"{record['topic']}.md").is_file()
        folder = "book" if chapter else "book/interview"
        return f"{folder}/{record['topic']}.html#{record['id'].lower()}"

    def _task(self, record: dict) -> str:
        slug = record.get("coding_task")
        return f"exercises/{slug}/{slug}.html" if slug else ""

    def _texts(self, language: str) -> Texts | AsWritten:
        return self._html if language == "html" else AsWritten()

    @cached_property
    def _html(self) -> Texts:
        return Texts(self.book / "_ext/vendor/katex/katex.min.js")

    @cached_property
    def _citing(self) -> Citing:
        return Citing(self.book / "references.bib")

    def _call(self, function: str, *arguments: object):
        return v8(*(self.book / "_static/kit" / name for name in SCRIPTS)).call(function, *arguments)


def site_address(course: Path) -> str:
    """Where the course is published: the pages of the repository in `_config.yml`; "" if it names none."""
    path = Path(course) / "_config.yml"
    settings = yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else {}
    name = settings.get("sphinx", {}).get("config", {}).get("course_repository", "")
    owner, _, repository = name.partition("/")
    return f"https://{owner}.github.io/{repository}/" if repository else ""


def _entry(record: dict) -> dict:
    return {
        "id": record["id"],
        "kind": record["kind"],
        "levels": record["levels"],
        "audience": record["audience"],
        "answer": record["minutes"]["answer"],
        "followups": record["minutes"].get("followups", 0),
        "conflict": record.get("conflict", ""),
        "asks": sorted({entry["ask"] for entry in record["followups"] if "ask" in entry}),
    }
