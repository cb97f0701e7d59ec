"""The checks of exercise 09_gpu: Philox, the counter contract, a layer that stores no mask, three kernels.

Every fact here is exact, bits against bits, so no check ever fails a right answer by chance.
"""

from collections.abc import Callable

import numpy as np

from dropgrade.checks import counter
from dropgrade.checks.calling import listening
from dropgrade.checks.counter import draw_seeds
from dropgrade.checks.gpu_names import name_factor, name_mask
from dropgrade.checks.kernels import cost_of, patient, run_fused, run_plain
from dropgrade.checks.layer import Layer, read_dx, read_y, same, told, values
from dropgrade.checks.pytorch_views import NARROW
from dropgrade.checks.verdicts import Checklist, Exercise, Failed, Functions
from dropgrade.reference import numpy_ops, philox

checks = Checklist()

MOST_BYTES = 64
MOST_INSTRUCTIONS, MOST_PTX = 40.0, 60.0
"""What an element may cost; a Philox call for each costs about 65 (of PTX 80), one for four 28 (30 to 40)."""
LAUNCHES = ((64, 0.5, 64), (1000, 0.3, 512), (1023, 0.7, 256), (1023, 0.7, 1024))
"""n, p and BLOCK of the launches that judge a mask; the last two differ in BLOCK alone."""


@checks.add(points=2)
def layer_drops_by_contract(functions: Functions, rng: np.random.Generator) -> str:
    """SeededDropout gives x / (1 - p) where the contract keeps and 0 elsewhere, in x's dtype."""
    drawn, layer = (0.3, *draw_seeds(rng)), Layer(functions)
    for dtype in NARROW:
        y, x, found = layer.forward(values(rng, 30, 41), drawn, dtype)
        right = layer.expected(x, drawn)
        keep = right != 0
        if not np.array_equal(y != 0, keep):
            raise Failed(
                "The places that are dropped are not those of the contract.",
                name_mask((y != 0).reshape(-1), *drawn),
            )
        if found != dtype:
            raise Failed(f"y should have x's dtype {dtype}; it has {found}.", "dtype_changed")
        if not same(y, right, dtype):
            raise Failed("What is kept should be x / (1 - p).", name_factor(y[keep] / x[keep], 0.3))
    return "four dtypes, the contract's places."


@checks.add(points=2)
def gradient_has_the_same_mask(functions: Functions, rng: np.random.Generator) -> str:
    """The gradient is dy / (1 - p) where the forward pass kept, also after another call in between."""
    drawn, layer = (0.3, *draw_seeds(rng)), Layer(functions)
    x, other, dy = (values(rng, 31, 33) for _ in range(3))
    dx, right = layer.gradient(x, dy, drawn, other), layer.expected(dy, drawn)
    agree = (dx != 0) == (right != 0)
    if not agree.all():
        name = "gradient_ignores_mask" if (dx != 0).all() else "new_mask_in_backward"
        raise Failed(f"The gradient's mask agrees with the output's in {100 * agree.mean():.0f} %.", name)
    if not same(dx, right):
        raise Failed("Where x was kept, dx should be dy / (1 - p).", "gradient_not_rescaled")
    if not same(layer.gradient(0 * x, dy, drawn), right):
        raise Failed("A zero that was kept should have a gradient too.", "mask_guessed_from_values")
    return "one mask for both passes."


@checks.add(points=2)
def no_mask_is_stored(functions: Functions, rng: np.random.Generator) -> str:
    """Between the passes at most 64 bytes are kept, whatever the size."""
    drawn, layer = (0.5, *draw_seeds(rng)), Layer(functions)
    x = values(rng, 128, 128)
    layer.forward(x, drawn)
    kept = layer.play("bytes_between", x, drawn, given=told(x.shape, drawn))
    if kept > MOST_BYTES:
        raise Failed(
            f"For {x.size:,} elements {kept:,} bytes wait for the backward pass; seed, offset and p are "
            f"enough, and take less than {MOST_BYTES}.",
            "mask_is_stored",
        )
    return f"{kept} bytes of arrays for {x.size:,} elements."


@checks.add(points=1)
def differentiable_twice(functions: Functions, rng: np.random.Generator) -> str:
    """dx can be differentiated along dy."""
    drawn, layer = (0.3, *draw_seeds(rng)), Layer(functions)
    x, dy = values(rng, 200), values(rng, 200)
    layer.gradient(x, dy, drawn)
    shown = told(x.shape, drawn)
    seen = layer.play("second_gradient", x, dy, drawn, called="SeededDropout.backward", given=shown)
    if seen.get("kind") != "tensor" or not same(read_dx(seen, x.shape), layer.expected(np.ones(200), drawn)):
        raise Failed("dx should depend on dy by 1 / (1 - p) or 0, and know it.", "not_differentiable_twice")
    return "the derivative of dx along dy is right."


