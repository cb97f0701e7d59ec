"""Exercise 09_gpu on trial: right answers of every style pass, wrong ones fail as their files foretell.

Its checks compare bits and draw nothing to chance, so a few seeds stand for all.
"""

import ast
import json
import re
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from kernels import MODE  # noqa: F401 (skips this file where Triton is missing)

from dropgrade.checks import exercise, run
from dropgrade.checks.misconceptions import MISCONCEPTIONS
from dropgrade.checks.runner import check_file

ROOT = Path(__file__).parents[2]
LESSON = ROOT / "solutions/09_gpu/lesson.py"
TASK = exercise("09_gpu")
RIGHT = sorted((ROOT / "solutions/09_gpu/answers").glob("right_*.py"))
WRONG = sorted((ROOT / "solutions/09_gpu/answers").glob("wrong_*.py"))
KERNEL_CHECKS = {"one_word_kernel", "four_words_kernel", "four_words_pay", "fused_kernel", "nothing_outside"}
stem = {"ids": lambda path: path.stem}


def failures(path: Path, seed: int) -> dict[str, dict]:
    """The checks that an answer fails, by id."""
    report = run("09_gpu", runpy.run_path(str(path)), seed=seed)
    return {check["id"]: check for check in report["checks"] if not check["passed"]}


@pytest.mark.parametrize("path", RIGHT, **stem)
def test_right_answer_passes(path: Path):
    """A right answer passes every check, whatever the seed."""
    assert [failures(path, seed) for seed in range(2)] == [{}] * 2


@pytest.mark.parametrize("path", WRONG, **stem)
def test_wrong_answer_fails_as_foretold(path: Path):
    """A wrong answer fails in the check and with the diagnosis that its header names."""
    check_id, diagnosis = re.search(r"(?m)^# fails: (\w+) as (\w+)$", path.read_text()).groups()
    for seed in range(2):
        failed = failures(path, seed)
        assert check_id in failed
        assert failed[check_id]["diagnosis"] == (None if diagnosis == "None" else diagnosis)


def test_every_check_is_needed():
    """There are enough answers, and each check is the foretold one of at least one of them."""
    foretold = {re.search(r"(?m)^# fails: (\w+) as", path.read_text())[1] for path in WRONG}
    assert foretold == {check.id for check in TASK.checks}
    assert len(RIGHT) >= 5 and len(WRONG) >= 40


def test_every_misconception_is_shown():
    """Each wrong idea that belongs to this chapter is shown by a wrong answer."""
    own = {key for key, known in MISCONCEPTIONS.items() if known.page.startswith("book/09_gpu")}
    shown = {re.search(r"(?m)^# fails: \w+ as (\w+)", path.read_text())[1] for path in WRONG}
    assert own <= shown


@pytest.mark.parametrize("path", RIGHT + WRONG, **stem)
def test_docstring_says_what_is_shown(path: Path):
    """An answer opens with one sentence that names its style or its mistake."""
    first = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))).splitlines()[0]
    assert first.endswith(".") and len(first.split()) >= 4


def run_script(path: Path, **options) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-W", "error", str(path)], capture_output=True, text=True, **options
    )


def test_lesson_passes_its_checks():
    """The lesson runs as a script, passes each check once, and leaves stderr empty."""
    done = run_script(LESSON, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    reported = re.findall(rf"^({'|'.join(c.id for c in TASK.checks)}): ", done.stdout, flags=re.MULTILINE)
    assert reported == [check.id for check in TASK.checks]


def test_unanswered_lesson_fails_every_check(tmp_path: Path):
    """With the solutions cut out no check passes, and each says what is not written yet."""
    empty = re.sub(
        r"### BEGIN SOLUTION.*?### END SOLUTION",
        "raise NotImplementedError()",
        LESSON.read_text(),
        flags=re.S,
    )
    path = tmp_path / "empty.py"
    path.write_text("".join(cell for cell in re.split(r"(?m)^(?=# %%)", empty) if "import check" in cell
                            or "grade_id=" in cell.split("\n")[0]))  # fmt: skip
    report = check_file("09_gpu", path, seed=1, timeout=60)
    assert [check["passed"] for check in report["checks"]] == [False] * len(TASK.checks)
    assert all("not written yet" in check["message"] for check in report["checks"])


def test_checked_from_the_command_line(tmp_path: Path):
    """A file and a notebook are checked in a process of their own, kernels and their cost included."""
    source = RIGHT[0].read_text()
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "outputs": [], "execution_count": None}
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell | {"source": source}]}
    (tmp_path / "answer.ipynb").write_text(json.dumps(notebook))
    for path in (RIGHT[0], tmp_path / "answer.ipynb"):
        report = check_file("09_gpu", path, seed=1, timeout=60)
        assert report.get("passed") is True, report


