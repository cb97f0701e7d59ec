"""The graders on trial: right answers pass under many seeds, wrong ones fail as their files foretell.

`DROPGRADE_SEEDS` sets the number of seeds for the right answers (unless given, see `FLOORS`).
"""

import ast
import os
import random
import re
import runpy
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from dropgrade.checks import exercise, judge, run
from dropgrade.checks.api import functions_in
from dropgrade.checks.misconceptions import MISCONCEPTIONS

SOLUTIONS = Path(__file__).parents[2] / "solutions"
BLOCK = 50
WRONG_SEEDS = range(5)
# Each exercise: at least so many right and so many wrong answers, seeds for each right one. Where training
# makes a run slow, few seeds have to do here; the committed proof has 300 runs. 09_gpu has its own file.
FLOORS = {
    "01_mask": (22, 67, 300),
    "02_forward": (12, 65, 300),
    "03_backward": (12, 46, 300),
    "13_bugs": (5, 61, 30),
    "05_ensemble": (6, 59, 10),
    "06_regulariser": (5, 41, 10),
    "04_coadaptation": (5, 43, 1),
    "11_uncertainty": (6, 50, 20),
    "12_variants": (5, 37, 5),
    "10_architectures": (6, 84, 2),
    "07_rate": (6, 64, 2),
    "08_pytorch": (5, 45, 1),
}
# Where a run takes seconds a wrong answer is tried on its own check alone, the proof on all.
TRAINED = ("04_coadaptation", "07_rate", "08_pytorch")
TASKS = [exercise(slug) for slug in FLOORS]
RIGHT = [path for slug in FLOORS for path in sorted(SOLUTIONS.glob(f"{slug}/answers/right_*.py"))]
WRONG = [path for slug in FLOORS for path in sorted(SOLUTIONS.glob(f"{slug}/answers/wrong_*.py"))]


def name_of(path):
    """Exercise and file, as the tests are called."""
    return f"{path.parents[1].name}/{path.stem}"


def foretold(path):
    """The check and the diagnosis that a wrong answer's header names; the diagnosis may be None."""
    found = re.findall(r"(?m)^# fails: (\w+) as (\w+)$", path.read_text(encoding="utf-8"))
    assert len(found) == 1, f"{name_of(path)} needs one line `# fails: <check> as <misconception>`"
    check_id, diagnosis = found[0]
    return check_id, None if diagnosis == "None" else diagnosis


def report_on(path, seed):
    """Load an answer afresh, so that nothing it remembers helps it, and run all checks.

    The global generators are seeded for those wrong answers that draw from them: a verdict repeats.
    """
    np.random.seed(seed)
    random.seed(seed)
    slug, names = path.parents[1].name, runpy.run_path(str(path))
    if slug not in TRAINED or path.stem.startswith("right_"):
        return run(slug, names, seed=seed)
    one = next(c for c in exercise(slug).checks if c.id == foretold(path)[0])
    verdict = judge(exercise(slug), one, functions_in(exercise(slug), names), seed)
    return {"checks": [{"id": one.id, **asdict(verdict)}]}


def complaints(path, seed):
    """What the trial holds against the graders (or the file's name): empty if all is as it should be."""
    report = report_on(path, seed)
    failed = {c["id"]: c for c in report["checks"] if not c["passed"]}
    if path.stem.startswith("right_"):
        return [f"seed {seed}: {c['id']} fails a right answer: {c['message']}" for c in failed.values()]
    check_id, diagnosis = foretold(path)
    if check_id not in failed:
        others = ", ".join(f"{c['id']} as {c['diagnosis']}" for c in failed.values()) or "nothing"
        return [f"seed {seed}: passes {check_id}; fails {others}"]
    if failed[check_id]["diagnosis"] != diagnosis:
        return [f"seed {seed}: {check_id} says {failed[check_id]['diagnosis']}, not {diagnosis}"]
    return []


def blocks(count):
    """The seeds 0 ... count - 1 in blocks, so that several workers can share one answer."""
    return [range(start, min(start + BLOCK, count)) for start in range(0, count, BLOCK)]


def trials():
    """Pairs of a right answer and a block of seeds."""
    for path in RIGHT:
        count = int(os.environ.get("DROPGRADE_SEEDS", FLOORS[path.parents[1].name][2]))
        yield from (
            pytest.param(path, seeds, id=f"{name_of(path)}-from{seeds.start}") for seeds in blocks(count)
        )


