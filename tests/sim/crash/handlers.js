// What handlers do in these worlds: what the payload's `does` says.
import { kill } from '../scenarios/killers.js';
import { acting } from '../time.js';

/** @typedef {import('./world.js').CrashWorld} CrashWorld */

/** Long enough for two pulses. */
const LONG_MS = 12000;

/** @type {Record<string, (world: CrashWorld, context: any, id: string) => unknown>} */
const DEEDS = {
  nothing: (world) => world.sleep(20),
  long: (world) => world.sleep(LONG_MS),
  async fails(world) {
    await world.sleep(20);
    throw new Error('It never works.');
  },
  async stumbles(world, { job }) {
    await world.sleep(20);
    if (job.attempt === 1) throw new Error('It did not work this time.');
  },
  gives_up() {
    const { FatalError } = acting().host.start().program;
    throw new FatalError('fatal', 'It cannot work.');
  },
  snoozes(_, { fence }) {
    const { SnoozeError } = acting().host.start().program;
    if (fence === 1) throw new SnoozeError('snoozed', 'Not yet.', { delayMs: 20000 });
  },
  kills: (world) => kill(world),
  async keeps(world, context, id) {
    for (let step = Number(context.checkpointed?.step ?? 0) + 1; step <= 2; step++) {
      context.progress(step * 40);
      await context.checkpoint({ step });
      world.checker.runs.keep(id, step);
      await world.sleep(1000);
    }
    await context.heartbeat();
  },
  async locks(world, context) {
    const value = await context.acquireLock('https://example.com/', { ttlMs: 40000, maxRetries: 100 });
    if (value === null) throw new Error('Another has the lock.');
    world.checker.locks.own('https://example.com/', value);
    await world.sleep(2000);
    world.checker.locks.disown('https://example.com/', value);
    await context.releaseLock('https://example.com/', value);
  },
  async spreads(world, context, id) {
    const payload = { ends: 'completed' };
    const jobs = [0, 1].map((n) => ({ type: 'test-echo', payload, uniqueKey: `after-${id}-${n}` }));
    const ids = await context.enqueue(jobs);
    const uniqueKey = `join-${id}`;
    const [join] = await context.enqueue([{ type: 'test-echo', payload, uniqueKey, dependsOn: ids }]);
    ids.forEach((/** @type {string} */ child, /** @type {number} */ n) => {
      world.checker.admissions.acknowledge(child, `key:after-${id}-${n}`);
    });
    world.checker.admissions.acknowledge(join, `key:${uniqueKey}`);
  },
};

/** @param {import('../world.js').World} world @param {any} payload @param {any} context @param {string} id */
export async function act(world, payload, context, id) {
  const here = /** @type {CrashWorld} */ (world);
  // It asks the core for something that no other does.
  if (context.job.type === 'cleanup') {
    const { program } = /** @type {any} */ (acting().host.start());
    await program.cleanUp(payload, context);
  } else {
    await DEEDS[payload.does ?? 'nothing']?.(here, context, id);
  }
  here.judge.complete(id, acting());
}

/** @param {import('../world.js').World} _ @param {number | undefined} fence */
export const give = (_, fence) => ({ fence, text: 'r'.repeat(fence === 1 ? 5000 : 10) });
