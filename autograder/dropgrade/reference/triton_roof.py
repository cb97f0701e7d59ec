"""What bounds a kernel, without a GPU: compile it for one, count machine instructions, compare two roofs.

Triton brings CUDA's assembler and disassembler along, so a kernel becomes Hopper machine code (sm_90) on any
Linux machine. A kernel without loops then runs at the slower of two speeds: what memory delivers, and what
the instruction pipes get through. `Roof.share` is the part of the memory's bandwidth that the pipes allow.

The figures are predictions of a model: instructions are assumed to overlap perfectly, and the limits
below to be reached. A measurement on a GPU replaces them.
"""

import collections
import importlib
import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

PROCESSORS, CLOCK = 132, 1.7e9
"""Multiprocessors of an H100 or H200 (SXM), and their clock under load in Hz."""
ISSUE, LANES, WIDE_LANES = 128, 64, 32
"""Per processor and clock, in threads: instructions issued; integer or multiply lanes; 64-bit products."""
BANDWIDTH = {"H100": 0.9 * 3.35e12, "H200": 0.9 * 4.8e12}
"""Bytes a second within reach: nine tenths of the data sheet."""
INTEGER = (
    "LOP3",
    "IADD3",
    "VIADD",
    "ISETP",
    "SEL",
    "SHF",
    "PRMT",
    "LEA",
    "PLOP3",
    "IABS",
    "FSEL",
    "I2F",
    "F2F",
)
NO_WORK = ("NOP", "BRA", "EXIT")


@dataclass(frozen=True)
class Job:
    """A kernel to compile.

    Attributes:
        source: path of the Python file that defines it, or the dotted name of a module.
        kernel: its name there.
        signature: Triton type of each argument that is no constant, such as ``{"n": "i32"}``.
        constants: value of each `tl.constexpr` argument; a string "tl.NAME" stands for that dtype.
        divisible: arguments known to be multiples of 16, as torch's pointers are.
        elements: that one program handles.
        traffic: bytes read and written for one element.
        warps: of 32 threads, in one program.
    """

    source: str
    kernel: str
    signature: dict[str, str]
    constants: dict[str, int | str]
    divisible: tuple[str, ...]
    elements: int
    traffic: float
    warps: int = 4


@dataclass(frozen=True)
class Roof:
    """What the machine code of a kernel says.

    Attributes:
        instructions: per element and thread.
        multiplications: those of them that multiply integers.
        wide: those of them with a 64-bit product or its upper half.
        integer: other integer and logic instructions.
        accesses: how often each load and store of global memory occurs, by width in bits, such as
            ``{"load 128": 2, "store 128": 2}``.
        registers: of one thread.
        share: by GPU, the part of the reachable bandwidth that the pipes allow, at most 1.
    """

    instructions: float
    multiplications: float
    wide: float
    integer: float
    accesses: dict[str, int]
    registers: int
    share: dict[str, float] = field(default_factory=dict)


def measure(jobs: Sequence[Job], timeout: float = 120.0) -> list[Roof]:
    """Compile kernels in a child process, where Triton has not been told to interpret.

    Raises:
        RuntimeError: the child failed; the message ends with the last line it wrote.
        subprocess.TimeoutExpired: it took longer than `timeout` seconds.
    """
    with tempfile.TemporaryDirectory() as cache:  # a home that cannot be written to is no obstacle
        child = subprocess.run(
            [sys.executable, "-m", __name__],
            input=json.dumps([asdict(job) for job in jobs]),
            env=os.environ | {"TRITON_INTERPRET": "0", "TRITON_CACHE_DIR": cache},
            capture_output=True,
            text=True,
            timeout=timeout,
        )
    if child.returncode:
        raise RuntimeError(f"the kernel does not compile: {child.stderr.strip().splitlines()[-1]}")
    return [Roof(**roof) for roof in json.loads(child.stdout)]


