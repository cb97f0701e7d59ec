// What the reader's device keeps of cards, mock interviews and quizzes: its form, checks on what comes in, and a shelf that works
// when the browser refuses storage. Pure but for the storage it is given. Classic, as pages are also opened from disk.
"use strict";

/**
 * One card as ts-fsrs keeps it, dates as ISO text, and the moment of its first grade.
 * @typedef {{due: string, stability: number, difficulty: number, elapsed_days: number, scheduled_days: number,
 *   learning_steps: number, reps: number, lapses: number, state: number, last_review: string, first: string}} Learnt
 * @typedef {{id: string, assessed: false} | {id: string, assessed: true, points: number, bar: number, reached: boolean, sure: number}} Answered
 * @typedef {{at: string, level: string, minutes: number, seed: number, questions: Answered[]}} Mock
 * @typedef {{at: string, tries: number, solved: boolean}} Quizzed the last attempt, or the one that solved it
 * @typedef {{format: string, version: number, cards: Record<string, Learnt>, mocks: Mock[], quizzes: Record<string, Quizzed>}} State
 */
(() => {
  const FORMAT = "dropout-proven/practice";
  const VERSION = 1;
  const LEVELS = ["junior", "mid", "senior", "staff"];
  const RECORD = /^[A-Z]\d{2,3}$/;
  const CARD = /^[A-Z]\d{2,3}(-wrong-\d{1,2})?$/;
  const QUIZ = /^\d\d[a-z]$/;
  const COUNTS = ["elapsed_days", "scheduled_days", "learning_steps", "reps", "lapses"];

  /** @returns {State} */
  const empty = () => ({ format: FORMAT, version: VERSION, cards: {}, mocks: [], quizzes: {} });

  /** Complain in words: where, what is wanted, what was found. */
  function want(/** @type {boolean} */ fine, /** @type {string} */ where, /** @type {string} */ rule, /** @type {unknown} */ found) {
    if (fine) return;
    const shown = JSON.stringify(found) ?? "nothing";
    throw new Error(`${where} must be ${rule}, got ${shown.length > 60 ? `${shown.slice(0, 60)} …` : shown}`);
  }

  const isObject = (/** @type {any} */ value) => typeof value === "object" && value !== null && !Array.isArray(value);
  const within = (/** @type {any} */ value, low, high) => typeof value === "number" && value >= low && value <= high;
  const whole = (/** @type {any} */ value, low, high) => Number.isInteger(value) && within(value, low, high);

  /** A date as ISO text in the only form that is kept. */
  function date(/** @type {any} */ value, /** @type {string} */ where) {
    const parsed = typeof value === "string" && /^\d{4}-\d\d-\d\dT/.test(value) ? new Date(value) : new Date(NaN);
    want(!Number.isNaN(parsed.getTime()), where, "a date such as 2026-11-21T18:00:00.000Z", value);
    return parsed.toISOString();
  }

  /** @returns {Learnt} */
  function readCard(/** @type {any} */ card, /** @type {string} */ name) {
    want(CARD.test(name), "a card's id", "one such as Q16 or Q16-wrong-2", name);
    want(isObject(card), `card ${name}`, "an object", card);
    for (const field of ["stability", "difficulty"]) want(within(card[field], 0, 1e6), `card ${name}: ${field}`, "a number from 0", card[field]);
    for (const field of COUNTS) want(whole(card[field], 0, 1e6), `card ${name}: ${field}`, "a whole number from 0", card[field]);
    want(whole(card.state, 0, 3), `card ${name}: state`, "0, 1, 2 or 3", card.state);
    const dates = ["due", "last_review", "first"].map((field) => [field, date(card[field], `card ${name}: ${field}`)]);
    const numbers = ["stability", "difficulty", ...COUNTS, "state"].map((field) => [field, card[field]]);
    return Object.fromEntries([...numbers, ...dates]);
  }

  /** @returns {Answered} */
  function readAnswer(/** @type {any} */ answer, /** @type {string} */ where) {
    want(isObject(answer) && RECORD.test(answer.id), `${where}: id`, "one such as Q16", answer?.id);
    want(typeof answer.assessed === "boolean", `${where}: assessed`, "true or false", answer.assessed);
    if (!answer.assessed) return { id: answer.id, assessed: false };
    want(whole(answer.points, 0, 10), `${where}: points`, "a whole number from 0 to 10", answer.points);
    want(whole(answer.bar, 0, 10), `${where}: bar`, "a whole number from 0 to 10", answer.bar);
    want(typeof answer.reached === "boolean", `${where}: reached`, "true or false", answer.reached);
    want(within(answer.sure, 0, 1), `${where}: sure`, "a number from 0 to 1", answer.sure);
    const { id, assessed, points, bar, reached, sure } = answer;
    return { id, assessed, points, bar, reached, sure };
  }

  /** @returns {Mock} */
  function readMock(/** @type {any} */ mock, /** @type {number} */ place) {
    const where = `mock interview ${place + 1}`;
    want(isObject(mock), where, "an object", mock);
    want(LEVELS.includes(mock.level), `${where}: level`, LEVELS.join(", "), mock.level);
    want(whole(mock.minutes, 1, 120), `${where}: minutes`, "a whole number from 1 to 120", mock.minutes);
    want(whole(mock.seed, 0, 2 ** 32 - 1), `${where}: seed`, "a whole number from 0", mock.seed);
    want(Array.isArray(mock.questions) && mock.questions.length > 0, `${where}: questions`, "a list with at least one", mock.questions);
    const questions = mock.questions.map((one, at) => readAnswer(one, `${where}, question ${at + 1}`));
    return { at: date(mock.at, `${where}: at`), level: mock.level, minutes: mock.minutes, seed: mock.seed, questions };
  }

  /** @returns {Quizzed} */
  function readQuiz(/** @type {any} */ quiz, /** @type {string} */ name) {
    want(QUIZ.test(name), "a quiz question's id", "one such as 02a", name);
    want(isObject(quiz), `quiz question ${name}`, "an object", quiz);
    want(whole(quiz.tries, 1, 1e6), `quiz question ${name}: tries`, "a whole number from 1", quiz.tries);
    want(typeof quiz.solved === "boolean", `quiz question ${name}: solved`, "true or false", quiz.solved);
    return { at: date(quiz.at, `quiz question ${name}: at`), tries: quiz.tries, solved: quiz.solved };
  }

  /**
   * What an exported file holds, in order; an Error says in words what is wrong with it.
   * @returns {State}
   */
  function read(/** @type {string} */ text) {
    let given;
    try { given = JSON.parse(text); } catch { throw new Error("this is not JSON; choose a file that this page exported"); }
    want(isObject(given) && given.format === FORMAT, "the file's format", `"${FORMAT}", as this page exports it`, given?.format);
    want(given.version === VERSION, "the file's version", `${VERSION}; a later edition of the course may read it`, given.version);
    want(isObject(given.cards), "cards", "an object", given.cards);
    want(Array.isArray(given.mocks), "mocks", "a list", given.mocks);
    const found = given.quizzes ?? {}; // older files have none
    want(isObject(found), "quizzes", "an object", found);
    const cards = Object.fromEntries(Object.entries(given.cards).map(([name, card]) => [name, readCard(card, name)]));
    const quizzes = Object.fromEntries(Object.entries(found).map(([name, quiz]) => [name, readQuiz(quiz, name)]));
    return { ...empty(), cards, mocks: given.mocks.map(readMock), quizzes };
  }

  const write = (/** @type {State} */ state) => `${JSON.stringify(state, null, 1)}\n`;

  /** Both together: of a card the later review, of an interview one copy, of a quiz question what solved it. @returns {State} */
  function merge(/** @type {State} */ one, /** @type {State} */ other) {
    const cards = { ...one.cards };
    for (const [name, card] of Object.entries(other.cards)) {
      if (!(name in cards) || cards[name].last_review < card.last_review) cards[name] = card;
    }
    const quizzes = { ...one.quizzes };
    const better = (/** @type {Quizzed} */ a, /** @type {Quizzed} */ b) => (a.solved === b.solved ? a.at > b.at : a.solved);
    for (const [name, quiz] of Object.entries(other.quizzes)) {
      if (!(name in quizzes) || better(quiz, quizzes[name])) quizzes[name] = quiz;
    }
    const mocks = new Map([...one.mocks, ...other.mocks].map((mock) => [mock.at, mock]));
    return { ...empty(), cards, mocks: [...mocks.values()].sort((a, b) => (a.at < b.at ? -1 : 1)), quizzes };
  }

  /**
   * Keeps a state in the browser's storage; in memory, until the page is left, where that is refused.
   * @param {() => Storage} getStorage  may throw, as `localStorage` itself does when it is switched off
   */
  function shelf(getStorage) {
    /** @type {Storage | null} */ let storage = null;
    /** @type {State | null} */ let memory = null;
    let trouble = "";
    try {
      storage = getStorage();
      storage.setItem(`${FORMAT}/try`, "1");
      storage.removeItem(`${FORMAT}/try`);
    } catch { storage = null; }

    function load() {
      const text = storage?.getItem(FORMAT) ?? null;
      if (!storage || text === null) return memory ?? empty();
      try { return read(text); } catch (error) {
        trouble = `What was kept here could not be read (${/** @type {Error} */ (error).message}). It was put aside, and you begin anew.`;
        storage.setItem(`${FORMAT}/unreadable`, text);
        storage.removeItem(FORMAT);
        return empty();
      }
    }
    function save(/** @type {State} */ state) {
      if (!storage) { memory = state; return; }
      try { storage.setItem(FORMAT, JSON.stringify(state)); } catch { storage = null; memory = state; }
    }
    return {
      load,
      /** Change what is kept now, which another tab may have changed since. */
      change(/** @type {(state: State) => State | void} */ how) { const state = load(); save(how(state) ?? state); },
      clear() { memory = null; storage?.removeItem(FORMAT); },
      /** What the reader must know, or "". */
      notice() {
        return storage ? trouble : "Your browser refuses to keep data for this page, so your progress lasts until you leave it. Export it to keep it.";
      },
    };
  }

  const practice = (globalThis.dropoutPractice ??= {});
  Object.assign(practice, { empty, read, write, merge, shelf });
})();
