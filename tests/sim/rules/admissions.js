// Jobs come into the record once each, under their keys and within their queue's depth, and none gets out unseen.
import { total } from '../database.js';
import { SKEW_MS } from '../hosts.js';
import { SUM } from './record.js';

/** @typedef {import('../actor.js').Actor} Actor */

const WAITING = `
SELECT count(*) AS n FROM jobs WHERE queue = ? AND status IN ('pending', 'delayed', 'blocked')`;

export class Admissions {
  /** @param {import('../checker.js').Checker} checker */
  constructor(checker) {
    this.checker = checker;
    this.births = 0;
    /** @type {Set<string>} */
    this.acknowledged = new Set();
    /** @type {Map<string, string>} job that each caller's key led to */
    this.keys = new Map();
    /** @type {Map<string, { id: string, until: number }>} holders of unique keys, and until when */
    this.unique = new Map();
  }

  /** A key as the judge of a queue has it. @param {string} queue @param {string} key */
  judged(queue, key) {
    const { world } = this.checker;
    return world.shards === 1 ? key : `${world.judgeOf(queue)}/${key}`;
  }

  /**
   * A caller was told of a job.
   * @param {string} id @param {string} [key] that must always lead to the same job
   */
  acknowledge(id, key) {
    this.acknowledged.add(id);
    if (key === undefined) return;
    const { jobs: pruned } = this.checker.retention;
    const first = this.keys.get(key) ?? id;
    this.keys.set(key, pruned.has(first) ? id : first);
    if (first !== id && !pruned.has(first) && !pruned.has(id))
      this.checker.blame('duplicated', 'unique key', `${key} led to ${first} and ${id}`);
  }

  /** @param {Actor} actor @param {any[]} births */
  judgeBirths(actor, births) {
    const { world } = this.checker;
    this.births += births.length;
    for (const birth of births) {
      world.note(actor.name, `inserts ${birth.id} ${birth.status}`);
      world.expectBy(birth.run_at ?? 0);
      world.refusals.meet(birth.id);
      if (birth.unique_key) this.judgeKey(birth);
    }
    if (actor.kind !== 'enqueue' && actor.kind !== 'schedule') return;
    const max = Number(actor.host.version.vars.MAX_PENDING_PER_QUEUE);
    for (const [queue, [{ id }]] of Map.groupBy(births, (birth) => birth.queue)) {
      const [{ n }] = world.database.of(id).all(WAITING, queue);
      if (n > max) this.checker.blame('limitExceeded', 'depth', `${n} wait in ${queue}, at most ${max} may`);
    }
  }

  /**
   * A key whose name begins with a number of seconds holds so long, any other as long as its job.
   * @param {any} birth
   */
  judgeKey({ id, unique_key: name, created_at: at, queue }) {
    // Ticks are of schedules, which live on shard 0 whatever they lead to.
    const key = name.startsWith('tick:') ? name : this.judged(queue, name);
    const held = this.unique.get(key);
    // A window is over when it is by one clock: whose clock is ahead may take the key for a job that then finds no room
    // in its queue, and leaves it to anybody.
    const latest = this.checker.world.timeline.now + SKEW_MS;
    if (held && !this.checker.retention.jobs.has(held.id) && latest < held.until) {
      this.checker.blame('duplicated', 'two jobs for one key', `${key}: ${held.id} and ${id}`);
    }
    const seconds = Number.parseInt(/^key:(\d+)/.exec(name)?.[1] ?? '', 10);
    this.unique.set(key, { id, until: seconds > 0 ? at + seconds * 1000 : Number.POSITIVE_INFINITY });
  }

  /** Conservation: what was ever inserted is kept, or was pruned and counted. */
  judgeSum() {
    const rows = this.checker.world.database.all(SUM);
    const [kept, pruned] = ['kept', 'pruned'].map((column) => total(rows, column));
    const { size } = this.checker.retention.jobs;
    if (pruned !== size) {
      this.checker.blame('counterDrift', 'pruned', `${size}, but ${pruned} are counted`);
    }
    if (kept + pruned === this.births) return;
    this.checker.blame('lost', 'conservation', `${this.births} inserted, ${kept} kept, ${pruned} pruned`);
  }

  /** @param {Map<string, string>} rows what is kept */
  conclude(rows) {
    for (const id of this.acknowledged) {
      if (!rows.has(id) && !this.checker.retention.jobs.has(id))
        this.checker.blame('lost', 'acknowledged and gone', id);
    }
  }
}
