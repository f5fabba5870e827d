// One delivery in which a job of somebody else's is named by both of its ids.

/** @typedef {import('../world.js').World} World */

const ADOPTED = `
SELECT jobs.id, jobs.type, jobs.transport, jobs.run_at, substr(u.key, 5) AS ext
FROM unique_keys AS u JOIN jobs ON jobs.id = u.job_id
WHERE u.key LIKE 'ext:%' AND jobs.status IN ('pending', 'delayed') ORDER BY jobs.id`;

/**
 * The messages come when the job is ready; there may be none for a while.
 * @param {World} world @param {number} [tries]
 */
export function nameTwice(world, tries = 100) {
  const jobs = world.database.all(ADOPTED);
  if (jobs.length === 0 && tries > 0 && world.faults.on)
    world.timeline.after(5000, () => nameTwice(world, tries - 1));
  for (const { id, type, transport, run_at: runAt, ext } of jobs) {
    const queue = world.queue(transport.startsWith('p:') ? 'background-jobs' : transport);
    const delay = Math.max(0, (runAt ?? 0) - world.timeline.now) + 1;
    const own = { id, type, payload: null, payloadRef: 'd1', metadata: { sluice: { v: 1 } } };
    const foreign = { id: ext, type, payload: { cursed: false }, metadata: {} };
    world.faults.count++;
    for (const [body, more] of [
      [own, {}],
      [foreign, { expects: [{ ext, place: 0 }] }],
    ]) {
      queue.put({ id: `m${world.next()}`, text: JSON.stringify(body), attempts: 0, at: 0, ...more }, delay);
    }
  }
}
