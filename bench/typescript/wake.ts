// When jobs that wait are sent, and when the sweep looks at them.
import { DELAY_SECONDS_MAX, SEND_AHEAD_MS } from './limits.ts';

/** Whole seconds, rounded up, that a message for a job which is ready at `readyAt` is delayed. */
export const delaySeconds = (now: number, readyAt: number): number =>
  readyAt > now ? Math.ceil((readyAt - now) / 1000) : 0;

/** Whether a queue can delay a message so long; what is further away is sent by the sweep. */
export const canBeSent = (seconds: number): boolean => seconds <= DELAY_SECONDS_MAX;

/** When the sweep looks at a job that is ready at `readyAt`. */
export const wakeAfter = (now: number, readyAt: number, resendMs: number): number =>
  canBeSent(delaySeconds(now, readyAt)) ? readyAt + resendMs : readyAt - SEND_AHEAD_MS;
