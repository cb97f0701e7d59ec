// <py-exercise>: an editor for each cell, Check, Reset, Download. What the element holds in the page's source (the
// rules, the hints, a sentence for readers without scripts) stays readable. Classic scripts: pages opened from disk
// may not load modules.
"use strict";

{
  const core = globalThis.pyExercise;
  const NO_ENGINE = "Python is not in this copy of the site, so your code cannot be checked here. The notebook can: take it home with “Download” above.";
  const FROM_DISK = "This page was opened from disk, and browsers start no Python there. Serve the folder of the site, for example with";
  const SLOW = 2000;
  const SERVE = "python3 -m http.server 8000";

  /** @param {string} tag @param {object} [fields] @param {(Node | string)[]} children */
  function make(tag, fields = {}, ...children) {
    const made = Object.assign(document.createElement(tag), fields);
    made.append(...children);
    return made;
  }

  /** What the reader has typed, kept on the device; browsers may refuse to. */
  const drafts = {
    works: true,
    get(key) { try { return localStorage.getItem(key); } catch { this.works = false; return null; } },
    set(key, text) { try { text === null ? localStorage.removeItem(key) : localStorage.setItem(key, text); } catch { this.works = false; } },
  };

  const folder = document.currentScript instanceof HTMLScriptElement ? document.currentScript.src : "";

  /** The script that starts Python: a page pays for it when somebody presses Check. */
  function engine() {
    return new Promise((resolve, reject) => {
      if (globalThis.pyEngine) { resolve(globalThis.pyEngine); return; }
      const script = make("script", { src: new URL("py_engine.js", folder).href });
      script.onload = () => resolve(globalThis.pyEngine);
      script.onerror = () => reject(new Error("py_engine.js could not be loaded"));
      document.head.append(script);
    });
  }

  customElements.define("py-exercise", class extends HTMLElement {
    connectedCallback() {
      if (this.editors) return;
      this.exercise = JSON.parse(this.dataset.exercise ?? "{}");
      this.editors = [];
      const desk = this.querySelector(".py-desk");
      const here = globalThis.pyHere;
      if (location.protocol === "file:") {
        const after = make("p", {}, "and open the page below ", make("code", {}, "http://localhost:8000"), ".");
        desk.replaceChildren(make("p", {}, FROM_DISK), make("pre", {}, make("code", {}, SERVE)), after);
      } else if (!here?.engine) {
        desk.replaceChildren(make("p", {}, NO_ENGINE));
      } else {
        this.editing();
        desk.replaceChildren(...this.controls(here));
        this.noteDrafts();
      }
    }

    /** An editor in each place; several follow the given lines and have numbers, as in a notebook. */
    editing() {
      const { cells, given } = this.exercise;
      const several = cells.length > 1;
      cells.forEach((cell, i) => {
        const place = this.querySelector(`.py-place[data-cell="${cell.id}"]`);
        place.replaceChildren(...this.editor(cell, several ? `Cell ${i + 2}: ${cell.id}` : "Your code"));
        if (several && i === 0) {
          const label = make("p", { className: "py-label" }, "Cell 1: given");
          place.prepend(label, make("pre", { className: "py-given", tabIndex: 0 }, make("code", {}, given)));
        }
      });
    }

    /** Buttons, and room for what is said. */
    controls(here) {
      this.checking = make("button", { type: "button", className: "py-check", onclick: () => this.check() }, "Check");
      this.resetting = make("button", { type: "button", onclick: () => this.reset() }, "Reset");
      this.saving = make("button", { type: "button", onclick: () => this.download() }, "Download my notebook");
      this.bar = make("progress", { hidden: true, max: 1, ariaLabel: "Loading Python" });
      this.status = make("p", { className: "py-status" });
      this.status.setAttribute("role", "status");
      this.results = make("ol", { className: "py-results", hidden: true });
      this.printed = make("div", { className: "py-printed", hidden: true });
      const size = core.megabytes(here.wire);
      const help = "Ctrl+Enter checks. Tab indents; to leave the editor press Escape, then Tab. ";
      this.note = make("p", { className: "py-note", id: `py-note-${this.exercise.slug}` }, help,
        `The first check loads Python and NumPy, about ${size}, once. Your code stays on this device.`);
      const buttons = make("div", { className: "py-buttons" }, this.checking, this.resetting, this.saving);
      return [this.note, buttons, this.bar, this.status, this.results, this.printed];
    }

    /** One labelled editor with its draft. */
    editor(cell, name) {
      const id = `py-${this.exercise.slug}-${cell.id}`;
      const key = `draft:${this.exercise.slug}:${cell.id}`;
      const box = make("textarea", { id, value: drafts.get(key) ?? cell.source, spellcheck: false, autocomplete: "off", wrap: "off" });
      box.setAttribute("autocapitalize", "off");
      box.setAttribute("aria-describedby", `py-note-${this.exercise.slug}`);
      const fit = () => { box.rows = Math.min(30, box.value.split("\n").length + 1); };
      fit();
      box.addEventListener("input", () => {
        fit();
        drafts.set(key, box.value);
        this.forget();
      });
      box.addEventListener("keydown", (event) => this.key(event, box));
      this.editors.push({ box, cell, key, fit });
      return [make("label", { htmlFor: id, className: "py-label" }, name), box];
    }

    /** Tab indents until Escape is pressed: then the next Tab moves on, as everywhere. */
    key(event, box) {
      if (event.key === "Escape") { this.leaving = true; this.say("Press Tab to leave the editor."); return; }
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); this.check(); return; }
      const { value, selectionStart: from, selectionEnd: to } = box;
      const tab = event.key === "Tab" || event.code === "Tab"; // WebKit on Linux knows Shift+Tab by its code alone
      if (tab && !this.leaving && !event.ctrlKey && !event.altKey) {
        event.preventDefault();
        this.put(box, core.indented(value, from, to, event.shiftKey));
      } else if (event.key === "Enter" && !event.shiftKey) {
        const lead = core.lead(value.slice(0, from));
        if (lead) { event.preventDefault(); document.execCommand("insertText", false, `\n${lead}`); }
      }
      if (event.key !== "Shift") this.leaving = false;
    }

    /** A new text that Ctrl+Z takes back. */
    put(box, { text, from, to }) {
      box.select();
      document.execCommand("insertText", false, text);
      box.setSelectionRange(from, to);
    }

    async check() {
      if (this.busy) { globalThis.pyEngine?.stop(); return; }
      this.busy = true;
      this.began = performance.now();
      this.checking.textContent = "Stop";
      this.results.hidden = this.printed.hidden = true;
      const here = globalThis.pyHere;
      this.say(globalThis.pyEngine?.running() ? "Checking …" : `Loading Python and NumPy, about ${core.megabytes(here.wire)} …`);
      const answer = core.answer(this.exercise, this.editors.map(({ box }) => box.value));
      const digits = this.exercise.digits ? here.digits : undefined;
      const question = { slug: this.exercise.slug, digits, seed: this.seed, ...answer };
      const result = await engine().then((python) => python.ask(here, question, (news) => this.hear(news, here)))
        .catch((error) => ({ type: "failed", message: error.message }));
      this.bar.hidden = true;
      this.busy = false;
      this.checking.textContent = "Check";
      this.show(result, answer.name);
      this.dispatchEvent(new CustomEvent("checked", { bubbles: true, detail: result }));
    }

    /** News while Python works. */
    hear(news, here) {
      if (news.type === "progress") {
        this.bar.hidden = false;
        this.bar.value = Math.min(1, news.loaded / here.bytes);
      }
      if (news.type === "ready") { this.bar.hidden = true; this.dataset.readyMs = news.ms; }
      if (news.type === "at") {
        this.bar.hidden = true;
        if (news.timeout) this.began = performance.now();
        const slow = performance.now() - this.began > SLOW;
        this.say(slow ? `Checking … Python is ${news.at}. Checks that train a network take longest here.` : "Checking …");
      }
    }

    /** The verdict as the command line words it. */
    show(result, name) {
      const { slug } = this.exercise;
      if (result.type === "given up") { this.say("Stopped. The next check starts Python again."); return; }
      if (result.type === "failed") { this.say(`Python could not start: ${result.message}`); return; }
      if (result.type === "stopped") {
        this.say(`${slug}: cannot be checked. ${name} did not end within ${result.limit} s; it was stopped ${result.at}`);
        return;
      }
      this.dataset.ms = result.ms;
      const [headline] = result.text.split("\n");
      this.say(...("error" in result.report ? this.linked(result.text) : [headline]));
      if (result.report.passed) this.say(`${headline}. All done: your notebook is ready to be downloaded and handed in.`);
      this.classList.toggle("py-solved", Boolean(result.report.passed));
      this.results.replaceChildren(...(result.report.checks ?? []).map((one) => this.verdict(one, (result.kept ?? []).includes(one.id))));
      this.results.hidden = !result.report.checks;
      this.printed.replaceChildren(make("p", {}, "Your code printed"), make("pre", { tabIndex: 0 }, result.printed));
      this.printed.hidden = !result.printed;
    }

    /** One check: passed or FAILED, its name, what was found, and the paragraph to read. */
    verdict(one, kept) {
      const mark = make("strong", {}, one.passed ? "passed" : "FAILED");
      const points = ` (${one.points} point${one.points > 1 ? "s" : ""}${kept ? "; kept: nothing that it ran has changed" : ""})`;
      const item = make("li", { className: one.passed ? "py-passed" : "py-failed" },
        mark, " ", make("code", {}, one.id), points, make("p", {}, ...this.linked(one.message)));
      if (one.diagnosis) item.dataset.diagnosis = one.diagnosis;
      return item;
    }

    /** A message with its page as a link. */
    linked(message) {
      return core.pieces(message).map(({ text, page }) => (page ? make("a", { href: this.exercise.up + page }, text) : text));
    }

    /** Back to the start; the same button brings the code back until something is typed. */
    reset() {
      const now = this.editors.map(({ box }) => box.value);
      const texts = this.kept ?? this.editors.map(({ cell }) => cell.source);
      this.editors.forEach(({ box, cell, key, fit }, i) => {
        box.value = texts[i];
        drafts.set(key, texts[i] === cell.source ? null : texts[i]);
        fit();
      });
      this.kept = this.kept ? undefined : now;
      this.resetting.textContent = this.kept ? "Bring my code back" : "Reset";
      this.say(this.kept ? "The editor is as it was at the start." : "Your code is back.");
      this.results.hidden = this.printed.hidden = true;
      this.editors[0].box.focus();
    }

    forget() {
      this.kept = undefined;
      this.resetting.textContent = "Reset";
      this.noteDrafts();
    }

    noteDrafts() {
      if (drafts.works || this.warned) return;
      this.warned = true;
      this.note.append(" This browser keeps no drafts: download the notebook before you leave.");
    }

    /** The notebook as it is handed out, with this code in it. */
    async download() {
      try {
        const answer = await fetch(this.exercise.notebook);
        if (!answer.ok) throw new Error(`${this.exercise.notebook} answers ${answer.status}`);
        const sources = Object.fromEntries(this.editors.map(({ box, cell }) => [cell.id, box.value]));
        const blob = new Blob([core.filled(await answer.text(), sources)], { type: "application/x-ipynb+json" });
        const link = make("a", { href: URL.createObjectURL(blob), download: `${this.exercise.slug}.ipynb` });
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
        this.say(`${this.exercise.slug}.ipynb holds your code. Hand it in under this name.`);
      } catch (error) {
        this.say(`The notebook could not be made: ${error.message}`);
      }
    }

    /** @param {(Node | string)[]} what */
    say(...what) { this.status.replaceChildren(...what); }
  });
}
