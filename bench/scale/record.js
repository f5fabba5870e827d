// A record of any size: copies of jobs that were really done, with all that belongs to them.

/** @typedef {import('../../tests/worker/harness.js').Sluice} Sluice */

/** D1 gives a statement 30 s. */
const CHUNK = 50_000;

/** Times of a job: they keep their distance from its beginning. */
const TIMES = ['created_at', 'started_at', 'completed_at', 'updated_at', 'failed_at', 'buried_at'];

let serial = 0;

/** Not greater than any id that was made from that time on (wasm/core/id.h). @param {number} at */
export function floorOf(at) {
  const hex = at.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}

/** @param {Sluice} sluice @param {string} table @param {string} id */
async function columnsOf(sluice, table, id) {
  const [row] = await sluice.rows(`SELECT * FROM ${table} WHERE id = ?`, id);
  return row && Object.keys(row);
}

/**
 * One statement that copies the row of a table that belongs to a job.
 *
 * @param {string} table
 * @param {string[]} columns
 * @param {{ id: string, from: number, count: number, since: number, until: number }} copies
 */
function copyStatement(table, columns, { id, from, count, since, until }) {
  const at = `${since} + n.i * ${until - since} / ${count}`;
  // The shard and the template's other bits stay; the last digits are the copy's own.
  const copyId = `printf('%08x-%04x-7', (${at}) >> 16, (${at}) & 65535)
    || substr(t.id, 16, 7) || printf('0-%012x', ${from} + n.i)`;
  const values = columns.map((column) => {
    if (column === 'id' || column === 'job_id') return copyId;
    if (TIMES.includes(column)) return `${at} + t.${column} - j.created_at`;
    return `t.${column}`;
  });
  return `WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${count - 1})
    INSERT INTO ${table} (${columns.join(', ')})
    SELECT ${values.join(', ')}
    FROM n CROSS JOIN jobs AS j CROSS JOIN ${table} AS t WHERE j.id = '${id}' AND t.id = j.id`;
}

/**
 * Copies a final job that has no keys, no dependencies and no bodies, as if so many of it had come between
 * two times and been done at once. Counters hold them.
 *
 * @param {Sluice} sluice
 * @param {string} id
 * @param {{ count: number, since: number, until: number }} copies
 */
export async function copyJob(sluice, id, { count, since, until }) {
  const tables = [];
  for (const table of ['jobs', 'dead_letters']) {
    const columns = await columnsOf(sluice, table, id);
    if (columns) tables.push({ table, columns });
  }
  for (let done = 0; done < count; done += CHUNK) {
    const size = Math.min(CHUNK, count - done);
    const at = (/** @type {number} */ n) => since + Math.floor(((until - since) * n) / count);
    const part = { id, from: serial, count: size, since: at(done), until: at(done + size) };
    serial += size;
    for (const { table, columns } of tables) await sluice.rows(copyStatement(table, columns, part));
  }
  await sluice.rows(
    `UPDATE counters SET completed = counters.completed + iif(j.status = 'completed', ${count}, 0),
       failed = counters.failed + iif(j.status = 'failed', ${count}, 0),
       attempts = counters.attempts + j.attempts * ${count}
     FROM jobs AS j WHERE j.id = ? AND counters.queue = j.queue AND counters.type = j.type`,
    id,
  );
}

/**
 * Puts the sweep where it would be, had its cron come each minute all the time.
 *
 * @param {Sluice} sluice
 * @param {{ watchedTo: number, prunedTo: number }} times ids before them are behind its watermark, and behind
 *   retention's walk; nothing that is unfinished may be before them
 */
export async function placeSweep(sluice, { watchedTo, prunedTo }) {
  await sluice.rows(
    'UPDATE sweep SET watermark = ?1, previous = ?1, pruned_to = ?2, pruned_from = ?2',
    floorOf(watchedTo),
    floorOf(prunedTo),
  );
}
