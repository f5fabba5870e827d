// What stops a handler: its timeout, on one timer with those of its neighbours, and what it is told then.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Deadlines } from '../../scraper/deadlines.js';
import { jsonText, runHandler, StoppedError } from '../../scraper/runner.js';
import { Halt } from '../../shim/flows/halt.js';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const never = () => new Promise(() => {});

test('each timeout comes at its own time, whichever was set first', () => {
  const deadlines = new Deadlines();
  /** @type {string[]} */
  const over = [];
  deadlines.add(300, () => over.push('c'));
  deadlines.add(100, () => over.push('a'));
  const removed = deadlines.add(150, () => over.push('removed'));
  deadlines.add(200, () => over.push('b'));
  deadlines.remove(removed);
  for (const [ms, told] of /** @type {[number, string][]} */ ([
    [99, ''],
    [1, 'a'],
    [100, 'ab'],
    [99, 'ab'],
    [1, 'abc'],
  ])) {
    vi.advanceTimersByTime(ms);
    expect(over.join('')).toBe(told);
  }
  expect(vi.getTimerCount()).toBe(0);
});

test('jobs of one timeout wait on one timer, which their end leaves nothing of', () => {
  const deadlines = new Deadlines();
  for (let n = 0; n < 500; n++) deadlines.add(30_000 + n, () => {});
  expect(vi.getTimerCount()).toBe(1);
  deadlines.close();
  expect(vi.getTimerCount()).toBe(0);
});

test('one that is set while others are over is waited for', () => {
  const deadlines = new Deadlines();
  let again = 0;
  deadlines.add(100, () => deadlines.add(100, () => again++));
  vi.advanceTimersByTime(200);
  expect(again).toBe(1);
});

test('only the first reason to stop counts, and a signal that is asked for later knows it', () => {
  const halt = new Halt();
  /** @type {Error[]} */
  const told = [];
  halt.listener = (reason) => told.push(reason);
  const first = new StoppedError('cancelled');
  halt.halt(first);
  halt.halt(new StoppedError('lost'));
  expect(told).toEqual([first]);
  expect(halt.signal.reason).toBe(first);
});

test('a signal that was asked for is aborted with the reason', () => {
  const halt = new Halt();
  const { signal } = halt;
  expect(signal.aborted).toBe(false);
  halt.halt(new StoppedError('lost'));
  expect(signal.reason).toMatchObject({ reason: 'lost' });
});

test('a handler that ends in time leaves no timeout behind; one that does not is a timeout', async () => {
  const deadlines = new Deadlines();
  const options = () => ({ halt: new Halt(), timeoutMs: 1000, deadlines });
  await expect(runHandler(() => ({ n: 1 }), options())).resolves.toMatchObject({
    kind: 'ok',
    result: '{"n":1}',
  });
  const late = options();
  const verdict = runHandler(never, late);
  await vi.advanceTimersByTimeAsync(1000);
  await expect(verdict).resolves.toEqual({ kind: 'timeout' });
  expect(late.halt.signal.aborted).toBe(true);
});

test('what a handler throws when it is stopped says less than why it was stopped', async () => {
  const halt = new Halt();
  const options = { halt, timeoutMs: 1000, deadlines: new Deadlines() };
  const verdict = runHandler(() => {
    halt.halt(new StoppedError('stopping'));
    throw new Error('its own');
  }, options);
  await expect(verdict).resolves.toEqual({ kind: 'unstarted' });
});

test.each([
  [undefined, 'null'],
  [() => 1, 'null'],
  ['\ud800', '"\ufffd"'],
  [{ a: ['x\udc00y'], b: '\ud83d\ude00' }, '{"a":["x\ufffdy"],"b":"\ud83d\ude00"}'],
  ['a \\ud800 that is no surrogate', '"a \\\\ud800 that is no surrogate"'],
  [{ toJSON: () => '\udfff' }, '"\ufffd"'],
])('the result %j becomes %s', (result, text) => {
  expect(jsonText(result)).toBe(text);
});
