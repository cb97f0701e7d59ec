"""Running a learner's Triton kernel: in memory with guards, with words for what went wrong, and compiled.

torch and Triton are imported when a check calls, so that the other exercises need neither.
"""

import dataclasses
import functools
import inspect
import re
import signal
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from dropgrade.checks.calling import Called, TimeUp, line_of, shorten
from dropgrade.checks.verdicts import Check, Failed
from dropgrade.reference.philox import threshold

BAND = 2**16
"""Elements of sentinels before and after each tensor that a kernel is given."""
SENTINEL, UNWRITTEN = 77.0, 55.0
PATIENCE = 15.0
"""Seconds one check may take; a right answer needs less than one on an idle machine."""
COMPILE_LIMIT = 60.0
"""Seconds the compiler may take; far more than it needs on a machine that is busy."""


def kernel_of(functions: dict[str, Called], name: str) -> Any:
    """The learner's kernel; `Failed` says what is the matter where there is none, or where none can run."""
    from dropgrade.reference.kernel_language import ABSENT, MODE, triton

    if MODE == "absent":
        raise Failed(f"{ABSENT}; this check could not be tried, and the others count without it.")
    if name not in functions:
        raise Failed(f"{name} is not defined.", "not_implemented")
    kernel = functions[name].function
    if not isinstance(kernel, triton.runtime.KernelInterface):
        raise Failed(
            f"{name} should be a kernel, a function under @triton.jit; it is a {type(kernel).__name__}.",
            "wrong_return",
        )
    return kernel


