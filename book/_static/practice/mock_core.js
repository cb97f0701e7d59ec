// Scoring oneself: points against a level's bar, how well one knew what one knew, and what to study next. Pure.
"use strict";

/**
 * @typedef {{pts: number, must: boolean}} Point
 * @typedef {{title: string, level: string, levels: string[], skills: string[], here: string}} Entry   a question of the practice index
 * @typedef {{label: string, chapters: {title: string, at: string}[], exercises: {title: string, at: string}[], questions: string[]}} Skill
 */
(() => {
  const MOST = 3;
  const FEW = 5; // questions below which a statement on calibration would be noise

  /** Points ticked, musts missed, and whether that is enough: a missed must keeps an answer below the bar. */
  function score(/** @type {Point[]} */ rubric, /** @type {boolean[]} */ ticks, /** @type {number} */ bar) {
    const points = rubric.reduce((sum, point, i) => sum + (ticks[i] ? point.pts : 0), 0);
    const musts = rubric.filter((point, i) => point.must && !ticks[i]).length;
    return { points, musts, bar, reached: points >= bar && musts === 0 };
  }

  /** Which branch of the follow-ups an answer leads to. */
  const branch = (/** @type {ReturnType<typeof score>} */ { reached, points, bar }) => (reached ? "correct" : points * 2 >= bar ? "partial" : "wrong");

  const assessed = (/** @type {any[]} */ mocks) => mocks.flatMap((mock) => mock.questions).filter((answer) => answer.assessed);
  const mean = (/** @type {number[]} */ numbers) => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
  const percent = (/** @type {number} */ share) => `${Math.round(share * 100)} %`;

  /**
   * Brier score of "I reached the bar": the mean squared distance between how sure one was and what came out.
   * @returns {{count: number, brier: number, sure: number, reached: number} | null}
   */
  function calibration(mocks) {
    const answers = assessed(mocks);
    if (!answers.length) return null;
    const hits = answers.map((answer) => Number(answer.reached));
    const brier = mean(answers.map((answer, i) => (answer.sure - hits[i]) ** 2));
    return { count: answers.length, brier, sure: mean(answers.map((answer) => answer.sure)), reached: mean(hits) };
  }

  /** What that means, in a sentence or two. */
  function calibrationInWords(mocks) {
    const found = calibration(mocks);
    if (!found) return "No question was assessed, so there is nothing to say about how sure you were.";
    const { count, brier, sure, reached } = found;
    const start = `Over ${count} assessed ${count === 1 ? "question" : "questions"} you were ${percent(sure)} sure on average and reached the bar in ${percent(reached)}`;
    const gap = sure - reached;
    const verdict = count < FEW ? "too few to say more" : Math.abs(gap) <= 0.1 ? "you know well what you know"
      : gap > 0 ? "you were surer than right: check an answer against its points before you trust it" : "you knew more than you thought";
    return `${start}: ${verdict}. Brier score ${brier.toFixed(2)}; 0 is perfect, and saying 50 % every time gives 0.25.`;
  }

  /** Skill -> questions assessed, points of 10 on average as a share. @returns {{skill: string, count: number, share: number}[]} */
  function mastery(mocks, /** @type {Record<string, Entry>} */ records) {
    /** @type {Map<string, number[]>} */ const found = new Map();
    for (const answer of assessed(mocks)) {
      for (const skill of records[answer.id]?.skills ?? []) found.set(skill, [...(found.get(skill) ?? []), answer.points / 10]);
    }
    return [...found].map(([skill, shares]) => ({ skill, count: shares.length, share: mean(shares) }))
      .sort((a, b) => a.share - b.share || b.count - a.count || (a.skill < b.skill ? -1 : 1));
  }

  /**
   * Up to three skills to study next: the weakest ones in which an answer missed the bar, then those never asked.
   * Each comes with a chapter, an exercise and a question; no question stands there twice.
   */
  function nextThree(mocks, /** @type {string} */ level, /** @type {Record<string, Entry>} */ records, /** @type {Record<string, Skill>} */ skills) {
    const answers = assessed(mocks);
    const last = new Map(answers.map((answer) => [answer.id, answer]));
    const missed = new Set([...last.values()].filter((answer) => !answer.reached).flatMap((answer) => records[answer.id]?.skills ?? []));
    const weak = mastery(mocks, records).filter(({ skill }) => missed.has(skill)).map(({ skill, count, share }) => ({ skill, why: `${percent(share)} of the points in ${count} ${count === 1 ? "question" : "questions"}` }));
    const seen = new Set(answers.flatMap((answer) => records[answer.id]?.skills ?? []));
    const unseen = Object.keys(skills).filter((skill) => !seen.has(skill) && skills[skill].questions.some((id) => records[id]?.levels.includes(level)))
      .map((skill) => ({ skill, why: "not asked yet" }));
    const used = new Set();
    return [...weak, ...unseen].filter(({ skill }) => skill in skills).slice(0, MOST).map(({ skill, why }) => {
      const { label, chapters, exercises, questions } = skills[skill];
      const open = questions.filter((id) => !used.has(id) && id in records);
      const question = open.find((id) => last.has(id) && !last.get(id).reached) ?? open.find((id) => !last.has(id) && records[id].levels.includes(level)) ?? open[0];
      used.add(question);
      return { skill, label, why, chapter: chapters[0], exercise: exercises[0], question: question && { title: records[question].title, at: records[question].here } };
    });
  }

  /** A clock that counts down while it runs; moments are milliseconds. */
  function countdown(/** @type {number} */ limit) {
    let spent = 0;
    /** @type {number | null} */ let since = null;
    const left = (/** @type {number} */ now) => limit - spent - (since === null ? 0 : now - since);
    return {
      left,
      running: () => since !== null,
      go(/** @type {number} */ now) { since ??= now; },
      stop(/** @type {number} */ now) { spent = limit - left(now); since = null; },
    };
  }

  /** What to announce when the time left falls from one value to another, or "". */
  function announcement(/** @type {number} */ before, /** @type {number} */ after, /** @type {number} */ limit) {
    const fallen = (/** @type {number} */ mark) => before > mark && after <= mark;
    if (fallen(0)) return "The time is up. Finish at your own pace.";
    if (fallen(60_000)) return "One minute is left.";
    return fallen(limit / 2) ? "Half of the time is left." : "";
  }

  /** 65000 -> "1:05"; below zero with a minus. */
  function clockFace(/** @type {number} */ ms) {
    const seconds = ms > 0 ? Math.ceil(ms / 1000) : Math.floor(-ms / 1000);
    return `${ms <= -1000 ? "−" : ""}${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }

  const practice = (globalThis.dropoutPractice ??= {});
  Object.assign(practice, { score, branch, calibration, calibrationInWords, mastery, nextThree, countdown, announcement, clockFace });
})();
