"""The journey of an instructor: build, grade, grade again, feedback, export, with a whole class."""

import csv
import json
import shutil
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import EXAMPLES, ROOT, SLUGS, copy_course, fixed_graders

from dropgrade.checks import CheckFailed, check
from dropgrade.cli import main
from dropgrade.errors import CourseError, UnusableCourse
from dropgrade.grading import steps
from dropgrade.grading.course import Course
from dropgrade.grading.how import How

LESSONS = sorted(path.parent.name for path in ROOT.glob("solutions/*/lesson.py"))


@pytest.fixture(autouse=True)
def graders_stay(monkeypatch):
    """The class was graded under this digest of the graders."""
    monkeypatch.setattr("dropgrade.grading.course._graders", fixed_graders)


@pytest.fixture
def course_copy(graded_class, tmp_path):
    """A copy of the graded course that a test may change."""
    folder = tmp_path / "copy"
    shutil.copytree(graded_class.folder, folder, symlinks=True)
    return folder


@pytest.mark.parametrize("slug", LESSONS)
def test_release_notebooks_are_those_in_the_repository(root, tmp_path, slug):
    """What learners open is what the lesson says today; `dropgrade build` mends it."""
    copy_course(tmp_path / "fresh")
    shutil.copytree(root / "solutions" / slug, tmp_path / "fresh" / "solutions" / slug, dirs_exist_ok=True)
    list(Course(tmp_path / "fresh").build([slug]))
    name = Path("exercises") / slug / f"{slug}.ipynb"
    committed = root / name
    stale = not committed.exists() or committed.read_bytes() != (tmp_path / "fresh" / name).read_bytes()
    assert not stale, f"{name} does not match solutions/{slug}/lesson.py; run: dropgrade build {slug}"


def test_build_gives_the_same_bytes_with_an_old_and_a_fresh_gradebook(tmp_path):
    """A second build changes nothing, with or without the gradebook of the first."""
    copy_course(tmp_path / "course")
    course = Course(tmp_path / "course")
    path = course.folder / "exercises" / "01_mask" / "01_mask.ipynb"
    list(course.build(["01_mask"]))
    first, made = path.read_bytes(), path.stat().st_mtime_ns
    assert list(course.build(["01_mask"])) == ["01_mask      unchanged: exercises/01_mask/01_mask.ipynb"]
    shutil.rmtree(course.folder / "grading")
    assert list(course.build(["01_mask"])) == ["01_mask      unchanged: exercises/01_mask/01_mask.ipynb"]
    assert path.read_bytes() == first and path.stat().st_mtime_ns == made


@pytest.mark.parametrize("slug", LESSONS)
def test_a_release_notebook_holds_no_solution_and_no_hidden_test(root, slug):
    """Neither the markers nor any line that stands only between the solution markers."""
    released = (root / "exercises" / slug / f"{slug}.ipynb").read_text(encoding="utf-8")
    text = "\n".join("".join(cell["source"]) for cell in json.loads(released)["cells"])
    for word in ("HIDDEN TESTS", "BEGIN SOLUTION", "END SOLUTION", "dropgrade.checks.check("):
        assert word not in text
    lesson = (root / "solutions" / slug / "lesson.py").read_text(encoding="utf-8")
    first, *parts = lesson.split("### BEGIN SOLUTION")
    secret, given = zip(*(part.split("### END SOLUTION") for part in parts), strict=True)
    shown = {line.strip().removeprefix("# ") for part in (first, *given) for line in part.splitlines()}
    lines = {line.strip() for part in secret for line in part.splitlines() if len(line.strip()) > 10} - shown
    released = {line.strip() for line in text.splitlines()}
    assert lines
    assert not lines & released, "lines of the solution are in the release notebook"


@pytest.mark.slow
def test_the_gradebook_holds_the_expected_scores(graded_class):
    """Every submission of the example class is there, with the score that stands beside its definition."""
    records = Course(graded_class.folder).records()
    found = {(r.exercise, r.student): r.score for r in records if r.student != "mallory-eve"}
    assert found == {(one.exercise, one.student): one.expected for one in EXAMPLES}


@pytest.mark.slow
def test_refused_submissions_are_zeros_with_a_reason(graded_class):
    """Damaged, empty, linked, missing, deadly: none is a gap, and each says why."""
    records = {(r.exercise, r.student): r for r in Course(graded_class.folder).records()}
    refused = [one for one in EXAMPLES if one.reason]
    assert len(refused) >= 4
    for one in refused:
        record = records[one.exercise, one.student]
        assert record.score == 0 and one.reason in record.reason and record.diagnoses == ()
    kept = [one for one in EXAMPLES if not one.reason]
    assert all(records[one.exercise, one.student].reason == "" for one in kept)


