// What is fixed per job type and per transport, and what the worker is configured with.
import * as z from 'zod';
import { START_AHEAD_MS } from './limits.ts';
import type { BackoffWish, PriorityWish } from './schema.ts';
import { payloads } from './schema.ts';

export interface Transport {
  readonly name: string;
  readonly binding: string;
  readonly deadLetterBinding: string;
  /** Platform retries: a message is delivered so many times and once more. */
  readonly maxRetries: number;
  /** Jobs in one message. */
  readonly packMax: number;
}

const transports: readonly Transport[] = [
  {
    name: 'scraping-tasks',
    binding: 'SCRAPING_QUEUE',
    deadLetterBinding: 'SCRAPING_DLQ',
    maxRetries: 3,
    packMax: 1,
  },
  {
    name: 'scraping-priority',
    binding: 'PRIORITY_SCRAPING_QUEUE',
    deadLetterBinding: 'SCRAPING_DLQ',
    maxRetries: 5,
    packMax: 1,
  },
  { name: 'background-jobs', binding: 'JOB_QUEUE', deadLetterBinding: 'JOB_DLQ', maxRetries: 3, packMax: 5 },
];
/** How job.json names the transport of polled types: none. */
const POLLED = 'none';
const LINE_PREFIX = 'p:';

const transportsByName = new Map(transports.map((transport) => [transport.name, transport]));

/** The queue of that name; undefined for a line, from which jobs are polled. */
export const transportNamed = (name: string): Transport | undefined => transportsByName.get(name);
const priorities = { urgent: 1, high: 3, normal: 5, low: 8 } as const;
export const PRIORITY_URGENT = priorities.urgent;

export const priorityOf = (wish: PriorityWish): number =>
  typeof wish === 'string' ? priorities[wish] : wish;

export function priorityName(priority: number): keyof typeof priorities {
  if (priority <= priorities.urgent) return 'urgent';
  if (priority <= priorities.high) return 'high';
  return priority < 7 ? 'normal' : 'low';
}

/** What a job.json says, but for the payload's schema. */
const policyFile = z.object({
  type: z.string(),
  queue: z.string(),
  urgentQueue: z.string().optional(),
  transport: z.string().optional(),
  slot: z.string().optional(),
  priority: z.int().default(priorities.normal),
  maxAttempts: z.int().optional(),
  urgentMaxAttempts: z.int().optional(),
  timeoutMs: z.int().default(30_000),
  backoff: z
    .object({
      type: z.enum(['exponential', 'linear', 'fixed']).default('exponential'),
      delay: z.int().default(10_000),
      maxDelay: z.int().default(3_600_000),
      jitter: z.number().default(0),
    })
    .prefault({}),
  concurrency: z.int().default(0),
  rate: z
    .object({
      count: z.int(),
      perMs: z.int(),
      by: z.enum(['queue', 'tenant', 'concurrencyKey']).default('queue'),
    })
    .optional(),
  gates: z
    .object({
      url: z.string().optional(),
      host: z.string().optional(),
      receiver: z.string().optional(),
      service: z.string().optional(),
    })
    .prefault({}),
});
type PolicyFile = z.infer<typeof policyFile>;

export interface Backoff {
  readonly kind: NonNullable<BackoffWish['type']>;
  readonly delayMs: number;
  readonly maxDelayMs: number;
  readonly jitterPermille: number;
}

/** One way for a job of a type: urgent ones may have their own. */
export interface Route {
  readonly queue: string;
  /** Where its messages go; undefined: it is polled. */
  readonly transport: Transport | undefined;
  readonly maxAttempts: number;
}

export interface JobType {
  readonly name: string;
  readonly file: PolicyFile;
  readonly normal: Route;
  readonly urgent: Route;
  /** The line from which its jobs are polled. */
  readonly line: string | undefined;
  readonly backoff: Backoff;
  readonly payload: z.ZodType;
}

const settingsSchema = z.object({
  LEASE_MS: z.coerce.number().default(300_000),
  MAX_ATTEMPTS: z.coerce.number().default(3),
  RESEND_AFTER_MS: z.coerce.number().default(900_000),
  MAX_PENDING_PER_QUEUE: z.coerce.number().default(1_000_000),
  TENANT_CONCURRENCY: z.coerce.number().default(50),
  SCRAPE_CONCURRENCY: z.coerce.number().default(3),
  HOST_DELAY_MS: z.coerce.number().default(1000),
});

