"""Lessons become notebooks: the same bytes each time, points from the registry, rules enforced by name."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from dropgrade.errors import UnusableCourse
from dropgrade.grading.notebooks import build_notebook, dumps, read_lesson

HEADER = """\
# ---
# title: Flip a coin
# slug: 09_coin
# minutes: 5
# difficulty: 1
# chapter: book/09_coin.md
# ---
"""
BODY = '''
# %% [markdown]
# # Flip a coin
#
# Heads or tails.

# %%
from dropgrade.checks import check

# %% grade_id="flip" solution=true
def flip(rng):
    """Return True or False."""
    ### BEGIN SOLUTION
    return rng.random() < 0.5
    ### END SOLUTION

# %% check="is_bool"
check("09_coin.is_bool", flip)

# %% [markdown]
# Now the odds.

# %% check="is_fair"
check("09_coin.is_fair", flip)
'''
EXERCISE = SimpleNamespace(
    slug="09_coin",
    functions=("flip",),
    checks=(SimpleNamespace(id="is_bool", points=1), SimpleNamespace(id="is_fair", points=3)),
)


@pytest.fixture
def lesson(tmp_path):
    """Writes a lesson file and returns what the builder makes of it."""

    def build(body: str = BODY, header: str = HEADER, **options):
        path = tmp_path / "09_coin" / "lesson.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(header + body, encoding="utf-8")
        return build_notebook(read_lesson(path), EXERCISE, **options)

    return build


def by_id(notebook):
    return {cell.id: cell for cell in notebook.cells}


def test_two_builds_are_equal_byte_for_byte(lesson):
    """Nothing random and no time of day gets into a notebook."""
    assert dumps(lesson()) == dumps(lesson())


def test_an_inserted_cell_renames_no_other_cell(lesson):
    """Ids come from the text of a cell, not from its place."""
    before = [cell.id for cell in lesson().cells]
    after = [cell.id for cell in lesson(BODY.replace("# %% check", "# %%\nprint(1)\n\n# %% check", 1)).cells]
    assert [name for name in after if name in before] == before
    assert len(after) == len(before) + 1


def test_equal_prose_twice_gets_two_ids(lesson):
    """Cell ids stay unique when two cells say the same."""
    again = "\n# %% [markdown]\n# Now the odds.\n"
    names = [cell.id for cell in lesson(BODY + again).cells]
    assert len(set(names)) == len(names)


def test_points_come_from_the_registry(lesson):
    """A lesson cannot say what a check is worth."""
    cells = by_id(lesson())
    assert cells["is_bool"].metadata.nbgrader.points == 1
    assert cells["is_fair"].metadata.nbgrader.points == 3
    assert cells["is_fair"].metadata.nbgrader.locked is True


def test_a_hidden_run_follows_the_visible_one(lesson):
    """The same check runs again on fresh inputs, reached without the learner's names."""
    source = by_id(lesson())["is_fair"].source
    assert source.split("\n") == [
        'check("09_coin.is_fair", flip)',
        "### BEGIN HIDDEN TESTS",
        "import dropgrade.checks",
        'dropgrade.checks.check("09_coin.is_fair", flip)',
        "### END HIDDEN TESTS",
    ]


def test_a_solution_may_be_a_class_with_several_gaps(lesson):
    """Each gap between markers is the learner's; a function or a class may carry the required name."""
    class_body = """class flip:
    def one(self):
        ### BEGIN SOLUTION
        return 1
        ### END SOLUTION

    def two(self):
        ### BEGIN SOLUTION
        return 2
        ### END SOLUTION
"""
    start, end = BODY.index("def flip"), BODY.index('# %% check="is_bool"')
    assert by_id(lesson(BODY[:start] + class_body + "\n" + BODY[end:]))["flip"].source.count("BEGIN") == 2


def test_a_long_check_call_may_span_lines(lesson):
    """A formatter may wrap it; the hidden run repeats all of it."""
    long = 'check(\n    "09_coin.is_fair", flip\n)'
    with pytest.raises(UnusableCourse, match="is one call"):
        lesson(BODY.replace('check("09_coin.is_fair", flip)', long))
    wrapped = 'check("09_coin.is_fair",\n      flip)'
    source = by_id(lesson(BODY.replace('check("09_coin.is_fair", flip)', wrapped)))["is_fair"].source
    assert source.count(wrapped) == 2


def test_the_heading_is_followed_by_what_to_expect(lesson):
    """Difficulty, minutes and chapter stand under the title."""
    assert lesson().cells[0].source.split("\n")[:3] == [
        "# Flip a coin",
        "",
        "**Difficulty** 1 of 5 · **about 5 minutes** · **read first** [the chapter](../../book/09_coin.md)",
    ]


