// A bounded run of the simulator, and the proof that its checker can fail. Each run is a process of its own:
// it puts virtual time in place of the real one.
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { BREAKS } from './breaks.js';

const SEEDS = 300;
const BREAK_SEEDS = 200;

/** @param {string[]} options */
function simulate(...options) {
  const { stdout, status } = spawnSync(process.execPath, ['scripts/sim.mjs', ...options], {
    encoding: 'utf8',
  });
  const last = stdout.trimEnd().split('\n').at(-1) ?? '';
  return { status, stdout, report: JSON.parse(last) };
}

test('nothing is lost, done twice or overwritten, whatever fails', () => {
  const { status, stdout, report } = simulate('--seeds', `${SEEDS}`, '--jobs', '2');
  expect(report, stdout).toMatchObject({
    seeds: SEEDS,
    lost: 0,
    duplicated: 0,
    overwritten: 0,
    limitExceeded: 0,
    counterDrift: 0,
    stuck: 0,
    failedSeeds: [],
  });
  expect(report.jobs).toBeGreaterThan(10 * SEEDS);
  expect(report.faults).toBeGreaterThan(10 * SEEDS);
  expect(status).toBe(0);
});

/** @type {Record<string, string>} the invariant that notices that a guard is gone */
const NOTICED = {
  state: 'lease of what was not waiting',
  lease: 'two leases at once',
  fence: 'settled after a later lease',
  op: 'stale decision',
  counter: 'counters',
  bury_fence: 'buried by an old letter',
  archive: 'a failed job without a dead letter',
  revive: 'a dead letter of a job that is not failed',
  watch: 'unwatched',
  outbox: 'not final',
};

test('every guard that can be taken away has an invariant that notices', () => {
  expect(Object.keys(NOTICED)).toEqual(Object.keys(BREAKS));
});

test.each(Object.entries(NOTICED))('without the guard %s, "%s" is found', (guard, rule) => {
  const { status, stdout, report } = simulate(
    '--seeds',
    `${BREAK_SEEDS}`,
    '--break',
    guard,
    '--expect',
    rule,
  );
  expect(Object.keys(report.rules), stdout).toContain(rule);
  expect(stdout).toContain(`replay: node scripts/sim.mjs --seeds 1 --from ${report.failedSeeds[0]}`);
  expect(status).toBe(1);
});

test('one seed is one history', () => {
  const [first, second] = [1, 2].map(() => simulate('--seeds', '1', '--from', '7', '--verbose').stdout);
  expect(first).toBe(second);
});
