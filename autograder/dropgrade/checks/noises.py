"""The learner's noises, judged by their contracts; a failure is named after the mistake that fits best."""

from typing import Any

import numpy as np

from dropgrade.checks.calling import Called
from dropgrade.checks.contracts import (
    NORMAL,
    atomic_law,
    continuous_law,
    judge_contract,
    name_law,
    name_values,
    normal_law,
    two_point_law,
)
from dropgrade.checks.patterns import Drawing, fresh
from dropgrade.checks.reading import read_array
from dropgrade.checks.verdicts import Failed, Functions
from dropgrade.reference import noises
from dropgrade.reference.noises import SATURATION, SELU_ALPHA, SELU_SCALE

SHAPE = (300, 200)
EXAMPLES = 5000
QUANTILES = 1000


def draw_p(rng: np.random.Generator) -> tuple[float, float]:
    """One p below a half and one above, neither near it."""
    return float(rng.uniform(0.15, 0.4)), float(rng.uniform(0.6, 0.85))


def spread(rng: np.random.Generator, shape: tuple[int, ...] = SHAPE) -> np.ndarray:
    """Float64 values of either sign with sizes in [0.5, 2)."""
    return rng.uniform(0.5, 2, shape) * rng.choice([-1.0, 1.0], size=shape)


def result_shape(name: str, inputs: tuple[Any, ...]) -> tuple[int, ...]:
    """The shape that a noise should give back."""
    return (len(inputs[0]), inputs[1].shape[1]) if name == "drop_connect" else inputs[0].shape


def call(
    functions: Functions, name: str, inputs: tuple[Any, ...], training: bool, rng: np.random.Generator
) -> np.ndarray:
    """What a noise makes of copies of its inputs; these end with p, or with p and the temperature."""
    copies = [value.copy() if isinstance(value, np.ndarray) else value for value in inputs]
    found = functions[name](*copies, training, fresh(rng))
    return read_array(found, result_shape(name, inputs), f"The result of {name}")


def judge_gaussian(functions: Functions, p: float, rng: np.random.Generator) -> None:
    """Does gaussian keep its contract at this p?"""
    x, sigma = spread(rng), np.sqrt(p / (1 - p))
    y = call(functions, "gaussian", (x, p), True, rng)

    def name() -> str:
        if np.array_equal(y, x):
            return "no_noise"
        if name_law(y - x, {"noise_added": lambda d: normal_cdf(d / sigma)}):
            return "noise_added"
        clear = 0.75  # no two of these ideas look alike there, as they do near 0.32 and 0.38
        again = call(functions, "gaussian", (x, clear), True, rng) / x - 1
        for idea, sizes in {
            "std_for_variance": [clear / (1 - clear)],
            "variance_not_matched": [clear, np.sqrt(clear), np.sqrt(clear * (1 - clear))],
        }.items():
            if name_law(again, {str(s): lambda d, s=s: normal_cdf(d / s) for s in sizes}):
                return idea
        return by_moments((y / x - 1) / sigma)

    judge_contract((y - x) / (x * sigma), normal_law(), f"gaussian at p = {p:.2f}", name)


def normal_cdf(values: np.ndarray) -> np.ndarray:
    """The standard normal distribution function."""
    return np.vectorize(NORMAL.cdf)(values)


def by_moments(z: np.ndarray) -> str:
    """Whether a standardised noise that fails has the right moments and the wrong shape."""
    return "wrong_distribution" if abs(z.mean()) < 0.03 and abs(z.var() - 1) < 0.06 else "wrong_noise"


def judge_drop_connect(functions: Functions, p: float, rng: np.random.Generator) -> None:
    """Does drop_connect keep its contract at this p?"""
    q, x, w = 1 - p, spread(rng, (6,)), spread(rng, (6, 8))
    y = call(functions, "drop_connect", (np.tile(x, (EXAMPLES, 1)), w, p), True, rng)
    parts = x[:, None] * w
    deviation = np.sqrt((parts**2).sum(axis=0))
    kept = (np.arange(64)[:, None] >> np.arange(6)) & 1  # each of the 64 masks of six weights
    atoms = np.where(kept, np.sqrt(p / q), -np.sqrt(q / p)) @ (parts / deviation)
    chances = np.prod(np.where(kept, q, p), axis=1)
    law = atomic_law(atoms.T, np.tile(chances, (8, 1)), listed=False)

    def name() -> str:
        if np.allclose(y, x @ w):
            return "no_noise"
        average = float(y.mean(axis=0) @ (x @ w)) / float((x @ w) @ (x @ w))
        ideas = {
            "no_rescale": q,
            "keep_drop_swapped": p / q,
            "scaled_by_keep_prob": q * q,
            "scaled_by_drop_prob": q / p,
            "scaled_twice": 1 / q,
        }
        best = min(ideas, key=lambda idea: abs(average / ideas[idea] - 1))
        return best if abs(average / ideas[best] - 1) < 0.1 else "wrong_noise"

    z = (y - x @ w) / (deviation * np.sqrt(p / q))
    judge_contract(z, law, f"drop_connect at p = {p:.2f}", name)


