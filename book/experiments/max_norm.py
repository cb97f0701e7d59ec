"""Claim: with SGD max-norm on top of dropout helps at a sane rate and does not save ten times that rate.

Published: srivastava2014dropout, table 9 (dropout with max-norm is best) and appendix A (max-norm allows
learning rates 10 to 100 times as high).
"""

from _compare import METRICS, differences, higher, lower, means, rows, told
from _runs import run

from dropgrade.results import Experiment, Runs, Value

BASE = {"sgd": 1, "rate": 0.03, "steps": 800, "p": 0.5, "p_in": 0.2}
BOUND = {"max_norm": 1.0}
FAST = {"rate": 10 * BASE["rate"]}
ARMS = {
    "dropout": BASE,
    "both": {**BASE, **BOUND},
    "fast_dropout": {**BASE, **FAST},
    "fast_both": {**BASE, **BOUND, **FAST},
}
LABELS = {
    "dropout": "dropout, rate 0.03",
    "both": "and max-norm, 0.03",
    "fast_dropout": "dropout, 0.3",
    "fast_both": "and max-norm, 0.3",
}
PAIRS = [("both", "dropout"), ("fast_both", "fast_dropout"), ("fast_both", "both")]


def values(runs: Runs) -> dict[str, Value]:
    """Means, paired differences, and the share of units at the bound."""
    found = means(runs, ARMS, METRICS) | differences(runs, PAIRS, METRICS)
    bounded = [name for name, settings in ARMS.items() if "max_norm" in settings]
    return found | {f"clipped_{name}": runs.mean(name, "clipped", "") for name in bounded}


def directions(v: dict[str, Value]) -> dict[str, bool]:
    return {
        "max-norm on top of dropout lowers the error": lower(v["error_both_minus_dropout"]),
        "at ten times the rate max-norm saves error": lower(v["error_fast_both_minus_fast_dropout"]),
        "with max-norm ten times the rate costs no error": not higher(v["error_fast_both_minus_both"]),
    }


def claim(v: dict[str, Value]) -> str:
    return (
        f"At learning rate 0.03 max-norm 1 on top of dropout .2/.5 changes the test error by "
        f"{v['error_both_minus_dropout'].quote()}; at 0.3 by "
        f"{v['error_fast_both_minus_fast_dropout'].quote()}, to {v['error_fast_both'].quote()}."
    )


def alt(v: dict[str, Value]) -> str:
    return f"Test error and NLL with and without max-norm: {told(v, LABELS, 'error', 'nll')}."


def figure(runs: Runs, v: dict[str, Value]):
    """A row for each arm."""
    return rows(v, LABELS, {"error": "test error, %", "nll": "test NLL, nats"}, 2.9)


EXPERIMENT = Experiment(
    name="max_norm",
    arms=ARMS,
    seeds=4,
    steps=BASE["steps"],
    run=run,
    values=values,
    directions=directions,
    claim=claim,
    alt=alt,
    figure=figure,
    smoke={"both": ("test_error", "test_nll")},
)
