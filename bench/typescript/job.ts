// What a new job is made of, out of a request or of another producer's envelope.
import type { Entropy } from './entropy.ts';
import type { Fault } from './fault.ts';
import { pointer, zodFaults } from './fault.ts';
import { gatesOf } from './gate.ts';
import { PAYLOAD_BYTES_MAX } from './limits.ts';
import type { Backoff, Config, JobType, Route } from './policy.ts';
import { PRIORITY_URGENT, priorityOf } from './policy.ts';
import type { OwnBackoff } from './record.ts';
import type { BackoffWish, JobRequest } from './schema.ts';
import { foreignEnvelope, jobRequest } from './schema.ts';
import { byteLength } from './text.ts';

export interface NewJob {
  readonly id: string;
  readonly type: JobType;
  readonly route: Route;
  readonly status: 'pending' | 'delayed' | 'blocked';
  readonly priority: number;
  readonly maxAttempts: number;
  /** Not before; 0: at once. */
  readonly runAt: number;
  readonly timeoutMs: number;
  readonly backoff: OwnBackoff | undefined;
  readonly payload: unknown;
  readonly payloadText: string;
  readonly payloadBytes: number;
  /** With its namespace's prefix. */
  readonly uniqueKey: string | undefined;
  readonly uniqueUntil: number;
  readonly tags: readonly string[] | undefined;
  readonly correlationId: string | undefined;
  readonly userId: string | undefined;
  readonly sessionId: string | undefined;
  readonly tenant: string | undefined;
  readonly concurrencyKey: string | undefined;
  readonly gates: readonly string[];
  readonly dependsOn: readonly string[] | undefined;
  readonly proceeds: boolean;
}

export type Read =
  | { readonly job: NewJob; readonly faults?: undefined }
  | { readonly job?: undefined; readonly faults: Fault[] };

/** A validated number in thousandths, rounded up. */
const thousandths = (value: number): number => Math.ceil(value * 1000);

function ownBackoff(wish: BackoffWish | undefined, type: Backoff): OwnBackoff | undefined {
  if (!wish) return undefined;
  const { type: kind = type.kind, delay = type.delayMs, maxDelay = type.maxDelayMs, jitter } = wish;
  const permille = jitter === undefined ? type.jitterPermille : Math.min(thousandths(jitter), 1000);
  return [kind, delay, maxDelay, permille];
}

/** The job's time, 0 for at once, or what is wrong with it. */
function readRunAt({ delaySeconds, runAt }: JobRequest, base: string, now: number): number | Fault {
  const path = pointer(base, ['runAt']);
  if (delaySeconds !== undefined && runAt !== undefined) {
    return { path, code: 'conflict', message: 'Give delaySeconds or runAt, not both.' };
  }
  if (delaySeconds !== undefined) return delaySeconds > 0 ? now + thousandths(delaySeconds) : 0;
  if (runAt === undefined) return 0;
  const at = Date.parse(runAt);
  if (!(at >= 0)) return { path, code: 'format', message: 'Must be an RFC 3339 date-time after 1970.' };
  return at > now ? at : 0;
}

function conflicts(request: JobRequest, base: string): Fault[] {
  const faults: Fault[] = [];
  if (request.uniqueForSeconds !== undefined && request.uniqueKey === undefined) {
    faults.push({
      path: pointer(base, ['uniqueForSeconds']),
      code: 'conflict',
      message: 'Needs a uniqueKey.',
    });
  }
  if (request.onDependencyFailure !== undefined && request.dependsOn === undefined) {
    faults.push({
      path: pointer(base, ['onDependencyFailure']),
      code: 'conflict',
      message: 'Needs a dependsOn.',
    });
  }
  return faults;
}

const memberOf = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;

/** The type that a document names, or what is wrong with the name. */
function findType(config: Config, document: unknown, base: string): JobType | Fault | undefined {
  const name = memberOf(document, 'type');
  if (typeof name !== 'string') return undefined; // the schema has said so already
  const fault = {
    path: pointer(base, ['type']),
    code: 'unknown_type',
    message: 'No job type has this name.',
  };
  return config.types.get(name) ?? fault;
}

const isFault = (value: JobType | Fault | undefined): value is Fault =>
  value !== undefined && 'path' in value;

const tooLarge = (base: string): Read => ({
  faults: [
    { path: pointer(base, ['payload']), code: 'payload_too_large', message: 'A payload may hold 1 MiB.' },
  ],
});

