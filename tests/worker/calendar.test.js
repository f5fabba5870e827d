// The calendar: where a schedule stands, found with few looks, on days that clocks are changed as well.
import { expect, test } from 'vitest';
import { readPattern, standing } from '../../shim/calendar.js';

const time = (/** @type {string} */ text) => Date.parse(text);

/** Every tick from one on, as long as they are not after `until`. */
function ticks(/** @type {string} */ cron, /** @type {string} */ timezone, from = '', until = '') {
  const found = [];
  let { next } = readPattern(cron, timezone, time(from));
  while (next != null && next <= time(until)) {
    found.push(new Date(next).toISOString());
    ({ next } = readPattern(cron, timezone, next));
  }
  return found;
}

test('a pattern has five fields, of minutes that exist, in a zone that exists', () => {
  const now = time('2026-11-23T07:00:30Z');
  const next = time('2026-11-23T07:05:00Z');
  expect(readPattern('*/5 * * * *', 'UTC', now)).toEqual({
    cron: '*/5 * * * *',
    timezone: 'UTC',
    zone: true,
    next,
  });
  expect(readPattern('*/5 * * * * *', 'UTC', now).error).toContain('6 parts');
  expect(readPattern('60 * * * *', 'UTC', now).error).toContain('minute');
  expect(readPattern('x', 'UTC', now).error).toBeTruthy();
  expect(readPattern('0 0 31 2 *', 'UTC', now)).toMatchObject({ zone: true, next: null });
  expect(readPattern('* * * * *', 'Mars/Olympus', now)).toMatchObject({ zone: false });
  expect(readPattern(5, 'UTC', now)).toEqual({});
});

test('a tick comes once where an hour is left out, and once where it comes twice', () => {
  const night = '30 2 * * *';
  expect(ticks(night, 'Europe/Berlin', '2027-03-27T12:00:00Z', '2027-03-29T12:00:00Z')).toEqual([
    '2027-03-28T01:00:00.000Z',
    '2027-03-29T00:30:00.000Z',
  ]);
  expect(ticks(night, 'Europe/Berlin', '2026-10-24T12:00:00Z', '2026-10-26T12:00:00Z')).toEqual([
    '2026-10-25T00:30:00.000Z',
    '2026-10-26T01:30:00.000Z',
  ]);
});

test('what ticks every hour goes on through both', () => {
  const each = (/** @type {string[]} */ list) => list.map((tick) => time(tick));
  for (const [from, until] of [
    ['2027-03-27T20:00:00Z', '2027-03-28T08:00:00Z'],
    ['2026-10-24T20:00:00Z', '2026-10-25T08:00:00Z'],
  ]) {
    const found = each(ticks('0 * * * *', 'Europe/Berlin', from, until));
    expect(found).toHaveLength(12);
    expect(found.slice(1).every((tick, n) => tick - Number(found[n]) === 3600_000)).toBe(true);
  }
});

test.each([
  ['* * * * *', 'UTC'],
  ['*/7 * * * *', 'Asia/Kathmandu'],
  ['0 9 * * MON-FRI', 'America/New_York'],
  ['30 2 * * *', 'Europe/Berlin'],
  ['*/30 2 * * *', 'Europe/Berlin'],
  ['0 0 1 * *', 'Pacific/Auckland'],
])(
  'the latest tick of %s in %s is found however many were missed',
  (cron, timezone) => {
    for (const [from, until] of [
      ['2026-10-22T10:20:00Z', '2026-10-22T10:21:01Z'],
      ['2026-10-22T10:20:00Z', '2026-10-26T04:59:59.999Z'],
      ['2027-03-26T23:59:30Z', '2027-03-29T00:30:00Z'],
      ['2026-11-22T13:00:00Z', '2026-11-23T07:00:00Z'],
    ]) {
      const all = ticks(cron, timezone, from, until);
      if (all.length === 0) continue;
      const schedule = { cron, timezone, dueAt: time(String(all[0])) };
      const now = time(String(until));
      expect(standing(schedule, now)).toEqual([
        time(String(all.at(-1))),
        readPattern(cron, timezone, now).next,
      ]);
    }
  },
  60_000,
);

test('years of minutes cost a few looks', () => {
  const schedule = { cron: '* * * * *', timezone: 'Europe/Berlin', dueAt: time('2016-01-01T00:00:00Z') };
  const now = time('2026-11-23T07:00:30Z');
  expect(standing(schedule, now)).toEqual([time('2026-11-23T07:00:00Z'), time('2026-11-23T07:01:00Z')]);
});

test('a pattern that cannot be read any more has no ticks', () => {
  expect(standing({ cron: 'x', timezone: 'UTC', dueAt: 60_000 }, 180_000)).toEqual([null, null]);
});
