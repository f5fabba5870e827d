// Gates: what a job waits for besides its time, and who is let out when places are given back.
import { CLOCK_SKEW_MS, RELEASE_LOOK, RELEASE_ROWS } from './limits.ts';
import type { Outbox } from './message.ts';
import { wakeOf } from './message.ts';
import type { Config, JobType } from './policy.ts';
import { transportNamed } from './policy.ts';
import type { JobRow } from './record.ts';
import { Column } from './record.ts';
import type { Plan, Result } from './store.ts';
import { readRows } from './store.ts';

/** How gates spell a host and a URL; of what is no web address they have neither. */
interface Spelt {
  readonly host: string;
  readonly url: string;
}

function spell(text: string): Spelt | undefined {
  const parsed = URL.parse(text);
  if (!parsed || parsed.username || !/^https?:$/.test(parsed.protocol)) return undefined;
  const { protocol, pathname, search } = parsed;
  const host = parsed.host.replace(/\.+(?=:|$)/, '');
  const pairs = search
    .slice(1)
    .split('&')
    .filter((pair) => pair && !/^utm_/i.test(pair));
  return { host, url: `${protocol}//${host}${pathname}${pairs.length > 0 ? `?${pairs.join('&')}` : ''}` };
}

const textIn = (payload: unknown, member: string): string =>
  String((payload as Record<string, unknown>)[member] ?? '');

/** Keys of a new job's gates besides its queue's. Longer URLs than 500 bytes are not cut. */
export function gatesOf(
  { file: { gates, rate } }: JobType,
  queue: string,
  payload: unknown,
  concurrencyKey?: string,
  tenant?: string,
): string[] {
  const keys: string[] = [];
  const add = (kind: string, name: string | undefined) => {
    if (name) keys.push(kind + name);
  };
  add('c:', concurrencyKey);
  add('t:', tenant);
  if (rate?.by === 'tenant') keys.push(`r:${queue}:${tenant ?? ''}`);
  if (rate?.by === 'concurrencyKey') keys.push(`r:${queue}:${concurrencyKey ?? ''}`);
  if (gates.url) add('u:', spell(textIn(payload, gates.url))?.url);
  if (gates.host) add('h:', spell(textIn(payload, gates.host))?.host);
  if (gates.receiver) add('s://', spell(textIn(payload, gates.receiver))?.host);
  add('s:', gates.service);
  return keys;
}

/** Places that are given back, by key. */
export class Freed {
  readonly #keys = new Map<string, number>();

  get empty(): boolean {
    return this.#keys.size === 0;
  }

  #add(key: string): void {
    this.#keys.set(key, (this.#keys.get(key) ?? 0) + 1);
  }

  /** One place at each gate of a job. */
  add(config: Config, queue: string, gates: readonly string[] | null): void {
    const own = config.limitsQueue(queue) ? `q:${queue}` : undefined;
    if (own) this.#add(own);
    for (const key of gates ?? []) {
      if (key !== own) this.#add(key);
    }
  }

  /** Adds the statements that let out who stands in line for the places. */
  release(plan: Plan, config: Config, op: string, now: number): void {
    const places = [...this.#keys].map(([key, count]) => [key, Math.min(count, RELEASE_ROWS)]);
    const most = Math.min(Math.max(...this.#keys.values()), RELEASE_ROWS);
    const bound = JSON.stringify(places);
    // Not the step's own nonce: by that it knows the jobs that it moved.
    const scalars =
      `{"now":${now},"op":"${op}+","resend":${config.resendAfterMs},"look":${most + RELEASE_LOOK},` +
      `"skew":${CLOCK_SKEW_MS},${config.limits}}`;
    plan.add('gate_drop', bound, scalars);
    plan.add('gate_release', bound, scalars);
  }
}

/** Sends who was let out. */
export function sendReleased(result: Result | undefined, outbox: Outbox): void {
  for (const row of readRows<JobRow>(result)) {
    const transport = transportNamed(row[Column.transport]);
    if (transport && !row[Column.heldBy]) outbox.pack(transport, wakeOf(row));
  }
  outbox.flush();
}
