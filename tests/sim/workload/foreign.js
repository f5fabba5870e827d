// Somebody else's messages in our queues: envelopes like ours, and what is none.
import { TYPES } from '../versions.js';

/** @typedef {import('../world.js').World} World */
/** @typedef {import('../broker.js').Expected} Expected */

const QUEUES = ['background-jobs', 'scraping-tasks', 'scraping-priority'];
/** Nested deeper than a reader goes. */
const DEPTH = 200;

/** @param {World} world */
function envelope(world) {
  const { dice } = world;
  const text = dice.chance(world.refusals.rate) ? { text: world.refusals.text() } : {};
  return {
    id: `f${dice.below(20)}`,
    type: dice.pick(TYPES),
    payload: { cursed: false, ...text },
    metadata: dice.chance(0.5) ? {} : { priority: 'urgent', maxRetries: dice.below(4), timeoutMs: 60000 },
  };
}

/** @returns {unknown} */
function deep() {
  /** @type {unknown} */
  let value = 1;
  for (let n = 0; n < DEPTH; n++) value = [value];
  return value;
}

/** What no consumer can make a job of. @param {World} world @param {boolean} alone in its message @returns {unknown} */
function garbage({ dice }, alone) {
  return dice.pick([
    { neither: 'fish', n: dice.below(1000) },
    null,
    dice.below(1000),
    'a text with \u0000 in it',
    [],
    [{ id: 'f1' }],
    {},
    { jobs: [] },
    { jobs: 'none' },
    ...(alone ? [deep()] : []),
    { id: 'no-id-of-ours', metadata: { sluice: { v: 1 } } },
    { id: 'f1\u0000', type: 'test-echo', payload: {}, metadata: {} },
    { id: 'f1', type: 'nobody-knows-it', payload: {}, metadata: {} },
    { id: 'f1', type: 'test-echo', payload: {}, metadata: { timeoutMs: -1 } },
    { id: 'f1', type: 'scrape_request', payload: { url: 7 }, metadata: {} },
  ]);
}

/**
 * One envelope or what is none, and what must come of it.
 * @param {World} world @param {number} place @param {boolean} alone @returns {{ body: unknown, expected: Expected }}
 */
function item(world, place, alone) {
  if (world.dice.chance(0.35)) return { body: garbage(world, alone), expected: { place } };
  const body = envelope(world);
  return { body, expected: { ext: body.id, place } };
}

/** @param {World} world */
export function produceForeign(world) {
  const { dice } = world;
  world.jobs++;
  const queue = world.queue(dice.pick(QUEUES));
  if (dice.chance(0.1)) {
    const bytes = Uint8Array.from({ length: dice.between(1, 40) }, () => dice.below(256));
    return queue.send('null', 0, { bytes, expects: [{ place: 0 }] });
  }
  if (dice.chance(0.05)) {
    const astray = world.shards > 1 && world.shardDice.chance(0.5) ? '8990' : '8000';
    const unknown = { id: `01900000-0000-7000-${astray}-000000000000`, metadata: { sluice: { v: 1 } } };
    return queue.send(JSON.stringify(unknown), 0, { expects: [] });
  }
  const count = dice.chance(0.2) ? dice.between(2, 4) : 1;
  const items = Array.from({ length: count }, (_, place) => item(world, place, count === 1));
  const [{ body } = { body: null }] = items;
  const whole = count > 1 ? { jobs: items.map((entry) => entry.body) } : body;
  const expects = items.map(({ expected }) => expected);
  const times = dice.chance(0.2) ? 2 : 1;
  for (let n = 0; n < times; n++) queue.send(JSON.stringify(whole), dice.below(2) * 1000, { expects });
}
