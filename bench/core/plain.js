// The jobs that are timed: plain ones, of a type without limits and backoff of their own.
import { sentAlone, sentBy } from './world.js';

/**
 * @typedef {import('./world.js').World} World
 * @typedef {import('./calls.js').Call} Call
 */

const JOB_BYTES = 460;
const PER_REQUEST = 100;
const MESSAGES = 100;
const PER_MESSAGE = 5;

const words =
  'The quick brown fox jumps over the lazy dog while seven wizards box with a dozen liquor jugs. ';

/** @param {number} n @returns {any} the n-th job's request, 460 bytes of JSON */
export function plainJob(n) {
  const id = `item-${String(n).padStart(6, '0')}`;
  const data = { name: `Item ${n}`, price: 1999 + n, tags: ['new', 'sale'], inStock: n % 2 === 0, text: '' };
  const job = {
    type: 'batch-import',
    payload: { items: [{ id, data }], namespace: 'catalogue' },
    correlationId: `import-${n}`,
  };
  const missing = JOB_BYTES - JSON.stringify(job).length;
  data.text = words.repeat(Math.ceil(missing / words.length)).slice(0, missing);
  return job;
}

/** @param {World} world @param {number} count @returns {Promise<Call[]>} */
async function admitAll(world, count) {
  const calls = [];
  for (let first = 0; first < count; first += PER_REQUEST) {
    const jobs = Array.from({ length: Math.min(PER_REQUEST, count - first) }, (_, n) => plainJob(first + n));
    calls.push(await world.admitBatch('plain jobs', jobs));
  }
  return calls;
}

/** @type {(run: any, index: number) => any} */
const done = (_, index) => ({ kind: 'ok', result: '{"imported":1}', ms: index % 7 });

/**
 * Records the calls that are timed.
 * @param {World} world
 * @returns {Promise<Record<string, { call: Call, jobs: number }>>}
 */
export async function plainCalls(world) {
  const one = await world.admitOne('a plain job', plainJob(0));
  const admitted = await admitAll(world, MESSAGES * PER_MESSAGE);
  const packed = await world.claim('packed messages', admitted.flatMap(sentBy));
  const settled = await world.settle('their jobs', packed, done);
  const more = await admitAll(world, MESSAGES);
  const single = await world.claim('messages of one job', more.flatMap(sentAlone));
  const settledSingle = await world.settle('their jobs', single, done);
  return {
    admit: { call: /** @type {Call} */ (admitted[0]), jobs: PER_REQUEST },
    admit_one: { call: one, jobs: 1 },
    claim: { call: packed, jobs: MESSAGES * PER_MESSAGE },
    claim_single: { call: single, jobs: MESSAGES },
    settle: { call: settled, jobs: MESSAGES * PER_MESSAGE },
    settle_single: { call: settledSingle, jobs: MESSAGES },
  };
}
