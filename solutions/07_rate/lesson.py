# ---
# title: Choosing a rate fairly
# slug: 07_rate
# minutes: 60
# difficulty: 3
# chapter: book/07_rate.md
# needs: [04_coadaptation]
# ---

# %% [markdown]
# # Choosing a rate fairly
#
# "Dropout 0.5 beats no dropout by two points." Which learning rate did each of them get? How many seeds? Was
# the winner picked by the numbers that are reported? With the wrong answers, any of the two can be made to
# win. Here you write the five small functions of a comparison that can be trusted: an interval over shared
# seeds, a learning rate for each arm, the report with its verdict, the settings of a search, and the runs.
#
# What is graded is the method. No check asks for a low error.

# %%
import numpy as np

from dropgrade.checks import check
from dropgrade.digits import load_digits
from dropgrade.reference.mlp import score, start, train
from dropgrade.reference.paired import t_quantile

# %% [markdown]
# Four functions are handed to you:
#
# - `t_quantile(level, df)`: the $t$ with $P(|T| \le t)$ = `level`, for Student's t with `df` degrees of
#   freedom;
# - `start(inputs, width, classes, rng)`: a new network with one hidden layer;
# - `train(network, images, labels, settings, rng)`: a new, trained network. `settings` is a dict of `p`,
#   `rate` (the learning rate), `steps`, `batch` and `momentum`. Order and masks come from two generators that
#   it spawns from `rng`;
# - `score(network, images, labels)`: two numbers, the share of wrong answers and a loss.
#
# Everywhere, an *error* is a share of wrong answers: lower is better. No argument may be changed, no warning
# set off, nothing written to stderr, and NumPy's and Python's global random states are left alone.
#
# ## Part 1: the interval
#
# `paired_interval(a, b, level)` gets two float arrays (n,) of errors; entry $i$ of both comes from the same
# seed. With $d_i = b_i - a_i$, their mean $\bar d$ and their standard deviation $s$ (dividing by $n - 1$) it
# returns three numbers `(mean, low, high)`:
#
# $$\bar d, \qquad \bar d - t\, \frac{s}{\sqrt n}, \qquad \bar d + t\, \frac{s}{\sqrt n},
# \qquad t = \texttt{t\_quantile(level, n - 1)}.$$
#
# It raises `ValueError` if the lengths differ, if there are fewer than two pairs, or if a value is NaN or
# infinite: such a run has no error to average.


# %% grade_id="paired_interval" solution=true
def paired_interval(a, b, level):
    """Mean of b - a over shared seeds, and the ends of its t-interval: (mean, low, high).

    a, b: float arrays (n,) of errors; level: 0 < level < 1. Raises ValueError where there is no interval.
    """
    ### BEGIN SOLUTION
    if len(a) != len(b) or len(a) < 2 or not np.isfinite([a, b]).all():
        raise ValueError("a and b must be finite and of one length, at least 2")
    d = b - a
    half = t_quantile(level, len(d) - 1) * d.std(ddof=1) / np.sqrt(len(d))
    return d.mean(), d.mean() - half, d.mean() + half
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: think</summary>
#
# A seed that makes one arm unlucky makes the other unlucky too. In which order do you subtract and take the
# deviation so that this cancels?
#
# </details>
#
# <details><summary>Hint 2: nearly there</summary>
#
# After one subtraction you have a single sample. NumPy's `std` divides by n unless you tell it otherwise.
# Look at the three bad cases before you compute anything.
#
# </details>
#
# <details><summary>Hint 3: the shape of the code</summary>
#
# One `if` with three conditions joined by `or`, lengths first; the differences; the half width as a product
# of quantile and standard error; then three numbers.
#
# </details>

# %% check="interval_is_students"
check("07_rate.interval_is_students", paired_interval)

# %% [markdown]
# **Coverage.** Of 2,000 intervals of level 90 %, from four seeds each, about 1,800 hold the truth.

# %% check="interval_covers"
check("07_rate.interval_covers", paired_interval)

# %% check="refuses_what_has_no_interval"
check("07_rate.refuses_what_has_no_interval", paired_interval)

