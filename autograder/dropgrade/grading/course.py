"""A course folder and the five things done with it: build, grade, feedback, export, summary.

Each works through the folder one exercise and one submission after the other and yields a line of text
for each, so that whoever calls it can show progress.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import nbformat
import yaml
from nbformat import NotebookNode
from nbgrader.api import SubmittedAssignment

import dropgrade
from dropgrade.checks import exercise
from dropgrade.errors import CourseError, UnusableCourse
from dropgrade.grading import notebooks
from dropgrade.grading.exports import FORMATS
from dropgrade.grading.how import Changed, How
from dropgrade.grading.ingest import RESERVED, Ingested, ingest, refuse
from dropgrade.grading.records import Record, record_of, records
from dropgrade.grading.settings import trust_submissions, use_plain_executor
from dropgrade.grading.steps import StepFailed, Steps
from dropgrade.grading.summary import record_line, summarise
from dropgrade.grading.writing import write_whole

GRADERS = ("checks", "reference")
"""Rooms of the package that decide a score; when they change, every submission is graded again."""
Releases = dict[str, NotebookNode]
ENDED = "Running it ended its Python process or left it without an answer, so no check could run."


class Course:
    """A folder with nbgrader_config.py, solutions/, exercises/ and grading/.

    Args:
        folder: the course's folder.

    Raises:
        UnusableCourse: there is no nbgrader_config.py in it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.grading = self.folder / "grading"
        self.steps = Steps(self.folder, submitted="grading/ingested", release="grading/release")
        trust_submissions(self.steps.config)

    def build(self, slugs: Iterable[str] = ()) -> Iterator[str]:
        """Make the source notebook and the release notebook of each exercise (default: all).

        Raises:
            UnusableCourse: a lesson breaks a rule, or the gradebook holds submissions to an older cut
                of the exercise.
        """
        for slug in self._chosen(slugs):
            lesson = notebooks.read_lesson(self.folder / "solutions" / slug / "lesson.py")
            notebook = notebooks.build_notebook(lesson, exercise(slug), self._repository())
            _write_if_changed(self._source(slug), notebooks.dumps(notebook).encode())
            self._generate(slug)
            made = self.grading / "release" / slug / f"{slug}.ipynb"
            changed = _write_if_changed(self._release(slug), made.read_bytes())
            name = self._release(slug).relative_to(self.folder)
            yield f"{slug:<12} {'built' if changed else 'unchanged'}: {name}"

    def grade(self, slugs: Iterable[str] = (), how: How | None = None) -> Iterator[str]:
        """Grade every submission under grading/submitted/ that is new or changed.

        Args:
            slugs: exercises; default all.
            how: where and how notebooks run; default in the sandbox on all cores of this machine.

        Raises:
            UnusableCourse: an exercise was not built.
            SandboxError: the sandbox lacks a layer; nothing was run.
            CourseError: the gradebook or the disk cannot be written; or, after the last line, nbgrader
                failed on a submission for a reason that is not the submission's. The next run goes on.
        """
        how = how or How()
        releases = self._unanswered(self._chosen(slugs))
        yield from self._strangers()
        counts = {"graded": 0, "unchanged": 0}
        failures: list[str] = []
        grading = self._grade_plainly if how.plain else self._grade_apart
        yield from grading(releases, counts, failures, how)
        yield f"{counts['graded']} graded, {counts['unchanged']} unchanged since they were graded"
        if failures:
            raise CourseError("nbgrader failed, run `dropgrade grade` again for\n" + "\n".join(failures))

    def _grade_apart(
        self, releases: Releases, counts: dict[str, int], failures: list[str], how: How
    ) -> Iterator[str]:
        """Grade with the engine, which keeps learners' code away from everything else."""
        from dropgrade.grading.engine.classroom import Classroom

        total = sum(1 for _ in self._submissions(releases))
        room = Classroom(self.steps, self.grading / "executed", how)
        yield from room.grade(self._changed(releases, counts), releases, total)
        counts["graded"] = room.graded
        failures += room.failures

    def write_shards(self, folder: Path, slugs: Iterable[str] = ()) -> str:
        """Write what is new or changed as shards for a cluster; see `engine.shards`.

        Raises:
            UnusableCourse: an exercise was not built.
            CourseError: the folder holds shards already.
        """
        from dropgrade.grading.engine import shards
        from dropgrade.grading.engine.classroom import Classroom

        releases = self._unanswered(self._chosen(slugs))
        room = Classroom(self.steps, self.grading / "executed", How())
        changed = self._changed(releases, {"unchanged": 0})
        count = shards.write(folder, room.jobs(changed, releases), room.settings())
        return f"{count} shards in {folder}: run 0 to {count - 1}" if count else "nothing is new or changed"

    def collect_shards(self, folder: Path) -> str:
        """Bring the results of shards home, where `grade` finds them."""
        from dropgrade.grading.engine import shards
        from dropgrade.grading.engine.store import Store

        return shards.collect(folder, Store(self.grading / "executed"))

    def _changed(self, releases: Releases, counts: dict[str, int]) -> Iterator[Changed]:
        """Submissions that are not in the gradebook as they are now, each put where nbgrader reads it."""
        with self.steps.gradebook() as gradebook:
            known = {(one.assignment.name, one.student_id) for one in gradebook.db.query(SubmittedAssignment)}
        for slug, student in self._submissions(releases):
            one = ingest(self.grading / "submitted" / student / slug, releases[slug])
            key = self._key(slug, one)
            if (slug, student) in known and self._graded_key(slug, student) == key:
                counts["unchanged"] += 1
                continue
            self._put(slug, student, one, key)
            yield Changed(slug, student, one, key)

    def _grade_plainly(
        self, releases: Releases, counts: dict[str, int], failures: list[str], how: How
    ) -> Iterator[str]:
        """Grade with nbgrader's own executor: one notebook after the other, with this user's rights."""
        use_plain_executor(self.steps.config)
        for changed in self._changed(releases, counts):
            slug, student = changed.slug, changed.student
            try:
                self._grade_one(changed, releases[slug])
            except StepFailed as failure:
                failures.append(f"{student}/{slug}: {str(failure).strip()[-800:]}")
                continue
            counts["graded"] += 1
            with self.steps.gradebook() as gradebook:
                yield record_line(record_of(gradebook, self.steps.directory, slug, student))

    def feedback(self, slugs: Iterable[str] = ()) -> Iterator[str]:
        """Write the feedback page of every graded submission: grading/feedback/STUDENT/SLUG/SLUG.html."""
        chosen = self._chosen(slugs)
        found = [record for record in self.records() if record.exercise in chosen]
        failures = []
        for record in found:
            try:
                self.steps.generate_feedback(record.exercise, record.student)
            except StepFailed as failure:
                failures.append(f"{record.student}/{record.exercise}: {str(failure).strip()[-800:]}")
        yield f"{len(found) - len(failures)} feedback pages in grading/feedback/"
        if failures:
            raise CourseError("no feedback page could be made for\n" + "\n".join(failures))

    def export(self, target: Path, kind: str = "scores") -> str:
        """Write the gradebook as CSV to `target`; a relative path starts at the course's folder.

        Args:
            kind: one of `exports.FORMATS`.
        """
        target = self.folder / target
        target.parent.mkdir(parents=True, exist_ok=True)
        rows = self.steps.export(FORMATS[kind], target)
        shown = target.relative_to(self.folder) if target.is_relative_to(self.folder) else target
        return f"{rows} rows in {shown}"

    def summary(self) -> Iterator[str]:
        """What to open, and how the class did in each exercise."""
        yield from summarise(self.folder, self.records())

    def records(self) -> list[Record]:
        """One record for each submission in the gradebook, ordered by exercise and student."""
        with self.steps.gradebook() as gradebook:
            return list(records(gradebook, self.steps.directory))

    def _chosen(self, slugs: Iterable[str]) -> list[str]:
        """The exercises asked for, or all that have a lesson; an unknown one is an error."""
        known = sorted(path.parent.name for path in self.folder.glob("solutions/*/lesson.py"))
        for slug in slugs:
            if slug not in known:
                raise UnusableCourse(
                    f"no exercise is called {slug!r}; there are {', '.join(known) or 'none'}"
                )
        return list(slugs) or known

    def _source(self, slug: str) -> Path:
        return self.grading / "source" / slug / f"{slug}.ipynb"

    def _release(self, slug: str) -> Path:
        return self.folder / "exercises" / slug / f"{slug}.ipynb"

    def _repository(self) -> str:
        """The public repository named in _config.yml, from which Colab fetches the checks; "" if none."""
        path = self.folder / "_config.yml"
        settings = yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else None
        name = (settings or {}).get("sphinx", {}).get("config", {}).get("course_repository")
        return f"https://github.com/{name}" if name else ""

    def _generate(self, slug: str) -> None:
        try:
            self.steps.generate_assignment(slug)
        except StepFailed as failure:
            if "submissions associated with it" in str(failure):
                raise UnusableCourse(
                    f"the cells of {slug} changed while the gradebook holds submissions to it; "
                    "move grading/gradebook.db away to begin a new class"
                ) from failure
            raise CourseError(f"nbgrader could not make the release of {slug}: {failure}") from failure

    def _unanswered(self, slugs: list[str]) -> dict[str, NotebookNode]:
        """The release notebook of each exercise, which must also be in the gradebook."""
        with self.steps.gradebook() as gradebook:
            built = {assignment.name for assignment in gradebook.assignments}
        for slug in slugs:
            if slug not in built or not self._source(slug).exists() or not self._release(slug).exists():
                raise UnusableCourse(f"{slug} is not built yet; run `dropgrade build {slug}`")
        return {slug: nbformat.read(self._release(slug), as_version=4) for slug in slugs}

    def _students(self) -> list[str]:
        submitted = self.grading / "submitted"
        names = sorted(os.listdir(submitted)) if submitted.is_dir() else []
        return [name for name in names if not name.startswith(".")]

    def _submissions(self, slugs: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Every (exercise, student) that has something under grading/submitted/STUDENT/SLUG."""
        submitted = self.grading / "submitted"
        people = [name for name in self._students() if _is_student(submitted / name)]
        for slug in slugs:
            for student in people:
                if os.path.lexists(submitted / student / slug):
                    yield slug, student

    def _strangers(self) -> Iterator[str]:
        """A line for each thing under grading/submitted/ that is no submission to an exercise."""
        submitted, known = self.grading / "submitted", self._chosen(())
        for name in self._students():
            if not _is_student(submitted / name):
                yield f"ignored: {name!r} in grading/submitted/ is no student's folder"
                continue
            for entry in sorted(os.listdir(submitted / name)):
                if entry not in known and not entry.startswith("."):
                    yield f"ignored: {entry!r} of {name} is no exercise; there are {', '.join(known)}"

    def _key(self, slug: str, one: Ingested) -> str:
        """Changes when the submission, the exercise or the graders change, and at no other time."""
        digest = hashlib.sha256(self._source(slug).read_bytes())
        for part in (notebooks.dumps(one.notebook), str(one.timestamp), str(one.refused)):
            digest.update(part.encode() + b"\0")
        digest.update(_graders())
        return digest.hexdigest()

    def _graded_key(self, slug: str, student: str) -> str | None:
        """The key under which the autograded notebook was graded; None when there is none, or half of one."""
        path = self.steps.path("autograded", student, slug) / f"{slug}.ipynb"
        try:
            return json.loads(path.read_bytes())["metadata"][RESERVED]["graded"]
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _grade_one(self, changed: Changed, release: NotebookNode) -> None:
        """Put one submission through nbgrader; if it kills its process, grade the refusal instead."""
        slug, student = changed.slug, changed.student
        try:
            self.steps.autograde(slug, student)
        except StepFailed as failure:
            if not failure.by_the_notebook:
                raise
            self._put(slug, student, refuse(ENDED, release, changed.one.timestamp), changed.key)
            self.steps.autograde(slug, student)

    def _put(self, slug: str, student: str, one: Ingested, key: str) -> None:
        """Write what nbgrader shall read: the clean notebook and its timestamp."""
        folder = self.steps.path("submitted", student, slug)
        marks = {"key": key, "refused": one.refused, "notes": one.notes}
        one.notebook.metadata[RESERVED] = marks
        _write_if_changed(folder / f"{slug}.ipynb", notebooks.dumps(one.notebook).encode())
        if one.timestamp:
            _write_if_changed(folder / "timestamp.txt", one.timestamp.encode())
        else:
            (folder / "timestamp.txt").unlink(missing_ok=True)


@cache
def _graders() -> bytes:
    """A digest of the code that decides scores, the same for a whole run."""
    digest = hashlib.sha256()
    package = Path(dropgrade.__file__).parent
    for path in sorted(path for room in GRADERS for path in (package / room).rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.digest()


def _is_student(path: Path) -> bool:
    """A true folder whose name can be written down."""
    return path.name.isprintable() and path.is_dir() and not path.is_symlink()


def _write_if_changed(path: Path, content: bytes) -> bool:
    """Write a file whole or not at all, and only if it changes, so that timestamps mean something."""
    if path.exists() and path.read_bytes() == content:
        return False
    write_whole(path, content)
    return True
