// The table imported_items, which batch-import fills.

import { IMPORT_CHUNK_BYTES, IMPORT_CHUNK_ITEMS } from './limits.js';

/** @typedef {{ id: string, data: unknown }} Item */

// A worker whose lease is gone writes nothing: the job may have run again since, and others after it.
const UPSERT = `
  INSERT INTO imported_items (namespace, id, data, job_id, imported_at)
  SELECT ?2 ->> 'namespace', j.value ->> 0, j.value -> 1, ?2 ->> 'jobId', ?2 ->> 'now'
  FROM json_each(?1) AS j
  WHERE EXISTS (
    SELECT 1 FROM jobs
    WHERE id = ?2 ->> 'jobId' AND status = 'processing' AND fence = ?2 ->> 'fence'
  )
  ON CONFLICT (namespace, id) DO UPDATE SET
    data = excluded.data, job_id = excluded.job_id, imported_at = excluded.imported_at`;

/**
 * The items in pieces that one statement can take. Each is JSON already, an array of [id, data].
 *
 * @param {Item[]} items
 * @returns {Generator<{ length: number, text: string }>}
 */
export function* chunksOf(items) {
  /** @type {string[]} */
  let rows = [];
  let bytes = 0;
  for (const { id, data } of items) {
    const row = JSON.stringify([id, data]);
    const size = new TextEncoder().encode(row).byteLength + 1;
    if (rows.length === IMPORT_CHUNK_ITEMS || (rows.length > 0 && bytes + size > IMPORT_CHUNK_BYTES)) {
      yield { length: rows.length, text: `[${rows.join(',')}]` };
      rows = [];
      bytes = 0;
    }
    rows.push(row);
    bytes += size;
  }
  if (rows.length > 0) yield { length: rows.length, text: `[${rows.join(',')}]` };
}

/**
 * @param {Pick<import('../context.js').Context, 'env' | 'job' | 'fence'>} ctx
 * @param {string} namespace
 * @param {{ text: string }} chunk
 * @returns {Promise<boolean>} false: the lease is gone, and nothing was written
 */
export async function writeChunk({ env, job, fence }, namespace, { text }) {
  const about = JSON.stringify({ namespace, jobId: job.jobId, fence, now: Date.now() });
  const [{ meta }] = await env.DB.batch([env.DB.prepare(UPSERT).bind(text, about)]);
  return meta.changes > 0;
}
