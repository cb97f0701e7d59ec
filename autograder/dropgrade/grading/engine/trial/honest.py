"""Honest submissions graded twice, plainly and by the engine: both gradebooks must say the same, row by row.

``python -m dropgrade.grading.engine.trial.honest --write book/results/same_truth.json`` hands in the course's
own answers, right and wrong ones, to every exercise. An answer file may take from the reference what it does
not change; a learner cannot, so the solution stands there instead.
"""

import argparse
import ast
import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dropgrade.checks import exercise
from dropgrade.errors import CourseError
from dropgrade.grading.course import Course
from dropgrade.grading.engine.measure.rows import differences, rows
from dropgrade.grading.engine.measure.school import copy_course
from dropgrade.grading.how import How

EACH, EACH_SLOW = 10, 3
"""Submissions to an exercise at most; fewer where its checks may take long, as those that train do."""
SLOW_SECONDS = 60
REFERENCE = "dropgrade.reference"
MARKS = ("### BEGIN SOLUTION", "### END SOLUTION")


@dataclass(frozen=True)
class Honest:
    """One honest submission: an answer file of an exercise."""

    slug: str
    path: Path

    @property
    def student(self) -> str:
        """Who hands it in: the file's name."""
        return self.path.stem.replace("_", "-")

    @property
    def text(self) -> str:
        """The answer without what it takes from the reference, and without words that say what is wrong."""
        source = self.path.read_text(encoding="utf-8")
        lines = source.splitlines()
        tree = ast.parse(source)
        for node in (tree.body[0], *_borrowed(tree)):
            lines[node.lineno - 1 : node.end_lineno] = [""] * (node.end_lineno - node.lineno + 1)
        return "\n".join(line for line in lines if not line.startswith("# fails:")).strip() + "\n"

    @property
    def stands_alone(self) -> bool:
        """Whether it takes nothing from the reference but what the notebook asks for, or hands out."""
        lesson = self.path.parents[1] / "lesson.py"
        cells = ast.parse(lesson.read_text(encoding="utf-8") if lesson.is_file() else "")
        handed = {name.name for node in _borrowed(cells) for name in node.names}
        written = {*exercise(self.slug).functions, *handed, "*"}
        return all(
            isinstance(node, ast.ImportFrom)
            and all(name.name in written and not name.asname for name in node.names)
            for node in _borrowed(ast.parse(self.path.read_text(encoding="utf-8")))
        )

    def cell(self, solution: str) -> str:
        """What its author writes into a gap: the answer if it has all that belongs there."""
        wanted, given = defined(solution), defined(self.text)
        if wanted <= given:
            return self.text
        return f"{solution}\n\n{self.text}" if wanted & given else solution


def defined(source: str) -> set[str]:
    """The functions and classes that a text defines at its top."""
    body = ast.parse(source).body
    return {node.name for node in body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}


