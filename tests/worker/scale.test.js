// What a batch, a minute and a page read of the record does not grow with the jobs that are kept.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { growthOf, measureGrowth } from '../../bench/scale/growth.js';

const folder = mkdtempSync(path.join(tmpdir(), 'sluice-scale-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('1,000 finished jobs against 100,000: every operation reads as many rows', {
  timeout: 180_000,
}, async () => {
  const { operations } = await measureGrowth({ sizes: [1000, 100_000], rounds: 1, folder, print: () => {} });
  const names = [
    'enqueue',
    'claim',
    'settle',
    'sweep',
    'list',
    'list_deep',
    'list_failed',
    'dead_letters',
    'stats',
  ];
  expect(Object.keys(operations).sort()).toEqual([...names, 'health'].sort());
  for (const [name, figures] of Object.entries(operations)) {
    expect(figures[0]?.rows_read, name).toBeGreaterThan(0);
    expect(growthOf(figures), name).toBeCloseTo(1, 1);
  }
});
