// What a claimed gain would mean: pure functions, no page. The same sums stand in book/_ext/plausibility.py, and a test
// compares the two. A classic script, not a module: browsers refuse modules on pages opened from disk.
"use strict";

globalThis.plausibility = (() => {
  const UNITS = ["points", "relative"];
  const MEASURES = ["accuracy", "error"];

  /**
   * A number as people type it: "60", "62.5", "62,5", "25 %", "+25". Anything else throws, naming field, rule and value.
   * @param {string} name @param {string} text @param {number} most
   */
  function number(name, text, most) {
    const found = /^\+?(\d{1,4}(?:[.,]\d{1,4})?)\s*%?$/.exec(String(text).trim());
    const value = found ? Number(found[1].replace(",", ".")) : NaN;
    if (!(value > 0 && value <= most)) {
      const limit = most === 100 ? "below 100" : `at most ${most}`;
      throw new RangeError(`${name} must be a number above 0 and ${limit}, got “${String(text).trim()}”.`);
    }
    return value;
  }

  /** Accuracy before, in %: above 0, below 100. @param {string} text */
  function readBefore(text) {
    const value = number("Accuracy before", text, 100);
    if (value >= 100) throw new RangeError(`Accuracy before must be a number above 0 and below 100, got “${String(text).trim()}”.`);
    return value;
  }

  /** The claimed gain: above 0, at most 1000. @param {string} text */
  const readGain = (text) => number("The gain", text, 1000);

  /**
   * @param {number} before accuracy in % @param {number} gain @param {string} unit points | relative
   * @param {string} of accuracy | error
   * @returns {{after: number, points: number, cut: number, possible: boolean}} accuracy after in %, points gained, share of
   *   the error removed in %, whether such an accuracy exists
   */
  function weigh(before, gain, unit, of) {
    if (!UNITS.includes(unit)) throw new RangeError(`unit must be points or relative, got ${unit}`);
    if (!MEASURES.includes(of)) throw new RangeError(`of must be accuracy or error, got ${of}`);
    const error = 100 - before;
    const points = unit === "points" ? gain : ((of === "accuracy" ? before : error) * gain) / 100;
    return { after: before + points, points, cut: (100 * points) / error, possible: points <= error };
  }

  /**
   * Compare with published effects of dropout: [{name, before, after}], errors in %.
   * @returns {{verdict: string, most: object, widest: object}} impossible | beyond | within; the largest cut and the most points
   */
  function compare(found, published) {
    const cut = (effect) => (100 * (effect.before - effect.after)) / effect.before;
    const points = (effect) => effect.before - effect.after;
    const top = (measure) => published.reduce((best, effect) => (measure(effect) > measure(best) ? effect : best));
    const most = { ...top(cut), cut: cut(top(cut)) };
    const widest = { ...top(points), points: points(top(points)) };
    const verdict = !found.possible ? "impossible" : found.cut > most.cut || found.points > widest.points ? "beyond" : "within";
    return { verdict, most, widest };
  }

  /** At most one decimal, none where it is zero. @param {number} value */
  const show = (value) => String(Math.round(value * 10) / 10);

  /** The finding in sentences. */
  function say(found, { verdict, most, widest }) {
    if (verdict === "impossible") {
      return `That would be ${show(found.after)}\u00a0% accuracy, which cannot be. The claim means something else: ask which number, of what.`;
    }
    const sum = `Accuracy after: ${show(found.after)}\u00a0%, a gain of ${show(found.points)} points. ` +
      `For that, ${show(found.cut)}\u00a0% of the errors would have to disappear. `;
    if (verdict === "within") {
      return `${sum}Published effects of dropout alone reach that size, so the claim is possible. That is not yet evidence: ask the five questions.`;
    }
    const parts = [];
    if (found.cut > most.cut) parts.push(`removed ${show(most.cut)}\u00a0% of the errors (${most.name})`);
    if (found.points > widest.points) parts.push(`gained ${show(widest.points)} points (${widest.name})`);
    return `${sum}The largest published effect of dropout in the table below ${parts.join(", and by points it ")}. ` +
      "Something else has probably changed as well, or the starting point was poor. Ask what.";
  }

  return { UNITS, MEASURES, readBefore, readGain, weigh, compare, say, show };
})();
