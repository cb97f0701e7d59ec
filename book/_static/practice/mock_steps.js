// The steps of one question in a mock interview, each an element with its own button: answer, how sure, tick points,
// follow-up. They know the question and whom to tell, neither the clock nor what is kept.
"use strict";

(() => {
  const practice = globalThis.dropoutPractice;
  const { h, set, fold, link, prompt } = practice;
  const SURE = [[0.1, "no idea"], [0.3, "rather not"], [0.5, "could be either"], [0.7, "rather yes"], [0.9, "quite sure"]];
  const press = (/** @type {string} */ text, /** @type {() => void} */ what, main = true) => {
    const button = h("button", { type: main ? "submit" : "button", textContent: text });
    button.addEventListener("click", (event) => { event.preventDefault(); what(); });
    return button;
  };
  const buttons = (...of) => h("p", { className: "kit-buttons" }, ...of);

  /** Title of a step: which question, of how many. */
  const head = (/** @type {any} */ q, /** @type {string} */ place, /** @type {string} */ what) => [
    h("h3", {}, `${place}: ${what}`), h("p", { className: "kit-note", textContent: `${q.kind}, about ${q.minutes.answer} min` }),
  ];

  /** Prompt and room for notes. */
  function answering(/** @type {any} */ q, place, notes, /** @type {{done: (notes: string) => void, skip: () => void}} */ then) {
    const room = h("textarea", { rows: q.kind === "coding" ? 12 : 5, value: notes, spellcheck: false });
    const label = h("label", { className: "practice-notes" }, h("span", { textContent: "Notes: to answer in writing, or for yourself. They are not kept." }), room);
    return [...head(q, place, "answer"), prompt(q), label, buttons(press("I have answered", () => then.done(room.value)), press("Skip: not assessed", then.skip, false))];
  }

  const noted = (/** @type {string} */ notes) => (notes.trim() ? [h("p", { className: "kit-note", textContent: "Your notes:" }), h("pre", { className: "practice-noted", textContent: notes })] : []);

  /** How sure one is to reach the bar, asked before any point is seen. */
  function surety(/** @type {any} */ q, place, notes, /** @type {string} */ level, /** @type {(sure: number) => void} */ then) {
    const choices = SURE.map(([value, words]) => h("label", {}, h("input", { type: "radio", name: "sure", value: String(value) }), `${words} (${Math.round(Number(value) * 100)} %)`));
    const group = h("fieldset", { className: "practice-sure" }, h("legend", { textContent: `Does your answer reach the bar of ${level} level, ${q.bars[level]} of 10 points with every must?` }), ...choices);
    const missing = h("p", { className: "kit-refused", role: "alert" });
    const go = press("Show the points", () => {
      const chosen = /** @type {HTMLInputElement | null} */ (group.querySelector("input:checked"));
      if (chosen) then(Number(chosen.value)); else missing.textContent = "Choose one first: it is what makes you learn how well you know what you know.";
    });
    return [...head(q, place, "how sure are you?"), fold("The question again", prompt(q)), ...noted(notes), group, missing, buttons(go)];
  }

  const ANCHORS = ["poor", "mixed", "good", "excellent"];

  /** Points to tick, beside what answers sound like; the sum is told while one ticks. */
  function ticking(/** @type {any} */ q, place, notes, /** @type {string} */ level, /** @type {(score: any) => void} */ then) {
    const boxes = q.rubric.map(() => h("input", { type: "checkbox" }));
    const result = h("p", { className: "practice-score", role: "status" });
    const score = () => practice.score(q.rubric, boxes.map((/** @type {HTMLInputElement} */ box) => box.checked), q.bars[level]);
    const tell = () => { result.textContent = inWords(score(), level); };
    const points = q.rubric.map((/** @type {any} */ point, /** @type {number} */ i) => h("label", {}, boxes[i], set("span", "", `${point.say} (${point.pts}${point.must ? ", a must" : ""})`)));
    const group = h("fieldset", { className: "practice-ticks" }, h("legend", { textContent: "Tick what you said, not what you meant" }), ...points);
    group.addEventListener("change", tell);
    tell();
    const table = h("table", { className: "kit-anchors" }, h("tbody", {}, ...ANCHORS.map((name) => h("tr", {}, h("th", { scope: "row", textContent: name }), set("td", "", q.anchors[name])))));
    const listing = (/** @type {string[]} */ items) => h("ul", {}, ...items.map((item) => set("li", "", item)));
    return [
      ...head(q, place, "what was in your answer?"), fold("The question again", prompt(q)), ...noted(notes), group, result,
      h("h4", { textContent: "What answers sound like" }), h("div", { className: "table-scroll" }, table),
      h("h4", { textContent: "In twenty seconds" }), set("div", "kit-text", q.short),
      fold("Full answer", set("div", "kit-text", q.full)), fold("Counts as well", listing(q.accept)),
      fold("Wrong, and why", listing(q.wrong.map((/** @type {any} */ one) => `“${one.says}” — ${one.why}`))),
      h("p", { className: "kit-note" }, link("Evidence and sources", q.here), ...(q.task ? [" · ", link("Practise it in the exercise", q.task)] : [])),
      buttons(press("Next", () => then(score()))),
    ];
  }

  /** A score against the bar of a level, in words. */
  function inWords(/** @type {any} */ { points, musts, bar, reached }, /** @type {string} */ level) {
    const why = musts ? `, as ${musts === 1 ? "a must is" : `${musts} musts are`} missing` : "";
    return `${points} of 10 points. The bar of ${level} level is ${bar}: ${reached ? "reached" : `not reached${points >= bar ? why : ""}`}.`;
  }

  /** What an interviewer would ask next; not scored. */
  function following(/** @type {any} */ q, place, /** @type {any} */ entry, /** @type {() => void} */ then) {
    const reply = fold("A good reply", set("div", "kit-text", entry.answer));
    return [...head(q, place, "follow-up"), h("p", { className: "kit-note", textContent: "Not scored. Say your reply, then open a good one." }), prompt(entry), reply, buttons(press("Go on", then))];
  }

  Object.assign(practice, { steps: { answering, surety, ticking, following } });
})();
