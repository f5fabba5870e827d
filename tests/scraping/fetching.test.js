// Requests: what is sent, where redirects may lead, which limits hold, which failures are for good.

import { createServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startHandlers, startSite } from './harness.js';

/** @type {Awaited<ReturnType<typeof startHandlers>>} */
let handlers;
/** @type {Awaited<ReturnType<typeof startSite>>} */
let site;
/** @type {Awaited<ReturnType<typeof startSite>>} */
let other;

beforeAll(async () => {
  handlers = await startHandlers();
  site = await startSite({});
  other = await startSite({ '/landing': '<title>Landed</title>', '/secret': '<title>Secret</title>' });
});
afterAll(async () => {
  await Promise.all([handlers.dispose(), site.close(), other.close()]);
});

/**
 * @param {string} url absolute, or a path on the site
 * @param {object} [options]
 * @param {object} [more]
 */
function scrape(url, options = {}, more = {}) {
  const absolute = url.startsWith('/') ? site.origin + url : url;
  return handlers.run('scrape_request', { url: absolute, scrapeType: 'general', options }, more);
}

/** @param {string} to */
const redirect = (to, status = 302) => ({ status, headers: { location: to } });

describe('statuses', () => {
  test.each([
    [404, 'FatalError', 'not_found'],
    [410, 'FatalError', 'gone'],
    [403, 'FatalError', 'forbidden'],
    [500, 'RetryableError', 'server_error'],
    [502, 'RetryableError', 'server_error'],
    [408, 'RetryableError', 'request_timeout'],
  ])('%i is a %s', async (status, name, code) => {
    site.routes[`/status-${status}`] = { status, body: '<title>no</title>' };
    const { error } = await scrape(`/status-${status}`);
    expect(error).toMatchObject({ name, code });
    expect(error?.retryAfterMs).toBeUndefined();
  });

  test.each([
    [429, 'rate_limited'],
    [503, 'unavailable'],
  ])('%i waits as long as Retry-After says, in seconds or until a date', async (status, code) => {
    site.routes['/later'] = { status, headers: { 'retry-after': '90' } };
    expect((await scrape('/later')).error).toMatchObject({
      name: 'RetryableError',
      code,
      retryAfterMs: 90_000,
    });
    const date = new Date(Date.now() + 600_000).toUTCString();
    site.routes['/later'] = { status, headers: { 'retry-after': date } };
    const wait = (await scrape('/later')).error?.retryAfterMs ?? 0;
    expect(wait).toBeGreaterThan(580_000);
    expect(wait).toBeLessThanOrEqual(600_000);
  });

  test('an empty 204 is an empty page', async () => {
    site.routes['/nothing'] = { status: 204 };
    expect((await scrape('/nothing')).result).toMatchObject({ title: '', data: {}, links: [] });
  });
});

describe('redirects', () => {
  test('lead to the final page, relative ones too', async () => {
    site.routes['/a/start'] = redirect('../b', 301);
    site.routes['/b'] = redirect(`${other.origin}/landing`, 308);
    expect((await scrape('/a/start')).result).toMatchObject({
      url: `${site.origin}/a/start`,
      finalUrl: `${other.origin}/landing`,
      title: 'Landed',
    });
  });

  test('are followed five times and no more', async () => {
    for (let n = 1; n <= 6; n += 1) site.routes[`/hop-${n}`] = redirect(`/hop-${n - 1}`);
    site.routes['/hop-0'] = '<title>End</title>';
    expect((await scrape('/hop-5')).result?.title).toBe('End');
    expect((await scrape('/hop-6')).error).toMatchObject({ name: 'FatalError', code: 'too_many_redirects' });
  });

  test.each([
    'http://10.0.0.1/',
    'http://[::1]/',
    'http://169.254.169.254/latest/meta-data',
    'http://localhost/',
  ])('to %s are refused', async (target) => {
    site.routes['/inward'] = redirect(target);
    const env = { HOST_DELAY_MS: '0', ALLOW_PRIVATE_HOSTS: `127.0.0.1:${site.port}` };
    expect((await scrape('/inward', {}, { env })).error).toMatchObject({
      name: 'FatalError',
      code: 'private_address',
    });
  });

  test('to another port of an allowed host are refused before anything is sent', async () => {
    site.routes['/sideways'] = redirect(`${other.origin}/secret`);
    const env = { HOST_DELAY_MS: '0', ALLOW_PRIVATE_HOSTS: `127.0.0.1:${site.port}` };
    const before = other.requests.length;
    expect((await scrape('/sideways', {}, { env })).error?.code).toBe('private_address');
    expect(other.requests).toHaveLength(before);
  });

  test.each([
    ['/nowhere', {}, 'bad_redirect'],
    ['/broken', { location: 'http://[' }, 'bad_redirect'],
    ['/file', { location: 'file:///etc/passwd' }, 'invalid_url'],
    ['/login', { location: 'http://user:pw@example.com/' }, 'invalid_url'],
  ])('%s is for good', async (path, headers, code) => {
    site.routes[path] = { status: 302, headers: /** @type {Record<string, string>} */ (headers) };
    expect((await scrape(path)).error).toMatchObject({ name: 'FatalError', code });
  });
});

describe('addresses', () => {
  test('nothing is sent to a private address by default', async () => {
    const before = site.requests.length;
    const { error } = await scrape('/x', {}, { env: { HOST_DELAY_MS: '0', ALLOW_PRIVATE_HOSTS: '' } });
    expect(error).toMatchObject({ name: 'FatalError', code: 'private_address' });
    const missing = await scrape('/x', {}, { env: {} });
    expect(missing.error?.code).toBe('private_address');
    expect(site.requests).toHaveLength(before);
  });

  test('an integer spelling of an address is that address', async () => {
    const { error } = await scrape(`http://2130706433:${site.port}/x`, {}, { env: {} });
    expect(error?.code).toBe('private_address');
  });
});

