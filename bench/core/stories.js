// Calls on which the contenders must agree before anything is timed: jobs of many kinds on their way.
import { plainJob } from './plain.js';
import {
  delayed,
  email,
  envelope,
  foreign,
  invalid,
  jobs,
  patient,
  payload,
  poison,
  scrape,
  type,
  verdicts,
} from './vectors.js';
import { sentAlone, sentBy } from './world.js';

/**
 * @typedef {import('./world.js').World} World
 * @typedef {import('./calls.js').Call} Call
 */

const HOUR_MS = 3600000;

/** Places of verdicts. */
const OK = 0;
const UNSTARTED = verdicts.findIndex(({ kind }) => kind === 'unstarted');

/** @type {(run: any, index: number) => import('./flows.js').Verdict} */
const each = (_, index) => /** @type {any} */ (verdicts[index % verdicts.length]);

/** @type {(run: any, index: number) => import('./flows.js').Verdict} */
const failing = (_, index) => ({ kind: 'error', message: `Again: ${index}`, retryable: true });

/** @param {World} world */
async function requests(world) {
  for (const job of [...jobs, ...delayed, ...invalid]) await world.admitOne('one request', job);
  for (const body of ['', '{', '[]', 'true']) await world.admitOne('a body that is no job', body);
  await world.admitBatch('many requests', [...jobs, ...invalid, ...delayed]);
  await world.admitBatch('requests that are all invalid', invalid);
  await world.admitBatch('no requests', []);
  await world.admitBatch('a batch that is no list', 'jobs');
}

/** @param {World} world */
async function dependencies(world) {
  const parents = await world.admitBatch('parents', [
    { type, payload },
    { type, payload },
  ]);
  const [first, second] = JSON.parse(parents.trace.outcome.body).jobs.map(
    (/** @type {any} */ job) => job.jobId,
  );
  await world.admitBatch('children', [
    { type, payload, dependsOn: [first] },
    { type, payload, dependsOn: [first, second], onDependencyFailure: 'proceed', delaySeconds: 30 },
    { type, payload, dependsOn: [second, 'nobody'] },
    { type, payload, dependsOn: [] },
  ]);
  const claimed = await world.claim('parents', sentBy(parents));
  const settled = await world.settle('parents end', claimed, () => ({ kind: 'ok', result: '1', ms: 1 }));
  const plain = await world.admitOne('a plain job', plainJob(4));
  const mixed = await world.claim('children that were let out', [...sentBy(settled), ...sentBy(plain)]);
  await world.settle('one is handed back, one ends', mixed, (_, index) =>
    each(_, index === 0 ? UNSTARTED : OK),
  );
}

/**
 * Bodies of the messages that lead to the settled jobs again.
 * @param {Call} claimed @param {Call} settled
 */
function comingAgain(claimed, settled) {
  const sent = settled.trace.sends.filter(({ binding }) => binding === 'JOB_QUEUE');
  const { runs } = claimed.trace.outcome;
  /** @type {Set<number>} messages that the platform delivers again, as they were */
  const retried = new Set(
    settled.trace.outcome.marks.flatMap((/** @type {any} */ [index, retry]) =>
      retry ? [runs[index].message] : [],
    ),
  );
  const kept = claimed.input.messages.filter((/** @type {any} */ _, /** @type {number} */ n) =>
    retried.has(n),
  );
  return [...sent, ...kept].map(({ body }) => body);
}

/** Jobs fail and come back until nothing is left of them, alone and packed. @param {World} world */
async function failures(world) {
  const atOnce = { ...plainJob(3), backoff: { type: 'fixed', delay: 0 } };
  for (const unpack of [false, true]) {
    const admitted = await world.admitBatch('jobs that will fail', [
      plainJob(1),
      plainJob(2),
      atOnce,
      patient,
      email,
    ]);
    let bodies = unpack ? sentAlone(admitted) : sentBy(admitted);
    for (let attempt = 1; attempt <= 3; attempt++) {
      const claimed = await world.claim('failing jobs', bodies, { attempts: attempt + 1 });
      const settled = await world.settle('failing jobs', claimed, failing);
      bodies = comingAgain(claimed, settled);
      if (bodies.length > 0) await world.claim('failed jobs before their time', bodies);
      world.wait(HOUR_MS);
    }
  }
}