# %% [markdown]
# ## Part 2: a learning rate for each arm
#
# An *arm* is one thing you compare, such as a drop rate. `choose(validation)` gets the validation errors of
# all arms, a float array (arms, learning rates, seeds), and returns for each arm the place of its best
# learning rate: a list of ints.
#
# - The best learning rate of an arm is that with the lowest mean over the seeds.
# - NaN or infinity marks a run that diverged. A learning rate with such a run is out, however good its
#   other runs are. Each arm has at least one learning rate without.


# %% grade_id="choose" solution=true
def choose(validation):
    """The place of the best learning rate of each arm, a list of ints.

    validation: float array (arms, rates, seeds) of errors; NaN or inf where a run diverged.
    """
    ### BEGIN SOLUTION
    means = validation.mean(axis=2)
    return np.where(np.isfinite(means), means, np.inf).argmin(axis=1).tolist()
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: think</summary>
#
# What is the mean of three numbers of which one is NaN? And where does `argmin` look if there is a NaN?
#
# </details>
#
# <details><summary>Hint 2: nearly there</summary>
#
# The plain mean marks the bad learning rates for you: it is not finite exactly for them.
#
# </details>
#
# <details><summary>Hint 3: the shape of the code</summary>
#
# Mean over the last axis; put infinity wherever it is not finite; then the place of the minimum along the
# learning rates.
#
# </details>

# %% check="each_arm_has_its_own_rate"
check("07_rate.each_arm_has_its_own_rate", choose)

# %% [markdown]
# ## Part 3: the report
#
# `compare(validation, test, level)` gets two arrays like that of part 2, of one shape, with two arms or more.
# Arm 0 is the baseline. It returns a list with one dict for each of the arms 1, 2, ... in order:
#
# - `"rates"`: two places, the learning rate of arm 0 and that of this arm. Both are the best of their arm on
#   **validation**;
# - `"mean"`, `"low"`, `"high"`: the paired interval of the **test** errors at these learning rates, this arm
#   minus arm 0. With $k$ arms besides the baseline its level is $1 - (1 - \texttt{level})/k$, so that all $k$
#   intervals hold together at least as often as `level` says (Bonferroni);
# - `"verdict"`: `"better"` if the whole interval is below 0, `"worse"` if it is above, else `"undecided"`.
#
# A test error that is not finite at a chosen learning rate raises `ValueError`, as `paired_interval` does.


# %% grade_id="compare" solution=true
def compare(validation, test, level):
    """Each arm against arm 0: learning rates from validation, paired interval and verdict from test.

    validation, test: float arrays (arms, rates, seeds), arms >= 2; level: of all intervals together.
    Returns a list of dicts with rates, mean, low, high and verdict.
    """
    ### BEGIN SOLUTION
    chosen, reports = choose(validation), []
    each = 1 - (1 - level) / (len(chosen) - 1)
    for arm in range(1, len(chosen)):
        mean, low, high = paired_interval(test[0, chosen[0]], test[arm, chosen[arm]], each)
        verdict = "better" if high < 0 else "worse" if low > 0 else "undecided"
        rates = (chosen[0], chosen[arm])
        reports.append({"rates": rates, "mean": mean, "low": low, "high": high, "verdict": verdict})
    return reports
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: think</summary>
#
# If each of five intervals misses in 5 % of all studies, in how many studies is at least one of them wrong?
# And why would the lowest of several noisy test errors be too low?
#
# </details>
#
# <details><summary>Hint 2: nearly there</summary>
#
# The two functions above do nearly all of it. `choose` sees one of the arrays only. With two arms k is 1 and
# the level stays as it is.
#
# </details>
#
# <details><summary>Hint 3: the shape of the code</summary>
#
# Choose once; one level for all; a loop over the arms from 1 on that picks two rows of `test`, asks for the
# interval, compares both ends with zero and appends a dict.
#
# </details>

# %% check="compares_as_agreed"
check("07_rate.compares_as_agreed", compare)

# %% [markdown]
# **Several at once.** 400 studies of five arms and a baseline, level 80 %: how often do all five hold?

# %% check="intervals_cover_together"
check("07_rate.intervals_cover_together", compare)

# %% check="verdicts_follow_intervals"
check("07_rate.verdicts_follow_intervals", compare)

