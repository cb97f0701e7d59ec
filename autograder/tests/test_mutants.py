"""The trial by small changes: survivors are reported, exceptions need a reason, old trials are seen."""

import json
import shutil
from pathlib import Path

import pytest

from dropgrade.checks import exercise, first_failure, mutants, proof
from dropgrade.checks.api import slugs
from dropgrade.checks.mutating import Mutant
from dropgrade.errors import CourseError

ROOT = Path(__file__).parents[2]
SOLUTIONS = ROOT / "solutions"
OUTCOMES = ROOT / "book" / "results" / "mutants"
ANSWERS = SOLUTIONS / "01_mask" / "answers"
KEPT = [part["slug"] for part in proof.read(OUTCOMES)]
SAMPLE = 4
"""Mutants that are tried here of each exercise; the kept outcomes are of all."""


@pytest.fixture
def lesson(tmp_path) -> Path:
    """The lesson of 01_mask alone in a solutions folder, without a list of equivalents."""
    (tmp_path / "01_mask").mkdir()
    return Path(shutil.copy(SOLUTIONS / "01_mask" / "lesson.py", tmp_path / "01_mask"))


def test_outcomes_are_kept_for_every_exercise():
    """Only the GPU exercise has none: its kernels run in Triton's interpreter or on a GPU."""
    assert set(KEPT) == set(slugs()) - {"09_gpu"}


def test_outcomes_are_up_to_date():
    """They rest on the checks, solutions and lists as they are now."""
    mend = "python -m dropgrade.checks.mutants solutions --write book/results/mutants"
    assert mutants.stale(OUTCOMES, SOLUTIONS) == {}, f"run: {mend}"


@pytest.mark.parametrize("slug", KEPT)
def test_every_mutant_was_rejected_or_has_a_reason(slug):
    """The figures add up, and each mutant that passes is listed with a reason."""
    part = json.loads((OUTCOMES / f"{slug}.json").read_text("utf-8"))
    assert part["mutants"] == part["rejected"] + len(part["equivalent"]) >= 10
    assert part["in_first_run"] <= part["rejected"] == sum(part["by"].values())
    assert part["by"].keys() <= {check.id for check in exercise(slug).checks} | {first_failure.LOADING}


@pytest.mark.parametrize("slug", KEPT)
def test_a_sample_of_mutants_is_rejected(slug):
    """The trial can be repeated, and its verdicts hold."""
    assert mutants.run(SOLUTIONS, slug, SAMPLE) == 0


def test_a_planted_survivor_is_reported(lesson, capsys):
    """A change that nothing shows passes all checks; so it is named, and nothing is kept."""
    text = lesson.read_text("utf-8")
    lesson.write_text(text.replace("    return rng", "    unseen = None is p\n    return rng"), "utf-8")
    solutions, folder = lesson.parents[1], lesson.parents[1] / "kept"
    assert mutants.main([str(solutions), "01_mask", "--write", str(folder)]) == 1
    told = capsys.readouterr().out
    assert "01_mask, keep_mask: `unseen = None is not p` passes; mend a check or list it" in told
    assert "`return rng.random(shape) > p` passes" in told
    assert "01_mask: 12 mutants, 10 rejected, 2 to mend" in told and not folder.exists()


def test_a_listed_survivor_is_kept_with_its_reason(lesson, capsys):
    """With the list of 01_mask nothing is left to mend; the outcome knows what it rests on."""
    solutions, folder = lesson.parents[1], lesson.parents[1] / "kept"
    shutil.copy(SOLUTIONS / "01_mask" / "equivalent.toml", lesson.parent)
    assert mutants.main([str(solutions), "01_mask", "--write", str(folder)]) == 0
    (part,) = proof.read(folder)
    assert (part["mutants"], part["rejected"], len(part["equivalent"])) == (11, 10, 1)
    assert mutants.main([str(solutions), "--check", str(folder)]) == 0
    lesson.write_text(lesson.read_text("utf-8").replace("Draw a mask", "Draw one mask"), "utf-8")
    assert mutants.main([str(solutions), "--check", str(folder)]) == 1
    assert "01_mask has changed since" in capsys.readouterr().out


