"""The gradebook as CSV, through nbgrader's exporter plug-in: for reading, for Canvas and for Moodle.

`nbgrader export --exporter=dropgrade.grading.exports.CanvasCsv --to canvas.csv` does the same as
`dropgrade export --format canvas`; nbgrader's `--assignment` and `--student` choose columns and rows.
"""

import csv
from collections.abc import Iterable
from pathlib import Path

from nbgrader.api import Gradebook, Student
from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins import ExportPlugin
from traitlets import Dict, Enum, Unicode

from dropgrade.checks.misconceptions import MISCONCEPTIONS
from dropgrade.errors import UnusableCourse
from dropgrade.grading.records import Record, records

FORMULAS = ("=", "+", "-", "@", "\t", "\r")
NO_GRADE = "-"


class ScoresCsv(ExportPlugin):
    """One row a submission: the score, the reason for a zero, and the diagnoses."""

    COLUMNS = ("student", "exercise", "score", "max_score", "reason", "diagnoses", "notes", "timestamp")

    def export(self, gradebook: Gradebook) -> int:
        """Write the CSV to `self.to` (default scores.csv) in UTF-8; returns the number of rows."""
        rows = [[getattr(one, name) for name in self.COLUMNS] for one in self.chosen(gradebook)]
        write_csv(Path(self.to or "scores.csv"), [self.COLUMNS, *rows])
        return len(rows)

    def chosen(self, gradebook: Gradebook) -> list[Record]:
        """The records of the exercises and students that were asked for; default all."""
        return [
            one
            for one in records(gradebook, CourseDirectory(parent=self))
            if _asked(self.assignment, one.exercise) and _asked(self.student, one.student)
        ]


class LmsCsv(ScoresCsv):
    """One row a student, a column or two an exercise; what the importers of learning platforms share."""

    titles = Dict(
        value_trait=Unicode(), key_trait=Unicode(), help="Exercise -> what it is called on the platform."
    ).tag(config=True)

    def export(self, gradebook: Gradebook) -> int:
        """Write the CSV to `self.to` in UTF-8; returns the number of students.

        Raises:
            UnusableCourse: two exercises have one title, so that one column would replace the other.
        """
        found = {(one.student, one.exercise): one for one in self.chosen(gradebook)}
        best = {one.exercise: one.max_score for one in found.values()}  # what nobody handed in has no column
        names = [self.titles.get(slug, slug) for slug in best]
        if len(set(names)) < len(names):
            raise UnusableCourse(f"LmsCsv.titles must differ from one another, got {', '.join(names)}")
        students = [one for one in gradebook.students if _asked(self.student, one.id)]
        rows = [
            [*self.person(one), *self.results([found.get((one.id, slug)) for slug in best])]
            for one in sorted(students, key=lambda one: one.id)
        ]
        write_csv(Path(self.to or "grades.csv"), [*self.head(names, list(best.values())), *rows])
        return len(rows)

    def head(self, names: list[str], best: list[float]) -> list[list[object]]:
        """The rows above the students, given each exercise's name and points."""
        raise NotImplementedError

    def person(self, student: Student) -> list[str]:
        """The cells that say who somebody is."""
        raise NotImplementedError

    def results(self, found: list[Record | None]) -> list[object]:
        """The cells of the exercises; None is an exercise that was not handed in."""
        raise NotImplementedError


class CanvasCsv(LmsCsv):
    """What *Import* in Canvas's gradebook reads.

    Canvas looks a student up by ID, else by SIS user ID or login ID, else by name, and an assignment by its
    ID in brackets or its exact title; others become new. The name of the folder handed in goes where
    `student_is` says, and nbgrader's `lms_user_id`, if there is one, under ID.

    Source: Canvas's importer, lib/gradebook_importer.rb of github.com/instructure/canvas-lms.
    """

    WHO = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
    student_is = Enum(WHO[1:4], "SIS Login ID", help="What folders in submitted/ are named by.").tag(
        config=True
    )

    def head(self, names: list[str], best: list[float]) -> list[list[object]]:
        """Titles, and the row of points that Canvas gives to an assignment that it has to make."""
        return [[*self.WHO, *names], ["    Points Possible", *("" for _ in self.WHO[1:]), *best]]

    def person(self, student: Student) -> list[str]:
        """Last name, first name; IDs as far as they are known; the course knows no sections."""
        name = ", ".join(filter(None, (student.last_name, student.first_name)))
        known = {"Student": name or student.id, "ID": student.lms_user_id or "", self.student_is: student.id}
        return [known.get(column, "") for column in self.WHO]

    def results(self, found: list[Record | None]) -> list[object]:
        """Scores; an empty cell where nothing was handed in."""
        return [one.score if one else "" for one in found]


class MoodleCsv(LmsCsv):
    """What *Import: CSV file* in Moodle's gradebook reads: a grade and a sentence of feedback an exercise.

    Moodle asks which column names the user (by username, email address or user ID) and which grade item, or
    feedback to one, a column belongs to. An item made by the import itself is out of 100: make yours first.

    Source: Moodle's importer, grade/import/csv/classes/load_data.php of github.com/moodle/moodle.
    """

    WHO = ("Username", "First name", "Last name", "Email address", "User ID")

    def head(self, names: list[str], best: list[float]) -> list[list[object]]:
        """One row of titles."""
        return [[*self.WHO, *(text for name in names for text in (name, f"Feedback: {name}"))]]

    def person(self, student: Student) -> list[str]:
        """The name of the folder handed in, and what nbgrader's gradebook knows besides."""
        known = (student.first_name, student.last_name, student.email, student.lms_user_id)
        return [student.id, *(value or "" for value in known)]

    def results(self, found: list[Record | None]) -> list[object]:
        """Score and feedback in turn; Moodle's own sign for no grade where nothing was handed in."""
        pairs = [(one.score, _sentence(one)) if one else (NO_GRADE, "") for one in found]
        return [value for pair in pairs for value in pair]


FORMATS: dict[str, type[ScoresCsv]] = {"scores": ScoresCsv, "canvas": CanvasCsv, "moodle": MoodleCsv}


def write_csv(target: Path, rows: Iterable[Iterable[object]]) -> None:
    """Write rows as UTF-8 CSV with a comma, and no cell that a spreadsheet takes for a formula."""
    with open(target, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([_cell(value) for value in row] for row in rows)


def _asked(wanted: list, name: str) -> bool:
    """Whether a name is among those asked for; nbgrader's parser may have made numbers of them."""
    return not wanted or name in map(str, wanted)


def _sentence(record: Record) -> str:
    """The course's own words only: a learner's may hold markup."""
    return record.reason or "; ".join(MISCONCEPTIONS[name].name for name in record.diagnoses)


def _cell(value: object) -> str:
    if isinstance(value, tuple):
        return " ".join(value)
    if isinstance(value, float):
        return f"{value:g}"
    text = str(value)
    return f"'{text}" if text.startswith(FORMULAS) and text != NO_GRADE else text
