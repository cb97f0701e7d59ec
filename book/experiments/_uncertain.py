"""One network with dropout, its masked passes, and five without: scores on digits that are turned further
and further.
"""

import math
from collections.abc import Mapping

import torch
from _tasks import score_logits
from _train import Net, fit
from torch.nn import functional

ANGLES = (0, 15, 30, 45, 60)  # degrees
PASSES = (1, 2, 5, 10, 20, 50, 100)
BINS = 15


def run(settings: Mapping[str, float], seed: int) -> dict[str, float]:
    """Scores `<kind>_<error|nll|ece>_<angle>`; kinds: one pass of the network, MC dropout, or `members`
    networks."""
    settings = dict(settings)
    members, passes = int(settings.pop("members", 1)), int(settings.pop("passes", 0))
    fitted = [fit(settings, 100 * seed + member) for member in range(members)]
    test = fitted[0][1].test
    found = {"cpu_seconds": sum(seconds for *_, seconds in fitted)}
    for angle in ANGLES:
        images = rotated(test.images, angle)
        logs = mean_log([net_log for net, *_ in fitted for net_log in _passes(net, images, passes)])
        error, nll = score_logits(logs, test.labels)
        found |= {f"error_{angle}": error, f"nll_{angle}": nll, f"ece_{angle}": ece(logs.exp(), test.labels)}
    return found


def monte_carlo(settings: Mapping[str, float], seed: int) -> dict[str, float]:
    """Error and NLL of the mean over k masked passes, for growing k, and of the one pass without masks."""
    net, data, seconds = fit(settings, seed)
    logs = _passes(net, data.test.images, max(PASSES))
    found = {"cpu_seconds": seconds}
    found["error_scaling"], found["nll_scaling"] = score_logits(
        _passes(net, data.test.images, 0)[0], data.test.labels
    )
    for k in PASSES:
        found[f"error_{k}"], found[f"nll_{k}"] = score_logits(mean_log(logs[:k]), data.test.labels)
    return found


@torch.no_grad()
def _passes(net: Net, images: torch.Tensor, passes: int) -> list[torch.Tensor]:
    """Log probabilities (n, 10): of `passes` passes with masks, or of the one without if `passes` is 0."""
    net.train(passes > 0)
    found = [functional.log_softmax(net(images), 1) for _ in range(max(passes, 1))]
    net.eval()
    return found


def mean_log(logs: list[torch.Tensor]) -> torch.Tensor:
    """Logarithm of the mean of probabilities (n, 10), each given as its logarithm."""
    return torch.logsumexp(torch.stack(logs), 0) - math.log(len(logs))


def ece(probabilities: torch.Tensor, labels: torch.Tensor) -> float:
    """Expected calibration error in percentage points, BINS bins of equal width.

    Source: guo2017calibration, section 2.
    """
    sure, said = probabilities.max(1)
    right = (said == labels).double()
    place = (sure * BINS).long().clamp(max=BINS - 1)
    gaps = [
        (place == one).double().mean()
        * (right[place == one].mean() - sure[place == one].double().mean()).abs()
        for one in range(BINS)
        if (place == one).any()
    ]
    return 100 * float(sum(gaps))


def rotated(images: torch.Tensor, degrees: float) -> torch.Tensor:
    """Images float32 (n, 784) turned about their middle, bilinear, black filled in."""
    if not degrees:
        return images
    turn = math.radians(degrees)
    matrix = torch.tensor([[math.cos(turn), -math.sin(turn), 0.0], [math.sin(turn), math.cos(turn), 0.0]])
    grid = functional.affine_grid(matrix[None].expand(len(images), 2, 3), (len(images), 1, 28, 28), False)
    return functional.grid_sample(images.view(-1, 1, 28, 28), grid, align_corners=False).view(-1, 784)
