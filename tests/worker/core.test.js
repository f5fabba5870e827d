// The door to the modules: refusals and traps become clear errors, and a trapped instance is replaced.
import { expect, test, vi } from 'vitest';
import { SLUICE_OP_PROBE, SLUICE_OP_QUERY, SLUICE_OP_SWEEP } from '../../shim/abi.generated.js';
import { readChat } from '../../shim/chat.js';
import { CoreError, core } from '../../shim/core.js';
import { views } from '../../shim/views.js';

const probe = () => core.call({}, SLUICE_OP_PROBE, ['{"probe":"json"}', '[1,2']);

const SITES = '[{"scrapeType":"hotel","url":"https://h.example/{place}"}]';
const wish = '{"message":"find a hotel in Rome"}';

/** @param {() => unknown} call @returns {CoreError} what it throws */
function thrown(call) {
  try {
    call();
  } catch (error) {
    if (error instanceof CoreError) return error;
  }
  throw new Error('no CoreError was thrown');
}

test('a frame that no memory can hold traps the core, and the next call has a new instance', () => {
  const before = probe();
  const endless = /** @type {any} */ ({ length: 3_000_000_000 });
  const error = thrown(() => core.call({}, SLUICE_OP_PROBE, [endless]));
  expect(error.code).toBe('core_trap');
  expect(error.message).toMatch(/^The core trapped: /);
  expect(probe()).toEqual(before);
});

test('a call that the core refuses says why, and the instance goes on', () => {
  const error = thrown(() => core.call({}, SLUICE_OP_SWEEP, ['{"now":1,"seed":"short"}']));
  expect(error.code).toBe('core_refused');
  expect(error.message).toContain('the seed is not 32 hexadecimal digits');
  expect(probe()).toHaveLength(1);
});

test('a count of frames that 32 bits cannot hold is refused, as it is natively', () => {
  const control = JSON.stringify({ now: 1, seed: '0'.repeat(32), bodies: 2 ** 32 });
  expect(thrown(() => core.call({}, SLUICE_OP_SWEEP, [control])).message).toContain('frames are missing');
});

test('a large frame grows the memory and views are taken anew', () => {
  const text = JSON.stringify('x'.repeat(5_000_000));
  const [answer] = core.call({}, SLUICE_OP_PROBE, ['{"probe":"json"}', text]);
  expect(JSON.parse(answer ?? '')).toEqual({ code: 'ok', offset: expect.any(Number) });
});

test('a statement is known to the module that asks for it, under the same number in all', () => {
  const control = JSON.stringify({ kind: 'stats', now: 1, seed: '0'.repeat(32) });
  const [answer] = views.call({}, SLUICE_OP_QUERY, [control]);
  const [[number]] = JSON.parse(answer ?? '').plan;
  expect(views.statementText(number)).toContain('FROM counters');
  probe();
  expect(thrown(() => core.statementText(number)).message).toBe(`The core has no statement ${number}.`);
});

test('a configuration that the core refuses is refused by the views, in the words of the core', async () => {
  vi.resetModules();
  const fresh = await import('../../shim/views.js');
  const control = JSON.stringify({ kind: 'stats', now: 1, seed: '0'.repeat(32) });
  expect(() => fresh.views.call({ LEASE_MS: 'long' }, SLUICE_OP_QUERY, [control])).toThrow(
    'The core refused the call: LEASE_MS must be an integer',
  );
  expect(fresh.views.call({}, SLUICE_OP_QUERY, [control])).toHaveLength(1);
});

test('the chat module refuses sites that are none, names them, and is asked again', () => {
  for (const sites of ['{', '{}', '[{"scrapeType":"zoo","url":"https://zoo.example/"}]']) {
    const error = thrown(() => readChat({ SITES: sites }, wish));
    expect(error.code).toBe('core_refused');
    expect(error.message).toMatch(/^The chat module refused the call: SITES /);
  }
  expect(JSON.parse(readChat({ SITES }, wish)).requests).toMatchObject([{ url: 'https://h.example/Rome' }]);
});

test('the chat module that traps is replaced, and the core goes on', () => {
  const before = readChat({ SITES }, wish);
  const endless = /** @type {any} */ ({ length: 3_000_000_000 });
  const error = thrown(() => readChat({ SITES }, endless));
  expect(error.code).toBe('core_trap');
  expect(error.message).toMatch(/^The chat module trapped: /);
  expect(readChat({ SITES }, wish)).toBe(before);
  expect(probe()).toHaveLength(1);
});
