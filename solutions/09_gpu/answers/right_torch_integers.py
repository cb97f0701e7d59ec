"""Philox in torch's int64 for NumPy's part too, and the state in a saved tensor."""

import numpy as np
import torch

from dropgrade.reference.kernel_language import tl, triton

LOW = 0xFFFFFFFF


def words_of(counter, key):
    c0, c1, c2, c3 = counter.unbind(-1)
    k0, k1 = key
    for _ in range(10):
        a, b = c0 * 0xD2511F53, c2 * 0xCD9E8D57  # wraps modulo 2**64, and the bits are right
        c0, c1, c2, c3 = (b >> 32) & LOW ^ c1 ^ k0, b & LOW, (a >> 32) & LOW ^ c3 ^ k1, a & LOW
        k0, k1 = (k0 + 0x9E3779B9) & LOW, (k1 + 0xBB67AE85) & LOW
    return torch.stack([c0, c1, c2, c3], -1)


def philox(counter, key):
    return words_of(torch.from_numpy(counter.astype(np.int64)), key).numpy().astype(np.uint32)


def keep_tensor(shape, p, seed, offset):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    n = torch.Size(shape).numel()
    block = torch.arange((n + 3) // 4) + offset
    counter = torch.stack([block & LOW, block >> 32, 0 * block, 0 * block], -1)
    return (words_of(counter, (seed & LOW, seed >> 32)).view(-1)[:n] >= round(p * 2**32)).view(shape)


def keep_mask(shape, p, seed, offset):
    return keep_tensor(shape, p, seed, offset).numpy()


class SeededDropout(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, p, seed, offset):
        ctx.p = p
        ctx.save_for_backward(torch.tensor([seed, offset]))
        return x.masked_fill(~keep_tensor(x.shape, p, seed, offset), 0) * (1 / (1 - p) if p < 1 else 1)

    @staticmethod
    def backward(ctx, dy):
        seed, offset = ctx.saved_tensors[0].tolist()
        return SeededDropout.apply(dy, ctx.p, seed, offset), None, None, None


@triton.jit
def one_word(x_ptr, y_ptr, state_ptr, n, threshold, scale, BLOCK: tl.constexpr):
    i = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    word = tl.randint(tl.load(state_ptr), tl.load(state_ptr + 1) + i).to(tl.uint32, bitcast=True)
    y = tl.where(word >= tl.cast(threshold, tl.uint32), tl.load(x_ptr + i, mask=i < n) * scale, 0.0)
    tl.store(y_ptr + i, y, mask=i < n)


@triton.jit
def four_words(x_ptr, y_ptr, state_ptr, n, threshold, scale, BLOCK: tl.constexpr):
    i = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    a, b, c, d = tl.randint4x(tl.load(state_ptr), tl.load(state_ptr + 1) + i // 4)
    word = tl.where(i % 4 == 0, a, tl.where(i % 4 == 1, b, tl.where(i % 4 == 2, c, d)))
    keep = word.to(tl.uint32, bitcast=True) >= tl.cast(threshold, tl.uint32)
    x = tl.load(x_ptr + i, mask=i < n)
    tl.store(y_ptr + i, tl.where(keep, x * scale, 0.0), mask=i < n)


@triton.jit
def fused(x_ptr, bias_ptr, residual_ptr, y_ptr, state_ptr, n, columns, threshold, scale, BLOCK: tl.constexpr):
    i = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    a, b, c, d = tl.randint4x(tl.load(state_ptr), tl.load(state_ptr + 1) + i // 4)
    word = tl.where(i % 4 == 0, a, tl.where(i % 4 == 1, b, tl.where(i % 4 == 2, c, d)))
    keep = word.to(tl.uint32, bitcast=True) >= tl.cast(threshold, tl.uint32)
    x = tl.load(x_ptr + i, mask=i < n) + tl.load(bias_ptr + i % columns, mask=i < n)
    tl.store(y_ptr + i, tl.load(residual_ptr + i, mask=i < n) + tl.where(keep, x * scale, 0.0), mask=i < n)