@checks.add(points=1)
def layer_edges(functions: Functions, rng: np.random.Generator) -> str:
    """At p = 1 all is zero, the gradient too, even for inf and NaN; p = 0 changes nothing."""
    seeds, layer = draw_seeds(rng), Layer(functions)
    x = np.array([1.0, np.inf, np.nan] * 20)
    y = layer.forward(x, (1.0, *seeds))[0]
    dx = layer.gradient(x, np.full_like(x, np.inf), (1.0, *seeds))
    if y.any() or dx.any():
        nan = bool(np.isnan(y).any() or np.isnan(dx).any())
        raise Failed(
            "At p = 1 y and dx should be zero, whatever x and dy hold.",
            "multiplies_instead_of_selects" if nan else "edges_inexact",
        )
    if not same(layer.forward(x, (0.5, *seeds))[0], layer.expected(x, (0.5, *seeds))):
        raise Failed("A dropped inf or NaN should become 0.", "multiplies_instead_of_selects")
    if not same(layer.forward(x, (0.0, *seeds))[0], x):
        raise Failed("At p = 0 y should equal x.", "edges_inexact")
    if not layer.refuses(1.5):
        raise Failed("p = 1.5 should raise ValueError.", "p_not_validated")
    return "0, 1, inf, NaN, and a p that is refused."


@checks.add(points=1)
def any_layout(functions: Functions, rng: np.random.Generator) -> str:
    """Transposed, sliced, expanded, empty and 0-d tensors drop by index, and x is left alone."""
    drawn, layer = (0.5, *draw_seeds(rng)), Layer(functions)
    x = values(rng, 8, 6)
    for seen in layer.play("layouts", x, drawn, given=told(x.shape, drawn)):
        view = seen["x"]["values"]
        if not same(read_y(seen["y"], view.shape), layer.expected(view, drawn)):
            raise Failed(
                f"A tensor of shape {view.shape} and strides {tuple(seen['strides'])} should drop by its "
                "row-major index, wherever its elements lie.",
                "drops_by_memory_layout",
            )
        if not seen["untouched"]:
            raise Failed("x should be left as it was.", "input_changed_in_place")
    ones = np.ones(x.shape)
    if not same(layer.gradient(x, ones, drawn, scene="expanded_gradient"), layer.expected(ones, drawn)):
        raise Failed("An expanded dy should be dropped by its index too.", "drops_by_memory_layout")
    return "five layouts, and an expanded gradient."


def judge_plain(functions: Functions, name: str, rng: np.random.Generator, every: int) -> str:
    """Does a kernel use word `every` * i for element i, scale what it keeps, and write all of it?"""
    seed, offset = draw_seeds(rng)
    for n, p, block in LAUNCHES:
        x = values(rng, n).astype(np.float32)
        y, _ = run_plain(functions, name, x, p, seed, offset, block)
        keep = philox.words(n * every, seed, offset)[::every] >= philox.threshold(p)
        if not np.array_equal(y != 0, keep):
            raise Failed(
                f"For n = {n}, p = {p:g} and BLOCK = {block}, {((y != 0) != keep).sum()} of {n} places are "
                "not as they should be.",
                name_mask(y != 0, p, seed, offset, block, every),
            )
        if not np.allclose(y, np.where(keep, x / (1 - p), 0), rtol=1e-5):
            raise Failed("What is kept should be x times scale.", name_factor(y[keep] / x[keep], p))
    return "four launches, place for place."


@checks.add(points=2)
def one_word_kernel(functions: Functions, rng: np.random.Generator) -> str:
    """one_word uses word 0 of block offset + i for element i, whatever BLOCK is."""
    return judge_plain(functions, "one_word", rng, every=4)


@checks.add(points=2)
def four_words_kernel(functions: Functions, rng: np.random.Generator) -> str:
    """four_words draws the contract's mask, whatever BLOCK is: forward and backward may differ in it."""
    return judge_plain(functions, "four_words", rng, every=1)


@checks.add(points=2)
def four_words_pay(functions: Functions, rng: np.random.Generator) -> str:
    """Compiled for a Hopper GPU, four_words costs at most 40 instructions an element."""
    seed, offset = draw_seeds(rng)
    run_plain(functions, "four_words", np.ones(64, dtype=np.float32), 0.5, seed, offset, 64)
    cost = cost_of(functions, "four_words")
    count = cost["instructions"]
    if "share" in cost:
        found = (
            f"{count:.0f} machine instructions an element: in bfloat16 the pipes of an H100 let through "
            f"{round(100 * cost['share'])} % of its bandwidth"
        )
        accesses, most = f"; accesses {', '.join(cost['accesses'])} bits", MOST_INSTRUCTIONS
    else:
        found, accesses, most = f"{count:.0f} PTX instructions an element", "", MOST_PTX
    if count > most:
        raise Failed(f"Your kernel needs {found}; with all four words it takes about 30.", "one_word_of_four")
    return f"{found}{accesses}."


