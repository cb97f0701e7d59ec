"""The checks as the world meets them: a line for a pass, a message for a failure, an object for a run."""

import json
import subprocess
import sys
import warnings

import numpy as np
import pytest

from dropgrade.checks import CheckFailed, check, exercise, exercises, judge, run
from dropgrade.checks.api import loading
from dropgrade.checks.misconceptions import MISCONCEPTIONS
from dropgrade.errors import CourseError, UnusableAnswer
from dropgrade.reference import ensemble, mlp, numpy_ops, paired, regulariser, repairs, structured, torch_ops

RIGHT = {
    "01_mask": {"keep_mask": numpy_ops.keep_mask},
    "02_forward": {"dropout_forward": numpy_ops.dropout_forward},
    "03_backward": {
        "dropout_backward": numpy_ops.dropout_backward,
        "dropout_forward": numpy_ops.dropout_forward,
    },
    "04_coadaptation": {
        name: getattr(mlp, name) for name in ("logits", "loss_and_gradients", "train", "ablation_curve")
    },
    "05_ensemble": {name: getattr(ensemble, name) for name in exercise("05_ensemble").functions},
    "06_regulariser": {name: getattr(regulariser, name) for name in exercise("06_regulariser").functions},
    "08_pytorch": {"Dropout": torch_ops.Dropout, "DropoutFunction": torch_ops._Masked},
    "07_rate": {name: getattr(paired, name) for name in exercise("07_rate").functions},
    "10_architectures": {name: getattr(structured, name) for name in exercise("10_architectures").functions},
    "13_bugs": {name: getattr(repairs, name) for name in exercise("13_bugs").functions},
}
TASKS = [exercise(slug) for slug in RIGHT]
EVERY = [pytest.param(task, one, id=f"{task.slug}.{one.id}") for task in TASKS for one in task.checks]


def swapped(shape, p, rng):
    """Keep and drop swapped."""
    return rng.random(shape) < p


def test_pass_prints_one_line(capsys):
    """A passing check prints its name and what was found, returns None and leaves stderr empty."""
    assert check("01_mask.rate_matches_p", numpy_ops.keep_mask) is None
    shown = capsys.readouterr()
    assert shown.out.startswith("rate_matches_p: ") and shown.out.count("\n") == 1
    assert "% kept at p = 0.2" in shown.out
    assert shown.err == ""


def test_failure_raises_the_message_only(capsys):
    """A failing check raises CheckFailed, an AssertionError: expectation, finding, diagnosis and page."""
    with pytest.raises(CheckFailed) as caught:
        check("01_mask.rate_matches_p", swapped)
    message = str(caught.value)
    assert isinstance(caught.value, AssertionError)
    assert "At p = 0.2, 80 % should be kept" in message
    assert MISCONCEPTIONS["keep_drop_swapped"].sentence in message
    assert "book/01_mask.html#keep-drop-swapped" in message
    assert capsys.readouterr().out == ""


def test_notebook_shows_no_traceback():
    """IPython asks the exception what to show: one line, none of our code."""
    assert CheckFailed("said")._render_traceback_() == ["CheckFailed: said"]


def test_ipython_honours_the_hook():
    """In a real IPython the failing cell prints the message and no frame."""
    shell = pytest.importorskip("IPython.core.interactiveshell").InteractiveShell.instance()
    shown = []
    shell._showtraceback = lambda kind, value, lines: shown.extend(lines)
    try:
        shell.run_cell(
            "from dropgrade.checks import check\ncheck('01_mask.quiet', lambda shape, p, rng: None)"
        )
    finally:
        type(shell).clear_instance()
    assert len(shown) == 1 and shown[0].startswith("CheckFailed: ")


@pytest.mark.parametrize(("task", "one"), EVERY)
def test_right_answer_passes_in_a_notebook_cell(task, one, capsys):
    """Each check accepts the reference through the one visible line of its cell."""
    check(f"{task.slug}.{one.id}", *(RIGHT[task.slug][name] for name in task.handed(one)))
    assert capsys.readouterr().out.startswith(f"{one.id}: ")


@pytest.mark.parametrize(("task", "one"), EVERY)
def test_fact_and_statement_are_sentences(task, one):
    """Each check states its fact in a sentence, what it catches, and is worth points."""
    assert one.fact.endswith(".") and one.fact[0].isalnum()
    assert one.catches.endswith(("time", "runs"))
    assert one.points >= 1
    assert 0 <= one.false_alarm < 1e-6


@pytest.mark.parametrize(
    ("name", "functions", "told"),
    [
        ("01_musk.quiet", [swapped], "no exercise is called '01_musk'; there are 01_mask, 02_forward"),
        ("01_mask.loud", [swapped], "no check of 01_mask is called 'loud'; there are returns_bool_mask"),
        ("01_mask.quiet", [], "needs keep_mask, got 0 functions"),
        ("01_mask.quiet", [swapped, swapped], "needs keep_mask, got 2 functions"),
    ],
)
def test_a_wrong_call_names_what_there_is(name, functions, told):
    """A check called by a wrong name or without its functions says what it wants."""
    with pytest.raises(CourseError, match=told):
        check(name, *functions)