def launch(name: str, kernel: Any, n: int, block: int, *arguments: Any) -> None:
    """Launch over n elements in programs of `block`; `Failed` where the kernel is not written or raises."""
    grid = (-(-n // block),)
    try:
        kernel[grid](*arguments, BLOCK=block)
    except TimeUp as up:
        up.args = (name, line_of(up))
        raise
    except Exception as error:
        cause = root_of(error)
        if isinstance(cause, NotImplementedError):
            raise Failed(f"{name} is not written yet.", "not_implemented") from None
        line = line_of(cause)
        where = f" in line {line}" if line else ""
        raise Failed(f"{name} raised {type(cause).__name__}{where}: {shorten(cause)}.", "crashes") from None


def root_of(error: BaseException) -> BaseException:
    """The exception of the learner's own line, below those in which the interpreter wraps it."""
    while error.__cause__ is not None:
        error = error.__cause__
    return error


class Arena:
    """Tensors for a kernel, each between two bands of sentinels: a stray store is harmless, and seen."""

    def __init__(self) -> None:
        from dropgrade.reference.kernel_language import MODE

        self.device = "cuda" if MODE == "gpu" else "cpu"
        self.buffers: list[Any] = []

    def put(self, x: Any) -> Any:
        """A contiguous copy of a tensor or NumPy array, guarded on both sides."""
        import torch

        x = torch.as_tensor(x)
        buffer = torch.full((x.numel() + 2 * BAND,), SENTINEL, device=self.device).to(x.dtype)
        self.buffers.append(buffer)
        inside = buffer[BAND : BAND + x.numel()].view(x.shape)
        inside.copy_(x)
        return inside

    def strays(self) -> int:
        """How many sentinels have been overwritten."""
        bands = ((buffer[:BAND], buffer[-BAND:]) for buffer in self.buffers)
        return sum(int((band != band.new_tensor(SENTINEL)).sum()) for pair in bands for band in pair)


def run_plain(
    functions: dict[str, Called], name: str, x: np.ndarray, p: float, seed: int, offset: int, block: int
) -> tuple[np.ndarray, int]:
    """Output (n,) of a kernel ``(x, y, state, n, threshold, scale)``, and how many sentinels it overwrote."""
    from dropgrade.reference.torch_ops import pack_state

    kernel, arena = kernel_of(functions, name), Arena()
    y = arena.put(np.full_like(x, UNWRITTEN))
    given = (arena.put(x), y, arena.put(pack_state(seed, offset)), x.size, threshold(p), 1 / (1 - p))
    launch(name, kernel, x.size, block, *given)
    return y.cpu().numpy(), arena.strays()


def run_fused(
    functions: dict[str, Called],
    x: np.ndarray,
    bias: np.ndarray,
    residual: np.ndarray,
    p: float,
    seed: int,
    offset: int,
    block: int,
) -> tuple[np.ndarray, int]:
    """Output (rows, columns) of the fused kernel, and how many sentinels it overwrote."""
    from dropgrade.reference.torch_ops import pack_state

    kernel, arena = kernel_of(functions, "fused"), Arena()
    y = arena.put(np.full_like(x, UNWRITTEN))
    tensors = (arena.put(x), arena.put(bias), arena.put(residual), y, arena.put(pack_state(seed, offset)))
    launch("fused", kernel, x.size, block, *tensors, x.size, x.shape[1], threshold(p), 1 / (1 - p))
    return y.cpu().numpy(), arena.strays()


def cost_of(name: str, kernel: Any) -> Any:
    """The kernel's `triton_roof.Roof`, compiled for a Hopper GPU and bfloat16, 1024 elements a program.

    Raises:
        Failed: it does not compile, or reads names that are neither kernels, numbers nor modules.
    """
    try:
        return _compiled(source_of(name, kernel), name)
    except RuntimeError as error:
        raise Failed(
            f"{name} runs in the interpreter, but {shorten(error, 200)}.", "does_not_compile"
        ) from None


@functools.lru_cache(maxsize=32)
def _compiled(source: str, name: str) -> Any:
    from dropgrade.reference.triton_roof import Job, measure

    with tempfile.TemporaryDirectory() as folder, clock(0):
        path = Path(folder) / "kernel.py"
        path.write_text(source, encoding="utf-8")
        signature = dict.fromkeys(("x_ptr", "y_ptr"), "*bf16")
        signature |= {"state_ptr": "*i64", "n": "i32", "threshold": "i64", "scale": "fp32"}
        job = Job(str(path), name, signature, {"BLOCK": 1024}, ("x_ptr", "y_ptr", "n"), 1024, 4.0)
        try:
            return measure([job], timeout=COMPILE_LIMIT)[0]
        except subprocess.TimeoutExpired:
            raise RuntimeError(f"the compiler did not end within {COMPILE_LIMIT:g} s") from None


def source_of(name: str, kernel: Any) -> str:
    """A module that defines a kernel and what it needs: other kernels, numbers, and imports."""
    lines: dict[str, str] = {}
    _collect(kernel.fn, lines)
    return "import triton\nimport triton.language as tl\n\n" + "\n\n".join(lines.values()) + "\n"


def _collect(function: Any, lines: dict[str, str]) -> None:
    """Add a function's source, after all that its names refer to."""
    known = function.__globals__
    for name in function.__code__.co_names:
        value = known.get(name)
        if name in lines or value is None or name in ("tl", "triton"):
            continue
        if hasattr(value, "fn") and hasattr(value, "run"):  # a kernel of the learner's, or an imported one
            _collect(value.fn, lines)
        elif inspect.isfunction(value):  # not a kernel: it runs in the interpreter, and the compiler objects
            lines[name] = inspect.getsource(value)
        elif inspect.ismodule(value):
            lines[name] = f"import {value.__name__} as {name}"
        elif isinstance(value, int | float):
            lines[name] = f"{name} = tl.constexpr({value!r})"
        elif type(value).__name__ == "constexpr":
            lines[name] = f"{name} = tl.constexpr({value.value!r})"
        elif inspect.getmodule(value) is not None:
            lines[name] = f"from {inspect.getmodule(value).__name__} import {name}"
    source = textwrap.dedent(inspect.getsource(function))
    lines[function.__name__] = "@triton.jit\n" + source[re.search(r"^def ", source, re.MULTILINE).start() :]


def patient(check: Check) -> Check:
    """The same check with PATIENCE instead of the usual limit: the interpreter is slow on a busy machine."""

    def run(functions: dict[str, Called], rng: Any) -> str:
        warm_up()
        try:
            with clock(PATIENCE):
                return check.run(functions, rng)
        except TimeUp as up:
            name = up.args[0] if up.args else next(iter(functions))
            raise Failed(f"{name} did not end within {PATIENCE:g} s.", "never_ends") from None

    return dataclasses.replace(check, run=run)


@functools.cache
def warm_up() -> None:
    """Let Triton's interpreter start, which takes it a while once, with the check's clock stopped."""
    if "triton" in sys.modules:
        with clock(0):
            import torch

            from dropgrade.reference import kernel_language, torch_ops, triton_ops

            device = "cuda" if kernel_language.MODE == "gpu" else "cpu"
            triton_ops.dropout(torch.ones(8, device=device), 0.5, torch_ops.pack_state(0, 0, device))


@contextmanager
def clock(seconds: float) -> Iterator[None]:
    """Set the check's alarm to `seconds` for a while, or stop it with 0; afterwards it goes on as it was.

    Where no alarm is set (on Windows, beside the main thread) there is none to change.
    """
    left = signal.getitimer(signal.ITIMER_REAL)[0] if hasattr(signal, "getitimer") else 0.0
    if left:
        signal.setitimer(signal.ITIMER_REAL, seconds, 0.2)
    try:
        yield
    finally:
        if left:
            signal.setitimer(signal.ITIMER_REAL, left, 0.2)
