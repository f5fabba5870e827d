// A bounded run of the simulator (breaks.test.js: the proof that its checker can fail).
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BREAKS, editShim, guards, isShim, markers } from './breaks.js';
import { root, simulate } from './simulate.js';

const SEEDS = 500;
const SHARDED_SEEDS = 100;
/** Long enough for a machine that does much else. */
const TIMEOUT_MS = 1_200_000;

/** @param {number} seeds worlds in which no rule may be broken @param {...string} options */
async function expectZeros(seeds, ...options) {
  const { status, stdout, report } = await simulate('--seeds', `${seeds}`, ...options);
  expect(report, stdout).toMatchObject({
    seeds,
    lost: 0,
    duplicated: 0,
    overwritten: 0,
    limitExceeded: 0,
    counterDrift: 0,
    stuck: 0,
    failedSeeds: [],
  });
  expect(report.jobs).toBeGreaterThan(10 * seeds);
  expect(report.faults).toBeGreaterThan(10 * seeds);
  expect(status).toBe(0);
}

test('nothing is lost, done twice or overwritten, whatever fails', { timeout: TIMEOUT_MS }, async () => {
  await expectZeros(SEEDS, '--jobs', '1');
});

test('nor where jobs are spread over four databases', { timeout: TIMEOUT_MS }, async () => {
  await expectZeros(SHARDED_SEEDS, '--shards', '4');
});

test('every guard of the product can be taken away, and each is one of the product', () => {
  const known = Object.keys(BREAKS).filter((name) => !isShim(name));
  expect([...markers(root), ...guards(root)].sort()).toEqual(known.sort());
});

test('every guard of the core is used in it', () => {
  const sources = globSync(join(root, 'wasm/core/*.{cc,h}')).map((file) => readFileSync(file, 'utf8'));
  const used = new Set([...sources.join('').matchAll(/holds\(Guard::(\w+)\)/g)].map(([, name]) => name));
  expect([...used].sort()).toEqual(guards(root).sort());
});

test('every guard of the shims is where it would be taken away', () => {
  for (const [guard, { edits = [] }] of Object.entries(BREAKS)) {
    for (const { file } of edits) editShim(guard, file, readFileSync(join(root, file), 'utf8'));
  }
});

// It builds that module.
const building = { timeout: TIMEOUT_MS };
test('one seed is one history, also in the module whose guards can be taken away', building, async () => {
  const options = ['--seeds', '1', '--from', '7', '--verbose'];
  const [first, second, third] = [
    await simulate(...options),
    await simulate(...options),
    await simulate(...options, '--breakable'),
  ];
  expect(second.stdout).toBe(first.stdout);
  expect(third.stdout).toBe(first.stdout);
});
