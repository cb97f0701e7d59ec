"""A learner's Triton kernels as the checks of 09_gpu see them: launched by a scene, between guards, in words.

NumPy and the standard library only: Triton is where the learner's kernels are.
"""

import dataclasses
from importlib.util import find_spec
from typing import Any

import numpy as np

from dropgrade.checks import scenario
from dropgrade.checks.calling import Called, shorten
from dropgrade.checks.layer import SCENES
from dropgrade.checks.pytorch_views import Told
from dropgrade.checks.verdicts import Check, Failed, Functions
from dropgrade.reference.philox import threshold
from dropgrade.reference.triton_mode import ABSENT

UNWRITTEN = 55.0
PATIENCE = 60.0
"""Seconds one check may take; a right answer needs two on an idle machine."""


def patient(check: Check) -> Check:
    """The same check with more time than usual: the interpreter is slow on a busy machine."""
    return dataclasses.replace(check, seconds=PATIENCE)


def kernel_of(functions: Functions, name: str) -> Any:
    """The learner's kernel; `Failed` says what is the matter where there is none, or where none can run."""
    if find_spec("triton") is None:
        raise Failed(f"{ABSENT}; this check could not be tried, and the others count without it.")
    if name not in functions:
        raise Failed(f"{name} is not defined.", "not_implemented")
    kernel = functions[name].function
    kind = scenario.play(SCENES, "kind", kernel)
    if kind != "kernel":
        raise Failed(
            f"{name} should be a kernel, a function under @triton.jit; it is a {shorten(kind)}.",
            "wrong_return",
        )
    return kernel


def launch(
    functions: Functions,
    name: str,
    arrays: list[np.ndarray],
    out: int,
    numbers: list[float],
    n: int,
    block: int,
) -> tuple[np.ndarray, int]:
    """What a kernel writes into the array at place `out`, and how many sentinels it overwrites."""
    kernel = kernel_of(functions, name)
    call = Called(name, lambda *_: scenario.play(SCENES, "launch", kernel, arrays, out, numbers, n, block))
    seen = call(Told(f"n = {n}"), Told(f"BLOCK = {block}"))
    y, strays = (seen.get(part) if isinstance(seen, dict) else None for part in ("y", "strays"))
    if not isinstance(y, np.ndarray) or y.shape != arrays[out].shape or type(strays) is not int:
        raise Failed(f"What {name} wrote could not be read.", "wrong_return")
    return y, strays


def run_plain(
    functions: Functions, name: str, x: np.ndarray, p: float, seed: int, offset: int, block: int
) -> tuple[np.ndarray, int]:
    """Output (n,) of a kernel ``(x, y, state, n, threshold, scale)``, and how many sentinels it overwrote."""
    arrays = [x, np.full_like(x, UNWRITTEN), state(seed, offset)]
    return launch(functions, name, arrays, 1, [x.size, threshold(p), 1 / (1 - p)], x.size, block)


def run_fused(
    functions: Functions,
    x: np.ndarray,
    bias: np.ndarray,
    residual: np.ndarray,
    p: float,
    seed: int,
    offset: int,
    block: int,
) -> tuple[np.ndarray, int]:
    """Output (rows, columns) of the fused kernel, and how many sentinels it overwrote."""
    arrays = [x, bias, residual, np.full_like(x, UNWRITTEN), state(seed, offset)]
    numbers = [x.size, x.shape[1], threshold(p), 1 / (1 - p)]
    return launch(functions, "fused", arrays, 3, numbers, x.size, block)


def state(seed: int, offset: int) -> np.ndarray:
    """Seed and offset as a kernel reads them: int64 (2,)."""
    return np.array([seed, offset], dtype=np.uint64).view(np.int64)


def cost_of(functions: Functions, name: str) -> dict[str, Any]:
    """What a kernel costs compiled for a Hopper GPU, see `dropgrade.reference.kernel_cost`.

    Raises:
        Failed: it does not compile, or reads names that are neither kernels, numbers nor modules.
    """
    kernel = kernel_of(functions, name)
    try:
        found = scenario.play(SCENES, "cost", kernel, name)
    except RuntimeError as error:
        raise Failed(
            f"{name} runs in the interpreter, but {shorten(error, 200)}.", "does_not_compile"
        ) from None
    if not isinstance(found, dict) or not isinstance(found.get("instructions"), float):
        raise Failed(f"What {name} costs could not be read.", "wrong_return")
    return found
