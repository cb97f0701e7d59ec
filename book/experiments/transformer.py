"""Claim: a small transformer that sees the same text over and over is helped by dropout, wherever it is put.

Published: vaswani2017attention, table 3 (no dropout is worse); which place is best is a matter of the budget.
"""

from _bits import METRICS, described, drawn
from _compare import differences, lower, means
from _language import run

from dropgrade.results import Experiment, Runs, Value

BASE = {"transformer": 1, "steps": 500, "batch": 8, "rate": 3e-3}
ARMS = {
    "none": BASE,
    "attention": {**BASE, "attention": 0.2},
    "residual": {**BASE, "residual": 0.2},
    "both": {**BASE, "attention": 0.2, "residual": 0.2},
}
LABELS = {
    "none": "no dropout",
    "attention": "attention weights",
    "residual": "branches, embedding",
    "both": "all three",
}
PLACES = list(ARMS)[1:]
PAIRS = [(name, "none") for name in PLACES]


def values(runs: Runs) -> dict[str, Value]:
    """Bits a character at the end, at best and on the training text, and paired differences."""
    return means(runs, ARMS, METRICS) | differences(runs, PAIRS, METRICS)


def directions(v: dict[str, Value]) -> dict[str, bool]:
    return {
        f"dropout of {LABELS[name]} lowers {label}": lower(v[f"{key}_{name}_minus_none"])
        for name in PLACES
        for key, label in (("end", "the bits at the end"), ("best", "the best bits on the way"))
    }


def claim(v: dict[str, Value]) -> str:
    at_best = ", ".join(v[f"best_{name}_minus_none"].quote("value") for name in PLACES)
    return (
        "Dropout 0.2 of the attention weights changes what a character of new text needs at the end of "
        f"training by {v['end_attention_minus_none'].quote()}, of branches and embedding by "
        f"{v['end_residual_minus_none'].quote()}, of all three by {v['end_both_minus_none'].quote()}; at "
        f"the best moment of each by {at_best}."
    )


def alt(v: dict[str, Value]) -> str:
    return described(v, LABELS)


def figure(runs: Runs, v: dict[str, Value]):
    return drawn(v, LABELS)


EXPERIMENT = Experiment(
    name="transformer",
    arms=ARMS,
    seeds=4,
    steps=BASE["steps"],
    run=run,
    values=values,
    directions=directions,
    claim=claim,
    alt=alt,
    figure=figure,
    smoke={"attention": ("test_bits", "best_bits")},
    data=("book/data/northanger.txt",),
)
