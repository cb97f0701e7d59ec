"""Reading masks off what structured dropout returns: which entries share a draw, and how they are scaled."""

from typing import Any

import numpy as np

from dropgrade.checks import masks
from dropgrade.checks.calling import Called
from dropgrade.checks.patterns import SHAPE, Drawing, fresh
from dropgrade.checks.reading import common_factor, judge_factors, name_factor, percent, read_array
from dropgrade.checks.verdicts import Failed, Functions
from dropgrade.reference import structured

ENTRIES = {
    "drop_channels": "A row is an example, an entry one of its channels",
    "drop_path": "Each entry is an example, in rows of equal length",
    "rnn": "A row is a sequence, an entry one of its units",
    "attention": "A row is a query, an entry one of its keys",
}
"""What rows and entries of a mask are, for messages of judges that know masks only."""
RETURNED = ("crashes", "not_implemented", "wrong_return", "wrong_shape")
"""Failures of a call, whose messages need no such words."""
SETTLING = 1e-9
"""Below this a number that should be zero is zero: far above rounding, far below any entry of our inputs."""


def result_shape(name: str, inputs: tuple[Any, ...]) -> tuple[int, ...]:
    """The shape that a function should give back for these inputs."""
    if name == "rnn":
        return (*inputs[0].shape[:2], inputs[2].shape[0])
    return (*inputs[0].shape[:2], inputs[2].shape[2]) if name == "attention" else inputs[0].shape


def call(
    functions: Functions, name: str, inputs: tuple[Any, ...], training: bool, rng: np.random.Generator
) -> np.ndarray:
    """What a function makes of copies of its inputs, which end with p."""
    found = functions[name](*copies(inputs), training, fresh(rng))
    return read_array(found, result_shape(name, inputs), f"The result of {name}")


def copies(inputs: tuple[Any, ...]) -> list[Any]:
    """Arrays that a function may write into without harm to the next call."""
    return [value.copy() if isinstance(value, np.ndarray) else value for value in inputs]


def inputs_for(name: str, rng: np.random.Generator, p: float, dtype: str = "float64") -> tuple[Any, ...]:
    """Small inputs of a function, up to p, with values that are neither zero nor large."""

    def some(*shape: int) -> np.ndarray:
        return (rng.uniform(0.5, 1, shape) * rng.choice([-1.0, 1.0], size=shape)).astype(dtype)

    if name == "drop_channels":
        return some(5, 6, 4, 3), p
    if name == "drop_path":
        return some(7, 4, 3), some(7, 4, 3), p
    if name == "rnn":
        return some(5, 4, 3), some(3, 6) / np.dtype(dtype).type(3), some(6, 6) / np.dtype(dtype).type(6), p
    return some(3, 5, 4), some(3, 6, 4), some(3, 6, 2), p


def without(name: str, inputs: tuple[Any, ...]) -> np.ndarray:
    """What evaluation should return."""
    function = getattr(structured, name)
    return function(*inputs, False, np.random.default_rng(0))


