// The flows in plain TypeScript with what the core is configured with: its job types and its statements.
import { types } from '../../dist/registry/types.js';
import { SLUICE_OP_SQL } from '../../shim/abi.generated.js';
import { core } from '../../shim/core.js';
import { typescriptFlows } from '../typescript/index.ts';
import type { Flows } from './flows.js';

/** The statements' texts by name. */
function statementTexts(vars: Record<string, unknown>): Map<string, string> {
  const frames = core.call(vars, SLUICE_OP_SQL, []);
  const names = frames.filter((_, n) => n % 2 === 0);
  return new Map(names.map((name, n) => [name, frames[2 * n + 1] ?? '']));
}

export const flows = (vars: Record<string, unknown>): Flows =>
  typescriptFlows(types, vars, statementTexts(vars)) as unknown as Flows;
