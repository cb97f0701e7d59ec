"""The cells of a notebook alone, in one warm process: no sandbox, no judge, no gradebook. The lower bound."""

import contextlib
import functools
import importlib
import io
import json
import os
import subprocess
import sys
import time
from types import TracebackType

from dropgrade.grading.engine.jobs import Job


class Alone:
    """A warm process that runs notebooks one after the other; use it in a with statement.

    Args:
        family: "numpy" or "torch": what is imported ahead.
    """

    def __init__(self, family: str) -> None:
        environment = os.environ | {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
        environment["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", __name__, family],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def seconds(self, job: Job) -> float:
        """How long the cells of a job take."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps([cell.source for cell in job.cells]) + "\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def __enter__(self) -> "Alone":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        with contextlib.suppress(BrokenPipeError):
            self.process.communicate()


def serve(family: str) -> None:
    """Read notebooks as JSON lists of cells, a line each; answer each with the seconds its cells took."""
    import matplotlib.pyplot as plt
    from IPython.core.interactiveshell import InteractiveShell

    # As the judge has it: loaded, and the list of exercises known.
    api = importlib.import_module("dropgrade.checks.api")
    api.slugs = functools.cache(api.slugs)
    if family == "torch":
        import torch

        torch.set_num_threads(1)
        torch.optim.Adam([torch.nn.Parameter(torch.zeros(1))])
        importlib.import_module("torch._dynamo").list_backends()
    answers = os.fdopen(os.dup(1), "w")
    shell = InteractiveShell.instance()
    for line in sys.stdin:
        sources = json.loads(line)
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            begin = time.perf_counter()
            for source in sources:
                shell.run_cell(source)
            spent = time.perf_counter() - begin
            plt.close("all")
            shell.reset(new_session=False)
        answers.write(f"{spent}\n")
        answers.flush()


if __name__ == "__main__":
    serve(sys.argv[1])
