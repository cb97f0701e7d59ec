# ---
# title: What the network does not know
# slug: 11_uncertainty
# minutes: 60
# difficulty: 4
# chapter: book/11_uncertainty.md
# needs: [05_ensemble]
# ---

# %% [markdown]
# # What the network does not know
#
# A classifier answers every question, also one that makes no sense. Leave dropout on at test time, ask the
# same question fifty times, and the fifty answers differ; how much is a hint at what the network does not
# know. It costs five lines, and each has a classic mistake: batch normalisation wakes up as well, logits are
# averaged instead of probabilities. Then comes what demonstrations leave out: is it any good? Here you write
# the sampler, the two uncertainties, two scores, and a comparison that may end undecided.

# %%
import numpy as np

from dropgrade.checks import check
from dropgrade.digits import load_digits
from dropgrade.reference.small_nets import rotate, run_layer, train_net

# %% [markdown]
# ## The network
#
# A network here is a list of layers, and a layer is a dictionary with a `"kind"`:
#
# | kind | keys | what it does |
# |---|---|---|
# | `"dense"` | `weight`, `bias` | `x @ weight + bias` |
# | `"relu"` | | zero where negative |
# | `"dropout"` | `p`, chance of **dropping** | training: a mask, and what is kept is divided by 1 - p |
# | `"batchnorm"` | `mean`, `var`, `gamma`, `beta` | `(x - mean) / sqrt(var + 1e-5) * gamma + beta` |
#
# Dropout does nothing in evaluation mode. Batch normalisation uses its stored `mean` and `var` in evaluation
# mode; in training mode it uses those of the batch, *and moves the stored ones towards them, in place*.
#
# `run_layer(layer, x, training, rng)` above is handed to you: it returns what one layer makes of a batch
# `x` of shape (n, i), with *that layer* in training mode if `training` is true. You may use it or not.
#
# ## Part 1: sampling
#
# `mc_logits(layers, x, passes, rng)` runs the network several times with dropout on.
#
# 1. It returns one float array of shape `(passes, n, classes)`: what the last layer gives in each pass.
#    Logits, so no softmax.
# 2. Every dropout layer is in training mode; every other layer is in evaluation mode.
# 3. Each pass and each example has a mask of its own (one call of `run_layer` gives each row its own).
# 4. All randomness comes from `rng`, a NumPy generator: equal states give equal results, and a second call
#    with the same generator draws new masks. No global random state is touched.
# 5. `layers`, what is in them, and `x` stay as they were.
#
# `passes` and `n` are at least 1, and 0 <= p < 1 in what is graded.


# %% grade_id="mc_logits" solution=true
def mc_logits(layers, x, passes, rng):
    """Logits of several passes in which dropout, and nothing else, is in training mode.

    layers: list of dictionaries; x: float array (n, i); passes: at least 1; rng: NumPy generator.
    Returns a float array (passes, n, classes).
    """
    ### BEGIN SOLUTION
    found = []
    for _ in range(passes):
        y = x
        for layer in layers:
            y = run_layer(layer, y, layer["kind"] == "dropout", rng)
        found.append(y)
    return np.stack(found)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: think</summary>
#
# A mode belongs to a layer, not to the network. Which of the four kinds would you want to behave as in
# training, and what would go wrong with the others?
#
# </details>
#
# <details><summary>Hint 2: nearly there</summary>
#
# Two loops: over the passes, and inside over the layers, each layer fed with what the one before returned.
# Every pass starts from `x` again.
#
# </details>
#
# <details><summary>Hint 3: the shape of the code</summary>
#
# The third argument of `run_layer` is a comparison of the layer's kind with one word. Collect the results
# of the passes in a list and stack them.
#
# </details>

# %% check="returns_logits"
check("11_uncertainty.returns_logits", mc_logits)

# %% check="every_dropout_layer_drops"
check("11_uncertainty.every_dropout_layer_drops", mc_logits)

# %% check="masks_are_independent"
check("11_uncertainty.masks_are_independent", mc_logits)

