// Philox-4x32-10, the counter-based generator of the course: the same words as dropgrade.reference.philox, bit for bit.
// Element i uses word i % 4 of block offset + i / 4 under the key `seed`, and is dropped iff word < round(p * 2**32).
// A classic script, not a module: browsers refuse modules on pages opened from disk.
"use strict";

globalThis.dropoutWidgets ??= { kinds: {} };

(() => {
  const LOW = 0xffffffffn;

  /** The upper 32 bits of a product of two words, in halves of 16 bits: a double holds 53. */
  function high(a, b) {
    const al = a & 0xffff, ah = a >>> 16, bl = b & 0xffff, bh = b >>> 16;
    const middle = ah * bl + Math.floor((al * bl) / 65536);
    return ah * bh + Math.floor(middle / 65536) + Math.floor((al * bh + (middle % 65536)) / 65536);
  }

  /**
   * One block of four words. @param {number[]} counter four words, least significant first @param {number[]} key two words
   * @returns {number[]} four words in [0, 2**32)
   */
  function philox4x32([c0, c1, c2, c3], [k0, k1]) {
    for (let round = 0; round < 10; round++) {
      const a = high(c0, 0xd2511f53), b = high(c2, 0xcd9e8d57);
      const aLow = Math.imul(c0, 0xd2511f53) >>> 0, bLow = Math.imul(c2, 0xcd9e8d57) >>> 0;
      c0 = (b ^ c1 ^ k0) >>> 0;
      c2 = (a ^ c3 ^ k1) >>> 0;
      c1 = bLow;
      c3 = aLow;
      k0 = (k0 + 0x9e3779b9) >>> 0;
      k1 = (k1 + 0xbb67ae85) >>> 0;
    }
    return [c0, c1, c2, c3];
  }

  /**
   * The first n words of the stream that starts at block `offset`.
   * @param {number} n @param {number | string | bigint} seed whole, modulo 2**64
   * @param {number | string | bigint} offset in [0, 2**64)
   */
  function words(n, seed, offset = 0) {
    if (!Number.isInteger(n) || n < 0) throw new RangeError(`n must be a whole number of at least 0, got ${n}`);
    const start = BigInt(offset), key = BigInt.asUintN(64, BigInt(seed));
    if (start < 0n || start >= 1n << 64n) throw new RangeError(`offset must be in [0, 2**64), got ${offset}`);
    const keys = [Number(key & LOW), Number(key >> 32n)], found = [];
    let low = Number(start & LOW), top = Number(start >> 32n);
    while (found.length < n) {
      found.push(...philox4x32([low, top, 0, 0], keys));
      low = (low + 1) >>> 0;
      if (low === 0) top = (top + 1) >>> 0;
    }
    return found.slice(0, n);
  }

  /** round(p * 2**32), halves to even: a word below it means "drop". @param {number} p in [0, 1] */
  function threshold(p) {
    if (!(p >= 0 && p <= 1)) throw new RangeError(`p must be in [0, 1], got ${p}`);
    const exact = p * 2 ** 32, floor = Math.floor(exact), rest = exact - floor;
    return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
  }

  /** true where kept. @param {number} n @param {number} p @returns {boolean[]} */
  function keepMask(n, p, seed, offset = 0) {
    const limit = threshold(p);
    return words(n, seed, offset).map((word) => word >= limit);
  }

  /** Numbers of mean 0 and variance 1, evenly spread between -sqrt 3 and sqrt 3. @returns {number[]} */
  function spread(n, seed, offset = 0) {
    return words(n, seed, offset).map((word) => ((2 * word + 1) / 2 ** 32 - 1) * Math.sqrt(3));
  }

  Object.assign(globalThis.dropoutWidgets, { philox4x32, words, threshold, keepMask, spread });
})();
