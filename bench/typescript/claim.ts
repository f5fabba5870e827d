// batch ─► claim ═D1═► runs, marks
import { addAdmission } from './admission.ts';
import { Entropy } from './entropy.ts';
import type { NewJob } from './job.ts';
import { CLOCK_SKEW_MS, LOSSES_ALONE, START_LATE_MS } from './limits.ts';
import type { Delivered } from './message.ts';
import { Outbox, readMessages, wakeOf } from './message.ts';
import { transportNamed } from './policy.ts';
import type { LeasedRow } from './record.ts';
import { Column } from './record.ts';
import type { Context, Env } from './store.ts';
import { Plan, readColumn } from './store.ts';
import { quoted } from './text.ts';
import { canBeSent, delaySeconds } from './wake.ts';

export interface Message {
  readonly id: string;
  readonly attempts: number;
  readonly body: unknown;
}

export interface Batch {
  readonly queue: string;
  readonly worker: string;
  readonly messages: readonly Message[];
}

export type Mark = [message: number, retry: boolean, delaySeconds: number];

/** A job that was leased, for its handler and for settle. */
export interface Run {
  readonly id: string;
  readonly type: string;
  readonly message: number;
  readonly fence: number;
  readonly leaseUntil: number;
  readonly timeoutMs: number;
  readonly startAt?: number;
  readonly startBy?: number;
  readonly alone: boolean;
  readonly token: readonly [row: LeasedRow, deliveries: number, sole: boolean];
  readonly job: Readonly<Record<string, unknown>>;
}

export interface Claimed {
  readonly runs: Run[];
  readonly marks: Mark[];
  readonly host: readonly Record<string, unknown>[];
}

type Head = Extract<Delivered, { kind: 'own' | 'foreign' }>;
type Invalid = Extract<Delivered, { kind: 'invalid' }>;

