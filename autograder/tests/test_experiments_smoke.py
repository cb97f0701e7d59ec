"""The committed results are what their scripts and runs say, and the training behind them is right."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from dropgrade.reference import numpy_ops
from dropgrade.results import frame, load, sources
from dropgrade.results.__main__ import experiment_of, main

ROOT = Path(__file__).resolve().parents[2]
EXPERIMENTS, RESULTS = ROOT / "book" / "experiments", ROOT / "book" / "results"
NAMES = sorted(path.stem for path in EXPERIMENTS.glob("[!_]*.py"))
QUICK = [name for name in NAMES if "smoke={}" not in (EXPERIMENTS / f"{name}.py").read_text("utf-8")]
MEND = "run `make results` and commit what it writes"


@pytest.fixture(scope="module")
def helpers():
    """The modules that train and probe, importable beside each other as the scripts see them."""
    sys.path.insert(0, str(EXPERIMENTS))
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    import _mlp
    import _probes
    import _stacked

    yield {"mlp": _mlp, "probes": _probes, "stacked": _stacked}
    torch.set_num_threads(threads)
    sys.path.remove(str(EXPERIMENTS))
    for name in ("_mlp", "_probes", "_stacked"):
        del sys.modules[name]


def test_no_committed_result_is_stale(capsys):
    """Every script has a result, made from the sources as they are now."""
    code = main([str(EXPERIMENTS), "--check"])
    assert code == 0, f"{capsys.readouterr().out}{MEND}"


@pytest.mark.parametrize("name", NAMES)
def test_a_result_is_what_its_runs_say(name):
    """Values, claim, alt text and figure follow from the stored runs, byte for byte."""
    committed = load(RESULTS, name)
    with experiment_of(EXPERIMENTS / f"{name}.py") as experiment:
        again, figures = frame.summarise(experiment, committed.runs, committed.sources)
        keys = [entry["key"] for entry in committed.runs]
        assert keys == [key for _, _, key in frame.plan(experiment, ROOT)], f"runs are of older code; {MEND}"
    assert replace(again, versions=committed.versions) == committed, MEND
    for file, text in figures.items():
        assert text == (RESULTS / file).read_text("utf-8"), MEND


def test_published_directions_of_the_rate_sweep_show():
    """Moderate rates help error and NLL, high ones underfit, the gap falls all the way."""
    result = load(RESULTS, "rate_sweep")
    values = result.values
    assert len(result.seeds) >= 5
    assert all(values[f"error_{rate}_minus_none"].high < 0 for rate in ("p10", "p20", "p30", "p50"))
    assert all(values[f"nll_{rate}_minus_none"].high < 0 for rate in ("p10", "p20", "p30", "p50", "p60"))
    assert all(values[f"error_{rate}_minus_none"].low > 0 for rate in ("p70", "p80", "p90"))
    assert values["train_nll_p50"].high < values["train_nll_p70"].low < values["train_nll_p80"].low
    rates = ("none", "p10", "p20", "p30", "p50", "p60", "p70", "p80", "p90")
    gaps = [values[f"gap_{rate}"].value for rate in rates]
    assert gaps == sorted(gaps, reverse=True)


def test_published_directions_of_coadaptation_show():
    """Dropout keeps more when units go, L2 does not; only the first layer correlates less."""
    result = load(RESULTS, "coadaptation")
    values = result.values
    assert len(result.seeds) >= 5 and all(result.directions.values())
    assert all(values[f"rise_{share}_p50_minus_none"].high < 0 for share in (10, 25, 50, 75))
    assert values["rise_50_l2_minus_none"].high > 0
    assert values["correlation_p50_minus_none"].high < 0 < values["correlation_second_p50_minus_none"].low


@pytest.mark.parametrize("name", NAMES)
def test_an_experiment_stays_within_its_budget(name):
    """At most ten CPU minutes each, so that anyone can repeat it."""
    assert load(RESULTS, name).cpu_seconds <= 10 * 60


def test_the_whole_set_takes_less_than_an_hour():
    """CPU minutes of all committed runs together."""
    assert sum(load(RESULTS, name).cpu_seconds for name in NAMES) <= 60 * 60


def test_the_quick_reruns_take_less_than_five_minutes():
    """CPU seconds that the runs to be repeated took when they were committed."""
    seconds = 0.0
    for name in QUICK:
        with experiment_of(EXPERIMENTS / f"{name}.py") as experiment:
            runs = load(RESULTS, name).runs
            seconds += sum(
                run["metrics"]["cpu_seconds"]
                for run in runs
                if run["arm"] in experiment.smoke and run["seed"] < experiment.smoke_seeds
            )
    assert 0 < seconds <= 5 * 60


def test_dropout_in_training_is_the_reference_formula(helpers):
    """Output and gradient equal the NumPy formulas for the drawn mask; eval mode changes nothing."""
    net = helpers["mlp"].MLP((6, 5, 3), 0.3, seed=1)
    x = torch.rand(400, 50) + 0.5
    x.requires_grad_()
    y = net.drop(x)
    keep = (y != 0).numpy()
    y.sum().backward()
    expected = np.where(keep, x.detach().numpy() / np.float32(0.7), 0)
    np.testing.assert_allclose(y.detach().numpy(), expected, rtol=1e-6)
    ones = np.ones(x.shape, np.float32)
    np.testing.assert_allclose(x.grad.numpy(), numpy_ops.dropout_backward(ones, keep, 0.3), rtol=1e-6)
    assert abs(keep.mean() - 0.7) < 5 * np.sqrt(0.21 / keep.size)
    assert net.eval().drop(x) is x


def test_runs_of_one_seed_share_start_and_order(helpers):
    """Only the masks differ between arms, so their difference is paired; another seed differs in all."""
    mlp = helpers["mlp"]
    one, other = mlp.MLP(mlp.SIZES, 0.0, 3), mlp.MLP(mlp.SIZES, 0.5, 3)
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))
    assert not torch.equal(one.layers[0].weight, mlp.MLP(mlp.SIZES, 0.0, 4).layers[0].weight)
    orders = [list(mlp.batches(5_000, 60, torch.Generator().manual_seed(9))) for _ in range(2)]
    assert all(torch.equal(a, b) for a, b in zip(*orders, strict=True))
    assert sorted(torch.cat(orders[0][:50]).tolist()) == list(range(5_000)), "an epoch shows every digit once"
    assert not torch.equal(orders[0][0], orders[0][50]), "a new epoch, a new order"


def test_the_same_seed_trains_the_same_network(helpers):
    """A run depends on settings and seed alone."""
    nets = [helpers["mlp"].fit({"p": 0.2, "steps": 5}, 7)[0] for _ in range(2)]
    assert all(torch.equal(a, b) for a, b in zip(nets[0].parameters(), nets[1].parameters(), strict=True))


def test_l2_is_the_gradient_of_the_squared_weights(helpers):
    """Four steps with `l2` equal four Adam steps on loss + l2 * sum of squared weights, biases left alone."""
    mlp = helpers["mlp"]
    trained, _ = mlp.fit({"l2": 0.01, "steps": 4}, 2)
    net = mlp.MLP(mlp.SIZES, 0.0, 2)
    images, labels = mlp.digits().train
    optimizer = torch.optim.Adam(net.parameters())
    for step, chosen in enumerate(mlp.batches(5_000, 4, torch.Generator().manual_seed(2 + 1_000_003))):
        optimizer.param_groups[0]["lr"] = 1e-3 * (1 + np.cos(np.pi * step / 4)) / 2
        optimizer.zero_grad()
        penalty = 0.01 * sum(layer.weight.square().sum() for layer in net.layers)
        (functional.cross_entropy(net(images[chosen]), labels[chosen]) + penalty).backward()
        optimizer.step()
    for one, other in zip(trained.parameters(), net.parameters(), strict=True):
        assert (one - other).abs().mean() < 1e-6  # a single entry near a zero gradient may go either way


def test_stacked_training_is_the_same_training(helpers):
    """Five stacked networks reach the losses of five single ones, so only their speed is compared."""
    train = helpers["stacked"].train
    stacked = train([0, 1, 2], 0.5, 10)
    single = torch.cat([train([seed], 0.5, 10) for seed in range(3)])
    torch.testing.assert_close(stacked, single, rtol=1e-3, atol=1e-3)


def test_a_score_is_error_in_percent_and_nll_in_nats(helpers):
    """A network that always says class 3 with probability one tenth more or less."""
    mlp = helpers["mlp"]
    net = mlp.MLP((784, 4, 4, 10), 0.0, 0).eval()
    with torch.no_grad():
        for layer in net.layers:
            layer.weight.zero_()
        net.layers[-1].bias[3] = 1e-4
    part = mlp.digits().test
    error, nll = mlp.score(net, part)
    assert error == pytest.approx(100 * float((part.labels != 3).double().mean()))
    assert nll == pytest.approx(np.log(10), abs=1e-4)


def test_removal_is_compensated_by_the_scale(helpers):
    """Where all units say the same, scaling the rest makes up for any that are gone; otherwise not."""
    mlp = helpers["mlp"]
    net, _ = mlp.fit({"steps": 60}, 0)
    with torch.no_grad():
        first, second = net.layers[0], net.layers[1]
        first.weight.copy_(first.weight[:1].expand_as(first.weight))
        first.bias.fill_(0.2)
        second.weight.copy_(second.weight[:, :1].expand_as(second.weight) / 30)
        second.bias.copy_(torch.linspace(-1, 1, 256))
    error, nll = mlp.score(net, mlp.digits().test)
    metrics = helpers["probes"].ablation(net)
    for share in (10, 25, 50, 75):
        assert metrics[f"error_without_{share}"] == pytest.approx(error, abs=0.06)
        assert metrics[f"nll_without_{share}"] == pytest.approx(nll, rel=1e-4)
    assert metrics["plain_nll_without_75"] != pytest.approx(nll, rel=1e-3)


def test_sharing_knows_its_extremes(helpers):
    """One shared direction: participation 1, correlation 1. Independent units: their number, and 0."""
    sharing = helpers["probes"].sharing
    rng = np.random.default_rng(0)
    alone = sharing(rng.normal(size=(4000, 1)) * np.array([1.0, 2.0, -3.0]), "x")
    assert alone["x_participation"] == pytest.approx(1) and alone["x_correlation"] == pytest.approx(1)
    free = sharing(rng.normal(size=(20_000, 8)), "x")
    assert free["x_participation"] == pytest.approx(8, rel=0.02) and free["x_correlation"] < 0.03
    half = np.maximum(rng.normal(size=(4000, 6)), 0)
    half[:, 5] = 0
    sparse = sharing(half, "x")
    assert sparse["x_dead"] == 1 and sparse["x_zeros"] == pytest.approx(0.5 * 5 / 6 + 1 / 6, abs=0.02)


@pytest.mark.slow
@pytest.mark.parametrize("name", QUICK)
def test_a_quick_rerun_agrees_with_the_committed_result(name, capsys):
    """Fresh training of a few arms lands where the committed runs predict it."""
    assert sources.local_modules(EXPERIMENTS / f"{name}.py")
    code = main([str(EXPERIMENTS), name, "--smoke"])
    assert code == 0, capsys.readouterr().out
