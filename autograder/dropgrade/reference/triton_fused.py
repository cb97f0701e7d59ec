"""Triton kernels that do dropout's neighbours in the same pass: bias and residual, softmax, LayerNorm.

A fused kernel reads each input once and writes each output once; what eager torch writes in between stays in
registers. Masks follow the contract of `triton_ops`, elements numbered in row-major order, so a fused
result equals the composition of its parts under the same state.

The launchers take contiguous tensors of one dtype and return new ones; `fused` adds gradients and checks.

Source: ba2016layer (LayerNorm); the backward formulas are derived in the book, chapter 09_gpu.
"""

import torch
from torch import Tensor

from dropgrade.reference.triton_ops import (
    BLOCK,
    accumulator,
    constants,
    keep_elements,
    keep_groups,
    select_scaled,
    tl,
    triton,
)

WIDEST_ROW = 2**16
MOST_SHARES = 512
"""Programs among which the rows of a LayerNorm's backward are split: a few for each processor of a GPU."""


@triton.jit
def keep_tile(state_ptr, row, col, C: tl.constexpr, threshold, ROUNDS: tl.constexpr, COLS: tl.constexpr):
    """Keep mask of rows `row` (int64 [R, 1]) and columns `col` to `col` + COLS - 1: bool [R, COLS].

    Where C is a multiple of 4, each row begins with a group of its own and a Philox call serves four
    elements; otherwise each element calls for itself.
    """
    if C % 4 == 0:
        group = (row * C + col) // 4 + tl.arange(0, COLS // 4)[None, :]
        return keep_groups(state_ptr, group, threshold, ROUNDS)
    return keep_elements(state_ptr, row * C + col + tl.arange(0, COLS)[None, :], threshold, ROUNDS)


