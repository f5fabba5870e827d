// The jobs whose cost is counted.
import { sleep, until } from '../../tests/worker/harness.js';

/** @typedef {import('../lib/metered.js').RunningSystem} RunningSystem */

/**
 * @typedef {object} Case
 * @property {string} what such a job goes through
 * @property {(key: string) => Record<string, unknown>} job as it is enqueued; each key comes once
 * @property {string} done the condition that its row meets in the end
 * @property {string[]} [means] lines that say what its figures rest on
 * @property {number} [batches] at most so many in a run: it takes its time
 * @property {boolean} [ticks] it waits for the minute cron
 * @property {number} [restMs] something is still on its way then: so long
 * @property {boolean} [gathers] its messages come one by one: a queue waits for more before it delivers
 */

const soon = { type: 'fixed', delay: 1000, jitter: 0 };
const REST_MS = 300;

/** @type {Record<string, Case>} */
export const ours = {
  plain: {
    what: 'done at the first attempt',
    job: (key) => ({ type: 'test-echo', payload: { key } }),
    done: "status = 'completed'",
  },
  retried: {
    what: 'fails twice, then done',
    job: () => ({ type: 'test-fail', payload: { failures: 2 }, maxAttempts: 3, backoff: soon }),
    done: "status = 'completed'",
    means: [
      'All hundred fail at once and come back together; spread by their jitter they share fewer batches.',
    ],
    gathers: true,
    batches: 3,
  },
  dead: {
    what: 'fails three times: dead letter, archived',
    job: () => ({ type: 'test-fail', payload: { failures: 9 }, maxAttempts: 3, backoff: soon }),
    done: 'EXISTS (SELECT 1 FROM dead_letters AS l WHERE l.id = t.id AND l.buried_at IS NOT NULL)',
    gathers: true,
    batches: 3,
  },
  unique: {
    what: 'plain, with a key of its own',
    job: (key) => ({ type: 'test-echo', payload: { key }, uniqueKey: key }),
    done: "status = 'completed'",
  },
  limited: {
    what: 'its queue runs two at once, a hundred wait',
    job: () => ({ type: 'test-limited', payload: {} }),
    done: "status = 'completed'",
    means: ['Two places: each claim takes at most two jobs, each settle lets the next two out of the line.'],
    batches: 2,
  },
  polled: {
    what: 'no queue: the minute cron takes a hundred',
    job: (key) => ({ type: 'test-polled', payload: { key } }),
    done: "status = 'completed'",
    means: ['With POLL_BATCH 100; the sweep and the cron that come with each minute are in it.'],
    ticks: true,
  },
};

/** @type {Record<string, Case>} */
export const baseline = {
  plain: {
    what: 'done at the first attempt',
    job: (key) => ({ type: 'bench-noop', payload: { key } }),
    done: "status = 'completed'",
  },
  retried: {
    what: 'fails twice, then done',
    job: (key) => ({ type: 'bench-fail', payload: { key, failures: 2 }, maxAttempts: 3 }),
    done: "status = 'completed'",
    gathers: true,
    batches: 3,
  },
  dead: {
    what: 'fails three times: dead letter, which nobody archives',
    job: (key) => ({ type: 'bench-fail', payload: { key, failures: 9 }, maxAttempts: 3 }),
    done: "status = 'failed'",
    // Its message is delivered once more before the platform gives up on it.
    restMs: 4000,
    gathers: true,
    batches: 3,
  },
};

/**
 * Enqueues a batch in one request, and resolves when all of its jobs have come to their end.
 *
 * @param {RunningSystem} system
 * @param {Case} one
 * @param {{ jobs: number, name: string, table: string }} batch name: no other batch has it; table: where the
 *   jobs are
 */
export async function runBatch(system, one, { jobs, name, table }) {
  const list = Array.from({ length: jobs }, (_, n) => one.job(`${name}-${n}`));
  const ids = JSON.stringify(await system.enqueue(list));
  const sql = `SELECT count(*) AS n FROM json_each(?) AS e JOIN ${table} AS t ON t.id = e.value
    WHERE ${one.done}`;
  const probe = async () => {
    if (one.ticks) await system.tick();
    return system.metered.look(sql, ids)[0].n === jobs;
  };
  await until(probe, { ms: 120_000, what: `the end of ${jobs} jobs` });
  await sleep(one.restMs ?? REST_MS);
}
