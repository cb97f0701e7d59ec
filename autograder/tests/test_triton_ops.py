"""The seeded kernel: NumPy's masks bit for bit, for any block size, and not a byte outside its output."""

import math
import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from kernels import DEVICE, FLOATS, MODE, Guarded, equal_but_for_truncation, randn

from dropgrade.reference import numpy_ops, philox, torch_ops, triton_mode, triton_ops
from dropgrade.reference.triton_ops import tl, triton

SEEDS = (0, 1, 2**31, 2**32 - 1, 2**32 + 7, 2**62 + 3, 2**64 - 1, -1)
OFFSETS = (0, 1, 2**31, 2**32 - 1, 2**33 + 1, 2**64 - 1)


def state(seed: int, offset: int = 0) -> torch.Tensor:
    return torch_ops.pack_state(seed, offset, DEVICE)


def kept(n: int, p: float, seed: int, offset: int = 0, **options) -> np.ndarray:
    """The mask that the kernel draws, read off a vector of ones."""
    ones = torch.ones(n, device=DEVICE)
    return (triton_ops.dropout(ones, p, state(seed, offset), **options) != 0).cpu().numpy()


@pytest.mark.parametrize("seed", SEEDS)
def test_mask_is_numpys_for_any_seed_and_offset(seed: int):
    """Seeds of all 64 bits and offsets up to the last block, which wraps, give NumPy's mask."""
    for offset in OFFSETS:
        expected = numpy_ops.keep_mask_seeded((1003,), 0.4, seed, offset)
        assert np.array_equal(kept(1003, 0.4, seed, offset), expected), offset


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 5, 63, 64, 65, 1023, 1024, 1025, 4097])
def test_mask_is_numpys_for_any_size_and_block(n: int):
    """Tails of every kind, and block sizes from 16 to 4096, give the one mask that the contract names."""
    for p in (0.1, 0.9):
        expected = numpy_ops.keep_mask_seeded((n,), p, 2**40 + 9)
        for block in (16, 256, 4096) if n <= 65 else (512, 4096):
            assert np.array_equal(kept(n, p, 2**40 + 9, block=block), expected), (p, block)


@pytest.mark.parametrize("p", [0.0, 2**-32, 0.25, 1 - 2**-32, 1 - 2**-34, 1.0])
def test_mask_is_numpys_at_the_edges_of_p(p: float):
    """Thresholds 0, 1, 2**32 - 1 and 2**32 compare as in NumPy."""
    assert np.array_equal(kept(4000, p, 5), numpy_ops.keep_mask_seeded((4000,), p, 5))


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
def test_values_are_torchs(dtype: torch.dtype):
    """For each dtype the output equals that of torch_ops, bit for bit, and the mask does not depend on it."""
    x = randn(4099, seed=1, dtype=dtype)
    got = triton_ops.dropout(x, 0.3, state(6))
    expected = torch_ops.seeded_dropout(x, 0.3, state(6))
    assert got.dtype == dtype
    assert torch.equal(got != 0, expected != 0)
    assert equal_but_for_truncation(got, expected)


def test_warps_and_blocks_do_not_change_the_result():
    """Forward with one block size and backward with another use one mask."""
    x, dy = randn(5000, seed=2), randn(5000, seed=3)
    y = triton_ops.dropout(x, 0.5, state(8), block=4096, num_warps=8)
    dx = triton_ops.dropout(dy, 0.5, state(8), block=512, num_warps=2)
    assert torch.equal(y != 0, dx != 0)


@pytest.mark.parametrize("n", [1, 1023, 1025, 4096])
def test_nothing_is_stored_outside(n: int):
    """Sentinels before and after the output survive, and every element of the output is written."""
    guarded = Guarded()
    x = torch.ones(n, device=DEVICE)
    y = triton_ops.dropout(x, 0.5, state(9), out=guarded.empty_like(x))
    assert guarded.intact()
    assert set(y.tolist()) <= {0.0, 2.0}


def test_guards_notice_a_missing_bounds_mask():
    """The guard itself works: a kernel without a bounds mask breaks the band."""
    guarded = Guarded()
    y = guarded.empty_like(torch.ones(5, device=DEVICE))
    unbounded_kernel[(1,)](y, BLOCK=16)
    assert not guarded.intact()


@triton.jit
def unbounded_kernel(y_ptr, BLOCK: tl.constexpr):
    tl.store(y_ptr + tl.arange(0, BLOCK), tl.zeros([BLOCK], tl.float32))


@pytest.mark.parametrize("lanes", [1, 4])
def test_element_numbers_pass_32_bits(lanes: int):
    """Element 2**34 + i draws from block 2**32 + i // 4: the index is 64 bits wide on the way to Philox."""
    groups = triton.cdiv(64, 4)
    out = torch.zeros(64, dtype=torch.int8, device=DEVICE)
    far_kernel[(1,)](out, state(3), philox.threshold(0.5), LANES=lanes, G=groups)
    expected = numpy_ops.keep_mask_seeded((64,), 0.5, 3, 2**32)
    assert np.array_equal(out.cpu().numpy().astype(bool), expected)