def test_run_returns_the_documented_object():
    """The object has the documented keys, is JSON, and adds up."""
    report = run("01_mask", {"keep_mask": swapped, "p": 3}, seed=5)
    assert list(report) == ["exercise", "score", "max_score", "passed", "seconds", "checks"]
    assert all(list(c) == ["id", "passed", "points", "message", "diagnosis"] for c in report["checks"])
    assert report == json.loads(json.dumps(report, allow_nan=False))
    assert report["score"] == sum(c["points"] for c in report["checks"] if c["passed"])
    assert report["max_score"] == exercise("01_mask").max_score
    assert report["passed"] is False and 0 < report["score"] < report["max_score"]


def test_seed_repeats_a_run_and_fresh_runs_differ():
    """The same seed gives the same figures; without one the inputs are fresh each time."""

    def said(seed):
        return [c["message"] for c in run("01_mask", RIGHT["01_mask"], seed=seed)["checks"]]

    assert said(3) == said(3) != said(4)
    assert said(None) != said(None)


@pytest.mark.parametrize("seed", [-1, 0, 2**200])
def test_any_integer_is_a_seed(seed):
    """Negative and huge seeds will do."""
    assert run("03_backward", RIGHT["03_backward"], seed=seed)["passed"]


@pytest.mark.parametrize(
    ("namespace", "seen"),
    [
        ({}, "no function was found"),
        ({"keep_mask": 3, "keepmask": swapped}, "found keepmask"),
    ],
)
def test_missing_function_is_unusable(namespace, seen):
    """An answer without the function asked for cannot be scored; the message names both sides."""
    with pytest.raises(UnusableAnswer, match=f"needs a function called keep_mask; {seen}"):
        run("01_mask", namespace)


def test_own_forward_is_used_where_there_is_one():
    """Exercise 03 judges against the answer's own forward pass, else against the reference."""

    def unscaled(x, p, training, rng):
        y, keep = numpy_ops.dropout_forward(x, p, training, rng)
        return (y if keep is None else np.where(keep, x, 0)), keep

    own = RIGHT["03_backward"] | {"dropout_forward": unscaled}
    failed = {c["id"]: c["diagnosis"] for c in run("03_backward", own)["checks"] if not c["passed"]}
    assert failed == {"matches_own_forward": "no_rescale"}
    alone = {"dropout_backward": numpy_ops.dropout_backward}
    assert run("03_backward", alone)["passed"]


def test_stderr_and_warnings_are_caught_and_stdout_is_left_alone(capsys):
    """A noisy answer fails one check only, and its noise does not reach stderr; its prints are its own."""

    def noisy(shape, p, rng):
        print("drawing")
        print("grumble", file=sys.stderr)
        warnings.warn("hm", stacklevel=1)
        return rng.random(shape) >= p if 0 <= p <= 1 else [][0 / 0]

    def refusing(shape, p, rng):
        numpy_ops.keep_mask((1,), p, rng)
        return noisy(shape, p, rng)

    report = run("01_mask", {"keep_mask": refusing})
    assert [c["id"] for c in report["checks"] if not c["passed"]] == ["quiet"]
    assert report["checks"][-1]["diagnosis"] == "noisy"
    assert "hm" in report["checks"][-1]["message"]
    shown = capsys.readouterr()
    assert shown.err == "" and "drawing" in shown.out


def test_an_answer_that_asks_numpy_to_raise_is_judged_as_others():
    """np.seterr in an answer changes neither the verdicts nor the settings afterwards."""
    before = np.geterr()
    try:
        np.seterr(all="raise")
        assert run("02_forward", RIGHT["02_forward"])["passed"]
    finally:
        np.seterr(**before)


def test_global_random_state_is_left_alone():
    """Checks that watch the global generators put them back."""
    before = np.random.get_state()[1].copy()
    run("01_mask", RIGHT["01_mask"])
    run("03_backward", RIGHT["03_backward"])
    assert np.array_equal(before, np.random.get_state()[1])


def test_checks_are_silent_while_a_file_is_loaded():
    """A lesson's own calls of check judge nothing while the file is loaded for judging."""
    with loading():
        assert check("01_mask.quiet", swapped) is None
    with pytest.raises(CheckFailed):
        check("01_mask.rate_matches_p", swapped)


def test_misconceptions_are_sentences_with_a_page():
    """Each misconception has a name, a sentence and an anchor made of its id, in a chapter of the book."""
    for key, known in MISCONCEPTIONS.items():
        assert known.sentence.endswith(".") and known.name and not known.name.endswith(".")
        page, anchor = known.page.split("#")
        assert page in {f"book/{task.slug}.html" for task in exercises()}
        assert anchor == key.replace("_", "-")


def test_package_imports_no_numpy_before_it_is_needed():
    """Importing the checks package and the runner costs no NumPy; the command line stays quick."""
    code = (
        "import sys, dropgrade.checks, dropgrade.checks.runner; "
        "assert 'numpy' not in sys.modules; "
        "from dropgrade.checks import run; assert 'numpy' in sys.modules; "
        "assert not {'torch', 'nbgrader', 'IPython', 'matplotlib', 'scipy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_judging_works_without_alarms(monkeypatch):
    """In the browser there is no SIGALRM: checks run all the same, without a soft limit."""
    from dropgrade.checks import calling

    monkeypatch.delattr(calling.signal, "setitimer")
    task = exercise("01_mask")
    assert judge(task, task.checks[0], RIGHT["01_mask"], seed=1).passed
