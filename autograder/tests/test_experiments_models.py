"""The networks of the experiments on structure, text and calibration do what their settings say."""

import math
import sys

import pytest
import torch
from conftest import ROOT

EXPERIMENTS = ROOT / "book" / "experiments"
MODULES = ("_masks", "_images", "_language", "_calibration")


@pytest.fixture(scope="module")
def helpers():
    """The modules by name, imported as the scripts see them."""
    sys.path.insert(0, str(EXPERIMENTS))
    threads, known = torch.get_num_threads(), set(sys.modules)
    torch.set_num_threads(1)
    yield {name: __import__(name) for name in MODULES}
    torch.set_num_threads(threads)
    sys.path.remove(str(EXPERIMENTS))
    for name in set(sys.modules) - known:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(EXPERIMENTS)):
            del sys.modules[name]


def draw(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_entries_that_share_a_coin_are_dropped_together(helpers):
    """A coin for each row: whole rows, kept ones divided by 1 - p, the mean kept."""
    y = helpers["_masks"].drop(torch.ones(20_000, 3), (20_000, 1), 0.2, draw())
    assert bool((y == y[:, :1]).all()) and set(y.unique().tolist()) == {0.0, 1.25}
    assert abs(float(y[:, 0].mean()) - 1) < 5 * math.sqrt(0.25 / 20_000)


@pytest.mark.parametrize("place", ["pixels", "channels", "head", "units", "branch"])
def test_masks_act_in_training_alone(helpers, place):
    """Each setting disturbs the logits of its net while training, and nothing in evaluation."""
    images = helpers["_images"]
    build = images.Residual if place in ("units", "branch") else images.Convolutions
    x, plain, masked = torch.rand(50, 784, generator=draw(3)), build({}, 1), build({place: 0.5}, 1)
    for net in (plain, masked):
        for parameter in net.layers.parameters():  # else branches are nothing, masked or not
            torch.nn.init.normal_(parameter, std=0.1, generator=draw(parameter.numel()))
    assert torch.equal(plain.eval()(x), masked.eval()(x))
    assert not torch.equal(plain.train()(x), masked.train()(x))


def test_a_channel_goes_as_a_whole(helpers):
    """With a coin for each example and channel no map is half dropped."""
    net = helpers["_images"].Convolutions({"channels": 0.5}, 0)
    maps = net.train().masked(torch.ones(40, 12, 14, 14), (40, 12, 1, 1), 0.5)
    assert set(maps.mean((2, 3)).unique().tolist()) == {0.0, 2.0}


def test_branches_start_as_nothing_and_late_ones_go_more_often(helpers):
    """A new residual net is its first and last layer; the rates rise in even steps to `branch`."""
    images = helpers["_images"]
    net, rates = images.Residual({"branch": 0.6}, 2).train(), []
    net.masked = lambda x, shape, p: (rates.append(p), x)[1]
    x = torch.rand(5, 784, generator=draw())
    first, last = net.layers[0], net.layers[-1]
    assert torch.allclose(net(x), last(torch.relu(first(x))))
    assert rates[1::2] == pytest.approx(
        [0.6 * (place + 1) / images.BRANCHES for place in range(images.BRANCHES)]
    )


def test_the_text_is_three_pieces_that_do_not_overlap(helpers):
    """Consecutive characters of the file, in small letters; every letter of the alphabet has a code."""
    language = helpers["_language"]
    pieces = language.characters()
    assert [len(piece) for piece in pieces] == list(language.PIECES)
    read = "".join(language.LETTERS[code] for code in torch.cat(pieces).tolist())
    raw = (ROOT / "book/data/northanger.txt").read_text("ascii").lower()[: len(read)]
    assert all(a == b or (a == " " and b not in language.LETTERS) for a, b in zip(read, raw, strict=True))


@pytest.mark.parametrize("settings", [{"transformer": 1}, {"kind": 3, "p": 0.3}])
def test_no_model_sees_the_next_character(helpers, settings):
    """Another character at one place changes no logits before it, and some from it on."""
    language = helpers["_language"]
    model = language.Transformer if settings.get("transformer") else language.Lstm
    net = model(settings, draw()).eval()
    codes = torch.randint(0, 35, (2, 20), generator=draw(4))
    other = codes.clone()
    other[:, 12] = (other[:, 12] + 1) % 35
    one, two = net(codes), net(other)
    assert torch.allclose(one[:, :12], two[:, :12], atol=1e-6)
    assert not torch.allclose(one[:, 12], two[:, 12])


def test_kinds_of_recurrent_masks(helpers):
    """0 draws nothing, 1 leaves the state alone, 2 draws at each step, 3 once for a sequence."""
    language, seen = helpers["_language"], {}
    plain = language.drop
    codes = torch.zeros(4, 7, dtype=torch.int64)
    try:
        for kind in range(4):
            shapes = seen[kind] = []
            language.drop = lambda x, shape, p, noise, kept=shapes: (
                kept.append(shape),
                plain(x, shape, p, noise),
            )[1]
            language.Lstm({"kind": kind, "p": 0.5}, draw()).train()(codes)
    finally:
        language.drop = plain
    state, once = (4, 96), [(4, 1, 32), (4, 1, 96)]
    assert seen[0] == [] and seen[1] == [(4, 7, 32), (4, 7, 96)]
    assert seen[2] == [(4, 7, 32), *[state] * 7, (4, 7, 96)]
    assert sorted(seen[3]) == sorted([state, *once])


def test_a_forget_gate_starts_half_open(helpers):
    """Bias 1 for the forget gate and 0 elsewhere; the same seed gives the same start."""
    language = helpers["_language"]
    nets = [language.Lstm({}, draw()) for _ in range(2)]
    for net in nets:
        language.begin(net, draw(5))
    assert all(torch.equal(a, b) for a, b in zip(nets[0].parameters(), nets[1].parameters(), strict=True))
    bias, width = nets[0].cell.bias_ih, nets[0].WIDTH
    assert bool((bias[width : 2 * width] == 1).all()) and float(bias.detach().abs().sum()) == width


def test_bits_of_a_model_that_knows_nothing(helpers):
    """Equal logits for 35 characters cost log2(35) bits each."""
    language = helpers["_language"]
    net = language.Lstm({}, draw())
    for parameter in net.out.parameters():
        torch.nn.init.zeros_(parameter)
    found = language.bits(net, language.characters()[1])
    assert found == pytest.approx(math.log2(len(language.LETTERS)), abs=1e-5)


def test_the_temperature_that_was_hidden_is_found(helpers):
    """Labels drawn from the probabilities of logits; multiplied by 3, they need a temperature of 3."""
    true = torch.randn(20_000, 10, generator=draw(6)) * 2
    labels = torch.multinomial(true.softmax(1), 1, generator=draw(7))[:, 0]
    assert helpers["_calibration"].best_temperature(3 * true, labels) == pytest.approx(3, rel=0.05)
