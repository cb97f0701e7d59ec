"""The lessons: each runs as a plain script, and its check cells judge what the learner wrote."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from dropgrade.checks import exercise
from dropgrade.checks.api import slugs

SOLUTIONS = Path(__file__).parents[2] / "solutions"
# 09_gpu, whose kernels take a while, has a file of its own.
TASKS = [exercise(slug) for slug in slugs() if slug != "09_gpu" and (SOLUTIONS / slug / "lesson.py").exists()]
LESSONS = {task.slug: SOLUTIONS / task.slug / "lesson.py" for task in TASKS}
each_exercise = pytest.mark.parametrize("task", TASKS, ids=lambda task: task.slug)


def run_script(path):
    """Run a lesson as a learner would, warnings being errors."""
    command = [sys.executable, "-W", "error", str(path)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def without_solution(text):
    """The lesson as it is handed out: each solution replaced by the empty answer."""
    return re.sub(
        r"### BEGIN SOLUTION.*?### END SOLUTION", "raise NotImplementedError()", text, flags=re.DOTALL
    )


@each_exercise
def test_lesson_runs_and_passes_its_checks(task):
    """The script ends well, reports each check once, in the registry's order, and leaves stderr empty."""
    done = run_script(LESSONS[task.slug])
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    reported = re.findall(rf"^({'|'.join(c.id for c in task.checks)}): ", done.stdout, flags=re.MULTILINE)
    assert sorted(reported) == sorted(c.id for c in task.checks)


@each_exercise
def test_unanswered_lesson_fails_every_check(task, tmp_path):
    """With the solution cut out no check cell passes, so none of them can pass by itself."""
    text = without_solution(LESSONS[task.slug].read_text(encoding="utf-8"))
    # Demonstrations call the empty function; only the cells that define or check something are kept.
    cells = re.split(r"(?m)^(?=# %%)", text)
    kept = [c for c in cells if "import check" in c or "grade_id=" in c.split("\n")[0]]
    checks = [c for c in cells if c.startswith("# %% check=")]
    for cell in checks:
        call = cell.split("\n")[1]
        kept.append(f"try:\n    {call}\nexcept AssertionError as error:\n    print('refused:', error)\n")
    path = tmp_path / "lesson.py"
    path.write_text("".join(kept), encoding="utf-8")
    done = run_script(path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("refused:") == len(checks) == len(task.checks)
    assert done.stdout.count("not written yet") == len(checks)


@each_exercise
def test_check_cells_use_the_functions_of_the_lesson(task):
    """Each check stands in one cell of its own, and is given the functions it uses in order."""
    text = LESSONS[task.slug].read_text(encoding="utf-8")
    calls = re.findall(r'^# %% check="(\w+)"\ncheck\("([\w.]+)", ([\w, ]+)\)$', text, flags=re.MULTILINE)
    handed = {check.id: task.handed(check) for check in task.checks}
    assert [cell for cell, _, _ in calls] == [call.split(".")[1] for _, call, _ in calls]
    for _, call, arguments in calls:
        assert call.startswith(f"{task.slug}.")
        assert tuple(arguments.split(", ")) == handed[call.split(".")[1]]


@each_exercise
def test_lesson_helps_in_three_steps(task):
    """Three folded hints for each task, and no prose gives away a line of the solution but its returns."""
    text = LESSONS[task.slug].read_text(encoding="utf-8")
    hints = re.findall(r"<summary>Hint (\d)", text)
    assert hints and hints == ["1", "2", "3"] * (len(hints) // 3)
    solution = "\n".join(re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", text, flags=re.DOTALL))
    telling = [line.strip() for line in solution.splitlines() if line.strip() and "return" not in line]
    prose = "\n".join(re.findall(r"(?m)^# (?!%%).*$", text))
    assert len(telling) >= 2
    assert [line for line in telling if line in prose] == []
