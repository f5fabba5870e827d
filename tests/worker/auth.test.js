// Bearer tokens against every shape that the secret may have.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startAlone, tokens, tokensSecret } from './harness.js';

/** @type {Awaited<ReturnType<typeof startAlone>>} */
let worker;
beforeAll(async () => {
  worker = await startAlone('auth.js');
});
afterAll(() => worker?.stop());
beforeEach(() => worker.server.clearLogs());

/** @param {string | undefined} secret @param {string | undefined} authorization @param {string} [scope] */
async function verdict(secret, authorization, scope = 'jobs:read') {
  /** @type {Record<string, string>} */
  const headers = { 'x-scope': scope };
  if (secret !== undefined) headers['x-secret'] = secret;
  if (authorization !== undefined) headers.authorization = authorization;
  return (await worker.server.fetch('/', { headers })).text();
}

/** SHA-256 of `admin-token`, as another tool computed it. */
const sha256 = '10a4c7c9fc5206d6f36dc6944a81bb6f4a3cb0e25014ae3b12e6c3e52712292a';
const good = { name: 'good', sha256, scopes: ['admin'] };

describe('a token', () => {
  test.each([
    ['admin', 'allowed', 'allowed'],
    ['read', 'allowed', 'forbidden'],
    ['write', 'forbidden', 'allowed'],
  ])('of %s: jobs:read is %s, jobs:write is %s', async (who, read, write) => {
    const secret = await tokensSecret();
    const bearer = `Bearer ${Object(tokens)[who]}`;
    expect([await verdict(secret, bearer), await verdict(secret, bearer, 'jobs:write')]).toEqual([
      read,
      write,
    ]);
  });

  test.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    `Basic ${tokens.admin}`,
    tokens.admin,
    `Bearer${tokens.admin}`,
    `Bearer ${tokens.admin}x`,
    `Bearer ${tokens.admin} ${tokens.admin}`,
    `Bearer ${tokens.admin.toUpperCase()}`,
    `Bearer ${sha256}`,
  ])('is not what this says: %s', async (authorization) => {
    expect(await verdict(await tokensSecret(), authorization)).toBe('unknown');
  });

  test('is known by the first secret, then by its successor', async () => {
    const first = await tokensSecret();
    const bearer = `Bearer ${tokens.admin}`;
    expect(await verdict(first, bearer)).toBe('allowed');
    expect(await verdict('[]', bearer)).toBe('unknown');
    expect(await verdict(first, bearer)).toBe('allowed');
  });
});

describe('a secret', () => {
  test.each([
    ['is missing', undefined],
    ['is empty', ''],
    ['names nobody', '[]'],
  ])('that %s lets nobody in', async (_, secret) => {
    for (const authorization of [`Bearer ${tokens.admin}`, 'Bearer undefined']) {
      expect(await verdict(secret, authorization)).toBe('unknown');
    }
    expect(worker.server.getLogs()).toEqual([]);
  });

  test.each([
    ['is not JSON', 'hunter2'],
    ['is no array', JSON.stringify(good)],
    ['is null', 'null'],
    ['has an entry that is none', JSON.stringify([good, null])],
    ['has an entry without a name', JSON.stringify([good, { ...good, name: undefined }])],
    ['has a bad hash', JSON.stringify([good, { ...good, sha256: 'hunter2' }])],
    ['has a bad list of scopes', JSON.stringify([good, { ...good, scopes: 'hunter2' }])],
    ['has a bad scope', JSON.stringify([good, { ...good, scopes: [7] }])],
  ])('that %s lets nobody in, and says so in the log once, without its content', async (_, secret) => {
    expect(await verdict(secret, `Bearer ${tokens.admin}`)).toBe('unknown');
    expect(await verdict(secret, `Bearer ${tokens.admin}`)).toBe('unknown');
    const lines = worker.server.getLogs().map(({ message }) => message);
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { level: 'error', event: 'auth.secret_malformed', reason: expect.stringMatching(/\w/) },
    ]);
    expect(lines.join()).not.toContain('hunter2');
  });

  test('may name further scopes, which open nothing here', async () => {
    const secret = JSON.stringify([{ ...good, scopes: ['reports'] }]);
    expect(await verdict(secret, `Bearer ${tokens.admin}`)).toBe('forbidden');
  });
});
