"""Plain Python: numbers one at a time, math and statistics instead of array formulas."""

import math
import statistics

from dropgrade.reference.small_nets import run_layer


def mc_logits(layers, x, passes, rng):
    def once(y):
        for layer in layers:
            y = run_layer(layer, y, layer["kind"] == "dropout", rng)
        return y.tolist()

    return [once(x) for _ in range(passes)]


def softmax(row):
    shares = [math.exp(value - max(row)) for value in row]
    return [share / math.fsum(shares) for share in shares]


def predict(logits):
    probs = [[softmax(row) for row in one.tolist()] for one in logits]
    return [
        [statistics.fmean(column) for column in zip(*rows, strict=True)] for rows in zip(*probs, strict=False)
    ]


def entropy(row):
    return math.fsum(-p * math.log(p) for p in row if p)


def uncertainty(logits):
    total = [entropy(row) for row in predict(logits)]
    each = [
        statistics.fmean(entropy(softmax(row)) for row in rows) for rows in logits.swapaxes(0, 1).tolist()
    ]
    return total, [max(0.0, a - b) for a, b in zip(total, each, strict=True)]


def nll(probs, labels):
    return statistics.fmean(
        -math.log(row[y]) if row[y] else math.inf for row, y in zip(probs, labels, strict=True)
    )


def ece(probs, labels, bins):
    gaps = [0.0] * bins
    for row, y in zip(probs.tolist(), labels.tolist(), strict=True):
        gaps[math.ceil(max(row) * bins) - 1] += (row.index(max(row)) == y) - max(row)
    return math.fsum(map(abs, gaps)) / len(labels)


def compare(first, second, labels):
    d = [math.log(b[y]) - math.log(a[y]) for a, b, y in zip(first, second, labels, strict=True)]
    mean, half = statistics.fmean(d), 1.96 * statistics.stdev(d) / math.sqrt(len(d))
    return (
        mean,
        mean - half,
        mean + half,
        "first" if mean < -half else "second" if mean > half else "undecided",
    )
