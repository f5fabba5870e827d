// robots.txt by RFC 9309, fetched from real sites; each test has its own, since the cache is per origin.

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
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

const PLAIN = { 'content-type': 'text/plain' };

/**
 * @param {import('./harness.js').Route} robots
 * @param {Record<string, import('./harness.js').Route>} [routes]
 */
async function siteWith(robots, routes = {}) {
  const route = typeof robots === 'string' ? { headers: PLAIN, body: robots } : robots;
  const pages = { '/': '<title>Home</title>', '/private/x': '<title>Hidden</title>', ...routes };
  const site = await startSite({ '/robots.txt': route, ...pages });
  sites.push(site);
  return site;
}

/**
 * @param {string} url
 * @param {object} [options]
 */
const scrape = (url, options = {}) => handlers.run('scrape_request', { url, scrapeType: 'general', options });

test('what is forbidden is not asked for, and that is for good', async () => {
  const site = await siteWith('User-agent: *\nDisallow: /private/\n');
  const { error } = await scrape(`${site.origin}/private/x`);
  expect(error).toMatchObject({ name: 'FatalError', code: 'robots_disallowed' });
  expect(site.count('/private/x')).toBe(0);
  expect((await scrape(`${site.origin}/`)).result?.title).toBe('Home');
});

test('respectRobots: false does not even ask for it', async () => {
  const site = await siteWith('User-agent: *\nDisallow: /\n');
  expect((await scrape(`${site.origin}/private/x`, { respectRobots: false })).result?.title).toBe('Hidden');
  expect(site.count('/robots.txt')).toBe(0);
});

test('the group of our own name beats the one for all, the longest rule the shorter', async () => {
  const own = 'User-agent: SLUICE\nDisallow: /private/\nAllow: /private/x$\nDisallow: /*.pdf\n';
  const rules = `User-agent: *\nDisallow: /\n\n${own}`;
  const site = await siteWith(`\ufeff${rules}`, { '/private/xy': 'x', '/a.pdf': 'x' });
  expect((await scrape(`${site.origin}/private/x`)).result?.title).toBe('Hidden');
  expect((await scrape(`${site.origin}/private/xy`)).error?.code).toBe('robots_disallowed');
  expect((await scrape(`${site.origin}/a.pdf`)).error?.code).toBe('robots_disallowed');
});

test('another User-Agent in the payload is judged by its own group', async () => {
  const site = await siteWith('User-agent: otherbot\nDisallow: /\n');
  const headers = { 'User-Agent': 'OtherBot/2.0 (x)' };
  expect((await scrape(`${site.origin}/`, { headers })).error?.code).toBe('robots_disallowed');
  expect((await scrape(`${site.origin}/`)).error).toBeUndefined();
});

test.each([401, 403, 404, 410, 418])('%i allows everything', async (status) => {
  const site = await siteWith({ status, body: 'User-agent: *\nDisallow: /' });
  expect((await scrape(`${site.origin}/private/x`)).result?.title).toBe('Hidden');
});

test.each([500, 503, 429])(
  '%i forbids everything for now, and is not asked for again at once',
  async (status) => {
    const site = await siteWith({ status, headers: { 'retry-after': '7' } });
    const first = await scrape(`${site.origin}/`);
    expect(first.error).toMatchObject({
      name: 'RetryableError',
      code: 'robots_unreachable',
      retryAfterMs: 7000,
    });
    expect((await scrape(`${site.origin}/`)).error?.code).toBe('robots_unreachable');
    expect(site.count('/robots.txt')).toBe(1);
    expect(site.count('/')).toBe(0);
  },
);

test('a file that cannot be fetched forbids everything for now', async () => {
  const site = await siteWith((request) => request.socket.destroy());
  const { error } = await scrape(`${site.origin}/`);
  expect(error).toMatchObject({ name: 'RetryableError', code: 'robots_unreachable', retryAfterMs: 60_000 });
});

test('a failure ends: once the file is there again it counts', async () => {
  const site = await siteWith({ status: 503, headers: { 'retry-after': '0' } });
  expect((await scrape(`${site.origin}/`)).error?.code).toBe('robots_unreachable');
  site.routes['/robots.txt'] = { headers: PLAIN, body: 'User-agent: *\nDisallow: /private/' };
  expect((await scrape(`${site.origin}/`)).result?.title).toBe('Home');
});

