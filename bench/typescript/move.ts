// Transitions that end leases of jobs which messages brought, one constructor for each.
import { ERROR_MESSAGE_BYTES_MAX } from './limits.ts';
import type { LeasedRow, Status } from './record.ts';
import { Column } from './record.ts';
import { cut } from './text.ts';
import { wakeAfter } from './wake.ts';

export interface JobError {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
}

export interface Move {
  readonly row: LeasedRow;
  readonly to: Status;
  readonly runAt?: number;
  readonly wakeAt?: number;
  readonly completedAt?: number;
  readonly attemptsDelta?: number;
  /** JSON, like the next two. */
  readonly error?: string;
  readonly result?: string;
  readonly history?: string;
  readonly progress?: number;
  readonly countsAsError?: boolean;
  readonly ms?: number;
}

const writeError = ({ code, message, retryable }: JobError): string =>
  JSON.stringify({ code: cut(code, 100), message: cut(message, ERROR_MESSAGE_BYTES_MAX), retryable });

function entry(row: LeasedRow, now: number, outcome: string, error: string, delayMs?: number): string {
  const delay = delayMs === undefined ? '' : `,"delayMs":${delayMs}`;
  return (
    `{"attempt":${row[Column.attempts]},"outcome":"${outcome}","startedAt":${row[Column.startedAt]},` +
    `"finishedAt":${now},"error":${error}${delay}}`
  );
}

/** The handler returned; `result` is JSON. */
export const complete = (row: LeasedRow, now: number, result: string, ms: number): Move => ({
  row,
  to: 'completed',
  completedAt: now,
  result,
  ms,
  progress: 100,
});

/** An attempt failed and others are left. */
export function retryLater(
  row: LeasedRow,
  now: number,
  delayMs: number,
  resendMs: number,
  why: JobError,
): Move {
  const error = writeError(why);
  return {
    row,
    to: delayMs > 0 ? 'delayed' : 'pending',
    runAt: delayMs > 0 ? now + delayMs : 0,
    wakeAt: wakeAfter(now, now + delayMs, resendMs),
    error,
    history: entry(row, now, 'failed', error, delayMs),
    countsAsError: true,
  };
}

/** Attempts are spent, or the error is not retryable. */
export function fail(row: LeasedRow, now: number, resendMs: number, why: JobError): Move {
  const error = writeError(why);
  const history = entry(row, now, 'failed', error);
  return { row, to: 'failed', completedAt: now, wakeAt: now + resendMs, error, history, countsAsError: true };
}

/** The handler asked to be called later; no attempt is spent. */
export function snooze(row: LeasedRow, now: number, delayMs: number, resendMs: number, why: JobError): Move {
  const { error = '', countsAsError: _, ...move } = retryLater(row, now, delayMs, resendMs, why);
  return { ...move, history: entry(row, now, 'snoozed', error, delayMs), attemptsDelta: -1 };
}

/** Claimed but never started. */
export const handBack = (row: LeasedRow, now: number, resendMs: number): Move => ({
  row,
  to: 'pending',
  wakeAt: now + resendMs,
  attemptsDelta: -1,
});