def test_the_setup_cell_is_locked_and_silent_at_home(lesson, capfd):
    """Away from Colab the first code cell only imports; it is restored when a learner changes it."""
    setup = by_id(lesson(repository="https://github.com/someone/course"))["setup"]
    assert setup.metadata.nbgrader.locked and not setup.metadata.nbgrader.grade
    assert "git+https://github.com/someone/course#subdirectory=autograder" in setup.source
    exec(setup.source, {})
    assert capfd.readouterr() == ("", "")


def test_on_colab_the_setup_cell_fetches_the_checks(lesson, monkeypatch):
    """There it calls pip for the course's own repository, and nothing else."""
    calls = []
    monkeypatch.setitem(__import__("sys").modules, "google.colab", SimpleNamespace())
    monkeypatch.setattr("subprocess.run", lambda command, check: calls.append(command))
    exec(by_id(lesson(repository="https://github.com/someone/course"))["setup"].source, {})
    assert [command[1:] for command in calls] == [
        ["-m", "pip", "install", "--quiet", "git+https://github.com/someone/course#subdirectory=autograder"]
    ]


CHECK_2 = '# %% check="is_fair"\ncheck("09_coin.is_fair", flip)\n'


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (CHECK_2, "", "missing: is_fair"),
        (CHECK_2, CHECK_2 + CHECK_2, "'is_fair' is used twice"),
        (
            'check="is_fair"',
            'check="is_far"',
            "cell 6 (check(\"09_coin.is_fair\", flip)): 09_coin has no check 'is_far'",
        ),
        ('check("09_coin.is_fair", flip)', 'check("09_coin.is_bool", flip)', "is one call"),
        ('check("09_coin.is_fair", flip)', 'check("09_coin.is_fair", flip)\nprint(2)', "is one call"),
        ("    ### END SOLUTION\n", "", "holds pairs"),
        ("    ### BEGIN SOLUTION\n", "    ### BEGIN SOLUTION\n    ### BEGIN SOLUTION\n", "BEGIN SOLUTION"),
        ("def flip(rng)", "def flop(rng)", "no solution cell defines flip"),
        ("def flip(rng):", "def flip(rng:", "the cell is not Python"),
        ('grade_id="flip"', 'grade_id="is_fair"', "is the name of a check"),
        ('grade_id="flip"', 'grade_id="a b"', "letters, digits"),
        ('grade_id="flip" solution=true', 'grade_id="flip"', "a code cell takes"),
        ("from dropgrade.checks import check", "pass", "one code cell must hold"),
        (
            "from dropgrade.checks import check",
            "from dropgrade.checks import check\n### BEGIN SOLUTION",
            "outside",
        ),
        ("# # Flip a coin", "# # Toss a coin", "the first cell must be Markdown that starts `# Flip a coin`"),
        ("# %% [markdown]\n# Now", "# %% [markdown] points=3\n# Now", "a Markdown cell takes no keys"),
        ("# %% [markdown]\n# Now", "# %% [raw]\n# Now", "only Markdown and code cells"),
    ],
)
def test_a_broken_rule_is_named_with_file_and_cell(lesson, old, new, words):
    """The author reads which file, which cell and which rule."""
    assert BODY.count(old) >= 1
    with pytest.raises(UnusableCourse) as raised:
        lesson(BODY.replace(old, new))
    assert "09_coin/lesson.py" in str(raised.value)
    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("# minutes: 5\n", "", "must hold exactly"),
        ("# minutes: 5", "# minutes: 5\n# needs: 01_mask", "needs must be list, got '01_mask'"),
        ("# minutes: 5", "# minutes: soon", "minutes must be int, got 'soon'"),
        ("# minutes: 5", "# minutes: 5\n# colour: red", "must hold exactly"),
        ("# difficulty: 1", "# difficulty: 9", "1 to 5, got 9"),
        ("# slug: 09_coin", "# slug: 08_coin", "slug must be the folder's name, got '08_coin'"),
        ("# title: Flip a coin", "# title: [", "the header is not YAML"),
        (HEADER, "", "must hold exactly"),
    ],
)
def test_a_bad_header_is_named(lesson, old, new, words):
    """So is a header key that is missing, unknown or of the wrong kind."""
    assert old in HEADER
    with pytest.raises(UnusableCourse, match=r"lesson\.py") as raised:
        lesson(header=HEADER.replace(old, new))
    assert words in str(raised.value)


def test_a_missing_lesson_is_an_error_in_words():
    """No traceback for a path that is not there."""
    with pytest.raises(UnusableCourse, match=r"10_none/lesson\.py cannot be read"):
        read_lesson(Path("solutions") / "10_none" / "lesson.py")