# %% [markdown]
# ## Part 4: what to try
#
# `propose(method, n, space, rng)` returns the settings of a search: an array (n, 2), learning rates in the
# first column and p in the second. `space` is a dict, `space["rate"]` and `space["p"]` are pairs
# (lowest, highest); the lowest learning rate is positive.
#
# - `method == "grid"`: n is a square, at least 4. All pairs of $\sqrt n$ learning rates and $\sqrt n$ values
#   of p, both ends of each range included, neighbouring learning rates in one ratio, neighbouring p at one
#   distance. Any order of the rows. `rng` is not used.
# - `method == "random"`: n independent draws from `rng`; the *logarithm* of the learning rate is uniform, p
#   is uniform, and the two are independent of each other. Equal states of `rng` give equal settings.


# %% grade_id="propose" solution=true
def propose(method, n, space, rng):
    """Settings to try, float array (n, 2): learning rate and p.

    method: "grid" (n is a square) or "random"; space: {"rate": (low, high), "p": (low, high)}.
    """
    ### BEGIN SOLUTION
    if method == "grid":
        side = round(n**0.5)
        rates, ps = np.geomspace(*space["rate"], side), np.linspace(*space["p"], side)
        return np.array([(rate, p) for rate in rates for p in ps])
    rates = np.exp(rng.uniform(*np.log(space["rate"]), n))
    return np.column_stack([rates, rng.uniform(*space["p"], n)])
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: think</summary>
#
# Between 0.0001 and 1, which share of evenly spaced learning rates is below 0.1? Which share should be?
#
# </details>
#
# <details><summary>Hint 2: nearly there</summary>
#
# NumPy has a function for numbers in one ratio and one for numbers at one distance. For a random learning
# rate draw its logarithm and undo it.
#
# </details>
#
# <details><summary>Hint 3: the shape of the code</summary>
#
# For the grid: two short arrays and a double loop (or `meshgrid`). For random: two draws of length n,
# stacked as columns.
#
# </details>

# %% check="grid_spans_the_space"
check("07_rate.grid_spans_the_space", propose)

# %% check="random_fills_the_space"
check("07_rate.random_fills_the_space", propose)

# %% [markdown]
# ## Part 5: the runs
#
# `measure(settings, seeds, budget, train_part, judge_part)` trains one network for each setting and seed and
# returns their errors, an array (settings, seeds).
#
# - `settings`: a list of dicts with `p` and `rate`; `seeds`: a list of ints.
# - `budget`: a dict with `width`, `steps`, `batch` and `momentum`, the same for all runs.
# - `train_part`, `judge_part`: two tuples (images, labels). Train on the first, count errors on the second.
#   Images are float arrays (n, pixels), labels ints from 0 to 9; n is a multiple of `batch`.
# - All settings of one seed share the start of the network and the order of the images. So a p that is too
#   small to drop anything gives exactly the errors of p = 0.
# - A run depends on its setting and its seed alone: not on its place in the lists, nor on what ran before.
#
# Use `start`, `train` and `score` above, or your own.


# %% grade_id="measure" solution=true
def measure(settings, seeds, budget, train_part, judge_part):
    """Errors of every setting under every seed, float array (settings, seeds).

    settings: dicts with p and rate; budget: dict with width, steps, batch, momentum;
    train_part, judge_part: (images, labels).
    """
    ### BEGIN SOLUTION
    errors = np.empty((len(settings), len(seeds)))
    for i, setting in enumerate(settings):
        for j, seed in enumerate(seeds):
            rng = np.random.default_rng(seed)
            network = start(train_part[0].shape[1], budget["width"], 10, rng)
            network = train(network, *train_part, {**budget, **setting}, rng)
            errors[i, j] = score(network, *judge_part)[0]
    return errors
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: think</summary>
#
# Two trainings draw from one generator, one after the other. Does the second start where the first did?
#
# </details>
#
# <details><summary>Hint 2: nearly there</summary>
#
# The place where the generator is made decides everything. `train` wants one dict; two dicts can be merged.
#
# </details>
#
# <details><summary>Hint 3: the shape of the code</summary>
#
# Two loops; in the inner one a fresh generator from the seed, a start, a training, the first of the two
# numbers of `score`.
#
# </details>

