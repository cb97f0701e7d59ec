"""Measure dropout on a GPU, each time against a copy of the same bytes: one command, one JSON, one SVG.

    python book/experiments/gpu/bench_gpu.py               on a GPU, 2**16 to 2**28 elements, about 10 minutes
    python book/experiments/gpu/bench_gpu.py --quick       on a GPU, three sizes, about a minute
    python book/experiments/gpu/bench_gpu.py --interpret   anywhere: the same rows in Triton's interpreter

Every row's masks are checked before its time counts. A run that is cut off has written what it had.
Exit code 0: all rows are right. 1: a row is wrong. 2: there is no GPU.
"""

import argparse
import itertools
import os
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
LAUNCHES = ((1024, 4), (2048, 4), (2048, 8), (4096, 8))
"""Block sizes and warps tried for a kernel; the fastest is kept and named."""
DTYPES = {"fp32": "float32", "bf16": "bfloat16", "fp16": "float16"}


def main(arguments: list[str] | None = None) -> int:
    """Measure, print a line a row, and save after every size."""
    options = parse(arguments)
    if options.interpret:
        os.environ["TRITON_INTERPRET"] = "1"  # before Triton is imported
    import torch

    if not options.interpret and not torch.cuda.is_available():
        print("no GPU is at hand; --interpret proves on a CPU that the command works", file=sys.stderr)
        return 2
    import _report

    results = options.out or ROOT / ("_build/bench" if options.interpret else "book/results")
    rows: list[_report.Row] = []
    start = time.perf_counter()
    for name, log2 in itertools.product(options.dtypes, options.log2 or sizes(options)):
        for row in measure_size(getattr(torch, DTYPES[name]), 2**log2, options):
            rows.append(row)
            print(row.line(), flush=True)
        _report.save(results, rows, options.interpret, time.perf_counter() - start)
    wrong = [row for row in rows if not row.right]
    print(f"{len(rows)} rows, {len(wrong)} wrong; written to {results}")
    for row in wrong:
        print(f"wrong mask: {row.line()}", file=sys.stderr)
    return int(bool(wrong))


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--interpret", action="store_true", help="run small on the CPU; times mean nothing")
    parser.add_argument("--quick", action="store_true", help="three sizes only")
    parser.add_argument("--log2", type=int, nargs="+", metavar="K", help="sizes: 2**K elements")
    parser.add_argument("--dtypes", nargs="+", choices=DTYPES, default=["fp32", "bf16"])
    parser.add_argument("--p", type=float, default=0.1, help="drop probability (default 0.1)")
    parser.add_argument("--columns", type=int, default=4096, help="length of a row (default 4096)")
    parser.add_argument("--no-compile", action="store_true", help="leave torch.compile out")
    parser.add_argument("--out", type=Path, help="folder for bench_gpu.json and .svg")
    return parser.parse_args(arguments)


def sizes(options: argparse.Namespace) -> list[int]:
    """Exponents of the sizes: one in the interpreter, three if quick, else from 2**16 to 2**28."""
    if options.interpret:
        return [12]
    return [20, 24, 26] if options.quick else [16, 20, 24, 26, 28]


def measure_size(dtype, n: int, options: argparse.Namespace):
    """Rows of one size, the copy's first; inputs are freed at the end."""
    from _contenders import Case
    from _report import Row
    from _table import contenders

    columns = min(options.columns, n) if not options.interpret else 512
    device = "cpu" if options.interpret else "cuda"
    case = Case(n, columns, dtype, device, options.p)
    compiled = not (options.no_compile or options.interpret)
    for contender in contenders(compiled=compiled, kernels=options.interpret):
        launch = fastest(contender, case) if contender.tunable and device == "cuda" else LAUNCHES[0]
        calls = contender.make(case, *launch)
        right, kept, peak = calls.right(), calls.keeps(), peak_bytes(calls.both, device)
        forward, backward = contender.traffic(dtype.itemsize)
        for phase, traffic in {"forward": forward, "backward": backward, "both": forward + backward}.items():
            yield Row(
                contender.op, contender.name, phase, str(dtype).removeprefix("torch."), n,
                *spread(getattr(calls, phase), device),
                traffic, kept / n, peak / n if peak is not None else None, launch, right,
            )  # fmt: skip


def fastest(contender, case) -> tuple[int, int]:
    """The launch whose forward pass takes the least time."""
    times = {launch: spread(contender.make(case, *launch).forward, case.device)[0] for launch in LAUNCHES}
    return min(times, key=times.get)


def spread(call, device: str) -> tuple[float, float, float]:
    """Median, 20th and 80th percentile of a call's milliseconds; the level-2 cache is cleared in between."""
    if device == "cpu":
        start = time.perf_counter()
        call()
        return (1e3 * (time.perf_counter() - start),) * 3
    from triton.testing import do_bench

    return tuple(do_bench(call, warmup=25, rep=100, quantiles=[0.5, 0.2, 0.8]))


def peak_bytes(call, device: str) -> int | None:
    """Memory that a call needs at its highest, beyond what was there; None without a GPU."""
    if device == "cpu":
        return None
    import torch

    call()
    torch.cuda.synchronize()
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    call()
    torch.cuda.synchronize()
    return torch.cuda.max_memory_allocated() - before


if __name__ == "__main__":
    sys.exit(main())
