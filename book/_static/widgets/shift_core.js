// <shift-explorer>: the variance that a BatchNorm behind dropout learns in training, and what is left of it in evaluation.
"use strict";

(() => {
  const widgets = globalThis.dropoutWidgets;
  const { keepMask, spread, show } = widgets;
  const EXAMPLES = 1024, UNITS = 8, OUTPUTS = 4;
  const SUMMED = 4; // uniform numbers in a unit, so that it is nearly normal
  const MASKS_FROM = 10000; // block where the masks start; units and weights come before

  const KINDS = {
    white: "mean 0, uncorrelated",
    relu: "behind a ReLU",
    common: "mean 0, correlation one half",
  };

  /** n numbers of mean 0 and variance 1, each a sum of SUMMED uniform ones. @returns {number[]} */
  function bells(/** @type {number} */ n, seed, /** @type {number} */ offset) {
    const flat = spread(n * SUMMED, seed, offset);
    return Array.from({ length: n }, (_, i) => flat.slice(i * SUMMED, (i + 1) * SUMMED).reduce((a, b) => a + b) / Math.sqrt(SUMMED));
  }

  /** The activations, rows of UNITS numbers, one row for each example, and weights, all positive. */
  function layer(/** @type {string} */ kind, seed) {
    const flat = bells(EXAMPLES * UNITS, seed, 0), shared = bells(EXAMPLES, seed, 8500);
    const unit = (value, n) => (kind === "relu" ? Math.max(value, 0) : kind === "common" ? (value + shared[n]) / Math.SQRT2 : value);
    const x = Array.from({ length: EXAMPLES }, (_, n) => flat.slice(n * UNITS, (n + 1) * UNITS).map((value) => unit(value, n)));
    const weights = spread(UNITS * OUTPUTS, seed, 9800).map(Math.abs);
    return { x, w: Array.from({ length: UNITS }, (_, i) => weights.slice(i * OUTPUTS, (i + 1) * OUTPUTS)) };
  }

  const mean = (/** @type {number[]} */ values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = (/** @type {number[]} */ values) => { const m = mean(values); return mean(values.map((value) => (value - m) ** 2)); };
  const output = (/** @type {number[][]} */ x, w, /** @type {number} */ j) => x.map((row) => row.reduce((sum, value, i) => sum + value * w[i][j], 0));

  /** For each output: variance without dropout, and what each unit of p / q adds to it. @returns {{still: number, noise: number}[]} */
  function parts({ x, w }) {
    const second = w.map((_, i) => mean(x.map((row) => row[i] ** 2)));
    return w[0].map((_, j) => ({ still: variance(output(x, w, j)), noise: second.reduce((sum, m, i) => sum + m * w[i][j] ** 2, 0) }));
  }

  /** Evaluation variance over training variance, for each output. @returns {number[]} */
  const shift = (found, /** @type {number} */ p) => found.map(({ still, noise }) => still / (still + (p / (1 - p)) * noise));

  /** The same ratios with the training variance measured over one mask for each example. @returns {number[]} */
  function measured({ x, w }, /** @type {number} */ p, seed) {
    const keep = keepMask(EXAMPLES * UNITS, p, seed, MASKS_FROM);
    const dropped = x.map((row, n) => row.map((value, i) => (keep[n * UNITS + i] ? value / (1 - p) : 0)));
    return w[0].map((_, j) => variance(output(x, w, j)) / variance(output(dropped, w, j)));
  }

  let last = { key: "", all: /** @type {any} */ (null), found: /** @type {any[]} */ ([]) }; // a slider asks for the same layer often

  function view(id, { units, drop, seed }, _data) {
    const key = `${units} ${seed}`;
    if (last.key !== key) { const all = layer(units, seed); last = { key, all, found: parts(all) }; }
    const { all, found } = last, at = mean(shift(found, drop)), seen = measured(all, drop, seed);
    const height = 270, frame = widgets.axes({
      height, x: { from: 0, to: 1, ticks: [0, 0.2, 0.4, 0.6, 0.8, 1].map((p) => [p, String(p)]), label: "drop probability" },
      y: { from: 0, to: 1, ticks: widgets.ticks(0, 1), label: "variance left in evaluation" },
    });
    const ps = Array.from({ length: 40 }, (_, k) => (k * 0.95) / 39);
    let body = frame.body + widgets.line(frame, [[0, 1], [1, 0]], 1) + widgets.line(frame, ps.map((p) => [p, mean(shift(found, p))]), 0);
    body += widgets.upright(frame, drop, 0, at) + widgets.marks(frame, [[drop, mean(seen)]], 0, 5);
    body += widgets.text(frame.X(1), frame.Y(0.93), "dashes: the keep probability", "end");
    body += widgets.text(frame.X(1), frame.Y(0.83), "line: formula, disc: measured", "end");
    const title = "The share of its variance that an output of BatchNorm keeps in evaluation, over the drop probability, beside the keep probability.";
    const said = `Units ${KINDS[units]}: a BatchNorm that learnt its variance with dropout leaves ${show(at)} of it in evaluation by the formula, ` +
      `${show(mean(seen))} measured, where training had 1. The keep probability would be ${show(1 - drop)}.`;
    const table = [["Output", "Variance in evaluation", "Variance in training", "Left, formula", "Left, measured"],
      ...found.map(({ still }, j) => [String(j + 1), show(still, 3), show(still / seen[j], 3), show(shift(found, drop)[j], 3), show(seen[j], 3)])];
    return { svg: widgets.picture(id, title, height, body), said, table };
  }

  widgets.shift = { layer, parts, shift, measured };
  widgets.kinds["shift-explorer"] = {
    heading: "Dropout before a BatchNorm",
    start: { units: "relu", drop: 0.5, seed: 1 },
    controls: () => [
      { name: "units", type: "choice", label: "Units are", options: Object.entries(KINDS) },
      { name: "drop", type: "rate", label: "Drop and keep probability", least: 0, most: 0.95 },
      { name: "seed", type: "seed", label: "Seed of units, weights and masks" },
    ],
    view,
  };
})();
