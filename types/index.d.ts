// Types of Sluice's RPC interface. In the calling worker's configuration, with or without an entrypoint:
//   "services": [{ "binding": "QUEUE", "service": "sluice", "entrypoint": "QueueService" }]
// and in its code:
//   import type { QueueBinding } from 'sluice';
//   interface Env { QUEUE: QueueBinding }
// Times are RFC 3339 strings in UTC. Every method rejects with a QueueError.
import type { WorkerEntrypoint } from 'cloudflare:workers';

export type JobStatus =
  | 'pending'
  | 'delayed'
  | 'blocked'
  | 'processing'
  | 'completed'
  | 'failed'
  | 'cancelled';

/** 1 (first) to 10, or urgent 1, high 3, normal 5, low 8. */
export type Priority = number | 'urgent' | 'high' | 'normal' | 'low';

/** The delay after the n-th failed attempt: exponential delay · 2ⁿ⁻¹, linear delay · n, fixed delay. */
export interface Backoff {
  type?: 'exponential' | 'linear' | 'fixed';
  /** Milliseconds, at most a day. */
  delay?: number;
  /** Cap of a delay, milliseconds, at most a day. */
  maxDelay?: number;
  /** Fraction of a delay, 0 to 1, by which it is varied up or down. */
  jitter?: number;
}

/** One job to be done. What is left out follows from the job's type. */
export interface JobRequest<Payload = unknown> {
  type: string;
  /** As the type's schema wants it; at most 1 MiB as JSON. */
  payload: Payload;
  priority?: Priority;
  /** 1 to 100. */
  maxAttempts?: number;
  backoff?: Backoff;
  /** Not before so many seconds from now; not together with runAt. */
  delaySeconds?: number;
  /** Not before this time (RFC 3339); not together with delaySeconds. */
  runAt?: string;
  /** For one attempt, milliseconds: 100 to 600,000. */
  timeoutMs?: number;
  /** At most 200 bytes. The same key again leads to the first job, and enqueues nothing. */
  uniqueKey?: string;
  /** How long the key holds; as long as the job is kept where this is left out. */
  uniqueForSeconds?: number;
  /** Jobs that must have completed before this one starts: at most 100 ids, each once. */
  dependsOn?: string[];
  /** When one of them fails or is cancelled, this job is cancelled (the default), or starts all the same. */
  onDependencyFailure?: 'cancel' | 'proceed';
  /** At most 20 of at most 64 characters, each once. */
  tags?: string[];
  /** At most 200 characters. One job with the same key runs at a time. */
  concurrencyKey?: string;
  /** At most 200 characters. A tenant has at most TENANT_CONCURRENCY jobs running. */
  tenant?: string;
  /** The job's id where it is left out. */
  correlationId?: string;
  userId?: string;
  sessionId?: string;
}

export type ScrapeType = 'hotel' | 'flight' | 'attraction' | 'general';

/** A scrape_request as the scraping queues' envelope words it. */
export interface ScrapeRequest {
  url: string;
  scrapeType: ScrapeType;
  options?: {
    /** CSS selectors by the name of what they select. */
    selectors?: Record<string, string>;
    maxPages?: number;
    timeoutMs?: number;
    respectRobots?: boolean;
    headers?: Record<string, string>;
  };
  context?: { query?: string; place?: string; chatId?: string; locale?: string; [member: string]: unknown };
  metadata?: {
    priority?: Priority;
    /** n retries are n + 1 attempts. */
    maxRetries?: number;
    timeoutMs?: number;
    correlationId?: string;
    userId?: string;
    sessionId?: string;
  };
}

export interface JobError {
  code: string;
  message: string;
  retryable: boolean;
}

