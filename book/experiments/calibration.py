"""Claim: on turned digits MC dropout is less overconfident than one pass.

Published: ovadia2019trust: under shift all methods lose calibration; methods that average over models keep
more of it than a temperature that was set beforehand.
"""

from _calibration import ANGLES, KINDS, run
from _compare import higher, lower, points, rows, told

from dropgrade.results import Experiment, Runs, Value
from dropgrade.results.frame import interval_value

ARMS = {"all": {"p": 0.5, "p_in": 0.2, "steps": 600}}
NAMES = "one net", "a temperature", "one pass of dropout", "MC dropout", "five nets"
LABELS = dict(zip(KINDS, NAMES, strict=True))
UNITS = {"error": "%", "nll": "nats", "ece": "pp"}
FAR = max(ANGLES)
PAIRS = (
    ("mc", "dropout"),
    ("dropout", "plain"),
    ("mc", "temperature"),
    ("five", "temperature"),
    ("five", "mc"),
)


def values(runs: Runs) -> dict[str, Value]:
    """`<error|nll|ece>_<angle>_<kind>`, differences of kinds, and how far each score rises from upright."""
    found = {"temperature": runs.mean("all", "temperature", "")}
    for key, unit in UNITS.items():
        for at in ANGLES:
            column = {kind: runs.column("all", f"{key}_{kind}_{at}") for kind in KINDS}
            for kind, samples in column.items():
                rise = samples - runs.column("all", f"{key}_{kind}_0")
                found[f"{key}_{at}_{kind}"] = interval_value(samples, unit)
                found[f"{key}_{at}_{kind}_rise"] = interval_value(rise, points(unit), paired=True)
            for kind, base in PAIRS:
                change = interval_value(column[kind] - column[base], points(unit), paired=True)
                found[f"{key}_{at}_{kind}_minus_{base}"] = change
    return found


def directions(v: dict[str, Value]) -> dict[str, bool]:
    worse = all(higher(v[f"ece_{FAR}_{kind}_rise"]) for kind in KINDS)
    return {f"every ECE is higher at {FAR} degrees than upright": worse} | {
        f"ECE at {FAR} degrees: {LABELS[kind]} below {LABELS[base]}": lower(
            v[f"ece_{FAR}_{kind}_minus_{base}"]
        )
        for kind, base in PAIRS
    }


def claim(v: dict[str, Value]) -> str:
    said = ", ".join(f"{LABELS[kind]} {v[f'ece_{FAR}_{kind}'].quote('value')}" for kind in KINDS)
    return (
        f"On digits turned by {FAR} degrees the calibration error is: {said}; MC dropout minus one pass is "
        f"{v[f'ece_{FAR}_mc_minus_dropout'].quote()}, minus the temperature "
        f"{v[f'ece_{FAR}_mc_minus_temperature'].quote()}."
    )


def alt(v: dict[str, Value]) -> str:
    return f"Calibration error upright and turned by {FAR} degrees: {told(v, LABELS, 'ece_0', f'ece_{FAR}')}."


def figure(runs: Runs, v: dict[str, Value]):
    """Calibration error upright and far turned."""
    return rows(v, LABELS, {"ece_0": "ECE upright, pp", f"ece_{FAR}": f"ECE at {FAR} degrees, pp"}, 3.4)


EXPERIMENT = Experiment(
    name="calibration",
    arms=ARMS,
    seeds=4,
    steps=ARMS["all"]["steps"],
    run=run,
    values=values,
    directions=directions,
    claim=claim,
    alt=alt,
    figure=figure,
    smoke={},
)
