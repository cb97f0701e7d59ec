"""How the checks of 08_pytorch see a learner's layer: through scenes that return plain data.

NumPy and the standard library only: torch is where the learner's classes are.
"""

import importlib.util
from typing import TYPE_CHECKING, Any

import numpy as np

from dropgrade.checks import scenario
from dropgrade.checks.calling import Called
from dropgrade.checks.common import signed
from dropgrade.checks.patterns import Drawing
from dropgrade.checks.reading import percent
from dropgrade.checks.verdicts import Failed, Functions

if TYPE_CHECKING:  # never loaded here, and yet what a verdict depends on: the proof follows this line
    from dropgrade.checks import pytorch_scenes  # noqa: F401

LAYER, FUNCTION, BOTH = ("Dropout",), ("DropoutFunction",), ("Dropout", "DropoutFunction")
"""What a check may ask for."""
SMALL = (40, 50)
"""The shape of most inputs."""
SCENES = f"{__package__}.pytorch_scenes"
NARROW = {"float16": 2.0**-10, "bfloat16": 2.0**-7, "float32": 2.0**-23, "float64": 2.0**-52}
"""The floating dtypes and the distance from 1 to the next number."""


class Told(str):
    """Words that a message shows as they are."""

    __repr__ = str.__str__


class Rate(float):
    """A rate that a message shows with its name."""

    def __repr__(self) -> str:
        return f"p = {float(self):g}"


def stage(
    functions: Functions, scene: str, *things: Any, of: tuple[str, ...] = ("Dropout",), given=()
) -> Any:
    """Play a scene with some of the learner's classes.

    Args:
        scene: its name in `pytorch_scenes`.
        things: plain data for it.
        of: which of the learner's classes it is handed, before `things`.
        given: words and rates for the message if the learner's code raises.

    Raises:
        Failed: the learner's code raised, or the library's own dropout was called.
    """
    if importlib.util.find_spec("torch") is None:
        raise Failed("This exercise needs torch: `pip install torch` where the notebook runs.")
    classes = [functions[name].function for name in of]

    def play(*_: Any) -> Any:
        return scenario.play(SCENES, "perform", scene, of, *classes, *things)

    seen = Called(of[-1], play)(*given)
    if isinstance(seen, dict) and "unfit" in seen:
        raise Failed(str(seen["unfit"])[:200], "wrong_return")
    if not isinstance(seen, dict) or "value" not in seen:
        raise Failed("What the layer did could not be seen.", "wrong_return")
    if seen["borrowed"]:
        name = str(seen["borrowed"][0])[:40]
        raise Failed(f"Torch's own {name} was called; the point is to write it yourself.", "library_dropout")
    return seen["value"]


def read(seen: dict[str, Any], shape: tuple[int, ...], what: str, dtype: str = "") -> np.ndarray:
    """The values of a tensor that a scene looked at, float64; `Failed` for another kind, shape or dtype."""
    if seen.get("kind") == "no gradient" or (what.startswith("dx") and seen.get("kind") == "NoneType"):
        raise Failed(f"There is no gradient: {what} cannot be computed.", "graph_is_cut")
    if seen.get("kind") != "tensor":
        raise Failed(f"{what} should be a tensor; it is of type {seen.get('kind')}.", "wrong_return")
    if tuple(seen["shape"]) != shape:
        raise Failed(f"{what} should have shape {shape}; it has {tuple(seen['shape'])}.", "wrong_shape")
    if dtype and seen["dtype"] != dtype:
        wider = NARROW.get(seen["dtype"], 1) < NARROW[dtype]
        raise Failed(
            f"{what} should have dtype {dtype}; it has {seen['dtype']}.",
            "dtype_widened" if wider else "dtype_changed",
        )
    return np.asarray(seen["values"])