/** One head per job, whichever messages name it. */
function headsOf(delivered: readonly Delivered[]): Head[] {
  const seen = new Set<string>();
  return delivered.filter((entry): entry is Head => {
    if (entry.kind !== 'own' && entry.kind !== 'foreign') return false;
    const key = entry.kind === 'own' ? entry.id : (entry.job.uniqueKey ?? '');
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** Keeps messages that are no jobs, each under an id that is the same however often it is delivered. */
function addArchive(
  plan: Plan,
  batch: Batch,
  delivered: readonly Delivered[],
  op: string,
  now: number,
): void {
  let place = 0;
  const rows = delivered.flatMap((entry, n) => {
    place = delivered[n - 1]?.message === entry.message ? place + 1 : 0;
    return entry.kind === 'invalid' ? [archiveRow(batch, entry, place)] : [];
  });
  if (rows.length > 0) plan.add('archive_messages', JSON.stringify(rows), `{"now":${now},"op":"${op}"}`);
}

function archiveRow({ queue, messages }: Batch, { message, fault, raw }: Invalid, place: number): unknown[] {
  const { id = '', attempts = 1 } = messages[message] ?? {};
  const name = `message:${queue}:${id}${place > 0 ? `#${place}` : ''}`;
  return [name, queue, attempts, { code: fault.code, message: fault.message, retryable: false }, raw];
}

function addClaim(
  plan: Plan,
  { config }: Context,
  batch: Batch,
  heads: readonly Head[],
  redelivered: boolean,
  op: string,
  now: number,
): void {
  const rows = heads.map((head) =>
    head.kind === 'own' ? `"${head.id}"` : `[${quoted(head.job.uniqueKey)}]`,
  );
  const bound = `[${rows.join(',')}]`;
  const paced = config.paces(transportNamed(batch.queue)) ? 1 : 0;
  const scalars =
    `{"now":${now},"op":"${op}","skew":${CLOCK_SKEW_MS},"lease":${now + config.leaseMs},` +
    `"worker":"${batch.worker}",${config.limits},"paced":${paced}}`;
  plan.add('claim_park', bound, scalars);
  plan.add('claim_count', bound, scalars);
  plan.add('claim_places', bound, scalars);
  plan.add('claim_take', bound, scalars);
  if (redelivered) plan.add('claim_defer', bound, scalars);
  plan.add('claim_payloads', bound, scalars);
  plan.add('claim_state', bound);
}

/** A row that is a job's: of one that is not there all cells are null. */
const isJob = (row: LeasedRow | undefined): row is LeasedRow => Boolean(row?.[Column.status]);

/** When a job that was just leased starts, if not at once. */
function turnOf(row: LeasedRow): { startAt?: number; startBy?: number } {
  const runAt = row[Column.runAt] ?? 0;
  if (runAt === 0 || runAt < (row[Column.startedAt] ?? 0)) return {};
  return { startAt: runAt, startBy: runAt + START_LATE_MS };
}

/** What its handler sees of a job. */
const jobOf = (row: LeasedRow): Record<string, unknown> => ({
  jobId: row[Column.id],
  type: row[Column.type],
  queue: row[Column.queue],
  priority: row[Column.priority],
  attempt: row[Column.attempts],
  maxAttempts: row[Column.maxAttempts],
  createdAt: new Date(row[Column.createdAt]).toISOString(),
  correlationId: row[Column.correlationId] ?? row[Column.id],
  userId: row[Column.userId],
  sessionId: row[Column.sessionId],
  tags: row[Column.tags] ?? [],
});

function runOf(row: LeasedRow, { message, sole }: Head, deliveries: number): Run {
  const id = row[Column.id];
  return {
    id,
    type: row[Column.type],
    message,
    fence: row[Column.fence],
    leaseUntil: row[Column.leaseUntil] ?? 0,
    timeoutMs: row[Column.timeoutMs],
    ...turnOf(row),
    alone: row[Column.losses] >= LOSSES_ALONE,
    token: [row, deliveries, sole],
    get job() {
      return jobOf(row);
    },
  };
}

/** A job that is not ready yet is sent again with the delay that is left. */
function wakeLater(row: LeasedRow, readyAt: number, now: number, outbox: Outbox): void {
  const transport = transportNamed(row[Column.transport]);
  const delay = delaySeconds(now, readyAt);
  if (transport && canBeSent(delay)) outbox.add(transport, wakeOf(row), delay);
}

function sendWaiting(row: LeasedRow, now: number, outbox: Outbox): void {
  if (row[Column.heldBy]) return; // in a line, nobody waits for a message
  const leaseUntil = row[Column.leaseUntil];
  if (row[Column.status] === 'delayed') wakeLater(row, row[Column.runAt] ?? 0, now, outbox);
  if (row[Column.status] === 'pending' && leaseUntil !== null) {
    wakeLater(row, leaseUntil + CLOCK_SKEW_MS, now, outbox);
  }
}

/** What is to run, and messages for what is not ready. */
function take(
  { messages }: Batch,
  heads: readonly Head[],
  rows: readonly LeasedRow[],
  op: string,
  now: number,
  outbox: Outbox,
): Run[] {
  const runs: Run[] = [];
  const leased = new Set<string>();
  heads.forEach((head, n) => {
    const row = rows[n];
    if (!isJob(row)) return;
    if (row[Column.status] !== 'processing' || row[Column.op] !== op) {
      sendWaiting(row, now, outbox);
      return;
    }
    if (leased.has(row[Column.id])) return; // one lease is one run
    leased.add(row[Column.id]);
    runs.push(runOf(row, head, messages[head.message]?.attempts ?? 1));
  });
  return runs;
}

/** Leases what a batch of messages asks for. */
export async function claim(context: Context, env: Env, batch: Batch): Promise<Claimed> {
  const now = Date.now();
  const entropy = Entropy.fresh();
  const op = entropy.nonce();
  const bodies = batch.messages.map(({ body }) => body);
  const delivered = readMessages(context.config, bodies, now, entropy);
  const heads = headsOf(delivered);
  const plan = new Plan(env, context);
  addArchive(plan, batch, delivered, op, now);
  const foreign = heads.flatMap((head): NewJob[] => (head.kind === 'foreign' ? [head.job] : []));
  if (foreign.length > 0) addAdmission(plan, context.config, foreign, op, now, false);
  const redelivered = batch.messages.some(({ attempts }) => attempts > 1);
  if (heads.length > 0) addClaim(plan, context, batch, heads, redelivered, op, now);
  const results = plan.size > 0 ? await plan.run() : [];
  const outbox = new Outbox();
  const rows = heads.length > 0 ? readColumn<LeasedRow>(results.at(-1)) : [];
  const runs = take(batch, heads, rows, op, now, outbox);
  await outbox.send(env);
  const held = new Set(runs.map(({ message }) => message));
  const marks = batch.messages.flatMap((_, n): Mark[] => (held.has(n) ? [] : [[n, false, 0]]));
  return { runs, marks, host: heads.length > 0 ? (results.at(-2)?.results ?? []) : [] };
}
