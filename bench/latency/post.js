// POST /jobs from many connections at once, with wrk.
import path from 'node:path';
import { root, UserError } from '../../scripts/tools.mjs';
import { startChild } from '../lib/children.js';
import { rounded } from '../lib/statistics.js';

export const CONNECTIONS = 50;

const script = path.join(root, 'bench', 'latency', 'post.lua');

/**
 * @typedef {object} Answers
 * @property {number} p50Ms from a request to its answer, half of them at most
 * @property {number} p99Ms the same for 99 of 100
 * @property {number} perSecond
 * @property {number} requests
 */

/**
 * Asks again on each connection as soon as it was answered. Throws where anything but 2xx came back.
 *
 * @param {import('../lib/sluice.js').Sluice} sluice
 * @param {number} seconds
 * @returns {Promise<Answers>}
 */
export async function postJobs({ url, token }, seconds) {
  const wrk = startChild('wrk', [
    ...['--threads', '1', '--connections', String(CONNECTIONS), '--duration', `${seconds}s`],
    ...['--timeout', '10s', '--script', script, '--header', `Authorization: Bearer ${token}`],
    `${url}/jobs`,
  ]);
  const code = await wrk.ended;
  await wrk.stop();
  const line = wrk
    .output()
    .split('\n')
    .findLast((text) => text.startsWith('{'));
  if (code !== 0 || line === undefined) throw new UserError(`wrk failed.\n${wrk.output()}`);
  const { p50, p99, requests, duration, refused, broken } = JSON.parse(line);
  if (refused + broken > 0)
    throw new UserError(
      `POST /jobs: of ${requests} requests ${refused} were refused and ${broken} broke off`,
    );
  return {
    p50Ms: rounded(p50 / 1000, 2),
    p99Ms: rounded(p99 / 1000, 2),
    perSecond: rounded((requests / duration) * 1e6, 1),
    requests,
  };
}
