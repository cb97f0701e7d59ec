// What a quiz makes of a reader's number and order: no document, no browser, so that V8 can test it.
"use strict";

globalThis.dropoutQuiz = {
  /** A number with comma or point; what is none gets a sentence instead. @returns {{value?: number, trouble?: string}} */
  number(/** @type {string} */ text) {
    const plain = text.trim().replace(/^[−–]/, "-");
    const shown = plain.length > 24 ? `${plain.slice(0, 24)} …` : plain;
    if (!plain) return { trouble: "Write a number first." };
    if (/^[+-]?[1-9]\d{0,2},\d{3}$/.test(plain)) {
      return { trouble: `“${shown}” may be read in two ways. Write ${plain.replace(",", "")} or ${plain.replace(",", ".")}.` };
    }
    if (!/^[+-]?(\d+[.,]?\d*|[.,]\d+)(e[+-]?\d{1,2})?$/i.test(plain)) {
      return { trouble: `Write one number such as 0.25 or 0,25, without a unit; “${shown}” is none.` };
    }
    return { value: Number(plain.replace(",", ".")) };
  },

  /** Which of the known wrong values this is, each given as "value slack"; -1 for none. */
  near(/** @type {number} */ value, /** @type {string} */ known) {
    return known.split(";").findIndex((one) => {
      const [wrong, slack] = one.split(" ").map(Number);
      return Math.abs(value - wrong) <= slack;
    });
  },

  /** How many steps stand where they belong, and the first place with another one; -1 if all is right. */
  order(/** @type {number[]} */ places) {
    return { fine: places.filter((place, at) => place === at).length, first: places.findIndex((place, at) => place !== at) };
  },
};