test('it is fetched once for many pages, in one invocation and in later ones', async () => {
  const site = await siteWith((_, response) => {
    setTimeout(() => response.writeHead(200, PLAIN).end('User-agent: *\nDisallow: /private/'), 150);
  });
  const task = { type: 'scrape_request', payload: { url: `${site.origin}/`, scrapeType: 'general' } };
  const outcomes = await handlers.runAll(Array(5).fill(task));
  await Promise.all([scrape(`${site.origin}/`), scrape(`${site.origin}/`)]);
  expect(outcomes.map(({ result }) => result?.title)).toEqual(Array(5).fill('Home'));
  expect(site.count('/robots.txt')).toBe(1);
  expect(site.count('/')).toBe(7);
});

test('a job that is cancelled while it fetches the file leaves that to the next one', async () => {
  let asked = 0;
  const site = await siteWith((_, response) => {
    asked += 1;
    if (asked > 1) response.writeHead(200, PLAIN).end('');
  });
  const task = { type: 'scrape_request', payload: { url: `${site.origin}/`, scrapeType: 'general' } };
  const started = Date.now();
  const [cancelled, next] = await handlers.runAll([{ ...task, abortAfterMs: 200 }, task]);
  // Not only after the ten seconds that a fetch may take.
  expect(Date.now() - started).toBeLessThan(8000);
  expect(cancelled?.error?.message).toBe('job cancelled');
  expect(next?.result?.title).toBe('Home');
});

describe('redirects', () => {
  test('are followed, and the file counts for the site that was asked', async () => {
    const site = await siteWith({ status: 301, headers: { location: '/rules/robots.txt' } });
    site.routes['/rules/robots.txt'] = { headers: PLAIN, body: 'User-agent: *\nDisallow: /private/' };
    expect((await scrape(`${site.origin}/private/x`)).error?.code).toBe('robots_disallowed');
  });

  test('beyond the fifth, or to a private address, leave the site without the file', async () => {
    const endless = await siteWith({ status: 302, headers: { location: '/robots.txt' } });
    expect((await scrape(`${endless.origin}/private/x`)).result?.title).toBe('Hidden');
    expect(endless.count('/robots.txt')).toBe(6);
    const inward = await siteWith({ status: 302, headers: { location: 'http://10.0.0.1/robots.txt' } });
    const env = { HOST_DELAY_MS: '0', ALLOW_PRIVATE_HOSTS: `127.0.0.1:${inward.port}` };
    const payload = { url: `${inward.origin}/private/x`, scrapeType: 'general' };
    expect((await handlers.run('scrape_request', payload, { env })).result?.title).toBe('Hidden');
  });
});

test('each hop of a redirect is judged by its own site', async () => {
  const closed = await siteWith('User-agent: *\nDisallow: /\n');
  const open = await siteWith('', { '/out': { status: 302, headers: { location: `${closed.origin}/` } } });
  expect((await scrape(`${open.origin}/out`)).error?.code).toBe('robots_disallowed');
  expect(closed.count('/')).toBe(0);
});

test('only the first 500 KiB are read, in whole lines', async () => {
  const head = 'User-agent: *\nDisallow: /private/\n';
  const filler = '# filler\n'.repeat(60_000).slice(0, 512_000 - head.length - 'Disallow: /'.length);
  const site = await siteWith(`${head}${filler.slice(0, -1)}\nDisallow: /zzz\nDisallow: /beyond\n`, {
    '/beyond': '<title>B</title>',
  });
  expect((await scrape(`${site.origin}/`)).result?.title).toBe('Home');
  expect((await scrape(`${site.origin}/beyond`)).result?.title).toBe('B');
  expect((await scrape(`${site.origin}/private/x`)).error?.code).toBe('robots_disallowed');
});

test('its Crawl-delay holds between pages', async () => {
  const site = await siteWith('User-agent: *\nCrawl-delay: 0.4\n');
  const task = { type: 'scrape_request', payload: { url: `${site.origin}/`, scrapeType: 'general' } };
  await handlers.runAll([task, task, task]);
  const starts = site.requests.filter(({ path }) => path === '/').map(({ at }) => at);
  const gaps = starts.slice(1).map((at, index) => at - (starts[index] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThan(330);
});

test('a Crawl-delay of hours is cut: the next job is put off, not lost', async () => {
  const site = await siteWith('User-agent: *\nCrawl-delay: 86400\n');
  expect((await scrape(`${site.origin}/`)).result?.title).toBe('Home');
  const [first, second] = await handlers.runAll(
    Array(2).fill({
      type: 'scrape_request',
      payload: { url: `${site.origin}/`, scrapeType: 'general' },
      abortAfterMs: 500,
    }),
  );
  // Ten seconds is both the cap and the longest wait: either it waits until it is cancelled, or it snoozes.
  for (const outcome of [first, second]) {
    expect([undefined, 'host_busy']).toContain(outcome?.error?.code);
    expect(outcome?.error?.delayMs ?? 0).toBeLessThanOrEqual(40_000);
  }
});
