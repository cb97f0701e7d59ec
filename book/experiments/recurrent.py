"""Claim: dropout on the inputs and outputs of an LSTM saves a small character model from overfitting.

Published: zaremba2014recurrent: masks on non-recurrent connections alone; gal2016rnn: one mask for a sequence
is better than fresh ones on the recurrent state.
"""

from _bits import METRICS, described, drawn
from _compare import differences, lower, means
from _language import run

from dropgrade.results import Experiment, Runs, Value

BASE = {"steps": 400, "batch": 32, "rate": 6e-3}
ARMS = {
    "none": BASE,
    "outside": {**BASE, "p": 0.3, "kind": 1},
    "fresh": {**BASE, "p": 0.3, "kind": 2},
    "tied": {**BASE, "p": 0.3, "kind": 3},
}
LABELS = {
    "none": "no dropout",
    "outside": "inputs and outputs",
    "fresh": "state too, fresh masks",
    "tied": "state too, tied masks",
}
PAIRS = [(name, "none") for name in list(ARMS)[1:]] + [("tied", "fresh"), ("tied", "outside")]


def values(runs: Runs) -> dict[str, Value]:
    """Bits a character at the end, at best and on the training text, and paired differences."""
    return means(runs, ARMS, METRICS) | differences(runs, PAIRS, METRICS)


def directions(v: dict[str, Value]) -> dict[str, bool]:
    return {
        "dropout outside the state lowers the bits at the end": lower(v["end_outside_minus_none"]),
        "it lowers the best bits on the way": lower(v["best_outside_minus_none"]),
        "on the state, tied masks beat fresh ones": lower(v["end_tied_minus_fresh"]),
    }


def claim(v: dict[str, Value]) -> str:
    return (
        "Dropout 0.3 on inputs and outputs changes what an LSTM needs for a character of new text by "
        f"{v['end_outside_minus_none'].quote()} at the end of training, and by "
        f"{v['best_outside_minus_none'].quote()} at the best moment of each. On the state, tied masks minus "
        f"fresh ones is {v['end_tied_minus_fresh'].quote()}."
    )


def alt(v: dict[str, Value]) -> str:
    return described(v, LABELS)


def figure(runs: Runs, v: dict[str, Value]):
    return drawn(v, LABELS)


EXPERIMENT = Experiment(
    name="recurrent",
    arms=ARMS,
    seeds=4,
    steps=BASE["steps"],
    run=run,
    values=values,
    directions=directions,
    claim=claim,
    alt=alt,
    figure=figure,
    smoke={"outside": ("test_bits", "best_bits")},
    data=("book/data/northanger.txt",),
)
