"""Dropout as a penalty: exact for linear regression, to first order for logistic regression, and by training.

Losses are means over the examples: half a squared error ``(y - x @ w)**2 / 2`` for linear regression. Dropout
acts on the entries of X with inverted scaling, each example under a mask of its own.
"""

import itertools

import numpy as np

from dropgrade.reference import philox
from dropgrade.reference.ensemble import all_masks, chances


def odds(p: float) -> float:
    """p / (1 - p): the variance of the factor by which inverted dropout multiplies an entry.

    Raises:
        ValueError: p outside [0, 1) or NaN.
    """
    philox.require_probability(p)
    if p == 1:
        raise ValueError("p must be below 1, got 1: with nothing kept there is nothing to scale")
    return p / (1 - p)


def strengths(X: np.ndarray, p: float) -> np.ndarray:
    """How strongly dropout holds each weight of a linear regression down.

    Args:
        X: float (n, d), one example a row.
        p: drop probability, 0 <= p < 1.

    Returns:
        float64 (d,): p / (1 - p) times the mean square of each column.

    Raises:
        ValueError: see `odds`.

    Source: srivastava2014dropout, section 9.1.

    >>> strengths(np.array([[1.0, 2.0], [3.0, 0.0]]), 0.5)
    array([5., 2.])
    """
    return odds(p) * (X**2).mean(axis=0)


def squared_loss(w: np.ndarray, X: np.ndarray, y: np.ndarray) -> float:
    """Half the mean squared error of X @ w, without dropout."""
    return float(((y - X @ w) ** 2).mean() / 2)


def expected_loss(w: np.ndarray, X: np.ndarray, y: np.ndarray, p: float) -> float:
    """The mean over masks of half the mean squared error: the loss without dropout plus a ridge.

    Args:
        w: float (d,). X: float (n, d). y: float (n,).
        p: drop probability, 0 <= p < 1.

    Raises:
        ValueError: see `odds`.

    Source: srivastava2014dropout, section 9.1; book chapter 06_regulariser.
    """
    return squared_loss(w, X, y) + float(strengths(X, p) @ w**2) / 2


def enumerated_loss(w: np.ndarray, X: np.ndarray, y: np.ndarray, p: float) -> float:
    """The same mean by running every mask: 2**d for each example."""
    keep = all_masks(X.shape[1])
    sums = np.where(keep, (X * w)[:, np.newaxis] / (1 - p), 0).sum(axis=2)  # (n, masks)
    return float((((y[:, np.newaxis] - sums) ** 2) @ chances(keep, p)).mean() / 2)


def normal_matrix(X: np.ndarray, p: float) -> np.ndarray:
    """Hessian of the expected loss: float64 (d, d), X.T X / n with the strengths on its diagonal."""
    return X.T @ X / len(X) + np.diag(strengths(X, p))


def ridge(X: np.ndarray, y: np.ndarray, p: float) -> np.ndarray:
    """The weights with the least expected loss.

    Args:
        X: float (n, d), no column all zeros; of full column rank if p = 0.
        y: float (n,).
        p: drop probability, 0 <= p < 1.

    Returns:
        float64 (d,).

    Raises:
        ValueError: see `odds`.
    """
    return np.linalg.solve(normal_matrix(X, p), X.T @ y / len(X))


