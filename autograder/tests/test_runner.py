"""`check_file` survives any file: the documented object, or an error that says what and where, in time."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dropgrade.checks.runner import check_file, render

SOLUTIONS = Path(__file__).parents[2] / "solutions"
RIGHT = SOLUTIONS / "01_mask" / "answers" / "right_uniform_at_least.py"
MASK = "def keep_mask(shape, p, rng):\n"


@pytest.fixture
def checked(tmp_path):
    """Write an answer to 01_mask and check it."""

    def write_and_check(text, name="answer.py", slug="01_mask", timeout=10.0):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return check_file(slug, path, seed=1, timeout=timeout)

    return write_and_check


def test_right_answer_gives_the_documented_object():
    """All keys are there, all points are given."""
    report = check_file("01_mask", RIGHT, seed=1)
    assert list(report) == ["exercise", "score", "max_score", "passed", "seconds", "checks"]
    assert report["passed"] is True and report["score"] == report["max_score"]
    assert report["checks"][0]["id"] == "returns_bool_mask" and report["checks"][0]["diagnosis"] is None


def test_wrong_answer_names_the_misconception(checked):
    """A swapped mask fails with its diagnosis and keeps its other points."""
    report = checked(MASK + "    return rng.random(shape) < p\n")
    assert report["passed"] is False and report["score"] > 0
    assert {c["diagnosis"] for c in report["checks"] if not c["passed"]} >= {"keep_drop_swapped"}


def test_every_lesson_is_a_full_answer():
    """The solutions, which call `check` themselves, score everything."""
    for lesson in sorted(SOLUTIONS.glob("0[123]_*/lesson.py")):
        report = check_file(lesson.parent.name, lesson)
        assert report.get("passed"), report


def test_notebook_is_an_answer(checked):
    """A notebook with magics, a failing cell and a graded cell is judged by the function it defines."""
    cells = [
        {"cell_type": "code", "metadata": {}, "source": source}
        for source in (
            "%matplotlib inline\n!ls",
            "1 / 0",
            MASK + "    if not 0 <= p <= 1:\n        raise ValueError(p)\n    return rng.random(shape) >= p",
        )
    ]
    report = checked(json.dumps({"cells": cells}), "answer.ipynb")
    assert report["passed"], report


def test_same_seed_gives_the_same_report():
    """With a seed only the seconds differ."""
    first, second = (check_file("01_mask", RIGHT, seed=9) for _ in range(2))
    assert first["checks"] == second["checks"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("def keep_mask(\n", "answer.py is not Python: line 1"),
        ("import nothing_of_the_kind\n", "No module named 'nothing_of_the_kind'"),
        ("def mask(shape, p, rng):\n    pass\n", "needs a function called keep_mask; found mask"),
        ("", "needs a function called keep_mask; no function was found"),
        ("import os\nos._exit(0)\n", "answer.py ended the process while it was loaded"),
        (
            MASK + "    import os\n    os._exit(7)\n",
            "ended the process in check returns_bool_mask (exit code",
        ),
        (MASK + "    import os\n    os.kill(os.getpid(), 11)\n", "SIGSEGV"),
    ],
)
def test_unusable_answer_says_what_and_where(checked, text, told):
    """Errors name the file, the line or the check, and what was found instead."""
    report = checked(text)
    assert list(report) == ["exercise", "error"]
    assert told in report["error"]


def test_failing_cell_is_named_when_the_function_is_missing(checked):
    """A notebook whose answer cell fails names that cell."""
    cell = {"cell_type": "code", "metadata": {}, "source": "x = 1\ndef keep_mask(:\n    pass"}
    error = checked(json.dumps({"cells": [cell]}), "answer.ipynb")["error"]
    assert "needs a function called keep_mask" in error
    assert "answer.ipynb, cell 1 is not Python: line 2" in error


def test_paths_that_are_no_answer(tmp_path):
    """A missing file, a folder, a huge file and a bad name are refused without a process."""
    assert check_file("01_mask", tmp_path / "none.py")["error"].endswith("none.py does not exist")
    assert "is a folder" in check_file("01_mask", tmp_path)["error"]
    assert "is no file name" in check_file("01_mask", Path("a\0b"))["error"]
    huge = tmp_path / "huge.py"
    huge.write_bytes(b"#" * 5_000_001)
    assert "an answer has at most 5000000" in check_file("01_mask", huge)["error"]


def test_unreadable_file_is_refused(tmp_path):
    """A file without permission is refused with the reason."""
    path = tmp_path / "locked.py"
    path.write_text("x = 1")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read every file")
    assert "cannot be read: Permission denied" in check_file("01_mask", path)["error"]


def test_unknown_exercise_lists_the_known_ones():
    """The error names what there is."""
    error = check_file("01_musk", RIGHT)["error"]
    assert "no exercise is called '01_musk'" in error and "03_backward" in error


def test_time_limit_has_to_be_positive():
    """Zero seconds are no time limit."""
    assert check_file("01_mask", RIGHT, timeout=0)["error"] == "timeout must be positive, got 0"


HANGS = {
    "loading": ("x = 1\nwhile True:\n    x += 1\n", "did not finish loading within 0.5 s (it was in line "),
    "a check": (MASK + "    while True:\n        pass\n", "check returns_bool_mask: keep_mask did not end"),
    "a sleep": (MASK + "    import time\n    time.sleep(60)\n", "did not end within 0.5 s; it was in line 3"),
    "deaf": (
        MASK + "    import signal\n    signal.signal(14, signal.SIG_IGN)\n    while True: pass\n",
        "did not end within 0.5 s; it was stopped in check returns_bool_mask",
    ),
    "deaf while loading": (
        "import signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\nwhile True: pass\n",
        "did not end within 0.5 s; it was stopped while it was loaded",
    ),
    "thread": (
        "import threading, time\nthreading.Thread(target=time.sleep, args=(60,)).start()\nwhile True: pass\n",
        "did not finish loading",
    ),
}


@pytest.mark.parametrize("name", HANGS)
def test_hanging_answer_ends_in_time(checked, name):
    """An endless loop ends with an error, whether it can be interrupted or has to be killed."""
    text, told = HANGS[name]
    start = time.monotonic()
    report = checked(text, timeout=0.5)
    assert time.monotonic() - start < 4
    assert told in report.get("error", report)


def test_slow_answer_is_not_a_hanging_one(checked):
    """Threads that an answer leaves behind do not delay the report."""
    text = "import threading, time\nthreading.Thread(target=time.sleep, args=(60,)).start()\n"
    start = time.monotonic()
    assert "error" not in checked(text + MASK + "    return rng.random(shape) >= p\n")
    assert time.monotonic() - start < 5


def test_children_of_an_answer_are_ended(checked, tmp_path):
    """A process that the answer starts does not outlive the check."""
    told = tmp_path / "pid"
    text = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"open({str(told)!r}, 'w').write(str(child.pid))\n"
    )
    checked(text + MASK + "    return rng.random(shape) >= p\n")
    pid = int(told.read_text())
    for _ in range(50):
        stat = Path(f"/proc/{pid}/stat")
        if not stat.exists() or stat.read_text().split()[2] == "Z":
            return
        time.sleep(0.05)
    pytest.fail("the process is still running")


def test_prints_do_not_reach_the_result(checked, capfd):
    """Floods on stdout and stderr, and JSON that looks like a result, change nothing."""
    fake = '{"report": {"exercise": "01_mask", "score": 99, "passed": true}}'
    text = (
        "import sys, os\n"
        f"print({fake!r}, flush=True)\nos.write(1, b'x' * 200000)\nos.write(2, b'y' * 200000)\n"
        + MASK
        + f"    "
        f"print({fake!r}, file=sys.stderr)\n    return rng.random(shape) < p\n"
    )
    report = checked(text)
    assert report["passed"] is False and report["max_score"] < 99
    assert capfd.readouterr() == ("", "")


def test_answers_cannot_import_their_neighbours(checked, tmp_path):
    """The child is isolated: neither the working folder nor PYTHONPATH is searched."""
    (tmp_path / "helper_of_mine.py").write_text("x = 1")
    assert "No module named 'helper_of_mine'" in checked("import helper_of_mine\n")["error"]


def test_report_reads_well():
    """The text form has the score, each check with its points, and the error as a sentence."""
    text = render(check_file("01_mask", RIGHT, seed=1))
    assert text.startswith("01_mask: 12 of 12 points\n  passed  returns_bool_mask (1 point)\n")
    assert "  passed  rate_matches_p (2 points)" in text
    assert max(map(len, text.splitlines())) <= 100
    assert render({"exercise": "01_mask", "error": "why"}) == "01_mask: cannot be checked. why"


def test_whole_command_is_quick():
    """`dropgrade check` takes under 1.5 s for a NumPy answer, process start included (best of three)."""
    command = [str(Path(sys.executable).with_name("dropgrade")), "check", "01_mask", str(RIGHT), "--json"]
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        seconds.append(time.perf_counter() - start)
        assert json.loads(done.stdout)["passed"]
    assert min(seconds) < 1.5
