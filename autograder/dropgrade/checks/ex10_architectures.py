"""The checks of exercise 10_architectures: which entries share a draw, from channels to attention."""

from typing import Any

import numpy as np

from dropgrade.checks import masks
from dropgrade.checks.calling import listening
from dropgrade.checks.common import judge_bad_p, judge_dtype, judge_untouched, signed
from dropgrade.checks.patterns import fresh
from dropgrade.checks.reading import read_array
from dropgrade.checks.structure_names import (
    name_attention,
    name_path,
    name_rates,
    name_recurrence,
    name_shift,
)
from dropgrade.checks.structures import (
    RETURNED,
    SETTLING,
    StructuredDrawing,
    call,
    copies,
    inputs_for,
    judge_draws,
    judge_planes,
    judge_scale,
    judge_traces,
    passed_on,
    result_shape,
    rotation,
    without,
)
from dropgrade.checks.verdicts import Checklist, Exercise, Failed, Functions
from dropgrade.reference import structured

checks = Checklist()

DROPPING = ("drop_channels", "drop_path", "rnn", "attention")
DRAWS = 5 * masks.FALSE_ALARM
WEAK = "a rate 3.5 points off, or entries that agree 7 points too often, in at least 999 of 1,000 runs"


@checks.add(points=1)
def returns_arrays(functions: Functions, rng: np.random.Generator) -> str:
    """Each function returns one array of the right shape."""
    for name in DROPPING:
        for training in (True, False):
            call(functions, name, inputs_for(name, rng, 0.3), training, rng)
    read_array(functions["path_rates"](4, 0.3), (4,), "The result of path_rates")
    x, w = signed(rng, (9, 4)), signed(rng, (4, 3))
    read_array(functions["variance_shift"](x, w, 0.3), (3,), "The result of variance_shift")
    return "six arrays of the right shape."


@checks.add(points=2, uses=("drop_channels",))
def channels_share_a_draw(functions: Functions, rng: np.random.Generator) -> str:
    """A channel is dropped as a whole or divided by 1 - p as a whole, in 1-D, 2-D and 3-D maps."""
    found = {}
    for p, shape in ((0.2, (30, 20, 5)), (0.7, (30, 20, 4, 3)), (0.4, (12, 40, 2, 3, 2))):
        x = signed(rng, shape)
        y = call(functions, "drop_channels", (x, p), True, rng)
        keep = judge_planes(y)
        if keep.all() or not keep.any():
            raise Failed(f"At p = {p:g} all channels of a batch share one fate.", "one_mask_for_the_batch")
        found[p] = (y, x, y != 0)
    judge_scale(found)
    return "channels are dropped or scaled as a whole."


@checks.add(points=2, false_alarm=DRAWS, catches=WEAK, seconds=15, uses=("drop_channels",))
def channel_draws(functions: Functions, rng: np.random.Generator) -> str:
    """Each channel of each example has a draw of its own, kept with probability 1 - p."""
    judge_draws(functions, "drop_channels", rng)
    return "rate, rows, neighbours, counts and calls are those of independent draws."


@checks.add(points=2, uses=("path_rates",))
def schedule_is_linear(functions: Functions, rng: np.random.Generator) -> str:
    """path_rates gives block l of 1 ... depth the rate last * l / depth."""
    lasts = [*rng.uniform(0.1, 0.9, 4).tolist(), 0.0, 1.0]
    for depth, last in zip((5, 24, 2, 1, 4, 4), lasts, strict=True):
        rates = read_array(functions["path_rates"](depth, last), (depth,), "The result of path_rates")
        right = structured.path_rates(depth, last)
        if not np.allclose(rates, right, rtol=1e-9, atol=1e-12):
            shown = ", ".join(f"{rate:.3g}" for rate in rates[:3])
            raise Failed(
                f"For {depth} blocks and last = {last:.3f} the rates should begin {right[0]:.3g} and end "
                f"{right[-1]:.3g}; yours are {shown}{', …' if depth > 3 else ''} and end {rates[-1]:.3g}.",
                name_rates(rates, last),
            )
    return "the rates rise in equal steps to the last."


