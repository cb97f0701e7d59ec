"""Results on disk, and the line that says how a run is doing."""

import io

import pytest

from dropgrade.errors import CourseError
from dropgrade.grading.engine.jobs import Result
from dropgrade.grading.engine.progress import Progress
from dropgrade.grading.engine.store import Store

RESULT = Result("abc1", [{"outputs": [], "count": 1}], [], 0.1)


def test_a_stored_result_is_found_again(tmp_path):
    """And none is found for another key."""
    store = Store(tmp_path / "new")
    assert store.get("abc1") is None
    store.put(RESULT)
    assert store.get("abc1") == RESULT and store.get("abc2") is None


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"key": "abc1"}', '{"key": "other", "cells": [], "odd": [], "seconds": 1}']
)
def test_half_a_result_is_none(tmp_path, text):
    """Or one that belongs to another job."""
    (tmp_path / "abc1.json").write_text(text)
    assert Store(tmp_path).get("abc1") is None


def test_pruning_keeps_what_is_named(tmp_path):
    """The rest goes, drafts of interrupted runs too."""
    store = Store(tmp_path)
    store.put(RESULT)
    store.put(Result("old", [], [], 0.1))
    (tmp_path / "old.json.12.part").write_text("{")
    store.prune({"abc1"})
    assert [path.name for path in tmp_path.iterdir()] == ["abc1.json"]


def test_a_full_disk_is_said_plainly(tmp_path, monkeypatch):
    """With the folder, and what to do; no half result stays under the key."""

    def full(self, *args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    with pytest.raises(CourseError, match=r"No space left on device.*make room"):
        Store(tmp_path).put(RESULT)
    assert Store(tmp_path).get("abc1") is None


def test_a_key_is_no_path(tmp_path):
    """Whoever asks for one gets an error, no file."""
    with pytest.raises(ValueError, match="no key"):
        Store(tmp_path).get("../secret")


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_a_bar_with_rate_and_time_left():
    """On one line that is written over."""
    seconds = iter([0.0, 10.0, 10.0])
    stream = Terminal()
    progress = Progress(40, stream, lambda: next(seconds))
    progress.done = 9
    assert list(progress.advance()) == []
    assert stream.getvalue() == "\r\x1b[K[######..................] 10 of 40, 1.0 a second, 30 s left"


def test_elsewhere_a_line_comes_now_and_then():
    """Every fifteen seconds, and none for the last one."""
    now = [0.0]
    progress = Progress(3, io.StringIO(), lambda: now[0])
    assert list(progress.advance()) == []
    now[0] = 20.0
    assert list(progress.advance()) == ["2 of 3, 0.1 a second, 10 s left"]
    now[0] = 40.0
    assert list(progress.advance()) == []
