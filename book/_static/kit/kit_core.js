// Which questions make an interview kit. Pure: no page, no clock, no chance but the seed; the page and the command
// line (V8 inside Python) evaluate this same file. A classic script, as modules are refused on pages opened from disk.
"use strict";

/**
 * One question of the bank as the choice sees it; `asks` are the records that its follow-ups put.
 * @typedef {{id: string, kind: string, levels: string[], audience: string[], answer: number, followups: number,
 *   conflict: string, asks: string[]}} Entry
 * @typedef {{level: string, minutes: number, audience: string, seed: number, exclude: string[]}} Wish
 * @typedef {{id: string, followups: boolean}} Place   `followups`: there is time for them in the plan
 * @typedef {Wish & {questions: Place[], planned: number, missing: string[], used: string[]}} Kit
 */
(() => {
  const LEVELS = ["junior", "mid", "senior", "staff"];
  const AUDIENCES = ["interviewer", "candidate"];
  const FAMILIES = {
    concept: ["concept"], "derivation or code": ["derivation", "coding"], debugging: ["debug"], judgement: ["judgement", "design"],
  };
  const ORDER = ["concept", "claim", "derivation", "coding", "debug", "judgement", "design"];
  const FOUR_FROM = 25; // minutes; a shorter kit leaves out a family or two where no four fit
  const MOST_MINUTES = 120;
  const MOST_TRIES = 20000; // steps of one search: far more than a bank of hundreds needs, and never for ever

  /** A kit lasts as long as asked, or up to this many minutes less. */
  const tolerance = (/** @type {number} */ minutes) => Math.ceil(minutes / 10);

  /** 32 well mixed bits of a text: FNV-1a, then the finaliser of MurmurHash3. */
  function hash32(/** @type {string} */ text) {
    let h = 0x811c9dc5;
    for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return (h ^ (h >>> 16)) >>> 0;
  }

  /** The same entries in the order of this seed, whatever order they came in. */
  function shuffled(/** @type {Entry[]} */ entries, /** @type {number} */ seed) {
    const rank = new Map(entries.map((entry) => [entry.id, hash32(`${seed}:${entry.id}`)]));
    const by = (/** @type {any} */ a, /** @type {any} */ b) => (a < b ? -1 : a > b ? 1 : 0);
    return [...entries].sort((a, b) => by(rank.get(a.id), rank.get(b.id)) || by(a.id, b.id));
  }

  const both = (/** @type {Entry} */ entry) => entry.answer + entry.followups;
  const touched = (/** @type {Entry} */ entry) => [entry.id, ...entry.asks];

  /** Two questions that give each other's answer away: of one conflict group, or one puts what the other asks. */
  function clash(/** @type {Entry} */ a, /** @type {Entry} */ b) {
    return (a.conflict !== "" && a.conflict === b.conflict) || touched(a).some((id) => touched(b).includes(id));
  }

  /** What is left for a wish, in the order of its seed. @returns {Entry[]} */
  function eligible(/** @type {Entry[]} */ index, /** @type {Wish} */ wish) {
    const out = new Set(wish.exclude);
    return shuffled(index, wish.seed).filter((entry) => ORDER.includes(entry.kind) && entry.levels.includes(wish.level)
      && entry.audience.includes(wish.audience) && !touched(entry).some((id) => out.has(id)));
  }

  /** One of each pool within the minutes, no two of them clashing, and `done` content with them; null if there is none. */
  function search(pools, cost, minutes, done) {
    let tries = 0;
    const least = pools.map((pool) => Math.min(...pool.map(cost)));
    const rest = pools.map((_, i) => least.slice(i + 1).reduce((sum, one) => sum + one, 0));
    const walk = (/** @type {Entry[]} */ chosen, /** @type {number} */ spent) => {
      const depth = chosen.length;
      if (depth === pools.length) return done(chosen);
      for (const entry of pools[depth]) {
        if (++tries > MOST_TRIES) return null;
        const now = spent + cost(entry);
        if (now + rest[depth] > minutes || chosen.some((other) => clash(other, entry))) continue;
        const found = walk([...chosen, entry], now);
        if (found) return found;
      }
      return null;
    };
    return walk([], 0);
  }

  /** Use the time that the chosen leave: for their follow-ups, then for more questions; null if too much stays over. */
  function fill(/** @type {Entry[]} */ chosen, /** @type {Entry[]} */ pool, /** @type {number} */ minutes) {
    let spare = minutes - chosen.reduce((sum, entry) => sum + entry.answer, 0);
    const places = chosen.map((entry) => {
      const followups = entry.followups <= spare;
      if (followups) spare -= entry.followups;
      return { entry, followups };
    });
    for (const followups of [true, false]) {
      for (const entry of pool) {
        const cost = followups ? both(entry) : entry.answer;
        if (spare <= tolerance(minutes) && !followups) break;
        if (cost > spare || places.some((place) => clash(place.entry, entry))) continue;
        places.push({ entry, followups });
        spare -= cost;
      }
    }
    if (spare > tolerance(minutes)) return null;
    places.sort((a, b) => ORDER.indexOf(a.entry.kind) - ORDER.indexOf(b.entry.kind));
    return { places, planned: minutes - spare };
  }

  /** The families to try, best first: all four; in a short kit then three, then two, in the order of the seed. @returns {string[][]} */
  function familiesToTry(/** @type {Wish} */ wish) {
    const all = Object.keys(FAMILIES);
    if (wish.minutes >= FOUR_FROM) return [all];
    const subsets = all.reduce((/** @type {string[][]} */ sets, name) => [...sets, ...sets.map((set) => [...set, name])], [[]]);
    const rank = (/** @type {string[]} */ set) => hash32(`${wish.seed}:${set}`);
    return subsets.filter((set) => set.length >= 2).sort((a, b) => b.length - a.length || rank(a) - rank(b));
  }

  /** A kit for a wish that is in order, or null. @returns {Kit | null} */
  function attempt(/** @type {Entry[]} */ index, /** @type {Wish} */ wish) {
    const pool = eligible(index, wish);
    for (const families of familiesToTry(wish)) {
      const pools = families.map((name) => pool.filter((entry) => FAMILIES[name].includes(entry.kind)));
      if (pools.some((one) => one.length === 0)) continue;
      for (const cost of [both, (/** @type {Entry} */ entry) => entry.answer]) {
        const found = search(pools, cost, wish.minutes, (chosen) => fill(chosen, pool, wish.minutes));
        if (!found) continue;
        const questions = found.places.map(({ entry, followups }) => ({ id: entry.id, followups }));
        const used = [...new Set([...wish.exclude, ...found.places.flatMap(({ entry }) => touched(entry))])].sort();
        const missing = Object.keys(FAMILIES).filter((name) => !families.includes(name)
          && !found.places.some(({ entry }) => FAMILIES[name].includes(entry.kind)));
        return { ...wish, questions, planned: found.planned, missing, used };
      }
    }
    return null;
  }

  /** A number as a person wrote it; an empty field and a word are NaN. */
  const said = (/** @type {number} */ number) => (Number.isNaN(number) ? "no number" : number);

  /** What is wrong with a wish, or "". */
  function fault(/** @type {Entry[]} */ index, /** @type {Wish} */ wish) {
    if (!LEVELS.includes(wish.level)) return `level must be ${LEVELS.slice(0, -1).join(", ")} or ${LEVELS.at(-1)}, got ${wish.level}`;
    if (!AUDIENCES.includes(wish.audience)) return `audience must be ${AUDIENCES.join(" or ")}, got ${wish.audience}`;
    if (!(Number.isInteger(wish.minutes) && wish.minutes > 0 && wish.minutes <= MOST_MINUTES)) return `minutes must be a whole number from 1 to ${MOST_MINUTES}, got ${said(wish.minutes)}`;
    if (!(Number.isInteger(wish.seed) && wish.seed >= 0 && wish.seed < 2 ** 32)) return `seed must be a whole number from 0 to ${2 ** 32 - 1}, got ${said(wish.seed)}`;
    const known = new Set(index.flatMap(touched));
    const unknown = wish.exclude.filter((id) => !known.has(id));
    return unknown.length ? `exclude must hold ids of the bank, such as ${index[0]?.id}; it does not know ${unknown.join(", ")}` : "";
  }

  /** Why no kit fits, and what would: families with nothing left, else the minutes that can be had. */
  function refusal(/** @type {Entry[]} */ index, /** @type {Wish} */ wish) {
    const pool = eligible(index, wish);
    const empty = Object.keys(FAMILIES).filter((name) => !pool.some((entry) => FAMILIES[name].includes(entry.kind)));
    const rule = "a kit has one question each of concept, derivation or code, debugging and judgement";
    if (empty.length) {
      const why = wish.exclude.length ? `with ${wish.exclude.length} left out; leave out fewer` : "in this bank; choose another level or audience";
      return `${rule}, and for level ${wish.level} there is none of ${empty.join(", ")} ${why}`;
    }
    const able = [];
    for (let minutes = 1; minutes <= MOST_MINUTES; minutes++) if (attempt(index, { ...wish, minutes })) able.push(minutes);
    const what = able.length ? `ask for ${ranges(able)} minutes` : "leave out fewer";
    return `${rule}, and at level ${wish.level} no such set takes ${wish.minutes} minutes (or up to ${tolerance(wish.minutes)} less); ${what}`;
  }

  /** [3, 4, 5, 9] -> "3 to 5, 9". */
  function ranges(/** @type {number[]} */ numbers) {
    const runs = [];
    for (const n of numbers) if (runs.at(-1)?.[1] === n - 1) runs.at(-1)[1] = n; else runs.push([n, n]);
    return runs.map(([a, b]) => (a === b ? `${a}` : `${a} to ${b}`)).join(", ");
  }

  /** The kit of a wish, or a sentence that says why there is none. @returns {{kit: Kit} | {error: string}} */
  function make(/** @type {Entry[]} */ index, /** @type {Wish} */ wish) {
    const tidy = { ...wish, exclude: [...new Set(wish.exclude)].sort() };
    const error = fault(index, tidy);
    if (error) return { error };
    const kit = attempt(index, tidy);
    return kit ? { kit } : { error: refusal(index, tidy) };
  }

  const kit = (globalThis.dropoutKit ??= {});
  Object.assign(kit, { LEVELS, AUDIENCES, FAMILIES, FOUR_FROM, tolerance, hash32, clash, make });
})();
