"""A helper without @triton.jit: the interpreter calls it, the compiler refuses."""

# fails: four_words_pay as does_not_compile
import torch

from dropgrade.reference.kernel_language import tl, triton
from dropgrade.reference.numpy_ops import keep_mask_seeded
from dropgrade.reference.philox import philox4x32

philox = philox4x32
keep_mask = keep_mask_seeded


class SeededDropout(torch.autograd.Function):
    """Part 2 is left out."""


def at_least(word, threshold):
    return word >= tl.cast(threshold, tl.uint32)


@triton.jit
def four_words(x_ptr, y_ptr, state_ptr, n, threshold, scale, BLOCK: tl.constexpr):
    start = tl.program_id(0).to(tl.int64) * BLOCK
    i = start + tl.arange(0, BLOCK)
    group = tl.load(state_ptr + 1) + start // 4 + tl.arange(0, BLOCK // 4)
    a, b, c, d = tl.randint4x(tl.load(state_ptr), group)
    word = tl.reshape(tl.join(tl.join(a, c), tl.join(b, d)), [BLOCK]).to(tl.uint32, bitcast=True)
    keep = at_least(word, threshold)
    x = tl.load(x_ptr + i, mask=i < n)
    tl.store(y_ptr + i, tl.where(keep, x * scale, 0.0), mask=i < n)
