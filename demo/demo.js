// The demo from its first job to its verdict.
import { check } from './checks.js';
import { checkLines, report } from './report.js';
import { readJobs, runDemo } from './run.js';

const DEMO_MS = 120_000; // bounds the demo; it takes a quarter of that

/**
 * Runs the demo and prints its table, results and checks.
 *
 * @param {Omit<Parameters<typeof runDemo>[0], 'until'>} options
 * @returns {Promise<boolean>} whether all went as expected
 */
export async function demo(options) {
  const { api, screen, alerts, stopped } = options;
  const run = await runDemo({ ...options, until: Date.now() + DEMO_MS });
  if (stopped.aborted) return false;
  screen.keep();
  const jobs = await readJobs(api, run);
  const { attempts } = await api.get(`/jobs/${run.flaky}/attempts`);
  const [stats, health] = [await api.get('/stats'), await api.get('/queue/health')];
  const evidence = { run, jobs, attempts, deadLetters: health.deadLetters, alerts };
  const checks = check(evidence);
  for (const line of [...report(evidence, { stats, health }), ...checkLines(checks)]) screen.print(line);
  return checks.every(({ faults }) => faults.length === 0);
}