/** A queue's limit or a rate: key or its beginning, places or null, ms between starts. */
type Cap = [key: string, places: number | null] | [key: string, places: number | null, spacingMs: number];

function transportOf(queue: string, wish: string | undefined): Transport | undefined {
  if (wish === POLLED) return undefined;
  return transportNamed(queue) ?? transportNamed(wish ?? 'background-jobs');
}

function jobType(file: PolicyFile, defaultAttempts: number): JobType {
  const { queue, urgentQueue = queue, transport, slot = queue } = file;
  const { maxAttempts = defaultAttempts, urgentMaxAttempts = maxAttempts, backoff } = file;
  const normal = { queue, transport: transportOf(queue, transport), maxAttempts };
  return {
    name: file.type,
    file,
    normal,
    urgent: {
      queue: urgentQueue,
      transport: transportOf(urgentQueue, transport),
      maxAttempts: urgentMaxAttempts,
    },
    line: normal.transport ? undefined : LINE_PREFIX + slot,
    backoff: {
      kind: backoff.type,
      delayMs: backoff.delay,
      maxDelayMs: backoff.maxDelay,
      jitterPermille: Math.floor(backoff.jitter * 1000 + 0.5),
    },
    payload: payloads[file.type] ?? z.never(),
  };
}

/** What the worker is configured with, worked out once. */
export class Config {
  readonly types: ReadonlyMap<string, JobType>;
  readonly leaseMs: number;
  readonly resendAfterMs: number;
  readonly maxPending: number;
  /** Members `ahead`, `caps` and `capped` of statements' scalars, as JSON without braces. */
  readonly limits: string;
  readonly #paced: ReadonlySet<Transport>;
  readonly #limited: ReadonlySet<string>;

  constructor(files: readonly unknown[], vars: Record<string, unknown>) {
    const settings = settingsSchema.parse(vars);
    this.leaseMs = settings.LEASE_MS;
    this.resendAfterMs = settings.RESEND_AFTER_MS;
    this.maxPending = settings.MAX_PENDING_PER_QUEUE;
    const types = files
      .map((file) => jobType(policyFile.parse(file), settings.MAX_ATTEMPTS))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    this.types = new Map(types.map((type) => [type.name, type]));
    const caps = [
      ['c:', 1],
      ['t:', settings.TENANT_CONCURRENCY],
      ['u:', 1],
      ['h:', settings.SCRAPE_CONCURRENCY, ...(settings.HOST_DELAY_MS > 0 ? [settings.HOST_DELAY_MS] : [])],
      ...types.flatMap(queueCaps),
    ];
    const limited = types.filter(({ file }) => file.concurrency > 0 || file.rate?.by === 'queue');
    const capped = limited.flatMap(queuesOf);
    this.#limited = new Set(capped);
    const limits = JSON.stringify({ ahead: START_AHEAD_MS, caps, capped });
    this.limits = limits.slice(1, -1);
    const paced = types.filter(({ file }) => file.rate || (file.gates.host && settings.HOST_DELAY_MS > 0));
    this.#paced = new Set(
      paced.flatMap(({ normal, urgent }) =>
        [normal.transport, urgent.transport].filter((one) => one !== undefined),
      ),
    );
  }

  /** Whether jobs of this transport may have turns. */
  paces(transport: Transport | undefined): boolean {
    return transport !== undefined && this.#paced.has(transport);
  }

  /** Whether the queue has places or turns to give back. */
  limitsQueue(queue: string): boolean {
    return this.#limited.has(queue);
  }
}

const queuesOf = ({ normal, urgent }: JobType): string[] =>
  normal.queue === urgent.queue ? [normal.queue] : [normal.queue, urgent.queue];

function queueCaps(type: JobType): Cap[] {
  const { concurrency, rate } = type.file;
  const spacing = rate ? Math.ceil(rate.perMs / rate.count) : 0;
  return queuesOf(type).flatMap((queue) => {
    const own = rate?.by === 'queue' ? spacing : 0;
    const caps: Cap[] = [];
    if (concurrency > 0 || own > 0) {
      caps.push(own > 0 ? [`q:${queue}`, concurrency || null, own] : [`q:${queue}`, concurrency]);
    }
    if (rate && rate.by !== 'queue') caps.push([`r:${queue}:`, null, spacing]);
    return caps;
  });
}