def test_a_solution_that_fails_by_itself_is_no_reference(lesson):
    """Else each of its mutants would count as rejected."""
    lesson.write_text(lesson.read_text("utf-8").replace(">= p\n", "< p\n"), "utf-8")
    with pytest.raises(CourseError, match="01_mask: the solution itself fails rate_matches_p"):
        mutants.run(lesson.parents[1], "01_mask")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("equivalent = 3", "should hold"),
        ("[[equivalent]]\nfunction = 'f'\nmutant = 'x = 1'", "should hold"),
        ("[[equivalent]", "should hold"),
        ("", "should hold"),
        ("[[equivalent]]\nfunction = 'f'\nmutant = 'x = 1'\nreason = 3", "should hold"),
        (
            "[[equivalent]]\nfunction = 'f'\nmutant = 'x = 1'\nreason = 'because'",
            "says too little: 'because'",
        ),
        ("[[equivalent]]\nfunction = 'f'\nmutant = 'x = 1'\nreason = 'It is never read.'\n" * 2, "twice"),
    ],
)
def test_a_malformed_list_is_refused(lesson, text, said):
    """The message names the file and what it should hold."""
    (lesson.parent / "equivalent.toml").write_text(text, "utf-8")
    with pytest.raises(CourseError, match=r"equivalent\.toml.*" + said):
        mutants.equivalents(lesson.parents[1], "01_mask")


def test_a_list_that_has_aged_is_reported():
    """A listed mutant has to exist and to pass."""
    gone, caught = ("f", "x = 1"), Mutant("f", "x = 2", "")
    found = mutants.complaints(
        [caught], [mutants.Tried(caught, 1, "quiet")], {gone: "It is never read.", caught.key: "It is odd."}
    )
    assert found == [
        "f: `x = 2` is listed as equivalent; quiet rejects it in run 2",
        "f: `x = 1` is listed as equivalent and does not exist; delete it",
    ]


def test_a_missing_or_broken_lesson_is_named(lesson, tmp_path):
    """One sentence says which, and why."""
    with pytest.raises(CourseError, match=r"02_forward/lesson\.py cannot be read"):
        mutants.solution(tmp_path, "02_forward")
    lesson.write_text(lesson.read_text("utf-8").replace("return rng", "return ("), "utf-8")
    with pytest.raises(CourseError, match="the lesson of 01_mask is not Python"):
        mutants.solution(tmp_path, "01_mask")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["solutions"], "name an exercise"),
        (["solutions", "--sample", "3", "--write", "kept"], "a sample is not kept"),
    ],
)
def test_commands_that_would_do_nothing_good_are_refused(arguments, said, capsys):
    """One sentence says what to type instead."""
    with pytest.raises(SystemExit):
        mutants.main(arguments)
    assert said in capsys.readouterr().err


def test_first_failure_counts_runs_and_names_the_check():
    """A right answer passes all runs; a wrong one ends with the check that refuses it."""
    right, wrong = ANSWERS / "right_uniform_at_least.py", ANSWERS / "wrong_keep_drop_swapped.py"
    assert first_failure.first_failure("01_mask", right, [0, 1]) == (2, "")
    assert first_failure.first_failure("01_mask", wrong, [0, 1]) == (0, "rate_matches_p")


@pytest.mark.parametrize(
    ("text", "by"),
    [
        ("def keep_mask(", first_failure.LOADING),
        ("import sys\nsys.exit()", first_failure.LOADING),
        ("def other(): ...", first_failure.LOADING),
        ("import os\ndef keep_mask(shape, p, rng):\n    os.abort()", "returns_bool_mask"),
        (
            "import signal, time\ndef keep_mask(shape, p, rng):\n"
            "    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])\n    time.sleep(60)",
            "returns_bool_mask",
        ),
    ],
    ids=["no Python", "exits", "no function", "crashes", "hangs"],
)
def test_an_answer_that_misbehaves_is_refused(tmp_path, monkeypatch, text, by):
    """Whatever it does to its process, the trial goes on and says where it happened."""
    monkeypatch.setattr(first_failure, "PATIENCE", 1.5)
    path = tmp_path / "answer.py"
    path.write_text(text, "utf-8")
    assert first_failure.first_failure("01_mask", path, [0]) == (0, by)