def judge_alpha(functions: Functions, p: float, rng: np.random.Generator) -> None:
    """Does alpha_dropout keep its contract at this p, with the true a and b or with the learner's own?"""
    x, (a, b) = spread(rng), noises.alpha_terms(p)
    y = call(functions, "alpha_dropout", (x, p), True, rng)
    own = own_terms(functions, p)
    if own and name_values(y, {"own": mixture(x, *own)}):
        a, b = own  # what is wrong with them is the business of another check

    def name() -> str:
        if np.array_equal(y, x):
            return "no_noise"
        kept, dropped = mixture(x, a, b)
        if name_values(y, {"right": (kept, dropped)}):
            return name_share(np.isclose(y, dropped), 1 - p)
        ideas = [("wrong_saturation", (kept, a * s + b)) for s in (-SELU_ALPHA, -SATURATION, -SELU_SCALE)]
        ideas += [
            ("alpha_drops_to_zero", pair) for pair in ((kept, b), (x / (1 - p), 0.0), (x, 0.0), (a * x, 0.0))
        ]
        ideas += [("affine_missing", (x, SATURATION)), ("saturation_after_affine", (kept, SATURATION))]
        return next((idea for idea, pair in ideas if name_values(y, {idea: pair})), "wrong_noise")

    mean = a * ((1 - p) * x + p * SATURATION) + b
    slope = a * np.sqrt(p * (1 - p)) * (x - SATURATION)
    judge_contract((y - mean) / slope, two_point_law(p), f"alpha_dropout at p = {p:.2f}", name)


def mixture(x: np.ndarray, a: float, b: float) -> tuple[np.ndarray, float]:
    """What alpha dropout with these terms gives where it keeps and where it drops."""
    return a * x + b, a * SATURATION + b


def own_terms(functions: Functions, p: float) -> tuple[float, float] | None:
    """The learner's a and b, or None where they are not two finite numbers with a above 0."""
    try:
        a, b = (float(value) for value in functions["alpha_terms"](p))
    except (Failed, TypeError, ValueError):
        return None
    return (a, b) if np.isfinite([a, b]).all() and a > 0 else None


def name_share(dropped: np.ndarray, other: float) -> str:
    """Why the right values come in the wrong shares: the roles swapped, or just wrong."""
    return "keep_drop_swapped" if abs(dropped.mean() - other) < 0.02 else "wrong_rate"


def judge_zoneout(functions: Functions, p: float, rng: np.random.Generator) -> None:
    """Does zoneout keep its contract at this p?"""
    q, old, new = 1 - p, spread(rng), spread(rng)
    y = call(functions, "zoneout", (old, new, p), True, rng)

    def name() -> str:
        if np.array_equal(y, new) or np.allclose(y, p * old + q * new):
            return "no_noise"
        if name_values(y, {"right": (new, old)}):
            return "zoneout_swapped" if abs((y == old).mean() - q) < 0.02 else "wrong_rate"
        ideas = [("zoneout_drops_to_zero", (new, 0.0)), ("zoneout_drops_to_zero", (new / q, 0.0))]
        ideas += [("zoneout_rescales", (new / q, old)), ("zoneout_rescales", (new / q, old / p))]
        return next((idea for idea, pair in ideas if name_values(y, {idea: pair})), "wrong_noise")

    z = (y - p * old - q * new) / (np.sqrt(p * q) * (new - old))
    judge_contract(z, two_point_law(p), f"zoneout at p = {p:.2f}", name)