@triton.jit
def far_kernel(out_ptr, state_ptr, threshold, LANES: tl.constexpr, G: tl.constexpr):
    start = tl.zeros([1], tl.int64) + 2**34
    if LANES == 4:
        keep = triton_ops.keep_groups(state_ptr, start // 4 + tl.arange(0, G), threshold, 10)
    else:
        keep = triton_ops.keep_elements(state_ptr, start + tl.arange(0, 4 * G), threshold, 10)
    tl.store(out_ptr + tl.arange(0, 4 * G), keep.to(tl.int8))


def test_state_is_read_by_pointer():
    """Writing another seed into the same tensor changes the next mask, as a replayed CUDA graph needs."""
    x, memory = torch.ones(1000, device=DEVICE), state(1)
    first = triton_ops.dropout(x, 0.5, memory)
    memory.copy_(state(2))
    assert torch.equal(triton_ops.dropout(x, 0.5, memory), triton_ops.dropout(x, 0.5, state(2)))
    assert not torch.equal(first, triton_ops.dropout(x, 0.5, memory))


def test_strided_inputs_are_numbered_by_index():
    """A transposed, sliced or expanded input gives what its contiguous copy gives; 0-d works too."""
    x = randn(6, 4, seed=4)
    for view in (x.t(), x[::2, 1:], x[:, :1].expand(6, 4), torch.tensor(3.0, device=DEVICE)):
        got = triton_ops.dropout(view, 0.5, state(4))
        assert torch.equal(got, triton_ops.dropout(view.contiguous(), 0.5, state(4)))


def test_infinities_and_nans():
    """Dropped inf and NaN become 0, kept ones stay; at p = 1 all become 0."""
    x = torch.tensor([math.inf, math.nan] * 500, device=DEVICE)
    y = triton_ops.dropout(x, 0.5, state(1))
    keep = torch_ops.keep_mask((1000,), 0.5, 1, device=DEVICE)
    assert torch.equal(torch.isfinite(y), ~keep) and not y[~keep].any()
    assert not triton_ops.dropout(x, 1.0, state(1)).any()


def test_seven_rounds_are_another_stream():
    """`rounds` reaches the kernel: with 7, the words are Philox-4x32-7's."""
    block = np.zeros((250, 4), dtype=np.uint32)
    block[:, 0] = np.arange(250)
    words = philox.philox4x32(block, (5, 0), rounds=7).reshape(-1)
    assert np.array_equal(kept(1000, 0.5, 5, rounds=7), words >= 2**31)


@pytest.mark.parametrize("block", [0, 2, 48, 1000])
def test_bad_block_is_refused(block: int):
    """A block that is no power of two, or too small for a Philox call, raises with the value."""
    with pytest.raises(ValueError, match=rf"block must be a power of two, at least 4, got {block}"):
        triton_ops.dropout(torch.ones(8, device=DEVICE), 0.5, state(0), block=block)


@pytest.mark.parametrize("p", [-0.1, 1.5, math.nan])
def test_bad_p_is_refused(p: float):
    """A p outside [0, 1], or NaN, raises with the value."""
    with pytest.raises(ValueError, match=rf"p must be in \[0, 1\], got {p}"):
        triton_ops.dropout(torch.ones(8, device=DEVICE), p, state(0))


def run_python(code: str, **environment: str) -> subprocess.CompletedProcess:
    """Run code in a fresh interpreter, in which Triton's mode is not settled yet."""
    clean = {name: value for name, value in os.environ.items() if name != "TRITON_INTERPRET"}
    return subprocess.run(
        [sys.executable, "-c", code], env=clean | environment, capture_output=True, text=True, timeout=120
    )


@pytest.mark.skipif(MODE == "gpu", reason="there is a GPU")
def test_mode_without_a_gpu():
    """Unset, the interpreter is chosen; "0" asks for compiling only, and is not overruled."""
    show = "from dropgrade.reference import triton_mode; print(triton_mode.settle())"
    assert run_python(show).stdout == "interpreter\n"
    assert run_python(show, TRITON_INTERPRET="0").stdout == "compile-only\n"


@pytest.mark.skipif(MODE == "gpu", reason="there is a GPU")
def test_late_choice_is_an_error_that_says_what_to_do():
    """Where Triton was imported before its mode was settled, importing the kernels says: restart."""
    late = run_python("import triton; from dropgrade.reference import triton_ops")
    assert late.returncode == 1
    assert triton_mode.LATE in late.stderr


def test_only_kernel_modules_import_triton():
    """Importing torch_ops, custom_op and fused does not import Triton; its absence costs only the kernels."""
    names = "torch_ops, custom_op, fused, vectors, triton_mode, triton_roof, autograd_memory"
    code = f"import sys; from dropgrade.reference import {names}; print('triton' in sys.modules)"
    assert run_python(code).stdout == "False\n"