def test_without_triton_the_other_parts_count(tmp_path: Path):
    """Where Triton is missing the lesson still runs; kernel checks say so, and all others pass."""
    hide = (
        "import importlib.util as u\nfind = u.find_spec\n"
        "u.find_spec = lambda name, *rest: None if name == 'triton' else find(name, *rest)\n"
    )
    lesson = LESSON.read_text()
    path = tmp_path / "lesson.py"
    cells = [cell for cell in re.split(r"(?m)^(?=# %%)", lesson) if not cell.startswith("# %% check=")]
    path.write_text(
        hide + "".join(cells) + "\nimport json\nfrom dropgrade.checks import run\n"
        "print(json.dumps(run('09_gpu', globals(), seed=1)))\n"
    )
    done = run_script(path, timeout=120)
    assert done.returncode == 0, done.stderr
    checks = {check["id"]: check for check in json.loads(done.stdout.splitlines()[-1])["checks"]}
    assert {name for name, check in checks.items() if not check["passed"]} == KERNEL_CHECKS
    assert all("Triton is not installed here" in checks[name]["message"] for name in KERNEL_CHECKS)


def test_false_alarms():
    """Nothing is left to chance: the bound on false alarms is zero."""
    assert TASK.false_alarm == 0


def test_cost_is_reported_in_the_message():
    """A kernel that passes learns its instructions, its share of bandwidth, and how wide it reads."""
    from dropgrade.checks.api import judge

    found = next(check for check in TASK.checks if check.id == "four_words_pay")
    verdict = judge(TASK, found, runpy.run_path(str(RIGHT[0])), seed=1)
    assert re.search(
        r"2\d machine instructions.*100 % of its bandwidth.*load 128.*store 128", verdict.message
    )


def test_a_wild_store_is_survived():
    """A kernel that stores 64 times too far hits sentinels, not somebody's memory."""
    from dropgrade.checks.gpu_scenes import launch
    from dropgrade.reference.kernel_language import tl, triton

    @triton.jit
    def wild(y_ptr, n, BLOCK: tl.constexpr):
        tl.store(y_ptr + tl.arange(0, BLOCK) * 64, tl.zeros([BLOCK], tl.float32))

    assert launch(wild, [np.ones(64, dtype=np.float32)], 0, [64], 64, 64)["strays"] == 63


@pytest.mark.parametrize("path", [RIGHT[0], *(path for path in WRONG if "as_float" in path.stem)], **stem)
def test_both_ways_of_counting_agree(path: Path):
    """PTX, counted without starting a process, has about as many instructions as the machine code."""
    from dropgrade.reference.kernel_cost import cost, ptx_instructions, source_of

    kernel = runpy.run_path(str(path))["four_words"]
    machine = cost(kernel, "four_words")["instructions"]
    assert ptx_instructions(source_of(kernel), "four_words") == pytest.approx(machine, rel=0.3)


def test_compiling_leaves_the_interpreter_alone():
    """After PTX was made, Triton's modules are the ones from before, and a kernel still runs."""
    from dropgrade.checks.gpu_scenes import launch
    from dropgrade.reference.kernel_cost import ptx_instructions, source_of

    kernel = runpy.run_path(str(RIGHT[0]))["four_words"]
    before = {name: module for name, module in sys.modules.items() if name.startswith("triton")}
    ptx_instructions(source_of(kernel), "four_words")
    with pytest.raises(RuntimeError, match="does not compile"):
        ptx_instructions("import triton\n@triton.jit\ndef f(x_ptr):\n    absent(x_ptr)\n", "f")
    assert {name: module for name, module in sys.modules.items() if name.startswith("triton")} == before
    x = np.ones(64, dtype=np.float32)
    arrays = [x, 0 * x, np.array([1, 2])]
    assert set(launch(kernel, arrays, 1, [64, 2**31, 2.0], 64, 64)["y"].tolist()) == {0.0, 2.0}


@pytest.mark.slow
def test_an_endless_kernel_ends():
    """A kernel that never ends is stopped, named, and nothing after it is tried."""
    endless = runpy.run_path(str(RIGHT[0]))
    source = (
        "@triton.jit\ndef one_word(x_ptr, y_ptr, state_ptr, n, threshold, scale, BLOCK: tl.constexpr):\n"
        "    while n > 0:\n        threshold = 1\n"
    )
    exec(source, endless)
    checks = {check["id"]: check for check in run("09_gpu", endless, seed=1, limit=3.0)["checks"]}
    assert checks["any_layout"]["passed"]
    assert checks["one_word_kernel"]["diagnosis"] == "never_ends"
    assert "one_word did not end within 3 s" in checks["one_word_kernel"]["message"]
    assert checks["quiet"]["message"].startswith("Not tried")


@pytest.mark.parametrize(
    ("slip", "costs"),
    [
        (("range(10)", "range(7)"), {"known_answers", "many_counters"}),
        (("seed // 2**32)", "0)"), {"all_64_bits"}),
    ],
)
def test_one_slip_costs_only_its_own_checks(tmp_path: Path, slip: tuple[str, str], costs: set[str]):
    """A layer over a wrong mask, and a mask over a wrong Philox, are judged by what they make of it."""
    source = next(path for path in RIGHT if path.stem == "right_helper_kernel").read_text()
    assert source.count(slip[0]) == 1
    path = tmp_path / "slip.py"
    path.write_text(source.replace(*slip))
    assert set(failures(path, seed=1)) == costs
