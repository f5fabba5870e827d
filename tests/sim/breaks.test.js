// The proof that the simulator's checker can fail: every guard is taken away once.
import { availableParallelism } from 'node:os';
import { beforeAll, describe, expect, test } from 'vitest';
import { BREAKS } from './breaks.js';
import { simulate } from './simulate.js';

const BREAK_SEEDS = 200;
/** Each takes up to 1 GB. */
const JOBS = `${Math.min(availableParallelism(), 4)}`;
/** Long enough for a machine that does much else. */
const TIMEOUT_MS = 1_200_000;

describe('the checker can fail', () => {
  /** @type {Record<string, { seeds: number, failedSeeds: number[], rules: Record<string, number> }>} */
  let reports = {};
  let stdout = '';

  beforeAll(async () => {
    const run = await simulate('--seeds', `${BREAK_SEEDS}`, '--break', 'all', '--jobs', JOBS);
    reports = run.report;
    stdout = run.stdout;
    expect(run.status).toBe(1);
  }, TIMEOUT_MS);

  test.each(Object.entries(BREAKS))('without the guard %s, "$rule" is found', (guard, { rule, shards }) => {
    const report = reports[guard];
    expect(Object.keys(report?.rules ?? {}), `${report?.seeds} seeds`).toContain(rule);
    const spread = shards ? ` --shards ${shards}` : '';
    expect(stdout).toContain(
      `replay: npm run sim -- --seeds 1 --from ${report?.failedSeeds.at(-1)}${spread} --break ${guard}`,
    );
  });
});
