"""Seeded dropout in Triton: nothing is kept for the backward pass but 16 bytes, the seed and the offset.

The counter contract is the course's own, shared bit for bit with `philox` and `torch_ops`: element i uses
word i % 4 of Philox-4x32-10 block ``offset + i // 4`` under key ``seed`` and is dropped iff that word is
below ``round(p * 2**32)``. The mask depends on the element's number alone: never on the block size, warps,
grid or dtype. Without a GPU the kernels run in Triton's interpreter: exactly, and slowly.

Source: salmon2011parallel (Philox). The idea of drawing the mask again in the backward pass is older; the
Triton tutorial "Low-memory dropout" made it popular.
"""

import torch
from torch import Tensor

from dropgrade.reference import triton_mode
from dropgrade.reference.philox import threshold

MODE = triton_mode.settle()

import triton  # noqa: E402 (its mode must be settled first)
import triton.language as tl  # noqa: E402

BLOCK = 1024
ROUNDS = 10


@triton.jit
def keep_groups(state_ptr, group, threshold, ROUNDS: tl.constexpr):
    """Keep mask of whole groups of four elements: `group` int64 [..., G] -> bool [..., 4 * G].

    One Philox call makes the four words of a group. Joined and reshaped they stand in the elements' order,
    so that each thread still loads and stores whole vectors.
    """
    a, b, c, d = tl.randint4x(tl.load(state_ptr), tl.load(state_ptr + 1) + group, ROUNDS)
    words = tl.join(tl.join(a, c), tl.join(b, d))  # [..., G, 2, 2], in flat order a b c d
    words = tl.reshape(words, group.shape[:-1] + [4 * group.shape[-1]])  # noqa: RUF005 (Triton has no star)
    return words.to(tl.uint32, bitcast=True) >= tl.cast(threshold, tl.uint32)


@triton.jit
def keep_elements(state_ptr, element, threshold, ROUNDS: tl.constexpr):
    """Keep mask of any elements: `element` int64 [...] -> bool [...].

    One Philox call an element, of whose four words one is used: four times the work of `keep_groups`, for
    rows whose first element is not the first of a group.
    """
    a, b, c, d = tl.randint4x(tl.load(state_ptr), tl.load(state_ptr + 1) + element // 4, ROUNDS)
    lane = element % 4
    word = tl.where(lane < 2, tl.where(lane == 0, a, b), tl.where(lane == 2, c, d))
    return word.to(tl.uint32, bitcast=True) >= tl.cast(threshold, tl.uint32)


@triton.jit
def select_scaled(x, keep, scale, ACC: tl.constexpr):
    """``x * scale`` where kept, else 0, in the dtype ACC. `scale` comes as float64 and is rounded once."""
    return tl.where(keep, x.to(ACC) * tl.full([], scale, ACC), 0.0)


@triton.jit(do_not_specialize=["threshold"])
def seeded_kernel(
    x_ptr,  # input, or the gradient of the output
    y_ptr,  # output, or the gradient of the input: the mask and the formula are the same
    state_ptr,  # int64 [2]: seed and offset, read by pointer so that a CUDA graph can change them
    n,  # number of elements
    threshold,  # drop iff word < threshold, 0 <= threshold < 2**32
    scale: tl.float64,  # 1 / (1 - p)
    BLOCK: tl.constexpr,  # elements of a program, a power of two, at least 4
    ACC: tl.constexpr,  # dtype of the product
    ROUNDS: tl.constexpr,
):
    """y = x * scale where kept, else 0: forward and backward."""
    start = tl.program_id(0).to(tl.int64) * BLOCK  # int64: n may pass 2**31
    keep = keep_groups(state_ptr, start // 4 + tl.arange(0, BLOCK // 4), threshold, ROUNDS)
    i = start + tl.arange(0, BLOCK)
    mask = i < n
    x = tl.load(x_ptr + i, mask=mask, other=0.0)
    y = select_scaled(x, keep, scale, ACC)
    tl.store(y_ptr + i, y.to(y_ptr.dtype.element_ty), mask=mask)


def dropout(
    x: Tensor,
    p: float,
    state: Tensor,
    *,
    out: Tensor | None = None,
    block: int = BLOCK,
    rounds: int = ROUNDS,
    num_warps: int = 4,
) -> Tensor:
    """Seeded dropout of x; with the output's gradient for x, the input's gradient.

    Args:
        x: floating-point tensor (...,) on the GPU (on the CPU in the interpreter); copied if not contiguous.
        p: drop probability, 0 <= p <= 1.
        state: int64 tensor (2,) on x's device, seed and offset.
        out: contiguous tensor of x's shape and dtype to write to; None makes one.
        block: elements of one program, a power of two, at least 4. It does not change the result.
        rounds: of Philox; only 10 is the contract.
        num_warps: of one program. It does not change the result.

    Returns:
        `out`.

    Raises:
        ValueError: p outside [0, 1], or block not a power of two of at least 4.
    """
    require_block(block)
    x = x.contiguous()
    out = torch.empty_like(x) if out is None else out
    if nothing_kept(p):
        return out.zero_()
    if x.numel():
        seeded_kernel[(triton.cdiv(x.numel(), block),)](
            x, out, state, x.numel(), BLOCK=block, num_warps=num_warps, **constants(p, x.dtype, rounds)
        )
    return out


def constants(p: float, dtype: torch.dtype, rounds: int = ROUNDS) -> dict:
    """The arguments that every kernel takes after its tensors and sizes.

    Raises:
        ValueError: p outside [0, 1], or so close to 1 that nothing is kept.
    """
    if nothing_kept(p):
        raise ValueError(f"p must leave something to keep (a kernel compares 32-bit words), got {p}")
    acc = tl.float64 if dtype == torch.float64 else tl.float32
    return {"threshold": threshold(p), "scale": 1.0 / (1.0 - p), "ACC": acc, "ROUNDS": rounds}


def nothing_kept(p: float) -> bool:
    """Whether all is dropped: the threshold is 2**32 then, which no 32-bit number can say."""
    return threshold(p) == 2**32


def accumulator(dtype: torch.dtype) -> torch.dtype:
    """Torch's name for the dtype in which a kernel computes: float32, and float64 for float64."""
    return torch.float64 if dtype == torch.float64 else torch.float32


def require_block(block: int) -> None:
    """Raise ValueError unless `block` is a power of two of at least 4 (one Philox call makes four words)."""
    if block < 4 or block & (block - 1):
        raise ValueError(f"block must be a power of two, at least 4, got {block}")
