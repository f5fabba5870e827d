// What is kept beside the rows belongs to the job, and the run, that it came from; what is bound is not too long.

/** @typedef {import('../actor.js').Actor} Actor */

/** What D1 takes as one value. */
const BYTES_MAX = 2_000_000;

const ORPHANS = `
SELECT kind || ' of no job' AS what, job_id AS id FROM bodies WHERE job_id NOT IN (SELECT id FROM jobs)
UNION ALL
SELECT 'result of no completion', b.job_id FROM bodies AS b JOIN jobs ON jobs.id = b.job_id
WHERE b.kind = 'result' AND (jobs.status <> 'completed' OR jobs.result IS NOT NULL)`;

export class Bodies {
  /** @param {import('../checker.js').Checker} checker */
  constructor(checker) {
    this.checker = checker;
  }

  /** @param {Actor} actor @param {{ id: string, status: string, fence: number }[]} checkpoints that were written */
  judgeCheckpoints(actor, checkpoints) {
    for (const { id, status, fence } of checkpoints) {
      if (status === 'processing' && actor.held.get(id) === fence) continue;
      this.checker.blame(
        'overwritten',
        'checkpoint without the lease',
        `${id} ${status}/${fence} by ${actor.name}`,
      );
    }
  }

  /** @param {string[]} params of one statement */
  judgeParameters(params) {
    for (const text of params) {
      const bytes = text.length * 3 < BYTES_MAX ? 0 : Buffer.byteLength(text);
      if (bytes > BYTES_MAX) this.checker.blame('limitExceeded', 'parameter too long', `${bytes} bytes`);
    }
  }

  /** Nothing is left of what is not kept any more. */
  judgeOwners() {
    for (const { what, id } of this.checker.world.database.all(ORPHANS))
      this.checker.blame('overwritten', what, id);
  }
}
