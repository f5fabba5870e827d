// Every flow, crashed at each door that it passes: whatever was accepted comes to its end by the sweep alone.
import { expect, test } from 'vitest';
import * as abi from '../../shim/abi.generated.js';
import { BREAKS } from './breaks.js';
import { simulate } from './simulate.js';

/** Long enough for a machine that does much else. */
const TIMEOUT_MS = 600_000;

/** Calls that change nothing: what reads, and what only says how things are. */
const READERS = ['query', 'parents', 'describe', 'compat_stats', 'compat_letters', 'probe'];
/** Guards without which a crash leaves something that the sweep does not mend. */
const GUARDS = ['outbox', 'letter_again'];

/** Flows of the core, by the names that a report has for them. */
const calls = Object.entries(abi)
  .filter(([name, op]) => name.startsWith('SLUICE_OP_') && Number(op) >= abi.SLUICE_OP_ADMIT)
  .map(([name]) => name.slice('SLUICE_OP_'.length).toLowerCase());

test('a crash at any door leaves every job to the sweep', { timeout: TIMEOUT_MS }, async () => {
  const { status, stdout, report } = await simulate('--crash', 'worst', '--jobs', '1');
  expect(report.failed, stdout).toEqual([]);
  expect(status).toBe(0);
  const rows = Object.entries(report.flows).map(([flow, doors]) => `${flow}: ${doors}`);
  console.info(`${report.crashes} crashes, doors of each flow: ${rows.join(', ')}`);
  expect(report.crashes).toBe(2 * report.points);
  expect(report.jobs).toBeGreaterThan(report.crashes);
  expect(report.drainMs).toBeLessThan(report.boundMs);
  const crashed = new Set(Object.keys(report.calls).map((call) => call.split(' ')[0]));
  expect(calls.filter((call) => !crashed.has(call) && !READERS.includes(call))).toEqual([]);
});

test('without what mends a crash, that is noticed', { timeout: TIMEOUT_MS }, async () => {
  const { status, report } = await simulate('--crash', 'worst', '--break', GUARDS.join(','), '--jobs', '1');
  expect(status).toBe(1);
  for (const guard of GUARDS) expect(Object.keys(report[guard].rules), guard).toContain(BREAKS[guard]?.rule);
});
