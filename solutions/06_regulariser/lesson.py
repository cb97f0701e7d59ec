# ---
# title: Dropout as a regulariser
# slug: 06_regulariser
# minutes: 60
# difficulty: 4
# chapter: book/06_regulariser.md
# needs: [02_forward]
# ---

# %% [markdown]
# # Dropout as a regulariser
#
# Dropout never mentions the size of a weight, and yet it keeps weights small. For linear regression you can
# say exactly how: averaged over all masks, the loss *is* the loss without dropout plus a ridge, with a
# strength of its own for each weight. So the minimum can be written down, without drawing a single mask, and
# stochastic gradient descent with masks has to end there, if its steps are short enough. For logistic
# regression the same holds to first order. Here you write the loss, its minimum, the penalty, the Gaussian
# noise that would do the same work, the longest step, and the descent.

# %%
import numpy as np

from dropgrade.checks import check

# %% [markdown]
# ## The model
#
# `X` has one example in each row, shape `(n, d)`; `y` holds the targets, shape `(n,)`; `w` holds the
# weights, shape `(d,)`; there is no bias. All are float64. The score of example $i$ is $z_i = \sum_j x_{ij}
# w_j$.
#
# Dropout acts on the entries of `X`: each entry of each example is dropped with probability `p` on its own
# (so each example has its own mask), what is kept is divided by `1 - p`. Throughout, $0 \le p < 1$: at
# $p = 1$ nothing would be left to divide, and no function is asked about it.
#
# Every loss is a *mean* over the examples. Linear regression takes half the squared error, $\frac1{2n}
# \sum_i (y_i - z_i)^2$. Logistic regression takes $\log(1 + e^{-z})$ for an example of class 1 and
# $\log(1 + e^{z})$ for one of class 0.
#
# ## What you write
#
# Seven functions. They may call one another. These rules are graded, and nothing else is:
#
# 1. `strengths(X, p)` returns the strength $\lambda_j$ with which dropout pulls on each weight of a linear
#    regression, float64 of shape `(d,)`, such that the penalty is $\frac12 \sum_j \lambda_j w_j^2$. A `p`
#    below 0, above 1 or NaN raises `ValueError`; the other functions are not given such a `p`.
# 2. `expected_loss(w, X, y, p)` returns one number: the mean, over all masks, of half the mean squared error.
#    Exactly, not by sampling.
# 3. `ridge(X, y, p)` returns the weights with the least expected loss, float64 of shape `(d,)`. For $p > 0$
#    there may be more columns than examples, or equal columns, but no column is all zeros; at `p = 0` the
#    columns of `X` are linearly independent.
# 4. `penalty(w, X, p)` returns one number: what dropout adds to the mean *logistic* loss, to first order in
#    the variance of the scores: half of $\sigma(z)(1 - \sigma(z))$ times the variance of the score under
#    dropout, averaged over the examples, with $z$ the score without dropout and $\sigma(z) = 1/(1 +
#    e^{-z})$. The labels are not needed. Scores of several thousand, of either sign, overflow nothing.
# 5. `gaussian(x, p, rng)` returns `x` times Gaussian noise that has the mean and the variance of inverted
#    dropout, float64 of the shape of `x` (a 2-d array). Each entry has a draw of its own, and each call draws
#    anew, from the `numpy.random.Generator` that it is given.
# 6. `step_limit(X, p)` returns one number: the step size above which gradient descent on the expected loss
#    diverges.
# 7. `sgd(X, y, p, step, steps, rng)` starts at $w = 0$ and makes `steps` steps (an even number, 2 or more).
#    Each draws new masks from `rng`, one for each example, masks and rescales `X` to `Z`, and moves `w`
#    against the gradient of half the mean squared error of `Z @ w`: $w \leftarrow w - \text{step} \cdot
#    Z^\top (Z w - y) / n$. It returns the mean of the weights after the steps of the second half (steps
#    `steps/2 + 1` to `steps`), float64 of shape `(d,)`. Nothing is clipped: too long a step runs away.
# 8. Numbers are compared to a relative error of $10^{-6}$. The same seed gives the same result in `gaussian`
#    and `sgd`, another seed another one, and no global generator is touched.
# 9. No function changes an array that it is given. No warnings and nothing on stderr, at `p = 0` too.
#    `print` is welcome.
#
# Speed is not graded, but a check stops waiting after three seconds (`sgd_lands`, with 2,000 steps twice,
# after twenty). The largest `X` has 200 rows and 200 columns.