class StructuredDrawing(Drawing):
    """A function as a source of masks for the judges of `masks`: inputs from which each draw can be read."""

    def __init__(self, functions: Functions, name: str) -> None:
        self.called: Called = functions[name]
        self.name = name

    def __call__(self, shape: tuple[int, ...], p: float, rng: np.random.Generator) -> np.ndarray:
        return self.many(shape, p, [rng])[0]

    def many(self, shape: tuple[int, ...], p: float, rngs: list[np.random.Generator]) -> list[np.ndarray]:
        """A mask from each generator."""
        inputs = self.inputs(shape, p)
        found = self.called.many([(*copies(inputs), True, theirs) for theirs in rngs])
        expected, what = result_shape(self.name, inputs), f"The result of {self.name}"
        return [self.read(read_array(y, expected, what), shape) for y in found]

    def inputs(self, shape: tuple[int, ...], p: float) -> tuple[Any, ...]:
        """Inputs with one draw for each entry of a mask of that shape."""
        rows, columns = shape
        if self.name == "drop_channels":
            return np.ones((rows, columns, 2)), p
        if self.name == "drop_path":
            return np.zeros((rows * columns, 2)), np.ones((rows * columns, 2)), p
        if self.name == "rnn":  # the state after the first step is tanh(1); the second step shows what passed
            return (
                np.stack([np.ones((rows, 1)), np.zeros((rows, 1))], axis=1),
                np.ones((1, columns)),
                np.eye(columns),
                p,
            )
        blocks = 2 if rows % 2 == 0 else 1  # two examples, so that both axes are drawn for
        q = np.zeros((blocks, rows // blocks, 1))
        return q, np.zeros((blocks, columns, 1)), np.stack([np.eye(columns)] * blocks), p

    def read(self, y: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
        """The mask behind a result, bool of that shape."""
        if self.name == "drop_channels":
            return y[:, :, 0] != 0
        if self.name == "drop_path":
            return (y[:, 0] != 0).reshape(shape)
        return np.abs(y[:, 1] if self.name == "rnn" else y).reshape(shape) > SETTLING


def judge_draws(functions: Functions, name: str, rng: np.random.Generator) -> None:
    """Rate, rows, neighbours, counts and calls: five judges, each fails by chance at `masks.FALSE_ALARM`."""
    draw = StructuredDrawing(functions, name)
    if name == "attention":
        judge_axes(draw(SHAPE, 0.5, fresh(rng)))
    low, high = rng.integers(100, 240, 2, endpoint=True) / 1000
    plan = ((float(low), SHAPE), (float(round(1 - high, 3)), SHAPE))
    judges = (masks.judge_rows, masks.judge_entries, masks.judge_count, masks.judge_calls)
    for judge, more in ((masks.judge_rate, (plan,)), *((one, ()) for one in judges)):
        try:
            judge(draw, rng, *more)
        except Failed as failure:
            if failure.diagnosis in RETURNED:
                raise
            raise Failed(f"{ENTRIES[name]}. {failure.message}", failure.diagnosis) from None


def judge_axes(keep: np.ndarray) -> None:
    """Has each of two examples draws of its own, and each query? In `keep` one lies below the other."""
    first, second = np.split(keep, 2)
    if np.all(first == first[0]) and np.any(first != first[0, 0]):
        raise Failed("At p = 0.5 all queries of an example lose the same keys.", "keys_not_weights")
    if np.array_equal(first, second) and np.any(first != first[:, :1]):
        raise Failed("At p = 0.5 two examples of a batch lose the same weights.", "one_mask_for_the_batch")


def judge_traces(name: str, into: np.ndarray, gone: np.ndarray, y: np.ndarray) -> None:
    """Has each inf and NaN either gone or stayed, at p = 0.5?

    Args:
        into, y: what may be dropped, one third of it inf and one third NaN, and what came back.
        gone: what is left in a place that was dropped.
    """
    bad, lost = ~np.isfinite(into), (y == gone) | (y == 0)
    if lost[~bad].all() or not lost[~bad].any():
        found = "all" if lost[~bad].any() else "none"
        raise Failed(f"At p = 0.5 {name} should drop about half of 100 ordinary values; {found} went.", None)
    made, left = int((np.isnan(y) & np.isinf(into)).sum()), int((~lost[bad]).sum())
    if made or left == bad.sum():
        raise Failed(
            f"{name} at p = 0.5 turned {made} inf into NaN and left {left} of {bad.sum()} inf and NaN in "
            "place; about half of them should be gone.",
            "multiplies_instead_of_selects",
        )
    if not left:
        raise Failed(f"{name} should leave an inf or NaN that it keeps as it is.", "hides_nonfinite")


def judge_scale(found: dict[float, tuple[np.ndarray, np.ndarray, np.ndarray]]) -> None:
    """Is what is kept divided by 1 - p? `found` holds (out, into, kept) for several p."""
    factors = {p: common_factor(out[kept], into[kept]) for p, (out, into, kept) in found.items()}
    names = [name_factor(factors[p], p, into, kept) for p, (_, into, kept) in found.items()]
    judge_factors(factors, names)


def same_along(keep: np.ndarray, axes: tuple[int, ...]) -> bool:
    """Whether a mask does not change along these axes."""
    return bool(np.all(keep == np.take(keep, [0], axis=axes[0]))) and (
        len(axes) == 1 or same_along(keep, axes[1:])
    )


def judge_planes(y: np.ndarray) -> np.ndarray:
    """The draws behind y (examples, channels, *positions): bool (examples, channels), one for each plane."""
    keep = y != 0
    flat = keep.reshape(*keep.shape[:2], -1)
    mixed = flat.any(axis=2) != flat.all(axis=2)
    if mixed.any():
        positions = tuple(range(2, keep.ndim))
        by_position = same_along(keep, (1,)) and not same_along(keep, positions)
        raise Failed(
            "A channel should be kept or dropped as a whole; "
            f"{percent(mixed.mean())} of the channels are kept in some positions and dropped in others.",
            "positions_not_channels" if by_position else "entries_not_channels",
        )
    return flat[:, :, 0]


def passed_on(y: np.ndarray, x: np.ndarray, w: np.ndarray, u: np.ndarray) -> np.ndarray:
    """What came through from each state to the next, (examples, steps - 1, units), by undoing tanh and u."""
    sums = np.arctanh(np.clip(y[:, 1:], -1 + 1e-12, 1 - 1e-12)) - x[:, 1:] @ w
    return sums @ np.linalg.inv(u)


def rotation(rng: np.random.Generator, n: int, size: float) -> np.ndarray:
    """A random orthogonal matrix times `size`: as easy to undo as a matrix can be."""
    return np.linalg.qr(rng.normal(size=(n, n)))[0] * size
