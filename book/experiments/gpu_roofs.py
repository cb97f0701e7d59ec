"""Claim: a Philox call for each element, not memory, bounds the usual seeded kernel on a Hopper GPU.

Predicted, not measured: kernels are compiled for sm_90 without a GPU, and their instructions set against a
model with two roofs (`dropgrade.reference.triton_roof`). A measurement is the task of gpu/bench_gpu.py.
"""

from _roofs import DTYPES, KERNELS, run

from dropgrade import style
from dropgrade.results import Experiment, Runs, Value

REFERENCE = "autograder/dropgrade/reference/"
SHOWN = {  # kernel -> its name in the figure, from the slowest
    "one word": "one word a call",
    "softmax, dropout": "softmax and dropout",
    "four words": "four words a call",
    "four words, 7 rounds": "four words, 7 rounds",
    "half words": "eight half words a call",
    "stored mask": "mask read from memory",
}

PARTS = (("share_h100", "value"), ("share_h200", "value"), ("instructions", "number"))


def arm(kernel: str, dtype: str) -> str:
    """Name of a kernel and a dtype in keys, such as four_words_7_rounds_bf16."""
    return "_".join(kernel.replace(",", "").replace(":", "").split()) + f"_{dtype}"


ARMS = {
    arm(kernel, dtype): {"kernel": i, "dtype": j}
    for i, kernel in enumerate(KERNELS)
    for j, dtype in enumerate(DTYPES)
}


def values(runs: Runs) -> dict[str, Value]:
    """Instructions an element, and the share of bandwidth that they allow, in per cent."""
    found = {}
    for name in ARMS:
        found[f"instructions_{name}"] = Value(runs.column(name, "instructions")[0], digits=1)
        for gpu in ("h100", "h200"):
            share = 100 * runs.column(name, f"share_{gpu}")[0]
            found[f"share_{gpu}_{name}"] = Value(share, unit="%", digits=0)
    return found


def directions(v: dict[str, Value]) -> dict[str, bool]:
    return {
        "one word a call leaves less than half of an H100's bandwidth in bfloat16": (
            v["share_h100_one_word_bf16"].value < 50
        ),
        "four words a call need less than half the instructions": (
            v["instructions_four_words_bf16"].value < 0.5 * v["instructions_one_word_bf16"].value
        ),
        "four words a call leave an H100's bandwidth whole, in both dtypes": all(
            v[f"share_h100_four_words_{dtype}"].value == 100 for dtype in DTYPES
        ),
        "four words a call fall short of an H200's bandwidth in bfloat16": (
            v["share_h200_four_words_bf16"].value < 100
        ),
        "7 rounds and half words leave it whole": all(
            v[f"share_h200_{name}_bf16"].value == 100 for name in ("four_words_7_rounds", "half_words")
        ),
        "the compiler merges the calls of neighbours that ask for one block": (
            abs(v["instructions_selected_word_bf16"].value - v["instructions_four_words_bf16"].value) < 1
        ),
    }


def claim(v: dict[str, Value]) -> str:
    one, four = (
        [v[f"{key}_{kernel}_bf16"].quote(part) for key, part in PARTS]
        for kernel in ("one_word", "four_words")
    )
    return (
        "Predicted: with one word a Philox call, the instruction pipes of an H100 let through "
        f"{one[0]} of its bandwidth in bfloat16 ({one[2]} instructions an element), with four words "
        f"{four[0]} ({four[2]}); of an H200's {one[1]} and {four[1]}."
    )


def alt(v: dict[str, Value]) -> str:
    parts = []
    for kernel, label in SHOWN.items():
        h100, h200 = (v[f"share_{gpu}_{arm(kernel, 'bf16')}"].quote("value") for gpu in ("h100", "h200"))
        parts.append(f"{label}: {h100} and {h200}")
    return f"Predicted share of an H100's and an H200's bandwidth in bfloat16. {'; '.join(parts)}."


def figure(runs: Runs, v: dict[str, Value]):
    """One row a kernel: where the pipes cap the bandwidth of either GPU."""
    fig, (axis,) = style.panels(1, height=3.6)
    for series, gpu, down in ((0, "H100", -0.13), (1, "H200", 0.13)):
        colour, marker, _ = style.SERIES[series]
        shares = [v[f"share_{gpu.lower()}_{arm(kernel, 'bf16')}"] for kernel in SHOWN]
        rows = [row + down for row in range(len(SHOWN))]
        axis.hlines(rows, 0, [s.value for s in shares], color=colour, linewidth=1.2)
        axis.plot([s.value for s in shares], rows, color=colour, marker=marker, linestyle="none")
        axis.annotate(
            gpu, (shares[0].value, rows[0]), (8, 0), textcoords="offset points", va="center", fontsize=9
        )
    axis.set_yticks(range(len(SHOWN)), SHOWN.values())
    axis.set_ylim(len(SHOWN) - 0.5, -0.5)
    axis.set(xlabel="share of the bandwidth that the pipes allow, %", xlim=(0, 108))
    axis.set(title="predicted for bfloat16, from machine code")
    axis.tick_params(axis="y", length=0)
    style.reference(axis, 100, "", vertical=True)
    return fig


EXPERIMENT = Experiment(
    name="gpu_roofs",
    arms=ARMS,
    seeds=1,
    steps=0,
    run=run,
    values=values,
    directions=directions,
    claim=claim,
    alt=alt,
    figure=figure,
    smoke={},
    data=tuple(f"{REFERENCE}triton_{name}.py" for name in ("ops", "variants", "fused")),
)