/** A job as it is now. */
// biome-ignore lint/suspicious/noExplicitAny: Service<QueueService> makes never of a member that is unknown
export interface Job<Payload = any, Result = any> {
  jobId: string;
  type: string;
  /** The logical queue. */
  queue: string;
  status: JobStatus;
  priority: number;
  /** Attempts started since the job was enqueued, or last retried by hand. */
  attempts: number;
  maxAttempts: number;
  /** Of one attempt, milliseconds. */
  timeoutMs: number;
  /** 0 to 100. */
  progress: number | null;
  /** A list leaves a long payload out: null, while payloadSize tells its bytes. */
  payload: Payload | null;
  /** A list leaves a long result out: null, while resultSize tells its bytes. */
  result: Result | null;
  payloadSize: number;
  resultSize: number | null;
  lastError: JobError | null;
  createdAt: string;
  runAt: string | null;
  startedAt: string | null;
  completedAt: string | null;
  updatedAt: string;
  leasedBy: string | null;
  leaseUntil: string | null;
  uniqueKey: string | null;
  concurrencyKey: string | null;
  tenant: string | null;
  dependsOn: string[] | null;
  tags: string[] | null;
  correlationId: string;
  userId: string | null;
  sessionId: string | null;
}

/** A logical queue. */
export interface QueueState {
  name: string;
  paused: boolean;
  /** Jobs that may run at once; null: any number. */
  concurrency: number | null;
  pending: number;
  delayed: number;
  blocked: number;
  processing: number;
}

/** PUT /schedules/{name}: a job each time its pattern comes. Its jobs have the tag `schedule:<name>`. */
export interface ScheduleRequest<Payload = unknown> {
  /** Minute, hour, day of month, month, day of week. */
  cron: string;
  /** An IANA name; UTC where it is left out. */
  timezone?: string;
  type: string;
  /** As the type's schema wants it; at most 64 KiB as JSON. */
  payload: Payload;
  priority?: Priority;
}

// biome-ignore lint/suspicious/noExplicitAny: as Job's
export interface Schedule<Payload = any> {
  /** 1 to 50 bytes. */
  name: string;
  cron: string;
  timezone: string;
  type: string;
  /** A list leaves a long payload out: null, while payloadSize tells its bytes. */
  payload: Payload | null;
  payloadSize: number;
  priority: number;
  /** The first tick that has led to no job; in the past while it waits. */
  nextRunAt: string | null;
  /** The last tick that has. */
  lastRunAt: string | null;
  createdAt: string;
  updatedAt: string;
}

export interface JobFilter {
  status?: JobStatus;
  type?: string;
  /** The logical queue. */
  queue?: string;
  tag?: string;
  /** 1 to 500; 50 where it is left out. */
  limit?: number;
  /** 0 to 10,000. */
  offset?: number;
  /** The nextCursor of the page before. */
  cursor?: string | null;
}

export interface JobPage {
  /** Newest first. A page with a nextCursor may be shorter than the limit. */
  jobs: Job[];
  /** Null after the last page. */
  nextCursor: string | null;
}

/** One invalid job never stops the others of its batch. */
export type EnqueueResult =
  | { jobId: string; status: JobStatus; duplicate?: true; error?: undefined }
  | { error: Problem; jobId?: undefined };

/** One thing that is wrong with a request. */
export interface Fault {
  /** JSON Pointer into the request. */
  path: string;
  code: string;
  message: string;
}

/** A problem document (RFC 9457). */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  errors?: Fault[];
}

export type ErrorCode =
  | 'invalid'
  | 'not_found'
  | 'conflict'
  | 'too_large'
  | 'queue_full'
  | 'unavailable'
  | 'internal';

/** What a method rejects with. RPC does not carry classes: tell it by its code, not with instanceof. */
export interface QueueError extends Error {
  code: ErrorCode;
  /** HTTP status of the same call over REST. */
  status: number;
  /** Every fault of an invalid request; empty for other codes. */
  errors: Fault[];
}

export interface StatusCounts {
  pending: number;
  processing: number;
  completed: number;
  failed: number;
  delayed: number;
  blocked: number;
  cancelled: number;
}

export interface Stats extends StatusCounts {
  /** Jobs that are kept. */
  total: number;
  /** "80.00%" of the total. */
  completionRate: string;
  failureRate: string;
  byType: Record<string, StatusCounts & { averageAttempts: number }>;
  byQueue: Record<string, StatusCounts>;
  byStatus: StatusCounts;
  /** Jobs that retention removed. */
  pruned: number;
}

/** Rates are those of the last five minutes. */
export interface QueueHealth {
  pendingMessages: number;
  /** Jobs per second. */
  processingRate: number;
  /** Fraction of the attempts that failed. */
  errorRate: number;
  /** Milliseconds. */
  averageProcessingTime: number;
  /** Milliseconds; 0 where nothing is pending. */
  oldestPendingMs: number;
  deadLetters: number;
  /** Those that are not closed. */
  breakers: Breaker[];
}