def _borrowed(tree: ast.Module) -> list[ast.Import | ast.ImportFrom]:
    """Imports of the reference, anywhere in an answer."""
    imports = [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
    return [node for node in imports if REFERENCE in ast.unparse(node)]


def slugs(repository: Path) -> list[str]:
    """Exercises that have a lesson and answers."""
    found = sorted(path.parent.name for path in repository.glob("solutions/*/lesson.py"))
    return [slug for slug in found if any((repository / "solutions" / slug).glob("answers/right_*.py"))]


def submissions(repository: Path, slug: str, most: int | None = None) -> list[Honest]:
    """Answers to an exercise, right and wrong in equal parts, whose score does not depend on chance.

    A wrong answer counts as such when in the trial of the graders each of its checks failed in all runs or in
    none. Answers to an exercise without such a trial are the right ones alone.
    """
    if most is None:
        most = EACH if sum(check.seconds for check in exercise(slug).checks) <= SLOW_SECONDS else EACH_SLOW
    folder = repository / "solutions" / slug / "answers"
    certain = set(_certain(repository / "book" / "results" / "proof" / f"{slug}.json"))
    found = [Honest(slug, path) for path in sorted(folder.glob("*.py"))]
    found = [one for one in found if one.stands_alone]
    right = [one for one in found if one.path.stem.startswith("right_")]
    wrong = [one for one in found if one.path.stem.startswith("wrong_") and one.path.stem in certain]
    half = most // 2
    return _spread(right, max(most - half, most - len(wrong))) + _spread(wrong, max(half, most - len(right)))


def same_truth(folder: Path, repository: Path, honest: list[Honest]) -> dict[str, Any]:
    """Grade them in two courses, once plainly and once by the engine.

    Args:
        folder: for the two course folders; must exist.

    Returns:
        {"rows": how many both gradebooks hold, "differences": texts, "scores": of each exercise}.
    """
    gradebooks = []
    for name, how in (("plain", How(plain=True)), ("engine", How())):
        course = make_course(folder / name, repository, honest)
        list(course.grade(how=how))
        gradebooks.append(rows(course.steps.directory.db_url))
    plain, engine = gradebooks
    scores = [(one.exercise, one.student, one.score, one.max_score) for one in course.records()]
    return {"rows": len(plain), "differences": differences(plain, engine), "scores": scores}


def make_course(folder: Path, repository: Path, honest: list[Honest]) -> Course:
    """A course folder, built, with some answers handed in."""
    copy_course(repository, folder, sorted({one.slug for one in honest}))
    course = Course(folder)
    list(course.build())
    for one in honest:
        name = f"{one.slug}.ipynb"
        notebook = json.loads((folder / "exercises" / one.slug / name).read_text(encoding="utf-8"))
        source = json.loads((folder / "grading" / "source" / one.slug / name).read_text(encoding="utf-8"))
        solutions = {_id(cell): "".join(cell["source"]) for cell in source["cells"]}
        for cell in notebook["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("solution"):
                lines = solutions[_id(cell)].splitlines()
                cell["source"] = one.cell("\n".join(line for line in lines if line.strip() not in MARKS))
        place = folder / "grading" / "submitted" / one.student / one.slug
        place.mkdir(parents=True)
        (place / name).write_text(json.dumps(notebook, ensure_ascii=False), encoding="utf-8")
        (place / "timestamp.txt").write_text("2026-03-02 18:30:00 UTC\n", encoding="utf-8")
    return course


def _id(cell: dict[str, Any]) -> str:
    """nbgrader's name of a cell; empty if it has none."""
    return cell["metadata"].get("nbgrader", {}).get("grade_id", "")


def _certain(proof: Path) -> Iterator[str]:
    if proof.is_file():
        for answer in json.loads(proof.read_text(encoding="utf-8"))["answers"]:
            if all(one["runs"] == answer["runs"] for one in answer["fails"]):
                yield answer["name"]


def _spread(all_of: list[Honest], most: int) -> list[Honest]:
    """At most so many of some, taken at equal distances."""
    step = max(1.0, len(all_of) / max(1, most))
    return [all_of[int(n * step)] for n in range(min(most, len(all_of)))]


def together(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Two records of different exercises as one.

    >>> together({"rows": 7, "exercises": ["01_mask"]}, {"rows": 2, "exercises": ["09_gpu"]})
    {'rows': 9, 'exercises': ['01_mask', '09_gpu']}
    """
    if twice := set(one["exercises"]) & set(other["exercises"]):
        raise CourseError(
            f"the record holds {', '.join(sorted(twice))} already; leave out --add to begin anew"
        )
    return {key: one[key] + other[key] for key in one} | {
        "exercises": sorted([*one["exercises"], *other["exercises"]])
    }


def main() -> int:
    """Entry point; exit code 1 when the gradebooks differ."""
    parser = argparse.ArgumentParser(prog="python -m dropgrade.grading.engine.trial.honest")
    parser.add_argument("--course", type=Path, default=Path("."), help="the repository (default: here)")
    parser.add_argument("--each", type=int, help=f"answers to an exercise (default {EACH}, or {EACH_SLOW})")
    parser.add_argument("--write", type=Path, help="write the outcome to this JSON file")
    parser.add_argument("--add", action="store_true", help="add to what the file says of other exercises")
    parser.add_argument("slugs", nargs="*", help="exercises (default: all)")
    options = parser.parse_args()
    chosen = options.slugs or slugs(options.course)
    honest = [one for slug in chosen for one in submissions(options.course, slug, options.each)]
    with tempfile.TemporaryDirectory(prefix="honest-") as folder:
        outcome = same_truth(Path(folder), options.course, honest)
    found = {
        "submissions": len(honest),
        "right": sum(one.path.stem.startswith("right_") for one in honest),
        "wrong": sum(one.path.stem.startswith("wrong_") for one in honest),
        "exercises": chosen,
        "rows": outcome["rows"],
        "differences": outcome["differences"],
    }
    if options.add:
        found = together(json.loads(options.write.read_text(encoding="utf-8")), found)
    if options.write:
        options.write.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{found['submissions']} submissions, {found['rows']} rows, {len(found['differences'])} differ")
    print("\n".join(found["differences"]), end="")
    return 1 if found["differences"] else 0


if __name__ == "__main__":
    sys.exit(main())
