// Turns at a host: delay, concurrency, long queues, cancellation.

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startHandlers, startSite } from './harness.js';

/** @type {Awaited<ReturnType<typeof startHandlers>>} */
let handlers;
/** @type {Awaited<ReturnType<typeof startSite>>[]} */
const sites = [];

beforeAll(async () => {
  handlers = await startHandlers();
});
afterEach(async () => {
  await Promise.all(sites.splice(0).map((site) => site.close()));
});
afterAll(() => handlers.dispose());

/** @param {Record<string, import('./harness.js').Route>} routes */
async function siteWith(routes) {
  const site = await startSite(routes);
  sites.push(site);
  return site;
}

/**
 * @param {string} url
 * @param {Record<string, string>} env
 * @param {object} [more]
 */
function task(url, env, more = {}) {
  const payload = { url, scrapeType: 'general', options: { respectRobots: false } };
  return { type: 'scrape_request', payload, env: { ALLOW_PRIVATE_HOSTS: 'true', ...env }, ...more };
}

/** @param {{ requests: { at: number }[] }} site */
function gapsOf({ requests }) {
  return requests.slice(1).map(({ at }, index) => at - (requests[index]?.at ?? 0));
}

test('requests to one host start HOST_DELAY_MS apart, in one invocation and across invocations', async () => {
  const site = await siteWith({ '/': '<title>x</title>' });
  const tasks = Array(3).fill(task(`${site.origin}/`, { HOST_DELAY_MS: '200' }));
  const outcomes = (await Promise.all([handlers.runAll(tasks), handlers.runAll(tasks)])).flat();
  expect(outcomes.filter(({ error }) => error)).toEqual([]);
  expect(site.requests).toHaveLength(6);
  expect(Math.min(...gapsOf(site))).toBeGreaterThan(150);
});

test('another host does not wait', async () => {
  const [one, two] = [await siteWith({ '/': 'x' }), await siteWith({ '/': 'x' })];
  const env = { HOST_DELAY_MS: '3000' };
  const started = Date.now();
  await handlers.runAll([task(`${one.origin}/`, env), task(`${two.origin}/`, env)]);
  expect(Date.now() - started).toBeLessThan(2500);
});

test('at most SCRAPE_CONCURRENCY requests to a host are under way; failed ones give way', async () => {
  let now = 0;
  let most = 0;
  const site = await siteWith({
    '/': (_, response) => {
      now += 1;
      most = Math.max(most, now);
      setTimeout(() => {
        now -= 1;
        response.writeHead(500).end();
      }, 60);
    },
  });
  const env = { HOST_DELAY_MS: '0', SCRAPE_CONCURRENCY: '2' };
  const outcomes = await handlers.runAll(Array(8).fill(task(`${site.origin}/`, env)));
  expect(outcomes.map(({ error }) => error?.code)).toEqual(Array(8).fill('server_error'));
  expect(most).toBe(2);
});

test('a turn that is too far away snoozes the job, which spends no attempt', async () => {
  const site = await siteWith({ '/': '<title>x</title>' });
  const env = { HOST_DELAY_MS: '30000' };
  const outcomes = await handlers.runAll(Array(3).fill(task(`${site.origin}/`, env)));
  const snoozed = outcomes.flatMap(({ error }) => (error ? [error] : []));
  expect(snoozed).toHaveLength(2);
  for (const error of snoozed) {
    expect(error).toMatchObject({ name: 'SnoozeError', code: 'host_busy' });
    expect(error.delayMs).toBeGreaterThan(25_000);
  }
  expect(site.requests).toHaveLength(1);
});

test('a cancelled job stops waiting at once and takes no turn', async () => {
  const site = await siteWith({ '/': '<title>x</title>' });
  const env = { HOST_DELAY_MS: '5000' };
  const started = Date.now();
  const [, cancelled] = await handlers.runAll([
    task(`${site.origin}/`, env),
    task(`${site.origin}/`, env, { abortAfterMs: 300 }),
  ]);
  expect(cancelled?.error?.message).toBe('job cancelled');
  expect(Date.now() - started).toBeLessThan(4000);
  expect(site.requests).toHaveLength(1);
});

test('settings that are no numbers give the defaults', async () => {
  const site = await siteWith({ '/': '<title>x</title>' });
  await handlers.runAll(
    Array(2).fill(task(`${site.origin}/`, { HOST_DELAY_MS: 'soon', SCRAPE_CONCURRENCY: '0' })),
  );
  expect(gapsOf(site)[0]).toBeGreaterThan(900);
});
