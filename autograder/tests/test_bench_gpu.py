"""The GPU benchmark as its user runs it, in the interpreter: every mask is checked before it is timed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from kernels import MODE

from dropgrade import results

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "book/experiments/gpu/bench_gpu.py"
PHASES = ("forward", "backward", "both")
PLAIN = {
    "four words", "four words, 7 rounds", "half words", "half words, 7 rounds", "one word", "selected word",
    "float compare", "stored mask", "eager", "seeded",
}  # fmt: skip


def bench(*arguments: str, before: str = "") -> subprocess.CompletedProcess:
    """Run the script in a process of its own; `before` is Python run first, in the same process."""
    code = f"import sys; sys.path.insert(0, {str(SCRIPT.parent)!r})\n{before}\nimport bench_gpu\n"
    code += f"sys.exit(bench_gpu.main({list(arguments)!r}))"
    environment = {name: value for name, value in os.environ.items() if name != "TRITON_INTERPRET"}
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=300
    )


@pytest.fixture(scope="module")
def interpreted(tmp_path_factory) -> results.Result:
    """The result of a small run in the interpreter."""
    folder = tmp_path_factory.mktemp("bench")
    done = bench("--interpret", "--log2", "11", "--out", str(folder))
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return results.load(folder, "bench_gpu")


def test_every_row_is_right(interpreted):
    """All contenders, all phases, two dtypes: each mask was compared before its time counted."""
    assert all(row["right"] for row in interpreted.runs)
    found = {(r["op"], r["contender"], r["phase"], r["dtype"]) for r in interpreted.runs}
    for dtype in ("float32", "bfloat16"):
        for phase in PHASES:
            assert ("copy", "copy_", phase, dtype) in found
            assert {("dropout", name, phase, dtype) for name in PLAIN} <= found
            for op in ("bias, dropout, residual", "softmax, dropout", "dropout, LayerNorm"):
                assert {(op, "eager", phase, dtype), (op, "seeded", phase, dtype)} <= found


def test_result_says_what_it_was_made_on(interpreted):
    """Device, versions and sources stand in the file, and an interpreted run claims nothing about time."""
    assert "interpreter" in interpreted.versions["device"]
    assert {"torch", "triton", "python"} <= interpreted.versions.keys()
    assert "book/experiments/gpu/_table.py" in interpreted.sources
    assert "dropgrade/reference/triton_ops.py" in interpreted.sources
    assert interpreted.claim.startswith("Not a measurement")
    assert interpreted.directions == {}


def test_state_kept_by_each_way(interpreted):
    """Seeded ways keep 16 bytes whatever the size; the stored mask a byte an element."""
    kept = {row["contender"]: row["kept"] * row["n"] for row in interpreted.runs if row["op"] == "dropout"}
    assert kept["four words"] == kept["seeded"] == 16
    assert kept["stored mask"] == 2**11
    assert interpreted.quote("kept_bytes_seeded_float32", "number") == "16"


def test_a_wrong_mask_is_found(tmp_path: Path):
    """A kernel that drops by another seed makes the command fail and name the row."""
    wrong = (
        "import _contenders\n"
        "from dropgrade.reference import torch_ops\n"
        "_contenders.Case.state = property(lambda case: torch_ops.pack_state(1, 2, case.device))\n"
    )
    done = bench("--interpret", "--log2", "9", "--dtypes", "fp32", "--out", str(tmp_path), before=wrong)
    assert done.returncode == 1
    assert "wrong mask: float32" in done.stderr and "four words" in done.stderr
    rows = json.loads((tmp_path / "bench_gpu.json").read_text())["runs"]
    assert not next(row for row in rows if row["contender"] == "four words")["right"]


@pytest.mark.skipif(MODE == "gpu", reason="there is a GPU")
def test_without_a_gpu_it_says_so(tmp_path: Path):
    """Without a GPU and without --interpret: exit code 2, one line, nothing written."""
    done = bench("--out", str(tmp_path))
    assert done.returncode == 2
    assert done.stderr == "no GPU is at hand; --interpret proves on a CPU that the command works\n"
    assert list(tmp_path.iterdir()) == []