@pytest.mark.parametrize(("path", "seeds"), list(trials()))
def test_right_answer_passes(path, seeds):
    """A right answer passes every check, whatever the seed."""
    assert [c for seed in seeds for c in complaints(path, seed)] == []


@pytest.mark.parametrize("path", WRONG, ids=name_of)
def test_wrong_answer_fails_as_foretold(path):
    """A wrong answer fails in the check and with the diagnosis that its file names."""
    assert [c for seed in WRONG_SEEDS for c in complaints(path, seed)] == []


def test_there_are_enough_answers():
    """Each exercise keeps at least as many right and wrong answers as it has had."""
    for slug, floor in FLOORS.items():
        heard = tuple(sum(path.parents[1].name == slug for path in paths) for paths in (RIGHT, WRONG))
        assert heard[0] >= floor[0] and heard[1] >= floor[1], f"{slug}: {heard} answers, {floor} promised"


def test_every_check_catches_something():
    """Each check is the foretold one of at least one wrong answer: none is there for show."""
    caught = {(path.parents[1].name, foretold(path)[0]) for path in WRONG}
    idle = [(task.slug, c.id) for task in TASKS for c in task.checks if (task.slug, c.id) not in caught]
    assert idle == []


@pytest.mark.parametrize("path", WRONG, ids=name_of)
def test_header_names_a_check_and_a_misconception(path):
    """The header of a wrong answer uses ids that exist."""
    check_id, diagnosis = foretold(path)
    assert check_id in [c.id for c in exercise(path.parents[1].name).checks]
    assert diagnosis is None or diagnosis in MISCONCEPTIONS


@pytest.mark.parametrize("path", RIGHT + WRONG, ids=name_of)
def test_docstring_says_what_is_shown(path):
    """An answer opens with one sentence that names its style or its mistake, and stays short."""
    text = path.read_text(encoding="utf-8")
    first = ast.get_docstring(ast.parse(text)).splitlines()[0]
    assert first.endswith(".") and len(first.split()) >= 4
    assert len(text.splitlines()) <= 40 + 5 * len(exercise(path.parents[1].name).functions)


@pytest.mark.parametrize(
    ("name", "diagnosis"),
    [
        ("01_mask/answers/wrong_all_true.py", "wrong_rate"),
        ("01_mask/answers/wrong_flat_mask.py", "wrong_shape"),
        ("02_forward/answers/wrong_y_only.py", "wrong_return"),
        ("03_backward/answers/wrong_returns_a_tuple.py", "wrong_return"),
        ("03_backward/answers/wrong_redraws_the_mask.py", "new_mask_in_backward"),
    ],
)
def test_one_mistake_has_one_name(name, diagnosis):
    """Where one mistake spoils many checks they all call it by the same name."""
    report = report_on(SOLUTIONS / name, seed=1)
    failed = [c["diagnosis"] for c in report["checks"] if not c["passed"]]
    assert len(failed) >= 3 and set(failed) == {diagnosis}


def test_scale_right_by_chance_is_still_named():
    """A share of kept entries that equals 1 - p at one p does not hide where the scale comes from."""
    path = SOLUTIONS / "03_backward" / "answers" / "wrong_scale_from_mask.py"
    assert [c for seed in range(200) for c in complaints(path, seed)] == []


@pytest.mark.parametrize(
    ("label", "origin", "header", "complaint"),
    [
        (
            "wrong_honest.py",
            "right_uniform_at_least.py",
            "rate_matches_p as wrong_rate",
            "passes rate_matches_p",
        ),
        ("right_lie.py", "wrong_keep_drop_swapped.py", None, "fails a right answer"),
        (
            "wrong_misnamed.py",
            "wrong_keep_drop_swapped.py",
            "rate_matches_p as fixed_count",
            "not fixed_count",
        ),
        ("wrong_elsewhere.py", "wrong_keep_drop_swapped.py", "quiet as noisy", "passes quiet"),
    ],
)
def test_trial_itself_can_fail(tmp_path, label, origin, header, complaint):
    """A mislabelled answer, a wrong diagnosis and a wrong check are each reported."""
    text = (SOLUTIONS / "01_mask" / "answers" / origin).read_text(encoding="utf-8")
    text = re.sub(r"(?m)^# fails: .*\n", "", text)
    path = tmp_path / "01_mask" / "answers" / label
    path.parent.mkdir(parents=True)
    path.write_text(text + (f"\n# fails: {header}\n" if header else ""), encoding="utf-8")
    found = complaints(path, seed=1)
    assert found and complaint in found[0]
