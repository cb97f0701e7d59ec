// <mask-explorer>: which entries share a draw. 8 x 16 entries as units, channels, recurrent states or residual branches.
"use strict";

(() => {
  const widgets = globalThis.dropoutWidgets;
  const { keepMask, threshold, words, show, text, squares } = widgets;
  const ROWS = 8, COLUMNS = 16;
  const STEP = 23, LEFT = 30, TOP = 24;

  /** What has a draw of its own, and the names of rows and columns. */
  const SHAPES = {
    units: { draw: "entry", many: "entries", rows: "examples", columns: "units", label: "units" },
    channels: { draw: "channel", many: "channels", rows: "channels", columns: "positions", label: "channels" },
    steps: { draw: "unit", many: "units", rows: "time steps", columns: "units", label: "time steps" },
    branches: { draw: "branch", many: "branches", rows: "examples", columns: "blocks", label: "residual branches" },
  };

  /** The rate of each column: the same, or rising in a straight line to `p` in the last block. */
  const rates = (/** @type {string} */ shape, /** @type {number} */ p) =>
    Array.from({ length: COLUMNS }, (_, l) => (shape === "branches" ? (p * (l + 1)) / COLUMNS : p));

  /** The mask as rows of booleans, true where kept. @returns {boolean[][]} */
  function mask(/** @type {string} */ shape, /** @type {number} */ p, seed) {
    const grid = (entry) => Array.from({ length: ROWS }, (_, r) => Array.from({ length: COLUMNS }, (_, c) => entry(r, c)));
    if (shape === "channels") { const keep = keepMask(ROWS, p, seed); return grid((r) => keep[r]); }
    if (shape === "steps") { const keep = keepMask(COLUMNS, p, seed); return grid((_, c) => keep[c]); }
    const limits = rates(shape, p).map(threshold), drawn = words(ROWS * COLUMNS, seed);
    return grid((r, c) => drawn[r * COLUMNS + c] >= limits[c]);
  }

  /**
   * Draws and entries of a mask, and what to expect of the draws that drop: mean and standard deviation.
   * @returns {{draws: number, droppedDraws: number, dropped: number, mean: number, deviation: number, average: number}}
   *   `average`: the mean over all entries of keep / (1 - p), 0 where nothing can be kept
   */
  function counts(/** @type {string} */ shape, /** @type {number} */ p, seed) {
    const keep = mask(shape, p, seed), own = rates(shape, p);
    const dropped = keep.flat().filter((kept) => !kept).length;
    const each = { units: 1, branches: 1, channels: COLUMNS, steps: ROWS }[shape];
    const chances = shape === "channels" ? Array(ROWS).fill(p) : shape === "steps" ? own : Array(ROWS).fill(own).flat();
    const sum = (values) => values.reduce((total, value) => total + value, 0);
    const scaled = keep.flatMap((row) => row.map((kept, c) => (kept && own[c] < 1 ? 1 / (1 - own[c]) : 0)));
    return {
      draws: chances.length, droppedDraws: dropped / each, dropped, mean: sum(chances),
      deviation: Math.sqrt(sum(chances.map((rate) => rate * (1 - rate)))), average: sum(scaled) / (ROWS * COLUMNS),
    };
  }

  /** The grid, and below it how many draws drop against what to expect. */
  function draw(id, { shape, drop, seed }, found) {
    const { rows, columns, many } = SHAPES[shape], keep = mask(shape, drop, seed);
    const places = { true: [], false: [] };
    keep.forEach((row, r) => row.forEach((kept, c) => places[String(kept)].push([LEFT + c * STEP + (kept ? 1 : 4), TOP + r * STEP + (kept ? 1 : 4)])));
    let body = text(LEFT, 15, `${columns} →`) + `<text transform="translate(19 ${TOP + ROWS * STEP}) rotate(-90)">${rows} →</text>`;
    body += squares(places.true, STEP - 2, "kept") + squares(places.false, STEP - 8, "dropped");
    const y = TOP + ROWS * STEP + 28, across = (value) => LEFT + (value / found.draws) * COLUMNS * STEP;
    body += `<path class="axis" d="M${LEFT} ${y}h${COLUMNS * STEP}"/>`;
    const from = Math.max(0, found.mean - found.deviation), to = Math.min(found.draws, found.mean + found.deviation);
    body += `<rect class="band" x="${across(from).toFixed(1)}" y="${y - 8}" width="${(across(to) - across(from)).toFixed(1)}" height="16"/>`;
    body += `<circle class="mark s0" cx="${across(found.droppedDraws).toFixed(1)}" cy="${y}" r="5"/>`;
    body += text(LEFT, y + 26, "0") + text(LEFT + COLUMNS * STEP, y + 26, String(found.draws), "end");
    body += text(LEFT + (COLUMNS * STEP) / 2, y + 26, `${many} dropped; band: what to expect`, "middle");
    const title = `A mask of ${ROWS} ${rows} by ${COLUMNS} ${columns}: full squares are kept, small hollow ones dropped.`;
    return widgets.picture(id, title, y + 34, body);
  }

  function view(id, state, _data) {
    const { shape, drop } = state, { draw: one, many } = SHAPES[shape];
    const found = counts(shape, drop, state.seed);
    const share = shape === "units" || shape === "branches" ? "" : `, so ${found.dropped} of ${ROWS * COLUMNS} entries`;
    const who = { units: "each entry", channels: "each channel, shared by all positions", steps: "each unit, shared by all steps", branches: "the branch of each block" }[shape];
    const rate = `A draw for ${who}. ` + (shape === "branches" ? `The last block drops at ${drop.toFixed(2)}, the first at ${show(drop / COLUMNS, 3)}. ` : "");
    const scale = drop === 1 && shape !== "branches" ? "Nothing is kept, so nothing is enlarged."
      : shape === "branches" ? "What is kept is divided by its block’s probability of keeping."
        : `What is kept is multiplied by ${show(1 / (1 - drop))}; the mean of all entries is then ${show(found.average)}, and 1 on average over masks.`;
    const said = `${rate}${found.droppedDraws} of ${found.draws} ${many} are dropped${share}; expected ${show(found.mean, 1)}, give or take ${show(found.deviation, 1)}. ${scale}`;
    const table = [["What", "In this mask", "Expected"],
      [`Draws, one for each ${one}`, String(found.draws), String(found.draws)],
      ["Draws that drop", String(found.droppedDraws), `${show(found.mean, 1)} ± ${show(found.deviation, 1)}`],
      ["Entries dropped", String(found.dropped), show((found.mean / found.draws) * ROWS * COLUMNS, 1)],
      ["Mean of the scaled mask", show(found.average), drop === 1 ? "0.00 where nothing can be kept" : "1.00"]];
    return { svg: draw(id, state, found), said, table };
  }

  widgets.mask = { mask, counts, rates };
  widgets.kinds["mask-explorer"] = {
    heading: "Draw a mask",
    start: { shape: "units", drop: 0.3, seed: 1 },
    controls: () => [
      { name: "shape", type: "choice", label: "What is dropped", options: Object.entries(SHAPES).map(([key, { label }]) => [key, label]) },
      { name: "drop", type: "rate", label: "Drop and keep probability", least: 0, most: 1 },
      { name: "seed", type: "seed", label: "Seed" },
    ],
    view,
  };
})();
