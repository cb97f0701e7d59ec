// <ensemble-explorer>: every thinned network of a small net, and the three averages; one pass, geometric, arithmetic.
"use strict";

(() => {
  const widgets = globalThis.dropoutWidgets;
  const { spread, show, tiny } = widgets;
  const SIZES = { one: [8, 3], two: [4, 4, 3] }; // both have eight units that can be dropped
  const UNITS = 8, BINS = 20;
  const LAYERS = { name: "layers", type: "choice", label: "Network", options: [["two", "4 inputs, 4 hidden ReLUs, 3 classes"], ["one", "8 inputs, 3 classes, no hidden layer"]] };

  /** An example and layers [W, b] from a seed; W is a list of rows, one for each input. */
  function network(/** @type {string} */ layers, seed) {
    const sizes = SIZES[layers], rows = [];
    for (let l = 0; l + 1 < sizes.length; l++) {
      const [inputs, outputs] = sizes.slice(l), flat = spread(inputs * outputs, seed, 100 * (l + 1)), size = Math.sqrt(2 / inputs);
      const W = Array.from({ length: inputs }, (_, i) => flat.slice(i * outputs, (i + 1) * outputs).map((w) => w * size));
      rows.push([W, spread(outputs, seed, 100 * (l + 1) + 50).map((b) => b / 2)]);
    }
    return { x: spread(sizes[0], seed), layers: rows };
  }

  /** Every mask over n units once, true where kept: unit i of mask m is bit i of m. @returns {boolean[][]} */
  const allMasks = (/** @type {number} */ n) =>
    Array.from({ length: 2 ** n }, (_, m) => Array.from({ length: n }, (_, i) => ((m >> i) & 1) === 1));

  /** The chance of a mask; 0 ** 0 is 1. */
  const chance = (/** @type {boolean[]} */ keep, /** @type {number} */ p) =>
    keep.reduce((product, kept) => product * (kept ? 1 - p : p), 1);

  function softmax(/** @type {number[]} */ scores) {
    const top = Math.max(...scores), powers = scores.map((z) => Math.exp(z - top));
    const sum = powers.reduce((a, b) => a + b, 0);
    return powers.map((power) => power / sum);
  }

  /** The output of the network under one mask, whose columns stand in the order of the layers’ inputs. @returns {number[]} */
  function member({ x, layers }, /** @type {boolean[]} */ keep, /** @type {number} */ p) {
    let h = x, column = 0;
    layers.forEach(([W, b], l) => {
      if (l) h = h.map((z) => Math.max(z, 0));
      const seen = h.map((value, i) => (keep[column + i] ? value / (1 - p) : 0));
      h = b.map((bias, c) => seen.reduce((sum, value, i) => sum + value * W[i][c], bias));
      column += seen.length;
    });
    return softmax(h);
  }

  /** Half the sum of absolute differences. */
  const apart = (/** @type {number[]} */ a, /** @type {number[]} */ b) => a.reduce((sum, value, c) => sum + Math.abs(value - b[c]), 0) / 2;

  /**
   * Members, their chances, and the averages.
   * @returns {{probs: number[][], weights: number[], onePass: number[], geometric: number[], arithmetic: number[], top: number}}
   *   `top`: the class that one pass finds likeliest
   */
  function averages(/** @type {string} */ layers, /** @type {number} */ p, seed) {
    const net = network(layers, seed), masks = allMasks(UNITS);
    const probs = masks.map((keep) => member(net, keep, p)), weights = masks.map((keep) => chance(keep, p));
    const onePass = member(net, Array(UNITS).fill(true), 0);
    const mean = (of) => onePass.map((_, c) => probs.reduce((sum, row, m) => sum + weights[m] * of(row[c]), 0));
    return { probs, weights, onePass, geometric: softmax(mean(Math.log)), arithmetic: mean((v) => v), top: onePass.indexOf(Math.max(...onePass)) };
  }

  /** The members’ chances gathered by what they say of class `c`, in BINS bins of [0, 1]. @returns {number[]} */
  function histogram({ probs, weights }, /** @type {number} */ c) {
    const bins = Array(BINS).fill(0);
    probs.forEach((row, m) => { bins[Math.min(BINS - 1, Math.floor(row[c] * BINS))] += weights[m]; });
    return bins;
  }

  /** Where to write the label of a line: on the side that has room, and away from the other lines where it can be. */
  function beside(/** @type {number} */ x, /** @type {number[]} */ others) {
    const left = x > 0.65 || (x > 0.35 && x <= Math.min(...others));
    return left ? { dx: -11, anchor: "end" } : { dx: 11, anchor: "start" };
  }

  function view(id, { layers, drop, seed }, _data) {
    const found = averages(layers, drop, seed), { onePass, geometric, arithmetic, top } = found;
    const bins = histogram(found, top), high = Math.max(...bins), height = 300, roof = high * 1.45;
    const frame = widgets.axes({
      height, x: { from: 0, to: 1, ticks: [[0, "0"], [0.25, "0.25"], [0.5, "0.5"], [0.75, "0.75"], [1, "1"]], label: `probability of class ${top + 1}` },
      y: { from: 0, to: roof, ticks: widgets.ticks(0, high), label: "chance of the members that say so" },
    });
    const bars = bins.map((chance, b) => (chance ? `M${frame.X(b / BINS).toFixed(1)} ${frame.Y(0).toFixed(1)}V${frame.Y(chance).toFixed(1)}H${(frame.X((b + 1) / BINS) - 1).toFixed(1)}V${frame.Y(0).toFixed(1)}z` : "")).join("");
    let body = `${frame.body}<path class="bars" d="${bars}"/>`;
    [["one pass", onePass], ["geometric mean", geometric], ["arithmetic mean", arithmetic]].forEach(([name, mean], i) => {
      const level = roof * (0.98 - 0.09 * i), { dx, anchor } = beside(mean[top], [onePass[top], geometric[top], arithmetic[top]]);
      body += widgets.upright(frame, mean[top], 0, level, `line s${i}`) + widgets.marks(frame, [[mean[top], level]], i, 4.5);
      body += widgets.text(frame.X(mean[top]) + dx, frame.Y(level) + 5, name, anchor);
    });
    const gaps = [apart(geometric, onePass), apart(arithmetic, onePass)];
    const title = `How much chance the ${2 ** UNITS} members give to each probability of class ${top + 1}, with one pass, the geometric and the arithmetic mean.`;
    const said = `All ${2 ** UNITS} masks. One pass gives class ${top + 1} ${show(onePass[top], 3)}, the geometric mean ${show(geometric[top], 3)}, the arithmetic mean ${show(arithmetic[top], 3)}. ` +
      (gaps[0] < 1e-12 ? "Geometric mean and one pass agree to twelve decimals: no nonlinearity stands between mask and softmax. "
        : `The geometric mean is ${show(gaps[0], 3)} from one pass in total variation. `) + `The arithmetic mean is ${show(gaps[1], 3)} away.`;
    const table = [["Class", "One pass", "Geometric mean", "Arithmetic mean"],
      ...onePass.map((value, c) => [`${c + 1}`, show(value, 4), show(geometric[c], 4), show(arithmetic[c], 4)]),
      ["From one pass", "0", ...gaps.map((gap) => (gap < 1e-3 ? tiny(gap < 1e-12 ? 0 : gap) : show(gap, 4)))]];
    return { svg: widgets.picture(id, title, height, body), said, table };
  }

  widgets.ensemble = { UNITS, LAYERS, network, allMasks, chance, softmax, member, apart, averages, histogram };
  widgets.kinds["ensemble-explorer"] = {
    heading: "Ask every thinned network",
    start: { layers: "two", drop: 0.5, seed: 1 },
    controls: () => [LAYERS,
      { name: "drop", type: "rate", label: "Drop and keep probability", least: 0.05, most: 0.95 },
      { name: "seed", type: "seed", label: "Seed of the network" }],
    view,
  };
})();
