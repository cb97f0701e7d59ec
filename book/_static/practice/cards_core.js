// Which card comes next and when again. Pure: the clock and the state are arguments, the intervals are ts-fsrs's.
"use strict";

/**
 * @typedef {{id: string, record: string, kind: string, level: string, place: number}} Card
 * @typedef {{levels: string[], kinds: string[], perDay: number}} Choice
 */
(() => {
  const AHEAD = 20 * 60_000; // a card in its first steps may come this much too early, rather than make the reader wait
  const MINUTE = 60_000;
  const DAY = 24 * 60 * MINUTE;

  const scheduler = (fuzz = true) => tsFsrs.fsrs({ enable_fuzz: fuzz });

  /** Midnight before a moment, where the reader lives. */
  const dayStart = (/** @type {Date} */ now) => new Date(now.getFullYear(), now.getMonth(), now.getDate());

  /** The cards of some levels and kinds. @returns {Card[]} */
  const chosen = (/** @type {Card[]} */ cards, /** @type {Choice} */ choice) => cards.filter((card) => choice.levels.includes(card.level) && choice.kinds.includes(card.kind));

  /**
   * What there is to do: cards to repeat (longest overdue first), new ones (in the deck's order, so many a day), those that
   * are due again within minutes, and the moment when the next one is due.
   */
  function plan(/** @type {Card[]} */ cards, state, /** @type {Choice} */ choice, /** @type {Date} */ now) {
    const pool = chosen(cards, choice);
    const at = (/** @type {Card} */ card) => new Date(state.cards[card.id].due).getTime();
    const known = pool.filter((card) => card.id in state.cards).sort((a, b) => at(a) - at(b));
    const begun = Object.values(state.cards).filter((card) => new Date(card.first) >= dayStart(now)).length;
    const later = known.filter((card) => at(card) > now.getTime());
    const unknown = pool.filter((card) => !(card.id in state.cards));
    return {
      due: known.filter((card) => at(card) <= now.getTime()),
      fresh: unknown.slice(0, Math.max(0, choice.perDay - begun)),
      soon: later.filter((card) => at(card) <= now.getTime() + AHEAD),
      next: later.length ? new Date(at(later[0])) : null,
      known: known.length,
      all: pool.length,
    };
  }

  /** The card to show now, or null. @returns {Card | null} */
  const pick = (/** @type {ReturnType<typeof plan>} */ { due, fresh, soon }) => due[0] ?? fresh[0] ?? soon[0] ?? null;

  /** As ts-fsrs wants it: dates revived; an empty card if it is new. */
  function revive(learnt, /** @type {Date} */ now) {
    if (!learnt) return tsFsrs.createEmptyCard(now);
    return { ...learnt, due: new Date(learnt.due), last_review: new Date(learnt.last_review) };
  }

  /** What a grade, 1 (again) to 4 (easy), makes of a card. */
  function grade(learnt, /** @type {number} */ rating, /** @type {Date} */ now, fsrs = scheduler()) {
    if (![1, 2, 3, 4].includes(rating)) throw new RangeError(`a grade must be 1, 2, 3 or 4, got ${rating}`);
    const { card } = fsrs.next(revive(learnt, now), now, rating);
    return { ...card, due: card.due.toISOString(), last_review: now.toISOString(), first: learnt?.first ?? now.toISOString() };
  }

  /** When each of the four grades would bring a card back, in words. @returns {string[]} */
  function preview(learnt, /** @type {Date} */ now, fsrs = scheduler()) {
    return [1, 2, 3, 4].map((rating) => inWords(new Date(grade(learnt, rating, now, fsrs).due).getTime() - now.getTime()));
  }

  /** A stretch of time as people say it. */
  function inWords(/** @type {number} */ ms) {
    const say = (/** @type {number} */ count, /** @type {string} */ unit) => `${count} ${unit}${count === 1 ? "" : "s"}`;
    const minutes = Math.max(1, Math.round(ms / MINUTE));
    if (minutes < 60) return say(minutes, "minute");
    if (ms < DAY) return say(Math.round(minutes / 60), "hour");
    const days = Math.round(ms / DAY);
    if (days < 60) return say(days, "day");
    return days < 700 ? say(Math.round(days / 30.44), "month") : say(Math.round(days / 365.25), "year");
  }

  const practice = (globalThis.dropoutPractice ??= {});
  Object.assign(practice, { scheduler, plan, pick, grade, preview, inWords });
})();
