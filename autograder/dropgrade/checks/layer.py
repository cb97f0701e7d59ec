"""Calling a learner's autograd function, and what it should give; torch is imported when a check calls."""

import functools
from typing import TYPE_CHECKING, Any

import numpy as np

from dropgrade.checks.calling import Called, shorten
from dropgrade.checks.reading import read_mask
from dropgrade.checks.verdicts import Failed, Functions
from dropgrade.reference import numpy_ops

if TYPE_CHECKING:
    from torch import Tensor


class Layer:
    """The learner's SeededDropout, called as ``layer(x, p, seed, offset)``."""

    def __init__(self, functions: Functions) -> None:
        import torch

        found = functions["SeededDropout"].function
        if not (isinstance(found, type) and issubclass(found, torch.autograd.Function)):
            raise Failed("SeededDropout should be a subclass of torch.autograd.Function.", "wrong_return")
        self.called = Called("SeededDropout", found.apply)
        self.mask = self.contract = numpy_ops.keep_mask_seeded
        ones, drawn = torch.ones(64), ((64,), 0.5, 2**40 + 7, 2**33 + 8)
        kept = flat(self(ones, *drawn[1:])) != 0
        if not np.array_equal(kept, self.contract(*drawn)) and np.array_equal(
            kept, own_mask(functions, *drawn)
        ):
            self.mask = functools.partial(own_mask, functions)

    def __call__(self, x: "Tensor", p: float, seed: int, offset: int) -> "Tensor":
        """A tensor of x's shape; `Failed` if it is anything else."""
        import torch

        y = self.called(x, p, seed, offset)
        if not isinstance(y, torch.Tensor):
            raise Failed(f"SeededDropout should return a tensor; it returned {shorten(y)}.", "wrong_return")
        if y.shape != x.shape:
            found, expected = tuple(y.shape), tuple(x.shape)
            raise Failed(f"y should have the shape {expected} of x; it has {found}.", "wrong_shape")
        return y

    def expected(self, x: "Tensor", p: float, seed: int, offset: int) -> "Tensor":
        """What it should give: by the contract, or by the learner's own keep_mask where that errs alike."""
        import torch

        from dropgrade.reference.torch_ops import select_scaled

        return select_scaled(x, torch.from_numpy(self.mask(tuple(x.shape), p, seed, offset)), p)

    def refuses(self, p: float) -> bool:
        """Whether that p raises ValueError."""
        import torch

        return isinstance(self.called.error(torch.ones(3), p, 0, 0), ValueError)


def own_mask(functions: Functions, shape: tuple[int, ...], p: float, seed: int, offset: int) -> np.ndarray:
    """The mask that the learner's keep_mask draws; the contract's where it draws none."""
    try:
        return read_mask(functions["keep_mask"](shape, p, seed, offset), shape)
    except Failed:
        return numpy_ops.keep_mask_seeded(shape, p, seed, offset)


def gradient(y: "Tensor", x: "Tensor", dy: "Tensor", **options: bool) -> "Tensor":
    """The gradient through the learner's backward; `Failed` if it raises, or gives none."""
    import torch

    def backward(*_: Any) -> Any:
        return torch.autograd.grad(y, x, dy, allow_unused=True, **options)[0]

    if not y.requires_grad:
        raise Failed("y does not know that it depends on x; is it made inside forward?", "wrong_return")
    dx = Called("SeededDropout.backward", backward)(shorten(tuple(dy.shape)))
    if dx is None:
        raise Failed("SeededDropout.backward gives no gradient for x.", "wrong_return")
    return dx


def tensor(rng: np.random.Generator, *shape: int, dtype: str = "float32") -> "Tensor":
    """Values of either sign with sizes in [1, 2): none is zero."""
    import torch

    values = (1 + rng.random(shape)) * rng.choice([-1.0, 1.0], size=shape)
    return torch.from_numpy(np.asarray(values)).to(getattr(torch, dtype))


def same(got: "Tensor", right: "Tensor") -> bool:
    """Equal up to two units of the dtype; NaN only where NaN should be."""
    import torch

    unit = 2 * torch.finfo(right.dtype).eps
    return torch.allclose(got.double(), right.double(), rtol=unit, atol=0, equal_nan=True)


def flat(x: "Tensor") -> np.ndarray:
    """The elements in row-major order, as float64 (n,)."""
    return x.detach().double().reshape(-1).numpy()
