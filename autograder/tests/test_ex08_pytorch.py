"""What the checks of 08_pytorch promise: the training's margins, bytes counted, the guard, clear refusals."""

from math import erfc, gamma, pi, sqrt

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from dropgrade.checks import exercise, judge, pytorch_manners, pytorch_network, pytorch_scenes  # noqa: E402
from dropgrade.checks.api import functions_in  # noqa: E402
from dropgrade.checks.verdicts import Failed  # noqa: E402
from dropgrade.reference import torch_ops  # noqa: E402

TASK = exercise("08_pytorch")
RIGHT = {"Dropout": torch_ops.Dropout, "DropoutFunction": torch_ops._Masked}
BORROWED = {
    "the layer": lambda x: torch.nn.Dropout(0.5)(x),
    "a relative": lambda x: torch.nn.functional.dropout1d(x),
    "in place": lambda x: torch.dropout_(x.clone(), 0.5, True),
    "the operator": lambda x: torch.ops.aten.native_dropout.default(x, 0.5, True),
    "attention": lambda x: torch.nn.functional.scaled_dot_product_attention(x, x, x, dropout_p=0.5),
    "a whole block": lambda x: torch.nn.MultiheadAttention(4, 2, dropout=0.5)(x, x, x),
}


def verdict(check_id, seed=0, **replaced):
    """The verdict of one check on the reference with a class replaced."""
    one = next(c for c in TASK.checks if c.id == check_id)
    return judge(TASK, one, functions_in(TASK, RIGHT | replaced), seed)


def layer(forward):
    """A layer like the reference with another forward pass."""
    return type("Dropout", (torch_ops.Dropout,), {"forward": forward})


def gains_that_are(mean, spread):
    """Six gains with that mean and standard deviation, as shares of right answers of two arms."""
    pattern = np.array([-1, -1, -1, 1, 1, 1]) * np.sqrt(5 / 6)
    labels = np.zeros(10_000, int)
    shares = 0.5 + mean + spread * pattern
    return {
        "without": np.tile(np.arange(10_000) >= 5000, (6, 1)),
        "with": np.array([np.arange(10_000) >= round(10_000 * share) for share in shares]),
    }, labels


@pytest.mark.parametrize("pairs", pytorch_manners.T_95)
def test_interval_is_students(pairs):
    """The limits are those that Student's variable exceeds in size once in 20 times."""
    t, df = pytorch_manners.T_95[pairs], pairs - 1
    middles = (np.arange(100_000) + 0.5) * t / 100_000
    scale = gamma((df + 1) / 2) / gamma(df / 2) / sqrt(pi * df)
    inside = 2 * t * np.mean(scale * (1 + middles**2 / df) ** (-(df + 1) / 2))
    assert abs(inside - 0.95) < 1e-4
    gains = np.random.default_rng(1).normal(size=pairs)
    low, high = pytorch_manners.interval(gains)
    assert abs(high - low - 2 * t * gains.std(ddof=1) / sqrt(pairs)) < 1e-12


def test_gains_are_those_of_pairs():
    """Each pair is compared by itself: gains keep mean and spread."""
    gain = pytorch_manners.compare(*gains_that_are(0.04, 0.02))
    assert abs(gain.mean() - 0.04) < 1e-3 and abs(gain.std(ddof=1) - 0.02) < 1e-3


def failing(pairs, gain, spread):
    """Chance that the interval from so many normal gains is not above 0, by integrating over the spread."""
    df, nodes = pairs - 1, np.linspace(1e-3, 8, 80_000)  # the estimated spread in units of the true one
    log = (df - 1) * np.log(nodes) - df * nodes**2 / 2
    weight = np.exp(log - log.max())
    below = [
        erfc((gain / spread * sqrt(pairs) - pytorch_manners.T_95[pairs] * c) / sqrt(2)) / 2 for c in nodes
    ]
    return float(np.sum(weight * below) / weight.sum())


def test_right_layers_fail_as_seldom_as_stated():
    """Twelve pairs keep to the promise even at a gain of 8 points and a spread of 3.5; six would not."""
    one = next(c for c in TASK.checks if c.id == "helps_a_model")
    assert failing(12, 8.0, 3.5) < one.false_alarm < failing(6, 8.0, 3.5)


def test_layers_that_do_not_help_pass_once_in_forty():
    """Without a gain each look passes in 2.5 % of the runs, so both together in 5 % at most."""
    assert all(abs(1 - failing(pairs, 0.0, 3.0) - 0.025) < 1e-3 for pairs in pytorch_manners.T_95)


def test_six_more_pairs_are_asked_for_in_doubt(monkeypatch):
    """Six undecided gains are not the end; twelve are."""
    rows = iter([np.array([5, -4, 3, -2, 6, 1]) / 100, np.full(6, 0.05), *2 * [-np.arange(6) / 100]])
    monkeypatch.setattr(pytorch_manners, "six_gains", lambda functions, rng: next(rows))
    assert "over 12 pairs" in verdict("helps_a_model").message
    lost = verdict("helps_a_model")
    assert lost.diagnosis == "no_gain" and "over 12 pairs" in lost.message


@pytest.mark.parametrize("returned", [np.zeros((5, 10)), np.zeros(60), np.zeros((6, 9))])
def test_classes_of_another_shape_are_refused(returned):
    """What comes back from the networks has to be one class for each pair and image."""
    with pytest.raises(Failed, match="something else than classes"):
        pytorch_manners.compare({"without": returned, "with": returned}, np.zeros(10))


