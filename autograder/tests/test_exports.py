"""The CSV files: what Canvas's and Moodle's importers make of them is what the gradebook says.

Each reader below follows the importer of the platform step by step, as its source says it.
"""

import csv
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from dropgrade.checks.misconceptions import MISCONCEPTIONS
from dropgrade.cli import main
from dropgrade.errors import UnusableCourse
from dropgrade.grading.course import Course
from dropgrade.grading.exports import CanvasCsv, MoodleCsv, write_csv

pytestmark = pytest.mark.slow
KNOWN = {"first_name": "Amara", "last_name": "Okafor", "email": "a.okafor@example.org", "lms_user_id": "4711"}
SOMEONE = "okafor-amara"


@pytest.fixture(scope="module")
def course(graded_class, tmp_path_factory):
    """A graded course in which one student's particulars are known."""
    folder = tmp_path_factory.mktemp("exports") / "course"
    shutil.copytree(graded_class.folder, folder, symlinks=True)
    course = Course(folder)
    with course.steps.gradebook() as gradebook:
        gradebook.update_or_create_student(SOMEONE, **KNOWN)
        gradebook.update_or_create_student("absent-anna")
    return course


def read(path: Path) -> list[list[str]]:
    """The cells of a CSV file."""
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def canvas(path: Path) -> tuple[dict, dict, dict]:
    """Canvas: scores by (login, assignment), points by assignment, and names by (ID, login)."""
    header, *rows = read(path)
    assert len(header) > 3 and "Student" in header[0] and "ID" in header[1]
    columns = 3
    if re.search(r"SIS\s+Login\s+ID", header[2]):
        columns = 4
    elif re.search(r"SIS\s+User\s+ID", header[2]) and re.search(r"SIS\s+Login\s+ID", header[3]):
        columns = 5
    assert "Section" in header[columns - 1]
    titles, points, scores, people = header[columns:], {}, {}, {}
    for row in rows:
        grades = dict(zip(titles, (cell.strip() for cell in row[columns:]), strict=True))
        if "Points Possible" in row[0]:
            points = {title: float(grade) for title, grade in grades.items()}
            continue
        people[row[1], row[3]] = row[0]
        scores |= {(row[3], title): float(grade) for title, grade in grades.items() if grade}
    return scores, points, people


def moodle(path: Path, user: str) -> tuple[dict, dict]:
    """Moodle: grades and feedback by (user, item), if the column `user` is mapped to the user."""
    header, *rows = read(path)
    header = [title.strip() for title in header]
    feedback = {
        n: title.removeprefix("Feedback: ") for n, title in enumerate(header) if "Feedback: " in title
    }
    items = {n: title for n, title in enumerate(header) if title in feedback.values()}
    grades, said = {}, {}
    for row in rows:
        who = row[header.index(user)]
        if not who:
            continue  # Moodle skips a row without a user
        grades |= {(who, title): float(row[n]) for n, title in items.items() if row[n] not in ("", "-")}
        said |= {(who, title): row[n] for n, title in feedback.items() if row[n]}
    return grades, said


def test_canvas_reads_what_the_gradebook_says(course):
    """Every score under its student's login and its exercise; points; an empty cell where there is none."""
    course.export(Path("grading/canvas.csv"), "canvas")
    scores, points, people = canvas(course.grading / "canvas.csv")
    records = course.records()
    assert scores == {(one.student, one.exercise): one.score for one in records}
    assert points == {one.exercise: one.max_score for one in records}
    assert people["4711", SOMEONE] == "Okafor, Amara" and people["", "absent-anna"] == "absent-anna"


def test_moodle_reads_what_the_gradebook_says(course):
    """Every score, and as feedback the reason for a zero or the misconceptions by name."""
    course.export(Path("grading/moodle.csv"), "moodle")
    grades, said = moodle(course.grading / "moodle.csv", "Username")
    records = course.records()
    assert grades == {(one.student, one.exercise): one.score for one in records}
    wanted = {
        (one.student, one.exercise): one.reason or "; ".join(MISCONCEPTIONS[d].name for d in one.diagnoses)
        for one in records
    }
    assert said == {key: text for key, text in wanted.items() if text} and len(said) > 3


def test_canvas_knows_students_by_what_the_instructor_says(course):
    """Folders collected from Canvas's own archive are named by its ID."""
    target = course.grading / "by_id.csv"
    with course.steps.gradebook() as gradebook:
        CanvasCsv(config=course.steps.config, to=str(target), student_is="ID").export(gradebook)
    _, _, people = canvas(target)
    assert people[SOMEONE, ""] == "Okafor, Amara" and people["absent-anna", ""] == "absent-anna"


@pytest.mark.parametrize(("column", "value"), [("Email address", KNOWN["email"]), ("User ID", "4711")])
def test_moodle_can_map_another_column_to_the_user(course, column, value):
    """Whoever has no entry there is left out, and nobody else is."""
    course.export(Path("grading/moodle.csv"), "moodle")
    grades, _ = moodle(course.grading / "moodle.csv", column)
    wanted = {one.exercise: one.score for one in course.records() if one.student == SOMEONE}
    assert wanted and grades == {(value, slug): score for slug, score in wanted.items()}


def test_titles_name_columns_as_the_platform_does(course):
    """With Canvas's ID in brackets; two exercises of one title are refused, as one would hide the other."""
    titles = {"01_mask": "The mask (99)"}
    target = course.grading / "titled.csv"
    with course.steps.gradebook() as gradebook:
        for plugin in (CanvasCsv, MoodleCsv):
            plugin(config=course.steps.config, to=str(target), titles=titles).export(gradebook)
            assert "The mask (99)" in read(target)[0] and "01_mask" not in read(target)[0]
        with pytest.raises(UnusableCourse, match=r"titles must differ.*02_forward, 02_forward"):
            CanvasCsv(config=course.steps.config, to=str(target), titles={"01_mask": "02_forward"}).export(
                gradebook
            )


def test_nbgraders_own_command_takes_the_exporter(course):
    """With its own choice of exercises and students."""
    command = [sys.executable, "-W", "ignore", "-m", "nbgrader", "export", "--to", "one.csv"]
    command += ["--exporter=dropgrade.grading.exports.CanvasCsv"]
    command += ["--assignment=['01_mask']", f"--student=['{SOMEONE}']"]
    done = subprocess.run(command, cwd=course.folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    scores, points, _ = canvas(course.folder / "one.csv")
    assert set(scores) == {(SOMEONE, "01_mask")} and set(points) == {"01_mask"}


def test_the_command_names_the_file_after_the_format(course):
    """`--to` moves it; an unknown format is refused with those there are."""
    run = CliRunner().invoke(main, ["export", "--format", "canvas", "--course", str(course.folder)])
    assert run.exit_code == 0 and run.output.endswith(" rows in grading/canvas.csv\n"), run.output
    run = CliRunner().invoke(main, ["export", "--format", "excel", "--course", str(course.folder)])
    assert run.exit_code == 2 and "'scores', 'canvas', 'moodle'" in run.output


def test_no_cell_is_a_formula(tmp_path):
    """Names are learners' own words, and spreadsheets run what begins like a formula."""
    bad = ["=1+1", "+1", "-1+1", "@x", "\tx", "\rx", "-"]
    write_csv(tmp_path / "x.csv", [bad])
    assert read(tmp_path / "x.csv")[0] == [f"'{text}" for text in bad[:-1]] + ["-"]
