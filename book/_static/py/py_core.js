// What an exercise on the page does to texts: no document, no browser, so that Node can test it.
"use strict";

globalThis.pyExercise = {
  /**
   * What is judged: the one cell as a Python file, several as a notebook with the given lines first.
   * @param {{slug: string, given: string, cells: {id: string}[]}} exercise
   * @param {string[]} sources the learner's code, a text for each cell
   */
  answer({ slug, given, cells }, sources) {
    if (cells.length === 1) return { name: "your_code.py", text: sources[0] };
    const code = (/** @type {string} */ source) => ({ cell_type: "code", metadata: {}, outputs: [], execution_count: null, source });
    const text = JSON.stringify({ cells: [given, ...sources].map(code), metadata: {}, nbformat: 4, nbformat_minor: 5 });
    return { name: `${slug}.ipynb`, text };
  },

  /**
   * The release notebook with the learner's code in its solution cells; every other cell and every id stays.
   * @param {string} text the notebook as it is handed out
   * @param {Record<string, string>} sources code by the cell's grade_id
   */
  filled(text, sources) {
    const notebook = JSON.parse(text);
    const waiting = new Set(Object.keys(sources));
    for (const cell of notebook.cells) {
      const marks = cell.metadata?.nbgrader;
      if (!marks?.solution || !waiting.delete(marks.grade_id)) continue;
      cell.source = sources[marks.grade_id].replace(/\s+$/, "").split(/(?<=\n)/);
    }
    if (waiting.size) throw new Error(`the notebook has no cell ${[...waiting].join(", ")}`);
    return `${JSON.stringify(notebook, null, 1)}\n`;
  },

  /**
   * A message in pieces: text, and the addresses of paragraphs in it, which become links.
   * @param {string} message
   * @returns {{text: string, page?: string}[]}
   */
  pieces(message) {
    const address = /\bbook\/\w+\.html(?:#[\w-]+)?/;
    return message.split(/(\bbook\/\w+\.html(?:#[\w-]+)?)/).filter(Boolean)
      .map((text) => (address.test(text) ? { text, page: text } : { text }));
  },

  /**
   * Tab and Shift+Tab in an editor: indent or unindent the lines of the selection by four spaces.
   * @param {string} text @param {number} from @param {number} to @param {boolean} back
   * @returns {{text: string, from: number, to: number}}
   */
  indented(text, from, to, back) {
    const start = text.lastIndexOf("\n", from - 1) + 1;
    if (from === to && !back) {
      const spaces = " ".repeat(4 - ((from - start) % 4));
      return { text: text.slice(0, from) + spaces + text.slice(to), from: from + spaces.length, to: from + spaces.length };
    }
    const lines = text.slice(start, to).split("\n");
    const moved = lines.map((line) => (back ? line.replace(/^ {1,4}/, "") : line && `    ${line}`));
    const first = moved[0].length - lines[0].length;
    const block = moved.join("\n");
    return {
      text: text.slice(0, start) + block + text.slice(to),
      from: Math.max(start, from + first),
      to: Math.max(start, start + block.length),
    };
  },

  /** The spaces a new line starts with: those of this line, four more after a colon. */
  lead(/** @type {string} */ before) {
    const line = before.slice(before.lastIndexOf("\n") + 1);
    return (line.match(/^ */)?.[0] ?? "") + (/:\s*(#.*)?$/.test(line) ? "    " : "");
  },

  /** @param {number} size in bytes */
  megabytes(size) { return `${(size / 1e6).toFixed(1)} MB`; },
};
