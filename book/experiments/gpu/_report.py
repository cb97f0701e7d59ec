"""From measured rows to the result that the book reads: ratios inside one run, goals, and a figure."""

import platform
from dataclasses import asdict, dataclass
from pathlib import Path

import _table as table
import torch

from dropgrade import style
from dropgrade.reference.triton_ops import triton
from dropgrade.results import Result, Value, record
from dropgrade.results.sources import hashes

LARGE = 2**26
"""From this size on a goal is judged: launches and caches no longer decide."""
ROOT = Path(__file__).resolve().parents[3]
PHASES = ("forward", "backward", "both")
GOALS = (
    # what, op, contender, compared with, phase, least ratio in float32, least in bfloat16
    ("seeded forward against a copy", table.PLAIN, "four words", "copy_", "forward", 0.90, 0.85),
    ("seeded backward against a copy", table.PLAIN, "four words", "copy_", "backward", 0.90, 0.85),
    ("four words a call against one", table.PLAIN, "four words", "one word", "forward", None, 1.8),
    ("seeded against eager", table.PLAIN, "seeded", "eager", "both", 1.10, 1.20),
    ("seeded against compile", table.PLAIN, "seeded", "compile", "both", 1.10, 1.4),
    ("fused bias and residual against eager", table.BIAS, "seeded", "eager", "forward", 2.1, 2.1),
    ("fused bias and residual, both ways", table.BIAS, "seeded", "eager", "both", 1.6, 1.6),
)
LENIENT = {"H200": 0.78}
"""On an H200 memory is faster and the same pipes bound bfloat16 earlier: its goal against a copy."""


@dataclass(frozen=True)
class Row:
    """One time of one contender.

    Attributes:
        op, contender, phase, dtype, n: which.
        ms, ms_low, ms_high: median, 20th and 80th percentile.
        traffic: ideal bytes an element. kept: bytes an element that wait for backward.
        peak: bytes an element allocated at the highest during forward and backward; None without a GPU.
        launch: block size and warps. right: whether the masks were.
    """

    op: str
    contender: str
    phase: str
    dtype: str
    n: int
    ms: float
    ms_low: float
    ms_high: float
    traffic: float
    kept: float
    peak: float | None
    launch: tuple[int, int]
    right: bool

    @property
    def speed(self) -> float:
        """Ideal bytes a second, in GB/s."""
        return self.traffic * self.n / self.ms / 1e6

    def line(self) -> str:
        """The row for the terminal."""
        return (
            f"{self.dtype:9} 2^{self.n.bit_length() - 1:<3} {self.op:24} {self.contender:21} {self.phase:9}"
            f"{1e3 * self.ms:10.1f} us  ({1e3 * self.ms_low:.1f} to {1e3 * self.ms_high:.1f})"
            f"{self.speed:8.0f} GB/s  keeps {self.kept:.3g} B  {'right' if self.right else 'WRONG'}"
        )


def save(folder: Path, rows: list[Row], interpreted: bool, seconds: float) -> None:
    """Write bench_gpu.json and bench_gpu.svg; an interpreted run says that its times mean nothing."""
    values = quotable(rows)
    figures = {}
    for name in ("bench_gpu", "bench_gpu-stacked"):
        with style.course(stacked=name.endswith("stacked")):
            figures[f"{name}.svg"] = style.svg(draw(rows), name, alt(rows, interpreted))
    result = Result(
        name="bench_gpu",
        claim=claim(rows, interpreted),
        alt=alt(rows, interpreted),
        directions={} if interpreted else goals(rows),
        values=values,
        seeds=[],
        steps=0,
        cpu_seconds=seconds,
        versions=versions(interpreted),
        sources=hashes(Path(__file__).with_name("bench_gpu.py"), ROOT, ()),
        figures={name: record.sha256(text.encode()) for name, text in figures.items()},
        runs=[asdict(row) | {"launch": list(row.launch)} for row in rows],
    )
    record.save(folder, result, figures)


def versions(interpreted: bool) -> dict[str, str]:
    """Device, driver side and libraries."""
    found = {"python": platform.python_version(), "torch": torch.__version__, "triton": triton.__version__}
    if interpreted:
        return found | {"device": "CPU (Triton interpreter; times mean nothing)"}
    device = torch.cuda.get_device_properties(0)
    size = f"{device.multi_processor_count} processors, {device.total_memory / 2**30:.0f} GiB"
    return found | {"device": f"{device.name} ({size})", "cuda": str(torch.version.cuda)}


