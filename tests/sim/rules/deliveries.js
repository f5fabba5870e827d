// What a message is acknowledged for: every job that it names is done or watched, whoever sent it; and every failure
// that was buried has been told.
import { UNWATCHED } from './record.js';

/** @typedef {import('../actor.js').Actor} Actor */
/** @typedef {import('../broker.js').Stored} Stored */

const FOREIGN = `
SELECT 1 FROM unique_keys AS u JOIN jobs ON jobs.id = u.job_id WHERE u.key = 'ext:' || ?1
UNION ALL SELECT 1 FROM dead_letters WHERE id = ?2`;

export class Deliveries {
  /** @param {import('../checker.js').Checker} checker */
  constructor(checker) {
    this.checker = checker;
    this.world = checker.world;
    /** @type {Map<string, number>} when each job that was buried had failed, by `id/fence` */
    this.buried = new Map();
    /** @type {Set<string>} `id@failedAt` of the alerts that arrived */
    this.told = new Set();
  }

  /** @param {Actor} actor @param {any} burial */
  judgeBurial(actor, { id, fence, failed_at: failedAt }) {
    this.world.note(actor.name, `buries ${id}/${fence}`);
    if (fence === null) return;
    this.buried.set(`${id}/${fence}`, failedAt);
    if (!actor.letters.has(`${id}/${fence}`)) {
      this.checker.blame('overwritten', 'buried by an old letter', `${id} under ${fence} by ${actor.name}`);
    }
  }

  /** The webhook's far end was reached. @param {any} event */
  hear({ jobs }) {
    for (const { jobId, failedAt } of jobs) this.told.add(`${jobId}@${Date.parse(failedAt)}`);
  }

  /**
   * An invocation has ended and the queue hears its marks.
   * @param {import('../broker.js').SimQueue} queue @param {Stored[]} batch
   * @param {(index: number) => object | null | undefined} mark null: acknowledged
   */
  judge(queue, batch, mark) {
    /** @type {Set<string>} */
    const ids = new Set();
    batch.forEach((stored, index) => {
      const marked = mark(index);
      if (marked === undefined) {
        this.checker.blame('lost', 'message without a mark', `${stored.id} of ${queue.settings.queue}`);
      }
      if (marked !== null) return;
      if (stored.expects) this.judgeForeign(queue.settings.queue, stored);
      else for (const { id } of jobsOf(JSON.parse(stored.text))) ids.add(id);
    });
    if (ids.size === 0) return;
    for (const { id, status } of this.world.database.all(UNWATCHED)) {
      if (ids.has(id)) this.checker.blame('lost', 'acknowledged and not watched', `${id} ${status}`);
    }
  }

  /** @param {string} queue @param {Stored} stored */
  judgeForeign(queue, { id, expects = [] }) {
    for (const { ext, place } of expects) {
      const letter = `message:${queue}:${id}${place > 0 ? `#${place}` : ''}`;
      const kept = this.world.database.all(FOREIGN, ext ?? '', letter).length > 0;
      const { keys, letters } = this.checker.retention;
      if (kept || keys.has(`ext:${ext}`) || letters.has(letter)) continue;
      this.checker.blame('lost', 'message acknowledged without a trace', `${letter} ${ext ?? ''}`);
    }
  }

  conclude() {
    const letters = this.world.database.all(
      'SELECT id, fence, buried_at FROM dead_letters WHERE job_id IS NOT NULL',
    );
    for (const { id, fence, buried_at: buriedAt } of letters) {
      if (buriedAt === null) this.checker.blame('stuck', 'not buried', id);
      const failedAt = this.buried.get(`${id}/${fence}`);
      if (failedAt !== undefined && !this.told.has(`${id}@${failedAt}`)) {
        this.checker.blame('lost', 'alert', `nobody was told that ${id}/${fence} failed`);
      }
    }
  }
}

/** @param {any} body of a message of ours @returns {any[]} the envelopes in it */
export function jobsOf(body) {
  return Array.isArray(body?.jobs) && body.jobs.length > 0 ? body.jobs : [Object(body)];
}
