"""The counter forgets the program's number, so every program draws the same mask."""

# fails: one_word_kernel as counter_restarts_in_each_program
import torch

from dropgrade.reference.kernel_language import tl, triton
from dropgrade.reference.numpy_ops import keep_mask_seeded
from dropgrade.reference.philox import philox4x32

philox = philox4x32
keep_mask = keep_mask_seeded


class SeededDropout(torch.autograd.Function):
    """Part 2 is left out."""


@triton.jit
def one_word(x_ptr, y_ptr, state_ptr, n, threshold, scale, BLOCK: tl.constexpr):
    i = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    seed, offset = tl.load(state_ptr), tl.load(state_ptr + 1)
    word = tl.randint(seed, offset + tl.arange(0, BLOCK)).to(tl.uint32, bitcast=True)
    keep = word >= tl.cast(threshold, tl.uint32)
    x = tl.load(x_ptr + i, mask=i < n)
    tl.store(y_ptr + i, tl.where(keep, x * scale, 0.0), mask=i < n)
