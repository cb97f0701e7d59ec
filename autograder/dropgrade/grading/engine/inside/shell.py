"""One IPython shell that runs cells in this process and collects their outputs as a notebook would.

It is built once in the warm process; every fork of it then owns a shell of its own. There is no kernel, no
history file and no thread.
"""

import base64
import io
import signal
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

MAX_OUTPUT = 256 * 1024
MAX_LINES = 60
CUT = "\n... the rest of this cell's output was cut\n"


class Outputs:
    """The outputs of the cell that runs now, in notebook form, up to `MAX_OUTPUT` characters."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget all outputs: a new cell starts, or the cell asked for it."""
        self.entries: list[dict[str, Any]] = []
        self.size = 0

    def add(self, entry: dict[str, Any], size: int) -> None:
        """Append an output of about `size` characters; the one that passes the limit ends the list."""
        if self.size > MAX_OUTPUT:
            return
        self.size += size
        if self.size > MAX_OUTPUT:
            entry = {"output_type": "stream", "name": "stdout", "text": CUT}
        last = self.entries[-1] if self.entries else {}
        if entry["output_type"] == "stream" and last.get("name") == entry["name"]:
            last["text"] += entry["text"]
        else:
            self.entries.append(entry)

    def data(self, kind: str, data: dict[str, Any], metadata: dict | None, **more: Any) -> None:
        """Append a display_data or execute_result; bytes become base64 as in a notebook."""
        texts = {mime: _text(value) for mime, value in data.items()}
        self.add({"output_type": kind, "data": texts, "metadata": {}} | more, sum(map(len, texts.values())))


OUTPUTS = Outputs()
_run_cell = InteractiveShell.run_cell
"""As it was before a learner could patch the class."""


class Stream(io.TextIOBase):
    """Stands in for stdout or stderr: what is written becomes an output."""

    def __init__(self, name: str) -> None:
        self.label = name

    def write(self, text: str) -> int:
        """Collect some text; returns its length."""
        text = str(text)
        OUTPUTS.add({"output_type": "stream", "name": self.label, "text": text[: MAX_OUTPUT + 1]}, len(text))
        return len(text)

    def writable(self) -> bool:
        """Always."""
        return True


class Hook(DisplayHook):
    """The value of a cell's last expression becomes an execute_result."""

    def write_output_prompt(self) -> None:
        """No prompt: a notebook shows its own."""

    def write_format_data(self, format_dict: dict, md_dict: dict | None = None) -> None:
        """Keep what `finish_displayhook` hands over."""
        OUTPUTS.data("execute_result", format_dict, md_dict, execution_count=self.prompt_count)

    def finish_displayhook(self) -> None:
        """Nothing is left to print."""
        self._is_active = False


class Publisher(DisplayPublisher):
    """What is displayed becomes a display_data."""

    def publish(self, data: dict, metadata: dict | None = None, **kwargs: Any) -> None:
        """Collect one rich output; an update of an earlier one is kept as a new one."""
        OUTPUTS.data("display_data", data, metadata)

    def clear_output(self, wait: bool = False) -> None:
        """Forget what this cell displayed so far."""
        OUTPUTS.clear()


class Compiler(CachingCompiler):
    """Names the code of a cell as a kernel does: a file called by a number."""

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:
        """The file name that tracebacks and syntax errors show."""
        return f"/cells/{zlib.crc32(transformed_code.encode('utf-8', 'replace'))}.py"


class Shell(InteractiveShell):
    """IPython's shell without terminal, history and debugger; errors become outputs."""

    compiler_class = Compiler
    displayhook_class = Hook
    display_pub_class = Publisher

    def enable_gui(self, gui: str | None = None) -> None:
        """No window system: ``%matplotlib inline`` asks for none."""

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        lines = [str(line)[:4000] for line in stb][-MAX_LINES:]
        error = {"output_type": "error", "ename": etype.__name__, "evalue": _safe(evalue), "traceback": lines}
        OUTPUTS.add(error, 0)


def build() -> Shell:
    """The shell of this process, with pictures as png, warmed by a cell, a figure and a failure."""
    config = Config()
    config.HistoryManager.enabled = False
    config.HistoryManager.hist_file = ":memory:"
    config.InteractiveShell.colors = "nocolor"
    shell = Shell.instance(config=config, user_ns={})
    for code in ("1 + 1", "def f():\n    raise ValueError('warm')\n\nf()"):
        run(shell, code)
    shell.reset(new_session=True)
    shell.execution_count = 1
    return shell


def run(shell: Shell, code: str) -> dict[str, Any]:
    """Run one cell; returns {"status": "ok" or "error", "outputs": [...], "count": int}."""
    OUTPUTS.clear()
    count = shell.execution_count
    with _collected():
        result = _run_cell(shell, code, store_history=True)
    error = result.error_before_exec or result.error_in_exec
    if error is not None and not any(entry["output_type"] == "error" for entry in OUTPUTS.entries):
        OUTPUTS.entries.append(failure(type(error).__name__, _safe(error)))
    return {"status": "error" if error else "ok", "outputs": OUTPUTS.entries, "count": count}


def failure(name: str, message: str) -> dict[str, Any]:
    """An error output that stands for something that went wrong around a cell."""
    return {"output_type": "error", "ename": name, "evalue": message, "traceback": [f"{name}: {message}"]}


class CellTimeoutError(KeyboardInterrupt):
    """The time limit of a cell or a call has passed; the name is nbgrader's, whose readers look for it."""


_alarm_message = ""


def install_alarm() -> None:
    """Make SIGALRM raise `CellTimeoutError` with the message of the `time_limit` that is on."""

    def ring(signum: int, frame: Any) -> None:
        raise CellTimeoutError(_alarm_message)

    signal.signal(signal.SIGALRM, ring)


@contextmanager
def time_limit(seconds: float, message: str) -> Iterator[None]:
    """Interrupt the code inside after `seconds`, and again every 0.2 s while it goes on."""
    global _alarm_message
    _alarm_message = message
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.2)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


@contextmanager
def _collected() -> Iterator[None]:
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = Stream("stdout"), Stream("stderr")
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def _text(value: Any) -> str:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)


def _safe(error: BaseException) -> str:
    try:
        return str(error)[:4000]
    except BaseException:  # a learner's exception may fail to print itself
        return f"a {type(error).__name__} that cannot be printed"
