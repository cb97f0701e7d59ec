"""The residual is added before dropout and drops with the rest."""

# fails: fused_kernel as residual_is_dropped
import torch

from dropgrade.reference.kernel_language import tl, triton
from dropgrade.reference.numpy_ops import keep_mask_seeded
from dropgrade.reference.philox import philox4x32

philox = philox4x32
keep_mask = keep_mask_seeded


class SeededDropout(torch.autograd.Function):
    """Part 2 is left out."""


@triton.jit
def fused(x_ptr, bias_ptr, residual_ptr, y_ptr, state_ptr, n, columns, threshold, scale, BLOCK: tl.constexpr):
    start = tl.program_id(0).to(tl.int64) * BLOCK
    i = start + tl.arange(0, BLOCK)
    group = tl.load(state_ptr + 1) + start // 4 + tl.arange(0, BLOCK // 4)
    a, b, c, d = tl.randint4x(tl.load(state_ptr), group)
    word = tl.reshape(tl.join(tl.join(a, c), tl.join(b, d)), [BLOCK]).to(tl.uint32, bitcast=True)
    keep = word >= tl.cast(threshold, tl.uint32)
    x = tl.load(x_ptr + i, mask=i < n) + tl.load(bias_ptr + i % columns, mask=i < n)
    x += tl.load(residual_ptr + i, mask=i < n)
    tl.store(y_ptr + i, tl.where(keep, x * scale, 0.0), mask=i < n)