def sigmoid(z: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-z)) without overflow."""
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, small) / (1 + small)


def penalty(w: np.ndarray, X: np.ndarray, p: float) -> float:
    """What dropout adds to the mean logistic loss, to first order in the variance of the scores.

    Args:
        w: float (d,). X: float (n, d).
        p: drop probability, 0 <= p < 1.

    Returns:
        Half the mean over the examples of s (1 - s) times the variance of the score, s the predicted
        probability. The labels do not enter.

    Raises:
        ValueError: see `odds`.

    Source: wager2013dropout.
    """
    s = sigmoid(X @ w)
    return float((s * (1 - s) * (X**2 @ w**2)).mean() * odds(p) / 2)


def exact_penalty(w: np.ndarray, X: np.ndarray, p: float) -> float:
    """What dropout adds to the mean logistic loss, by running every mask: 2**d for each example."""
    keep = all_masks(X.shape[1])
    sums = np.where(keep, (X * w)[:, np.newaxis] / (1 - p), 0).sum(axis=2)
    return float((np.logaddexp(0, sums) @ chances(keep, p) - np.logaddexp(0, X @ w)).mean())


def gaussian(x: np.ndarray, p: float, rng: np.random.Generator) -> np.ndarray:
    """Multiplicative Gaussian noise with the mean and variance of inverted dropout.

    Args:
        x: float array (...,).
        p: drop probability of the dropout that it stands for, 0 <= p < 1.
        rng: where the noise comes from.

    Returns:
        float64 of x's shape: x (1 + sqrt(p / (1 - p)) e), e standard normal for each entry.

    Raises:
        ValueError: see `odds`.

    Source: srivastava2014dropout, section 10.
    """
    return x * (1 + np.sqrt(odds(p)) * rng.standard_normal(x.shape))


def step_limit(X: np.ndarray, p: float) -> float:
    """The step size above which the mean of gradient descent under fresh masks diverges.

    Returns:
        2 / the largest eigenvalue of `normal_matrix`.

    Raises:
        ValueError: see `odds`.
    """
    return float(2 / np.linalg.eigvalsh(normal_matrix(X, p))[-1])


def sgd(
    X: np.ndarray, y: np.ndarray, p: float, step: float, steps: int, rng: np.random.Generator
) -> np.ndarray:
    """Gradient descent on the squared loss with fresh masks in each step, averaged over its second half.

    Args:
        X: float (n, d). y: float (n,).
        p: drop probability, 0 <= p < 1.
        step: factor of the gradient.
        steps: how many, an even number; w starts at zeros.
        rng: where the masks come from.

    Returns:
        float64 (d,): the mean of the iterates after the steps steps // 2 + 1, ..., steps.
    """
    w, total = np.zeros(X.shape[1]), np.zeros(X.shape[1])
    for t in range(1, steps + 1):
        masked = np.where(rng.random(X.shape) >= p, X / (1 - p), 0)
        w = w - step * masked.T @ (masked @ w - y) / len(X)
        if t > steps // 2:
            total += w
    return total / (steps - steps // 2)


def square_limit(X: np.ndarray, p: float) -> float:
    """The step size above which the mean square of the iterates diverges; not above `step_limit`.

    With A = masked.T @ masked / n the deviation from the optimum is multiplied by I - step A, so its second
    moments are multiplied by the mean of (I - step A) x (I - step A), x the Kronecker product. The largest
    step with spectral radius 1 is found by bisection.
    """
    H = normal_matrix(X, p)
    identity, second = np.eye(len(H)), second_moment(X, p)
    first = np.kron(H, identity) + np.kron(identity, H)

    def radius(step: float) -> float:
        return float(
            np.abs(np.linalg.eigvals(np.kron(identity, identity) - step * first + step**2 * second)).max()
        )

    low, high = 0.0, step_limit(X, p)
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if radius(middle) < 1 else (low, middle)
    return low


def second_moment(X: np.ndarray, p: float) -> np.ndarray:
    """The mean over masks of A x A for A = masked.T @ masked / n: float64 (d * d, d * d), by enumeration."""
    keep = all_masks(X.shape[1])
    weights, factors = chances(keep, p), keep / (1 - p)
    H, n = normal_matrix(X, p), len(X)
    total = np.kron(H, H) * n**2
    for row in X:
        rows = factors * row
        outer = rows[:, :, np.newaxis] * rows[:, np.newaxis]  # (masks, d, d)
        own = np.einsum("m,mij->ij", weights, outer)
        both = np.einsum("m,mij,mkl->ikjl", weights, outer, outer).reshape(H.size, H.size)
        total += both - np.kron(own, own)
    return total / n**2


def two_step_law(
    X: np.ndarray, y: np.ndarray, p: float, step: float
) -> list[tuple[tuple[np.ndarray, np.ndarray], np.ndarray, float]]:
    """Every way two steps of `sgd` can go, for an X of a few entries.

    Returns:
        ((mask of the first step, of the second), the result, its chance) for each pair of masks.
    """
    keep = all_masks(X.size)
    weights = chances(keep, p)
    found = []
    for (first, a), (second, b) in itertools.product(zip(keep, weights, strict=True), repeat=2):
        w = np.zeros(X.shape[1])
        for mask in (first, second):
            masked = np.where(mask.reshape(X.shape), X / (1 - p), 0)
            w = w - step * masked.T @ (masked @ w - y) / len(X)
        found.append(((first, second), w, float(a * b)))
    return found
