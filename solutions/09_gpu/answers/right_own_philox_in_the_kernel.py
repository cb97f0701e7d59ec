"""The kernels have a Philox of their own, with products of 64 bits."""

import numpy as np
import torch

from dropgrade.reference.kernel_language import tl, triton


def philox(counter, key):
    c = np.asarray(counter).astype(np.uint64)
    c0, c1, c2, c3 = c[..., 0], c[..., 1], c[..., 2], c[..., 3]
    for i in range(10):
        k0, k1 = (np.uint64((k + i * w) % 2**32) for k, w in zip(key, (0x9E3779B9, 0xBB67AE85), strict=True))
        a, b = c0 * np.uint64(0xD2511F53), c2 * np.uint64(0xCD9E8D57)
        c0, c1, c2, c3 = (b >> 32) ^ c1 ^ k0, b & 0xFFFFFFFF, (a >> 32) ^ c3 ^ k1, a & 0xFFFFFFFF
    return np.stack([c0, c1, c2, c3], axis=-1).astype(np.uint32)


def keep_mask(shape, p, seed, offset):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    n = int(np.prod(shape))
    counter = np.zeros((n // 4 + 1, 4), dtype=np.uint32)
    block = np.arange(len(counter), dtype=np.uint64) + np.uint64(offset)
    counter[:, 0], counter[:, 1] = block % 2**32, block // 2**32
    words = philox(counter, (seed % 2**32, seed // 2**32)).ravel()[:n]
    return (words >= round(p * 2**32)).reshape(shape)


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
def block_words(seed, block):
    c0, c1 = block.to(tl.uint32), (block >> 32).to(tl.uint32)
    c2, c3 = c0 * 0, c0 * 0
    k0, k1 = seed.to(tl.uint32), (seed >> 32).to(tl.uint32)
    for _ in tl.static_range(10):
        a, b = c0.to(tl.uint64) * 0xD2511F53, c2.to(tl.uint64) * 0xCD9E8D57
        c0, c2 = (b >> 32).to(tl.uint32) ^ c1 ^ k0, (a >> 32).to(tl.uint32) ^ c3 ^ k1
        c1, c3 = b.to(tl.uint32), a.to(tl.uint32)
        k0, k1 = k0 + 0x9E3779B9, k1 + 0xBB67AE85
    return c0, c1, c2, c3


@triton.jit
def words_in_order(state_ptr, start, BLOCK: tl.constexpr):
    group = tl.load(state_ptr + 1) + start // 4 + tl.arange(0, BLOCK // 4)
    a, b, c, d = block_words(tl.load(state_ptr), group)
    return tl.reshape(tl.join(tl.join(a, c), tl.join(b, d)), [BLOCK])


@triton.jit
def one_word(x_ptr, y_ptr, state_ptr, n, threshold, scale, BLOCK: tl.constexpr):
    i = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    word = block_words(tl.load(state_ptr), tl.load(state_ptr + 1) + i)[0]
    y = tl.where(word >= tl.cast(threshold, tl.uint32), tl.load(x_ptr + i, mask=i < n) * scale, 0.0)
    tl.store(y_ptr + i, y, mask=i < n)


@triton.jit
def four_words(x_ptr, y_ptr, state_ptr, n, threshold, scale, BLOCK: tl.constexpr):
    start = tl.program_id(0).to(tl.int64) * BLOCK
    i = start + tl.arange(0, BLOCK)
    keep = words_in_order(state_ptr, start, BLOCK) >= tl.cast(threshold, tl.uint32)
    x = tl.load(x_ptr + i, mask=i < n)
    tl.store(y_ptr + i, tl.where(keep, x * scale, 0.0), mask=i < n)


@triton.jit
def fused(x_ptr, bias_ptr, residual_ptr, y_ptr, state_ptr, n, columns, threshold, scale, BLOCK: tl.constexpr):
    start = tl.program_id(0).to(tl.int64) * BLOCK
    i = start + tl.arange(0, BLOCK)
    keep = words_in_order(state_ptr, start, BLOCK) >= tl.cast(threshold, tl.uint32)
    x = tl.load(x_ptr + i, mask=i < n) + tl.load(bias_ptr + i % columns, mask=i < n)
    tl.store(y_ptr + i, tl.load(residual_ptr + i, mask=i < n) + tl.where(keep, x * scale, 0.0), mask=i < n)
