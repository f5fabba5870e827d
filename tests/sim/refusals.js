// Values that the database refuses, so that the batch they are in fails; and whether what came with them suffers.

/** @typedef {import('./world.js').World} World */
/** @typedef {import('./actor.js').Actor} Actor */

/** What the database says of them. */
export const TOO_BIG = 'D1_ERROR: string or blob too big: SQLITE_TOOBIG';
/** A text with this and a number in it is such a value. */
export const INDIGESTIBLE = 'indigestible-';
/** Consumers are refused so often, and only while there are faults; producers always. */
const REFUSALS_MAX = 12;
const KINDS = ['enqueue', 'consume', 'bury'];

/**
 * What a handler enqueues is in nobody's way: it is written once, and a repeated request changes nothing.
 * @param {import('./database.js').Bound[]} list
 */
function isRequest(list) {
  return (
    list.some(({ sql }) => /\bINTO jobs\b/.test(sql)) && !list.some(({ sql }) => /\bleased_by =/.test(sql))
  );
}

export class Refusals {
  /** @param {World} world */
  constructor(world) {
    this.world = world;
    /** @type {Map<string, number>} how often each of them has been refused */
    this.bad = new Map();
  }

  /** How likely one more of them is. */
  get rate() {
    return (this.world.faults.rates.refused ?? 0) / 2;
  }

  /** @returns {string} a text that is going to be refused */
  text() {
    const text = `${INDIGESTIBLE}${this.world.next()};`;
    this.bad.set(text, 0);
    return text;
  }

  /** Now and then a job cannot be spoken of. @param {string} id */
  meet(id) {
    if (this.world.dice.chance(this.rate)) this.bad.set(id, 0);
  }

  /**
   * @param {Actor} actor @param {import('./database.js').Bound[]} list
   * @returns {boolean} whether the batch is refused
   */
  strike(actor, list) {
    const { faults } = this.world;
    if (this.bad.size === 0 || !KINDS.includes(actor.kind)) return false;
    const texts = list.flatMap(({ params }) => params);
    const bad = [...this.bad].filter(([value, times]) => {
      const refuses = actor.kind === 'enqueue' || (faults.on && times < REFUSALS_MAX);
      return refuses && texts.some((text) => text.includes(value));
    });
    if (bad.length === 0) return false;
    for (const [value, times] of bad) this.bad.set(value, times + 1);
    const values = bad.map(([value]) => value);
    faults.count++;
    actor.refused++;
    this.world.note(actor.name, `has its batch refused for ${values.join(' ')}`);
    if (actor.kind === 'consume' && !isRequest(list)) this.noteNeighbours(actor, texts, values);
    return true;
  }

  /**
   * Notes the jobs that are in a batch with bad values.
   * @param {Actor} actor @param {string[]} texts @param {string[]} bad
   */
  noteNeighbours(actor, texts, bad) {
    const rows = this.world.database.all(`SELECT id, op, fence, status,
      status = 'pending' AND lease_until IS NULL AND held_by IS NULL AS ready FROM jobs`);
    const named = rows.filter(({ id }) => texts.some((text) => text.includes(id)));
    // Alone in its batch, a job has nobody else's value in it.
    if (named.length === 1) actor.neighbours.delete(named[0].id);
    for (const { id, op, fence, status, ready } of named.length > 1 ? named : []) {
      const held = status === 'processing' && actor.held.get(id) === fence;
      if (!(ready || held) || this.bad.has(id)) continue;
      // A message that names a bad job as well goes back to its queue as a whole.
      const together = actor.messages.filter((text) => text.includes(id));
      if (together.some((text) => bad.some((value) => text.includes(value)))) continue;
      actor.neighbours.set(id, op);
    }
  }

  /** One bad value must not spoil what came with it. @param {Actor} actor that has ended */
  judge(actor) {
    if (actor.neighbours.size === 0 || actor.struck > 0) return;
    const { database, checker } = this.world;
    const rows = new Map(database.all('SELECT id, op FROM jobs').map(({ id, op }) => [id, op]));
    for (const [id, op] of actor.neighbours) {
      if (rows.get(id) !== op) continue;
      checker.blame('stuck', 'spoiled by another job', `${id}, which ${actor.name} had in a refused batch`);
    }
  }
}
