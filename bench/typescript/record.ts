// A job's row as the statements select it.

/** The columns of _record_columns.sql. */
export type JobRow = [
  id: string,
  type: string,
  transport: string,
  priority: number,
  timeoutMs: number,
  maxAttempts: number,
  createdAt: number,
  correlationId: string | null,
  userId: string | null,
  sessionId: string | null,
  status: Status,
  fence: number,
  op: string,
  attempts: number,
  runAt: number | null,
  startedAt: number | null,
  leaseUntil: number | null,
  losses: number,
  queue: string,
  heldBy: string | null,
  gates: string[] | null,
];
/** What a claim selects: the same, with the job's own backoff and its tags. */
export type LeasedRow = [...JobRow, backoff: OwnBackoff | null, tags: string[] | null];

export type Status = 'pending' | 'delayed' | 'blocked' | 'processing' | 'completed' | 'failed' | 'cancelled';
export type OwnBackoff = [
  kind: 'exponential' | 'linear' | 'fixed',
  delayMs: number,
  maxDelayMs: number,
  jitterPermille: number,
];

/** Where the columns stand. */
export const Column = {
  id: 0,
  type: 1,
  transport: 2,
  priority: 3,
  timeoutMs: 4,
  maxAttempts: 5,
  createdAt: 6,
  correlationId: 7,
  userId: 8,
  sessionId: 9,
  status: 10,
  fence: 11,
  op: 12,
  attempts: 13,
  runAt: 14,
  startedAt: 15,
  leaseUntil: 16,
  losses: 17,
  queue: 18,
  heldBy: 19,
  gates: 20,
  backoff: 21,
  tags: 22,
} as const;