# %% grade_id="linear" solution=true
def strengths(X, p):
    """Dropout's pull on each weight of a linear regression: X (n, d) gives float64 (d,).

    Raises ValueError unless 0 <= p <= 1; not asked about p = 1.
    """
    ### BEGIN SOLUTION
    if not 0 <= p < 1:
        raise ValueError(f"p must be in [0, 1), got {p}")
    return p / (1 - p) * (X**2).mean(axis=0)
    ### END SOLUTION


def expected_loss(w, X, y, p):
    """Mean over all masks of half the mean squared error: one number."""
    ### BEGIN SOLUTION
    residual = y - X @ w
    return (residual**2).mean() / 2 + strengths(X, p) @ w**2 / 2
    ### END SOLUTION


def ridge(X, y, p):
    """The weights with the least expected loss: float64 (d,)."""
    ### BEGIN SOLUTION
    hessian = X.T @ X / len(X) + np.diag(strengths(X, p))
    return np.linalg.solve(hessian, X.T @ y / len(X))
    ### END SOLUTION


# %% grade_id="noise" solution=true
def penalty(w, X, p):
    """What dropout adds to the mean logistic loss, to first order: one number."""
    ### BEGIN SOLUTION
    small = np.exp(-np.abs(X @ w))
    curvature = small / (1 + small) ** 2  # s (1 - s) is the same for z and for -z
    variance = p / (1 - p) * (X**2 @ w**2)
    return (curvature * variance).mean() / 2
    ### END SOLUTION


def gaussian(x, p, rng):
    """x (n, m) times Gaussian noise with the mean and variance of inverted dropout: float64 (n, m)."""
    ### BEGIN SOLUTION
    return x * (1 + np.sqrt(p / (1 - p)) * rng.standard_normal(x.shape))
    ### END SOLUTION


# %% grade_id="descent" solution=true
def step_limit(X, p):
    """The step size above which gradient descent on the expected loss diverges: one number."""
    ### BEGIN SOLUTION
    hessian = X.T @ X / len(X) + np.diag(strengths(X, p))
    return 2 / np.linalg.eigvalsh(hessian)[-1]
    ### END SOLUTION


