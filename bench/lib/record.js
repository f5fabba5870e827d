// A worker's D1 as the file that it is locally, read from beside: no request, no work for the worker.
import { globSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/**
 * @param {string} state the worker's state folder, with one migrated database
 * @returns {DatabaseSync} for reading; to be closed
 */
export function openRecord(state) {
  const files = globSync(path.join(state, 'v3/d1/**/*.sqlite'));
  const [file] = files.filter((name) => path.basename(name) !== 'metadata.sqlite');
  if (!file) throw new Error(`no database under ${state}`);
  return new DatabaseSync(file, { readOnly: true, timeout: 10_000 });
}
