// <quiz-question>: makes choices, a field or movable steps of what the page's source holds to read, judges them with
// the reason from there, and keeps what was solved on the device. Classic, as pages are also opened from disk.
"use strict";

{
  const core = globalThis.dropoutQuiz;
  const shelf = globalThis.dropoutPractice.shelf(() => globalThis.localStorage);
  const letter = (/** @type {number} */ at) => "ABCDEF"[at];

  function make(/** @type {string} */ tag, fields = {}, ...children) {
    const made = Object.assign(document.createElement(tag), fields);
    made.append(...children);
    return made;
  }

  /** The line above the questions: how many are solved, and where everything kept is. */
  function count() {
    const line = document.querySelector(".quiz-kept"), all = [...document.querySelectorAll("quiz-question")];
    const kept = shelf.load().quizzes, solved = all.filter(({ id }) => kept[id.slice(5)]?.solved).length;
    const link = make("a", { href: line.dataset.progress, textContent: "All your progress" });
    line.replaceChildren(`${solved} of ${all.length} solved. ${shelf.notice() || line.dataset.intro} `, link, ".");
  }

  customElements.define("quiz-question", class extends HTMLElement {
    connectedCallback() {
      if (this.said) return;
      this.reasons = this.querySelector(".quiz-reasons").children;
      this.said = make("div", { className: "quiz-said", role: "status" });
      this.past = make("span", { className: "quiz-past" });
      const notes = [...this.querySelectorAll(".quiz-note")], ask = this.querySelector(".quiz-ask");
      notes.forEach((note, at) => { note.id = `${this.id}-note-${at}`; });
      const parts = this[`make_${this.dataset.kind}`](this.querySelector(".quiz-options"));
      const box = make("fieldset", {}, make("legend", { className: "quiz-ask" }, ...ask.childNodes), ...notes, ...parts);
      if (notes.length) box.setAttribute("aria-describedby", notes.map(({ id }) => id).join(" "));
      const form = make("form", { noValidate: true }, box, make("p", { className: "quiz-buttons" }, make("button", { textContent: "Check" }), this.past), this.said);
      form.addEventListener("submit", (event) => { event.preventDefault(); this.check(); });
      ask.replaceWith(form);
      this.remember();
    }

    make_choice(list) {
      [...list.children].forEach((item, at) => {
        const radio = make("input", { type: "radio", name: this.id, value: at });
        item.replaceChildren(make("label", {}, radio, make("span", {}, ...item.childNodes)));
      });
      list.onchange = () => this.say();
      return [list];
    }

    judge_choice() {
      const at = Number(this.querySelector("input:checked")?.value ?? -1);
      if (at < 0) return { trouble: "Choose an option first." };
      const right = String(at) === this.dataset.right;
      return { right, said: `${letter(at)} is ${right ? "" : "not "}right.`, why: this.reasons[at] };
    }

    make_number() {
      this.field = make("input", { type: "text", inputMode: "decimal", autocomplete: "off", oninput: () => this.say() });
      return [make("label", { className: "quiz-field" }, "Your answer ", this.field, ` ${this.dataset.unit}`)];
    }

    judge_number() {
      const { value, trouble } = core.number(this.field.value);
      this.field.ariaInvalid = String(Boolean(trouble));
      if (trouble) return { trouble };
      const { answer, slack, near } = this.dataset, right = Math.abs(value - answer) <= slack, at = core.near(value, near);
      if (right) return { right, said: `${value} is right.`, why: this.solution() };
      const way = at < 0 ? ` It is too ${value < answer ? "small" : "large"}; try again, or open the solution below.` : "";
      return { right, said: `${value} is not right.${way}`, why: this.reasons[at] };
    }

    make_order(list) {
      const places = this.dataset.right.split(" ");
      [...list.children].forEach((item, at) => {
        item.place = Number(places[at]);
        item.letter = letter(at);
        const button = (sign, way, by) => make("button", { type: "button", textContent: sign, ariaLabel: `Move ${item.letter} ${way}`, onclick: () => this.move(item, by) });
        const text = make("span", {}, make("b", { textContent: `${item.letter} ` }), ...item.childNodes);
        item.replaceChildren(make("div", {}, text, button("↑", "up", -1), button("↓", "down", 1)));
      });
      list.classList.add("quiz-moving");
      return [list];
    }

    /** Its neighbour goes round it, so that the button pressed keeps the focus. */
    move(item, by) {
      const other = by < 0 ? item.previousElementSibling : item.nextElementSibling;
      if (other) item[by < 0 ? "after" : "before"](other);
      const all = [...item.parentElement.children];
      this.say(other ? `${item.letter} is now step ${all.indexOf(item) + 1} of ${all.length}.` : `${item.letter} is ${by < 0 ? "first" : "last"} already.`);
    }

    judge_order() {
      const items = [...this.querySelector(".quiz-moving").children], { fine, first } = core.order(items.map(({ place }) => place));
      if (first < 0) return { right: true, said: "This order is right.", why: this.solution() };
      const { letter: name, place } = items[first];
      return { right: false, said: `Not right yet: ${fine} of ${items.length} steps are in place. Think of ${name} again, now step ${first + 1}.`, why: this.reasons[place] };
    }

    solution() { return this.querySelector("details p:nth-of-type(2)"); }

    check() {
      const { trouble = "", right = false, said = "", why } = this[`judge_${this.dataset.kind}`]();
      if (trouble) { this.say(trouble); return; }
      const reason = why ? [...why.cloneNode(true).childNodes].filter(({ tagName }) => tagName !== "STRONG") : [];
      this.say(make("strong", { textContent: `${right ? "✓" : "✗"} ${said}` }), " ", ...reason);
      this.said.classList.add(right ? "quiz-right" : "quiz-wrong");
      shelf.change(({ quizzes }) => {
        const name = this.id.slice(5), before = quizzes[name];
        if (!before?.solved) quizzes[name] = { at: new Date().toISOString(), tries: (before?.tries ?? 0) + 1, solved: right };
      });
      this.remember();
    }

    say(...content) {
      this.said.className = "quiz-said";
      this.said.replaceChildren(...content);
    }

    remember() {
      const kept = shelf.load().quizzes[this.id.slice(5)];
      const day = kept && new Date(kept.at).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" });
      this.past.textContent = !kept ? "" : kept.solved ? `Solved on ${day}, at attempt ${kept.tries}.` : `Not solved yet, attempts: ${kept.tries}.`;
      count();
    }
  });
}