class Draws(Drawing):
    """The learner's layer as a `Draw`: each mask from a layer with a generator of its own."""

    def __init__(self, functions: Functions, dtype: str = "float32") -> None:
        self.functions, self.dtype = functions, dtype

    def __call__(self, shape: tuple[int, ...], p: float, rng: np.random.Generator) -> np.ndarray:
        return self.many(shape, p, [rng])[0]

    def many(self, shape, p, rngs, calls: int = 1) -> list[np.ndarray]:
        """A mask from a generator each, or `calls` in a row from one layer."""
        seeds = [new_seed(rng) for rng in rngs]
        given = (Told(f"ones of shape {shape} and dtype {self.dtype}"), Rate(p))
        found = stage(self.functions, "masks", shape, p, seeds, calls, self.dtype, given=given)
        return [self._read(mask, shape) for mask in found]

    def _read(self, mask: Any, shape: tuple[int, ...]) -> np.ndarray:
        if isinstance(mask, dict):
            raise Failed(f"y should be a tensor; it is of type {mask.get('kind')}.", "wrong_return")
        if mask.shape != shape:
            raise Failed(f"y should have the shape {shape} of x; it has {mask.shape}.", "wrong_shape")
        return mask


def new_seed(rng: np.random.Generator) -> int:
    """A seed for a torch generator."""
    return int(rng.integers(2**62))


def name_repetition(functions: Functions, rng: np.random.Generator) -> str:
    """Why masks repeat: kept from an earlier call, or drawn from a seed that the layer sets itself.

    The shape is one that no check has used before: a layer that remembers masks has to draw for it.
    """
    shape = (2 * int(rng.integers(16)) + 33, int(rng.integers(1000)) + 101)
    seen = stage(functions, "drawing", new_seed(rng), shape, given=(Told("ones"), Rate(0.5)))
    first, other = (read(seen[name], shape, "y") for name in ("first", "other"))
    same = np.array_equal(first != 0, other != 0)
    return "reseeds_each_call" if same and seen["used"] == seen["used by other"] else "frozen_mask"


def passes(
    functions: Functions,
    x: np.ndarray,
    p: float,
    rng: np.random.Generator,
    dy: np.ndarray | None = None,
    **options: Any,
) -> tuple[np.ndarray, np.ndarray | None]:
    """y, and dx where dy is given, of one call at p; both as float64 arrays of x's shape."""
    case = {"x": x, "p": p, "seed": new_seed(rng)} | options
    if dy is not None:
        case["dy"] = dy
    mode = "in evaluation" if options.get("eval") else "in training"
    given = (Told(f"a tensor of shape {x.shape} and dtype {options.get('dtype', 'float32')} {mode}"), Rate(p))
    (seen,) = stage(functions, "outputs", [case], given=given)
    y = read(seen["y"], x.shape, "y")
    return y, None if dy is None else read(seen["dx"], x.shape, f"dx at p = {p:g}")


def judge_gradient(x: np.ndarray, y: np.ndarray, dy: np.ndarray, dx: np.ndarray, p: float) -> None:
    """Is dx the slope of y along dy? x is nowhere zero; all are of one shape."""
    slope = y / x
    right = dy * slope
    if np.allclose(dx, right, rtol=1e-5, atol=0):
        return
    kept, passed = slope != 0, dx != 0
    if not np.array_equal(kept, passed):
        agree = (kept == passed).mean()
        raise Failed(
            f"At p = {p:g} the gradient should pass where x was kept; the two masks agree in "
            f"{percent(agree)} of the entries.",
            "gradient_ignores_mask" if passed.all() else "new_mask_in_backward",
        )
    factor = dx[kept] / dy[kept]
    shown = f"{factor[0]:.4g}" if np.allclose(factor, factor[0], rtol=1e-4) else "not the same everywhere"
    known = {"gradient_not_rescaled": 1.0, "gradient_scaled_twice": 1 / (1 - p) ** 2}
    names = [name for name, value in known.items() if np.allclose(factor, value, rtol=1e-4)]
    raise Failed(
        f"At p = {p:g} dx should be {slope[kept][0]:.4g} times dy where x was kept; the factor is {shown}.",
        names[0] if names else "wrong_scale",
    )


def pair(rng: np.random.Generator, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Two float32-exact arrays of either sign with sizes in [1, 2)."""
    return tuple(signed(rng, shape).astype(np.float32).astype(np.float64) for _ in range(2))
