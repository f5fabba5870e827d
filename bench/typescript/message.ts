// Messages: written and packed for the queues, and read as they come.
import type { Entropy } from './entropy.ts';
import { isId } from './entropy.ts';
import type { Fault } from './fault.ts';
import { syntaxFault } from './fault.ts';
import type { NewJob } from './job.ts';
import { readEnvelope } from './job.ts';
import { MESSAGE_BYTES_MAX } from './limits.ts';
import type { Config, Transport } from './policy.ts';
import { priorityName } from './policy.ts';
import type { JobRow, LeasedRow } from './record.ts';
import { Column } from './record.ts';
import { ownEnvelope } from './schema.ts';
import type { Env, OutgoingMessage, QueueBinding } from './store.ts';

/** What a message says of a job; without a payload, or with a long one, it refers to the record. */
export interface Wake {
  readonly id: string;
  readonly type: string;
  readonly payload?: unknown;
  readonly payloadBytes?: number;
  readonly priority: number;
  readonly scheduledAt: number;
  readonly maxAttempts: number;
  readonly timeoutMs: number;
  readonly correlationId?: string | null | undefined;
  readonly userId?: string | null | undefined;
  readonly sessionId?: string | null | undefined;
  /** Of a dead letter of ours: the fencing token for which it holds. */
  readonly deadFence?: number;
}

export const wakeOf = (row: JobRow | LeasedRow): Wake => ({
  id: row[Column.id],
  type: row[Column.type],
  priority: row[Column.priority],
  scheduledAt: row[Column.createdAt],
  maxAttempts: row[Column.maxAttempts],
  timeoutMs: row[Column.timeoutMs],
  correlationId: row[Column.correlationId],
  userId: row[Column.userId],
  sessionId: row[Column.sessionId],
});

/** More than an envelope holds besides its payload: six names of 200 characters, and figures. */
const ENVELOPE_BYTES = 6 * 200 * 3 + 400;

const isWhole = ({ payload, payloadBytes = 0 }: Wake): boolean =>
  payload !== undefined && payloadBytes + ENVELOPE_BYTES <= MESSAGE_BYTES_MAX;

/** One envelope. */
export function writeMessage(wake: Wake): object {
  const { correlationId, userId, sessionId, deadFence } = wake;
  const metadata = {
    priority: priorityName(wake.priority),
    scheduledAt: wake.scheduledAt,
    maxRetries: wake.maxAttempts - 1,
    timeoutMs: wake.timeoutMs,
    correlationId: correlationId || wake.id,
    ...(userId && { userId }),
    ...(sessionId && { sessionId }),
    sluice: deadFence === undefined ? { v: 1 } : { v: 1, fence: deadFence },
  };
  return isWhole(wake)
    ? { id: wake.id, type: wake.type, payload: wake.payload, metadata }
    : { id: wake.id, type: wake.type, payload: null, payloadRef: 'd1', metadata };
}

const sizeOf = (wake: Wake): number => ENVELOPE_BYTES + (isWhole(wake) ? (wake.payloadBytes ?? 0) : 0);

/** A sendBatch holds so many messages and bytes at most; each message has 100 bytes of metadata. */
const BATCH_MESSAGES = 100;
const BATCH_BYTES = 256_000;
const MESSAGE_OVERHEAD = 100;

interface Lane {
  readonly transport: Transport;
  readonly messages: OutgoingMessage[];
  readonly sizes: number[];
  packed: object[];
  bytes: number;
}

/** Messages of one step, by queue; those that go at once are packed. */
export class Outbox {
  readonly #lanes = new Map<string, Lane>();