# %% check="batchnorm_stays_in_evaluation"
check("11_uncertainty.batchnorm_stays_in_evaluation", mc_logits)

# %% check="network_unchanged"
check("11_uncertainty.network_unchanged", mc_logits)

# %% check="draws_from_the_generator"
check("11_uncertainty.draws_from_the_generator", mc_logits)

# %% [markdown]
# ## Part 2: one prediction, two uncertainties
#
# Write $p_t(c)$ for the probability of class $c$ in pass $t$ (a softmax over the last axis of the logits),
# $T$ for the number of passes, and $\bar p(c) = \frac1T \sum_t p_t(c)$. The *entropy* of a distribution is
# $H(p) = -\sum_c p(c) \ln p(c)$, with the natural logarithm and $0 \ln 0 = 0$.
#
# `predict(logits)` returns $\bar p$, an array (n, classes).
#
# `uncertainty(logits)` returns two arrays of shape (n,), in this order:
#
# - the **entropy** $H(\bar p)$ of the average prediction;
# - the **information** $H(\bar p) - \frac1T \sum_t H(p_t)$: how much of it comes from passes that disagree.
#
# `logits` is a float64 array (passes, n, classes), from dropout or from an ensemble. Rules, for both:
#
# 1. Right to 1e-9, so work in float64. Logits of 5,000 and more, of either sign, are legal: no overflow, no
#    NaN, no warning. A probability that underflows to 0 adds 0 to an entropy.
# 2. Information is never below 0, not even by rounding: cut it off there. Nor does it exceed the entropy by
#    more than rounding. For a single pass, or passes that all agree, it is 0 to rounding.


# %% grade_id="predict" solution=true
def predict(logits):
    """Mean over the passes of the class probabilities.

    logits: float array (passes, n, classes). Returns a float array (n, classes).
    """
    ### BEGIN SOLUTION
    shares = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return (shares / shares.sum(axis=-1, keepdims=True)).mean(axis=0)
    ### END SOLUTION


# %% grade_id="uncertainty" solution=true
def uncertainty(logits):
    """Entropy of the average prediction, and mutual information of class and mask, in nats.

    logits: float array (passes, n, classes). Returns two float arrays (n,): entropy, information.
    """

    ### BEGIN SOLUTION
    def entropy(probs):
        logs = np.log(probs, out=np.zeros_like(probs), where=probs > 0)
        return -(probs * logs).sum(axis=-1)

    each = np.exp(logits - logits.max(axis=-1, keepdims=True))
    each /= each.sum(axis=-1, keepdims=True)
    total = entropy(each.mean(axis=0))
    return total, np.maximum(total - entropy(each).mean(axis=0), 0)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: think</summary>
#
# Two passes say (0.99, 0.01) and (0.01, 0.99). Then two passes say (0.5, 0.5) both. The average is the
# same; what is different? Compute both results for both by hand.
#
# </details>
#
# <details><summary>Hint 2: nearly there</summary>
#
# A softmax does not change if you subtract the same number from all logits of a row; choose it so that
# `exp` cannot overflow. An entropy is a sum over the last axis, so the same function serves $\bar p$ and
# all $p_t$ at once.
#
# </details>
#
# <details><summary>Hint 3: the shape of the code</summary>
#
# Softmax first, then `mean(axis=0)`: not the other way round. For $0 \ln 0$ let `np.log` write only where
# the probability is positive (`where=` with `out=` zeros). The last line subtracts a mean of entropies and
# cuts at 0.
#
# </details>

# %% check="averages_probabilities"
check("11_uncertainty.averages_probabilities", predict)

# %% check="large_logits"
check("11_uncertainty.large_logits", predict)

# %% check="entropy_of_the_average"
check("11_uncertainty.entropy_of_the_average", uncertainty)

# %% check="information_is_the_gap"
check("11_uncertainty.information_is_the_gap", uncertainty)

