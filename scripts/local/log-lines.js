// What wrangler and the workers write, line by line: the workers' own lines are JSON objects (shim/log.js).

/** @typedef {{ level: string, event: string, at?: string, [field: string]: unknown }} LogEntry */

const colour = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');
// wrangler's own marks before what a worker wrote to console.error and console.warn.
const mark = /^\s*(?:✘ \[ERROR\]|▲ \[WARNING\])\s*/;

/**
 * @param {string} line
 * @returns {{ text: string, isError: boolean, entry?: LogEntry }} text: without colours and marks; isError:
 *   wrangler marked it as an error; entry: where a worker's logger wrote it
 */
export function readLogLine(line) {
  const plain = line.replace(colour, '').trimEnd();
  const text = plain.replace(mark, '');
  const isError = plain.trimStart().startsWith('✘');
  if (!text.startsWith('{')) return { text, isError };
  try {
    const entry = JSON.parse(text);
    return typeof entry.event === 'string' ? { text, isError, entry } : { text, isError };
  } catch {
    return { text, isError };
  }
}

/**
 * A worker's log entry for people: `warn d1.failed failure="…" tries=1`.
 *
 * @param {LogEntry} entry
 * @returns {string}
 */
export function formatEntry({ level, event, at: _at, ...fields }) {
  const parts = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return [level, event, ...parts].join(' ');
}

/**
 * Calls back for each line of a stream, the unfinished last one included.
 *
 * @param {import('node:stream').Readable} stream
 * @param {(line: string) => void} onLine
 */
export function eachLine(stream, onLine) {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (/** @type {string} */ text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
  stream.on('end', () => {
    if (rest !== '') onLine(rest);
  });
}
