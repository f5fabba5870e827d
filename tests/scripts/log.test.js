import { afterEach, expect, test, vi } from 'vitest';
import { log } from '../../shim/log.js';

afterEach(() => vi.restoreAllMocks());

/** @param {string | undefined} level LOG_LEVEL @returns {string[]} the levels that are written under it */
function written(level) {
  /** @type {any[]} */
  const lines = [];
  for (const name of /** @type {const} */ (['log', 'warn', 'error'])) {
    vi.spyOn(console, name).mockImplementation((line) => lines.push(JSON.parse(line)));
  }
  for (const one of ['debug', 'info', 'warn', 'error'])
    log({ LOG_LEVEL: level }, one, 'it.happened', { n: 1 });
  for (const line of lines)
    expect(line).toMatchObject({ event: 'it.happened', n: 1, at: expect.any(String) });
  return lines.map(({ level }) => level);
}

test.each([
  ['debug', ['debug', 'info', 'warn', 'error']],
  [undefined, ['info', 'warn', 'error']],
  ['warn', ['warn', 'error']],
  ['error', ['error']],
])('under LOG_LEVEL %s these lines are written: %j', (level, levels) => {
  expect(written(level)).toEqual(levels);
});
