"""The court: a class of attackers and honest twins, graded as a class is, and what came of each attack."""

import json
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from sqlalchemy import text

from dropgrade.grading.course import Course
from dropgrade.grading.engine.trial.model import SLUG, Attack, handed_in, marks, tests
from dropgrade.grading.engine.trial.watch import adopt_orphans, left_running, listener
from dropgrade.grading.how import How
from dropgrade.grading.records import read_graded

CANARIES = ("NEIGHBOURCANARY", "ENVIRONMENTCANARY", "BEGIN HIDDEN TESTS", "BEGIN SOLUTION")
SCRIPTS = ("XSSCANARY", "javascript:")
MOST_CHARACTERS = 8_000_000
"""Of an autograded notebook; outputs that were forged by the gigabyte must not come to more."""
JOBS = 4
"""Notebooks at once: most of the time is spent waiting for those that hang."""
TABLES = "SELECT name FROM sqlite_master WHERE type = 'table'"
NEIGHBOUR = f"# {CANARIES[0]}\ndef keep_mask(shape, p, rng):\n    return rng.random(shape) >= p\n"


@dataclass(frozen=True)
class Outcome:
    """What came of one attack.

    Attributes:
        score: that it got; honest: that the same answer gets without it.
        leaked: what it learnt or reached, one phrase each; empty if nothing.
    """

    name: str
    group: str
    about: str
    score: float | None
    honest: float | None
    leaked: list[str]

    @property
    def failed(self) -> bool:
        """Whether the attack failed, which is what we want."""
        return self.score is not None and self.score == self.honest and not self.leaked


class Court:
    """A course folder with a class of attackers.

    Args:
        folder: made here.
        repository: where solutions/ and nbgrader_config.py come from.
    """

    def __init__(self, folder: Path, repository: Path) -> None:
        self.folder = folder
        shutil.copytree(
            repository / "solutions" / SLUG,
            folder / "solutions" / SLUG,
            ignore=shutil.ignore_patterns("__pycache__"),
        )
        shutil.copy(repository / "nbgrader_config.py", folder / "nbgrader_config.py")
        self.course = Course(folder)
        list(self.course.build([SLUG]))
        self.release = json.loads((folder / "exercises" / SLUG / f"{SLUG}.ipynb").read_text(encoding="utf-8"))
        self.twins: dict[str, str] = {}
        self.attacks: list[Attack] = []

    def summon(self, attacks: tuple[Attack, ...], port: int = 9) -> None:
        """Hand in the attackers' notebooks, their honest twins' and a neighbour's."""
        known = f"COURSE, PORT = {str(self.folder)!r}, {port}\n"
        self._put("neighbour", self._notebook(NEIGHBOUR))
        for attack in attacks:
            twin = self.twins.setdefault(attack.honest, f"twin-{len(self.twins)}")
            self._put(twin, self._notebook(attack.honest))
            folder = self._put(f"attack-{attack.name}", handed_in(self.release, _told(attack, known)))
            if attack.folder:
                attack.folder(folder, self.folder)
            self.attacks.append(attack)

    def verdicts(self) -> Iterator[Outcome]:
        """What came of each attack, after the class was graded and has its feedback."""
        records = {record.student: record for record in self.course.records()}
        for attack in self.attacks:
            name = f"attack-{attack.name}"
            mine, twin = records.get(name), records.get(self.twins[attack.honest])
            yield Outcome(
                attack.name,
                attack.group,
                attack.about,
                mine.score if mine else None,
                twin.score if twin else None,
                list(self._leaks(name)),
            )

    def outside(self) -> dict[str, str]:
        """Everything in the folder that grading may not change, by its content."""
        kept = ("solutions", "exercises", "nbgrader_config.py", "grading/source", "grading/submitted")
        paths = [path for name in kept for path in [self.folder / name, *(self.folder / name).rglob("*")]]
        return {str(path): _content(path) for path in sorted(paths)}

    def strange_rows(self) -> list[str]:
        """Rows of the gradebook that no submission accounts for, by name."""
        handed_in = {path.name for path in (self.folder / "grading" / "submitted").iterdir()}
        with self.course.steps.gradebook() as gradebook:
            found = [f"student {one.id}" for one in gradebook.students if one.id not in handed_in]
            found += [f"assignment {one.name}" for one in gradebook.assignments if one.name != SLUG]
            cells = gradebook.find_notebook(SLUG, SLUG).grade_cells
            known = {marks(cell)["grade_id"]: marks(cell)["points"] for cell in tests(self.release)}
            found += [f"cell {cell.name}" for cell in cells if known.get(cell.name) != cell.max_score]
            tables = {name for (name,) in gradebook.db.execute(text(TABLES))}
        return found + [f"table {name}" for name in tables if "pwned" in name]

    def planted(self) -> list[str]:
        """Files called as the attackers call what they plant, anywhere around the course."""
        return sorted(str(path) for path in self.folder.parent.rglob("*pwned*"))

    def _leaks(self, student: str) -> Iterator[str]:
        autograded = self.folder / "grading" / "autograded" / student / SLUG
        path = autograded / f"{SLUG}.ipynb"
        if path.is_file() and path.stat().st_size > MOST_CHARACTERS:
            yield f"its graded notebook has {path.stat().st_size} bytes"
        notebook = read_graded(path)
        for cell in notebook.cells if notebook else ():
            graded = cell.metadata.get("nbgrader", {}).get("grade")
            shown = json.dumps(cell.get("outputs", []))
            for line in _printed(cell):
                if line.startswith("PROBES "):
                    said = json.loads(line.removeprefix("PROBES "))
                    yield from (f"{what}: {answer}" for what, answer in said.items() if answer[:3] != "no:")
            for canary in CANARIES:
                # A refused comparison may quote the words it was looking for; a leak brings the content.
                if canary in shown and not graded:
                    yield f"an output holds {canary}"
            if any(word in shown for word in SCRIPTS):
                yield "an output holds a script"
        names = {path.name for path in autograded.iterdir()} if autograded.is_dir() else set()
        if names - {f"{SLUG}.ipynb", "timestamp.txt"}:
            yield f"files were copied along: {', '.join(sorted(names))}"
        for page in (self.folder / "grading" / "feedback" / student).rglob("*.html"):
            yield from _page_leaks(page.read_text(encoding="utf-8"))

    def _notebook(self, answer: str) -> bytes:
        return handed_in(self.release, Attack("twin", "", "", answer))

    def _put(self, student: str, content: bytes) -> Path:
        folder = self.folder / "grading" / "submitted" / student / SLUG
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{SLUG}.ipynb").write_bytes(content)
        return folder


