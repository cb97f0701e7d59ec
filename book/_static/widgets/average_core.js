// <average-explorer>: an entry of 1 under dropout, averaged over more and more masks, for three scales of what is kept.
"use strict";

(() => {
  const widgets = globalThis.dropoutWidgets;
  const { keepMask, show, count } = widgets;
  const DRAWS = 4096, RUNS = 3;

  /** What a kept entry is multiplied by. */
  const SCALES = {
    inverted: { label: "divided by keep (right)", factor: (p) => 1 / (1 - p) },
    none: { label: "left as it is", factor: () => 1 },
    swapped: { label: "divided by drop", factor: (p) => 1 / p },
  };

  /** Mean and variance of an output in training, for an input of 1: s q and s^2 p q. */
  function moments(/** @type {string} */ scale, /** @type {number} */ p) {
    const s = SCALES[scale].factor(p);
    return { mean: s * (1 - p), variance: s * s * p * (1 - p) };
  }

  /** Run `run` of outputs: its draws start at block `run * DRAWS`. @returns {number[]} */
  function outputs(/** @type {string} */ scale, /** @type {number} */ p, seed, /** @type {number} */ run, n = DRAWS) {
    const s = SCALES[scale].factor(p);
    return keepMask(n, p, seed, run * DRAWS).map((kept) => (kept ? s : 0));
  }

  /** The mean of the first 1, 2, 3, ... values. @returns {number[]} */
  function runningMeans(/** @type {number[]} */ values) {
    let sum = 0;
    return values.map((value, i) => (sum += value) / (i + 1));
  }

  /** About 90 whole numbers from 1 to n, evenly spaced in their logarithms. @returns {number[]} */
  function places(/** @type {number} */ n) {
    const found = Array.from({ length: 90 }, (_, k) => Math.round(n ** (k / 89)));
    return [...new Set(found)];
  }

  function view(id, { scale, drop, seed }, _data) {
    const { mean, variance } = moments(scale, drop), xs = places(DRAWS);
    const runs = Array.from({ length: RUNS }, (_, run) => outputs(scale, drop, seed, run));
    const means = runs.map(runningMeans), last = means.map((run) => run[DRAWS - 1]);
    const all = runs.flat(), measured = all.reduce((sum, y) => sum + (y - mean) ** 2, 0) / all.length;
    const error = Math.sqrt(variance / DRAWS), top = Math.max(2, 2 * mean);
    const height = 280, frame = widgets.axes({
      height, x: { from: 1, to: DRAWS, log: true, ticks: [[1, "1"], [10, "10"], [100, "100"], [1000, "1,000"]], label: "masks averaged" },
      y: { from: 0, to: top, ticks: widgets.ticks(0, top), label: "mean of the output, input 1" },
    });
    const spread = xs.map((n) => [n, mean - Math.sqrt(variance / n), mean + Math.sqrt(variance / n)]);
    let body = frame.body + widgets.band(frame, spread) + widgets.rule(frame, 1, DRAWS, 1);
    means.forEach((run, i) => { body += widgets.line(frame, xs.map((n) => [n, run[n - 1]]), i); });
    body += widgets.text(widgets.WIDTH - widgets.RIGHT, frame.Y(1) + (mean < 0.85 || mean > 1.5 ? -6 : 18), "evaluation", "end") + widgets.text(widgets.WIDTH - widgets.RIGHT, frame.Y(top) + 15, "band: the formula", "end");
    const title = `Running means of three runs over 1 to ${count(DRAWS)} masks, with the formula’s band and the output in evaluation.`;
    const said = `After ${count(DRAWS)} masks the three running means are ${last.map((m) => show(m, 3)).join(", ")}; the formula says ${show(mean, 3)}, ` +
      `give or take ${show(error, 3)}. Variance of one output: ${show(measured, 3)} measured, ${show(variance, 3)} by the formula. ` +
      (Math.abs(mean - 1) < 1e-9 ? "Evaluation gives 1, the same as the mean." : `Evaluation gives 1: ${show(1 / mean)} times what the next layer met in training.`);
    const table = [["Masks averaged", ...last.map((_, i) => `Run ${i + 1}`), "Formula"],
      ...[1, 16, 256, DRAWS].map((n) => [count(n), ...means.map((run) => show(run[n - 1], 3)), `${show(mean, 3)} ± ${show(Math.sqrt(variance / n), 3)}`])];
    return { svg: widgets.picture(id, title, height, body), said, table };
  }

  widgets.average = { moments, outputs, runningMeans, places };
  widgets.kinds["average-explorer"] = {
    heading: "Average more and more masks",
    start: { scale: "inverted", drop: 0.5, seed: 1 },
    controls: () => [
      { name: "scale", type: "choice", label: "What is kept is", options: Object.entries(SCALES).map(([key, { label }]) => [key, label]) },
      { name: "drop", type: "rate", label: "Drop and keep probability", least: 0.05, most: 0.95 },
      { name: "seed", type: "seed", label: "Seed" },
    ],
    view,
  };
})();
