"""The trial of the graders: it counts what happens, notices what should not, and knows when it is stale."""

import shutil
from pathlib import Path

import pytest

from dropgrade.checks import exercise
from dropgrade.checks.api import slugs
from dropgrade.checks.proof import main, read, read_case, sources, stale, summary, try_case
from dropgrade.errors import CourseError

ROOT = Path(__file__).parents[2]
SOLUTIONS = ROOT / "solutions"
PROOF = ROOT / "book" / "results" / "proof"
RIGHT = SOLUTIONS / "01_mask" / "answers" / "right_uniform_at_least.py"
WRONG = SOLUTIONS / "01_mask" / "answers" / "wrong_keep_drop_swapped.py"


@pytest.fixture
def small(tmp_path) -> Path:
    """A solutions folder with one right and one wrong answer."""
    folder = tmp_path / "solutions"
    (folder / "01_mask" / "answers").mkdir(parents=True)
    for path in (RIGHT, WRONG):
        shutil.copy(path, folder / "01_mask" / "answers")
    return folder


def test_committed_proof_is_up_to_date():
    """The proof page rests on the checks and answers as they are now."""
    mend = "python -m dropgrade.checks.proof solutions --write book/results/proof"
    assert stale(PROOF, SOLUTIONS) == {}, f"run: {mend}"


def test_committed_proof_is_complete_and_clean():
    """It holds every answer: the right ones in 300 runs without a false alarm, the wrong ones caught."""
    parts = {part["slug"]: part for part in read(PROOF)}
    assert parts.keys() == set(slugs())
    for slug, part in parts.items():
        task, answers = exercise(slug), part["answers"]
        assert len(answers) == len(list(SOLUTIONS.glob(f"{slug}/answers/*_*.py")))
        assert all(answer["as_foretold"] == answer["runs"] for answer in answers)
        assert sum(answer["runs"] for answer in answers if answer["right"]) >= (
            300 if task.false_alarm else 30
        )
        assert all(answer["runs"] >= 10 for answer in answers)
        assert part["max_score"] == task.max_score and part["false_alarm"] == task.false_alarm <= 1e-6
        assert [c["id"] for c in part["checks"]] == [c.id for c in task.checks]
    sums = summary(list(parts.values()))
    assert sums["right"]["false_alarms"] == sums["wrong"]["missed"] == 0


def test_trial_is_written_and_is_deterministic(small, tmp_path, capsys):
    """Two trials write the same bytes; the summary adds up and the answers tell their style and mistake."""
    first, second = tmp_path / "first", tmp_path / "second"
    for target in (first, second):
        assert main([str(small), "--write", str(target), "--seeds", "3", "--jobs", "1"]) == 0
    assert (first / "01_mask.json").read_bytes() == (second / "01_mask.json").read_bytes()
    sums = summary(read(first))
    assert sums["right"] == {"answers": 1, "runs": 3, "false_alarms": 0}
    assert sums["wrong"]["runs"] == 10
    right, wrong = read(first)[0]["answers"]
    assert right["says"].startswith("Uniform numbers") and right["fails"] == []
    assert (wrong["check"], wrong["diagnosis"]) == ("rate_matches_p", "keep_drop_swapped")
    assert {"check": "rate_matches_p", "diagnosis": "keep_drop_swapped", "runs": 10} in wrong["fails"]
    assert "0 false alarms in 3 runs" in capsys.readouterr().out


def test_trial_reports_a_false_alarm_and_a_miss(small, capsys):
    """A wrong answer called right, and a right one called wrong, are both reported, with exit code 1."""
    answers = small / "01_mask" / "answers"
    wrong = WRONG.read_text(encoding="utf-8")
    (answers / "right_lie.py").write_text(wrong.replace("# fails: rate_matches_p as keep_drop_swapped\n", ""))
    (answers / "wrong_lie.py").write_text(
        RIGHT.read_text(encoding="utf-8") + "\n# fails: quiet as noisy\n", encoding="utf-8"
    )
    assert main([str(small), "--seeds", "2", "--jobs", "1"]) == 1
    told = capsys.readouterr().out
    assert "01_mask/right_lie: 0 of 2 runs as foretold" in told
    assert "01_mask/wrong_lie: 0 of 10 runs as foretold; should fail quiet as noisy, fails nothing" in told
    assert "2 false alarms in 4 runs" in told and "10 missed in 20 runs" in told


