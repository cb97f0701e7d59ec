"""Checking an answer file in a process of its own: it may crash, hang or print, and the verdict still comes.

This module imports no NumPy, so that ``dropgrade check`` spends its time in the child alone.
"""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

GRACE = 1.0
"""Seconds after the time limit in which the child may still say which line was running; then it is killed."""
START = 60.0
"""Seconds in which the child must have started Python and NumPy; only then the learner's time begins."""
LARGEST = 5_000_000
"""Bytes an answer file may have."""

_START = (
    "import sys; sys.path.append(sys.argv[1]); from dropgrade.checks.child import main; main(*sys.argv[2:])"
)


def check_file(
    slug: str, path: Path, *, seed: int | None = None, timeout: float | None = None
) -> dict[str, Any]:
    """Judge a Python file or a notebook.

    Args:
        slug: the exercise, such as "01_mask".
        path: the answer; a name that ends in .ipynb is read as a notebook, any other as Python.
        seed: where the checks' inputs come from; fresh ones if None.
        timeout: seconds until an answer that hangs is ended; the exercise says how many if None. A single
            check gets less, 3 s unless it trains a network.

    Returns:
        The JSON object of `dropgrade.checks.run`, or ``{"exercise": slug, "error": sentence}`` if the answer
        cannot be used: no such file, not Python, not a notebook, fails or hangs while it is loaded,
        defines none of the functions asked for, hangs in a check, or ends the process.
    """
    path = Path(path)
    allowed = timeout is None or timeout > 0
    if error := unreadable(path) or ("" if allowed else f"timeout must be positive, got {timeout}"):
        return {"exercise": slug, "error": error}
    at = "while it was started"
    with child(slug, path, seed, timeout) as (process, pipe):
        for message in messages(process, pipe):
            timeout = timeout or message.get("timeout")
            if "report" in message:
                return message["report"]
            if "error" in message:
                return {"exercise": slug, "error": message["error"]}
            at = message.get("at", at)
        code = process.poll()
    if code is None:
        return {
            "exercise": slug,
            "error": f"{path.name} did not end within {timeout or START:g} s; it was stopped {at}",
        }
    with contextlib.suppress(ValueError):
        code = signal.Signals(-code).name
    return {"exercise": slug, "error": f"{path.name} ended the process {at} (exit code or signal: {code})"}


def unreadable(path: Path) -> str:
    """Why a path cannot be an answer, or an empty string."""
    try:
        if path.is_dir():
            return f"{path} is a folder; name the answer file in it"
        if path.stat().st_size > LARGEST:
            return f"{path} has {path.stat().st_size} bytes; an answer has at most {LARGEST}"
        with path.open("rb") as file:
            file.read(1)
    except FileNotFoundError:
        return f"{path} does not exist"
    except OSError as error:
        return f"{path} cannot be read: {error.strerror or error}"
    except ValueError as error:
        return f"{str(path)!r} is no file name: {error}"
    return ""


@contextlib.contextmanager
def child(
    slug: str, path: Path, seed: int | None, timeout: float | None
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Start the judging process; at the end it and all that it has started are killed.

    It runs isolated (``python -I``), without input, and what it prints is dropped: the result has a pipe of
    its own, so that no print of the learner's can look like it.
    """
    reading, writing = os.pipe()
    here = str(Path(__file__).resolve().parents[2])
    words = [
        slug,
        str(path.absolute()),
        *("" if word is None else str(word) for word in (seed, timeout)),
        str(writing),
    ]
    process = subprocess.Popen(
        [sys.executable, "-I", "-c", _START, here, *words],
        pass_fds=[writing],
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MPLBACKEND": "agg"},
    )
    os.close(writing)
    try:
        yield process, reading
    finally:
        os.close(reading)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def messages(process: subprocess.Popen[bytes], pipe: int) -> Iterator[dict[str, Any]]:
    """The child's messages until it ends, closes the pipe or its time is up; other lines are skipped.

    The first message names the time limit; a later one cannot change it.
    """
    deadline, started, rest = time.monotonic() + START, False, b""
    while (left := deadline - time.monotonic()) > 0:
        ready, _, _ = select.select([pipe], [], [], min(left, 0.2))
        if not ready and process.poll() is not None:
            return
        if not ready:
            continue
        chunk = os.read(pipe, 65536)
        if not chunk:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.5)
            return
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            with contextlib.suppress(ValueError):
                message = json.loads(line)
                if isinstance(message, dict):
                    if not started:
                        deadline, started = time.monotonic() + message.get("timeout", 0) + GRACE, True
                    yield message


def render(report: dict[str, Any]) -> str:
    """A report as text for a terminal: the score, then each check with what was found."""
    if "error" in report:
        return f"{report['exercise']}: cannot be checked. {report['error']}"
    lines = [f"{report['exercise']}: {report['score']} of {report['max_score']} points"]
    for verdict in report["checks"]:
        mark = "passed" if verdict["passed"] else "FAILED"
        points = f"{verdict['points']} point{'s' if verdict['points'] > 1 else ''}"
        lines.append(f"  {mark}  {verdict['id']} ({points})")
        message = verdict["message"].replace(" %", "\u00a0%")  # a number and its unit stay together
        lines += textwrap.wrap(message, 96, initial_indent=" " * 10, subsequent_indent=" " * 10)
    return "\n".join(lines).replace("\u00a0%", " %")
