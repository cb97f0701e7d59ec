// <plausibility-calculator>: the form round plausibility_core.js. What the element holds in the page's source stays
// readable below it and is all there is without JavaScript.
"use strict";

customElements.define("plausibility-calculator", class extends HTMLElement {
  connectedCallback() {
    if (this.querySelector("form")) return;
    /** @type {{name: string, before: number, after: number}[]} */
    this.published = JSON.parse(this.dataset.published ?? "[]");
    this.form = document.createElement("form");
    this.form.className = "calculator";
    this.form.noValidate = true;
    this.form.append(
      this.field("before", "Accuracy before, in %", "60", "The error is what is missing to 100."),
      this.field("gain", "Claimed gain", "25", "The bare number, as in “+25 %”."),
      this.choice("unit", "The gain is in", [["points", "points"], ["relative", "% of the old value"]]),
      this.choice("of", "It was measured as", [["accuracy", "accuracy"], ["error", "error"]]),
    );
    this.status = document.createElement("p");
    this.status.setAttribute("role", "status");
    this.status.setAttribute("aria-live", "polite");
    this.status.className = "calculator-result";
    this.form.append(this.status);
    this.form.addEventListener("input", () => this.answer());
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.answer(); });
    this.prepend(this.form);
    this.answer();
  }

  /** A labelled text field with a hint and room for its error. */
  field(name, label, value, hint) {
    const box = document.createElement("div");
    const id = `calculator-${name}`;
    const title = Object.assign(document.createElement("label"), { htmlFor: id, textContent: label });
    const input = Object.assign(document.createElement("input"), { id, name, value, type: "text", inputMode: "decimal", autocomplete: "off" });
    const note = Object.assign(document.createElement("small"), { id: `${id}-hint`, textContent: hint });
    input.setAttribute("aria-describedby", note.id);
    box.append(title, input, note);
    return box;
  }

  /** Radio buttons under a legend; the arrow keys move between them. */
  choice(name, legend, options) {
    const group = document.createElement("fieldset");
    group.append(Object.assign(document.createElement("legend"), { textContent: legend }));
    options.forEach(([value, text], i) => {
      const label = document.createElement("label");
      label.append(Object.assign(document.createElement("input"), { type: "radio", name, value, checked: i === 0 }), ` ${text}`);
      group.append(label);
    });
    return group;
  }

  /** Say what the form's entries mean, or which of them is no entry. */
  answer() {
    const core = globalThis.plausibility;
    const entry = new FormData(this.form);
    const read = { before: core.readBefore, gain: core.readGain };
    const problems = [];
    const values = {};
    for (const name of ["before", "gain"]) {
      const input = this.form.elements.namedItem(name);
      try {
        values[name] = read[name](String(entry.get(name)));
        input.removeAttribute("aria-invalid");
      } catch (error) {
        input.setAttribute("aria-invalid", "true");
        problems.push(error.message);
      }
    }
    let text = problems.join(" ");
    let tone = "error";
    if (!problems.length) {
      const found = core.weigh(values.before, values.gain, String(entry.get("unit")), String(entry.get("of")));
      const place = core.compare(found, this.published);
      text = core.say(found, place);
      tone = place.verdict;
    }
    this.status.dataset.tone = tone;
    if (this.status.textContent !== text) this.status.textContent = text;
  }
});