def test_changed_answer_makes_the_proof_stale(small, tmp_path, capsys):
    """A changed, a new and a missing file are each named; writing again tries the changed exercise again."""
    written = tmp_path / "proof"
    assert main([str(small), "--write", str(written), "--seeds", "1", "--jobs", "1"]) == 0
    assert main([str(small), "--check", str(written)]) == 0
    answers = small / "01_mask" / "answers"
    (answers / "right_new.py").write_text(RIGHT.read_text(encoding="utf-8"), encoding="utf-8")
    (answers / "wrong_new.py").write_text(WRONG.read_text(encoding="utf-8"), encoding="utf-8")
    (answers / RIGHT.name).write_text(RIGHT.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    (answers / WRONG.name).unlink()
    names = ("right_new.py", RIGHT.name, WRONG.name, "wrong_new.py")
    assert stale(written, small) == {"01_mask": [f"solutions/01_mask/answers/{name}" for name in names]}
    capsys.readouterr()
    assert main([str(small), "--check", str(written)]) == 1
    assert "01_mask has changed since" in capsys.readouterr().out
    assert main([str(small), "--write", str(written), "--seeds", "1", "--jobs", "1"]) == 0
    assert stale(written, small) == {}
    assert [a["name"] for a in read(written)[0]["answers"]] == ["right_new", RIGHT.stem, "wrong_new"]


def test_longest_trial_is_handed_on(small, tmp_path):
    """A shorter trial later does not wipe out the record of a longer one; a longer one replaces it."""
    written = tmp_path / "proof"
    for seeds, kept in ((4, 4), (2, 4), (5, 5)):
        main([str(small), "01_mask", "--write", str(written), "--seeds", str(seeds), "--jobs", "1"])
        part = read(written)[0]
        assert (part["longest"]["seeds"], part["longest"]["false_alarms"]) == (kept, 0)
        assert part["answers"][0]["runs"] == seeds


def test_proof_depends_on_its_own_checks_only():
    """An exercise's proof rests on the modules its checks import, and on no other exercise."""
    found = sources(exercise("01_mask"), SOLUTIONS)
    assert {
        f"dropgrade/checks/{m}.py" for m in ("ex01_mask", "masks", "statistics", "calling")
    } <= found.keys()
    assert "dropgrade/checks/api.py:judge" in found
    assert not [name for name in found if "02_forward" in name or "ex03" in name]


def test_missing_or_broken_proof_holds_nothing(tmp_path):
    """No folder holds no exercises; a file that is no proof is named."""
    assert read(tmp_path / "none") == []
    (tmp_path / "broken.json").write_text("{}")
    with pytest.raises(CourseError, match=r"broken\.json is no proof"):
        read(tmp_path)


@pytest.mark.parametrize(
    "text", ["x = 1\n", '"""No header."""\n', '"""Two."""\n# fails: a as b\n# fails: a as b\n']
)
def test_answer_without_a_claim_is_refused(tmp_path, text):
    """A wrong answer has to say what is wrong with it and where that shows."""
    path = tmp_path / "01_mask" / "answers" / "wrong_x.py"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with pytest.raises(CourseError, match="should begin with a docstring"):
        read_case(path)


def test_folder_without_answers_is_refused(tmp_path):
    """An empty folder proves nothing."""
    with pytest.raises(CourseError, match="holds no answers"):
        main([str(tmp_path), "--jobs", "1"])


def test_prints_of_an_answer_are_not_shown(capsys):
    """Answers may print; the trial keeps quiet about it."""
    assert try_case(SOLUTIONS / "01_mask" / "answers" / "wrong_no_return.py", range(1)).as_foretold == 1
    assert capsys.readouterr().out == ""
