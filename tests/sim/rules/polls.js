// Who polls takes the first of a line, in its order, once per poll; nobody gets a polled job by another way.

import { total } from '../database.js';

/** @typedef {import('../actor.js').Actor} Actor */

/** The place of a job in its line. */
const RANK = 'created_at + priority * 600000';
const LEASED = `SELECT id, transport, op, ${RANK} AS rank FROM jobs
WHERE id = ? AND transport GLOB 'p:*' AND status = 'processing'`;
/** What is leased under a poll's nonce. */
const HELD = "SELECT count(*) AS n FROM jobs WHERE op = ? AND status = 'processing'";
/** What an earlier lease keeps from being taken is passed over. */
const FIRST = `SELECT id, ${RANK} AS rank FROM jobs
WHERE held_by = ? AND lease_until IS NULL ORDER BY rank, id LIMIT 1`;

export class Polls {
  /** @param {import('../checker.js').Checker} checker */
  constructor(checker) {
    this.checker = checker;
  }

  /** @param {Actor} actor @param {any[]} moves of one commit */
  judge(actor, moves) {
    /** @type {Map<string, number>} what was leased under each nonce */
    const ops = new Map();
    for (const { id, was, is_now: now, was_fence: wasFence, fence } of moves) {
      if (now !== 'processing' || (was === now && fence === wasFence)) continue;
      const [job] = this.checker.world.database.all(LEASED, id);
      if (!job) continue;
      ops.set(job.op, (ops.get(job.op) ?? 0) + 1);
      this.judgeLease(actor, job, was);
    }
    for (const [op, leased] of ops) {
      const n = total(this.checker.world.database.all(HELD, op), 'n');
      if (n > leased) this.checker.blame('duplicated', 'polled again', `${leased} of ${n} under ${op}`);
    }
  }

  /** @param {Actor} actor @param {any} job @param {string} was */
  judgeLease(actor, { id, transport, rank }, was) {
    const { checker } = this;
    if (!actor.polls || was !== 'pending') {
      checker.blame('limitExceeded', 'leased past its line', `${id}, which was ${was}, by ${actor.name}`);
    }
    const [first] = checker.world.database.of(id).all(FIRST, transport);
    if (first && (first.rank < rank || (first.rank === rank && first.id < id))) {
      checker.blame('limitExceeded', 'start order', `${id} by ${actor.name}, before ${first.id}`);
    }
  }
}
