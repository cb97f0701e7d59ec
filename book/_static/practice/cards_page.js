// Flashcards on the page: one card at a time, four grades, by mouse or by the keys 1 to 4 while the card has the focus.
"use strict";

(() => {
  const practice = globalThis.dropoutPractice;
  const { root, part, h, set, link, say, shelf, showNotice, prompt, show, focus, keeping } = practice;
  const form = /** @type {HTMLFormElement} */ (root.querySelector("form"));
  const place = /** @type {HTMLElement} */ (root.querySelector(".practice-card"));
  const GRADES = ["Again", "Hard", "Good", "Easy"];
  const clock = () => new Date(); // the one place where this page asks for the time
  const fsrs = practice.scheduler();
  /** @type {any[]} */ let cards = [];
  /** What the card on show takes: a grade, or null while its answer is hidden. @type {((rating: number) => void) | null} */
  let take = null;
  let done = 0;
  /** The last grade of this visit, to take back. @type {{id: string, before: any} | null} */
  let last = null;

  function choice() {
    const given = new FormData(form);
    return { levels: given.getAll("level").map(String), kinds: given.getAll("kind").map(String), perDay: Number(given.get("perDay")) };
  }
  const plan = () => practice.plan(cards, shelf.load(), choice(), clock());
  const cardsOf = (/** @type {number} */ count) => `${count} ${count === 1 ? "card" : "cards"}`;

  /** What is due, before the first card and whenever the choice changes. */
  function tellPlan() {
    const { due, fresh, known, all } = plan();
    if (!all) return say("No card is chosen: tick at least one level and one sort of card.");
    say(`Due today: ${due.length} to repeat, ${fresh.length} new. You have begun ${known} of ${cardsOf(all)}.`);
  }

  /** The next card, or the end for now. */
  async function next(before = "") {
    take = null;
    const now = plan();
    const card = practice.pick(now);
    if (!card) return finish(now, before);
    const left = now.due.length + now.fresh.length + now.soon.length;
    try {
      const q = await part(card.record);
      say(`${before} ${cardsOf(left)} to go.`.trim());
      ask(card, q);
      const after = now.due[1] ?? now.fresh[now.due.length ? 0 : 1];
      if (after) part(after.record).catch(() => {}); // so that the next card is there at once
    } catch (error) {
      place.hidden = true;
      form.hidden = false;
      say(/** @type {Error} */ (error).message, true);
    }
  }

  function finish(/** @type {any} */ now, /** @type {string} */ before) {
    place.hidden = true;
    form.hidden = false;
    const when = now.next ? ` The next one is due in ${practice.inWords(now.next.getTime() - clock().getTime())}.` : "";
    say(now.all ? `${before} Done for now: ${cardsOf(done)} graded.${when}`.trim() : "No card is chosen: tick at least one level and one sort of card.");
    (/** @type {HTMLElement} */ (form.querySelector("[type=submit]"))).focus();
  }

  /** The front; the answer comes on press. */
  function ask(/** @type {any} */ card, /** @type {any} */ q) {
    const known = shelf.load().cards[card.id];
    const title = h("h3", { id: "practice-title", innerHTML: q.title });
    const wrong = card.kind === "wrong" ? q.wrong[card.place] : null;
    const note = `${card.id}, ${card.level}, ${q.kind}, ${known ? `graded ${known.reps} ${known.reps === 1 ? "time" : "times"}` : "new"}`;
    const front = [
      h("p", { className: "kit-note", textContent: note }), prompt(q),
      ...(wrong ? [h("p", { textContent: "Somebody answers:" }), set("blockquote", "", wrong.says), h("p", { textContent: "Why is that wrong?" })] : []),
    ];
    const reveal = h("button", { type: "button", textContent: "Show the answer" });
    reveal.addEventListener("click", () => answer(card, q, [title, ...front], wrong));
    place.hidden = false;
    show(place, title, ...front, h("p", { className: "kit-buttons" }, reveal), ways());
    focus(title);
  }

  function answer(/** @type {any} */ card, /** @type {any} */ q, /** @type {Node[]} */ front, /** @type {any} */ wrong) {
    const text = set("div", "practice-answer", wrong ? `<p>${wrong.why}</p>` : q.short);
    text.setAttribute("role", "group");
    text.setAttribute("aria-label", "Answer");
    const more = h("p", { className: "kit-note" }, link("Full answer and sources", q.here), ...(q.task ? [" · ", link("Practise it in the exercise", q.task)] : []));
    const waits = practice.preview(shelf.load().cards[card.id], clock(), fsrs);
    const buttons = GRADES.map((grade, i) => {
      const button = h("button", { type: "button", "aria-keyshortcuts": String(i + 1) }, `${i + 1} ${grade}`, h("small", { textContent: `in ${waits[i]}` }));
      button.addEventListener("click", () => take?.(i + 1));
      return button;
    });
    take = (rating) => {
      take = null;
      const before = shelf.load().cards[card.id];
      const graded = practice.grade(before, rating, clock(), fsrs);
      last = { id: card.id, before };
      shelf.change((/** @type {any} */ state) => { state.cards[card.id] = graded; });
      showNotice();
      done += 1;
      next(`${GRADES[rating - 1]}: again in ${practice.inWords(new Date(graded.due).getTime() - clock().getTime())}.`);
    };
    const grades = h("div", { className: "practice-grades", role: "group", "aria-label": "How well did you know it?" }, ...buttons);
    show(place, ...front, text, more, grades, ways());
    focus(text);
  }

  /** Ways out of a card: stop, or take the last grade back. */
  function ways() {
    const way = (/** @type {string} */ textContent, /** @type {() => void} */ what) => {
      const button = h("button", { type: "button", className: "practice-way", textContent });
      button.addEventListener("click", what);
      return button;
    };
    const stop = way("Stop here", () => { take = null; finish(plan(), ""); });
    return h("p", { className: "practice-ways" }, stop, last && way("Take the last grade back", takeBack));
  }
  function takeBack() {
    const { id, before } = /** @type {NonNullable<typeof last>} */ (last);
    shelf.change((/** @type {any} */ state) => { if (before) state.cards[id] = before; else delete state.cards[id]; });
    last = null;
    done -= 1;
    next("The last grade is taken back.");
  }

  place.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || !take) return;
    const rating = ["1", "2", "3", "4"].indexOf(event.key) + 1;
    if (rating) { event.preventDefault(); take(rating); }
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    done = 0;
    last = null;
    if (practice.pick(plan())) form.hidden = true;
    next();
  });
  form.addEventListener("change", tellPlan);
  keeping(tellPlan);
  part("practice").then((index) => {
    cards = index.cards.map((/** @type {any[]} */ [id, record, kind, level, place]) => ({ id, record, kind, level, place }));
    form.hidden = false;
    tellPlan();
  }, (error) => say(error.message, true));
})();
