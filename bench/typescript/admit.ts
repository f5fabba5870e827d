// request ─► admit ═D1═► admitted ─► sends ─► reply
import type { StateRow } from './admission.ts';
import { addAdmission, admissionState, sendCreated, unknownParents } from './admission.ts';
import { Entropy } from './entropy.ts';
import type { Fault, Reply } from './fault.ts';
import { itemProblem, problem, syntaxFault } from './fault.ts';
import type { NewJob, Read } from './job.ts';
import { readRequest } from './job.ts';
import { BATCH_BODY_BYTES_MAX, BATCH_JOBS_MAX, BODY_BYTES_MAX } from './limits.ts';
import { Outbox } from './message.ts';
import type { Context, Env, Result } from './store.ts';
import { Plan } from './store.ts';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The body's value, or the answer to one that has none. */
function readBody(body: Uint8Array, bytesMax: number): { value: unknown } | Reply {
  if (body.length > bytesMax) return problem(413, 'The body is too large.');
  try {
    return { value: JSON.parse(decoder.decode(body)) };
  } catch (error) {
    return problem(400, 'The body is not valid JSON.', [syntaxFault(error)]);
  }
}

function notTaken(job: NewJob, results: readonly Result[], base: string): Reply {
  const faults: Fault[] = unknownParents(job, results, base);
  return faults.length > 0 ? itemProblem(faults) : problem(429, 'The queue has reached its maximum depth.');
}

const admitted = (job: NewJob, [id, status]: StateRow): object =>
  id === job.id ? { jobId: id, status } : { jobId: id, status, duplicate: true };

const NOTHING: StateRow = [null, null, null, null];

/** POST /jobs. */
export async function admitOne(context: Context, env: Env, body: Uint8Array): Promise<Reply> {
  const { config } = context;
  const now = Date.now();
  const entropy = Entropy.fresh();
  const op = entropy.nonce();
  const read = readBody(body, BODY_BYTES_MAX);
  if ('status' in read) return read;
  const { job, faults } = readRequest(config, read.value, '', now, 0, entropy);
  if (faults) return itemProblem(faults);
  const plan = new Plan(env, context);
  addAdmission(plan, config, [job], op, now, true);
  const results = await plan.run();
  const [row = NOTHING] = admissionState(results);
  if (!row[0]) return notTaken(job, results, '');
  const outbox = new Outbox();
  sendCreated([job], [row], now, outbox);
  await outbox.send(env);
  return { status: row[0] === job.id ? 201 : 200, body: JSON.stringify(admitted(job, row)) };
}

/** Whether a job behind the n-th one of the same request has its unique key: then that one was refused. */
const passedOver = (jobs: readonly NewJob[], n: number, id: string): boolean =>
  jobs[n]?.dependsOn !== undefined && jobs.slice(n + 1).some((later) => later.id === id);

function batchReply(
  reads: readonly Read[],
  jobs: readonly NewJob[],
  state: readonly StateRow[],
  results: readonly Result[],
): Reply {
  let n = 0;
  const answers = reads.map(({ job, faults }, place) => {
    if (faults) return { error: JSON.parse(itemProblem(faults).body) };
    const at = n++;
    const row = state[at] ?? NOTHING;
    if (row[0] && !passedOver(jobs, at, row[0])) return admitted(job, row);
    return { error: JSON.parse(notTaken(job, results, `/jobs/${place}`).body) };
  });
  return { status: 201, body: JSON.stringify({ jobs: answers }) };
}

/** POST /jobs/batch: one invalid job never stops the others. */
export async function admitBatch(context: Context, env: Env, body: Uint8Array): Promise<Reply> {
  const { config } = context;
  const now = Date.now();
  const entropy = Entropy.fresh();
  const op = entropy.nonce();
  const read = readBody(body, BATCH_BODY_BYTES_MAX);
  if ('status' in read) return read;
  const requests = (read.value as { jobs?: unknown } | null)?.jobs;
  if (!Array.isArray(requests) || requests.length > BATCH_JOBS_MAX) {
    const message = Array.isArray(requests) ? 'At most 1000 jobs.' : 'Must be an array of jobs.';
    const code = Array.isArray(requests) ? 'max_items' : 'required';
    return problem(422, 'The batch is not valid.', [{ path: '/jobs', code, message }]);
  }
  const reads = requests.map((request: unknown, place) =>
    readRequest(config, request, `/jobs/${place}`, now, place, entropy),
  );
  const jobs = reads.flatMap(({ job }) => job ?? []);
  if (jobs.length === 0) return batchReply(reads, jobs, [], []);
  const plan = new Plan(env, context);
  addAdmission(plan, config, jobs, op, now, true);
  const results = await plan.run();
  const state = admissionState(results);
  const outbox = new Outbox();
  sendCreated(jobs, state, now, outbox);
  await outbox.send(env);
  return batchReply(reads, jobs, state, results);
}