@checks.add(points=2, false_alarm=4 * 0.8**200, uses=("drop_path",))
def branch_dropped_per_example(functions: Functions, rng: np.random.Generator) -> str:
    """drop_path gives x for some examples and x + branch / (1 - p) for the others."""
    found = {}
    for p in (0.2, 0.7):
        x, branch = signed(rng, (200, 4, 3)), signed(rng, (200, 4, 3))
        y = call(functions, "drop_path", (x, branch, p), True, rng)
        added = np.where(np.abs(y - x) > 1e-9, y - x, 0)
        keep = (added != 0).reshape(200, -1)
        whole = np.array_equal(keep.any(axis=1), keep.all(axis=1))
        if not whole or keep.all() or not keep.any():
            raise Failed(
                f"At p = {p:g} the branch should be missing for some examples as a whole and present for the "
                "others as a whole, and the shortcut x always present; it is not so.",
                name_path(x, branch, y, keep),
            )
        found[p] = (added, branch, added != 0)
    judge_scale(found)
    return "the shortcut always passes, the branch for some examples."


@checks.add(points=2, false_alarm=DRAWS, catches=WEAK, seconds=15, uses=("drop_path",))
def path_draws(functions: Functions, rng: np.random.Generator) -> str:
    """Each example has a draw of its own, its branch kept with probability 1 - p."""
    judge_draws(functions, "drop_path", rng)
    return "rate, neighbours, counts and calls are those of independent draws."


@checks.add(points=3, uses=("rnn",))
def one_mask_over_time(functions: Functions, rng: np.random.Generator) -> str:
    """rnn passes the state on through one mask, the same at each step, divided by 1 - p."""
    for p in (0.3, 0.6):
        x, w = signed(rng, (40, 6, 3)), signed(rng, (3, 8)) / 4
        u = rotation(rng, 8, 0.4)
        y = call(functions, "rnn", (x, w, u, p), True, rng)
        first = np.tanh(x[:, 0] @ w)
        if not np.allclose(y[:, 0], first, rtol=1e-6, atol=1e-9):
            raise Failed(
                "The state before the first step is zero, so the first state should be tanh(x[:, 0] @ w); "
                "it is not.",
                name_recurrence(x, w, u, y, p),
            )
        keep = np.abs(passed_on(y, x, w, u)[:, 0]) > SETTLING
        state = first
        for t in range(1, x.shape[1]):
            state = np.tanh(x[:, t] @ w + np.where(keep, state / (1 - p), 0) @ u)
            if not np.allclose(y[:, t], state, rtol=1e-6, atol=1e-7):
                raise Failed(
                    f"At p = {p:g} the state of step {t + 1} is not the one that the mask of the first step "
                    "gives, each kept entry divided by 1 - p.",
                    name_recurrence(x, w, u, y, p),
                )
        if keep.all() or not keep.any():
            raise Failed(f"At p = {p:g} nothing was dropped, or everything.", "no_noise")
    return "one mask serves all steps of a sequence."


@checks.add(points=2, false_alarm=DRAWS, catches=WEAK, seconds=15, uses=("rnn",))
def recurrent_draws(functions: Functions, rng: np.random.Generator) -> str:
    """Each unit of each sequence has a draw of its own, and each call draws anew."""
    judge_draws(functions, "rnn", rng)
    return "rate, rows, neighbours, counts and calls are those of independent draws."


@checks.add(points=3, uses=("attention",))
def drops_probabilities(functions: Functions, rng: np.random.Generator) -> str:
    """attention drops entries of the probabilities, after the softmax, and divides the others by 1 - p."""
    found = {}
    for p in (0.2, 0.6):
        q, k = signed(rng, (8, 12, 4)), signed(rng, (8, 7, 4))
        v = np.stack([rotation(rng, 7, 1.0) for _ in range(8)])
        y = call(functions, "attention", (q, k, v, p), True, rng)
        right = structured.attention_weights(q, k)
        weights = np.where(np.isfinite(y), y, 1e9) @ np.linalg.inv(v)
        weights[np.abs(weights) < 1e-9] = 0
        keep = weights != 0
        ratio = np.where(keep, weights / right, 0)
        single = np.ptp(ratio[keep]) < 1e-6 * np.abs(ratio[keep]).max() if keep.any() else False
        if not single or keep.all() or np.all(keep == keep[:, :1]):
            raise Failed(
                f"At p = {p:g} the weights of the values should be the probabilities, some of them zero and "
                "the others enlarged by one factor; they are not.",
                name_attention(q, k, v, y, weights),
            )
        found[p] = (weights, right, keep)
    judge_scale(found)
    return "probabilities are dropped after the softmax."


@checks.add(points=2, false_alarm=DRAWS, catches=WEAK, seconds=15, uses=("attention",))
def attention_draws(functions: Functions, rng: np.random.Generator) -> str:
    """Each example, query and key has a draw of its own."""
    judge_draws(functions, "attention", rng)
    return "rate, rows, neighbours, counts and calls are those of independent draws."


