// results ─► settle ═D1═► sends, marks
import { backoffMs, backoffOf } from './backoff.ts';
import type { Mark, Run } from './claim.ts';
import { Entropy } from './entropy.ts';
import { Freed } from './gate.ts';
import { RESULT_BYTES_MAX, RETRY_AFTER_MS_MAX } from './limits.ts';
import { Outbox, wakeOf } from './message.ts';
import type { JobError, Move } from './move.ts';
import { complete, fail, handBack, retryLater, snooze } from './move.ts';
import type { Omen, Told } from './moves.ts';
import { Moves } from './moves.ts';
import { transportNamed } from './policy.ts';
import type { LeasedRow } from './record.ts';
import { Column } from './record.ts';
import type { Context, Env } from './store.ts';
import { Plan } from './store.ts';
import { byteLength } from './text.ts';
import { canBeSent, delaySeconds } from './wake.ts';

/** What a run came to. `result` is JSON. */
export interface Verdict {
  readonly kind: string;
  readonly result?: string;
  readonly ms?: number;
  readonly code?: string;
  readonly message?: string;
  readonly retryable?: boolean;
  readonly retryAfterMs?: number;
  readonly breaker?: true;
  readonly delayMs?: number;
}

export interface Settlement {
  readonly queue: string;
  readonly results: readonly { readonly run: Run; readonly verdict: Verdict }[];
}

/** A move, and how its job comes back. */
interface Decision extends Told {
  /** Its next attempt needs a new message. */
  readonly fresh: boolean;
  readonly delayMs: number;
}

const errorOf = ({ code, message = '', retryable = true }: Verdict): JobError => ({
  code: code || 'handler_error',
  message,
  retryable,
});

const wishMs = (wish: number | undefined): number | undefined =>
  wish === undefined || wish < 0 ? undefined : Math.min(wish, RETRY_AFTER_MS_MAX);

/** Handlers blame on what they called what is its fault; a final error comes of its answer. */
function omenOf({ kind, breaker, retryable = true }: Verdict): Omen {
  if (kind === 'ok') return 0;
  if (kind !== 'error') return undefined;
  if (breaker) return 1;
  return retryable ? undefined : 0;
}

/** Decides what becomes of jobs, at one time. */
class Decider {
  readonly #context: Context;
  readonly #now: number;
  readonly #entropy: Entropy;

  constructor(context: Context, now: number, entropy: Entropy) {
    this.#context = context;
    this.#now = now;
    this.#entropy = entropy;
  }

  decide(row: LeasedRow, verdict: Verdict): Decision {
    const { resendAfterMs } = this.#context.config;
    const omen = omenOf(verdict);
    switch (verdict.kind) {
      case 'ok':
        return { move: this.#success(row, verdict), omen, fresh: false, delayMs: 0 };
      case 'unstarted':
        return { move: handBack(row, this.#now, resendAfterMs), omen, fresh: true, delayMs: 0 };
      case 'snooze': {
        const delayMs = wishMs(verdict.delayMs) ?? 0;
        const move = snooze(row, this.#now, delayMs, resendAfterMs, errorOf(verdict));
        return { move, omen, fresh: true, delayMs };
      }
      case 'timeout': {
        const message = `Not done within ${row[Column.timeoutMs]} ms.`;
        return this.#error(row, verdict, { code: 'timeout', message, retryable: true });
      }
      default:
        return this.#error(row, verdict, errorOf(verdict));
    }
  }

  #success(row: LeasedRow, { result = 'null', ms = 0 }: Verdict): Move {
    // A text has at most three bytes for each of its units.
    if (result.length * 3 > RESULT_BYTES_MAX && byteLength(result) > RESULT_BYTES_MAX) {
      const error = { code: 'result_too_large', message: 'A result may hold 1 MiB.', retryable: false };
      return fail(row, this.#now, this.#context.config.resendAfterMs, error);
    }
    return complete(row, this.#now, result, ms);
  }

  #error(row: LeasedRow, verdict: Verdict, error: JobError): Decision {
    const { config } = this.#context;
    const omen = omenOf(verdict);
    const attempts = row[Column.attempts];
    if (!error.retryable || attempts >= row[Column.maxAttempts]) {
      return { move: fail(row, this.#now, config.resendAfterMs, error), omen, fresh: false, delayMs: 0 };
    }
    const policy = backoffOf(row[Column.backoff], config.types.get(row[Column.type])?.backoff);
    const delayMs = wishMs(verdict.retryAfterMs) ?? backoffMs(policy, attempts, this.#entropy);
    const move = retryLater(row, this.#now, delayMs, config.resendAfterMs, error);
    return { move, omen, fresh: false, delayMs };
  }
}

/** The places of handlers that were stopped are given back. */
function addReleases(plan: Plan, stopped: readonly LeasedRow[], op: string, places: boolean): void {
  if (stopped.length === 0) return;
  const rows = `[${stopped.map((row) => `["${row[Column.id]}",${row[Column.fence]}]`).join(',')}]`;
  if (places) plan.add('move_release_places', rows, `{"op":"${op}"}`);
  plan.add('move_release', rows);
}

/** What becomes of the message of a job that moved, and what is sent for it. */
function followUp(queue: string, { token }: Run, index: number, decision: Decision, outbox: Outbox): Mark {
  const [row, deliveries, sole] = token;
  const { move, fresh, delayMs } = decision;
  const transport = transportNamed(row[Column.transport]);
  if (!transport || move.to === 'completed') return [index, false, 0];
  if (move.to === 'failed') {
    outbox.addDead(transport, { ...wakeOf(row), deadFence: row[Column.fence] });
    return [index, false, 0];
  }
  const seconds = delaySeconds(0, delayMs);
  const came = transportNamed(queue);
  // A platform retry is one queue operation where a new message is three; it is taken while it serves.
  const retries = !fresh && came && sole && canBeSent(seconds) && deliveries <= came.maxRetries;
  if (retries) return [index, true, seconds];
  if (canBeSent(seconds)) outbox.add(transport, wakeOf(row), seconds);
  return [index, false, 0];
}

/** Settles what runs came to. */
export async function settle(
  context: Context,
  env: Env,
  { queue, results }: Settlement,
): Promise<{ marks: Mark[] }> {
  const { config } = context;
  const now = Date.now();
  const entropy = Entropy.fresh();
  const op = entropy.nonce();
  const decider = new Decider(context, now, entropy);
  const decisions = results.map(({ run, verdict }) =>
    verdict.kind === 'stopped' ? undefined : decider.decide(run.token[0], verdict),
  );
  const stopped = results.flatMap(({ run, verdict }) => (verdict.kind === 'stopped' ? [run.token[0]] : []));
  const freed = new Freed();
  for (const row of stopped) freed.add(config, row[Column.queue], row[Column.gates]);
  const plan = new Plan(env, context);
  addReleases(plan, stopped, op, !freed.empty);
  const told = decisions.filter((decision) => decision !== undefined);
  const moves = new Moves(config, told, freed);
  moves.addTo(plan, config, op, now);
  const rows = plan.size > 0 ? await plan.run() : [];
  const outbox = new Outbox();
  const state = moves.read(rows, now, outbox);
  let n = 0;
  const marks = results.map(({ run }, index): Mark => {
    const decision = decisions[index];
    if (!decision || state[n++]?.[3] !== op) return [index, false, 0];
    return followUp(queue, run, index, decision, outbox);
  });
  await outbox.send(env);
  return { marks };
}
