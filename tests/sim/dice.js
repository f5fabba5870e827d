// The only source of chance in a simulated world: one seed, one sequence.

/** Deterministic 32-bit generator (sfc32); streams of one seed are independent of each other. */
export class Dice {
  /** @param {number} seed @param {number} [stream] */
  constructor(seed, stream = 0) {
    this.a = 0x9e3779b9 ^ stream;
    this.b = seed >>> 0;
    this.c = Math.floor(seed / 0x100000000) ^ Math.imul(stream + 1, 0x85ebca6b);
    this.d = 1;
    for (let i = 0; i < 16; i++) this.next();
  }

  /** @returns {number} an integer from 0 to 2³² - 1 */
  next() {
    const sum = (this.a + this.b + this.d++) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + sum;
    return sum >>> 0;
  }

  /** @param {number} bound @returns {number} an integer from 0 to bound - 1 */
  below(bound) {
    return Math.floor((this.next() / 0x100000000) * bound);
  }

  /** @param {number} low @param {number} high @returns {number} an integer from low to high */
  between(low, high) {
    return low + this.below(high - low + 1);
  }

  /** @param {number} probability 0 to 1 */
  chance(probability) {
    return this.next() < probability * 0x100000000;
  }

  /** @template T @param {readonly T[]} list @returns {T} */
  pick(list) {
    return /** @type {T} */ (list[this.below(list.length)]);
  }
}