def sgd(X, y, p, step, steps, rng):
    """Gradient descent from zeros with new masks in each step; mean over its second half: float64 (d,)."""
    ### BEGIN SOLUTION
    w, total = np.zeros(X.shape[1]), np.zeros(X.shape[1])
    for t in range(1, steps + 1):
        Z = np.where(rng.random(X.shape) >= p, X / (1 - p), 0)
        w = w - step * Z.T @ (Z @ w - y) / len(X)
        if t > steps // 2:
            total += w
    return total / (steps // 2)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: think</summary>
#
# The score under dropout is a sum of independent terms, each $x_{ij} w_j / (1-p)$ or 0. What is its mean,
# what is its variance? And what does a mean of squares have to do with mean and variance? A sum of squared
# weights with a factor each is a ridge, and the derivative of $\frac12 \lambda_j w_j^2$ is $\lambda_j w_j$.
# A step is too long when it throws you further out on the other side than where you were.
#
# </details>
#
# <details><summary>Hint 2: nearly there</summary>
#
# Dropout multiplies an entry by a factor of mean 1 and variance $p/(1-p)$; constants leave a variance
# squared. So a column counts with its mean *square*. Set the gradient of the expected loss to zero: a linear
# system with a matrix $H$, the second derivatives of the loss. Along an eigenvector of $H$ with eigenvalue
# $h$ the distance to the minimum is multiplied by $1 - \text{step} \cdot h$ in each step; its size must not
# exceed 1, for any $h$. The sigmoid's derivative $\sigma(1-\sigma)$ is the same for $z$ and $-z$, so you may
# always take the exponential of a negative number.
#
# </details>
#
# <details><summary>Hint 3: the shape of the code</summary>
#
# One to three lines each. `ridge` and `step_limit` need the same matrix: the mean of the outer products of
# the examples, with the strengths added to its diagonal. Solve, do not invert; for a symmetric matrix there
# is `np.linalg.eigvalsh`. `sgd` is a loop with one new mask array of the shape of `X` each time; the same
# masked array predicts and sends the error back.
#
# </details>

# %% [markdown]
# ## Look before you check: four columns
#
# Column 1 of the data is large, column 2 is small, columns 3 and 4 are nearly the same. All four true weights
# are 1, and the noise in `y` is weak. Which weights will dropout shrink most?

# %%
rng = np.random.default_rng(1)
a, b, c, d = np.linalg.qr(rng.normal(size=(200, 4)))[0].T * np.sqrt(200)  # uncorrelated, mean squares 1
X = np.column_stack([2 * a, 0.2 * b, c, c + 0.2 * d])
y = X.sum(axis=1) + 0.1 * rng.normal(size=200)
print("   p   strengths                  weights of least expected loss")
for p in (0.0, 0.2, 0.5, 0.8):
    print(f"{p:4.1f}  ", strengths(X, p).round(2), "  ", ridge(X, y, p).round(2))

# %% [markdown]
# Columns 1 and 2 shrink alike, to $1-p$ times their weight: the strength is proportional to the mean square
# of the column, so its size cancels. Columns 3 and 4 shrink less, because each stands in for the other when
# that one is dropped. Dropout's ridge rewards evidence that comes twice. Now the descent, and what happens
# when its steps are too long:

# %%
p = 0.5
w = ridge(X, y, p)
print("closed form           ", w.round(3), " loss", round(expected_loss(w, X, y, p), 3))
for share in (0.05, 0.2, 1.2):
    found = sgd(X, y, p, share * step_limit(X, p), 2000 if share < 1 else 40, rng)
    print(f"step {share:4.2f} of the limit", found.round(3), " loss", round(expected_loss(found, X, y, p), 3))

# %% [markdown]
# ## The checks
#
# **Linear regression.** The strengths, the refusal of a bad `p`, the loss against every mask, the minimum,
# and the minimum where least squares has no single answer.

# %% check="strengths_match"
check("06_regulariser.strengths_match", strengths)

# %% check="rejects_bad_p"
check("06_regulariser.rejects_bad_p", strengths)

# %% check="loss_is_exact"
check("06_regulariser.loss_is_exact", expected_loss)

# %% check="ridge_minimises"
check("06_regulariser.ridge_minimises", ridge)

# %% check="ridge_exists"
check("06_regulariser.ridge_exists", ridge)

# %% [markdown]
# **Logistic regression.** Each example counts with its own curvature; and large scores are safe.

# %% check="penalty_matches"
check("06_regulariser.penalty_matches", penalty)

# %% check="large_scores"
check("06_regulariser.large_scores", penalty)

# %% [markdown]
# **Gaussian noise.** Mean and variance of dropout, the shape of a normal distribution, nothing shared.

# %% check="gaussian_matches"
check("06_regulariser.gaussian_matches", gaussian)

# %% check="gaussian_shape"
check("06_regulariser.gaussian_shape", gaussian)

# %% check="gaussian_fresh"
check("06_regulariser.gaussian_fresh", gaussian)

# %% [markdown]
# **The descent.** The limit; without dropout plain gradient descent; two steps, whose every possible end the
# check knows; 2,000 steps, which land on the closed form; and steps that are too long.

# %% check="limit_matches"
check("06_regulariser.limit_matches", step_limit)

# %% check="descent_at_zero"
check("06_regulariser.descent_at_zero", sgd)

# %% check="two_steps_law"
check("06_regulariser.two_steps_law", sgd)

# %% check="sgd_lands"
check("06_regulariser.sgd_lands", sgd)

# %% check="long_steps"
check("06_regulariser.long_steps", sgd)

# %% [markdown]
# **Manners.** The generator decides, the caller's arrays stay as they were, and nothing is said on stderr.

# %% check="rng_decides"
check("06_regulariser.rng_decides", gaussian, sgd)

# %% check="inputs_unchanged"
check("06_regulariser.inputs_unchanged", strengths, expected_loss, ridge, penalty, gaussian, step_limit, sgd)

# %% check="quiet"
check("06_regulariser.quiet", strengths, expected_loss, ridge, penalty, gaussian, step_limit, sgd)

# %% [markdown]
# ## What to notice
#
# A column in other units, metres for kilometres, gets another strength, and the predictions stay the same.
# The usual ridge, with one strength for all, is not so lucky. Here column 1 is measured in a unit a thousand
# times smaller:

# %%
units = np.array([1000.0, 1.0, 1.0, 1.0])
for name, lam in (("dropout's ridge", strengths), ("one strength for all", lambda X, p: np.ones(4))):
    here, there = (
        Z @ np.linalg.solve(Z.T @ Z / 200 + np.diag(lam(Z, 0.5)), Z.T @ y / 200) for Z in (X, X * units)
    )
    print(f"{name:20s}  predictions move by {np.abs(here - there).max():.1e}")

# %% [markdown]
# [The chapter](../../book/06_regulariser.md) derives all of this, shows how good "to first order" is, and
# finds a limit below the limit: a step at which the mean still converges while the iterates do not.