@triton.jit(do_not_specialize=["threshold"])
def bias_dropout_residual_kernel(
    x_ptr,
    bias_ptr,
    residual_ptr,
    y_ptr,
    state_ptr,
    n,
    threshold,
    scale: tl.float64,
    C: tl.constexpr,  # columns; a constant, so that the compiler turns i % C into a multiplication
    BLOCK: tl.constexpr,
    ACC: tl.constexpr,
    ROUNDS: tl.constexpr,
):
    """y = residual + dropout(x + bias): reads x and residual once, writes y once."""
    start = tl.program_id(0).to(tl.int64) * BLOCK
    keep = keep_groups(state_ptr, start // 4 + tl.arange(0, BLOCK // 4), threshold, ROUNDS)
    i = start + tl.arange(0, BLOCK)
    mask = i < n
    col = ((start % C).to(tl.int32) + tl.arange(0, BLOCK)) % C
    if C % 8 == 0 and BLOCK % 8 == 0:  # what the compiler cannot see: eight neighbours share a row
        col = tl.max_contiguous(tl.multiple_of(col, 8), 8)
    x = tl.load(x_ptr + i, mask=mask, other=0.0).to(ACC) + tl.load(bias_ptr + col, mask=mask, other=0.0)
    residual = tl.load(residual_ptr + i, mask=mask, other=0.0)
    y = residual.to(ACC) + select_scaled(x, keep, scale, ACC)
    tl.store(y_ptr + i, y.to(y_ptr.dtype.element_ty), mask=mask)


@triton.jit(do_not_specialize=["threshold"])
def bias_dropout_backward_kernel(
    dy_ptr,
    dx_ptr,
    partial_ptr,  # ACC [programs along the rows, C]: sums over each program's rows
    state_ptr,
    n_rows,
    threshold,
    scale: tl.float64,
    C: tl.constexpr,
    ROWS: tl.constexpr,
    COLS: tl.constexpr,
    ACC: tl.constexpr,
    ROUNDS: tl.constexpr,
):
    """dx = dropout(dy) on a tile, and the tile's share of the bias gradient, the column sums of dx."""
    row = tl.program_id(0).to(tl.int64) * ROWS + tl.arange(0, ROWS)[:, None]
    first = tl.program_id(1) * COLS
    col = first + tl.arange(0, COLS)
    mask = (row < n_rows) & (col < C)[None, :]
    keep = keep_tile(state_ptr, row, first, C, threshold, ROUNDS, COLS)
    i = row * C + col[None, :]
    dx = select_scaled(tl.load(dy_ptr + i, mask=mask, other=0.0), keep, scale, ACC)
    tl.store(dx_ptr + i, dx.to(dx_ptr.dtype.element_ty), mask=mask)
    tl.store(partial_ptr + tl.program_id(0) * C + col, tl.sum(dx, 0), mask=col < C)


@triton.jit
def softmax_row(scores_ptr, row, col, C: tl.constexpr, ACC: tl.constexpr):
    """Probabilities of one row [1, COLS] in ACC, zero beyond C."""
    mask = (col < C)[None, :]
    s = tl.load(scores_ptr + row * C + col[None, :], mask=mask, other=-float("inf")).to(ACC)
    e = tl.exp(s - tl.max(s, 1)[:, None])
    return e / tl.sum(e, 1)[:, None]


@triton.jit(do_not_specialize=["threshold"])
def softmax_dropout_kernel(
    scores_ptr,
    y_ptr,
    state_ptr,
    threshold,
    scale: tl.float64,
    C: tl.constexpr,
    COLS: tl.constexpr,  # C rounded up to a power of two: a program holds a whole row
    ACC: tl.constexpr,
    ROUNDS: tl.constexpr,
):
    """y = dropout(softmax(scores)) for one row a program."""
    row = tl.program_id(0).to(tl.int64) + tl.zeros([1, 1], tl.int64)
    col = tl.arange(0, COLS)
    q = softmax_row(scores_ptr, row, col, C, ACC)
    y = select_scaled(q, keep_tile(state_ptr, row, 0, C, threshold, ROUNDS, COLS), scale, ACC)
    tl.store(y_ptr + row * C + col[None, :], y.to(y_ptr.dtype.element_ty), mask=(col < C)[None, :])


@triton.jit(do_not_specialize=["threshold"])
def softmax_dropout_backward_kernel(
    scores_ptr,
    dy_ptr,
    ds_ptr,
    state_ptr,
    threshold,
    scale: tl.float64,
    C: tl.constexpr,
    COLS: tl.constexpr,
    ACC: tl.constexpr,
    ROUNDS: tl.constexpr,
):
    """ds = q * (g - sum(q * g)) with g = dropout(dy): the undropped probabilities q are made again."""
    row = tl.program_id(0).to(tl.int64) + tl.zeros([1, 1], tl.int64)
    col = tl.arange(0, COLS)
    mask = (col < C)[None, :]
    i = row * C + col[None, :]
    q = softmax_row(scores_ptr, row, col, C, ACC)
    keep = keep_tile(state_ptr, row, 0, C, threshold, ROUNDS, COLS)
    g = select_scaled(tl.load(dy_ptr + i, mask=mask, other=0.0), keep, scale, ACC)
    ds = q * (g - tl.sum(q * g, 1)[:, None])
    tl.store(ds_ptr + i, ds.to(ds_ptr.dtype.element_ty), mask=mask)


@triton.jit(do_not_specialize=["threshold"])
def dropout_layer_norm_kernel(
    x_ptr,
    residual_ptr,
    weight_ptr,
    bias_ptr,
    z_ptr,
    h_ptr,
    mean_ptr,  # ACC [rows]
    rstd_ptr,  # ACC [rows]
    state_ptr,
    threshold,
    scale: tl.float64,
    eps: tl.float64,
    C: tl.constexpr,
    COLS: tl.constexpr,
    ACC: tl.constexpr,
    ROUNDS: tl.constexpr,
):
    """z = residual + dropout(x) and h = LayerNorm(z) for one row a program."""
    row = tl.program_id(0).to(tl.int64) + tl.zeros([1, 1], tl.int64)
    col = tl.arange(0, COLS)
    mask = (col < C)[None, :]
    i = row * C + col[None, :]
    keep = keep_tile(state_ptr, row, 0, C, threshold, ROUNDS, COLS)
    x = select_scaled(tl.load(x_ptr + i, mask=mask, other=0.0), keep, scale, ACC)
    z = tl.load(residual_ptr + i, mask=mask, other=0.0).to(ACC) + x
    z = z.to(z_ptr.dtype.element_ty)  # rounded before the norm, as eager torch does and as backward reads it
    tl.store(z_ptr + i, z, mask=mask)
    z = z.to(ACC)
    mean = tl.sum(z, 1) / C
    centred = tl.where(mask, z - mean[:, None], 0.0)
    rstd = 1.0 / tl.sqrt(tl.sum(centred * centred, 1) / C + tl.full([], eps, ACC))
    weight = tl.load(weight_ptr + col, mask=col < C, other=0.0).to(ACC)[None, :]
    bias = tl.load(bias_ptr + col, mask=col < C, other=0.0).to(ACC)[None, :]
    h = centred * rstd[:, None] * weight + bias
    tl.store(h_ptr + i, h.to(h_ptr.dtype.element_ty), mask=mask)
    at = tl.program_id(0) + tl.arange(0, 1)
    tl.store(mean_ptr + at, mean)
    tl.store(rstd_ptr + at, rstd)


@triton.jit(do_not_specialize=["threshold"])
def dropout_layer_norm_backward_kernel(
    dz_ptr,
    dh_ptr,
    z_ptr,
    weight_ptr,
    mean_ptr,
    rstd_ptr,
    dx_ptr,
    dresidual_ptr,
    dweight_ptr,  # ACC [programs, C]: each program's share
    dbias_ptr,  # ACC [programs, C]
    state_ptr,
    n_rows,
    threshold,
    scale: tl.float64,
    C: tl.constexpr,
    COLS: tl.constexpr,
    ROWS: tl.constexpr,  # rows that a program walks through, so that fewer shares are summed afterwards
    ACC: tl.constexpr,
    ROUNDS: tl.constexpr,
):
    """Gradients of z = residual + dropout(x), h = LayerNorm(z), with dz and dh both given."""
    col = tl.arange(0, COLS)
    weight = tl.load(weight_ptr + col, mask=col < C, other=0.0).to(ACC)[None, :]
    dweight = tl.zeros([1, COLS], ACC)
    dbias = tl.zeros([1, COLS], ACC)
    for k in range(ROWS):
        row = tl.program_id(0).to(tl.int64) * ROWS + k + tl.zeros([1, 1], tl.int64)
        mask = (row < n_rows) & (col < C)[None, :]
        i = row * C + col[None, :]
        mean = tl.load(mean_ptr + row, mask=row < n_rows, other=0.0)
        rstd = tl.load(rstd_ptr + row, mask=row < n_rows, other=0.0)
        z_hat = (tl.load(z_ptr + i, mask=mask, other=0.0).to(ACC) - mean) * rstd
        dh = tl.load(dh_ptr + i, mask=mask, other=0.0).to(ACC)
        dweight += tl.where(mask, dh * z_hat, 0.0)
        dbias += dh
        v = dh * weight
        along = tl.sum(tl.where(mask, v * z_hat, 0.0), 1)[:, None] / C
        level = tl.sum(v, 1)[:, None] / C
        dz = tl.load(dz_ptr + i, mask=mask, other=0.0).to(ACC) + (v - level - z_hat * along) * rstd
        tl.store(dresidual_ptr + i, dz.to(dresidual_ptr.dtype.element_ty), mask=mask)
        dx = select_scaled(dz, keep_tile(state_ptr, row, 0, C, threshold, ROUNDS, COLS), scale, ACC)
        tl.store(dx_ptr + i, dx.to(dx_ptr.dtype.element_ty), mask=mask)
    at = tl.program_id(0) * C + col[None, :]
    tl.store(dweight_ptr + at, dweight, mask=(col < C)[None, :])
    tl.store(dbias_ptr + at, dbias, mask=(col < C)[None, :])


def bias_dropout_residual(x: Tensor, bias: Tensor, residual: Tensor, p: float, state: Tensor) -> Tensor:
    """``residual + dropout(x + bias)``: (..., C), (C,), (..., C) -> (..., C)."""
    y = torch.empty_like(x)
    bias_dropout_residual_kernel[(triton.cdiv(x.numel(), BLOCK),)](
        x, bias, residual, y, state, x.numel(), C=x.shape[-1], BLOCK=BLOCK, **constants(p, x.dtype)
    )
    return y


def bias_dropout_backward(dy: Tensor, p: float, state: Tensor) -> tuple[Tensor, Tensor]:
    """dx (..., C) and dbias (C,) from dy (..., C), in dy's dtype."""
    columns = dy.shape[-1]
    rows = dy.numel() // columns
    tile = {"ROWS": 32, "COLS": min(128, row_block(columns))}
    grid = (triton.cdiv(rows, tile["ROWS"]), triton.cdiv(columns, tile["COLS"]))
    dx = torch.empty_like(dy)
    shares = dy.new_empty(grid[0], columns, dtype=accumulator(dy.dtype))
    bias_dropout_backward_kernel[grid](
        dy, dx, shares, state, rows, C=columns, **tile, **constants(p, dy.dtype)
    )
    return dx, shares.sum(0).to(dy.dtype)


def softmax_dropout(scores: Tensor, p: float, state: Tensor) -> Tensor:
    """``dropout(softmax(scores, -1))``: (..., C) -> (..., C)."""
    y = torch.empty_like(scores)
    softmax_dropout_kernel[(scores.numel() // scores.shape[-1],)](
        scores, y, state, **row_constants(scores), **constants(p, scores.dtype)
    )
    return y


def softmax_dropout_backward(scores: Tensor, dy: Tensor, p: float, state: Tensor) -> Tensor:
    """Gradient of the scores (..., C) from theirs and dy (..., C)."""
    ds = torch.empty_like(scores)
    softmax_dropout_backward_kernel[(scores.numel() // scores.shape[-1],)](
        scores, dy, ds, state, **row_constants(scores), **constants(p, scores.dtype)
    )
    return ds


def dropout_layer_norm(
    x: Tensor, residual: Tensor, weight: Tensor, bias: Tensor, p: float, state: Tensor, eps: float
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """z = residual + dropout(x) and LayerNorm(z), both (..., C); mean and 1 / deviation, both (rows,)."""
    rows = x.numel() // x.shape[-1]
    z, h = torch.empty_like(x), torch.empty_like(x)
    mean, rstd = x.new_empty(2, rows, dtype=accumulator(x.dtype))
    dropout_layer_norm_kernel[(rows,)](
        x, residual, weight, bias, z, h, mean, rstd, state, eps=eps,
        **row_constants(x), **constants(p, x.dtype),
    )  # fmt: skip
    return z, h, mean, rstd


def dropout_layer_norm_backward(
    dz: Tensor, dh: Tensor, z: Tensor, weight: Tensor, mean: Tensor, rstd: Tensor, p: float, state: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Gradients of x and residual (..., C), weight and bias (C,)."""
    columns = z.shape[-1]
    rows = z.numel() // columns
    each = max(1, rows // MOST_SHARES)
    programs = triton.cdiv(rows, each)
    dx, dresidual = torch.empty_like(z), torch.empty_like(z)
    dweight, dbias = z.new_empty(2, programs, columns, dtype=accumulator(z.dtype))
    dropout_layer_norm_backward_kernel[(programs,)](
        dz, dh, z, weight, mean, rstd, dx, dresidual, dweight, dbias, state, rows, ROWS=each,
        **row_constants(z), **constants(p, z.dtype),
    )  # fmt: skip
    return dx, dresidual, dweight.sum(0).to(z.dtype), dbias.sum(0).to(z.dtype)


def row_constants(x: Tensor) -> dict[str, int]:
    """Compile-time sizes of a kernel that holds a whole row, and warps enough to hold it."""
    columns = x.shape[-1]
    if columns > WIDEST_ROW:
        raise ValueError(f"a row must have at most {WIDEST_ROW} elements, got {columns}")
    block = row_block(columns)
    return {"C": columns, "COLS": block, "num_warps": min(16, max(4, block // 512))}


def row_block(columns: int) -> int:
    """The power of two, at least 4, that covers a row."""
    return max(4, triton.next_power_of_2(columns))