def find(rows: list[Row], op: str, contender: str, phase: str, dtype: str, n: int) -> Row | None:
    """The row asked for, or None where it was not measured."""
    wanted = (op, contender, phase, dtype, n)
    return next((r for r in rows if (r.op, r.contender, r.phase, r.dtype, r.n) == wanted), None)


def ratio(rows: list[Row], goal: tuple, dtype: str, n: int) -> float | None:
    """How many times faster the contender of a goal is than its opponent."""
    _, op, contender, other, phase, *_ = goal
    ours = find(rows, op, contender, phase, dtype, n)
    theirs = find(rows, table.COPY if other == "copy_" else op, other, phase, dtype, n)
    return theirs.ms / ours.ms if ours and theirs else None


def largest(rows: list[Row], dtype: str) -> int:
    return max(row.n for row in rows if row.dtype == dtype)


def quotable(rows: list[Row]) -> dict[str, Value]:
    """Ratios of the goals at each dtype's largest size, and what each way keeps for backward."""
    values = {}
    for dtype in dict.fromkeys(row.dtype for row in rows):
        n = largest(rows, dtype)
        for goal in GOALS:
            found = ratio(rows, goal, dtype, n)
            if found is not None:
                key = goal[0].replace(" ", "_").replace(",", "")
                values[f"{key}_{dtype}"] = Value(found, unit="times", digits=2)
        for row in rows:
            if (row.n, row.dtype, row.op, row.phase) == (n, dtype, table.PLAIN, "forward"):
                key = row.contender.replace(" ", "_").replace(",", "")
                values[f"kept_bytes_{key}_{dtype}"] = Value(round(row.kept * n), digits=0)
    return values


def goals(rows: list[Row]) -> dict[str, bool]:
    """Goal -> whether it was reached, at the largest size from LARGE on; sizes below are not judged."""
    device, reached = torch.cuda.get_device_name(), {}
    for goal in GOALS:
        for dtype, least in zip(("float32", "bfloat16"), goal[5:], strict=True):
            if goal[3] == "copy_" and dtype == "bfloat16":
                least = next((value for name, value in LENIENT.items() if name in device), least)
            sizes = [row.n for row in rows if row.dtype == dtype and row.n >= LARGE]
            found = ratio(rows, goal, dtype, max(sizes)) if sizes and least else None
            if found is not None:
                reached[f"{goal[0]}, {dtype}: at least {least:g} times"] = found >= least
    return reached


def claim(rows: list[Row], interpreted: bool) -> str:
    if interpreted:
        return "Not a measurement: in Triton's interpreter the rows show that masks are right, and no times."
    parts = [
        f"{goal[0]} {found:.2f} times ({dtype})"
        for dtype in dict.fromkeys(row.dtype for row in rows)
        for goal in GOALS
        if (found := ratio(rows, goal, dtype, largest(rows, dtype))) is not None
    ]
    return f"Speed on {torch.cuda.get_device_name()}: {'; '.join(parts)}."


def alt(rows: list[Row], interpreted: bool) -> str:
    if interpreted:
        return "Placeholder drawn from an interpreted run: its times mean nothing."
    return f"Bandwidth of dropout's forward pass as a share of a copy's, over the size. {claim(rows, False)}"


def draw(rows: list[Row]):
    """Share of the copy's bandwidth over the size, a panel for each dtype."""
    dtypes = list(dict.fromkeys(row.dtype for row in rows))
    figure, axes = style.panels(len(dtypes))
    shown = ("four words", "one word", "eager", "compile", "half words")
    for axis, dtype in zip(axes, dtypes, strict=True):
        sizes = sorted({row.n for row in rows if row.dtype == dtype})
        for series, name in enumerate(shown):
            points = [_share(rows, name, dtype, n) for n in sizes]
            if all(points):
                style.curve(axis, sizes, points, series, name)
        style.reference(axis, 1.0, "copy")
        axis.set(
            title=f"share of a copy's bandwidth, {dtype}", xlabel="elements", xscale="log", ylim=(0, None)
        )
    return figure


def _share(rows: list[Row], contender: str, dtype: str, n: int) -> Value | None:
    """Speed over the copy's, with the spread of the contender's times as its range."""
    row = find(rows, table.PLAIN, contender, "forward", dtype, n)
    copy = find(rows, table.COPY, "copy_", "forward", dtype, n)
    if row is None or copy is None:
        return None
    share = row.speed / copy.speed
    return Value(share, share * row.ms / row.ms_high, share * row.ms / row.ms_low, "times")
