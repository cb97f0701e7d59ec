"""Philox one counter at a time, in Python's integers, and words interleaved in the kernels."""

import numpy as np
import torch

from dropgrade.reference.kernel_language import tl, triton


def block_of(counter, key):
    c, k = [int(word) for word in counter], list(key)
    for _ in range(10):
        a, b = c[0] * 0xD2511F53, c[2] * 0xCD9E8D57
        c = [(b >> 32) ^ c[1] ^ k[0], b % 2**32, (a >> 32) ^ c[3] ^ k[1], a % 2**32]
        k = [(k[0] + 0x9E3779B9) % 2**32, (k[1] + 0xBB67AE85) % 2**32]
    return c


def philox(counter, key):
    blocks = [block_of(one, key) for one in np.reshape(counter, (-1, 4))]
    return np.array(blocks, dtype=np.uint32).reshape(np.shape(counter))


def keep_mask(shape, p, seed, offset):
    if not 0 <= p <= 1:
        raise ValueError("p is a probability")
    n, key, words = int(np.prod(shape)), (seed % 2**32, seed // 2**32), []
    for block in range(offset, offset + (n + 3) // 4):
        words += block_of((block % 2**32, block // 2**32, 0, 0), key)
    return np.array([word >= round(p * 2**32) for word in words[:n]], dtype=bool).reshape(shape)


class SeededDropout(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, p, seed, offset):
        keep = torch.from_numpy(keep_mask(tuple(x.shape), p, seed, offset))
        ctx.p, ctx.seed, ctx.offset = p, seed, offset
        return torch.where(keep, x / (1 - p) if p < 1 else x, 0).to(x.dtype)

    @staticmethod
    def backward(ctx, dy):
        return SeededDropout.apply(dy, ctx.p, ctx.seed, ctx.offset), None, None, None


@triton.jit
def one_word(x_ptr, y_ptr, state_ptr, n, threshold, scale, BLOCK: tl.constexpr):
    i = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    word = tl.randint(tl.load(state_ptr), tl.load(state_ptr + 1) + i).to(tl.uint32, bitcast=True)
    y = tl.where(word >= tl.cast(threshold, tl.uint32), tl.load(x_ptr + i, mask=i < n) * scale, 0.0)
    tl.store(y_ptr + i, y, mask=i < n)


@triton.jit
def four_words(x_ptr, y_ptr, state_ptr, n, threshold, scale, BLOCK: tl.constexpr):
    start = tl.program_id(0).to(tl.int64) * BLOCK
    i = start + tl.arange(0, BLOCK)
    group = start // 4 + tl.arange(0, BLOCK // 4)
    a, b, c, d = tl.randint4x(tl.load(state_ptr), tl.load(state_ptr + 1) + group)
    words = tl.interleave(tl.interleave(a, c), tl.interleave(b, d))
    keep = words.to(tl.uint32, bitcast=True) >= tl.cast(threshold, tl.uint32)
    x = tl.load(x_ptr + i, mask=i < n)
    tl.store(y_ptr + i, tl.where(keep, x * scale, 0.0), mask=i < n)


@triton.jit
def fused(x_ptr, bias_ptr, residual_ptr, y_ptr, state_ptr, n, columns, threshold, scale, BLOCK: tl.constexpr):
    start = tl.program_id(0).to(tl.int64) * BLOCK
    i = start + tl.arange(0, BLOCK)
    group = start // 4 + tl.arange(0, BLOCK // 4)
    a, b, c, d = tl.randint4x(tl.load(state_ptr), tl.load(state_ptr + 1) + group)
    words = tl.interleave(tl.interleave(a, c), tl.interleave(b, d))
    keep = words.to(tl.uint32, bitcast=True) >= tl.cast(threshold, tl.uint32)
    x = tl.load(x_ptr + i, mask=i < n) + tl.load(bias_ptr + i % columns, mask=i < n)
    tl.store(y_ptr + i, tl.load(residual_ptr + i, mask=i < n) + tl.where(keep, x * scale, 0.0), mask=i < n)
