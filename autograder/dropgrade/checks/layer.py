"""The learner's autograd function as the checks of 09_gpu see it, and what it should give.

NumPy and the standard library only: torch is where the learner's class is, and a scene calls it there.
"""

import functools
from typing import Any

import numpy as np

from dropgrade.checks import scenario
from dropgrade.checks.calling import Called, shorten
from dropgrade.checks.pytorch_views import NARROW, Told
from dropgrade.checks.reading import read_mask
from dropgrade.checks.verdicts import Failed, Functions
from dropgrade.reference import numpy_ops

SCENES = f"{__package__}.gpu_scenes"
Drawn = tuple[float, int, int]
"""p, seed, offset."""


class Layer:
    """The learner's SeededDropout.

    Raises:
        Failed: it is no autograd function.
    """

    def __init__(self, functions: Functions) -> None:
        self.made = functions["SeededDropout"].function
        if self.play("kind") != "layer":
            raise Failed("SeededDropout should be a subclass of torch.autograd.Function.", "wrong_return")
        self.mask = contract = numpy_ops.keep_mask_seeded
        shape, drawn = (64,), (0.5, 2**40 + 7, 2**33 + 8)
        kept = self.forward(np.ones(shape), drawn)[0] != 0
        if not np.array_equal(kept, contract(shape, *drawn)) and np.array_equal(
            kept, own_mask(functions, shape, *drawn)
        ):
            self.mask = functools.partial(own_mask, functions)

    def play(
        self, scene: str, *things: Any, called: str = "SeededDropout", given: tuple[Any, ...] = ()
    ) -> Any:
        """Play a scene with the learner's class; `Failed`, in the name of `called`, if its code raises."""
        return Called(called, lambda *_: scenario.play(SCENES, scene, self.made, *things))(*given)

    def forward(
        self, x: np.ndarray, drawn: Drawn, dtype: str = "float32"
    ) -> tuple[np.ndarray, np.ndarray, str]:
        """y, x as it was rounded (both float64, of x's shape), and the dtype of y."""
        seen = self.play("forward", x, dtype, drawn, given=told(x.shape, drawn))
        return read_y(seen["y"], x.shape), seen["x"]["values"], seen["y"]["dtype"]

    def gradient(
        self,
        x: np.ndarray,
        dy: np.ndarray,
        drawn: Drawn,
        other: np.ndarray | None = None,
        scene: str = "gradient",
    ) -> np.ndarray:
        """dx, float64 of x's shape."""
        self.forward(x, drawn)  # what fails here is not the backward pass
        things = (x, drawn) if scene == "expanded_gradient" else (x, dy, drawn, other)
        seen = self.play(scene, *things, called="SeededDropout.backward", given=told(x.shape, drawn))
        return read_dx(seen, x.shape)

    def expected(self, x: np.ndarray, drawn: Drawn) -> np.ndarray:
        """What it should give: by the contract, or by the learner's own keep_mask where that errs alike."""
        p = drawn[0]
        scaled = x * (1 / (1 - p) if p < 1 else 0.0)
        return np.where(self.mask(x.shape, *drawn), scaled, 0.0)

    def refuses(self, p: float) -> bool:
        """Whether that p raises ValueError."""
        call = Called(
            "SeededDropout",
            lambda *_: scenario.play(SCENES, "forward", self.made, np.ones(3), "float32", (p, 0, 0)),
        )
        return isinstance(call.error(p), ValueError)


def told(shape: tuple[int, ...], drawn: Drawn) -> tuple[Any, ...]:
    """The arguments of a call, for a message."""
    p, seed, offset = drawn
    return (
        Told(f"a tensor of shape {shape}"),
        Told(f"p = {p:g}"),
        Told(f"seed {seed}"),
        Told(f"offset {offset}"),
    )


def read_y(seen: dict[str, Any], shape: tuple[int, ...]) -> np.ndarray:
    """The values of an output; `Failed` if it is no tensor of that shape."""
    if seen.get("kind") != "tensor":
        found = shorten(seen.get("kind"))
        raise Failed(f"SeededDropout should return a tensor; it returned a {found}.", "wrong_return")
    if tuple(seen["shape"]) != shape:
        found = tuple(seen["shape"])
        raise Failed(f"y should have the shape {shape} of x; it has {found}.", "wrong_shape")
    return np.asarray(seen["values"])


def read_dx(seen: dict[str, Any], shape: tuple[int, ...]) -> np.ndarray:
    """The values of a gradient; `Failed` if there is none."""
    if seen.get("kind") == "no graph":
        raise Failed("y does not know that it depends on x; is it made inside forward?", "wrong_return")
    if seen.get("kind") != "tensor" or tuple(seen["shape"]) != shape:
        raise Failed("SeededDropout.backward gives no gradient for x.", "wrong_return")
    return np.asarray(seen["values"])


def own_mask(functions: Functions, shape: tuple[int, ...], p: float, seed: int, offset: int) -> np.ndarray:
    """The mask that the learner's keep_mask draws; the contract's where it draws none."""
    try:
        return read_mask(functions["keep_mask"](shape, p, seed, offset), shape)
    except Failed:
        return numpy_ops.keep_mask_seeded(shape, p, seed, offset)


def values(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Numbers of either sign with sizes in [1, 2), exact in float32: none is zero."""
    sizes = (1 + rng.random(shape, dtype=np.float32)).astype(np.float64)
    return np.asarray(sizes * rng.choice([-1.0, 1.0], size=shape))


def same(got: np.ndarray, right: np.ndarray, dtype: str = "float32") -> bool:
    """Equal up to two units of the dtype; NaN only where NaN should be."""
    return bool(np.allclose(got, right, rtol=2 * NARROW[dtype], atol=0, equal_nan=True))