@checks.add(points=1, catches="any such case, in all but one of a billion runs", seconds=15, uses=DROPPING)
def uses_given_rng(functions: Functions, rng: np.random.Generator) -> str:
    """The generator handed over decides the masks, and nothing else does."""
    for name in DROPPING:
        try:
            masks.judge_rng(StructuredDrawing(functions, name), rng)
        except Failed as failure:
            if failure.diagnosis in RETURNED:
                raise
            raise Failed(f"{name}: {failure.message}", failure.diagnosis) from None
    return "the same seed gives the same masks, and no global state is touched."


@checks.add(points=2, uses=DROPPING)
def evaluates_without_dropout(functions: Functions, rng: np.random.Generator) -> str:
    """In evaluation nothing is dropped, scaled or drawn, whatever p is."""
    for name in DROPPING:
        for p in (0.4, 0.0, 1.0):
            inputs, theirs = inputs_for(name, rng, p), fresh(rng)
            before = theirs.bit_generator.state
            y = functions[name](*copies(inputs), False, theirs)
            y = read_array(y, result_shape(name, inputs), f"The result of {name}")
            drew = theirs.bit_generator.state != before
            if not np.allclose(y, without(name, inputs), rtol=1e-6, atol=1e-9):
                raise Failed(
                    f"In evaluation {name} should drop nothing; at p = {p:g} its result is another one.",
                    "drops_in_eval" if drew else "scaled_in_eval",
                )
            if drew:
                raise Failed(f"In evaluation {name} drew from rng.", "draws_in_eval")
    return "evaluation drops nothing and draws nothing."


@checks.add(points=3, catches="a ratio off by 0.0001 %, each time", uses=("variance_shift",))
def shift_is_exact(functions: Functions, rng: np.random.Generator) -> str:
    """variance_shift gives evaluation variance over training variance, masks included."""
    for p in (0.25, 0.6, 0.0):
        x, w = 1 + 0.6 * signed(rng, (50, 6)), signed(rng, (6, 4))
        x[:, 0] -= 1.0
        ratio = read_array(
            functions["variance_shift"](x.copy(), w.copy(), p), (4,), "The result of variance_shift"
        )
        right = structured.variance_shift(x, w, p)
        if not np.allclose(ratio, right, rtol=1e-6, atol=0):
            raise Failed(
                f"At p = {p:g} output 0 should have {right[0]:.4g} times the variance in evaluation that it "
                f"has in training; your result is {ratio[0]:.4g}.",
                name_shift(x, w, p, ratio),
            )
    return "the ratio is that of all examples and all masks."


@checks.add(
    points=1,
    false_alarm=8 * 0.5**100,
    catches="a single inf or NaN that passes, each time",
    uses=("drop_channels", "drop_path"),
)
def dropped_values_leave_no_trace(functions: Functions, rng: np.random.Generator) -> str:
    """An inf or NaN in a dropped channel or branch is gone, and one that is kept stays."""
    broken = np.resize([np.inf, np.nan, 1.0], (300, 1))
    shortcut, channels = signed(rng, (300, 1)), np.stack([broken, broken], axis=2)
    y = call(functions, "drop_channels", (channels, 0.5), True, rng)
    judge_traces("drop_channels", broken, np.zeros((300, 1)), y[:, :, 0])
    y = call(functions, "drop_path", (shortcut, broken, 0.5), True, rng)
    judge_traces("drop_path", broken, shortcut, y)
    return "what is dropped leaves no trace."


@checks.add(points=1, uses=(*DROPPING, "variance_shift"))
def edges_are_exact(functions: Functions, rng: np.random.Generator) -> str:
    """p = 0 drops nothing and p = 1 everything: zeros, the shortcut alone, a state that is forgotten."""
    for name in DROPPING:
        inputs = inputs_for(name, rng, 0.0)
        y = call(functions, name, inputs, True, rng)
        if not np.allclose(y, without(name, inputs), rtol=1e-6, atol=1e-9):
            raise Failed(f"At p = 0 {name} should equal evaluation; it does not.", "disturbs_at_zero")
        inputs = inputs_for(name, rng, 1.0)
        y = call(functions, name, inputs, True, rng)
        right = np.zeros(result_shape(name, inputs))
        if name in ("drop_path", "rnn"):
            right = inputs[0] if name == "drop_path" else np.tanh(inputs[0] @ inputs[1])
        if not np.allclose(y, right, rtol=1e-6, atol=1e-9):
            broken = not np.isfinite(y).all()
            found = "holds inf or NaN" if broken else "differs"
            raise Failed(
                f"At p = 1 {name} should drop everything; its result {found}.",
                "p_one_divides_by_zero" if broken else "wrong_rate",
            )
    x, w = signed(rng, (9, 4)), signed(rng, (4, 3))
    if not np.allclose(functions["variance_shift"](x, w, 0.0), 1, rtol=1e-9):
        raise Failed(
            "At p = 0 there is no shift, so variance_shift should be 1; it is not.", "disturbs_at_zero"
        )
    return "both edges are exact."