@pytest.mark.slow
def test_noise_costs_its_own_point_and_no_other(graded_class):
    """Left to itself, nbgrader gives zero to any cell that writes to stderr, right or not."""
    records = {(r.exercise, r.student): r for r in Course(graded_class.folder).records()}
    noisy = records["03_backward", "haddad-noor"]
    assert noisy.score == noisy.max_score - 1 and noisy.diagnoses == ("noisy",)


@pytest.mark.slow
def test_grading_again_does_nothing(graded_class, course_copy):
    """Not one file changes, and no submission is graded."""
    before = {path: path.stat().st_mtime_ns for path in course_copy.rglob("*") if path.is_file()}
    assert (
        list(Course(course_copy).grade())[-1]
        == f"0 graded, {len(EXAMPLES) + 1} unchanged since they were graded"
    )
    after = {path: path.stat().st_mtime_ns for path in course_copy.rglob("*") if path.is_file()}
    assert after == before


@pytest.mark.slow
def test_only_what_changed_is_graded_again(course_copy):
    """A new submission in the place of a damaged one, and a graded copy that was deleted."""
    submitted = course_copy / "grading" / "submitted"
    shutil.copy(
        submitted / "okafor-amara/01_mask/01_mask.ipynb", submitted / "mensah-kofi/01_mask/01_mask.ipynb"
    )
    shutil.rmtree(course_copy / "grading" / "autograded" / "silva-beatriz" / "03_backward")
    lines = list(Course(course_copy).grade())
    assert sorted(line.split()[:3] for line in lines[:-1]) == [
        ["01_mask", "mensah-kofi", "12/12"],
        ["03_backward", "silva-beatriz", "0/16"],
    ]


@pytest.mark.slow
def test_changed_graders_grade_again(course_copy, monkeypatch):
    """A score never outlives the checks that gave it."""
    for name in ("bauer-felix", "dubois-claire", "haddad-noor", "ivanova-darya", "kowalski-piotr"):
        shutil.rmtree(course_copy / "grading" / "submitted" / name)
    monkeypatch.setattr("dropgrade.grading.course._graders", lambda: b"changed")
    lines = [line.split() for line in Course(course_copy).grade(["03_backward"])]
    again = {words[1] for words in lines if words[0] == "03_backward"}
    assert again == {"mensah-kofi", "nakamura-yui", "okafor-amara", "silva-beatriz"}


@pytest.mark.slow
def test_a_learner_the_gradebook_has_never_seen_is_graded(course_copy):
    """Someone who joins after the class was graded gets a row like everybody else."""
    release = course_copy / "exercises/01_mask/01_mask.ipynb"
    place = course_copy / "grading/submitted/newcomer-kim/01_mask"
    place.mkdir(parents=True)
    shutil.copy(release, place)
    lines = [line.split() for line in Course(course_copy).grade(["01_mask"])]
    assert ["01_mask", "newcomer-kim", "0/12", "not_implemented"] in lines


@pytest.mark.slow
def test_a_stopped_run_is_completed_by_the_next(course_copy):
    """A notebook that was cleaned but not executed when the run ended does not pass for graded."""
    graded = course_copy / "grading/autograded/okafor-amara/01_mask/01_mask.ipynb"
    graded.chmod(0o644)
    shutil.copy(course_copy / "grading/ingested/okafor-amara/01_mask/01_mask.ipynb", graded)
    assert next(Course(course_copy).grade(["01_mask"])).split() == ["01_mask", "okafor-amara", "12/12"]


@pytest.mark.slow
def test_the_csv_has_one_row_a_submission(graded_class):
    """Score, reason, diagnoses and time, in the columns the documentation names."""
    with open(graded_class.folder / "grading" / "scores.csv", encoding="utf-8", newline="") as file:
        rows = {(row["exercise"], row["student"]): row for row in csv.DictReader(file)}
    assert len(rows) == len(EXAMPLES) + 1
    wrong = rows["01_mask", "bauer-felix"]
    assert "nan_not_rejected" in wrong["diagnoses"].split()
    assert wrong["timestamp"].startswith("2026-03-") and wrong["max_score"] == "12"
    assert "damaged" in rows["01_mask", "mensah-kofi"]["reason"]