/** @param {World} world */
async function messages(world) {
  const admitted = await world.admitBatch('jobs for messages', [...jobs, ...delayed, ...jobs]);
  const claimed = await world.claim('messages, some of them twice', [
    ...sentBy(admitted),
    ...sentBy(admitted).slice(0, 2),
  ]);
  await world.claim('the same again', sentBy(admitted), { attempts: 2 });
  await world.settle('verdicts of all kinds', claimed, each);
  await world.settle('the same again', claimed, each);
  world.wait(HOUR_MS);
  const late = await world.claim('the same an hour later', sentAlone(admitted), { attempts: 2 });
  await world.settle('verdicts of all kinds', late, (run, index) => each(run, index + 3));
  world.wait(HOUR_MS);
  const last = await world.claim('the same once more', sentAlone(admitted), { attempts: 4 });
  await world.settle('verdicts of all kinds', last, (run, index) => each(run, index + 5));
  const adopted = await world.claim('other producers', foreign);
  const settled = await world.settle('what was adopted', adopted, each);
  await world.claim('other producers again', foreign, { attempts: 2 });
  world.wait(HOUR_MS);
  await world.claim('the same by both of their ids', [...sentBy(settled), ...foreign]);
  await world.claim('messages that are none', poison);
  await world.claim('messages that are all none', poison.slice(0, 4));
  await world.claim('another queue', [envelope('order-9')], { queue: 'scraping-tasks' });
}

/** Pages and keys that others hold. @param {World} world */
async function lines(world) {
  const later = { type, payload, concurrencyKey: 'later', delaySeconds: 5 };
  const admitted = await world.admitBatch("jobs in each other's way", [
    scrape('https://a.example/', { concurrencyKey: 'one' }),
    scrape('https://b.example/', { concurrencyKey: 'two' }),
    scrape('https://b.example/', { concurrencyKey: 'one' }),
    later,
    later,
  ]);
  world.wait(HOUR_MS);
  const pages = await world.claim('pages', sentBy(admitted).slice(0, 2), { queue: 'scraping-tasks' });
  await world.claim('delayed jobs with one key', sentBy(admitted).slice(2));
  // Who waited for the key finds its page taken, and goes to the line there.
  await world.settle('the page that frees a key', pages, (run, n) => (n === 0 ? each(run, OK) : undefined));
  await world.settle('the other page', pages, (run, n) => (n === 1 ? each(run, OK) : undefined));
}

/** Jobs whose leases were lost, and one that was revived while its lease went on. @param {World} world */
async function losses(world) {
  const admitted = await world.admitBatch('jobs that will be lost', [5, 6, 7].map(plainJob));
  const [once, twice, revived] = JSON.parse(admitted.trace.outcome.body).jobs.map(
    (/** @type {any} */ job) => job.jobId,
  );
  await world.db.prepare('UPDATE jobs SET losses = 1 WHERE id = ?').bind(once).run();
  await world.db.prepare('UPDATE jobs SET losses = 2 WHERE id = ?').bind(twice).run();
  const until = world.now + HOUR_MS;
  await world.db
    .prepare('UPDATE jobs SET lease_until = CAST(? AS INTEGER) WHERE id = ?')
    .bind(until, revived)
    .run();
  const claimed = await world.claim('what was lost, and what has a lease', sentBy(admitted));
  await world.settle('it fails', claimed, failing);
}

/** Records them all. @param {World} world */
export async function recordStories(world) {
  await requests(world);
  await dependencies(world);
  await failures(world);
  await messages(world);
  await lines(world);
  await losses(world);
}