@checks.add(points=1)
def refuses_bad_p(functions: Functions, rng: np.random.Generator) -> str:
    """A p or last that is no probability raises ValueError in both modes, and so does 1 in variance_shift."""
    for name in DROPPING:
        for training, where in ((True, " in training"), (False, " in evaluation")):

            def arguments(p: float, name: str = name, training: bool = training) -> tuple[Any, ...]:
                return (*inputs_for(name, rng, p), training, fresh(rng))

            judge_bad_p(functions[name], arguments, where)
    judge_bad_p(functions["path_rates"], lambda p: (5, p), " as last")
    x, w = signed(rng, (9, 4)), signed(rng, (4, 3))
    judge_bad_p(functions["variance_shift"], lambda p: (x, w, p))
    if not isinstance(functions["variance_shift"].error(x, w, 1.0), ValueError):
        raise Failed("variance_shift should raise ValueError at p = 1.", "impossible_edge_accepted")
    return "what is no probability is refused."


@checks.add(points=1, uses=(*DROPPING, "variance_shift"))
def inputs_and_dtype_kept(functions: Functions, rng: np.random.Generator) -> str:
    """The inputs are left as they were, and float32 and float64 stay what they are."""
    for name in DROPPING:
        for dtype in ("float32", "float64"):
            for training in (True, False):
                inputs = inputs_for(name, rng, 0.3, dtype)
                before = [np.copy(value) for value in inputs]
                y = functions[name](*inputs, training, fresh(rng))
                read_array(y, result_shape(name, inputs), f"The result of {name}")
                when = f"{name} {'in training' if training else 'in evaluation'}"
                for value, kept in zip(inputs, before, strict=True):
                    if isinstance(value, np.ndarray):
                        judge_untouched("An input", value, kept, when)
                judge_dtype("The result", y, np.dtype(dtype), when)
    x, w = signed(rng, (9, 4)), signed(rng, (4, 3))
    held = x.copy(), w.copy()
    functions["variance_shift"](x, w, 0.3)
    for value, kept in zip((x, w), held, strict=True):
        judge_untouched("An input", value, kept, "variance_shift")
    return "inputs are untouched, float32 and float64 are kept."


@checks.add(points=1, catches="a softmax that overflows at scores of 10,000, each time", uses=DROPPING)
def quiet(functions: Functions, rng: np.random.Generator) -> str:
    """Legal inputs set off no warning and write nothing to stderr, large scores included."""
    for name in DROPPING:
        for p in (0.0, 0.3, 1.0):
            for training in (True, False):
                inputs = inputs_for(name, rng, p)
                if name == "attention":
                    inputs = (inputs[0] * 200, inputs[1] * 200, *inputs[2:])
                listen(functions, name, (*inputs, training, fresh(rng)), p)
    return "no warning and nothing on stderr."


def listen(functions: Functions, name: str, arguments: tuple[Any, ...], p: float) -> None:
    """Is this call silent, and its result finite?"""
    with listening() as noise:
        found = functions[name](*arguments)
    y = read_array(found, result_shape(name, arguments), f"The result of {name}")
    if not noise.first() and np.isfinite(y).all():
        return
    said = noise.first() or "nothing, but its result holds inf or NaN"
    if name == "attention" and ("overflow" in said or not noise.first()):
        raise Failed(f"attention is to be safe for scores near 10,000; it said: {said}.", "softmax_overflows")
    idea = "p_one_divides_by_zero" if p == 1 and ("divi" in said or "invalid" in said) else "noisy"
    raise Failed(f"{name} should be silent; at p = {p:g} it said: {said}.", idea)


EXERCISE = Exercise(
    "10_architectures",
    "Masks with structure",
    ("drop_channels", "path_rates", "drop_path", "rnn", "attention", "variance_shift"),
    (),
    tuple(checks.checks),
)
