// What handlers were given and what became of what they gave back.

/**
 * @typedef {{ ended?: 'returned' | 'threw' | 'fatal' | 'snoozed', text?: string, wish?: number,
 *   signal?: AbortSignal }} HandlerRun `wish`: when it wants its job to be tried again, in true time
 */

const RESULTS = `
SELECT jobs.id, jobs.fence, coalesce(jobs.result, b.body) AS result
FROM jobs LEFT JOIN bodies AS b ON jobs.result IS NULL AND b.job_id = jobs.id AND b.kind = 'result'
WHERE jobs.status = 'completed'`;

export class Runs {
  /** @param {import('../checker.js').Checker} checker */
  constructor(checker) {
    this.checker = checker;
    /** @type {Map<string, HandlerRun>} by `id/fence` */
    this.all = new Map();
    /** @type {Map<number, string>} payloads as their producers meant them, by serial number */
    this.payloads = new Map();
    /** @type {Map<string, number>} newest checkpoint that a handler was told is kept, by job */
    this.checkpoints = new Map();
    /** @type {Map<string, number>} the newest checkpoint when each lease began, by `id/fence` */
    this.found = new Map();
  }

  /** A lease begins. @param {string} id @param {number} fence */
  lease(id, fence) {
    this.found.set(`${id}/${fence}`, this.checkpoints.get(id) ?? 0);
  }

  /** @param {string} id @param {number | undefined} fence */
  get(id, fence) {
    return this.all.get(`${id}/${fence}`);
  }

  /**
   * A handler starts.
   * @param {string} id @param {number | undefined} fence @param {any} payload @param {any} checkpointed
   */
  start(id, fence, payload, checkpointed) {
    const { checker } = this;
    if (this.get(id, fence)) checker.blame('duplicated', 'started twice under one token', `${id}/${fence}`);
    /** @type {HandlerRun} */
    const run = {};
    this.all.set(`${id}/${fence}`, run);
    const meant = this.payloads.get(payload?.serial);
    if (meant !== undefined && meant !== JSON.stringify(payload)) {
      checker.blame('overwritten', 'payload', `${id} is not given what was enqueued`);
    }
    const kept = this.found.get(`${id}/${fence}`) ?? 0;
    const found = Number(checkpointed?.step ?? 0);
    if (found < kept) checker.blame('lost', 'checkpoint', `${id} finds step ${found}, but ${kept} was kept`);
    return run;
  }

  /** A handler was told that its checkpoint is kept. @param {string} id @param {number} step */
  keep(id, step) {
    this.checkpoints.set(id, Math.max(this.checkpoints.get(id) ?? 0, step));
  }

  conclude() {
    for (const { id, fence, result } of this.checker.world.database.all(RESULTS)) {
      if (result !== this.get(id, fence)?.text) {
        this.checker.blame('overwritten', 'result', `${id}/${fence} is not what its handler returned`);
      }
    }
  }
}