# %% check="runs_of_one_seed_are_paired"
check("07_rate.runs_of_one_seed_are_paired", measure)

# %% [markdown]
# **The settings arrive.** After 150 steps at learning rate 0.1 without dropout fewer than 20 % of the test
# digits are misread on average; with p = 0.97, with learning rate 0.0001 or after a single step more than
# 40 %. A right answer stays far from these limits (width 64, batches of 100, momentum 0.9).

# %% check="settings_reach_the_training"
check("07_rate.settings_reach_the_training", measure)

# %% check="errors_are_those_of_the_part"
check("07_rate.errors_are_those_of_the_part", measure)

# %% [markdown]
# **Manners.**

# %% check="randomness_is_an_argument"
check("07_rate.randomness_is_an_argument", paired_interval, choose, compare, propose, measure)

# %% check="arguments_unchanged"
check("07_rate.arguments_unchanged", paired_interval, choose, compare)

# %% check="quiet"
check("07_rate.quiet", paired_interval, choose, compare, propose, measure)

# %% [markdown]
# ## What to notice
#
# Now use it: 600 digits to train on, p = 0 and p = 0.5, three learning rates, eight seeds (a few seconds).
# First both arms get the *same* learning rate, each of the three in turn. Predict: does the verdict change?

# %%
digits = load_digits()
train_part = digits.train_images[:600], digits.train_labels[:600]
validation_part = digits.train_images[1000:], digits.train_labels[1000:]
test_part = digits.test_images, digits.test_labels
budget = {"width": 64, "steps": 200, "batch": 50, "momentum": 0.9}
rates = (0.01, 0.1, 0.3)
grid = [{"p": p, "rate": rate} for p in (0.0, 0.5) for rate in rates]
validation, test = (
    measure(grid, range(8), budget, train_part, part).reshape(2, len(rates), 8)
    for part in (validation_part, test_part)
)
for place, rate in enumerate(rates):
    mean, low, high = paired_interval(test[0, place], test[1, place], 0.95)
    verdict = "better" if high < 0 else "worse" if low > 0 else "undecided"
    print(
        f"both at {rate:<6} dropout changes the error by {mean:+.2%} ({low:+.2%} to {high:+.2%}): {verdict}"
    )
report = compare(validation, test, 0.95)[0]
own = " and ".join(f"{rates[place]}" for place in report["rates"])
ends = f"{report['mean']:+.2%} ({report['low']:+.2%} to {report['high']:+.2%})"
print(f"each at its own, {own}: {ends}: {report['verdict']}")

# %% [markdown]
# Same code, same digits, same seeds; only the learning rate was "kept fixed for fairness". And a search? Here
# is one with your `propose`, with the winner trained again on seeds that it was not chosen for:

# %%
tried = propose("random", 16, {"rate": (0.003, 0.5), "p": (0.0, 0.8)}, np.random.default_rng(7))
settings = [{"rate": rate, "p": p} for rate, p in tried]
found = measure(settings, [0], budget, train_part, validation_part)[:, 0]
winner = settings[int(found.argmin())]
again = measure([winner], range(1, 9), budget, train_part, validation_part)[0]
print(f"winner: rate {winner['rate']:.3g}, p = {winner['p']:.2f}")
print(f"its validation error in the search: {found.min():.2%}; with eight other seeds: {again.mean():.2%}")

# %% [markdown]
# To let Optuna propose instead (`pip install optuna`; nothing here needs it), each trial asks for its
# setting and reports an error:
#
# ```python
# def objective(trial):
#     rate = trial.suggest_float("rate", 0.003, 0.5, log=True)
#     p = trial.suggest_float("p", 0.0, 0.8)
#     return measure([{"rate": rate, "p": p}], [0], budget, train_part, validation_part)[0, 0]
#
# study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=0))
# study.optimize(objective, n_trials=16)
# ```
#
# The sampler replaces `propose`, and nothing else: fresh seeds, a test set and an interval are still yours to
# bring. [The chapter](../../book/07_rate.md) compares the three ways of searching, with intervals.
