import { expect, test } from 'vitest';
import { judgeFlat, lineThrough } from './trend.js';

const minutes = Array.from({ length: 30 }, (_, i) => i * 60_000);
const noise = (/** @type {number} */ i) => ((i * 7919) % 11) - 5;

test('the line through points on a line is that line', () => {
  const line = lineThrough(minutes.map((at, i) => ({ at, value: 100 + 3 * i })));
  expect(line.perMinute).toBeCloseTo(3);
  expect(line.growth).toBeCloseTo(87);
  expect(line.mean).toBeCloseTo(143.5);
});

test('a series that goes up and down is flat', () => {
  const points = minutes.map((at, i) => ({ at, value: 200 + noise(i) }));
  expect(judgeFlat(points, { share: 0.1, least: 0 })).toMatchObject({
    flat: true,
    allowed: expect.closeTo(20, 0),
  });
});

test('a leak under noise is not flat', () => {
  const points = minutes.map((at, i) => ({ at, value: 200 + noise(i) + i }));
  expect(judgeFlat(points, { share: 0.1, least: 0 }).flat).toBe(false);
});

test('what shrinks is flat', () => {
  const points = minutes.map((at, i) => ({ at, value: 200 - 4 * i }));
  expect(judgeFlat(points, { share: 0.1, least: 0 }).flat).toBe(true);
});
