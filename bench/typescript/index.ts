// The core's three flows in plain TypeScript with zod, to compare with: the same decisions, from the same
// rows, bound to the same statements. They know the types whose payloads schema.ts has, and no errors of D1.
import { admitBatch, admitOne } from './admit.ts';
import type { Batch, Claimed, Mark } from './claim.ts';
import { claim } from './claim.ts';
import type { Reply } from './fault.ts';
import { Config } from './policy.ts';
import type { Settlement } from './settle.ts';
import { settle } from './settle.ts';
import type { Env } from './store.ts';

export interface Flows {
  admitOne(env: Env, body: Uint8Array): Promise<Reply>;
  admitBatch(env: Env, body: Uint8Array): Promise<Reply>;
  claim(env: Env, batch: Batch): Promise<Claimed>;
  settle(env: Env, settlement: Settlement): Promise<{ marks: Mark[] }>;
}

/**
 * @param files the job types' policies
 * @param vars the worker's variables
 * @param sql the statements' texts by name
 */
export function typescriptFlows(
  files: readonly unknown[],
  vars: Record<string, unknown>,
  sql: ReadonlyMap<string, string>,
): Flows {
  const context = { config: new Config(files, vars), sql };
  return {
    admitOne: (env, body) => admitOne(context, env, body),
    admitBatch: (env, body) => admitBatch(context, env, body),
    claim: (env, batch) => claim(context, env, batch),
    settle: (env, settlement) => settle(context, env, settlement),
  };
}
