"""What a kernel ``(x, y, state, n, threshold, scale, BLOCK)`` costs on a GPU that need not be here.

Where processes may be started, CUDA's assembler makes machine code of the kernel and its instructions are
counted (`dropgrade.reference.triton_roof`). A sandboxed process may start none: there Triton, in its own
process, compiles as far as PTX, the assembler's input, which has about as many instructions.
"""

import contextlib
import functools
import inspect
import linecache
import os
import re
import subprocess
import sys
import tempfile
import textwrap
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

HEADER = "import triton\nimport triton.language as tl\n\n"
BLOCK, WARPS, HOPPER = 1024, 4, 90
SIGNATURE = {"x_ptr": "*bf16", "y_ptr": "*bf16", "state_ptr": "*i64"}
SIGNATURE |= {"n": "i32", "threshold": "i64", "scale": "fp32"}
ALIGNED = ("x_ptr", "y_ptr", "n")
TRAFFIC = 4.0
"""Bytes read and written for an element in bfloat16."""
PTX_VERSION = 84
"""Of the language; given, because Triton would start the assembler to ask it."""
NO_WORK = ("mov", "ret", "bra")
COMPILE_LIMIT = 60.0
"""Seconds the compiler may take; far more than it needs on a machine that is busy."""


def cost(kernel: Any, name: str) -> dict[str, Any]:
    """Compile a kernel for a Hopper GPU and bfloat16.

    Returns:
        {"instructions": per element} and, where machine code was made, {"share": of an H100's bandwidth that
        the pipes let through, "accesses": widths in bits}.

    Raises:
        RuntimeError: it does not compile, or reads names that are neither kernels, numbers nor modules.
    """
    return dict(_cost(source_of(kernel), name))


@functools.lru_cache(maxsize=32)
def _cost(source: str, name: str) -> dict[str, Any]:
    try:
        from dropgrade.reference import triton_roof
    except ImportError:  # in the sandbox, which has this module's text alone, and starts no process
        return {"instructions": ptx_instructions(source, name)}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "kernel.py"
        path.write_text(source, encoding="utf-8")
        job = triton_roof.Job(str(path), name, SIGNATURE, {"BLOCK": BLOCK}, ALIGNED, BLOCK, TRAFFIC, WARPS)
        try:
            roof = triton_roof.measure([job], timeout=COMPILE_LIMIT)[0]
        except subprocess.TimeoutExpired:
            raise RuntimeError(f"the compiler did not end within {COMPILE_LIMIT:g} s") from None
    return {
        "instructions": roof.instructions,
        "share": roof.share["H100"],
        "accesses": sorted(roof.accesses),
    }


def ptx_instructions(source: str, name: str) -> float:
    """PTX instructions an element, counted without starting a process.

    Args:
        source: text of a module that defines the kernel.
        name: of the kernel.

    Raises:
        RuntimeError: it does not compile.
    """
    with without_interpreter():
        try:
            ptx = _ptx(getattr(_module(source), name))
        except Exception as error:
            said = str(error).strip().splitlines()
            raise RuntimeError(
                f"the kernel does not compile: {said[-1] if said else type(error).__name__}"
            ) from None
    found = Counter(re.findall(r"(?m)^\s+(?:@!?%p\d+\s+)?([a-z][a-z0-9]*)(?=[.\s;])", ptx))
    return sum(n for name, n in found.items() if name not in NO_WORK) * 32 * WARPS / BLOCK


@contextlib.contextmanager
def without_interpreter() -> Iterator[None]:
    """A second copy of Triton that compiles, while the one in use goes on interpreting.

    Triton decides between the two as its modules load, so they are loaded once more; its C++ part stays.
    """
    before = os.environ.get("TRITON_INTERPRET")
    kept = {name: module for name, module in sys.modules.items() if _is_tritons(name)}
    try:
        for name in kept:
            del sys.modules[name]
        os.environ["TRITON_INTERPRET"] = "0"
        yield
    finally:
        for name in [name for name in sys.modules if _is_tritons(name)]:
            del sys.modules[name]
        sys.modules.update(kept)
        if before is None:
            del os.environ["TRITON_INTERPRET"]
        else:
            os.environ["TRITON_INTERPRET"] = before


def _is_tritons(name: str) -> bool:
    return name.partition(".")[0] == "triton" and not name.startswith("triton._C")


def _module(source: str) -> ModuleType:
    """The module of a text, which Triton can read again line by line."""
    path = f"/cells/{hash(source):x}.py"
    linecache.cache[path] = (len(source), None, source.splitlines(keepends=True), path)
    module = ModuleType("kernels_to_compile")
    module.__file__ = path
    exec(compile(source, path, "exec"), vars(module))
    return module


def _ptx(kernel: Any) -> str:
    from triton._C.libtriton import ir
    from triton.backends.compiler import GPUTarget
    from triton.compiler import ASTSource
    from triton.compiler.compiler import make_backend

    attributes = {(kernel.arg_names.index(name),): [["tt.divisibility", 16]] for name in ALIGNED}
    source = ASTSource(kernel, SIGNATURE | {"BLOCK": "constexpr"}, {"BLOCK": BLOCK}, attributes)
    target = GPUTarget("cuda", HOPPER, 32)
    backend = make_backend(target)
    options = backend.parse_options({"num_warps": WARPS, "ptx_version": PTX_VERSION})
    context = ir.context()
    ir.load_dialects(context)
    backend.load_dialects(context)
    made: Any = source.make_ir(
        target, options, backend.get_codegen_implementation(options), backend.get_module_map(), context
    )
    stages: dict[str, Any] = {}
    backend.add_stages(stages, options, source.language)
    facts: dict[str, Any] = {}
    for name in ("ttir", "ttgir", "llir", "ptx"):
        made = stages[name](made, facts)
    return made


def source_of(kernel: Any) -> str:
    """A module that defines a kernel and what it needs: other kernels, numbers, and imports."""
    lines: dict[str, str] = {}
    _collect(kernel.fn, lines)
    return HEADER + "\n\n".join(lines.values()) + "\n"


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
