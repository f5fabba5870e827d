// What goes wrong, how often, and until when. Each world has its own mixture; calm ones are among them.

/** Highest probabilities; a world takes a part of each. */
const RATES = {
  d1Before: 0.1,
  d1After: 0.1,
  d1Late: 0.06,
  d1Overloaded: 0.05,
  d1Slow: 0.05,
  d1Hangs: 0.01,
  sendFails: 0.2,
  sendPartly: 0.1,
  sendUnreported: 0.1,
  dropped: 0.15,
  duplicated: 0.2,
  delayed: 0.2,
  redelivered: 0.1,
  strayed: 0.05,
  worn: 0.1,
  vanishes: 0.2,
  stalls: 0.15,
  traps: 0.01,
  refused: 0.04,
  cronNever: 0.3,
  cronTwice: 0.2,
  cronLate: 0.3,
  webhookFails: 0.3,
  webhookUnreported: 0.1,
};
/** An outage of the database lasts this at most. */
const OUTAGE_MS = 10 * 60000;
const INTENSITIES = [0, 0.2, 0.6, 1];

/** @typedef {keyof typeof RATES} FaultName */
/** @typedef {import('./actor.js').Actor} Actor */

export class Faults {
  /** @param {import('./dice.js').Dice} dice */
  constructor(dice) {
    this.dice = dice;
    this.on = true;
    this.count = 0;
    this.outageUntil = 0;
    /** @type {number | undefined} the one database that is out then; undefined: all */
    this.outageOf = undefined;
    /** @type {Record<string, number>} */
    this.rates = {};
    for (const [name, rate] of Object.entries(RATES)) this.rates[name] = rate * dice.pick(INTENSITIES);
  }

  /** @param {FaultName} name @param {Actor} [actor] whom it hits @returns {boolean} whether it happens now */
  strikes(name, actor) {
    if (!this.on || !this.dice.chance(this.rates[name] ?? 0)) return false;
    this.count++;
    if (actor) actor.struck++;
    return true;
  }

  /** Nobody reaches the database for a while. @param {number} now @param {number} [shard] the one; else all */
  cutOff(now, shard) {
    this.count++;
    this.outageOf = shard;
    this.outageUntil = now + this.dice.below(OUTAGE_MS);
  }

  /**
   * What befalls a batch: `late` is committed after its failure was told, `hangs` answers minutes later.
   * @param {number} now @param {Actor} actor @param {number} shard
   * @returns {'before' | 'after' | 'late' | 'overloaded' | 'hangs' | undefined}
   */
  d1(now, actor, shard) {
    if (this.on && now < this.outageUntil && (this.outageOf ?? shard) === shard) {
      actor.struck++;
      return 'before';
    }
    if (this.strikes('d1Before', actor)) return 'before';
    if (this.strikes('d1After', actor)) return 'after';
    if (this.strikes('d1Late', actor)) return 'late';
    if (this.strikes('d1Hangs', actor)) return 'hangs';
    return this.strikes('d1Overloaded', actor) ? 'overloaded' : undefined;
  }

  /** Milliseconds that a batch takes, one way. @param {Actor} actor */
  d1Delay(actor) {
    return this.strikes('d1Slow', actor) ? this.dice.between(100, 40000) : this.dice.between(1, 30);
  }
}
