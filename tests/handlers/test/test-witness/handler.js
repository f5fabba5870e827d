/**
 * Writes `begin` and then `end`, or why it was stopped, into the table test_runs (tests/worker/record.js makes it).
 *
 * @param {{ ms?: number | number[], ignoreAbort?: boolean }} payload ms: how long it takes; a list: its first
 *   run, its second, and all later ones
 * @param {import('../../../../scraper/context.js').Context} ctx
 */
export default async ({ ms = 0, ignoreAbort = false }, { env, job, signal }) => {
  const write = (/** @type {string} */ event) =>
    env.DB.prepare('INSERT INTO test_runs (job_id, attempt, event, at) VALUES (?, ?, ?, ?)')
      .bind(job.jobId, job.attempt, event, Date.now())
      .run();
  await write('begin');
  const run = await env.DB.prepare(`SELECT count(*) AS n FROM test_runs WHERE job_id = ? AND event = 'begin'`)
    .bind(job.jobId)
    .first('n');
  const wait = [ms].flat();
  await new Promise((resolve) => {
    const timer = setTimeout(resolve, wait[Math.min(run, wait.length) - 1]);
    signal.addEventListener('abort', () => {
      if (ignoreAbort) return;
      clearTimeout(timer);
      resolve(undefined);
    });
  });
  const stopped = signal.aborted && !ignoreAbort;
  await write(stopped ? signal.reason.message : 'end');
  if (stopped) throw signal.reason;
  return { run };
};
