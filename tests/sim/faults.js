// What goes wrong, how often, and until when. Each world has its own mixture; calm ones are among them.

/** Highest probabilities; a world takes a part of each. */
const RATES = {
  d1Before: 0.1,
  d1After: 0.1,
  d1Overloaded: 0.05,
  d1Slow: 0.05,
  sendFails: 0.2,
  sendUnreported: 0.1,
  dropped: 0.15,
  duplicated: 0.2,
  delayed: 0.2,
  redelivered: 0.1,
  strayed: 0.05,
  vanishes: 0.2,
  cronNever: 0.3,
  cronTwice: 0.2,
  cronLate: 0.3,
  webhookFails: 0.3,
};
/** An outage of the database lasts this at most. */
const OUTAGE_MS = 10 * 60000;
const INTENSITIES = [0, 0.2, 0.6, 1];

/** @typedef {keyof typeof RATES} FaultName */

export class Faults {
  /** @param {import('./dice.js').Dice} dice */
  constructor(dice) {
    this.dice = dice;
    this.on = true;
    this.count = 0;
    this.outageUntil = 0;
    /** @type {Record<string, number>} */
    this.rates = {};
    for (const [name, rate] of Object.entries(RATES)) this.rates[name] = rate * dice.pick(INTENSITIES);
  }

  /** @param {FaultName} name @returns {boolean} whether it happens now */
  strikes(name) {
    if (!this.on || !this.dice.chance(this.rates[name] ?? 0)) return false;
    this.count++;
    return true;
  }

  /** Nobody reaches the database for a while. @param {number} now */
  cutOff(now) {
    this.count++;
    this.outageUntil = now + this.dice.below(OUTAGE_MS);
  }

  /** @param {number} now @returns {'before' | 'after' | 'overloaded' | undefined} */
  d1(now) {
    if (this.on && now < this.outageUntil) return 'before';
    if (this.strikes('d1Before')) return 'before';
    if (this.strikes('d1After')) return 'after';
    return this.strikes('d1Overloaded') ? 'overloaded' : undefined;
  }

  /** Milliseconds that a batch takes, one way. */
  d1Delay() {
    return this.strikes('d1Slow') ? this.dice.between(100, 40000) : this.dice.between(1, 30);
  }
}
