"""The syllabus: its numbers are those of lessons and registry, and what contradicts them stops the build."""

import re
import shutil
from pathlib import Path

import pytest
from test_site_ext import CONF, ROOT, build  # which also puts the site's extensions on the path

from dropgrade.checks import exercise
from dropgrade.checks.passing import SHARE, points_to_pass

import syllabus  # isort: skip (a file among the site's extensions)

SOLUTIONS = ROOT / "solutions"
ROWS = syllabus.read_rows(SOLUTIONS)
HEADER = "# ---\n# title: {0}\n# minutes: 10\n# difficulty: 2\n# chapter: book/page.md\n{1}# ---\n"


def lessons(folder: Path, **needs: str) -> Path:
    """A course of some exercises with made-up headers; `needs` by slug without the number's zero."""
    for slug, line in needs.items():
        path = folder / "solutions" / slug.removeprefix("x") / "lesson.py"
        path.parent.mkdir(parents=True)
        path.write_text(HEADER.format(slug, f"# needs: {line}\n" if line else ""), encoding="utf-8")
    return folder / "solutions"


def test_every_exercise_has_a_row():
    """A lesson in the repository is a row, in the order of the book, with the registry's points."""
    assert [row.slug for row in ROWS] == sorted(path.parent.name for path in SOLUTIONS.glob("*/lesson.py"))
    assert [row.points for row in ROWS] == [exercise(row.slug).max_score for row in ROWS]
    assert all(row.chapter == f"book/{row.slug}" and row.minutes > 0 for row in ROWS)


def test_every_row_leads_somewhere():
    """Each exercise has its chapter and its notebook, and the contents list both."""
    listed = (ROOT / "_toc.yml").read_text(encoding="utf-8").split()
    for row in ROWS:
        notebook = f"exercises/{row.slug}/{row.slug}"
        assert (ROOT / f"{row.chapter}.md").exists() and (ROOT / f"{notebook}.ipynb").exists()
        assert row.chapter in listed and notebook in listed


def test_sums_are_sums():
    """The numbers of the page are sums over its rows, and the passing grade is the rule applied to them."""
    said = syllabus.numbers(ROWS)
    points = sum(row.points for row in ROWS)
    assert (said["exercises"], said["points"]) == (str(len(ROWS)), str(points))
    assert said["passing"] == str(points_to_pass(points))
    assert said["hours"] == f"{sum(row.minutes for row in ROWS) / 60:.0f}"
    assert 0 < int(said["numpy-points"]) <= points


def test_passing_is_at_least_the_share():
    """For every total the points needed are the fewest that reach the share."""
    for points in range(500):
        assert points_to_pass(points) >= SHARE * points > points_to_pass(points) - 1


def test_needs_are_read(tmp_path):
    """A lesson builds on earlier exercises and on software, in the order given."""
    rows = syllabus.read_rows(lessons(tmp_path, x01_mask="", x02_forward="[01_mask, PyTorch]"))
    assert [row.needs for row in rows] == [(), ("01_mask", "PyTorch")]
    assert syllabus.numbers(rows)["numpy-points"] == str(exercise("01_mask").max_score)


@pytest.mark.parametrize(
    ("line", "stranger"),
    [
        ("[02_forward]", "02_forward"),
        ("[01_musk]", "01_musk"),
        ("[Fortran]", "Fortran"),
        ("PyTorch", "PyTorch"),
    ],
)
def test_a_strange_need_is_named(tmp_path, line, stranger):
    """Itself, an unknown exercise, unknown software, and a word that is no list."""
    with pytest.raises(ValueError, match=rf"lesson\.py: needs lists earlier exercises.*'{stranger}'"):
        syllabus.read_rows(lessons(tmp_path, x01_mask="", x02_forward=line))


def page(folder: Path, text: str) -> tuple[int, str, str]:
    """Build one page with two exercises whose chapters and notebooks are that page and another."""
    lessons(folder, x01_mask="", x02_forward="[01_mask, PyTorch]")
    for slug in ("01_mask", "02_forward"):
        path = folder / "exercises" / slug / f"{slug}.md"
        path.parent.mkdir(parents=True)
        path.write_text(f"---\norphan: true\n---\n# {slug}\n", encoding="utf-8")
    return build(folder, text)


@pytest.fixture
def with_syllabus(monkeypatch):
    """The extension among those of the small site."""
    monkeypatch.setattr("test_site_ext.CONF", CONF + '\nextensions += ["syllabus"]\n')


def test_page_shows_the_table(tmp_path, with_syllabus):
    """A row for each exercise with links to chapter, notebook and what it builds on, and the sums."""
    code, messages, html = page(tmp_path, "# Page\n\n```{syllabus}\n```\n\nPass with {syllabus}`passing`.\n")
    assert code == 0, messages
    cells = [re.sub(r"<[^>]+>", "", row).split() for row in re.findall(r"<tr.*?</tr>", html, flags=re.DOTALL)]
    first, second = exercise("01_mask").max_score, exercise("02_forward").max_score
    assert cells[0] == ["row", "Exercise", "Points", "Minutes", "Difficulty", "Builds", "on"]
    assert cells[1] == ["1", "x01_mask", "(exercise)", str(first), "10", "2", "●●○○○", "NumPy"]
    assert cells[2][-3:] == ["●●○○○", "1,", "PyTorch"]
    assert cells[3] == ["All", "together", str(first + second), "20"]
    assert f">{points_to_pass(first + second)}</span>" in html
    assert "exercises/01_mask/01_mask.html" in html


def test_unknown_number_stops_the_build(tmp_path, with_syllabus):
    """A number that is no sum is an error that names the known ones."""
    code, messages, _ = page(tmp_path, "# Page\n\n{syllabus}`pints`\n")
    assert code != 0
    assert "knows no 'pints'" in messages and "points" in messages


def test_a_changed_lesson_changes_the_page(tmp_path, with_syllabus):
    """The page depends on the lessons: new minutes appear without cleaning."""
    text = "# Page\n\n```{syllabus}\n```\n"
    assert page(tmp_path, text)[0] == 0
    lesson = tmp_path / "solutions" / "01_mask" / "lesson.py"
    lesson.write_text(lesson.read_text("utf-8").replace("minutes: 10", "minutes: 77"), encoding="utf-8")
    shutil.rmtree(tmp_path / "exercises")
    shutil.rmtree(tmp_path / "solutions" / "02_forward")
    (tmp_path / "exercises" / "01_mask").mkdir(parents=True)
    (tmp_path / "exercises" / "01_mask" / "01_mask.md").write_text("---\norphan: true\n---\n# 1\n", "utf-8")
    assert ">77<" in build(tmp_path, text)[2]