describe('headers', () => {
  test('ours are sent, and those of the payload', async () => {
    site.routes['/headers'] = '<title>x</title>';
    await scrape('/headers', { headers: { 'Accept-Language': 'de', 'X-Token': 't', Cookie: 'a=1' } });
    const sent = site.requests.findLast(({ path }) => path === '/headers')?.headers ?? {};
    expect(sent['user-agent']).toMatch(/^Sluice\//);
    expect(sent.accept).toContain('text/html');
    expect(sent).toMatchObject({ 'accept-language': 'de', 'x-token': 't', cookie: 'a=1' });
  });

  test('secrets do not follow a redirect to another origin', async () => {
    site.routes['/away'] = redirect(`${other.origin}/landing`);
    const headers = { Authorization: 'Bearer s', Cookie: 'a=1', 'X-Key': 'k', 'Accept-Language': 'de' };
    await scrape('/away', { headers });
    const sent = other.requests.findLast(({ path }) => path === '/landing')?.headers ?? {};
    expect(sent['accept-language']).toBe('de');
    expect([sent.authorization, sent.cookie, sent['x-key']]).toEqual([undefined, undefined, undefined]);
  });

  test('a forbidden one fails the job for good', async () => {
    const { error } = await scrape('/headers', { headers: { Host: 'example.com' } });
    expect(error).toMatchObject({ name: 'FatalError', code: 'bad_header' });
  });
});

describe('size', () => {
  const limit = 5 * 1024 * 1024;

  test('an announced size over the limit is refused unread', async () => {
    site.routes['/announced'] = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/html', 'content-length': String(limit + 1) });
      response.write('<title>x');
    };
    expect((await scrape('/announced')).error).toMatchObject({ name: 'FatalError', code: 'too_large' });
  });

  test('so is one that shows while reading, and one that was compressed', async () => {
    const body = Buffer.alloc(limit + 1, 'x');
    site.routes['/chunked'] = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' });
      response.write(body.subarray(0, limit));
      response.end(body.subarray(limit));
    };
    site.routes['/bomb'] = {
      headers: { 'content-type': 'text/plain', 'content-encoding': 'gzip' },
      body: gzipSync(body),
    };
    expect((await scrape('/chunked')).error).toMatchObject({ name: 'FatalError', code: 'too_large' });
    expect((await scrape('/bomb')).error).toMatchObject({ name: 'FatalError', code: 'too_large' });
  });

  test('a body of exactly the limit is read', async () => {
    site.routes['/full'] = { headers: { 'content-type': 'text/plain' }, body: Buffer.alloc(limit, 'x') };
    expect((await scrape('/full')).error).toBeUndefined();
  });
});

describe('time', () => {
  test('a server that does not answer is retryable', async () => {
    site.routes['/silent'] = () => undefined;
    const { error } = await scrape('/silent', { timeoutMs: 200 });
    expect(error).toMatchObject({ name: 'RetryableError', code: 'timeout' });
  });

  test('so is a body that stops half way', async () => {
    site.routes['/stalled'] = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.write(`<title>x</title>${' '.repeat(5000)}`);
    };
    const { error } = await scrape('/stalled', { timeoutMs: 300 });
    expect(error).toMatchObject({ name: 'RetryableError', code: 'timeout' });
  });

  test("the job's own signal wins over both, with its reason", async () => {
    const silent = await scrape('/silent', {}, { abortAfterMs: 100 });
    expect(silent.error).toMatchObject({ name: 'Error', message: 'job cancelled' });
    const stalled = await scrape('/stalled', {}, { abortAfterMs: 200 });
    expect(stalled.error).toMatchObject({ name: 'Error', message: 'job cancelled' });
  });
});

describe('connections', () => {
  test('one that is refused or cut is retryable', async () => {
    const dead = createServer((socket) => socket.destroy());
    await new Promise((resolve) => dead.listen(0, '127.0.0.1', () => resolve(undefined)));
    const { port } = /** @type {import('node:net').AddressInfo} */ (dead.address());
    const options = { respectRobots: false };
    const cut = await scrape(`http://127.0.0.1:${port}/`, options);
    expect(cut.error).toMatchObject({ name: 'RetryableError', code: 'connection_failed' });
    await new Promise((resolve) => dead.close(resolve));
    const refused = await scrape(`http://127.0.0.1:${port}/`, options);
    expect(refused.error).toMatchObject({ name: 'RetryableError', code: 'connection_failed' });
  });

  test('a body that is cut short is retryable', async () => {
    site.routes['/short'] = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/html', 'content-length': '10000' });
      response.write('<title>x</title>');
      setTimeout(() => response.destroy(), 50);
    };
    expect((await scrape('/short')).error).toMatchObject({
      name: 'RetryableError',
      code: 'connection_failed',
    });
  });
});

test('a webhook is not redirected: whoever moves must say so to its sender', async () => {
  site.routes['/hook'] = redirect(`${other.origin}/landing`, 307);
  const landed = other.count('/landing');
  const { error } = await handlers.run('webhook-delivery', {
    url: `${site.origin}/hook`,
    body: { paid: true },
  });
  expect(error).toMatchObject({ name: 'FatalError', code: 'http_307' });
  expect(site.count('/hook')).toBe(1);
  expect(other.count('/landing')).toBe(landed);
});
