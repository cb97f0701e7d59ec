// <gradient-check>: central differences of a loss behind dropout, with the mask frozen and with a mask redrawn in each call.
"use strict";

(() => {
  const widgets = globalThis.dropoutWidgets;
  const { words, threshold, spread, show, tiny } = widgets;
  const UNITS = 16, REPEATS = 32;
  const MASKS_FROM = 1000; // block where the redrawn masks start; before it come x, c and the frozen mask
  const STEPS = Array.from({ length: 17 }, (_, k) => 10 ** (-9 + k / 2));

  /** The example: x and c of UNITS numbers, and the frozen mask, whose first unit is kept so that there is a derivative. */
  function problem(/** @type {number} */ p, seed) {
    const keep = words(UNITS, seed, 200).map((word) => word >= threshold(p));
    keep[0] = true;
    return { x: spread(UNITS, seed), c: spread(UNITS, seed, 100), keep };
  }

  /** L = sum of c_i tanh(x_i / q) over the kept units. */
  function loss(/** @type {number[]} */ x, /** @type {number[]} */ c, /** @type {boolean[]} */ keep, /** @type {number} */ p) {
    return x.reduce((sum, value, i) => sum + (keep[i] ? c[i] * Math.tanh(value / (1 - p)) : 0), 0);
  }

  /** Variance of the loss over masks: p q times the sum of (c_i tanh(x_i / q))^2. */
  function lossVariance(x, c, /** @type {number} */ p) {
    return p * (1 - p) * x.reduce((sum, value, i) => sum + (c[i] * Math.tanh(value / (1 - p))) ** 2, 0);
  }

  const nudged = (/** @type {number[]} */ x, /** @type {number} */ by) => [x[0] + by, ...x.slice(1)];

  /** The derivative of the loss by x_0, unit 0 being kept. */
  const derivative = ({ x, c }, /** @type {number} */ p) => (c[0] / (1 - p)) * (1 - Math.tanh(x[0] / (1 - p)) ** 2);

  /**
   * The check at each step: error with the mask frozen, root mean square error over REPEATS pairs of redrawn masks, and the
   * formula for the latter. @returns {{step: number, frozen: number, redrawn: number, formula: number}[]}
   */
  function check(/** @type {number} */ p, seed) {
    const one = problem(p, seed), { x, c, keep } = one, exact = derivative(one, p), limit = threshold(p);
    const drawn = words(STEPS.length * REPEATS * 2 * UNITS, seed, MASKS_FROM).map((word) => word >= limit);
    return STEPS.map((step, s) => {
      const plus = nudged(x, step), minus = nudged(x, -step);
      const quotient = (/** @type {boolean[]} */ a, /** @type {boolean[]} */ b) => (loss(plus, c, a, p) - loss(minus, c, b, p)) / (2 * step);
      let squares = 0;
      for (let r = 0; r < REPEATS; r++) {
        const from = (s * REPEATS + r) * 2 * UNITS;
        squares += (quotient(drawn.slice(from, from + UNITS), drawn.slice(from + UNITS, from + 2 * UNITS)) - exact) ** 2;
      }
      return {
        step, frozen: Math.abs(quotient(keep, keep) - exact), redrawn: Math.sqrt(squares / REPEATS),
        formula: Math.sqrt(lossVariance(plus, c, p) + lossVariance(minus, c, p)) / (2 * step),
      };
    });
  }

  function view(id, { drop, seed }, _data) {
    const rows = check(drop, seed), exact = derivative(problem(drop, seed), drop);
    const powers = [-12, -8, -4, 0, 4, 8].map((k) => [10 ** k, `1e${k}`.replace("-", "−")]);
    const height = 300, frame = widgets.axes({
      height, left: 56, x: { from: 1e-9, to: 0.1, log: true, ticks: [-9, -7, -5, -3, -1].map((k) => [10 ** k, `1e${k}`.replace("-", "−")]), label: "step of the check" },
      y: { from: 1e-13, to: 1e10, log: true, ticks: powers, label: "error of the numerical gradient" },
    });
    const floor = (value) => Math.max(value, 1e-13);
    let body = frame.body + widgets.rule(frame, 1e-9, 0.1, Math.abs(exact));
    body += widgets.line(frame, rows.map(({ step, formula }) => [step, formula]), 1);
    body += widgets.marks(frame, rows.map(({ step, redrawn }) => [step, redrawn]), 1);
    body += widgets.line(frame, rows.map(({ step, frozen }) => [step, floor(frozen)]), 0);
    body += widgets.marks(frame, rows.map(({ step, frozen }) => [step, floor(frozen)]), 0);
    const end = widgets.WIDTH - widgets.RIGHT;
    body += widgets.text(end, frame.Y(3e8), "mask redrawn in each call", "end") + widgets.text(end, frame.Y(1e-9), "mask frozen", "end");
    body += widgets.text(62, frame.Y(Math.abs(exact)) - 6, "size of the derivative");
    const best = rows.reduce((low, row) => (row.frozen < low.frozen ? row : low)), at = rows.find(({ step }) => step > 0.9e-5);
    const title = "Error of a gradient check over its step, both on logarithmic axes: one curve with the mask frozen, one with it redrawn.";
    const said = `The derivative is ${Math.abs(exact) < 1e-3 ? (exact < 0 ? "−" : "") + tiny(Math.abs(exact)) : show(exact, 4)}. Mask frozen: a step of ${tiny(best.step)} is off by ${tiny(best.frozen)}. ` +
      (at.formula === 0 ? "Mask redrawn: at this rate nothing is random." :
        `Mask redrawn in each call: a step of ${tiny(at.step)} is off by ${tiny(at.redrawn)} (formula ${tiny(at.formula)}), and each ten times smaller step by ten times more.`);
    const table = [["Step", "Error, mask frozen", "Error, mask redrawn", "Formula, redrawn"],
      ...rows.filter((_, i) => i % 2 === 0).map((row) => [row.step, row.frozen, row.redrawn, row.formula].map(tiny))];
    return { svg: widgets.picture(id, title, height, body), said, table };
  }

  widgets.gradient = { problem, loss, lossVariance, derivative, check };
  widgets.kinds["gradient-check"] = {
    heading: "Check a gradient",
    start: { drop: 0.5, seed: 1 },
    controls: () => [
      { name: "drop", type: "rate", label: "Drop and keep probability", least: 0.05, most: 0.95 },
      { name: "seed", type: "seed", label: "Seed of example and masks" },
    ],
    view,
  };
})();
