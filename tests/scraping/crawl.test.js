// crawl-website on a real site.

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
 * @param {string} title
 * @param {string[]} hrefs
 */
const page = (title, ...hrefs) =>
  `<title>${title}</title>${hrefs.map((href) => `<a href="${href}">${href}</a>`).join('')}`;

/** @param {any} result */
const titles = (result) => result.pages.map((/** @type {any} */ entry) => entry.title);

test('visits a site breadth first, each page once', async () => {
  const site = await siteWith({
    '/': page('Home', '/a', '/b', '/#top', '/a?utm_source=home', 'https://else.example/', '/photo.jpg'),
    '/a': page('A', '/a/1', '/', '/b#x'),
    '/b': page('B', '/b/1'),
    '/a/1': page('A1', '/a'),
    '/b/1': page('B1'),
  });
  const { result, progress } = await handlers.run('crawl-website', { url: `${site.origin}/#start` });
  expect(titles(result)).toEqual(['Home', 'A', 'B', 'A1', 'B1']);
  expect(result.pages[3]).toEqual({ url: `${site.origin}/a/1`, title: 'A1', status: 200, depth: 2 });
  expect(result).toMatchObject({ pagesCrawled: 5, errors: [] });
  expect(site.requests.map(({ path }) => path)).toEqual(['/robots.txt', '/', '/a', '/b', '/a/1', '/b/1']);
  expect(progress.at(-1)).toBe(100);
});

test('stops at maxPages, ten by default', async () => {
  const links = Array.from({ length: 30 }, (_, n) => `/p${n}`);
  const routes = Object.fromEntries(links.map((path) => [path, page(path)]));
  const site = await siteWith({ '/': page('Home', ...links), ...routes });
  expect((await handlers.run('crawl-website', { url: site.origin })).result.pagesCrawled).toBe(10);
  expect((await handlers.run('crawl-website', { url: site.origin, maxPages: 3 })).result.pagesCrawled).toBe(
    3,
  );
});

test('collects selectors on every page', async () => {
  const site = await siteWith({ '/': '<h1>One</h1><a href=/2>2</a>', '/2': '<h1>Two</h1>' });
  const { result } = await handlers.run('crawl-website', { url: site.origin, selectors: { heading: 'h1' } });
  expect(result.pages.map((/** @type {any} */ entry) => entry.selected)).toEqual([
    { heading: ['One'] },
    { heading: ['Two'] },
  ]);
});

test('notes pages that fail and goes on; robots, nofollow and other sites hold', async () => {
  const site = await siteWith({
    '/robots.txt': { headers: { 'content-type': 'text/plain' }, body: 'User-agent: *\nDisallow: /no' },
    '/': `${page('Home', '/gone', '/down', '/no', '/pdf', '/away', '/ok')}<a rel=nofollow href=/secret>s</a>`,
    '/gone': { status: 410 },
    '/down': { status: 503 },
    '/pdf': { headers: { 'content-type': 'application/pdf' }, body: 'x' },
    '/away': { status: 302, headers: { location: 'http://10.0.0.1/' } },
    '/ok': page('Ok'),
    '/secret': page('Secret'),
  });
  const env = { HOST_DELAY_MS: '0', ALLOW_PRIVATE_HOSTS: `127.0.0.1:${site.port}` };
  const { result } = await handlers.run('crawl-website', { url: site.origin }, { env });
  expect(titles(result)).toEqual(['Home', 'Ok']);
  const codes = result.errors.map((/** @type {any} */ error) => [new URL(error.url).pathname, error.code]);
  expect(codes).toEqual([
    ['/gone', 'gone'],
    ['/down', 'unavailable'],
    ['/no', 'robots_disallowed'],
    ['/pdf', 'unsupported_content'],
    ['/away', 'private_address'],
  ]);
  expect(site.count('/secret')).toBe(0);
});

test('a page that redirects to a known one, or off the site, is no page of its own', async () => {
  const other = await siteWith({ '/': page('Other') });
  const site = await siteWith({
    '/': page('Home', '/same', '/off', '/end'),
    '/same': { status: 301, headers: { location: '/' } },
    '/off': { status: 301, headers: { location: `${other.origin}/` } },
    '/end': page('End'),
  });
  expect(titles((await handlers.run('crawl-website', { url: site.origin })).result)).toEqual(['Home', 'End']);
});

test('fails as its first page fails', async () => {
  const site = await siteWith({ '/down': { status: 503 } });
  const down = await handlers.run('crawl-website', { url: `${site.origin}/down` });
  expect(down.error).toMatchObject({ name: 'RetryableError', code: 'unavailable' });
  const missing = await handlers.run('crawl-website', { url: `${site.origin}/missing` });
  expect(missing.error).toMatchObject({ name: 'FatalError', code: 'not_found' });
});

test('goes on from its checkpoint in a later attempt', async () => {
  const links = Array.from({ length: 9 }, (_, n) => `/p${n}`);
  const site = await siteWith({
    '/': page('Home', ...links),
    ...Object.fromEntries(links.map((path) => [path, page(path)])),
  });
  const first = await handlers.run('crawl-website', { url: `${site.origin}/` });
  const [checkpointed] = first.checkpoints;
  expect(checkpointed.pages).toHaveLength(5);
  const before = site.requests.length;
  const second = await handlers.run('crawl-website', { url: `${site.origin}/` }, { checkpointed });
  expect(second.result).toEqual(first.result);
  expect(site.requests.slice(before).map(({ path }) => path)).toEqual(['/p4', '/p5', '/p6', '/p7', '/p8']);
});

test('keeps the host delay and stops when it is cancelled', async () => {
  const site = await siteWith({ '/': page('Home', '/1', '/2'), '/1': page('1'), '/2': page('2') });
  const env = { HOST_DELAY_MS: '250', ALLOW_PRIVATE_HOSTS: 'true' };
  await handlers.run('crawl-website', { url: `${site.origin}/` }, { env });
  const starts = site.requests.filter(({ path }) => path !== '/robots.txt').map(({ at }) => at);
  expect((starts[2] ?? 0) - (starts[0] ?? 0)).toBeGreaterThan(450);
  const slow = { env: { ...env, HOST_DELAY_MS: '5000' }, abortAfterMs: 300 };
  const { error } = await handlers.run('crawl-website', { url: `${site.origin}/` }, slow);
  expect(error?.message).toBe('job cancelled');
});

test('a result stays small however much is selected', async () => {
  const text = `<p>${'word '.repeat(900)}</p>`.repeat(60);
  const links = Array.from({ length: 9 }, (_, n) => `/p${n}`);
  const site = await siteWith({
    '/': page('Home', ...links) + text,
    ...Object.fromEntries(links.map((path) => [path, page(path) + text])),
  });
  const { result } = await handlers.run('crawl-website', { url: site.origin, selectors: { p: 'p' } });
  expect(result.pagesCrawled).toBe(10);
  expect(JSON.stringify(result).length).toBeLessThanOrEqual(900_000);
  expect(result.pages.at(-1)).toMatchObject({ title: '/p8', truncated: true });
});
