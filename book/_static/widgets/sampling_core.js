// <sampling-explorer>: the mean over sampled masks against the exact arithmetic mean and against one pass.
"use strict";

(() => {
  const widgets = globalThis.dropoutWidgets;
  const { words, threshold, show, count } = widgets;
  const SAMPLES = 4096;
  const MASKS_FROM = 1000; // block where the sampled masks start; the network comes before

  /** What each of n sampled masks says of class `c`. @returns {number[]} */
  function sampled({ probs }, /** @type {number} */ c, /** @type {number} */ p, seed, n = SAMPLES) {
    const { UNITS } = widgets.ensemble, limit = threshold(p), drawn = words(n * UNITS, seed, MASKS_FROM);
    return Array.from({ length: n }, (_, s) => {
      let mask = 0;
      for (let i = 0; i < UNITS; i++) if (drawn[s * UNITS + i] >= limit) mask |= 1 << i;
      return probs[mask][c];
    });
  }

  /** Standard deviation of one sample: the spread of the members, by their chances. */
  function deviation({ probs, weights, arithmetic }, /** @type {number} */ c) {
    return Math.sqrt(probs.reduce((sum, row, m) => sum + weights[m] * (row[c] - arithmetic[c]) ** 2, 0));
  }

  function view(id, { layers, drop, seed }, _data) {
    const found = widgets.ensemble.averages(layers, drop, seed);
    const gaps = found.onePass.map((value, c) => Math.abs(value - found.arithmetic[c])), c = gaps.indexOf(Math.max(...gaps));
    const [target, onePass, one] = [found.arithmetic[c], found.onePass[c], deviation(found, c)];
    const means = widgets.average.runningMeans(sampled(found, c, drop, seed)), xs = widgets.average.places(SAMPLES);
    const height = 280, reach = Math.max(0.05, 1.35 * Math.abs(onePass - target), one);
    const [from, to] = [Math.max(0, target - reach), Math.min(1, target + reach)];
    const frame = widgets.axes({
      height, x: { from: 1, to: SAMPLES, log: true, ticks: [[1, "1"], [10, "10"], [100, "100"], [1000, "1,000"]], label: "masks sampled" },
      y: { from, to, ticks: widgets.ticks(from, to), label: `mean probability of class ${c + 1}` },
    });
    const clip = (value) => Math.min(to, Math.max(from, value));
    const band = xs.map((n) => [n, clip(target - (2 * one) / Math.sqrt(n)), clip(target + (2 * one) / Math.sqrt(n))]);
    const above = onePass > target ? [-7, 17] : [17, -7];
    let body = frame.body + widgets.band(frame, band) + widgets.rule(frame, 1, SAMPLES, target);
    body += `<g class="strong">${widgets.rule(frame, 1, SAMPLES, onePass)}</g>`;
    body += widgets.line(frame, xs.map((n) => [n, means[n - 1]]), 0);
    body += widgets.text(widgets.WIDTH - widgets.RIGHT, frame.Y(onePass) + above[0], "one pass", "end");
    body += widgets.text(widgets.WIDTH - widgets.RIGHT, frame.Y(target) + above[1], "arithmetic mean", "end");
    const last = means[SAMPLES - 1], error = one / Math.sqrt(SAMPLES), gap = Math.abs(onePass - target);
    const title = `Running mean over 1 to ${count(SAMPLES)} sampled masks, the exact arithmetic mean with a band of two standard errors, and one pass.`;
    const said = `After ${count(SAMPLES)} samples the mean for class ${c + 1} is ${show(last, 4)}; the arithmetic mean is ${show(target, 4)}, give or take ${show(error, 4)}. ` +
      `One pass says ${show(onePass, 4)}, ${show(gap / error, 1)} standard errors from it: ${gap > 4 * error ? "more samples sharpen another number." : "too close to tell apart with so many samples."}`;
    const table = [["Masks sampled", "Sampled mean", "Arithmetic mean", "One pass"],
      ...[1, 16, 256, SAMPLES].map((n) => [count(n), show(means[n - 1], 4), `${show(target, 4)} ± ${show(one / Math.sqrt(n), 4)}`, show(onePass, 4)])];
    return { svg: widgets.picture(id, title, height, body), said, table };
  }

  widgets.sampling = { sampled, deviation };
  widgets.kinds["sampling-explorer"] = {
    heading: "Sample masks, or make one pass",
    start: { layers: "two", drop: 0.5, seed: 1 },
    controls: () => [widgets.ensemble.LAYERS,
      { name: "drop", type: "rate", label: "Drop and keep probability", least: 0.05, most: 0.95 },
      { name: "seed", type: "seed", label: "Seed of network and masks" }],
    view,
  };
})();
