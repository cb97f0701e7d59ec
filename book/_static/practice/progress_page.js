// All that is kept on this device, on one page: cards begun and due, quizzes, mock interviews, what to study next.
"use strict";

(() => {
  const practice = globalThis.dropoutPractice;
  const { root, part, h, link, say, shelf, show, keeping } = practice;
  const place = /** @type {HTMLElement} */ (root.querySelector(".practice-report"));
  const clock = () => new Date(); // the one place where this page asks for the time
  const ALL = { levels: ["recruiter", "junior", "mid", "senior", "staff"], kinds: ["answer", "code", "wrong"], perDay: 0 };
  const LEVELS = ["junior", "mid", "senior", "staff"];

  function tableOf(/** @type {string[]} */ names, /** @type {(Node | string)[][]} */ rows) {
    const head = h("tr", {}, ...names.map((textContent) => h("th", { scope: "col", textContent })));
    const body = rows.map((cells) => h("tr", {}, ...cells.map((cell) => h("td", {}, cell))));
    return h("div", { className: "table-scroll" }, h("table", {}, h("thead", {}, head), h("tbody", {}, ...body)));
  }

  /** A line for each chapter's quiz: how many of its questions were solved, how many of these at once. */
  function quizzes(/** @type {any[]} */ all, /** @type {any} */ kept) {
    return tableOf(["Chapter", "Solved", "At the first attempt"], all.map(({ title, at, ids }) => {
      const solved = ids.filter((/** @type {string} */ id) => kept[id]?.solved);
      const once = solved.filter((/** @type {string} */ id) => kept[id].tries === 1);
      return [link(title, at), `${solved.length} of ${ids.length}`, String(once.length)];
    }));
  }

  function interviews(/** @type {any[]} */ mocks) {
    const rows = mocks.map((mock) => {
      const assessed = mock.questions.filter((/** @type {any} */ one) => one.assessed);
      const reached = assessed.filter((/** @type {any} */ one) => one.reached).length;
      return [mock.at.slice(0, 10), mock.level, String(mock.minutes), `${reached} of ${assessed.length}`];
    });
    return tableOf(["Day", "Level", "Minutes", "Bar reached"], rows.reverse());
  }

  function tell(/** @type {any} */ index) {
    const state = shelf.load();
    const cards = index.cards.map((/** @type {any[]} */ [id, record, kind, level, at]) => ({ id, record, kind, level, place: at }));
    const { due, known, all } = practice.plan(cards, state, ALL, clock());
    const { mocks } = state;
    const level = mocks.at(-1)?.level ?? LEVELS[0];
    const ids = index.quizzes.flatMap((/** @type {any} */ quiz) => quiz.ids);
    const solved = ids.filter((/** @type {string} */ id) => state.quizzes[id]?.solved).length;
    say(`Cards: ${known} of ${all} begun, ${due.length} due now. Quiz questions: ${solved} of ${ids.length} solved. Mock interviews: ${mocks.length}.`);
    show(place, ...practice.report("h3", mocks, level, index),
      ...(ids.length ? [h("h3", { textContent: "Quizzes of the chapters" }), quizzes(index.quizzes, state.quizzes)] : []),
      ...(mocks.length ? [h("h3", { textContent: "Mock interviews" }), interviews(mocks)] : []));
  }

  part("practice").then((index) => { keeping(() => tell(index)); tell(index); }, (error) => { keeping(() => {}); say(error.message, true); });
})();
