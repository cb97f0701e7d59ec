"""Other ways to make the same layer, to measure against: one word a call, 16-bit halves, a stored mask.

They show where the time goes: in the random numbers, in the bytes of a mask, or in neither. Only
`selected_word_kernel` draws the contract's mask; the others have layouts of their own, stated with each.

Source: `float_kernel` is the scheme of the Triton tutorial "Low-memory dropout"; `half_word_kernel` goes the
way of flash-attention's 8-bit scheme, with a scale that matches the rounded p.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from dropgrade.reference.triton_ops import (
    BLOCK,
    ROUNDS,
    constants,
    keep_elements,
    require_block,
    select_scaled,
    tl,
    triton,
)


@triton.jit(do_not_specialize=["threshold"])
def one_word_kernel(
    x_ptr,
    y_ptr,
    state_ptr,
    n,
    threshold,
    scale: tl.float64,
    BLOCK: tl.constexpr,
    ACC: tl.constexpr,
    ROUNDS: tl.constexpr,
):
    """A Philox call for each element: element i uses word 0 of block offset + i; three words are wasted."""
    i = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    mask = i < n
    word = tl.randint(tl.load(state_ptr), tl.load(state_ptr + 1) + i, ROUNDS).to(tl.uint32, bitcast=True)
    keep = word >= tl.cast(threshold, tl.uint32)
    x = tl.load(x_ptr + i, mask=mask, other=0.0)
    tl.store(y_ptr + i, select_scaled(x, keep, scale, ACC).to(y_ptr.dtype.element_ty), mask=mask)


@triton.jit(do_not_specialize=["threshold"])
def selected_word_kernel(
    x_ptr,
    y_ptr,
    state_ptr,
    n,
    threshold,
    scale: tl.float64,
    BLOCK: tl.constexpr,
    ACC: tl.constexpr,
    ROUNDS: tl.constexpr,
):
    """The result of `triton_ops.seeded_kernel`, written as a call for each element and a choice of word.

    Neighbours ask for the same block, and the compiler sees it: their calls become one.
    """
    i = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    mask = i < n
    keep = keep_elements(state_ptr, i, threshold, ROUNDS)
    x = tl.load(x_ptr + i, mask=mask, other=0.0)
    tl.store(y_ptr + i, select_scaled(x, keep, scale, ACC).to(y_ptr.dtype.element_ty), mask=mask)


@triton.jit
def float_kernel(x_ptr, y_ptr, state_ptr, n, p, scale: tl.float64, BLOCK: tl.constexpr, ACC: tl.constexpr):
    """The tutorial's scheme: word 0 of block i, made a float in [0, 1) and compared with p."""
    i = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    mask = i < n
    keep = tl.rand(tl.load(state_ptr), tl.load(state_ptr + 1) + i) >= p
    x = tl.load(x_ptr + i, mask=mask, other=0.0)
    tl.store(y_ptr + i, select_scaled(x, keep, scale, ACC).to(y_ptr.dtype.element_ty), mask=mask)


@triton.jit(do_not_specialize=["threshold"])
def half_word_kernel(
    x_ptr,
    y_ptr,
    state_ptr,
    n,
    threshold,  # drop iff half < threshold, 0 <= threshold < 2**16
    scale: tl.float64,
    BLOCK: tl.constexpr,
    ACC: tl.constexpr,
    ROUNDS: tl.constexpr,
):
    """Eight elements a Philox call: element i uses half i % 8 of block offset + i // 8, low half first."""
    start = tl.program_id(0).to(tl.int64) * BLOCK
    group = tl.load(state_ptr + 1) + start // 8 + tl.arange(0, BLOCK // 8)
    a, b, c, d = tl.randint4x(tl.load(state_ptr), group, ROUNDS)
    words = tl.reshape(tl.join(tl.join(a, c), tl.join(b, d)), [BLOCK // 2]).to(tl.uint32, bitcast=True)
    halves = tl.reshape(tl.join(words & 0xFFFF, words >> 16), [BLOCK])
    i = start + tl.arange(0, BLOCK)
    mask = i < n
    x = tl.load(x_ptr + i, mask=mask, other=0.0)
    y = select_scaled(x, halves >= tl.cast(threshold, tl.uint32), scale, ACC)
    tl.store(y_ptr + i, y.to(y_ptr.dtype.element_ty), mask=mask)


@triton.jit
def stored_mask_kernel(x_ptr, keep_ptr, y_ptr, n, scale: tl.float64, BLOCK: tl.constexpr, ACC: tl.constexpr):
    """Apply a mask that lies in memory, one byte an element, as a backward pass does that kept its mask."""
    i = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    mask = i < n
    x = tl.load(x_ptr + i, mask=mask, other=0.0)
    keep = tl.load(keep_ptr + i, mask=mask, other=0) != 0
    tl.store(y_ptr + i, select_scaled(x, keep, scale, ACC).to(y_ptr.dtype.element_ty), mask=mask)


def one_word(
    x: Tensor, p: float, state: Tensor, out: Tensor, *, block: int = BLOCK, num_warps: int = 4
) -> Tensor:
    """Dropout by `one_word_kernel`; x and out contiguous, p < 1."""
    return _launch(one_word_kernel, (x, out, state, x.numel()), block, num_warps, **constants(p, x.dtype))


def selected_word(
    x: Tensor, p: float, state: Tensor, out: Tensor, *, block: int = BLOCK, num_warps: int = 4
) -> Tensor:
    """Dropout by `selected_word_kernel`; x and out contiguous, p < 1."""
    return _launch(
        selected_word_kernel, (x, out, state, x.numel()), block, num_warps, **constants(p, x.dtype)
    )


def float_compare(
    x: Tensor, p: float, state: Tensor, out: Tensor, *, block: int = BLOCK, num_warps: int = 4
) -> Tensor:
    """Dropout by the tutorial's scheme; x and out contiguous, p < 1."""
    these = constants(p, x.dtype)
    arguments = (x, out, state, x.numel(), p, these["scale"])
    return _launch(float_kernel, arguments, block, num_warps, ACC=these["ACC"])


def half_words(
    x: Tensor,
    p: float,
    state: Tensor,
    out: Tensor,
    *,
    block: int = BLOCK,
    num_warps: int = 4,
    rounds: int = ROUNDS,
) -> Tensor:
    """Dropout with 16-bit randomness; x and out contiguous.

    p is rounded to a multiple of 2**-16, and the scale is that of the rounded p, so the mean stays right.
    """
    lowest = round(p * 2**16)
    these = constants(lowest / 2**16, x.dtype, rounds) | {"threshold": lowest}
    return _launch(half_word_kernel, (x, out, state, x.numel()), block, num_warps, **these)


def stored_mask(
    x: Tensor, keep: Tensor, p: float, out: Tensor, *, block: int = BLOCK, num_warps: int = 4
) -> Tensor:
    """Dropout by a bool mask of x's shape; all contiguous, p < 1."""
    these = constants(p, x.dtype)
    arguments = (x, keep.view(torch.uint8), out, x.numel(), these["scale"])
    return _launch(stored_mask_kernel, arguments, block, num_warps, ACC=these["ACC"])


def _launch(kernel: Callable, arguments: tuple, block: int, num_warps: int, **constants) -> Tensor:
    """Launch over all elements of the first argument; returns the output among the arguments."""
    require_block(block)
    x = arguments[0]
    if x.numel():
        kernel[(triton.cdiv(x.numel(), block),)](*arguments, BLOCK=block, num_warps=num_warps, **constants)
    return arguments[2] if kernel is stored_mask_kernel else arguments[1]
