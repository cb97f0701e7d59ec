"""A result is fresh or says why not, is never half a file, and costs no run twice."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from dropgrade.errors import ResultError
from dropgrade.results import Runs, Value, is_stale, load, record, sources, stale_reasons
from dropgrade.results.__main__ import main, prediction_interval

HELPER = '''
from pathlib import Path

def run(settings, seed):
    """Numbers that depend on settings and seed, and a tick in a file for every run made."""
    with (Path(__file__).parents[1] / "ticks").open("a") as ticks:
        ticks.write(f"{settings} {seed}\\n")
    return {"error": 5.0 + seed / 10 - settings["gain"] * (1 + seed / 50), "cpu_seconds": 0.5}
'''
SCRIPT = """
from _toy import run
from dropgrade import style
from dropgrade.results import Experiment

def values(runs):
    change = runs.difference("drop", "none", "error", "pp")
    return {"error_none": runs.mean("none", "error", "%"), "d": change}

def figure(runs, v):
    fig, (axis,) = style.panels(1)
    style.dots(axis, ["none"], [v["error_none"]])
    return fig

EXPERIMENT = Experiment(
    name="toy", arms={"none": {"gain": 0.0}, "drop": {"gain": 0.5}}, seeds=3, steps=10,
    run=run, values=values,
    directions=lambda v: {"d is negative": v["d"].high < 0, "d is large": v["d"].value < -9},
    claim=lambda v: f"Dropping changes the error by {v['d'].quote()}.", alt=lambda v: "One dot & a bar.",
    figure=figure, smoke={"drop": ("error",)}, data=("book/data/toy.bin",),
)
"""


@pytest.fixture
def course(tmp_path):
    """A course of one toy experiment; returns the folder of the scripts."""
    folder = tmp_path / "book" / "experiments"
    folder.mkdir(parents=True)
    (folder / "toy.py").write_text(SCRIPT)
    (folder / "_toy.py").write_text(HELPER)
    (tmp_path / "book" / "data").mkdir()
    (tmp_path / "book" / "data" / "toy.bin").write_bytes(b"\x01\x02")
    return folder


def make(course, *arguments):
    return main([str(course), *arguments])


def ticks(course):
    path = course.parent / "ticks"
    return len(path.read_text().splitlines()) if path.exists() else 0


def test_a_first_run_writes_values_with_paired_intervals(course, capsys):
    """All arms and seeds are run; the difference is paired; the figure lies beside the numbers."""
    assert make(course) == 0
    result = load(course.parent / "results", "toy")
    assert ticks(course) == 6 and result.seeds == [0, 1, 2] and result.cpu_seconds == 3.0
    assert result.values["error_none"].value == pytest.approx(5.1)
    assert result.quote("d") == "-0.51 pp (95 % CI -0.53 to -0.49, 3 seeds)"
    assert result.quote("runs") == "6" and result.quote("cpu_seconds") == "3 s"
    assert (course.parent / "results" / "toy.svg").read_text().startswith("<svg")
    assert "toy 1/6  none, seed 0" in capsys.readouterr().out


def test_directions_that_did_not_show_are_part_of_the_claim(course):
    """Nobody can quote the claim without its shortfall."""
    make(course)
    result = load(course.parent / "results", "toy")
    assert result.directions == {"d is negative": True, "d is large": False}
    assert result.claim.endswith("3 seeds). Not seen here: d is large.")


def test_a_fresh_result_is_left_alone(course, capsys):
    """The second call runs nothing and touches no file."""
    make(course)
    path = course.parent / "results" / "toy.json"
    before = path.stat().st_mtime_ns
    capsys.readouterr()
    assert make(course) == 0
    assert capsys.readouterr().out == "toy: fresh\n"
    assert path.stat().st_mtime_ns == before and ticks(course) == 6


def test_the_same_runs_give_the_same_bytes(course):
    """Remaking from finished runs is byte for byte the same, JSON and SVG."""
    make(course)
    results = course.parent / "results"
    before = [(results / name).read_bytes() for name in ("toy.json", "toy.svg", "toy-stacked.svg")]
    leftover = course.parent / "results" / ".partial"
    for entry in load(results, "toy").runs:
        record.write(leftover / f"{entry['key']}.json", '{"error": 0.0, "cpu_seconds": 0.0}')
    make(course, "--force")
    assert ticks(course) == 12, "neither the result's runs nor leftovers are taken over"
    assert [(results / name).read_bytes() for name in ("toy.json", "toy.svg", "toy-stacked.svg")] == before


@pytest.mark.parametrize(
    ("path", "content", "runs"),
    [
        ("experiments/toy.py", SCRIPT.replace("changes the error", "moves the error"), 6),
        ("experiments/toy.py", SCRIPT.replace("seeds=3", "seeds=4"), 8),
        ("experiments/toy.py", SCRIPT.replace('"gain": 0.5', '"gain": 0.6'), 9),
        ("experiments/_toy.py", HELPER + "\n# a remark\n", 12),
        ("data/toy.bin", "other", 12),
    ],
    ids=["claim", "one seed more", "one arm changed", "what trains", "data"],
)
def test_only_the_runs_that_a_change_touches_are_made_again(course, capsys, path, content, runs):
    """Every source makes the result stale: words cost no run, a seed or arm its own, training code all."""
    make(course)
    (course.parent / path).write_text(content)
    result = load(course.parent / "results", "toy")
    assert is_stale(result, course.parents[1]) and stale_reasons(result, course.parents[1]) == [
        f"book/{path} changed"
    ]
    capsys.readouterr()
    assert make(course, "--check") == 1
    assert f"toy: stale (book/{path} changed); run `make results`" in capsys.readouterr().out
    assert ticks(course) == 6, "a check runs nothing"
    assert make(course) == 0 and make(course, "--check") == 0
    assert ticks(course) == runs


def test_check_names_what_is_missing(course, capsys):
    """No result yet is stale too."""
    assert make(course, "--check") == 1
    assert "toy: stale (there is no result toy" in capsys.readouterr().out


def test_a_source_that_is_gone_makes_the_result_stale(course):
    """A deleted helper is a reason of its own."""
    make(course)
    (course / "_toy.py").unlink()
    result = load(course.parent / "results", "toy")
    assert stale_reasons(result, course.parents[1]) == ["book/experiments/_toy.py is gone"]


def test_an_edited_or_missing_figure_makes_the_result_stale(course):
    """The picture cannot be prettied by hand."""
    make(course)
    results = course.parent / "results"
    result = load(results, "toy")
    (results / "toy.svg").write_text("<svg/>")
    assert stale_reasons(result, course.parents[1], results) == ["toy.svg was changed by hand"]
    (results / "toy.svg").unlink()
    assert stale_reasons(result, course.parents[1], results) == ["toy.svg is missing"]


def test_a_number_edited_by_hand_is_refused_and_mended(course):
    """The seal covers every value; making the result again restores the measured one."""
    make(course)
    path = course.parent / "results" / "toy.json"
    content = json.loads(path.read_text())
    content["values"]["d"]["value"] = -3.0
    path.write_text(json.dumps(content))
    with pytest.raises(ResultError, match=r"toy.json was changed by hand; make it anew with `make results`"):
        load(path.parent, "toy")
    assert make(course) == 0
    assert load(path.parent, "toy").quote("d", "value") == "-0.51 pp"


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", "3", '{"values": {}}'])
def test_a_damaged_file_is_refused(tmp_path, content):
    """Anything that is not a result says so and names the mend."""
    (tmp_path / "bad.json").write_text(content)
    with pytest.raises(ResultError, match=r"bad.json is not a result .*make results"):
        load(tmp_path, "bad")


def test_runs_survive_a_change_of_the_file_format(course):
    """A result of an older form is stale, but its runs need not be made again."""
    make(course)
    path = course.parent / "results" / "toy.json"
    content = record.unsealed(path)
    content["comment"] = content.pop("claim")
    content["seal"] = record._seal(content)
    path.write_text(json.dumps(content))
    with pytest.raises(ResultError, match=r"toy.json is not a result .*make results"):
        load(path.parent, "toy")
    assert make(course) == 0 and ticks(course) == 6
    assert load(path.parent, "toy").quote("d", "value") == "-0.51 pp"


def test_an_unknown_result_names_the_known_ones(course):
    """A wrong name is easy to mend."""
    make(course)
    (course.parent / "results" / "proof.json").write_text('{"rows": []}')
    with pytest.raises(ResultError, match=r"there is no result tay in .*; known: toy;"):
        load(course.parent / "results", "tay")


def test_an_unknown_key_suggests_near_ones_and_lists_all(course):
    """A wrong key is easy to mend."""
    make(course)
    result = load(course.parent / "results", "toy")
    with pytest.raises(
        ResultError, match=r"toy has no key eror_none; did you mean error_none\? known keys: .*d, seeds"
    ):
        result.quote("eror_none")
    with pytest.raises(ResultError, match=r"toy:seeds: this value is a plain fact and has no interval"):
        result.quote("seeds", "interval")
    with pytest.raises(
        ResultError, match=r"toy:d: part must be full, value, number, size or interval, got fll"
    ):
        result.quote("d", "fll")


@pytest.mark.parametrize(
    ("value", "part", "text"),
    [
        (Value(-0.55, -0.61, -0.49, "pp", 5, True), "full", "-0.55 pp (95 % CI -0.61 to -0.49, 5 seeds)"),
        (Value(2.07, 1.92, 2.22, "pp", 5, True), "value", "+2.07 pp"),
        (Value(-0.55, -0.61, -0.49, "pp", 5, True), "size", "0.55 pp"),
        (Value(-0.55, -0.61, -0.49, "pp", 5, True), "number", "-0.55"),
        (Value(0.2064, 0.2, 0.213, "nats", 5), "full", "0.206 nats (95 % CI 0.200 to 0.213, 5 seeds)"),
        (Value(5.43, 5.3, 5.6, "%", 5), "interval", "95 % CI 5.30 to 5.60"),
        (Value(-0.001, -0.1, 0.1, "pp", 5, True), "value", "0.00 pp"),
        (Value(0.3, digits=1), "full", "0.3"),
        (Value(2000), "full", "2000"),
        (Value(6.31, 6.0, 6.6, "times", 5, digits=1), "value", "6.3 times"),
    ],
)
def test_values_are_quoted_with_unit_sign_and_interval(value, part, text):
    """Signs on differences only, no negative zero, decimals by unit."""
    assert value.quote(part) == text


def test_a_broken_metric_stops_the_experiment(course, capsys):
    """NaN would vanish in a mean; the message names arm, seed and metric, and nothing is written."""
    (course / "_toy.py").write_text(HELPER.replace("5.0 + seed", "float('nan') + seed"))
    with pytest.raises(ValueError, match=r"toy, arm none, seed 0: error not finite"):
        make(course)
    assert not (course.parent / "results" / "toy.json").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["tay"], "dropgrade.results: no experiment tay in "),
        (["toy", "--smoke"], "there is no result toy in "),
    ],
)
def test_unusable_requests_exit_with_2(course, capsys, arguments, message):
    """One line on stderr, and exit code 2."""
    assert make(course, *arguments) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and message in error


def test_a_folder_without_scripts_and_a_script_without_experiment(course, tmp_path, capsys):
    """Both say what they need."""
    assert main([str(tmp_path / "nowhere")]) == 2
    assert "holds no experiment; give the folder of the scripts" in capsys.readouterr().err
    (course / "toy.py").write_text("x = 1\n")
    assert make(course) == 2
    assert "toy.py must define EXPERIMENT" in capsys.readouterr().err


def test_writing_is_all_or_nothing(tmp_path, monkeypatch):
    """A failure while writing leaves the old file, and no temporary one."""
    target = tmp_path / "a.json"
    record.write(target, "old")

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(record.os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        record.write(target, "new")
    assert target.read_text() == "old" and os.listdir(tmp_path) == ["a.json"]


def test_an_interrupted_experiment_keeps_its_finished_runs(course):
    """Ctrl-C in the middle: exit 130, no result, no half file; the next call makes only the missing runs."""
    slow = HELPER.replace("    return", "    import time; time.sleep(0.4 * (seed > 0))\n    return")
    (course / "_toy.py").write_text(slow)
    command = [sys.executable, "-m", "dropgrade.results", str(course)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 30
    while ticks(course) < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    child.send_signal(signal.SIGINT)
    _, error = child.communicate(timeout=30)
    assert child.returncode == 130 and "finished runs are kept" in error and "Traceback" not in error
    results = course.parent / "results"
    kept = list((results / ".partial").glob("*.json"))
    assert 2 <= len(kept) < 6 and all(json.loads(path.read_text()) for path in kept)
    assert not (results / "toy.json").exists()
    assert [path.name for path in (results / ".partial").iterdir() if path.suffix != ".json"] == []
    before = ticks(course)
    assert make(course) == 0
    assert ticks(course) - before == 6 - len(kept)
    assert list((results / ".partial").iterdir()) == []


def test_smoke_agrees_with_an_honest_result_and_not_with_another(course, capsys):
    """A quick rerun lies inside the predicted range; after a change of the formula it does not."""
    make(course)
    assert make(course, "--smoke") == 0
    assert "toy drop error: 4.5 agrees with" in capsys.readouterr().out
    (course / "_toy.py").write_text(HELPER.replace("5.0 + seed", "50.0 + seed"))
    assert make(course, "--smoke") == 1
    assert "IS OUTSIDE" in capsys.readouterr().out


def test_the_smoke_range_is_wider_than_the_interval_of_the_mean(course):
    """A single fresh run scatters more than a mean of many."""
    make(course)
    column = Runs(load(course.parent / "results", "toy").runs).column("none", "error")
    low, high = prediction_interval(column, 1)
    assert low < column.min() < column.max() < high


def test_local_modules_are_followed_transitively(course):
    """Helpers of helpers count; libraries do not; circles end."""
    (course / "_deep.py").write_text("import numpy\nimport _toy\n")
    (course / "_toy.py").write_text("import _deep\n" + HELPER)
    names = [path.name for path in sources.local_modules(course / "toy.py")]
    assert {"toy.py", "_toy.py", "_deep.py", "style.py", "frame.py"} <= set(names)
    assert {"numpy", "pathlib", "matplotlib"} <= sources.libraries(course / "toy.py")
    assert not any("numpy" in str(path) for path in sources.local_modules(course / "toy.py"))


def test_importing_a_script_leaves_no_module_behind(course):
    """Helpers named alike in two folders cannot be mixed up."""
    before = set(sys.modules), list(sys.path)
    make(course)
    assert "_toy" not in sys.modules and "toy" not in sys.modules and sys.path == before[1]


def test_values_cannot_be_changed_after_loading(course):
    """Records are frozen; a changed copy has another seal."""
    make(course)
    result = load(course.parent / "results", "toy")
    with pytest.raises(AttributeError):
        result.values["d"].value = 0.0
    assert replace(result.values["d"], value=0.0) != result.values["d"]
