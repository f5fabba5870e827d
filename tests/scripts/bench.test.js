// What the benchmarks reckon with, and that nothing which they start stays behind.
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { startChild } from '../../bench/lib/children.js';
import { median, percentile } from '../../bench/lib/statistics.js';
import { stoppable } from '../../bench/lib/stops.js';
import { figure, formatTable } from '../../bench/lib/table.js';
import { scanHandlers } from '../../scripts/registry.mjs';
import { root } from '../../scripts/tools.mjs';

/** @param {number} pid */
const isAlive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe('figures', () => {
  test('the median of an even number of values is the mean of both in the middle', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([10, 9, 100, 2])).toBe(9.5);
    expect(median([7])).toBe(7);
    expect(median([])).toBeNaN();
  });

  test('a percentile is one of the values', () => {
    const hundred = Array.from({ length: 100 }, (_, n) => 100 - n);
    expect(percentile(hundred, 50)).toBe(50);
    expect(percentile(hundred, 99)).toBe(99);
    expect(percentile(hundred, 100)).toBe(100);
    expect(percentile([5, 1], 99)).toBe(5);
    expect(percentile([], 50)).toBeNaN();
  });

  test('numbers show what they are good for', () => {
    expect([0.12345, 9.999, 12.34, 99.96, 123.4, 12345.6, Number.NaN].map(figure)).toEqual([
      ...['0.123', '10', '12.3', '100', '123', '12,346', '–'],
    ]);
  });

  test('a table puts numbers to the right and shows what is missing', () => {
    const rows = [
      ['Sluice', 5000.4, 'x'],
      ['another', undefined, 'yz'],
    ];
    expect(formatTable(['system', 'jobs/s', 'what'], rows)).toEqual([
      'system   jobs/s  what',
      '-------  ------  ----',
      'Sluice    5,000  x',
      'another       –  yz',
    ]);
  });
});

test('the benchmarks have valid job types', () => {
  const types = scanHandlers([path.join(root, 'bench', 'handlers')]).map(({ policy }) => policy.type);
  expect(types).toEqual(['bench-clock', 'bench-clock-urgent', 'bench-noop']);
});

describe('what is started', () => {
  test('is stopped in the opposite order, each thing whatever fails', async () => {
    /** @type {string[]} */
    const stopped = [];
    const running = await stoppable(async (note) => {
      note(() => stopped.push('first'));
      note(() => {
        stopped.push('second');
        throw new Error('second does not stop');
      });
      note(() => stopped.push('third'));
      return { name: 'running' };
    });
    expect(running.name).toBe('running');
    await expect(running.stop()).rejects.toThrow('second does not stop');
    expect(stopped).toEqual(['third', 'second', 'first']);
    await running.stop();
    expect(stopped).toHaveLength(3);
  });

  test('is stopped when the rest does not start', async () => {
    /** @type {string[]} */
    const stopped = [];
    const starting = stoppable(async (note) => {
      note(() => stopped.push('first'));
      throw new Error('no room');
    });
    await expect(starting).rejects.toThrow('no room');
    expect(stopped).toEqual(['first']);
  });

  test('ends with all that it has started in turn', async () => {
    /** @type {(pid: number) => void} */
    let found = () => {};
    /** @type {Promise<number>} */
    const grandchild = new Promise((resolve) => {
      found = resolve;
    });
    const child = startChild('sh', ['-c', 'sleep 300 & echo $!; wait'], {
      onLine: (line) => found(Number(line)),
    });
    const pid = await grandchild;
    expect(isAlive(pid)).toBe(true);
    await child.stop();
    // Whoever inherits a dead process looks after it when it has the time.
    await expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false);
    expect(child.output()).toBe(String(pid));
  });

  test('says what became of it', async () => {
    const child = startChild('sh', ['-c', 'echo out; echo err >&2; exit 3']);
    expect(await child.ended).toBe(3);
    await child.stop();
    expect(child.output().split('\n').sort()).toEqual(['err', 'out']);
  });
});
