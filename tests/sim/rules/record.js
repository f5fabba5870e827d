// What holds in the record after every commit, as queries for what does not.

const STATES = ['pending', 'delayed', 'blocked', 'processing', 'completed', 'failed', 'cancelled'];

/** Counters that are not what a scan gives. */
export const DRIFT = `
SELECT queue, type, ${STATES.map((state) => `sum(${state}) AS ${state}`).join(', ')}, sum(attempts) AS attempts FROM (
  SELECT queue, type, ${STATES.join(', ')}, attempts FROM counters
  UNION ALL
  SELECT queue, type, ${STATES.map((state) => `-(status = '${state}')`).join(', ')}, -attempts FROM jobs
) GROUP BY queue, type
HAVING ${STATES.map((state) => `sum(${state}) <> 0`).join(' OR ')} OR sum(attempts) <> 0`;

/** Failed jobs whose dead letter an operator has deleted. */
const DISCARDED = `jobs.history ->> '$[#-1].outcome' = 'discarded'`;

/** Jobs that nobody will look at again, although there is something to do. */
export const UNWATCHED = `
SELECT id, status FROM jobs
WHERE status IN ('pending', 'delayed', 'processing') AND wake_at IS NULL
  AND held_by IS NULL AND id <= (SELECT watermark FROM sweep)
UNION ALL
SELECT id, status FROM jobs
WHERE status = 'failed' AND wake_at IS NULL AND NOT ${DISCARDED}
  AND NOT EXISTS (SELECT 1 FROM dead_letters AS d WHERE d.id = jobs.id AND d.buried_at IS NOT NULL
    AND d.fence = jobs.fence)`;

/** Jobs that the sweep looks at for ever, although there is nothing to do: no lease is to end that has places. */
export const FINISHED = `
SELECT id, status FROM jobs WHERE status IN ('completed', 'cancelled') AND wake_at IS NOT NULL
  AND (status = 'completed' OR lease_until IS NULL OR gates IS NULL)
  AND NOT EXISTS (SELECT 1 FROM dependencies AS d WHERE d.parent_id = jobs.id)`;

/** Polled jobs that no poll will find, and those that stand in line although they are not ready, or are watched. */
export const ASTRAY = `
SELECT 'out of its line' AS what, id FROM jobs
WHERE status = 'pending' AND transport GLOB 'p:*' AND held_by IS NULL
UNION ALL
SELECT 'not ready in its line', id FROM jobs WHERE held_by = transport AND status <> 'pending'
UNION ALL
SELECT 'watched in its line', id FROM jobs WHERE held_by = transport AND wake_at IS NOT NULL`;

/** Failed jobs and dead letters that do not belong together. */
export const LETTERS = `
SELECT 'a failed job without a dead letter' AS what, id FROM jobs
WHERE status = 'failed' AND NOT ${DISCARDED}
  AND NOT EXISTS (SELECT 1 FROM dead_letters AS d WHERE d.id = jobs.id AND d.fence = jobs.fence)
UNION ALL
SELECT 'a dead letter of a job that is not failed', id FROM dead_letters
WHERE job_id IS NOT NULL AND job_id NOT IN (SELECT id FROM jobs WHERE status = 'failed')
UNION ALL
SELECT 'more attempts than allowed', id FROM jobs WHERE attempts > max_attempts`;

/** Counts of dead letters that are not what a scan gives. */
export const LETTER_DRIFT = `
SELECT name FROM (
  SELECT 'queue ' || queue AS name, count FROM letters
  UNION ALL SELECT 'failure ' || json_array(type, code, message), count FROM failures
  UNION ALL SELECT 'queue ' || queue, -1 FROM dead_letters
  UNION ALL SELECT 'failure ' || json_array(coalesce(type, ''), last_error ->> 'code', last_error ->> 'message'), -1
  FROM dead_letters
) GROUP BY name HAVING sum(count) <> 0`;

/** How many jobs are kept, and how many the counters say were pruned. */
export const SUM = `
SELECT (SELECT count(*) FROM jobs) AS kept, (SELECT coalesce(sum(pruned), 0) FROM counters) AS pruned`;
