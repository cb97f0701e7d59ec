"""The command line: every command explains itself, stays small, and turns a CourseError into one line."""

import inspect

import click
import pytest
from click.testing import CliRunner

from dropgrade import cli
from dropgrade.errors import CourseError

COMMANDS = sorted(cli.main.commands.items())


@pytest.mark.parametrize(("name", "command"), COMMANDS)
def test_every_command_explains_itself(name: str, command: click.Command) -> None:
    """--help exits with 0 and says in a sentence what the command does."""
    result = CliRunner().invoke(cli.main, [name, "--help"])
    assert result.exit_code == 0
    assert command.help and command.help.split("\n")[0].endswith(".")


@pytest.mark.parametrize(("name", "command"), COMMANDS)
def test_every_command_is_short(name: str, command: click.Command) -> None:
    """A command parses, calls the library and prints: at most 15 lines after its decorators."""
    source = inspect.getsource(inspect.unwrap(command.callback))
    body = source[source.index("def ") :]
    assert len(body.splitlines()) <= 15, f"{name} is {len(body.splitlines())} lines long"


@pytest.mark.parametrize(("name", "command"), COMMANDS)
def test_every_option_is_explained(name: str, command: click.Command) -> None:
    """No option is left for the reader to guess."""
    silent = [p.opts[0] for p in command.params if isinstance(p, click.Option) and not p.help]
    assert silent == []


def test_a_course_error_is_one_line_and_exit_code_2(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake that the person can mend shows as one line, never as a traceback."""

    def fail() -> None:
        raise CourseError("p must be in [0, 1], got 1.2")

    monkeypatch.setattr("dropgrade.doctor.examine", fail)
    result = CliRunner().invoke(cli.main, ["doctor"])
    assert result.exit_code == 2
    assert result.stderr == "dropgrade: p must be in [0, 1], got 1.2\n"


@pytest.mark.parametrize("command", ["build", "grade", "feedback", "export", "example", "summary"])
def test_a_missing_course_folder_is_refused(command: str) -> None:
    """A mistyped --course names the folder and exits with 2."""
    result = CliRunner().invoke(cli.main, [command, "--course", "no/such/folder"])
    assert result.exit_code == 2
    assert "no/such/folder" in result.stderr
