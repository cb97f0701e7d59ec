// Pictures as text: numbers in, an SVG string out, no page. The same code draws in the build and in the browser.
"use strict";

(() => {
  const WIDTH = 400; // units of the view box: about the pixels of a phone, so that text of 13 stays readable
  const SERIES = 3;
  const RIGHT = 18; // room for half a label of the last tick

  const escape = (/** @type {string} */ text) =>
    String(text).replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
  const at = (/** @type {number} */ value) => String(+value.toFixed(1));

  /** A picture with its name for readers who do not see it. */
  function picture(/** @type {string} */ id, /** @type {string} */ title, /** @type {number} */ height, /** @type {string} */ body) {
    return `<svg role="img" aria-labelledby="${id}-title" viewBox="0 0 ${WIDTH} ${at(height)}">` +
      `<title id="${id}-title">${escape(title)}</title>${body}</svg>`;
  }

  /** Text at a place; anchor start, middle or end. */
  const text = (x, y, words, anchor = "start", name = "") =>
    `<text x="${at(x)}" y="${at(y)}" text-anchor="${anchor}"${name && ` class="${name}"`}>${escape(words)}</text>`;

  /** Squares as one path: each [x, y], side s. */
  const squares = (places, side, name) =>
    `<path class="${name}" d="${places.map(([x, y]) => `M${at(x)} ${at(y)}h${side}v${side}h-${side}z`).join("")}"/>`;

  /**
   * Axes and the two scales. An axis is {from, to, log, ticks: [value, label][], label}.
   * @returns {{X: (v: number) => number, Y: (v: number) => number, body: string}}
   */
  function axes({ x, y, height, left = 48, right = RIGHT, top = 30, bottom = 42 }) {
    const scale = (axis, start, end) => {
      const f = axis.log ? Math.log10 : (/** @type {number} */ v) => v;
      const [low, span] = [f(axis.from), f(axis.to) - f(axis.from)];
      return (v) => start + (end - start) * Math.min(1, Math.max(0, (f(Math.max(v, axis.log ? 1e-300 : v)) - low) / span));
    };
    const X = scale(x, left, WIDTH - right), Y = scale(y, height - bottom, top);
    let body = "";
    for (const [value, label] of y.ticks) {
      body += `<path class="grid" d="M${left} ${at(Y(value))}H${WIDTH - right}"/>` + text(left - 6, Y(value) + 4.5, label, "end");
    }
    for (const [value, label] of x.ticks) body += text(X(value), height - bottom + 18, label, "middle");
    body += `<path class="axis" d="M${left} ${height - bottom}H${WIDTH - right}"/>`;
    body += text((left + WIDTH - right) / 2, height - 6, x.label, "middle") + text(2, 14, y.label);
    return { X, Y, body };
  }

  /** Points [x, y] as a line of series 0, 1 or 2; dashes tell the series apart without colour. */
  const line = ({ X, Y }, points, series) =>
    `<path class="line s${series % SERIES}" d="M${points.map(([a, b]) => `${at(X(a))} ${at(Y(b))}`).join("L")}"/>`;

  /** Points [x, y] as marks: discs, squares, triangles. */
  const marks = ({ X, Y }, points, series, size = 4) => points.map(([a, b]) => {
    const cx = X(a), cy = Y(b), s = size;
    const shape = series === 0 ? `M${at(cx - s)} ${at(cy)}a${s} ${s} 0 1 0 ${2 * s} 0a${s} ${s} 0 1 0 -${2 * s} 0`
      : series === 1 ? `M${at(cx - s)} ${at(cy - s)}h${2 * s}v${2 * s}h-${2 * s}z`
        : `M${at(cx)} ${at(cy - 1.2 * s)}l${1.15 * s} ${2 * s}h-${2.3 * s}z`;
    return `<path class="mark s${series % SERIES}" d="${shape}"/>`;
  }).join("");

  /** The area between [x, low, high]. */
  const band = ({ X, Y }, points) => {
    const ends = (i) => points.map((point) => `${at(X(point[0]))} ${at(Y(point[i]))}`);
    return `<path class="band" d="M${ends(1).join("L")}L${ends(2).reverse().join("L")}z"/>`;
  };

  const rule = ({ X, Y }, x0, x1, y) => `<path class="rule" d="M${at(X(x0))} ${at(Y(y))}H${at(X(x1))}"/>`;
  const upright = ({ X, Y }, x, y0, y1, name = "rule") => `<path class="${name}" d="M${at(X(x))} ${at(Y(y0))}V${at(Y(y1))}"/>`;

  /** Three to six round values from `from` to `to` with their labels. @returns {[number, string][]} */
  function ticks(/** @type {number} */ from, /** @type {number} */ to) {
    const raw = (to - from) / 4, power = 10 ** Math.floor(Math.log10(raw));
    const step = power * [1, 2, 5, 10].find((factor) => factor * power >= raw * 0.999);
    const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9)), found = [];
    for (let k = Math.ceil(from / step - 1e-9); k * step <= to * (1 + 1e-9); k++) found.push([k * step, show(k * step, digits)]);
    return found;
  }

  /** A number with so many decimals, a true minus sign, and no minus before a zero. */
  function show(/** @type {number} */ value, digits = 2) {
    const said = value.toFixed(digits);
    return (Number(said) === 0 ? said.replace("-", "") : said.replace("-", "−"));
  }

  /** A whole number with commas. */
  const count = (/** @type {number} */ value) => String(value).replace(/\B(?=(\d{3})+$)/g, ",");

  /** A positive number by its first digit and its power of ten: 3e−7, 2e5, and 4 rather than 4e0. */
  const tiny = (/** @type {number} */ value) => (value === 0 ? "0" : value.toExponential(0).replace(/e\+0$/, "").replace("+", "").replace("-", "−"));

  Object.assign(globalThis.dropoutWidgets, {
    WIDTH, RIGHT, escape, picture, text, squares, axes, line, marks, band, rule, upright, ticks, show, count, tiny,
  });
})();
