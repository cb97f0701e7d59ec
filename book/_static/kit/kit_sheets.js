// What stands on the sheets of a kit, whatever they are written in: `w` is one of the writers in kit_writers.js, and
// the records' texts are already in its language (HTML or Markdown).
"use strict";

/**
 * @typedef {{id: string, title: string, kind: string, minutes: {answer: number, followups: number}, convention: string,
 *   prompt: string, short: string, full: string, rubric: {pts: number, must: boolean, say: string}[],
 *   bars: Record<string, number>, anchors: Record<string, string>, accept: string[], wrong: {says: string, why: string}[],
 *   evidence: {shows: string, at: string}[], here: string, task: string, sources: string[],
 *   followups: {if: string, ask: string, prompt: string, answer: string, convention: string}[]}} Question
 * @typedef {{hash: string, site: string}} About   fingerprint of the bank; the site's address, ending in /, for links
 */
(() => {
  const MEANING = {
    drop: "Here p is the probability of dropping a unit.",
    keep: "Here p is the probability of keeping a unit.",
    candidate_states: "Say first whether your p drops or keeps; either is fine.",
  };
  const WHEN = { correct: "If the answer is right", partial: "If it is half right", wrong: "If it is wrong" };
  const AID = "This is a study aid, not a validated test: it promises nothing about hiring, and it replaces neither your judgement nor the law where you are.";
  const RULES = [
    "Put the same set to every candidate for a role, in the same order and time.",
    "Score alone, before you talk to anybody about the candidate.",
    "Tick what you heard, not what you think was meant. “Not assessed” is an honest score: use it where time ran out or you were unsure.",
    "Never score the convention of p (dropping or keeping), the form of scaling if it is named, an accent, or the speed of speech.",
    "Put no trick questions, and help when a question is not understood: that costs the candidate nothing.",
  ];
  const SELF = [
    "Set a clock, answer aloud or on paper, and only then open the key.",
    "Tick a rubric point only if you said it; note beside it how sure you were.",
    "“Not assessed” is an honest score. What you missed is what to read next: the key links to it.",
  ];

  const minutes = (/** @type {number} */ n) => `${n} ${n === 1 ? "minute" : "minutes"}`;
  const plural = (/** @type {number} */ n, /** @type {string} */ word) => `${n} ${word}${n === 1 ? "" : "s"}`;
  const convention = (w, /** @type {{convention: string}} */ q) => (q.convention ? [w.note(MEANING[q.convention])] : []);

  /** "mid level, 30 minutes" and so on: the arguments, which with the fingerprint give the same kit again. */
  function wishes(/** @type {any} */ kit) {
    const out = kit.exclude.length ? `, without ${kit.exclude.join(" ")}` : "";
    return `${kit.level} level, ${minutes(kit.minutes)}, for the ${kit.audience}, seed ${kit.seed}${out}`;
  }

  function candidate(w, kit, questions) {
    const head = [
      w.p(`${plural(questions.length, "question")} in ${minutes(kit.minutes)}, ${kit.level} level. Candidate (a code, no name): ${w.blank}`),
      w.p("Think aloud. Ask when something is unclear; that costs you nothing. Writing, drawing and code that is nearly right are welcome. Wherever you use p, say whether it drops or keeps; either is fine."),
    ];
    const body = questions.flatMap(({ q }, i) => [
      w.h3(`Question ${i + 1}`), w.note(`${q.kind}, about ${minutes(q.minutes.answer)}`),
      w.prompt(q.prompt), ...convention(w, q), w.space(q.kind === "coding" ? 12 : 7),
    ]);
    return [...head, ...body];
  }

  /** When what is planned, so that the time is kept. */
  function plan(w, kit, questions) {
    const rows = questions.map(({ q, followups }, i) => [
      `${i + 1}`, q.title, q.kind, `${q.minutes.answer}`, followups ? `${q.minutes.followups}` : `${q.minutes.followups}, if time is left`,
    ]);
    const gone = kit.missing.length ? [w.p(`So short a kit has no question on ${kit.missing.join(" and ")}.`)] : [];
    const total = `${minutes(kit.planned)} are planned of the ${kit.minutes} asked for.`;
    return [w.table("plan", ["No.", "Question", "Kind", "Answer (min)", "Follow-ups (min)"], rows), w.p(total), ...gone];
  }

  function followup(w, entry) {
    const put = entry.ask ? `${w.strong(`${WHEN[entry.if]}, put ${entry.ask}:`)}` : w.strong(`${WHEN[entry.if]}, ask:`);
    return w.item([w.p(put), w.prompt(entry.prompt), ...convention(w, entry), w.p(w.strong("A good reply:")), w.block(entry.answer)]);
  }

  function interviewer(w, kit, questions) {
    const body = questions.flatMap(({ q, followups }, i) => [
      w.h3(`Question ${i + 1}: ${q.title}`),
      w.note(`${q.id}, ${q.kind}, ${minutes(q.minutes.answer)}, follow-ups ${minutes(q.minutes.followups)}${followups ? "" : " if time is left"}`),
      w.prompt(q.prompt), ...convention(w, q),
      w.h4("The answer in twenty seconds"), w.block(q.short),
      w.h4("Tick what you hear"), w.ticks(q.rubric.map(({ pts, must, say }) => `${say} (${pts}${must ? ", a must" : ""})`)),
      w.h4("What answers sound like"),
      w.table("anchors", ["Answer", "Sounds like"], ["poor", "mixed", "good", "excellent"].map((key) => [w.strong(key), q.anchors[key]])),
      w.h4("Then"), w.list(q.followups.map((entry) => followup(w, entry))),
      w.h4("Notes"), w.space(5),
    ]);
    return [...plan(w, kit, questions), ...body];
  }

  function key(w, kit, questions, /** @type {About} */ about) {
    const link = (/** @type {string} */ text, /** @type {string} */ at) => w.link(text, about.site + at);
    return questions.flatMap(({ q }, i) => [
      w.h3(`Question ${i + 1}: ${q.title}`), w.block(q.full),
      w.h4("Counts as well"), w.list(q.accept.map((text) => w.item([w.line(text)]))),
      w.h4("Wrong, and why"), w.list(q.wrong.map(({ says, why }) => w.item([w.line(`“${says}” ${w.dash} ${why}`)]))),
      w.h4("Evidence"), w.list(q.evidence.map(({ shows, at }) => w.item([w.line(link(shows, at))]))),
      w.h4("Sources and practice"),
      w.list([...q.sources, link(`${q.id} on the site`, q.here), ...(q.task ? [link("The exercise to practise it in", q.task)] : [])].map((text) => w.item([w.line(text)]))),
    ]);
  }

  function score(w, kit, questions) {
    const own = kit.audience === "candidate";
    const rows = questions.map(({ q }, i) => [
      `${i + 1}. ${q.title}`, `${w.blank} of 10`, `${q.bars[kit.level]}`, `${w.box} not assessed`, w.gap,
    ]);
    return [
      w.p(own ? `Date: ${w.blank}` : `Candidate (a code, no name): ${w.blank} Interviewer: ${w.blank} Date: ${w.blank}`),
      w.list((own ? SELF : RULES).map((rule) => w.item([w.line(rule)]))),
      w.table("scores", ["Question", "Points ticked", `Enough for ${kit.level}`, "Or", "What was said that shows it"], rows),
      ...(own ? questions.flatMap(({ q }, i) => [w.h3(`Question ${i + 1}: ${q.title}`), w.ticks(q.rubric.map(({ pts, must, say }) => `${say} (${pts}${must ? ", a must" : ""})`))]) : []),
      w.p("A point marked “a must” that was not heard keeps an answer below what is enough, whatever the sum. There is no total: questions measure different things."),
      w.p("What I would ask next, and why:"), w.space(4), w.p(AID),
    ];
  }

  const SHEETS = { candidate: ["Candidate sheet", candidate], interviewer: ["Interviewer sheet", interviewer], key: ["Key", key], score: ["Score sheet", score] };

  /** The names of the sheets that an audience gets. @returns {string[]} */
  const sheetNames = (/** @type {string} */ audience) => Object.keys(SHEETS).filter((name) => audience === "interviewer" || name !== "interviewer");

  /**
   * Every sheet as text in the writer's language; each ends with what gives the same kit again.
   * @param {any} kit  from `make`
   * @param {Record<string, Question>} records  the questions of the kit, by id
   * @param {About} about
   * @returns {Record<string, string>}
   */
  function sheets(kit, records, about, language) {
    const w = globalThis.dropoutKit.writers[language];
    const questions = kit.questions.map(({ id, followups }) => ({ q: records[id], followups }));
    const foot = `${wishes(kit)}. Bank ${about.hash}.`;
    return Object.fromEntries(sheetNames(kit.audience).map((name) => {
      const [title, content] = SHEETS[name];
      return [name, w.sheet(name, title, [...content(w, kit, questions, about), w.foot(foot[0].toUpperCase() + foot.slice(1))])];
    }));
  }

  Object.assign(globalThis.dropoutKit, { sheets, sheetNames, wishes });
})();
