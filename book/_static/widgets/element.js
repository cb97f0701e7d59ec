// The elements themselves: they read the controls, ask the pure part for a picture, and put it on the page.
// Nothing moves by itself: a picture changes at once when a control does, and a status line says what it shows.
"use strict";

(() => {
  const widgets = globalThis.dropoutWidgets;

  class Widget extends HTMLElement {
    connectedCallback() {
      if (this.kind) return;
      this.kind = widgets.kinds[this.localName];
      this.data = JSON.parse(this.dataset.measured ?? "null");
      this.state = widgets.readState(this.kind, this.data, JSON.parse(this.dataset.start ?? "{}"));
      this.controls = this.kind.controls(this.data);
      this.fields = /** @type {HTMLFieldSetElement} */ (this.querySelector(".widget-controls"));
      this.fields.disabled = false;
      this.fields.addEventListener("input", () => this.readFields());
      this.fields.querySelector("button")?.addEventListener("click", () => {
        this.field("seed").value = String((Number(this.state.seed) + 1) % 2 ** 32);
        this.readFields();
      });
      addEventListener("hashchange", () => this.follow());
      this.follow();
    }

    /** @returns {HTMLInputElement} */
    field(/** @type {string} */ name) { return this.fields.querySelector(`[name="${name}"]`); }

    /** What the controls say, as texts; a slider over stops holds the number of its stop. */
    readFields() {
      const texts = this.controls.map(({ name, stops }) => {
        const value = this.field(name).value;
        return [name, stops ? String(stops[Number(value)]) : value];
      });
      this.turn(Object.fromEntries(texts));
    }

    /** A link to a picture of this widget shows it. */
    follow() {
      const texts = widgets.fromHash(this.id, location.hash);
      if (!texts) return;
      this.turn(texts);
      for (const { name, stops } of this.controls) {
        const value = this.state[name];
        this.field(name).value = String(stops ? stops.indexOf(Number(value)) : value);
      }
      this.scrollIntoView({ block: "nearest" });
    }

    /** Go to the state that texts ask for, or say why not and stay. */
    turn(/** @type {Record<string, string>} */ texts) {
      const said = /** @type {HTMLElement} */ (this.querySelector(".widget-said"));
      try {
        this.state = widgets.readState(this.kind, this.data, texts, this.state);
      } catch (error) {
        said.textContent = /** @type {Error} */ (error).message;
        if (said.textContent.startsWith("Seed")) this.field("seed")?.setAttribute("aria-invalid", "true");
        return;
      }
      const view = this.kind.view(this.id, this.state, this.data);
      this.querySelector(".widget-picture").innerHTML = view.svg;
      this.querySelector(".widget-numbers .table-scroll").innerHTML = widgets.tableHtml(view.table);
      this.querySelector(".widget-link").setAttribute("href", widgets.toHash(this.id, this.state));
      if (said.textContent !== view.said) said.textContent = view.said;
      this.field("seed")?.removeAttribute("aria-invalid");
      for (const { name, type } of this.controls) {
        if (type !== "rate") continue;
        const words = widgets.bothWords(Number(this.state[name]));
        this.field(name).setAttribute("aria-valuetext", words);
        this.field(name).parentElement.querySelector(".widget-now").textContent = words;
      }
    }
  }

  for (const name of Object.keys(widgets.kinds)) customElements.define(name, class extends Widget {});
})();
