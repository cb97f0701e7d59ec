"""Five ways to say how sure one is, on digits that are turned further and further; a run has them all."""

import time
from collections.abc import Mapping

import torch
from _tasks import score_logits
from _train import Net, fit
from _uncertain import ece, mean_log, rotated
from torch.nn import functional

KINDS = ("plain", "temperature", "dropout", "mc", "five")
ANGLES = (0, 30, 60)  # degrees
MEMBERS, PASSES = 5, 20
TEMPERATURES = torch.logspace(-0.5, 1.0, 151)  # 0.32 to 10


def run(settings: Mapping[str, float], seed: int) -> dict[str, float]:
    """Scores `<error|nll|ece>_<kind>_<angle>` and the `temperature`.

    Args:
        settings: of the network with dropout; the plain ones have its rates at 0.
        seed: of the first plain network and of the one with dropout; other members have their own.
    """
    start = time.process_time()
    without = {**settings, "p": 0.0, "p_in": 0.0}
    members = [fit(without, 100 * seed + member)[0] for member in range(MEMBERS)]
    masked, data, _ = fit(settings, 100 * seed)
    temperature = best_temperature(logits(members[0], data.validation.images), data.validation.labels)
    found = {"temperature": temperature}
    for angle in ANGLES:
        images, labels = rotated(data.test.images, angle), data.test.labels
        for kind, logs in predictions(members, masked, temperature, images).items():
            error, nll = score_logits(logs, labels)
            scores = {"error": error, "nll": nll, "ece": ece(logs.exp(), labels)}
            found |= {f"{key}_{kind}_{angle}": value for key, value in scores.items()}
    return found | {"cpu_seconds": time.process_time() - start}


def predictions(
    members: list[Net], masked: Net, temperature: float, images: torch.Tensor
) -> dict[str, torch.Tensor]:
    """Log probabilities float32 (n, 10) by kind."""
    plain = [logits(member, images) for member in members]
    passes = [logits(masked, images, on=True) for _ in range(PASSES)]
    found = {"plain": plain[0], "temperature": plain[0] / temperature, "dropout": logits(masked, images)}
    found = {kind: functional.log_softmax(one, 1) for kind, one in found.items()}
    averaged = {"mc": passes, "five": plain}
    return found | {
        kind: mean_log([functional.log_softmax(one, 1) for one in several])
        for kind, several in averaged.items()
    }


@torch.no_grad()
def logits(net: Net, images: torch.Tensor, on: bool = False) -> torch.Tensor:
    """Logits float32 (n, 10), with fresh masks if `on`."""
    net.train(on)
    found = net(images)
    net.eval()
    return found


def best_temperature(upright: torch.Tensor, labels: torch.Tensor) -> float:
    """The number that logits (n, 10) have to be divided by for the lowest NLL.

    Source: guo2017calibration (temperature scaling, set on validation data).
    """
    return float(min(TEMPERATURES, key=lambda one: score_logits(upright / one, labels)[1]))
