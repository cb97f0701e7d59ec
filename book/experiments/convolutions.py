"""Claim: with few digits dropout of the dense layer helps a convolutional net; dropping whole channels is no
better than dropping pixels.

Published: tompson2015efficient: where neighbouring pixels say the same, whole channels should be dropped.
"""

from _compare import METRICS, differences, lower, means, rows, told
from _images import run

from dropgrade.results import Experiment, Runs, Value

BASE = {"n": 1_000, "steps": 500}
ARMS = {
    "none": BASE,
    "head": {**BASE, "head": 0.5},
    "pixels": {**BASE, "pixels": 0.2},
    "channels": {**BASE, "channels": 0.2},
}
LABELS = {
    "none": "no dropout",
    "head": "dense layer, 0.5",
    "pixels": "pixels, 0.2",
    "channels": "channels, 0.2",
}
PAIRS = [(name, "none") for name in list(ARMS)[1:]] + [("channels", "pixels")]


def values(runs: Runs) -> dict[str, Value]:
    """Means and paired differences."""
    return means(runs, ARMS, METRICS) | differences(runs, PAIRS, METRICS)


def directions(v: dict[str, Value]) -> dict[str, bool]:
    return {
        "dropout of the dense layer lowers the error": lower(v["error_head_minus_none"]),
        "dropout of the dense layer lowers the NLL": lower(v["nll_head_minus_none"]),
        "dropping channels has less error than dropping pixels": lower(v["error_channels_minus_pixels"]),
    }


def claim(v: dict[str, Value]) -> str:
    return (
        "With 1,000 digits, dropout 0.5 of the dense layer changes the test error of a small convolutional "
        f"net by {v['error_head_minus_none'].quote()}, 0.2 of the pixels of its maps by "
        f"{v['error_pixels_minus_none'].quote()}, 0.2 of its channels by "
        f"{v['error_channels_minus_none'].quote()}; channels minus pixels is "
        f"{v['error_channels_minus_pixels'].quote()}."
    )


def alt(v: dict[str, Value]) -> str:
    return f"Test error and NLL by the place of the masks: {told(v, LABELS, 'error', 'nll')}."


def figure(runs: Runs, v: dict[str, Value]):
    """A row for each place of the masks."""
    return rows(v, LABELS, {"error": "test error, %", "nll": "test NLL, nats"}, 2.9)


EXPERIMENT = Experiment(
    name="convolutions",
    arms=ARMS,
    seeds=5,
    steps=BASE["steps"],
    run=run,
    values=values,
    directions=directions,
    claim=claim,
    alt=alt,
    figure=figure,
    smoke={"head": ("test_error", "test_nll")},
)
