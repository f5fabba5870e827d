// The calendar: which ticks a cron pattern has in a time zone. What a tick does is the core's to decide.
//
// Ticks follow the clocks on the wall: one that falls into the hour that is left out in spring comes that
// much later, one in the hour that comes twice in autumn comes once, unless its pattern has every hour.
import { Cron } from 'croner';

const MINUTE_MS = 60000;

/**
 * @param {string} cron 5 fields
 * @param {string} timezone
 * @returns {(after: number) => number | null} the first tick behind a time, ms since the epoch; null: none
 */
function ticksOf(cron, timezone) {
  const pattern = new Cron(cron, { timezone, mode: '5-part', paused: true });
  return (after) => pattern.nextRun(new Date(after))?.getTime() ?? null;
}

/** @param {string} timezone */
function isZone(timezone) {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: timezone }) !== undefined;
  } catch {
    return false;
  }
}

/**
 * What a pattern is worth (wasm/core/schedule.h, put_schedule).
 * @param {unknown} cron @param {unknown} timezone
 * @param {number} now
 */
export function readPattern(cron, timezone, now) {
  if (typeof cron !== 'string' || typeof timezone !== 'string') return {};
  if (!isZone(timezone)) return { cron, timezone, zone: false };
  try {
    return { cron, timezone, zone: true, next: ticksOf(cron, timezone)(now) };
  } catch (error) {
    const message = /** @type {Error} */ (error).message.replace(/^CronPattern: /, '');
    return { cron, timezone, zone: true, error: message.toWellFormed() };
  }
}

/**
 * Where a schedule stands: a handful of looks, however many ticks were missed.
 * @param {{ cron: string, timezone: string, dueAt: number }} schedule dueAt: a tick that has come
 * @param {number} now
 * @returns {[latest: number | null, next: number | null]} the latest tick that has come, and the one after
 *   it; nulls for a pattern that cannot be read any more
 */
export function standing({ cron, timezone, dueAt }, now) {
  try {
    const next = ticksOf(cron, timezone);
    let latest = dueAt;
    // None comes between `end` and now, and ticks are whole minutes.
    for (let end = now; end - latest >= MINUTE_MS; ) {
      const middle = latest + Math.floor((end - latest) / 2);
      const tick = next(middle);
      if (tick !== null && tick <= now) latest = tick;
      else end = middle;
    }
    return [latest, next(Math.max(now, latest))];
  } catch {
    return [null, null];
  }
}
