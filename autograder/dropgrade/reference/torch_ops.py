"""Dropout in torch: Philox in integers, a seeded form that keeps 16 bytes, and a layer with a generator.

The seeded form follows the course's counter contract (see `philox`): its masks equal NumPy's and Triton's
bit for bit on every device. All forms multiply what is kept by ``1 / (1 - p)``, in float32 for 16-bit inputs
and rounded once, and *select* what is dropped to zero, so that a dropped inf or NaN does not survive.

Source: srivastava2014dropout (the layer, inverted as in its section 10); salmon2011parallel (Philox).
"""

import math

import torch
from torch import Tensor, nn

from dropgrade.reference.philox import require_probability, threshold

LOW_WORD = 0xFFFFFFFF
MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
KEY_STEPS = (0x9E3779B9, 0xBB67AE85)

Seed = int | Tensor
"""A 64-bit integer, or a 0-d int64 tensor holding one (read on its own device, without a synchronisation)."""


def philox4x32(counter: tuple[Tensor, ...], key: tuple[Seed, Seed], rounds: int = 10) -> tuple[Tensor, ...]:
    """Philox-4x32: four random 32-bit words for each 128-bit counter.

    Args:
        counter: four int64 tensors (...,) of 32-bit words, the lowest first.
        key: two 32-bit words, the lower first.
        rounds: 10 is the published choice; 7 still passes the statistical batteries.

    Returns:
        Four int64 tensors (...,) with values in [0, 2**32).

    Source: salmon2011parallel, section 3.3.
    """
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(rounds):
        # Below, int64 products wrap modulo 2**64: the bits are right, and the mask undoes the sign's shift.
        a, b = c0 * MULTIPLIERS[0], c2 * MULTIPLIERS[1]
        c0, c1 = ((b >> 32) & LOW_WORD) ^ c1 ^ k0, b & LOW_WORD
        c2, c3 = ((a >> 32) & LOW_WORD) ^ c3 ^ k1, a & LOW_WORD
        k0, k1 = (k0 + KEY_STEPS[0]) & LOW_WORD, (k1 + KEY_STEPS[1]) & LOW_WORD
    return c0, c1, c2, c3


def random_words(n: int, seed: Seed, offset: Seed = 0, device: torch.device | str | None = None) -> Tensor:
    """The first n words of the stream: word i % 4 of block ``offset + i // 4`` under key `seed`.

    Returns:
        int64 tensor (n,) with values in [0, 2**32).
    """
    block = torch.arange((n + 3) // 4, device=device) + _signed(offset)
    zero = torch.zeros_like(block)
    seed = _signed(seed)
    words = philox4x32(
        (block & LOW_WORD, (block >> 32) & LOW_WORD, zero, zero), (seed & LOW_WORD, (seed >> 32) & LOW_WORD)
    )
    return torch.stack(words, dim=-1).reshape(-1)[:n]


def keep_mask(
    shape: tuple[int, ...],
    p: float,
    seed: Seed,
    offset: Seed = 0,
    device: torch.device | str | None = None,
) -> Tensor:
    """The course's seeded keep mask: True where element i's word is at least ``round(p * 2**32)``.

    Args:
        shape: of the mask; elements are numbered in row-major order.
        p: drop probability, 0 <= p <= 1.
        seed, offset: 64-bit integers; a call uses the blocks from `offset` on, one for four elements.

    Returns:
        bool tensor of `shape`.

    Raises:
        ValueError: p outside [0, 1] or NaN.

    >>> bool(keep_mask((2, 3), 0.0, seed=7).all()), bool(keep_mask((2, 3), 1.0, seed=7).any())
    (True, False)
    """
    lowest = threshold(p)
    return (random_words(math.prod(shape), seed, offset, device) >= lowest).reshape(shape)


def blocks_used(n: int) -> int:
    """Blocks that a mask of n elements takes from the stream: the next call's offset is that much further."""
    return (n + 3) // 4


def pack_state(seed: int, offset: int = 0, device: torch.device | str | None = None) -> Tensor:
    """Seed and offset as an int64 tensor (2,): the 16 bytes that a seeded dropout keeps for its backward."""
    return torch.tensor([_signed(seed), _signed(offset)], device=device)


def draw_state(generator: torch.Generator | None = None, device: torch.device | str | None = None) -> Tensor:
    """A fresh state: seed and offset drawn from `generator` (None: torch's own for the device).

    Drawn on the device where it is used, so a CUDA graph draws a new one at each replay.
    """
    source = generator.device if generator is not None else device
    return torch.randint(2**62, (2,), generator=generator, device=source).to(device)


def select_scaled(x: Tensor, keep: Tensor, p: float) -> Tensor:
    """``x / (1 - p)`` where kept, else 0, in x's dtype; 16-bit inputs are multiplied in float32."""
    wide = torch.float64 if x.dtype == torch.float64 else torch.float32
    scale = 1.0 / (1.0 - p) if p < 1 else 0.0
    scaled = (x.to(wide) * scale).to(x.dtype)
    return torch.where(keep, scaled, torch.zeros_like(scaled))


class _Seeded(torch.autograd.Function):
    """Dropout whose backward draws the same mask again instead of reading a stored one."""

    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor, state: Tensor, p: float) -> Tensor:
        return select_scaled(x, keep_mask(x.shape, p, state[0], state[1], x.device), p)

    @staticmethod
    def setup_context(ctx, inputs, output) -> None:
        _, state, ctx.p = inputs
        ctx.save_for_backward(state)

    @staticmethod
    def backward(ctx, dy: Tensor):
        (state,) = ctx.saved_tensors
        return _Seeded.apply(dy, state, ctx.p), None, None


