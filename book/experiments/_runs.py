"""What is measured in a run of `_train`: scores of a network, of several networks, or on the way."""

import time
from collections.abc import Mapping

import torch
from _tasks import all_scores, score, score_logits, task
from _train import DEFAULTS, Net, clip, fit, updates
from torch.nn import functional

from dropgrade.data import Part


def run(settings: Mapping[str, float], seed: int) -> dict[str, float]:
    """Train one network and score it on the three parts; `clipped`: share of units above a max-norm bound."""
    net, data, seconds = fit(settings, seed)
    found = all_scores(net, data) | {"cpu_seconds": seconds}
    if bound := settings.get("max_norm"):
        units = sum(len(layer.weight) for layer in net.layers[:-1])
        found["clipped"] = clip(net, 0.999 * bound) / units
    return found


def convergence(settings: Mapping[str, float], seed: int, every: int = 50) -> dict[str, float]:
    """Epochs until the training NLL in eval mode is first below 0.1, and the validation error at most 6 %.

    `reached_*` is 1 where that happened; where it did not, the epochs are those of the whole run.
    """
    full = {**DEFAULTS, **settings}
    torch.set_num_threads(1)
    data, net = task(full, seed), Net(full, seed)
    epochs = {"fit": None, "good": None}
    nlls, spent, start = [], 0.0, time.process_time()
    for step in updates(net, data, full, seed):
        if step % every != every - 1:
            continue
        spent += time.process_time() - start
        net.eval()
        error, nll = score(net, data.validation)
        nlls.append(nll)
        now = (step + 1) * 100 / len(data.train.labels)
        if epochs["fit"] is None and score(net, data.train)[1] < 0.1:
            epochs["fit"] = now
        if epochs["good"] is None and error <= 6:
            epochs["good"] = now
        net.train()
        start = time.process_time()
    found = all_scores(net.eval(), data) | {"cpu_seconds": spent + time.process_time() - start}
    whole = full["steps"] * 100 / len(data.train.labels)
    for name, value in epochs.items():
        found |= {f"epochs_to_{name}": value or whole, f"reached_{name}": float(value is not None)}
    return found | {"best_validation_nll": min(nlls), "last_validation_nll": nlls[-1]}


def several(settings: Mapping[str, float], seed: int) -> dict[str, float]:
    """`members` networks of one seed, their probabilities averaged; `bagged`: each on a bootstrap sample.

    A bootstrap of n images holds about 63 % of them, some more than once.
    """
    settings = dict(settings)
    members, bagged = int(settings.pop("members", 1)), settings.pop("bagged", 0)
    seconds, logs = 0.0, []
    for member in range(members):
        name = 100 * seed + member
        net, data, spent = fit(settings, name) if not bagged else _bagged(settings, name)
        seconds += spent
        with torch.no_grad():
            logs.append(functional.log_softmax(net(data.test.images), 1))
    mean = torch.logsumexp(torch.stack(logs), 0) - torch.log(torch.tensor(float(members)))
    error, nll = score_logits(mean, data.test.labels)
    alone = [score_logits(log, data.test.labels) for log in logs]
    return {
        "test_error": error,
        "test_nll": nll,
        "member_error": sum(one[0] for one in alone) / members,
        "member_nll": sum(one[1] for one in alone) / members,
        "cpu_seconds": seconds,
    }


def _bagged(settings: Mapping[str, float], seed: int):
    """Train on a bootstrap sample of the training images."""
    full = {**DEFAULTS, **settings}
    torch.set_num_threads(1)
    data, net = task(full, seed), Net(full, seed)
    n = len(data.train.labels)
    drawn = torch.randint(0, n, (n,), generator=torch.Generator().manual_seed(seed + 5_000_011))
    sample = data._replace(train=Part(data.train.images[drawn], data.train.labels[drawn]))
    start = time.process_time()
    for _ in updates(net, sample, full, seed):
        pass
    return net.eval(), data, time.process_time() - start
