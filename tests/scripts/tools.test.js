import { expect, test } from 'vitest';
import { countWhere } from '../../scripts/tools.mjs';

test('answers that come while others are waited for are counted', async () => {
  const order = [3, 1, 2, 4, 1, 1];
  const slow = (/** @type {number} */ ms) =>
    new Promise((resolve) => setTimeout(() => resolve(ms !== 2), ms)).then(Boolean);
  expect(await countWhere(order, 3, slow)).toBe(5);
  expect(await countWhere(order, 1, slow)).toBe(5);
  expect(await countWhere([], 2, slow)).toBe(0);
});