def judge_concrete(functions: Functions, p: float, t: float, rng: np.random.Generator) -> None:
    """Does concrete keep its contract at this p and temperature?"""
    x, q = spread(rng), 1 - p
    y = call(functions, "concrete", (x, p, t), True, rng)
    kept = y / x * q
    mean, deviation = noises.concrete_moments(p, t)
    values = noises.concrete_quantile((np.arange(QUANTILES) + 0.5) / QUANTILES, p, t)

    def name() -> str:
        if np.array_equal(y, x):
            return "no_noise"
        if np.all(np.isclose(kept, 0) | np.isclose(kept, 1)):
            return "hard_mask"
        ideas = {
            "drop_amount_kept": lambda k: soft_share(k, q, t),
            "temperature_inverted": lambda k: soft_share(k, p, 1 / t),
            "temperature_ignored": lambda k: soft_share(k, p, 1.0),
            "no_rescale": lambda k: soft_share(k / q, p, t),
            "uniform_not_logistic": lambda k: uniform_share(k, p, t),
            "keep_drop_swapped": lambda k: soft_share(k * p / q, q, t),
        }
        return name_law(kept, ideas) or by_moments((kept - mean) / deviation)

    law = continuous_law(
        (values - mean) / deviation,
        lambda cut: (noises.concrete_quantile(cut, p, t) - mean) / deviation,
    )
    judge_contract((kept - mean) / deviation, law, f"concrete at p = {p:.2f} and t = {t:g}", name)


def inside(kept: np.ndarray) -> np.ndarray:
    """Values clipped to the open interval (0, 1)."""
    return np.clip(kept, 1e-12, 1 - 1e-12)


def soft_share(kept: np.ndarray, p: float, t: float) -> np.ndarray:
    """The distribution function of what Concrete dropout multiplies by, before the scale."""
    return noises.concrete_share(inside(kept), p, t)


def uniform_share(kept: np.ndarray, p: float, t: float) -> np.ndarray:
    """The same for a noise that adds u itself to the logit of p, instead of the logit of u."""
    soft = inside(kept)
    return np.clip(1 - t * np.log((1 - soft) / soft) + np.log(p / (1 - p)), 0, 1)


class NoiseDrawing(Drawing):
    """A noise as a source of masks, for the judges of `masks`: True where an entry counts as kept.

    DropConnect is read off sums of powers of two, which say exactly which weights took part.
    """

    def __init__(self, functions: Functions, name: str) -> None:
        self.called: Called = functions[name]
        self.name = name

    def __call__(self, shape: tuple[int, ...], p: float, rng: np.random.Generator) -> np.ndarray:
        return self.many(shape, p, [rng])[0]

    def many(self, shape: tuple[int, ...], p: float, rngs: list[np.random.Generator]) -> list[np.ndarray]:
        """A mask from each generator."""
        inputs = self.inputs(shape, p)
        own = [tuple(i.copy() if isinstance(i, np.ndarray) else i for i in inputs) for _ in rngs]
        found = self.called.many([(*mine, True, rng) for mine, rng in zip(own, rngs, strict=True)])
        expected, what = result_shape(self.name, inputs), f"The result of {self.name}"
        return [self.read(read_array(y, expected, what), shape, p) for y in found]

    def inputs(self, shape: tuple[int, ...], p: float) -> tuple[Any, ...]:
        """Inputs for which a mask can be read off the result."""
        if self.name == "zoneout":
            return np.zeros(shape), np.ones(shape), p
        if self.name == "drop_connect":
            n = inputs_of(shape[1])
            return np.ones((shape[0], n)), np.repeat(2.0 ** np.arange(n)[:, None], shape[1] // n, axis=1), p
        return (np.ones(shape), p, 0.3) if self.name == "concrete" else (np.ones(shape), p)

    def read(self, y: np.ndarray, shape: tuple[int, ...], p: float) -> np.ndarray:
        """The mask behind a result, bool of that shape."""
        if self.name == "drop_connect":
            return read_bits(y, inputs_of(shape[1]), p).reshape(shape)
        if self.name == "gaussian":
            return (y - 1) / np.sqrt(p / (1 - p)) > NORMAL.inv_cdf(p)
        if self.name == "alpha_dropout":
            return y > (y.max() + y.min()) / 2
        return y > 0.5 if self.name == "zoneout" else y * (1 - p) > 0.5


def inputs_of(columns: int) -> int:
    """How many inputs the layer has whose weights number `columns` for each example: at most 8."""
    return max(n for n in range(1, 9) if columns % n == 0)


def read_bits(y: np.ndarray, n: int, p: float) -> np.ndarray:
    """Which weights took part in each sum of DropConnect, bool (examples, n, outputs).

    Raises:
        Failed: the sums are no multiples of sums of powers of two.
    """
    for factor in (1 - p, 1.0, (1 - p) ** 2, p, 1 / (1 - p)):
        sums = np.rint(y * factor)
        if np.allclose(y * factor, sums, atol=1e-4) and sums.min() >= 0 and sums.max() < 2**n:
            return (sums.astype(np.int64)[:, None, :] >> np.arange(n)[:, None]) & 1 == 1
    raise Failed(
        "With inputs of 1 and weights 1, 2, 4, ... each output of drop_connect should be the sum of some of "
        f"the weights, times one scale; at p = {p:g} yours are not.",
        "wrong_scale",
    )