class _Masked(torch.autograd.Function):
    """Dropout with a mask drawn before; keeps that mask, one byte an element."""

    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor, keep: Tensor, p: float) -> Tensor:
        return select_scaled(x, keep, p)

    @staticmethod
    def setup_context(ctx, inputs, output) -> None:
        _, keep, ctx.p = inputs
        ctx.save_for_backward(keep)

    @staticmethod
    def backward(ctx, dy: Tensor):
        (keep,) = ctx.saved_tensors
        return _Masked.apply(dy, keep, ctx.p), None, None


def seeded_dropout(x: Tensor, p: float, state: Tensor) -> Tensor:
    """Inverted dropout under the mask that `state` names.

    Args:
        x: floating-point tensor (...,), of any layout; elements are numbered in row-major order.
        p: drop probability, 0 <= p <= 1.
        state: int64 tensor (2,) on x's device, from `pack_state` or `draw_state`.

    Returns:
        Tensor of x's shape and dtype. Differentiable any number of times; 16 bytes are kept for backward.

    Raises:
        ValueError: p outside [0, 1] or NaN.
        TypeError: x is not floating-point.
    """
    require_float(x)
    require_probability(p)
    return _Seeded.apply(x, state, p)


class SeededDropout(nn.Module):
    """Inverted dropout in training, the identity in eval; a new 16-byte state a call, and no mask kept.

    Args:
        p: drop probability, 0 <= p <= 1.
        generator: draws the states; None means torch's own generator of the input's device.
    """

    def __init__(self, p: float = 0.5, generator: torch.Generator | None = None):
        super().__init__()
        require_probability(p)
        self.p = p
        self.generator = generator

    def forward(self, x: Tensor) -> Tensor:
        require_float(x)
        if not self.training or self.p == 0:
            return x
        return _Seeded.apply(x, draw_state(self.generator, x.device), self.p)

    def extra_repr(self) -> str:
        return f"p={self.p}"


class Dropout(nn.Module):
    """Inverted dropout in training, the identity in eval; the mask is drawn as floats and kept as bools.

    Args:
        p: drop probability, 0 <= p <= 1.
        generator: draws the masks, on its own device; None means torch's own generator of the input's device.
    """

    def __init__(self, p: float = 0.5, generator: torch.Generator | None = None):
        super().__init__()
        require_probability(p)
        self.p = p
        self.generator = generator

    def forward(self, x: Tensor) -> Tensor:
        require_float(x)
        if not self.training or self.p == 0:
            return x
        source = self.generator.device if self.generator is not None else x.device
        u = torch.rand(x.shape, generator=self.generator, device=source)
        return _Masked.apply(x, (u >= self.p).to(x.device), self.p)

    def extra_repr(self) -> str:
        return f"p={self.p}"


def require_float(x: Tensor) -> None:
    """Raise TypeError unless x is a floating-point tensor: scaling by 1 / (1 - p) would not fit integers."""
    if not x.is_floating_point():
        raise TypeError(f"x must be a floating-point tensor, got {x.dtype}")


def _signed(value: Seed) -> Seed:
    """A 64-bit integer as int64 holds it (two's complement); tensors pass as they are."""
    if isinstance(value, Tensor):
        return value
    return (value + 2**63) % 2**64 - 2**63