# %% check="information_keeps_its_bounds"
check("11_uncertainty.information_keeps_its_bounds", uncertainty)

# %% check="certain_passes"
check("11_uncertainty.certain_passes", uncertainty)

# %% [markdown]
# On a trained network, digits turned by 60 degrees should have more information than upright ones.

# %% check="turned_digits_are_uncertain"
check("11_uncertainty.turned_digits_are_uncertain", mc_logits, uncertainty)

# %% [markdown]
# ## Part 3: two scores
#
# `probs` is a float64 array (n, classes) of probabilities, `labels` an int array (n,) of the true classes.
#
# `nll(probs, labels)` returns one number: the mean over the examples of $-\ln p(\text{label})$. If the
# probability of a label is 0 the result is `inf`, without a warning: nothing is clipped.
#
# `ece(probs, labels, bins)` returns the expected calibration error, by exactly this rule:
#
# 1. The *confidence* of an example is its largest probability; its *prediction* is the first class that has
#    it.
# 2. Bin $m = 1, \dots, M$ (`bins` is $M$) holds the examples with $(m-1)/M <$ confidence $\le m/M$.
# 3. The *gap* of a bin is |share of right predictions in it - mean confidence in it|.
# 4. The result is the mean of the gaps, each weighted by its bin's share of all examples. An empty bin
#    counts nothing: no NaN, no warning.
#
# Confidences that lie on an edge occur in what is graded only where floating point has the edge exactly (4
# bins).


# %% grade_id="nll" solution=true
def nll(probs, labels):
    """Mean negative log-likelihood in nats; inf where a label has probability 0.

    probs: float array (n, classes); labels: int array (n,). Returns a number.
    """
    ### BEGIN SOLUTION
    with np.errstate(divide="ignore"):
        return -np.log(probs[np.arange(len(labels)), labels]).mean()
    ### END SOLUTION


# %% grade_id="ece" solution=true
def ece(probs, labels, bins):
    """Expected calibration error with equally wide bins, each closed above.

    probs: float array (n, classes); labels: int array (n,); bins: at least 1. Returns a number.
    """
    ### BEGIN SOLUTION
    sure, right = probs.max(axis=1), probs.argmax(axis=1) == labels
    place = np.ceil(sure * bins).astype(int)
    gaps = [right[place == m].sum() - sure[place == m].sum() for m in np.unique(place)]
    return np.abs(gaps).sum() / len(labels)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: think</summary>
#
# In step 4 each gap is multiplied by the number of examples in its bin. What does that do to the two means
# in step 3?
#
# </details>
#
# <details><summary>Hint 2: nearly there</summary>
#
# Which rounding sends 0.5 to bin 2 of 4, and 0.51 to bin 3 of 4? And how do you pick, for each row of an
# array, the entry whose column is in another array?
#
# </details>
#
# <details><summary>Hint 3: the shape of the code</summary>
#
# Round `confidence * bins` up and group by that. Index `probs` with two int arrays, rows and labels. Inside
# `np.errstate(divide="ignore")` the logarithm of 0 is silent.
#
# </details>

# %% check="nll_of_the_label"
check("11_uncertainty.nll_of_the_label", nll)

# %% check="impossible_label"
check("11_uncertainty.impossible_label", nll)

# %% check="ece_by_the_rule"
check("11_uncertainty.ece_by_the_rule", ece)

# %% check="ece_edges"
check("11_uncertainty.ece_edges", ece)

# %% check="ece_empty_bins"
check("11_uncertainty.ece_empty_bins", ece)

# %% [markdown]
# ## Part 4: a comparison that may end undecided
#
# `compare(first, second, labels)` gets two predictions for the *same* examples: `first` and `second` are
# float64 arrays (n, classes) of positive probabilities, n at least 2. Let $d_i$ be the loss $-\ln
# p(\text{label})$ of example $i$ under `first` minus that under `second`, $\bar d$ their mean, and $s$
# their standard deviation, with $n - 1$ in the denominator. The function returns four things:
#
# - `difference`, which is $\bar d$; `low` and `high`, which are $\bar d \mp 1.96\, s / \sqrt n$;
# - `verdict`: `"first"` if that is better, so `high < 0`; `"second"` if `low > 0`; else `"undecided"`.


