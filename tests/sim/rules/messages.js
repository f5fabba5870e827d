// What goes into the queues and what becomes of it: a message is sent for what has happened, fits, and is acknowledged
// only when nothing depends on it any more.
import { jobsOf } from './deliveries.js';

/** @typedef {import('../actor.js').Actor} Actor */
/** @typedef {import('../broker.js').SimQueue} SimQueue */
/** @typedef {import('../broker.js').Stored} Stored */

/** What the platform takes. */
const BYTES_MAX = 128000;
const DELAY_SECONDS_MAX = 86400;

/** @param {Stored} stored @returns {any[]} the envelopes of ours in it */
function own(stored) {
  if (stored.bytes || stored.expects) return [];
  return jobsOf(JSON.parse(stored.text)).filter((job) => job?.metadata?.sluice);
}

export class Messages {
  /** @param {import('../checker.js').Checker} checker */
  constructor(checker) {
    this.checker = checker;
    this.world = checker.world;
    /** @type {Set<string>} jobs that were ever inserted */
    this.born = new Set();
    /** @type {Set<string>} `id/fence` of every failure */
    this.failed = new Set();
  }

  /** @param {any[]} births @param {any[]} moves */
  observe(births, moves) {
    for (const { id, unique_key: key } of births) {
      this.born.add(id);
      if (key?.startsWith('ext:') && this.born.has(key.slice(4))) {
        this.checker.blame('duplicated', 'adopted our own', `${key} as ${id}`);
      }
    }
    for (const { id, is_now: now, fence } of moves) if (now === 'failed') this.failed.add(`${id}/${fence}`);
  }

  /** @param {Actor} actor @param {string} text @param {number} delaySeconds */
  judgeSend(actor, text, delaySeconds) {
    const bytes = Buffer.byteLength(text);
    if (bytes > BYTES_MAX) this.checker.blame('limitExceeded', 'message too long', `${bytes} bytes`);
    if (delaySeconds > DELAY_SECONDS_MAX)
      this.checker.blame('limitExceeded', 'delay too long', `${delaySeconds} s`);
    for (const { id, metadata } of jobsOf(JSON.parse(text))) {
      const fence = metadata?.sluice?.fence;
      if (!this.born.has(id))
        this.checker.blame('overwritten', 'wake-up of no job', `${id} by ${actor.name}`);
      if (fence !== undefined && !this.failed.has(`${id}/${fence}`)) {
        this.checker.blame('overwritten', 'letter without a failure', `${id}/${fence} by ${actor.name}`);
      }
    }
  }

  /**
   * A message is acknowledged: no job that this worker runs may depend on it alone.
   * @param {Actor} actor @param {Stored} stored @param {Stored[]} others of the batch, not acknowledged
   */
  judgeAcknowledgement(actor, stored, others) {
    if (actor.struck > 0) return; // it may not know what it was given
    for (const { id } of own(stored)) {
      const [row] = this.world.database.all(
        'SELECT status, fence, lease_until AS lease FROM jobs WHERE id = ?',
        id,
      );
      if (row?.status !== 'processing' || actor.held.get(id) !== row.fence) continue;
      if (row.lease <= this.world.timeline.now + actor.skewMax) continue;
      if (others.some((other) => own(other).some((job) => job.id === id) || this.adopts(other, id))) continue;
      this.checker.blame('lost', 'acknowledged before it was settled', `${id} by ${actor.name}`);
    }
  }

  /** Whether a message of somebody else's names a job by its own id. @param {Stored} stored @param {string} id */
  adopts({ expects = [] }, id) {
    const keys = this.world.database.all('SELECT key FROM unique_keys WHERE job_id = ?', id);
    return keys.some(({ key }) => expects.some(({ ext }) => key === `ext:${ext}`));
  }

  /** Whether an attempt of the job failed without a handler, since its worker had none for it. @param {string} id */
  isUnknown(id) {
    const [job] = this.world.database.all('SELECT history FROM jobs WHERE id = ?', id);
    return JSON.parse(job?.history ?? '[]').some(
      (/** @type {any} */ { error }) => error?.code === 'unknown_type',
    );
  }

  /**
   * An invocation has ended and the queue hears its marks.
   * @param {SimQueue} queue @param {Actor} actor @param {Stored[]} batch
   * @param {(index: number) => object | null | undefined} mark null: acknowledged
   */
  judgeMarks({ settings, deadLetters }, actor, batch, mark) {
    batch.forEach((stored, index) => {
      const jobs = own(stored);
      const marked = mark(index);
      if (marked && deadLetters) this.judgeRetry(actor, stored, jobs, settings.max_retries);
      if (marked === null) this.judgeTrust(actor, stored, jobs, !deadLetters);
    });
  }

  /** @param {Actor} actor @param {Stored} stored @param {any[]} jobs @param {number} retries that the platform gives */
  judgeRetry(actor, stored, jobs, retries) {
    const settled = this.checker.leases.settled.get(actor);
    // A message whose batch was refused goes back, though another may name the same job.
    if (actor.struck + actor.refused > 0 || jobs.length === 0 || !jobs.every(({ id }) => settled?.has(id)))
      return;
    if (stored.attempts > retries) {
      this.checker.blame('stuck', 'retried into the dead letters', `${stored.id} by ${actor.name}`);
    }
    for (const { id } of jobs) {
      const run = this.checker.runs.get(id, actor.held.get(id));
      if (run ? run.ended !== 'snoozed' : this.isUnknown(id)) continue;
      this.checker.blame('limitExceeded', 'waiting as a retry', `${id} by ${actor.name}`);
    }
  }

  /**
   * What an acknowledged message was to wake is looked at by the sweep in good time, not only once the watermark has
   * come to it.
   * @param {Actor} actor @param {Stored} stored @param {any[]} jobs @param {boolean} givenUp by the platform
   */
  judgeTrust(actor, stored, jobs, givenUp) {
    for (const { id, metadata } of jobs) {
      const [row] = this.world.database.all(
        'SELECT status, fence, wake_at, completed_at, held_by FROM jobs WHERE id = ?',
        id,
      );
      if (
        !row ||
        row.held_by !== null ||
        row.completed_at !== null ||
        row.wake_at !== null ||
        metadata.sluice.fence !== undefined
      )
        continue;
      // A poll finds what stands in a line.
      if (row.held_by !== null) continue;
      const elsewhere = row.status === 'processing' && actor.held.get(id) !== row.fence;
      if (!(givenUp || (stored.attempts > 1 && elsewhere))) continue;
      this.checker.blame('stuck', 'left to the watermark', `${id} ${row.status} by ${actor.name}`);
    }
  }
}
