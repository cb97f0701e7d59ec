// All that is kept on this device, on one page: cards begun and due, mock interviews, what to study next.
"use strict";

(() => {
  const practice = globalThis.dropoutPractice;
  const { root, part, h, say, shelf, show, keeping } = practice;
  const place = /** @type {HTMLElement} */ (root.querySelector(".practice-report"));
  const clock = () => new Date(); // the one place where this page asks for the time
  const ALL = { levels: ["recruiter", "junior", "mid", "senior", "staff"], kinds: ["answer", "code", "wrong"], perDay: 0 };
  const LEVELS = ["junior", "mid", "senior", "staff"];

  function interviews(/** @type {any[]} */ mocks) {
    const head = h("tr", {}, ...["Day", "Level", "Minutes", "Bar reached"].map((text) => h("th", { scope: "col", textContent: text })));
    const rows = mocks.map((mock) => {
      const assessed = mock.questions.filter((/** @type {any} */ one) => one.assessed);
      const reached = assessed.filter((/** @type {any} */ one) => one.reached).length;
      return h("tr", {}, ...[mock.at.slice(0, 10), mock.level, String(mock.minutes), `${reached} of ${assessed.length}`].map((text) => h("td", { textContent: text })));
    });
    return h("div", { className: "table-scroll" }, h("table", {}, h("thead", {}, head), h("tbody", {}, ...rows.reverse())));
  }

  function tell(/** @type {any} */ index) {
    const state = shelf.load();
    const cards = index.cards.map((/** @type {any[]} */ [id, record, kind, level, at]) => ({ id, record, kind, level, place: at }));
    const { due, known, all } = practice.plan(cards, state, ALL, clock());
    const { mocks } = state;
    const level = mocks.at(-1)?.level ?? LEVELS[0];
    say(`Cards: ${known} of ${all} begun, ${due.length} due now. Mock interviews: ${mocks.length}.`);
    show(place, ...practice.report("h3", mocks, level, index), ...(mocks.length ? [h("h3", { textContent: "Mock interviews" }), interviews(mocks)] : []));
  }

  part("practice").then((index) => { keeping(() => tell(index)); tell(index); }, (error) => { keeping(() => {}); say(error.message, true); });
})();
