// What every widget shares, without a page: its controls, its state as texts and as a link, and its whole inner HTML.
// The build writes that HTML into the page, so that the starting picture is there before, or without, any script.
"use strict";

/**
 * @typedef {{name: string, type: "rate" | "choice" | "seed", label: string, least?: number, most?: number, step?: number,
 *   stops?: number[], options?: [string, string][]}} Control
 * @typedef {Record<string, number | string>} State
 * @typedef {{title: string, svg: string, said: string, table: string[][]}} View   `table`: a heading row, then rows
 * @typedef {{heading: string, start: State, controls: (data: any) => Control[], view: (id: string, state: any, data: any) => View}} Kind
 */
(() => {
  const widgets = globalThis.dropoutWidgets;
  const { escape } = widgets;
  const MOST_SEED = 2 ** 32 - 1;

  /** "drop 0.30 / keep 0.70": which of the two a number means is said each time. */
  const bothWords = (/** @type {number} */ drop) => `drop ${drop.toFixed(2)} / keep ${(1 - drop).toFixed(2)}`;

  const range = (/** @type {Control} */ { least = 0, most = 1, stops }) => (stops ? [stops[0], stops[stops.length - 1]] : [least, most]);

  /** The value that a text stands for; anything else throws, naming control, rule and text. @returns {number | string} */
  function readValue(/** @type {Control} */ control, /** @type {string} */ text) {
    const given = String(text).trim();
    const refuse = (/** @type {string} */ rule) => new RangeError(`${control.label} must be ${rule}, got “${given}”.`);
    if (control.type === "choice") {
      const known = control.options.map(([value]) => value);
      if (!known.includes(given)) throw refuse(`one of ${known.join(", ")}`);
      return given;
    }
    const value = /^\d{1,10}(\.\d{1,6})?$/.test(given) ? Number(given) : NaN;
    if (control.type === "seed") {
      if (!Number.isInteger(value) || value > MOST_SEED) throw refuse(`a whole number from 0 to ${MOST_SEED}`);
      return value;
    }
    const [least, most] = range(control);
    if (!(value >= least && value <= most)) throw refuse(`a probability of dropping from ${least} to ${most}`);
    if (control.stops && !control.stops.includes(value)) throw refuse(`one of the measured rates ${control.stops.join(", ")}`);
    return value;
  }

  /** The state that texts by name ask for, the rest as in `base`; unknown names are refused. @returns {State} */
  function readState(/** @type {Kind} */ kind, data, /** @type {Record<string, string>} */ texts, /** @type {State} */ base = kind.start) {
    const controls = kind.controls(data);
    const unknown = Object.keys(texts).find((name) => !controls.some((control) => control.name === name));
    if (unknown) throw new RangeError(`${kind.heading} has no setting “${unknown}”.`);
    const read = (control) => (control.name in texts ? readValue(control, texts[control.name]) : base[control.name]);
    return Object.fromEntries(controls.map((control) => [control.name, read(control)]));
  }

  /** The end of an address that brings this state back. */
  const toHash = (/** @type {string} */ id, /** @type {State} */ state) =>
    `#${id}?${Object.entries(state).map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&")}`;

  /** The texts that such an address holds for the widget `id`; null if it is about something else. */
  function fromHash(/** @type {string} */ id, /** @type {string} */ hash) {
    if (!hash.startsWith(`#${id}?`)) return null;
    const plain = (/** @type {string} */ text) => { try { return decodeURIComponent(text); } catch { return text; } }; // a stray %
    const pairs = hash.slice(id.length + 2).split("&").map((pair) => pair.split("="));
    return Object.fromEntries(pairs.map(([name, value = ""]) => [name, plain(value)]));
  }

  function controlHtml(/** @type {string} */ id, /** @type {Control} */ control, value) {
    const own = `${id}-${control.name}`, label = `<label for="${own}">${escape(control.label)}</label>`;
    const name = `id="${own}" name="${control.name}"`;
    if (control.type === "choice") {
      const options = control.options.map(([key, words]) => `<option value="${key}"${key === value ? " selected" : ""}>${escape(words)}</option>`);
      return `<div>${label}<select ${name} autocomplete="off">${options.join("")}</select></div>`;
    }
    if (control.type === "seed") {
      return `<div>${label}<span class="widget-seed"><input ${name} type="number" min="0" max="${MOST_SEED}" step="1" value="${value}" autocomplete="off">` +
        `<button type="button">Draw again</button></span></div>`;
    }
    const [least, most] = control.stops ? [0, control.stops.length - 1] : range(control);
    const now = control.stops ? control.stops.indexOf(value) : value;
    return `<div>${label}<input ${name} type="range" min="${least}" max="${most}" step="${control.stops ? 1 : control.step ?? 0.05}" value="${now}"` +
      ` aria-valuetext="${bothWords(value)}" autocomplete="off"><span class="widget-now" aria-hidden="true">${bothWords(value)}</span></div>`;
  }

  function tableHtml(/** @type {string[][]} */ [head, ...rows]) {
    const cells = (tag, row) => row.map((cell) => `<${tag}>${escape(cell)}</${tag.split(" ")[0]}>`).join("");
    const lines = rows.map(([first, ...rest]) => `<tr>${cells('th scope="row"', [first])}${cells("td", rest)}</tr>`);
    return `<table><thead><tr>${cells('th scope="col"', head)}</tr></thead><tbody>${lines.join("")}</tbody></table>`;
  }

  /** All that stands inside the element. The controls are disabled until the element's script runs. */
  function html(/** @type {Kind} */ kind, /** @type {string} */ id, /** @type {State} */ state, data) {
    const { svg, said, table } = kind.view(id, state, data);
    const controls = kind.controls(data).map((control) => controlHtml(id, control, state[control.name]));
    return `<fieldset class="widget-controls" disabled><legend>${escape(kind.heading)}</legend>${controls.join("")}</fieldset>` +
      `<div class="widget-picture">${svg}</div><p class="widget-said" role="status" aria-live="polite">${escape(said)}</p>` +
      `<details class="widget-numbers"><summary>The numbers of this picture</summary><div class="table-scroll">${tableHtml(table)}</div></details>` +
      `<a class="widget-link" href="${escape(toHash(id, state))}">Link to this picture</a>`;
  }

  /** For the build: the inner HTML of widget `name`, its start changed by texts. */
  function prerender(name, id, texts, data) {
    const kind = widgets.kinds[name];
    if (!kind) throw new RangeError(`there is no widget “${name}”; there are ${Object.keys(widgets.kinds).join(", ")}.`);
    return html(kind, id, readState(kind, data, texts), data);
  }

  Object.assign(widgets, { bothWords, readValue, readState, toHash, fromHash, tableHtml, html, prerender });
})();