/** What keeps calls from a service or host that has failed repeatedly. */
export interface Breaker {
  key: string;
  /** open: nothing passes before openUntil; half_open: one probe at a time. */
  state: 'open' | 'half_open';
  /** Failures in a row. */
  fails: number;
  openUntil: string;
}

/** A job that failed for good, or a message that was never one. */
// biome-ignore lint/suspicious/noExplicitAny: Service<QueueService> makes never of a member that is unknown
export interface DeadLetter<Payload = any> {
  /** The job's id, or the dead letter's own. */
  id: string;
  /** Null for a message that was never a job. */
  jobId: string | null;
  type: string | null;
  queue: string;
  attempts: number;
  maxAttempts: number | null;
  lastError: JobError;
  failedAt: string;
  /** When it was archived and reported; null while that is under way. */
  archivedAt: string | null;
  /** Of the job; a list leaves a long one out: null, while payloadSize tells its bytes. */
  payload: Payload | null;
  payloadSize: number | null;
  /** The raw message of what was never a job; a list leaves a long one out, and bodySize tells its bytes. */
  body: string | null;
  bodySize: number | null;
}

export interface Health {
  status: 'healthy' | 'unhealthy';
  checks: {
    database: { status: 'ok' | 'failing' };
    /** unknown: the database does not say. */
    sweep: { status: 'ok' | 'late' | 'waiting' | 'unknown'; lastAt: string | null };
    /** Whether the worker that does the work answers, with a core that runs. */
    scraper: { status: 'ok' | 'failing' };
  };
}

export interface ChatInput {
  /** At most 8,000 bytes. */
  message: string;
  userId?: string;
  sessionId?: string;
}

export interface ChatReply {
  reply: string;
  /** The scrape requests that the message led to. */
  jobs: { jobId: string; scrapeType: ScrapeType; url: string; priority: number }[];
}

/** The methods of QueueService. */
export interface QueueApi {
  /** Resolves to the job's id once the job is recorded: it will not be lost. */
  enqueue(job: JobRequest): Promise<string>;
  /** At most 1000 jobs; their results in order. */
  enqueueMany(jobs: JobRequest[]): Promise<EnqueueResult[]>;
  /** Resolves to the job's id. Paths of faults point into this request. */
  enqueueScrapeRequest(request: ScrapeRequest): Promise<string>;
  /** Null where there is no such job. */
  getJob(id: string): Promise<Job | null>;
  /** Newest first. */
  listJobs(filter?: JobFilter): Promise<Job[]>;
  listJobsPage(filter?: JobFilter): Promise<JobPage>;
  /** A failed or cancelled job becomes pending again, its attempts 0; conflict in any other state. */
  retryJob(id: string): Promise<Job>;
  /** A job that is not final is cancelled, a running handler's signal aborts; conflict for a final one. */
  cancelJob(id: string): Promise<Job>;
  /** A logical queue accepts jobs and starts none; what runs goes on. Not found where nothing knows it. */
  pauseQueue(name: string): Promise<QueueState>;
  /** It starts jobs again. */
  resumeQueue(name: string): Promise<QueueState>;
  getStats(): Promise<Stats>;
  getQueueHealth(): Promise<QueueHealth>;
  /** Resolves to `unhealthy` as well; it does not reject for that. */
  healthCheck(): Promise<Health>;
  /** Dead letters, newest first: 1 to 500, 50 where the limit is left out. */
  getDeadJobs(limit?: number): Promise<DeadLetter[]>;
  /**
   * The failed job becomes pending again, its attempts 0; a message that was never a job is adopted.
   * not_found where there is no such dead letter, conflict for a message that is still no valid envelope.
   */
  requeueDeadJob(id: string): Promise<Job>;
  /** Enqueues what a chat message asks for. */
  chat(input: ChatInput): Promise<ChatReply>;
}

export interface QueueService extends QueueApi {}
/** The entrypoint of the main worker; its default export has the same methods. */
export declare class QueueService extends WorkerEntrypoint {}

/**
 * A service binding to it. `Service<QueueService>` has RPC's disposal and pipelining in its types as well,
 * but TypeScript gives up on a job's payload and result there.
 */
export type QueueBinding = Fetcher & QueueApi;
