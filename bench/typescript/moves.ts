// The statements that carry moves out, with what they mean for others.
import { dependScalars } from './admission.ts';
import type { Freed } from './gate.ts';
import { sendReleased } from './gate.ts';
import {
  BREAKER_FAILS,
  BREAKER_OPEN_MS,
  HISTORY_MAX,
  INLINE_BYTES_MAX,
  RING_BUCKET_MS,
  RING_BUCKETS,
} from './limits.ts';
import type { Outbox } from './message.ts';
import { wakeOf } from './message.ts';
import type { Move } from './move.ts';
import type { Config } from './policy.ts';
import { transportNamed } from './policy.ts';
import type { JobRow, Status } from './record.ts';
import { Column } from './record.ts';
import type { Plan, Result } from './store.ts';
import { readColumn, readRows } from './store.ts';
import { arraysOf, byteLength } from './text.ts';
import { canBeSent, delaySeconds } from './wake.ts';

/** What an attempt says of what it called, for the breakers: well, badly, or nothing. */
export type Omen = 0 | 1 | undefined;

/** A move with its omen. */
export interface Told {
  readonly move: Move;
  readonly omen: Omen;
}

const nullable = (value = 0): number | null => (value === 0 ? null : value);

function moveRow({ move, omen }: Told): string {
  const { row, to, result } = move;
  const size = result === undefined ? 0 : byteLength(result);
  const counts = `${move.countsAsError ? 1 : 0},${move.ms ?? 0}`;
  return (
    `["${row[Column.id]}","processing",${row[Column.fence]},null,"${to}",${nullable(move.runAt)},` +
    `${nullable(move.wakeAt)},${nullable(move.completedAt)},${move.attemptsDelta ?? 0},0,0,` +
    `${move.error ?? null},${size <= INLINE_BYTES_MAX ? (result ?? null) : null},${nullable(size)},` +
    `${move.history ?? null},${move.progress ?? null},${counts},null` +
    `${omen === undefined ? '' : `,${omen}`}]`
  );
}

/** What most jobs come to has statements of its own, which are told next to nothing. */
const isPlainCompletion = ({ move: { row, to } }: Told): boolean =>
  to === 'completed' && (row[Column.gates]?.length ?? 0) === 0;

function completionRow({ move: { row, result = 'null', ms = 0 } }: Told): string {
  const size = byteLength(result);
  const inlined = size <= INLINE_BYTES_MAX ? result : null;
  return `["${row[Column.id]}",${row[Column.fence]},${inlined},${size},${ms}]`;
}

const isFinal = (status: Status): boolean =>
  status === 'completed' || status === 'failed' || status === 'cancelled';

const idRow = ({ move: { row } }: Told): string => `["${row[Column.id]}"]`;

/** What holds of a job that was to move. */
export type MovedRow = [id: string | null, status: Status | null, fence: number | null, op: string | null];

/** The moves of one step. */
export class Moves {
  readonly #list: readonly Told[];
  readonly #freed: Freed;
  readonly #decides: boolean;

  /** @param freed places that are given back besides those of the moves, which are added to them */
  constructor(config: Config, list: readonly Told[], freed: Freed) {
    this.#list = list;
    this.#freed = freed;
    this.#decides = list.some(({ move: { to } }) => isFinal(to));
    for (const { move } of list) freed.add(config, move.row[Column.queue], move.row[Column.gates]);
  }

  /** Adds the statements; the last one tells what holds then. */
  addTo(plan: Plan, config: Config, op: string, now: number): void {
    const list = this.#list;
    if (list.length === 0 && this.#freed.empty) return;
    const bucket = Math.floor(now / RING_BUCKET_MS);
    const scalars =
      `{"now":${now},"op":"${op}","history":${HISTORY_MAX},"fails":${BREAKER_FAILS},` +
      `"until":${now + BREAKER_OPEN_MS},"bucket":${bucket},"buckets":${RING_BUCKETS}}`;
    const takesPlaces = list.some(({ move: { row } }) => (row[Column.gates]?.length ?? 0) > 0);
    const others = list.filter((told) => !isPlainCompletion(told));
    for (const rows of arraysOf(others.map(moveRow))) {
      if (takesPlaces) plan.add('move_places', rows, scalars);
      plan.add('move_count', rows, scalars);
      plan.add('move_jobs', rows, scalars);
    }
    for (const rows of arraysOf(list.filter(isPlainCompletion).map(completionRow))) {
      plan.add('complete_count', rows, scalars);
      plan.add('complete_jobs', rows, scalars);
    }
    const dead = list.filter(({ move }) => move.to === 'failed');
    if (dead.length > 0) plan.add('move_dead', `[${dead.map(idRow).join(',')}]`, scalars);
    this.#addLongResults(plan, scalars);
    if (this.#decides) this.#addDependants(plan, dependScalars(op, now, config));
    if (!this.#freed.empty) this.#freed.release(plan, config, op, now);
    plan.add('move_state', `[${list.map(idRow).join(',')}]`);
  }

  #addLongResults(plan: Plan, scalars: string): void {
    const long = this.#list.flatMap(({ move: { row, result } }) => {
      if (!result || result.length * 3 <= INLINE_BYTES_MAX || byteLength(result) <= INLINE_BYTES_MAX)
        return [];
      return [`["${row[Column.id]}",${result}]`];
    });
    for (const rows of arraysOf(long)) plan.add('move_results', rows, scalars);
  }

  #addDependants(plan: Plan, scalars: string): void {
    const ended = this.#list.filter(({ move }) => isFinal(move.to));
    const bound = `[${ended.map(({ move: { row } }) => `["${row[Column.id]}",0]`).join(',')}]`;
    plan.add('depend_count', bound, scalars);
    plan.add('depend_move', bound, scalars);
    plan.add('depend_close', bound, scalars);
    plan.add('depend_more', bound, scalars);
    plan.add('depend_state', scalars);
  }

  /** Sends who was let out and who need wait no more; tells what holds of each job that was to move. */
  read(results: readonly Result[], now: number, outbox: Outbox): MovedRow[] {
    let place = -2;
    if (!this.#freed.empty) {
      sendReleased(results.at(place), outbox);
      place -= 2;
    }
    if (this.#decides) this.#sendDependants(results.at(place), now, outbox);
    return readColumn<MovedRow>(results.at(-1));
  }

  #sendDependants(result: Result | undefined, now: number, outbox: Outbox): void {
    const rows = readRows<JobRow>(result);
    if (rows.length === 0) return;
    const moved = new Set(this.#list.map(({ move: { row } }) => row[Column.id]));
    for (const row of rows) {
      const transport = transportNamed(row[Column.transport]);
      if (!transport || moved.has(row[Column.id])) continue;
      const delay = row[Column.status] === 'delayed' ? delaySeconds(now, row[Column.runAt] ?? 0) : 0;
      if (delay === 0) outbox.pack(transport, wakeOf(row));
      else if (canBeSent(delay)) outbox.add(transport, wakeOf(row), delay);
    }
    outbox.flush();
  }
}
