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

/** Jobs of a request are of few kinds, mostly one behind the other. */
const KINDS_LOOKED = 8;

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

/** Texts by their place in a list, where the same one mostly comes again soon. */
class Numbers {
  readonly #texts: string[] = [];
  readonly #looked: number;

  /** @param looked so many of the last ones are looked through; one before them is listed again */
  constructor(looked: number) {
    this.#looked = looked;
  }

  of(text: string): number {
    const { length } = this.#texts;
    for (let n = length - 1; n >= Math.max(0, length - this.#looked); n--) {
      if (this.#texts[n] === text) return n;
    }
    return this.#texts.push(text) - 1;
  }

  /** As an array of JSON. */
  toArray(): string {
    return `[${this.#texts.join(',')}]`;
  }
}

function headsOf(jobs: readonly NewJob[], groups: Numbers): string {
  const places = new Places();
  const heads = jobs.map(({ id, route: { queue }, type, status, dependsOn, uniqueKey, uniqueUntil }) => {
    const group = groups.of(`["${queue}","${type.name}","${status}"]`);
    const more =
      dependsOn || uniqueKey ? `,${json(dependsOn)},${quoted(uniqueKey)},${nullable(uniqueUntil)}` : '';
    return `["${id}",${group},${places.next(queue)}${more}]`;
  });
  return `[${heads.join(',')}]`;
}

/** When the sweep looks at a new job: never for a plain one, and for one that waits for others. */
function firstWake({ status, runAt, type }: NewJob, now: number, resendMs: number): number {
  if (status === 'blocked' || runAt === 0) return 0;
  return type.line ? runAt : wakeAfter(now, runAt, resendMs);
}

function gatePlaces(
  config: Config,
  { status, route: { queue }, gates, type }: NewJob,
  places: Places,
): string {
  if (status !== 'pending' || type.line) return 'null';
  const place = places.next(`q:${queue}`);
  if (gates.length === 0 && !config.limitsQueue(queue)) return 'null';
  const asked = gates.map((key) => `,[${quoted(key)},${places.next(key)}]`);
  return `[["q:${queue}",${place}]${asked.join('')}]`;
}

/** What the jobs of a request have in common, mostly. */
function kindOf(job: NewJob, now: number, resendMs: number): string {
  const { type, route } = job;
  const line = job.status === 'pending' ? type.line : undefined;
  return (
    `["${type.name}","${route.queue}","${route.transport?.name ?? type.line}","${job.status}",` +
    `${job.priority},${job.maxAttempts},${nullable(job.runAt)},${nullable(firstWake(job, now, resendMs))},` +
    `${job.timeoutMs},${job.backoff ? quoted(JSON.stringify(job.backoff)) : null},` +
    `${job.tags ? quoted(JSON.stringify(job.tags)) : null},${quoted(job.userId)},${quoted(job.sessionId)},` +
    `${quoted(job.tenant)},${quoted(job.concurrencyKey)},` +
    `${job.gates.length > 0 ? quoted(JSON.stringify(job.gates)) : null},${quoted(line)}]`
  );
}

function rowOf(config: Config, job: NewJob, kind: number, place: number, gates: Places): string {
  const { dependsOn } = job;
  return (
    `["${job.id}",${kind},${job.payloadBytes <= INLINE_BYTES_MAX ? job.payloadText : null},` +
    `${job.payloadBytes},${place},${gatePlaces(config, job, gates)},` +
    `${quoted(job.uniqueKey)},${quoted(job.correlationId)}` +
    `${dependsOn ? `,${json(dependsOn)},${job.proceeds ? '"proceed"' : '"cancel"'}` : ''}]`
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
  const groups = new Numbers(Number.POSITIVE_INFINITY);
  const heads = headsOf(jobs, groups);
  const max = limited ? config.maxPending : 2 ** 50;
  const places = new Places();
  const gates = new Places();
  const kinds = new Numbers(KINDS_LOOKED);
  const rows = jobs.map((job) => {
    const kind = kinds.of(kindOf(job, now, config.resendAfterMs));
    return rowOf(config, job, kind, places.next(job.route.queue), gates);
  });
  const told = `"now":${now},"op":"${op}","max":${max},"resend":${config.resendAfterMs}`;
  const scalars = `{${told},${config.limits},"asked":${JSON.stringify(gates.names())}}`;
  if (jobs.some(({ uniqueKey }) => uniqueKey)) plan.add('admit_unique', heads, scalars);
  plan.add('admit_count', heads, scalars, groups.toArray());
  // Of kinds there are few: they are told with each part of the rows.
  const common = kinds.toArray();
  for (const array of arraysOf(rows)) plan.add('admit_insert', array, scalars, common);
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