@pytest.mark.slow
def test_nbgraders_own_export_command_writes_the_same_csv(graded_class, course_copy):
    """The exporter is plugged in by nbgrader_config.py, not by our command alone."""
    import subprocess
    import sys

    command = [str(Path(sys.executable).parent / "nbgrader"), "export", "--to", "other.csv"]
    subprocess.run(command, cwd=course_copy, check=True, capture_output=True)
    ours = (graded_class.folder / "grading" / "scores.csv").read_text(encoding="utf-8")
    assert (course_copy / "other.csv").read_text(encoding="utf-8") == ours


@pytest.mark.slow
def test_the_summary_counts_the_class(graded_class):
    """What to open, one line an exercise, refusals with their reasons, and it fits a screen."""
    text = "\n".join(graded_class.lines["summary"])
    assert len(graded_class.lines["summary"]) <= 40
    assert "grading/feedback/" in text and "Zero with a reason" in text
    for slug in SLUGS:
        assert f"  {slug}" in text
    assert "nan" not in text


def test_a_folder_without_configuration_is_no_course(tmp_path):
    """The message says what is missing."""
    with pytest.raises(UnusableCourse, match=r"it has no nbgrader_config\.py"):
        Course(tmp_path)


def test_an_unknown_exercise_is_named_with_the_known_ones(tmp_path):
    """The command ends with exit code 2 and one line."""
    copy_course(tmp_path / "course")
    done = CliRunner().invoke(main, ["build", "04_dropblock", "--course", str(tmp_path / "course")])
    assert done.exit_code == 2
    assert done.stderr == (
        "dropgrade: no exercise is called '04_dropblock'; there are 01_mask, 02_forward, 03_backward\n"
    )


def test_grading_before_building_says_what_to_type(tmp_path):
    """Not a traceback from nbgrader's database."""
    copy_course(tmp_path / "course")
    with pytest.raises(UnusableCourse, match="run `dropgrade build 01_mask`"):
        list(Course(tmp_path / "course").grade(["01_mask"]))


def test_things_that_are_no_submission_are_listed_and_left_alone(tmp_path):
    """A stray file, a linked folder and an unknown exercise are named; hidden files are not."""
    copy_course(tmp_path / "course")
    course = Course(tmp_path / "course")
    list(course.build(["01_mask"]))
    submitted = tmp_path / "course" / "grading" / "submitted"
    (submitted / "lee-ann" / "1_mask").mkdir(parents=True)
    (submitted / "notes.txt").write_text("")
    (submitted / ".DS_Store").write_text("")
    (submitted / "link").symlink_to(submitted / "lee-ann")
    assert list(course.grade(["01_mask"])) == [
        "ignored: '1_mask' of lee-ann is no exercise; there are 01_mask, 02_forward, 03_backward",
        "ignored: 'link' in grading/submitted/ is no student's folder",
        "ignored: 'notes.txt' in grading/submitted/ is no student's folder",
        "0 graded, 0 unchanged since they were graded",
    ]


def test_a_failure_of_nbgrader_is_no_zero(tmp_path, monkeypatch):
    """A full disk or a locked gradebook costs nobody points: the others are graded, then the run says so."""
    copy_course(tmp_path / "course")
    course = Course(tmp_path / "course")
    list(course.build(["01_mask"]))
    source = tmp_path / "course" / "exercises" / "01_mask"
    for student in ("ada", "bob"):
        shutil.copytree(source, tmp_path / "course" / "grading" / "submitted" / student / "01_mask")

    def autograde(self, slug, student):
        raise steps.StepFailed("no space left on device")

    monkeypatch.setattr(steps.Steps, "autograde", autograde)
    seen = []
    with pytest.raises(CourseError, match=r"(?s)ada/01_mask: no space left.*bob/01_mask: no space left"):
        for line in course.grade(["01_mask"], How(plain=True)):
            seen.append(line)
    assert seen == ["0 graded, 0 unchanged since they were graded"]
    assert course.records() == []


def test_an_endless_function_costs_one_full_wait():
    """Later cells give it half a second; the same name defined anew starts afresh."""

    def keep_mask(shape, p, rng):
        while True:
            pass

    seconds = []
    for _ in range(2):
        start = time.perf_counter()
        with pytest.raises(CheckFailed, match="did not end"):
            check("01_mask.quiet", keep_mask)
        seconds.append(time.perf_counter() - start)
    assert seconds[0] > 2.5 and seconds[1] < 1.5
    check("01_mask.quiet", lambda shape, p, rng: rng.random(shape) >= p)
