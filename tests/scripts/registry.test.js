import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { scanHandlers } from '../../scripts/registry.mjs';

/** @type {string} */
let folder;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sluice-registry-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const policy = {
  type: 'greet',
  description: 'Greets.',
  queue: 'background-jobs',
  payload: { type: 'object' },
};

/**
 * @param {string} name <domain>/<type>
 * @param {unknown} job job.json's content
 */
function addType(name, job) {
  const target = path.join(folder, name);
  mkdirSync(target, { recursive: true });
  writeFileSync(path.join(target, 'job.json'), typeof job === 'string' ? job : JSON.stringify(job));
  writeFileSync(path.join(target, 'handler.js'), 'export default async () => null;\n');
}

test('finds every type in every domain, sorted by type', () => {
  addType('one/zebra', { ...policy, type: 'zebra' });
  addType('two/apple', { ...policy, type: 'apple' });
  expect(scanHandlers([folder]).map((entry) => entry.policy.type)).toEqual(['apple', 'zebra']);
});

test('a root that does not exist holds no types', () => {
  expect(scanHandlers([path.join(folder, 'absent')])).toEqual([]);
});

test('a type that two folders define is refused with both their names', () => {
  addType('one/greet', policy);
  addType('two/greet', policy);
  expect(() => scanHandlers([folder])).toThrow(/"greet" is defined twice: .*one\/greet and .*two\/greet/);
});

test('a type folder without its handler is refused', () => {
  addType('one/greet', policy);
  rmSync(path.join(folder, 'one/greet/handler.js'));
  expect(() => scanHandlers([folder])).toThrow(/one\/greet: handler\.js is missing/);
});

test.each([
  ['a missing field', { ...policy, queue: undefined }, '"queue" must be a string'],
  ['a field of the wrong kind', { ...policy, priority: 'high' }, '"priority" must be an integer'],
  ['an unknown field', { ...policy, prioritty: 5 }, '"prioritty" is not a known field'],
  ['an unknown backoff', { ...policy, backoff: { type: 'random' } }, '"backoff.type" must be exponential'],
  ['a text that is not JSON', '{"type":', 'job.json: '],
  ['a text that is no object', '[]', 'must be a JSON object'],
])('%s in job.json is refused by name', (_, job, message) => {
  addType('one/greet', job);
  expect(() => scanHandlers([folder])).toThrow(message);
});
