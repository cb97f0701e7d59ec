// A mock interview: the kit of a seed, one question at a time, a clock that can be paused, hidden or left out.
"use strict";

(() => {
  const practice = globalThis.dropoutPractice;
  const { root, part, h, say, shelf, showNotice, show, focus, keeping, steps } = practice;
  const form = /** @type {HTMLFormElement} */ (root.querySelector("form"));
  const stage = /** @type {HTMLElement} */ (root.querySelector(".practice-mock"));
  const step = /** @type {HTMLElement} */ (root.querySelector(".practice-step"));
  const panel = /** @type {HTMLElement} */ (root.querySelector(".practice-clock"));
  const face = /** @type {HTMLElement} */ (panel.querySelector("[role=timer]"));
  const pause = /** @type {HTMLButtonElement} */ (panel.querySelector("[data-do=pause]"));
  const hide = /** @type {HTMLButtonElement} */ (panel.querySelector("[data-do=hide]"));
  const clock = () => Date.now(); // the one place where this page asks for the time
  let running = false;
  /** @type {any} */ let timer = null;
  let [limit, left, paused, ticker] = [0, 0, false, 0];

  /** Time is counted while one answers, not while one ticks points or reads. */
  function count(/** @type {boolean} */ answering) {
    if (!timer) return;
    if (answering && !paused) timer.go(clock()); else timer.stop(clock());
    panel.hidden = !answering;
    tick();
  }
  function tick() {
    const now = timer.left(clock());
    face.textContent = `${practice.clockFace(now)} left`;
    const news = hide.getAttribute("aria-pressed") === "false" ? practice.announcement(left, now, limit) : "";
    left = now;
    if (news) say(news);
  }
  function startClock(/** @type {number} */ minutes) {
    limit = left = minutes * 60_000;
    timer = practice.countdown(limit);
    paused = false;
    pause.textContent = "Pause";
    clearInterval(ticker);
    ticker = setInterval(tick, 1000);
  }
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.textContent = paused ? "Go on" : "Pause";
    count(true);
    say(paused ? "The clock stands still." : "The clock runs.");
  });
  hide.addEventListener("click", () => {
    const hidden = hide.getAttribute("aria-pressed") === "false";
    hide.setAttribute("aria-pressed", String(hidden));
    face.hidden = hidden;
  });

  function put(/** @type {Node[]} */ content, answering = false) {
    show(step, ...content);
    count(answering);
    focus(step.querySelector("h3"));
  }

  /** One question after the other; an answer's steps wait for each other. @returns {Promise<any>} */
  async function ask(/** @type {any} */ q, /** @type {string} */ place, /** @type {string} */ level) {
    const given = await new Promise((resolve) => put(steps.answering(q, place, "", { done: resolve, skip: () => resolve(null) }), true));
    if (given === null) return { id: q.id, assessed: false };
    const sure = await new Promise((resolve) => put(steps.surety(q, place, given, level, resolve)));
    const score = await new Promise((resolve) => put(steps.ticking(q, place, given, level, resolve)));
    const entry = q.followups.find((/** @type {any} */ one) => one.if === practice.branch(score));
    if (entry) await new Promise((resolve) => put(steps.following(q, place, entry, () => resolve(null)), true));
    const { points, bar, reached } = score;
    return { id: q.id, assessed: true, points, bar, reached, sure };
  }

  async function interview(/** @type {any} */ kit, /** @type {any[]} */ questions, /** @type {any} */ index) {
    const at = new Date(clock()).toISOString();
    const answers = [];
    for (const [i, q] of questions.entries()) {
      say("");
      answers.push(await ask(q, `Question ${i + 1} of ${questions.length}`, kit.level));
    }
    const mock = { at, level: kit.level, minutes: kit.minutes, seed: kit.seed, questions: answers };
    shelf.change((/** @type {any} */ state) => { state.mocks.push(mock); });
    showNotice();
    finish(mock, index);
  }

  function finish(/** @type {any} */ mock, /** @type {any} */ index) {
    running = false;
    clearInterval(ticker);
    if (timer) { timer.stop(clock()); panel.hidden = true; timer = null; }
    const assessed = mock.questions.filter((/** @type {any} */ one) => one.assessed);
    const reached = assessed.filter((/** @type {any} */ one) => one.reached).length;
    const again = h("button", { type: "button", textContent: "Another interview" });
    again.addEventListener("click", () => { stage.hidden = true; form.hidden = false; seedOf(); say(""); (/** @type {HTMLElement} */ (form.elements.namedItem("level"))).focus(); });
    show(step, h("h3", { textContent: "What this interview showed" }),
      h("p", { textContent: `${assessed.length} of ${mock.questions.length} questions assessed; ${reached} reached the bar of ${mock.level} level. This is a study aid: it says what to study, not whether somebody should be hired.` }),
      ...practice.report("h4", [mock], mock.level, index),
      h("p", { className: "kit-buttons" }, again, h("a", { className: "button", href: "progress.html", textContent: "All your interviews" })));
    focus(step.querySelector("h3"));
    say("The interview is over. What it showed stands below.");
  }

  const field = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
  /** The next seed, so that the same button gives other questions. */
  function seedOf() { field("seed").value = String(shelf.load().mocks.length + 1); }

  async function start() {
    say("Loading the questions …");
    const given = new FormData(form);
    const seed = field("seed").value.trim() === "" ? NaN : Number(field("seed").value);
    const wish = { level: String(given.get("level")), minutes: Number(given.get("minutes")), audience: "candidate", seed, exclude: [] };
    try {
      const [index, entries] = await Promise.all([part("practice"), part("index")]);
      const known = new Set(entries.map((/** @type {any} */ one) => one.id));
      if (given.has("fresh")) wish.exclude = shelf.load().mocks.flatMap((/** @type {any} */ mock) => mock.questions.map((/** @type {any} */ one) => one.id)).filter((/** @type {string} */ id) => known.has(id));
      const made = globalThis.dropoutKit.make(entries, wish);
      if (made.error) return say(`No interview: ${made.error}.`, true);
      const questions = await Promise.all(made.kit.questions.map((/** @type {any} */ one) => part(one.id)));
      form.hidden = true;
      stage.hidden = false;
      running = true;
      if (given.get("clock") === "shown") startClock(made.kit.minutes); else { timer = null; panel.hidden = true; }
      interview(made.kit, questions, index);
    } catch (error) {
      say(/** @type {Error} */ (error).message, true);
    }
  }

  form.addEventListener("submit", (event) => { event.preventDefault(); start(); });
  addEventListener("beforeunload", (event) => { if (running) event.preventDefault(); });
  keeping(seedOf);
  seedOf();
})();
