// The statements that insert jobs, and what their rows say.
import type { Fault } from './fault.ts';
import { pointer } from './fault.ts';
import type { NewJob } from './job.ts';
import { DEPEND_EDGES, FAULTS_MAX, INLINE_BYTES_MAX } from './limits.ts';
import type { Outbox } from './message.ts';
import type { Config } from './policy.ts';
import type { Status } from './record.ts';
import type { Plan, Result } from './store.ts';
import { readColumn, readRows } from './store.ts';
import { arraysOf, quoted } from './text.ts';
import { canBeSent, delaySeconds, wakeAfter } from './wake.ts';

/** Counts by name. */
class Places {
  readonly #counts = new Map<string, number>();

  next(name: string): number {
    const place = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, place);
    return place;
  }

  names(): string[] {
    return [...this.#counts.keys()];
  }
}

const json = (list: readonly string[] | undefined): string => (list ? JSON.stringify(list) : 'null');
const nullable = (value: number): number | null => (value === 0 ? null : value);

function headsOf(jobs: readonly NewJob[]): string {
  const places = new Places();
  const heads = jobs.map(
    ({ id, route: { queue }, type, status, dependsOn, uniqueKey, uniqueUntil }) =>
      `["${id}","${queue}","${type.name}","${status}",${places.next(queue)},${json(dependsOn)},` +
      `${quoted(uniqueKey)},${nullable(uniqueUntil)}]`,
  );
  return `[${heads.join(',')}]`;
}

/** When the sweep looks at a new job: never for a plain one, and for one that waits for others. */
function firstWake({ status, runAt, type }: NewJob, now: number, resendMs: number): number {
  if (status === 'blocked' || runAt === 0) return 0;
  return type.line ? runAt : wakeAfter(now, runAt, resendMs);
}

function gatePlaces({ status, route: { queue }, gates, type }: NewJob, places: Places): string {
  if (status !== 'pending' || type.line) return '[]';
  const asked = [`q:${queue}`, ...gates].map((key) => `[${quoted(key)},${places.next(key)}]`);
  return `[${asked.join(',')}]`;
}

function rowOf(job: NewJob, place: number, gates: Places, now: number, resendMs: number): string {
  const { type, route, dependsOn } = job;
  const line = job.status === 'pending' ? type.line : undefined;
  const onFailure = dependsOn ? (job.proceeds ? '"proceed"' : '"cancel"') : 'null';
  return (
    `["${job.id}","${type.name}","${route.queue}","${route.transport?.name ?? type.line}","${job.status}",` +
    `${job.priority},${job.maxAttempts},${nullable(job.runAt)},${nullable(firstWake(job, now, resendMs))},` +
    `${job.timeoutMs},${job.backoff ? quoted(JSON.stringify(job.backoff)) : null},` +
    `${job.payloadBytes <= INLINE_BYTES_MAX ? job.payloadText : null},${job.payloadBytes},` +
    `${quoted(job.uniqueKey)},${job.tags ? quoted(JSON.stringify(job.tags)) : null},` +
    `${quoted(job.correlationId)},${quoted(job.userId)},${quoted(job.sessionId)},${place},` +
    `${quoted(job.tenant)},${quoted(job.concurrencyKey)},` +
    `${job.gates.length > 0 ? quoted(JSON.stringify(job.gates)) : null},${gatePlaces(job, gates)},` +
    `${quoted(line)},${json(dependsOn)},${onFailure}]`
  );
}

function addDependencies(plan: Plan, jobs: readonly NewJob[], heads: string, scalars: string): void {
  const waiting = jobs.filter(({ dependsOn }) => dependsOn);
  if (waiting.length === 0) return;
  const decided = `[${waiting.map(({ id }) => `["${id}",1]`).join(',')}]`;
  plan.add('depend_insert', heads);
  plan.add('depend_count', decided, scalars);
  plan.add('depend_move', decided, scalars);
  plan.add('depend_missing', heads);
}

/** What the statements of dependencies are told. */
export const dependScalars = (op: string, now: number, config: Config): string =>
  `{"now":${now},"op":"${op}","edges":${DEPEND_EDGES},"wake":${now + config.resendAfterMs}}`;

/** Adds the statements that insert jobs; `limited` by their queues' maximum depth. */
export function addAdmission(
  plan: Plan,
  config: Config,
  jobs: readonly NewJob[],
  op: string,
  now: number,
  limited: boolean,
): void {
  const heads = headsOf(jobs);
  const max = limited ? config.maxPending : 2 ** 50;
  const places = new Places();
  const gates = new Places();
  const rows = jobs.map((job) => rowOf(job, places.next(job.route.queue), gates, now, config.resendAfterMs));
  const told = `"now":${now},"op":"${op}","max":${max},"resend":${config.resendAfterMs}`;
  const scalars = `{${told},${config.limits},"asked":${JSON.stringify(gates.names())}}`;
  if (jobs.some(({ uniqueKey }) => uniqueKey)) plan.add('admit_unique', heads, scalars);
  plan.add('admit_count', heads, scalars);
  for (const array of arraysOf(rows)) plan.add('admit_insert', array, scalars);
  const long = jobs.filter(({ payloadBytes }) => payloadBytes > INLINE_BYTES_MAX);
  for (const array of arraysOf(long.map(({ id, payloadText }) => `["${id}",${payloadText}]`))) {
    plan.add('admit_bodies', array, scalars);
  }
  addDependencies(plan, jobs, heads, dependScalars(op, now, config));
  plan.add('admit_state', heads);
}

/** What holds of a job afterwards: nulls where it was not taken. */
export type StateRow = [id: string | null, status: Status | null, op: string | null, heldBy: string | null];

export const admissionState = (results: readonly Result[]): StateRow[] =>
  readColumn<StateRow>(results.at(-1));

/** unknown_job for each of the job's dependencies that does not exist. */
export function unknownParents({ id, dependsOn }: NewJob, results: readonly Result[], base: string): Fault[] {
  if (!dependsOn) return [];
  const missing = readRows<[id: string, places: number[]]>(results.at(-2)).filter(([child]) => child === id);
  return missing
    .flatMap(([, places]) => places)
    .slice(0, FAULTS_MAX)
    .map((place) => ({
      path: pointer(base, ['dependsOn', place]),
      code: 'unknown_job',
      message: 'There is no such job.',
    }));
}

const isReady = (status: Status | null): boolean => status === 'pending' || status === 'delayed';

/** Sends the jobs that were inserted and wait for nothing but their time. */
export function sendCreated(
  jobs: readonly NewJob[],
  state: readonly StateRow[],
  now: number,
  outbox: Outbox,
): void {
  jobs.forEach((job, n) => {
    const [id, status, , heldBy] = state[n] ?? [null, null, null, null];
    const { transport } = job.route;
    if (!transport || id !== job.id || heldBy) return;
    if (job.dependsOn && !isReady(status)) return;
    const wake = { ...job, type: job.type.name, scheduledAt: now };
    if (job.runAt === 0) {
      outbox.pack(transport, wake);
      return;
    }
    const delay = delaySeconds(now, job.runAt);
    if (canBeSent(delay)) outbox.add(transport, wake, delay);
  });
}
