"""Claim: where the number of kept units is held constant, high rates cost far less than at a fixed width.

Published: srivastava2014dropout, figure 9b, in its words with p*n fixed: small keep probabilities hurt much
less than at a fixed width.
"""

from _compare import METRICS, differences, higher, lower, means
from _runs import run

from dropgrade import style
from dropgrade.results import Experiment, Runs, Value

KEPT = 128
RATES = (0.0, 0.2, 0.5, 0.8)


def arm(rate: float) -> str:
    """Name of a rate in keys: none, p20, ..."""
    return f"p{100 * rate:.0f}" if rate else "none"


WIDE = {arm(rate): {"p": rate, "width": round(KEPT / (1 - rate))} for rate in RATES}
FIXED = {f"fixed_{arm(rate)}": {"p": rate, "width": KEPT} for rate in RATES[1:]}
ARMS = WIDE | FIXED


def values(runs: Runs) -> dict[str, Value]:
    """Means, and differences to no dropout at the same kept width."""
    found = means(runs, ARMS, METRICS) | differences(
        runs, [(name, "none") for name in list(ARMS)[1:]], METRICS
    )
    return found | {"kept": Value(KEPT), "widest": Value(WIDE["p80"]["width"])}


def directions(v: dict[str, Value]) -> dict[str, bool]:
    return {
        "rates 0.2 and 0.5 lower the error in the wider network": all(
            lower(v[f"error_{name}_minus_none"]) for name in ("p20", "p50")
        ),
        "rate 0.8 raises the error at a fixed width": higher(v["error_fixed_p80_minus_none"]),
        "rate 0.8 costs no error in the wider network": not higher(v["error_p80_minus_none"]),
    }


def claim(v: dict[str, Value]) -> str:
    return (
        f"With {v['kept'].quote()} units kept on average, dropping 0.8 of a layer of "
        f"{v['widest'].quote()} changes the "
        f"test error by {v['error_p80_minus_none'].quote()}; in a layer of {v['kept'].quote()} it changes "
        f"it by "
        f"{v['error_fixed_p80_minus_none'].quote()}."
    )


def alt(v: dict[str, Value]) -> str:
    wide = ", ".join(f"{v[f'error_{arm(rate)}'].quote('value')} at {rate}" for rate in RATES)
    return (
        f"Test error over the drop rate. With the kept width constant: {wide}. At a fixed width it reaches "
        f"{v['error_fixed_p80'].quote('value')} at 0.8."
    )


def figure(runs: Runs, v: dict[str, Value]):
    """Error over the rate, both designs."""
    fig, (axis,) = style.panels(1)
    style.curve(axis, RATES, [v[f"error_{arm(rate)}"] for rate in RATES], 0, "kept width constant")
    fixed = ["error_none", *(f"error_fixed_{arm(rate)}" for rate in RATES[1:])]
    style.curve(axis, RATES, [v[key] for key in fixed], 1, "fixed width")
    axis.set(xlabel="drop rate p of both hidden layers", title="test error, %", xlim=(-0.03, 1.15))
    return fig


EXPERIMENT = Experiment(
    name="rate_width",
    arms=ARMS,
    seeds=5,
    steps=2_000,
    run=run,
    values=values,
    directions=directions,
    claim=claim,
    alt=alt,
    figure=figure,
    smoke={"fixed_p80": ("test_error", "test_nll")},
)