def course_jobs(dtype: str) -> dict[str, Job]:
    """The course's kernels as the book and the tests compile them, by name; dtype is "fp32" or "bf16"."""
    size, pointer = {"fp32": 4, "bf16": 2}[dtype], f"*{dtype}"
    ops, others, joined = (
        f"{__name__.rpartition('.')[0]}.triton_{name}" for name in ("ops", "variants", "fused")
    )
    state = {"state_ptr": "*i64", "threshold": "i64", "scale": "fp64"}
    plain = {"ACC": "tl.float32", "ROUNDS": 10}

    def job(source, kernel, pointers, tensors, scalars, constants, elements=1024, warps=4, extra=0.0) -> Job:
        signature = dict.fromkeys(pointers.split(), pointer) | scalars
        aligned = (*pointers.split(), *({"n", "n_rows", "keep_ptr"} & scalars.keys()))
        traffic = tensors * size + extra
        return Job(source, kernel, signature, constants, aligned, elements, traffic, warps)

    flat = {"BLOCK": 1024} | plain
    row = {"C": 2048, "COLS": 2048} | plain
    wide_row = {"C": 4096, "COLS": 4096} | plain
    norm = {"mean_ptr": "*fp32", "rstd_ptr": "*fp32"} | state
    count, rows = {"n": "i32"}, {"n_rows": "i32"}
    unscaled = {"BLOCK": 1024, "ACC": "tl.float32"}
    return {
        "one word": job(others, "one_word_kernel", "x_ptr y_ptr", 2, count | state, flat),
        "selected word": job(others, "selected_word_kernel", "x_ptr y_ptr", 2, count | state, flat),
        "float compare": job(
            others, "float_kernel", "x_ptr y_ptr", 2,
            count | {"state_ptr": "*i64", "p": "fp32", "scale": "fp64"}, unscaled,
        ),
        "four words": job(ops, "seeded_kernel", "x_ptr y_ptr", 2, count | state, flat),
        "four words, 7 rounds": job(
            ops, "seeded_kernel", "x_ptr y_ptr", 2, count | state, flat | {"ROUNDS": 7}
        ),
        "half words": job(others, "half_word_kernel", "x_ptr y_ptr", 2, count | state, flat),
        "stored mask": job(
            others, "stored_mask_kernel", "x_ptr y_ptr", 2,
            count | {"keep_ptr": "*u8", "scale": "fp64"}, unscaled, extra=1.0,
        ),
        "bias, dropout, residual": job(
            joined, "bias_dropout_residual_kernel", "x_ptr bias_ptr residual_ptr y_ptr", 3,
            count | state, {"C": 4096} | flat,
        ),
        "bias, dropout, residual: backward": job(
            joined, "bias_dropout_backward_kernel", "dy_ptr dx_ptr", 2,
            rows | {"partial_ptr": "*fp32"} | state, {"C": 4096, "ROWS": 32, "COLS": 128} | plain, 32 * 128,
        ),
        "softmax, dropout": job(
            joined, "softmax_dropout_kernel", "scores_ptr y_ptr", 2, state, row, 2048
        ),
        "softmax, dropout: backward": job(
            joined, "softmax_dropout_backward_kernel", "scores_ptr dy_ptr ds_ptr", 3, state, row, 2048
        ),
        "dropout, LayerNorm": job(
            joined, "dropout_layer_norm_kernel", "x_ptr residual_ptr weight_ptr bias_ptr z_ptr h_ptr", 4,
            norm | {"eps": "fp64"}, wide_row, 4096, 8,
        ),
        "dropout, LayerNorm: backward": job(
            joined, "dropout_layer_norm_backward_kernel",
            "dz_ptr dh_ptr z_ptr weight_ptr dx_ptr dresidual_ptr", 5,
            rows | {"dweight_ptr": "*fp32", "dbias_ptr": "*fp32"} | norm, wide_row | {"ROWS": 16}, 4096, 8,
        ),
    }  # fmt: skip


def two_roofs(operations: collections.Counter, job: Job, registers: int) -> Roof:
    """Count a kernel's instructions by pipe, and compare the pipes' time with the memory's."""
    per_thread = job.elements / (32 * job.warps)
    work = {name: count for name, count in operations.items() if not name.startswith(NO_WORK)}

    def count(*prefixes: str) -> float:
        return sum(n for name, n in work.items() if name.startswith(prefixes)) / per_thread

    total, products = count(""), count("IMAD")
    wide, integer = count("IMAD.WIDE", "IMAD.HI"), count(*INTEGER)
    clocks = max(total / ISSUE, (products - wide) / LANES + wide / WIDE_LANES, integer / LANES)
    seconds = clocks / (PROCESSORS * CLOCK)
    share = {gpu: min(1.0, job.traffic / speed / seconds) for gpu, speed in BANDWIDTH.items()}
    accesses: collections.Counter = collections.Counter()
    for name, n in work.items():
        if found := re.match(r"(LDG|STG)\.E(?:\.[A-Z]+)*(?:\.(U8|S8|U16|S16|64|128))?", name):
            bits = {"U8": 8, "S8": 8, "U16": 16, "S16": 16, None: 32}.get(found[2]) or int(found[2])
            accesses[f"{'load' if found[1] == 'LDG' else 'store'} {bits}"] += n
    return Roof(total, products, wide, integer, dict(accesses), registers, share)


def _compile(job: Job) -> Roof:
    import triton
    import triton.language as tl
    from triton.backends.compiler import GPUTarget
    from triton.compiler import ASTSource

    kernel = getattr(_load(job.source), job.kernel)
    constants = {
        name: getattr(tl, value[3:]) if isinstance(value, str) else value
        for name, value in job.constants.items()
    }
    source = ASTSource(
        fn=kernel,
        signature=job.signature | dict.fromkeys(constants, "constexpr"),
        constexprs=constants,
        attrs={(kernel.arg_names.index(name),): [["tt.divisibility", 16]] for name in job.divisible},
    )
    compiled = triton.compile(source, target=GPUTarget("cuda", 90, 32), options={"num_warps": job.warps})
    tools = Path(triton.__file__).parent / "backends/nvidia/bin"
    return two_roofs(_operations(tools, compiled.asm["cubin"]), job, _registers(tools, compiled.asm["cubin"]))


def _operations(tools: Path, cubin: bytes) -> collections.Counter:
    """How often each machine instruction occurs in the disassembly."""
    listing = _inspect([str(tools / "nvdisasm")], cubin)
    line = re.compile(r"^\s*/\*[0-9a-f]{4,}\*/\s+(?:@!?U?P\w+\s+)?([A-Z][A-Z0-9_.]*)", re.MULTILINE)
    return collections.Counter(line.findall(listing))


def _registers(tools: Path, cubin: bytes) -> int:
    return int(re.search(r"REG:(\d+)", _inspect([str(tools / "cuobjdump"), "-res-usage"], cubin))[1])


def _inspect(command: list[str], cubin: bytes) -> str:
    with tempfile.NamedTemporaryFile(suffix=".cubin") as file:
        file.write(cubin)
        file.flush()
        return subprocess.run([*command, file.name], capture_output=True, text=True, check=True).stdout


def _load(source: str):
    if not source.endswith(".py"):
        return importlib.import_module(source)
    spec = importlib.util.spec_from_file_location("kernels_to_compile", source)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    print(json.dumps([asdict(_compile(Job(**job))) for job in json.load(sys.stdin)]))
