"""What happens to a run from outside costs time and nothing else: killed, without room, locked out."""

# ruff: noqa: F811
import os
import sqlite3

import pytest
from engine_room import sandboxed
from schoolroom import SIZE, taught  # noqa: F401
from sqlalchemy.exc import OperationalError

from dropgrade.errors import CourseError
from dropgrade.grading import writing
from dropgrade.grading.engine.measure import faults
from dropgrade.grading.engine.measure.commands import finish, grade, gradebook, start


@pytest.mark.slow
class TestACommand:
    """A whole command on a whole class."""

    pytestmark = sandboxed

    def test_killed_at_random_moments_it_goes_on_where_it_was(self, taught, tmp_path):
        """Four times with SIGKILL; no result is made twice, none is lost, no process stays behind."""
        kills = faults.random_kills(taught.ungraded, tmp_path, taught.rows, SIZE, count=4, seed=3)
        assert len(kills) == 4 and not any(kill.orphans for kill in kills)

    def test_killed_parts_are_made_again(self, taught, tmp_path):
        """Both warm processes and a fork of each; notebooks that they had are run again, in the same run."""
        course = taught.copy(tmp_path / "course")
        done = faults.kill_parts(course)
        assert done.returncode == 0 and f"{SIZE} graded, 0 unchanged" in done.stdout, done.stderr
        assert gradebook(course) == taught.rows

    def test_a_disk_that_fills_up_ends_the_run_and_the_next_one_goes_on(self, taught, tmp_path):
        """With a line that says where; here no file may grow beyond the gradebook's size at the start."""
        course = taught.copy(tmp_path / "course")
        room = (course / "grading" / "gradebook.db").stat().st_size + (8 << 10)
        done = finish(start(course, "grade", file_limit=room))
        assert done.returncode == 2 and "Traceback" not in done.stderr, done.stderr
        assert "make room, then run the same command again" in done.stderr
        assert faults.graded(course) < SIZE
        faults.completes(course, taught.rows, SIZE)

    def test_a_really_full_disk(self, taught, tmp_path):
        """A file system of its own with room for half a class; then there is more room."""
        with faults.small_disk(tmp_path / "disk", 3 << 20) as mounted:
            if not mounted:
                pytest.skip("only root may mount a small disk")
            course = taught.copy(tmp_path / "disk" / "course")
            faults.fill(course, leave=150 << 10)
            done = grade(course)
            assert done.returncode == 2 and "Traceback" not in done.stderr, done.stderr
            assert "make room" in done.stderr and done.stderr.count("\n") == 1
            faults.make_room(course)
            faults.completes(course, taught.rows, SIZE)

    def test_a_gradebook_that_nobody_may_read_is_said_at_once(self, taught, tmp_path):
        """A line, and no traceback; then it is as it was."""
        course = taught.copy(tmp_path / "course", graded=True)
        with faults.locked(course, "EXCLUSIVE"):
            done = grade(course)
        assert done.returncode == 2 and done.stderr.startswith(
            "dropgrade: another program holds the gradebook"
        )
        assert done.stderr.count("\n") == 1
        faults.completes(course, taught.rows, SIZE)


def test_a_locked_gradebook_is_waited_for_and_then_named():
    """First what happened, then what to do."""
    error = OperationalError("UPDATE", {}, sqlite3.OperationalError("database is locked"))
    assert writing.is_locked(error)
    assert writing.why_not(error) == (
        "another program holds the gradebook (database is locked); close it, "
        "then run the same command again, which goes on from here"
    )


@pytest.mark.parametrize("words", ["database or disk is full", "disk I/O error"])
def test_a_gradebook_without_room_is_named(words):
    """Waiting would not help."""
    error = OperationalError("UPDATE", {}, sqlite3.OperationalError(words))
    assert not writing.is_locked(error) and "make room" in writing.why_not(error)


def test_a_server_that_is_gone_is_named_by_its_first_line():
    """PostgreSQL tells more than anyone wants to read."""
    error = OperationalError("SELECT", {}, Exception("connection refused\n\tIs the server running?"))
    assert writing.why_not(error).startswith("the gradebook cannot be used (connection refused); mend that")


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path, monkeypatch):
    """The old file stays, no draft does; only a full disk ends the run."""
    path = tmp_path / "folder" / "file"
    writing.write_whole(path, b"old", 0o640)
    assert path.read_bytes() == b"old" and path.stat().st_mode & 0o777 == 0o640
    for number, kind in ((28, writing.StoppedWriting), (13, CourseError)):

        def refuse(self, content, number=number):
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr("pathlib.Path.write_bytes", refuse)
        with pytest.raises(CourseError, match="cannot be written") as caught:
            writing.write_whole(path, b"new")
        assert type(caught.value) is kind
        assert [entry.name for entry in path.parent.iterdir()] == ["file"] and path.read_bytes() == b"old"