@checks.add(points=2)
def fused_kernel(functions: Functions, rng: np.random.Generator) -> str:
    """fused gives residual + dropout(x + bias) under the contract's mask, for any number of columns."""
    seed, offset = draw_seeds(rng)
    for rows, columns, p, block in ((8, 16, 0.5, 64), (9, 50, 0.3, 256), (33, 7, 0.8, 128)):
        x, residual = (values(rng, rows, columns).astype(np.float32) for _ in range(2))
        bias = 3 * np.abs(values(rng, columns)).astype(np.float32)  # x + bias is never zero
        y, _ = run_fused(functions, x, bias, residual, p, seed, offset, block)
        keep = numpy_ops.keep_mask_seeded(x.shape, p, seed, offset)
        right = residual + np.where(keep, (x + bias) / (1 - p), 0)
        if not np.allclose(y, right, rtol=1e-5, atol=1e-5):
            wrong = int((~np.isclose(y, right, rtol=1e-5, atol=1e-5)).sum())
            raise Failed(
                f"For {rows} rows of {columns}, p = {p:g} and BLOCK = {block}, {wrong} of {x.size} values "
                "are not residual + dropout(x + bias).",
                name_fused(y, x, bias, residual, keep, p, (seed, offset, block)),
            )
    return "three shapes, value for value."


def name_fused(y, x, bias, residual, keep, p: float, drawn: tuple[int, int, int]) -> str | None:
    """Which other formula gives y: all arrays of x's shape, bias (columns,)."""
    rows = np.arange(x.size).reshape(x.shape) // x.shape[1] % bias.size
    formulas: dict[str, Callable[[], np.ndarray]] = {
        "bias_by_row": lambda: residual + np.where(keep, (x + bias[rows]) / (1 - p), 0),
        "residual_is_dropped": lambda: np.where(keep, (x + bias + residual) / (1 - p), 0),
        "bias_after_dropout": lambda: residual + np.where(keep, x / (1 - p), 0) + bias,
        "no_rescale": lambda: residual + np.where(keep, x + bias, 0),
    }
    for name, formula in formulas.items():
        if np.allclose(y, formula(), rtol=1e-5, atol=1e-5):
            return name
    return name_mask(~np.isclose(y, residual, atol=1e-5).reshape(-1), p, *drawn)


@checks.add(points=1)
def nothing_outside(functions: Functions, rng: np.random.Generator) -> str:
    """No kernel stores anything before the first element of y or after its last."""
    seed, offset = draw_seeds(rng)
    x = np.ones((3, 7), dtype=np.float32)
    strays = {
        name: run_plain(functions, name, x.reshape(-1), 0.5, seed, offset, 64)[1]
        for name in ("one_word", "four_words")
    }
    strays["fused"] = run_fused(functions, x, x[0], x, 0.5, seed, offset, 64)[1]
    for name, count in strays.items():
        if count:
            raise Failed(
                f"With 21 elements and BLOCK = 64, {name} overwrote {count} numbers that are not its own.",
                "stores_outside",
            )
    return "21 elements in programs of 64, and every neighbour intact."


@checks.add(points=1)
def quiet(functions: Functions, rng: np.random.Generator) -> str:
    """Legal calls set off no warning and write nothing to stderr."""
    seed, offset = draw_seeds(rng)
    block = rng.integers(2**32, size=4, dtype=np.uint32)

    def draw(p: float) -> None:
        functions["philox"](block, (seed % 2**32, offset % 2**32))
        functions["keep_mask"]((50,), p, seed, offset)

    def differentiate(p: float) -> None:
        Layer(functions).gradient(values(rng, 50), values(rng, 50), (p, seed, offset))

    for call in (draw, differentiate):
        for p in (0.0, 0.5, 1.0):
            with listening() as noise:
                call(p)
            if noise.first():
                raise Failed(f"Your functions should be silent; at p = {p:g} came: {noise.first()}.", "noisy")
    return "not a word."


EXERCISE = Exercise(
    "09_gpu",
    "Dropout on a GPU, without a mask in memory",
    ("philox", "keep_mask", "SeededDropout"),
    ("one_word", "four_words", "fused"),
    tuple(patient(check) for check in counter.checks.checks + checks.checks),
)
