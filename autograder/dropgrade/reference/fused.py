"""Dropout together with its neighbours, one pass over memory where the input lies on a GPU.

Each function equals the composition of its parts (see its first line) under the same state, and keeps no
mask for the backward pass. On a GPU it launches a kernel of `triton_fused`; elsewhere it is that
composition, written in torch.
"""

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

from dropgrade.reference.philox import require_probability, threshold
from dropgrade.reference.torch_ops import require_float, seeded_dropout


def bias_dropout_residual(
    x: Tensor, bias: Tensor, residual: Tensor, p: float, state: Tensor, *, kernels: bool | None = None
) -> Tensor:
    """``residual + dropout(x + bias)``, the end of each half of a transformer block.

    Args:
        x: floating-point tensor (..., C).
        bias: (C,), x's dtype.
        residual: x's shape and dtype.
        p: drop probability, 0 <= p <= 1.
        state: int64 tensor (2,) on x's device, seed and offset.
        kernels: whether Triton computes it; None means where x lies on a GPU.

    Returns:
        Tensor of x's shape and dtype, differentiable in x, bias and residual. Kept for backward: the state.

    Raises:
        ValueError: p outside [0, 1] or NaN, or shapes do not fit.
        TypeError: x is not floating-point, or dtypes differ.
    """
    _require(x, p, {"bias": (bias, x.shape[-1:]), "residual": (residual, x.shape)})
    if _by_triton(x, p, kernels):
        return _BiasDropoutResidual.apply(x, bias, residual, p, state)
    return residual + seeded_dropout(x + bias, p, state)


def softmax_dropout(scores: Tensor, p: float, state: Tensor, *, kernels: bool | None = None) -> Tensor:
    """``dropout(softmax(scores, -1))``, attention's probabilities.

    Args:
        scores: floating-point tensor (..., C); with kernels, C at most 65,536.
        p, state, kernels: as in `bias_dropout_residual`.

    Returns:
        Tensor of the scores' shape and dtype. Kept for backward: the scores and the state; the undropped
        probabilities, which backward needs and the output lacks, are computed again.

    Raises:
        ValueError: p outside [0, 1] or NaN, or a row too long for the kernel.
        TypeError: scores are not floating-point.
    """
    _require(scores, p, {})
    if _by_triton(scores, p, kernels):
        return _SoftmaxDropout.apply(scores, p, state)
    return seeded_dropout(F.softmax(scores, -1), p, state)


def dropout_layer_norm(
    x: Tensor,
    residual: Tensor,
    weight: Tensor,
    bias: Tensor,
    p: float,
    state: Tensor,
    eps: float = 1e-5,
    *,
    kernels: bool | None = None,
) -> tuple[Tensor, Tensor]:
    """``z = residual + dropout(x)`` and ``LayerNorm(z)``, the seam between two pre-norm blocks.

    Args:
        x: floating-point tensor (..., C); with kernels, C at most 65,536.
        residual: x's shape and dtype.
        weight, bias: (C,), the norm's, x's dtype.
        p, state, kernels: as in `bias_dropout_residual`.
        eps: added to the variance.

    Returns:
        z and LayerNorm(z), both of x's shape and dtype. Kept for backward: z, which lives on anyway, two
        numbers a row, the weight and the state.

    Raises:
        ValueError: p outside [0, 1] or NaN, shapes do not fit, or a row too long for the kernel.
        TypeError: x is not floating-point, or dtypes differ.
    """
    columns = x.shape[-1:]
    _require(x, p, {"residual": (residual, x.shape), "weight": (weight, columns), "bias": (bias, columns)})
    if _by_triton(x, p, kernels):
        return _DropoutLayerNorm.apply(x, residual, weight, bias, p, state, eps)
    z = residual + seeded_dropout(x, p, state)
    return z, F.layer_norm(z, columns, weight, bias, eps)


class _BiasDropoutResidual(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, bias, residual, p, state):
        from dropgrade.reference import triton_fused

        ctx.p = p
        ctx.save_for_backward(state)
        return triton_fused.bias_dropout_residual(*_dense(x, bias, residual), p, state)

    @staticmethod
    @once_differentiable
    def backward(ctx, dy):
        from dropgrade.reference import triton_fused

        (state,) = ctx.saved_tensors
        dx, dbias = triton_fused.bias_dropout_backward(dy.contiguous(), ctx.p, state)
        return dx, dbias, dy, None, None


class _SoftmaxDropout(torch.autograd.Function):
    @staticmethod
    def forward(ctx, scores, p, state):
        from dropgrade.reference import triton_fused

        scores = scores.contiguous()
        ctx.p = p
        ctx.save_for_backward(scores, state)
        return triton_fused.softmax_dropout(scores, p, state)

    @staticmethod
    @once_differentiable
    def backward(ctx, dy):
        from dropgrade.reference import triton_fused

        scores, state = ctx.saved_tensors
        return triton_fused.softmax_dropout_backward(scores, dy.contiguous(), ctx.p, state), None, None


class _DropoutLayerNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, residual, weight, bias, p, state, eps):
        from dropgrade.reference import triton_fused

        x, residual, weight, bias = _dense(x, residual, weight, bias)
        z, h, mean, rstd = triton_fused.dropout_layer_norm(x, residual, weight, bias, p, state, eps)
        ctx.p = p
        ctx.save_for_backward(z, weight, mean, rstd, state)
        return z, h

    @staticmethod
    @once_differentiable
    def backward(ctx, dz, dh):
        from dropgrade.reference import triton_fused

        *saved, state = ctx.saved_tensors
        gradients = triton_fused.dropout_layer_norm_backward(*_dense(dz, dh), *saved, ctx.p, state)
        return *gradients, None, None, None


def _dense(*tensors: Tensor) -> tuple[Tensor, ...]:
    """The tensors as kernels read them: contiguous, copied where they are not."""
    return tuple(tensor.contiguous() for tensor in tensors)


def _by_triton(x: Tensor, p: float, kernels: bool | None) -> bool:
    """Whether kernels compute it; they need an element, and a p for which something is kept."""
    return (x.is_cuda if kernels is None else kernels) and x.numel() > 0 and threshold(p) < 2**32


def _require(x: Tensor, p: float, others: dict[str, tuple[Tensor, torch.Size]]) -> None:
    """Raise unless p is a probability, x is floating-point, and the others have x's dtype and their shape."""
    require_probability(p)
    require_float(x)
    for name, (tensor, shape) in others.items():
        if tensor.shape != shape:
            raise ValueError(f"{name} must have shape {tuple(shape)}, got {tuple(tensor.shape)}")
        if tensor.dtype != x.dtype:
            raise TypeError(f"{name} must have x's dtype {x.dtype}, got {tensor.dtype}")