/** Everything that is wrong with a document of which its schema, its type or its payload does not hold. */
function allFaults(config: Config, document: unknown, base: string, schemaFaults: readonly Fault[]): Fault[] {
  const type = findType(config, document, base);
  if (isFault(type)) return [...schemaFaults, type];
  const payload = memberOf(document, 'payload');
  const checked = type && payload !== undefined ? type.payload.safeParse(payload) : undefined;
  const payloadFaults = checked?.error ? zodFaults(checked.error, pointer(base, ['payload'])) : [];
  const missing = { path: pointer(base, ['payload']), code: 'required', message: 'Is required.' };
  const isObject = typeof document === 'object' && document !== null && !Array.isArray(document);
  return [...schemaFaults, ...(isObject && payload === undefined ? [missing] : []), ...payloadFaults];
}

/** Reads one request; `place` is its index, `base` what its faults' paths start with. */
export function readRequest(
  config: Config,
  document: unknown,
  base: string,
  now: number,
  place: number,
  entropy: Entropy,
): Read {
  const id = entropy.id(now, place);
  const parsed = jobRequest.safeParse(document);
  if (!parsed.success) return { faults: allFaults(config, document, base, zodFaults(parsed.error, base)) };
  const request = parsed.data;
  const type = config.types.get(request.type);
  if (!type || request.payload === undefined || !type.payload.safeParse(request.payload).success) {
    return { faults: allFaults(config, document, base, []) };
  }
  const payloadText = JSON.stringify(request.payload);
  const payloadBytes = byteLength(payloadText);
  if (payloadBytes > PAYLOAD_BYTES_MAX) return tooLarge(base);
  const runAt = readRunAt(request, base, now);
  const faults = conflicts(request, base);
  if (typeof runAt !== 'number') faults.push(runAt);
  if (typeof runAt !== 'number' || faults.length > 0) return { faults };
  const priority = request.priority === undefined ? type.file.priority : priorityOf(request.priority);
  const route = priority === PRIORITY_URGENT ? type.urgent : type.normal;
  const dependsOn = request.dependsOn?.length ? request.dependsOn : undefined;
  const job: NewJob = {
    id,
    type,
    route,
    status: dependsOn ? 'blocked' : runAt > 0 ? 'delayed' : 'pending',
    priority,
    maxAttempts: request.maxAttempts ?? route.maxAttempts,
    runAt,
    timeoutMs: request.timeoutMs ?? type.file.timeoutMs,
    backoff: ownBackoff(request.backoff, type.backoff),
    payload: request.payload,
    payloadText,
    payloadBytes,
    uniqueKey: request.uniqueKey === undefined ? undefined : `key:${request.uniqueKey}`,
    uniqueUntil: request.uniqueForSeconds === undefined ? 0 : now + request.uniqueForSeconds * 1000,
    tags: request.tags?.length ? request.tags : undefined,
    correlationId: request.correlationId,
    userId: request.userId,
    sessionId: request.sessionId,
    tenant: request.tenant,
    concurrencyKey: request.concurrencyKey,
    gates: gatesOf(type, route.queue, request.payload, request.concurrencyKey, request.tenant),
    dependsOn,
    proceeds: request.onDependencyFailure === 'proceed',
  };
  return { job };
}

/** Reads another producer's envelope into a job that is ready at once, unique under its own id. */
export function readEnvelope(
  config: Config,
  document: unknown,
  now: number,
  place: number,
  entropy: Entropy,
): Read {
  const id = entropy.id(now, place);
  const parsed = foreignEnvelope.safeParse(document);
  if (!parsed.success) return { faults: allFaults(config, document, '', zodFaults(parsed.error, '')) };
  const { metadata, ...envelope } = parsed.data;
  const type = config.types.get(envelope.type);
  if (!type || envelope.payload === undefined || !type.payload.safeParse(envelope.payload).success) {
    return { faults: allFaults(config, document, '', []) };
  }
  const payloadText = JSON.stringify(envelope.payload);
  const payloadBytes = byteLength(payloadText);
  if (payloadBytes > PAYLOAD_BYTES_MAX) return tooLarge('');
  const priority = metadata.priority === undefined ? type.file.priority : priorityOf(metadata.priority);
  const route = priority === PRIORITY_URGENT ? type.urgent : type.normal;
  const job: NewJob = {
    id,
    type,
    route,
    status: 'pending',
    priority,
    maxAttempts: metadata.maxRetries === undefined ? route.maxAttempts : metadata.maxRetries + 1,
    runAt: 0,
    timeoutMs: metadata.timeoutMs ?? type.file.timeoutMs,
    backoff: undefined,
    payload: envelope.payload,
    payloadText,
    payloadBytes,
    uniqueKey: `ext:${envelope.id}`,
    uniqueUntil: 0,
    tags: undefined,
    correlationId: metadata.correlationId,
    userId: metadata.userId,
    sessionId: metadata.sessionId,
    tenant: undefined,
    concurrencyKey: undefined,
    gates: gatesOf(type, route.queue, envelope.payload),
    dependsOn: undefined,
    proceeds: false,
  };
  return { job };
}
