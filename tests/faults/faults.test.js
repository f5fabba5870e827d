// The small versions of the scenarios that `npm run faults` runs in full.
import { afterAll, expect, test } from 'vitest';
import { removeTemplate } from './local-system.js';
import { scenarios } from './scenarios.js';

afterAll(removeTemplate);

// Crashes are tests/e2e/crash.test.js here: two of them, at times that a thousand jobs set.
const { crash: _, ...rest } = scenarios;

// Each waits most of its time, for starts and for leases: together they take as long as the longest.
test.concurrent.each(Object.entries(rest))('%s', { timeout: 600_000 }, async (name, scenario) => {
  const seed = 1 + Math.floor(Math.random() * 1_000_000);
  /** @type {string[]} */
  const told = [];
  const { findings, figures } = await scenario({ seed, small: true, print: (line) => told.push(line) });
  const again = `npm run faults -- ${name} --small --seed ${seed}`;
  expect(findings.failed, [again, ...told, JSON.stringify(figures)].join('\n')).toEqual([]);
  expect(findings.list.length).toBeGreaterThan(5);
});
