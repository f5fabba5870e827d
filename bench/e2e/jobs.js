// The no-op jobs that every system does.

/**
 * @param {number} from the first one's number
 * @param {number} count
 * @returns {{ type: string, payload: { n: number } }[]}
 */
export const noops = (from, count) =>
  Array.from({ length: count }, (_, n) => ({ type: 'bench-noop', payload: { n: from + n } }));

/**
 * Throws unless all jobs, and that many, are completed.
 *
 * @param {{ total: number, completed: number }} counts as the system says
 * @param {number} expected
 */
export function requireCounts({ total, completed }, expected) {
  if (total !== expected || completed !== expected)
    throw new Error(`${expected} jobs were enqueued, ${total} are there, ${completed} are completed`);
}
