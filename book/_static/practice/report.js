// What the kept mock interviews say: mastery by skill, calibration, three things to study next.
"use strict";

(() => {
  const practice = globalThis.dropoutPractice;
  const { h, link } = practice;
  const cell = (/** @type {string} */ tag, ...content) => h(tag, tag === "th" ? { scope: "row" } : {}, ...content);

  /** One thing to study: why, a chapter to read, an exercise to do, a question to answer. */
  function thing(/** @type {any} */ one) {
    const ways = [["Read", one.chapter], ["Do the exercise", one.exercise], ["Answer", one.question]].filter(([, to]) => to);
    return h("li", {}, h("strong", { textContent: one.label }), ` (${one.why})`,
      h("ul", {}, ...ways.map(([verb, to]) => h("li", {}, `${verb} `, link(to.title, to.at)))));
  }

  function skillTable(/** @type {any[]} */ rows, /** @type {any} */ skills) {
    const head = h("tr", {}, ...["Skill", "Questions", "Points on average"].map((text) => h("th", { scope: "col", textContent: text })));
    const body = rows.map(({ skill, count, share }) => h("tr", {}, cell("th", skills[skill]?.label ?? skill), cell("td", String(count)), cell("td",
      h("span", { className: "practice-bar", "aria-hidden": "true", style: `--share: ${share}` }), `${(share * 10).toFixed(1)} of 10`)));
    return h("div", { className: "table-scroll" }, h("table", { className: "practice-skills" }, h("thead", {}, head), h("tbody", {}, ...body)));
  }

  /** Three sections below a heading of the given tag. @returns {Node[]} */
  function report(/** @type {string} */ tag, /** @type {any[]} */ mocks, /** @type {string} */ level, /** @type {any} */ { records, skills }) {
    const rows = practice.mastery(mocks, records);
    const things = practice.nextThree(mocks, level, records, skills);
    return [
      h(tag, { textContent: "Next, study this" }),
      things.length ? h("ol", { className: "practice-next" }, ...things.map(thing)) : h("p", { textContent: "Every skill of this level was asked, and your last answers reached the bar. Try the next level." }),
      h(tag, { textContent: "How sure you were" }), h("p", { className: "practice-calibration", textContent: practice.calibrationInWords(mocks) }),
      h(tag, { textContent: "Points by skill" }), rows.length ? skillTable(rows, skills) : h("p", { textContent: "No question was assessed yet." }),
    ];
  }

  Object.assign(practice, { report });
})();