def test_twins_without_a_difference_gain_nothing():
    """A layer that lets everything through leaves both networks of a pair the same, bit for bit."""
    rng = np.random.default_rng(1)
    data = {
        "images": rng.random((50, 196), np.float32),
        "labels": rng.integers(10, size=(2, 50)),
        "unseen": rng.random((20, 196), np.float32),
    }
    plan = {"seed": 3, "steps": 5, "batch": 8, "width": 16, "p": 0.5, "step size": 1e-3}
    identity = layer(lambda self, x: x)
    for _ in range(2):  # the second time from memory
        seen = pytorch_network.training(identity, data, plan)
        assert np.array_equal(seen["with"], seen["without"])
    other = pytorch_network.training(torch_ops.Dropout, data, plan)
    assert np.array_equal(other["without"], seen["without"])


@pytest.mark.parametrize("borrow", BORROWED.values(), ids=BORROWED)
def test_borrowed_dropout_is_refused_by_name(borrow):
    """Whichever of the library's dropouts a layer calls, under whatever name: no points, and a clear word."""

    def forward(self, x):
        borrow(torch.ones(2, 3, 4))
        return torch_ops.Dropout.forward(self, x)

    found = verdict("kept_are_rescaled", Dropout=layer(forward))
    assert found.diagnosis == "library_dropout" and "Torch's own" in found.message


def on_a_grid(bits):
    """Draws uniform numbers that are multiples of 2**-bits."""

    def forward(self, x):
        u = torch.randint(2**bits, x.shape, generator=self.generator, device=x.device) / 2**bits
        return torch_ops.select_scaled(x, u >= self.p, self.p) if self.training else x

    return layer(forward)


def rate_off(by):
    """Drops with a probability that is off by a fixed amount."""

    def forward(self, x):
        u = torch.rand(x.shape, generator=self.generator, device=x.device)
        return torch_ops.select_scaled(x, u >= self.p + by, self.p) if self.training else x

    return layer(forward)


@pytest.mark.parametrize(
    ("check_id", "wrong"),
    [
        ("rate_in_half_precision", on_a_grid(11)),
        ("drops_at_rate", rate_off(0.02)),
        ("drops_at_rate", rate_off(-0.02)),
    ],
)
def test_smallest_error_is_caught(check_id, wrong):
    """The smallest error that a check states is caught with each of 20 seeds."""
    assert not any(verdict(check_id, seed, Dropout=wrong).passed for seed in range(20))


@pytest.mark.parametrize(("factor", "passes"), [(1 + 1e-5, False), (1 - 1e-5, False), (1 + 1e-14, True)])
def test_factor_is_held_to_a_hundred_thousandth(factor, passes):
    """A scale off by 0.001 % is seen each time; rounding of doubles is not."""
    wrong = layer(lambda self, x: factor * torch_ops.Dropout.forward(self, x))
    assert [verdict("kept_are_rescaled", seed, Dropout=wrong).passed for seed in range(5)] == 5 * [passes]


@pytest.mark.parametrize(
    ("replaced", "said"),
    [
        ({"Dropout": lambda p=0.5, generator=None: None}, "inherits from torch.nn.Module"),
        ({"Dropout": layer(lambda self, x: None)}, "is of type NoneType"),
        ({"Dropout": layer(lambda self, x: x.detach().numpy())}, "is of type ndarray"),
        ({"Dropout": layer(lambda self, x: (x, x))}, "is of type tuple"),
    ],
)
@pytest.mark.parametrize(
    "check_id", ["drops_at_rate", "no_mask_is_kept", "passes_gradcheck", "helps_a_model"]
)
def test_what_is_no_layer_is_named(replaced, said, check_id):
    """A function instead of a class, or no tensor as a result, is said in so many words by each check."""
    found = verdict(check_id, **replaced)
    assert found.diagnosis == "wrong_return" and said in found.message


def test_function_has_to_be_a_function():
    """DropoutFunction is asked to be an autograd function."""
    found = verdict("function_applies_the_mask", DropoutFunction=torch_ops.Dropout)
    assert "inherits from torch.autograd.Function" in found.message


def test_advice_speaks_of_both_and_is_silent(capfd):
    """vmap and compile are tried, told in the message of a pass, and log nothing."""
    found = verdict("passes_gradcheck")
    assert found.passed and "Not graded: torch.func.vmap" in found.message
    assert "torch.compile takes the layer" in found.message
    own = layer(lambda self, x: x * torch.rand(x.shape, generator=torch.Generator()))
    told = pytorch_scenes.perform("advice", ("Dropout",), own, 0.5)["value"]
    assert told.endswith("torch.compile takes the layer in parts")
    breaks = layer(lambda self, x: x * float(torch.rand(()).item() < 2))
    told = pytorch_scenes.perform("advice", ("Dropout",), breaks, 0.5)["value"]
    assert told.startswith("torch.func.vmap refuses the layer")
    assert capfd.readouterr().err == ""


def test_scenes_leave_the_generators_alone():
    """After a scene torch's global generator is where it was."""
    before = torch.get_rng_state()
    pytorch_scenes.perform("drawing", ("Dropout",), torch_ops.Dropout, 5, (4, 5))
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("held", ["self.kept = [keep]", "KEPT.append(keep)"])
def test_a_mask_is_found_wherever_it_hides(held):
    """A mask in a list on the layer, or in a list of the module, is found."""
    names = {"torch": torch, "KEPT": [], "torch_ops": torch_ops}
    exec(
        "def forward(self, x):\n    keep = torch.rand(x.shape) >= 0.5\n    " + held + "\n"
        "    return torch_ops.select_scaled(x, keep, 0.5)",
        names,
    )
    assert verdict("no_mask_is_kept", Dropout=layer(names["forward"])).diagnosis == "mask_kept_on_module"