def _told(attack: Attack, known: str) -> Attack:
    return replace(attack, answer=known + attack.answer)


def _printed(cell: Any) -> list[str]:
    outputs = cell.get("outputs", [])
    return "".join(out.text for out in outputs if out.output_type == "stream").splitlines()


def _page_leaks(page: str) -> Iterator[str]:
    for canary in CANARIES[:3]:
        if canary in page:
            yield f"the feedback page holds {canary}"
    reader = _Scripts()
    reader.feed(page)
    yield from reader.found


class _Scripts(HTMLParser):
    """Finds what would run in a page: frames, handlers, script addresses, scripts with a canary."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        if tag in ("iframe", "object", "embed", "svg", "base", "form"):
            self.found.append(f"the feedback page holds <{tag}>")
        for name, value in attrs:
            address = (value or "").strip().lower()
            if name.startswith("on") or address.startswith(("javascript:", "data:text", "vbscript:")):
                self.found.append(f"the feedback page holds {name}={value}")

    def handle_data(self, data: str) -> None:
        if self._inside == "script" and SCRIPTS[0] in data:
            self.found.append("the feedback page holds a learner's script")

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""


def _content(path: Path) -> str:
    if path.is_symlink():
        return f"link to {os.readlink(path)}"
    if not path.is_file():
        return "no file" if path.is_dir() or not path.exists() else "special"
    return path.read_bytes().hex()[:200_000]


def try_all(folder: Path, repository: Path, attacks: tuple[Attack, ...]) -> dict[str, Any]:
    """Grade a class of attackers and say what came of it, as JSON data.

    Args:
        folder: for the course; must not exist.
        repository: the course's repository.
    """
    os.environ["DROPGRADE_CANARY"] = CANARIES[1]
    adopt_orphans()
    court = Court(folder, repository)
    with listener() as (port, connections):
        court.summon(attacks, port)
        before = court.outside()
        start = time.monotonic()
        lines = list(court.course.grade([SLUG], How(jobs=JOBS)))
        seconds = time.monotonic() - start
        list(court.course.feedback([SLUG]))
        after = court.outside()
        outcomes = [asdict(outcome) | {"failed": outcome.failed} for outcome in court.verdicts()]
        return {
            "user": "root" if os.getuid() == 0 else "a normal user",
            "attacks": outcomes,
            "connections": connections(),
            "strange_rows": court.strange_rows(),
            "planted": court.planted(),
            "changed_outside": sorted(name for name in before | after if before.get(name) != after.get(name)),
            "left_running": left_running(),
            "seconds": round(seconds, 1),
            "lines": lines,
        }