# %% grade_id="compare" solution=true
def compare(first, second, labels):
    """Difference in loss of two predictions, its paired 95 % interval, and the verdict that it allows.

    first, second: float arrays (n, classes), positive; labels: int array (n,).
    Returns (difference, low, high, verdict); verdict is "first", "second" or "undecided".
    """
    ### BEGIN SOLUTION
    rows = np.arange(len(labels))
    d = np.log(second[rows, labels]) - np.log(first[rows, labels])
    half = 1.96 * d.std(ddof=1) / np.sqrt(len(d))
    low, high = d.mean() - half, d.mean() + half
    verdict = "first" if high < 0 else "second" if low > 0 else "undecided"
    return d.mean(), low, high, verdict
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: think</summary>
#
# Some digits are hard for both predictions. Is that a reason to trust the difference less?
#
# </details>
#
# <details><summary>Hint 2: nearly there</summary>
#
# Subtract first, example by example; then treat the differences as one sample.
#
# </details>
#
# <details><summary>Hint 3: the shape of the code</summary>
#
# Pick the label's probability in both arrays, take logarithms, subtract (mind the sign: loss is *minus* the
# logarithm), then mean, `std` with `ddof=1`, and two comparisons with zero.
#
# </details>

# %% check="interval_is_paired"
check("11_uncertainty.interval_is_paired", compare)

# %% check="verdict_follows_the_interval"
check("11_uncertainty.verdict_follows_the_interval", compare)

# %% [markdown]
# **Quiet.** No warning on ordinary inputs, and nothing on stderr.

# %% check="quiet"
check("11_uncertainty.quiet", mc_logits, predict, uncertainty, nll, ece, compare)

# %% [markdown]
# ## What to notice
#
# Now use it. Five networks are trained on 2,000 digits, with dropout at 0.3 (a second or two). The first of
# them makes 50 passes with dropout on; all five in evaluation mode are a *deep ensemble*. Whom do you expect
# to be ahead on upright digits, and whom on digits turned by 60 degrees, which no network has seen?

# %%
digits = load_digits()
networks = [train_net(digits.train_images, digits.train_labels, seed) for seed in range(5)]


def evaluated(layers, x):
    """Logits in evaluation mode, with a first axis of length 1."""
    for layer in layers:
        x = run_layer(layer, x, False, None)
    return x[None]


print("        loss (NLL)            information      NLL of dropout minus ensemble,")
print("turned  dropout  ensemble  dropout  ensemble   95 % interval, verdict")
for degrees in (0, 20, 40, 60):
    x = rotate(digits.test_images, degrees).astype(np.float64)
    sampled = mc_logits(networks[0], x, 50, np.random.default_rng(degrees))
    members = np.concatenate([evaluated(layers, x) for layers in networks])
    probs = [predict(logits) for logits in (sampled, members)]
    scores = [nll(one, digits.test_labels) for one in probs]
    means = [uncertainty(logits)[1].mean() for logits in (sampled, members)]
    difference, low, high, verdict = compare(*probs, digits.test_labels)
    verdict = {"first": "dropout", "second": "ensemble"}.get(verdict, verdict)
    row = f"{degrees:4d}    {scores[0]:7.3f}  {scores[1]:8.3f}  {means[0]:7.3f}  {means[1]:8.3f}"
    print(f"{row}   {difference:+.3f} ({low:+.3f} to {high:+.3f}) {verdict}")

# %% [markdown]
# Both kinds of information rise with the angle, so both notice that something is odd. Neither notices enough:
# look at the loss. And the interval says how much the difference would change with other *digits*, not with
# other *trainings*. [The chapter](../../book/11_uncertainty.md) repeats the comparison with several ensembles
# and asks why dropout gains where the question makes no sense.
