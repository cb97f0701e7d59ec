// <rate-explorer>: the measured errors and losses of networks trained at several drop rates, with their intervals.
"use strict";

/**
 * One measured rate, as the build hands it over; `said` and `againstSaid` are the result's own quotations.
 * @typedef {{drop: number, value: number, low: number, high: number, said: string,
 *   against: {low: number, high: number} | null, againstSaid: string}} Rate
 * @typedef {{measures: {key: string, label: string, axis: string, rates: Rate[]}[]}} Measured
 */
(() => {
  const widgets = globalThis.dropoutWidgets;
  const { show } = widgets;

  /** What the interval of the difference from no dropout allows to say. */
  function verdict(/** @type {Rate} */ { against }) {
    if (!against) return "";
    return against.high < 0 ? "lower than without dropout" : against.low > 0 ? "higher than without dropout" : "undecided against no dropout";
  }

  const lowest = (/** @type {Rate[]} */ rates) => rates.reduce((best, rate) => (rate.value < best.value ? rate : best));

  /** The top of the axis: one value far above the others is left outside it. */
  function roof(/** @type {Rate[]} */ rates) {
    const highs = rates.map(({ high }) => high).sort((a, b) => b - a);
    return 1.08 * (highs[0] > 2 * highs[1] ? highs[1] : highs[0]);
  }

  function view(id, { measure, drop }, /** @type {Measured} */ data) {
    const { label, axis, rates } = data.measures.find(({ key }) => key === measure);
    const here = rates.find((rate) => rate.drop === drop), best = lowest(rates);
    const to = roof(rates), bottom = Math.min(...rates.map(({ low }) => low)), from = bottom > to / 2 ? bottom - (to - bottom) / 4 : Math.min(0, bottom);
    const height = 280, frame = widgets.axes({
      height, x: { from: 0, to: 1, ticks: [0, 0.2, 0.4, 0.6, 0.8, 1].map((p) => [p, String(p)]), label: "drop probability" },
      y: { from, to, ticks: widgets.ticks(from, to), label: axis },
    });
    const inside = rates.filter(({ value }) => value <= to), outside = rates.filter(({ value }) => value > to);
    let body = frame.body + widgets.upright(frame, drop, from, to) + widgets.rule(frame, 0, 1, rates[0].value);
    body += widgets.line(frame, inside.map((rate) => [rate.drop, rate.value]), 0);
    body += inside.map((rate) => widgets.upright(frame, rate.drop, rate.low, rate.high, "interval s0")).join("");
    body += widgets.marks(frame, inside.map((rate) => [rate.drop, rate.value]), 0, 3);
    if (inside.includes(here)) body += widgets.marks(frame, [[drop, here.value]], 1, 6);
    for (const rate of outside) body += widgets.text(frame.X(rate.drop) + 8, frame.Y(to) + 10, `${show(rate.value)} at ${rate.drop} ↑`, "end");
    const title = `${label} of networks trained at ${rates.length} drop rates, with 95 % intervals; dashed, its value without dropout.`;
    const said = `${label} at ${widgets.bothWords(drop)}: ${here.said}. ` +
      (here.against ? `Against no dropout, same seeds: ${here.againstSaid}, ${verdict(here)}. ` : "This is the network without dropout. ") +
      (best === here ? "No rate has a lower mean." : `The lowest mean is at drop ${show(best.drop)} / keep ${show(1 - best.drop)}.`);
    const table = [["Drop / keep", label, "Against no dropout", "Verdict"],
      ...rates.map((rate) => [`${show(rate.drop, 1)} / ${show(1 - rate.drop, 1)}`, rate.said, rate.against ? rate.againstSaid : "–", verdict(rate).split(" ")[0] || "–"])];
    return { svg: widgets.picture(id, title, height, body), said, table };
  }

  widgets.rate = { verdict, lowest, roof };
  widgets.kinds["rate-explorer"] = {
    heading: "Compare the measured rates",
    start: { measure: "error", drop: 0.3 },
    controls: (/** @type {Measured} */ data) => [
      { name: "measure", type: "choice", label: "What was measured", options: data.measures.map(({ key, label }) => [key, label]) },
      { name: "drop", type: "rate", label: "Drop and keep probability", stops: data.measures[0].rates.map(({ drop }) => drop) },
    ],
    view,
  };
})();