  #lane(transport: Transport, binding = transport.binding): Lane {
    const known = this.#lanes.get(binding);
    if (known) return known;
    const lane: Lane = { transport, messages: [], sizes: [], packed: [], bytes: 0 };
    this.#lanes.set(binding, lane);
    return lane;
  }

  /** A message of its own. */
  add(transport: Transport, wake: Wake, delaySeconds = 0): void {
    put(this.#lane(transport), writeMessage(wake), sizeOf(wake), delaySeconds);
  }

  /** A dead letter. */
  addDead(transport: Transport, wake: Wake): void {
    put(this.#lane(transport, transport.deadLetterBinding), writeMessage(wake), sizeOf(wake), 0);
  }

  /** Into a message with others, as many as fit. */
  pack(transport: Transport, wake: Wake): void {
    const lane = this.#lane(transport);
    const size = sizeOf(wake);
    if (lane.packed.length >= transport.packMax || lane.bytes + size > MESSAGE_BYTES_MAX) flush(lane);
    lane.packed.push(writeMessage(wake));
    lane.bytes += size;
  }

  /** What is packed so far is not packed with what comes later. */
  flush(): void {
    for (const lane of this.#lanes.values()) flush(lane);
  }

  async send(env: Env): Promise<void> {
    this.flush();
    await Promise.all(
      [...this.#lanes].map(([binding, lane]) => {
        const queue = env[binding] as QueueBinding;
        return Promise.all(batchesOf(lane).map((batch) => queue.sendBatch(batch)));
      }),
    );
  }
}

function put(lane: Lane, body: object, size: number, delaySeconds: number): void {
  lane.messages.push({ body, contentType: 'json', ...(delaySeconds > 0 && { delaySeconds }) });
  lane.sizes.push(size + MESSAGE_OVERHEAD);
}

function flush(lane: Lane): void {
  const [only] = lane.packed;
  if (!only) return;
  put(lane, lane.packed.length === 1 ? only : { jobs: lane.packed }, lane.bytes, 0);
  lane.packed = [];
  lane.bytes = 0;
}

function batchesOf({ messages, sizes }: Lane): OutgoingMessage[][] {
  const batches: OutgoingMessage[][] = [];
  let batch: OutgoingMessage[] = [];
  let bytes = 0;
  messages.forEach((message, n) => {
    const size = sizes[n] ?? 0;
    if (batch.length >= BATCH_MESSAGES || (batch.length > 0 && bytes + size > BATCH_BYTES)) {
      batches.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(message);
    bytes += size;
  });
  if (batch.length > 0) batches.push(batch);
  return batches;
}

/** What one envelope of a delivered message turned out to be. */
export type Delivered = { readonly message: number; sole: boolean } & (
  | { readonly kind: 'own'; readonly id: string }
  | { readonly kind: 'dead'; readonly id: string; readonly fence: number }
  | { readonly kind: 'foreign'; readonly job: NewJob }
  | { readonly kind: 'invalid'; readonly raw: string; readonly fault: Fault }
);

const BAD_ID: Fault = {
  path: '/id',
  code: 'bad_id',
  message: 'The message is marked as ours but has no job id.',
};

function readOne(
  config: Config,
  envelope: unknown,
  message: number,
  now: number,
  place: number,
  entropy: Entropy,
): Delivered {
  const own = ownEnvelope.safeParse(envelope);
  const raw = () => JSON.stringify(envelope);
  if (own.success) {
    const { id, metadata } = own.data;
    if (!isId(id)) return { kind: 'invalid', message, sole: true, raw: raw(), fault: BAD_ID };
    const { fence = -1 } = metadata.sluice;
    if (fence >= 0) return { kind: 'dead', message, sole: true, id, fence };
    return { kind: 'own', message, sole: true, id };
  }
  const { job, faults } = readEnvelope(config, envelope, now, place, entropy);
  if (job) return { kind: 'foreign', message, sole: true, job };
  return { kind: 'invalid', message, sole: true, raw: raw(), fault: faults[0] as Fault };
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A message's body as a value; bytes are JSON. */
function readBody(body: unknown): unknown {
  if (body instanceof ArrayBuffer || body instanceof Uint8Array) return JSON.parse(decoder.decode(body));
  return body;
}

/** Bytes that are no JSON, as text; a message of anything else is JSON. */
const textOf = (body: unknown): string => new TextDecoder().decode(body as ArrayBuffer);

const jobsOf = (body: unknown): unknown[] | undefined => {
  const jobs = typeof body === 'object' && body !== null && 'jobs' in body ? body.jobs : undefined;
  return Array.isArray(jobs) && jobs.length > 0 ? jobs : undefined;
};

/** Reads the bodies of a batch. */
export function readMessages(
  config: Config,
  bodies: readonly unknown[],
  now: number,
  entropy: Entropy,
): Delivered[] {
  const out: Delivered[] = [];
  let place = 0;
  bodies.forEach((raw, message) => {
    let body: unknown;
    try {
      body = readBody(raw);
    } catch (error) {
      out.push({ kind: 'invalid', message, sole: true, raw: textOf(raw), fault: syntaxFault(error) });
      return;
    }
    const jobs = jobsOf(body);
    if (!jobs) {
      out.push(readOne(config, body, message, now, place++, entropy));
      return;
    }
    for (const envelope of jobs) {
      const delivered = readOne(config, envelope, message, now, place++, entropy);
      delivered.sole = jobs.length === 1;
      out.push(delivered);
    }
  });
  return out;
}
