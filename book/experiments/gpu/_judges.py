"""Is the mask right? Asked of every contender before its time counts.

Seeded masks are compared with torch's integers, bit for bit, at the start and at the end of the tensor;
random ones must have the right rate and be the same in the backward pass.
"""

from collections.abc import Callable
from functools import partial

import torch
from _contenders import OFFSET, SEED, Case
from torch import Tensor

from dropgrade.reference.torch_ops import keep_mask, random_words

HEAD, TAIL, PART = 2**20, 2**12, 2**16
Fits = Callable[..., bool]
"""``fits(keep, slack=0)``: slack is the share of kept places that may look dropped."""
Tensors = tuple[Tensor, ...]


def by_contract(case: Case) -> Fits:
    """The contract's mask, compared in the first HEAD elements and in the last TAIL ones."""
    tail = min(TAIL, case.n)
    draw = partial(keep_mask, p=case.p, seed=SEED, device=case.device)
    first = draw((min(HEAD, case.n),), offset=OFFSET)
    last = draw((tail,), offset=OFFSET + (case.n - tail) // 4)

    def fits(keep: Tensor, slack: float = 0) -> bool:
        flat = keep.reshape(-1)
        return agree(flat[: len(first)], first, slack) and agree(flat[-tail:], last, slack)

    return fits


def by_words(case: Case) -> Fits:
    """One word a call: word 0 of block i."""
    words = random_words(4 * min(case.n, PART), SEED, OFFSET, case.device)[::4]
    return _starts_with(words >= round(case.p * 2**32))


def by_halves(case: Case) -> Fits:
    """16-bit halves, the low one first."""
    words = random_words(min(case.n, PART) // 2, SEED, OFFSET, case.device)
    return _starts_with(torch.stack((words & 0xFFFF, words >> 16), -1).reshape(-1) >= round(case.p * 2**16))


def by_floats(case: Case) -> Fits:
    """The tutorial's uniforms: word 0 of block i as a signed number, folded, times 2**-31, as float32."""
    word = random_words(4 * min(case.n, PART), SEED, OFFSET, case.device)[::4].to(torch.int32)
    uniform = torch.where(word < 0, ~word, word).to(torch.float32) * 4.6566127342e-10
    return _starts_with(uniform >= case.p)


def by_stored(case: Case) -> Fits:
    """The mask that lies in memory."""
    return lambda keep: torch.equal(keep, case.stored)


def any_rate(case: Case) -> Fits:
    """For masks that only torch's own generators know, and for other streams: the rate must be right."""

    def fits(keep: Tensor, slack: float = 0) -> bool:
        share = float(keep.sum(dtype=torch.int64)) / case.n
        return abs(share - (1 - case.p)) < slack + 6 * (case.p * (1 - case.p) / case.n) ** 0.5

    return fits


def agree(keep: Tensor, expected: Tensor, slack: float) -> bool:
    """Nothing is kept that should be dropped; at most the share `slack` is dropped that should be kept."""
    return not bool((keep & ~expected).any()) and float((expected & ~keep).float().mean()) <= slack


def plain(fits: Callable[[Case], Fits]):
    """Output and gradient of dropout itself show the mask, and both show the same one."""

    def right(case: Case, y: Tensors, dx: Tensors) -> bool:
        keep = y[0] != 0
        return torch.equal(dx[0] != 0, keep) and fits(case)(keep)

    return right


def behind_residual(fits: Callable[[Case], Fits]):
    """Where a residual hides the mask, the gradient of x shows it, and dropped places hold the residual."""

    def right(case: Case, y: Tensors, dx: Tensors) -> bool:
        keep = dx[0] != 0
        return fits(case)(keep) and torch.equal(y[0][~keep], case.residual[~keep])

    return right


def probabilities(fits: Callable[[Case], Fits]):
    """No probability is exactly zero, so the zeros of the output are the mask."""
    return lambda case, y, dx: fits(case)(y[0] != 0)


def before_norm(fits: Callable[[Case], Fits]):
    """In a sum of 16 bits a kept x can be lost, and a gradient can cancel to zero: both are rare."""

    def right(case: Case, y: Tensors, dx: Tensors) -> bool:
        keep = dx[0] != 0
        unchanged = y[0] == case.residual
        return fits(case)(keep, slack=0.02) and float((unchanged == keep).float().mean()) < 0.02

    return right


def _starts_with(expected: Tensor) -> Fits:
    return lambda keep, slack=0: agree(keep.reshape(-1)[: len(expected)], expected, slack)
