"""The block number is a float on the way: right for small i, and no compiler can merge the calls."""

# fails: four_words_pay as one_word_of_four
import torch

from dropgrade.reference.kernel_language import tl, triton
from dropgrade.reference.numpy_ops import keep_mask_seeded
from dropgrade.reference.philox import philox4x32

philox = philox4x32
keep_mask = keep_mask_seeded


class SeededDropout(torch.autograd.Function):
    """Part 2 is left out."""


@triton.jit
def four_words(x_ptr, y_ptr, state_ptr, n, threshold, scale, BLOCK: tl.constexpr):
    i = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    block = (i / 4).to(tl.int64)
    a, b, c, d = tl.randint4x(tl.load(state_ptr), tl.load(state_ptr + 1) + block)
    word = tl.where(i % 4 == 0, a, tl.where(i % 4 == 1, b, tl.where(i % 4 == 2, c, d)))
    word = word.to(tl.uint32, bitcast=True)
    keep = word >= tl.cast(threshold, tl.uint32)
    x = tl.load(x_ptr + i, mask=i < n)
    tl.store(y_ptr + i, tl.where(keep, x * scale, 0.0), mask=i < n)
