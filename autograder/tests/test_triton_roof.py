"""Kernels compile for a Hopper GPU on a machine without one, and their instructions are counted."""

import collections
from pathlib import Path

import pytest
from kernels import MODE  # noqa: F401 (skips this file where Triton is missing)

from dropgrade.reference import triton_roof
from dropgrade.reference.triton_roof import Job


@pytest.fixture(scope="module")
def roofs() -> dict[str, triton_roof.Roof]:
    """The course's kernels, compiled together in one child process."""
    jobs = triton_roof.course_jobs("bf16")
    return dict(zip(jobs, triton_roof.measure(list(jobs.values())), strict=True))


def test_one_word_a_call_is_bound_by_the_generator(roofs):
    """A Philox call an element: the pipes allow less than half of an H100's bandwidth in bfloat16."""
    assert roofs["one word"].share["H100"] < 0.5
    assert roofs["one word"].instructions > 55


def test_four_words_a_call_free_the_memory(roofs):
    """Four words of each call: less than half the instructions, and the bandwidth of an H100 in reach."""
    assert roofs["four words"].instructions < 0.5 * roofs["one word"].instructions
    assert roofs["four words"].share["H100"] == 1.0


def test_the_compiler_merges_calls_of_neighbours(roofs):
    """Written as a call an element, but of block i // 4, a kernel costs what four words a call cost."""
    assert roofs["selected word"].instructions == pytest.approx(roofs["four words"].instructions, rel=0.05)


def test_seven_rounds_need_fewer_instructions(roofs):
    """Each round costs two wide products."""
    assert roofs["four words, 7 rounds"].instructions < roofs["four words"].instructions
    assert roofs["four words, 7 rounds"].wide < roofs["four words"].wide


@pytest.mark.parametrize("name", ["four words", "bias, dropout, residual", "stored mask"])
def test_memory_is_read_and_written_in_whole_vectors(roofs, name: str):
    """Eight bfloat16 travel at a time: every load of data and every store is 128 bits wide."""
    wide = {access for access in roofs[name].accesses if access not in ("load 64",)}  # the state, or the mask
    assert wide == {"load 128", "store 128"}


def test_all_of_the_courses_kernels_compile(roofs):
    """Forward and backward, plain and fused: each has machine code and fits into the registers."""
    assert len(roofs) >= 12
    assert all(0 < roof.registers < 255 for roof in roofs.values())


def test_the_model_on_paper():
    """Two roofs by hand: with 101 instructions an element, issue is the narrowest pipe."""
    job = Job("", "", {}, {}, (), elements=128, traffic=8.0, warps=4)
    roof = triton_roof.two_roofs(collections.Counter({"FMUL": 100, "LDG.E.128": 1, "EXIT": 1}), job, 8)
    seconds = 101 / triton_roof.ISSUE / (triton_roof.PROCESSORS * triton_roof.CLOCK)
    assert roof.instructions == 101
    assert roof.share["H200"] == pytest.approx(8.0 / triton_roof.BANDWIDTH["H200"] / seconds)
    assert roof.accesses == {"load 128": 1}


def test_a_kernel_that_does_not_compile_says_why(tmp_path: Path):
    """The compiler's last line reaches the caller."""
    source = tmp_path / "broken.py"
    source.write_text("import triton\n\n@triton.jit\ndef kernel(x_ptr):\n    nonsense(x_ptr)\n")
    with pytest.raises(RuntimeError, match=r"does not compile.*nonsense"):
        triton_roof.measure([Job(str(source), "kernel", {"x_ptr": "*fp32"}, {}, (), 1, 1.0)])
