// Guards that can be taken away, to prove that the checker can fail.

/** Guards that are named markers in the statements. */
const MARKERS = ['state', 'lease', 'fence', 'op', 'counter', 'bury_fence'];

/**
 * Cuts the blocks of one marker. A block that begins with AND or ends with a comma is cut whole; one that the
 * rest of the condition leans on becomes a condition that always holds.
 *
 * @param {string} sql @param {string} name
 */
function cut(sql, name) {
  return sql.replace(
    new RegExp(`/\\*\\+${name}\\*/([^]*?)/\\*-${name}\\*/`, 'g'),
    (_, /** @type {string} */ block) => (/^\s*AND\b/.test(block) || /,\s*$/.test(block) ? ' ' : ' 1 '),
  );
}

/**
 * Leaves a statement out: one that takes the same parameters and does nothing is run in its place.
 * @param {RegExp} pattern of the statement
 */
const without = (pattern) => (/** @type {string} */ sql) => {
  if (!pattern.test(sql)) return sql;
  const numbers = new Set(sql.match(/\?\d/g));
  return `SELECT 1 WHERE 0 AND ${[...numbers].map((number) => `${number} = ''`).join(' AND ')}`;
};

/** @type {Record<string, (sql: string) => string>} */
export const BREAKS = {
  ...Object.fromEntries(MARKERS.map((name) => [name, (/** @type {string} */ sql) => cut(sql, name)])),
  archive: without(/INSERT INTO dead_letters \(id, job_id, fence/),
  revive: without(/DELETE FROM dead_letters/),
  watch: without(/UPDATE jobs SET wake_at = CASE WHEN status = 'processing'/),
  outbox: without(/WHERE wake_at <= \?1/),
};
