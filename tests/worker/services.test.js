// The handlers that call others: mail, models, webhooks, imports, through the whole system.
import { createServer } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSluice, until } from './harness.js';

const entries = path.join(path.dirname(fileURLToPath(import.meta.url)), 'entries');
const secret = `whsec_${Buffer.from('a secret for signing webhooks').toString('base64')}`;
const apiKey = 're_test_key';
/** Again at once: what is tested is whether, not when. */
const atOnce = { backoff: { type: 'fixed', delay: 0, jitter: 0 } };

/** @param {string} name of a worker in tests/worker/entries */
const other = (name) => ({
  name,
  main: path.join(entries, `${name}.js`),
  compatibility_date: '2026-11-01',
});

/** @typedef {{ path: string, method: string, headers: Record<string, string>, body: string, at: number }} Request */
/** @typedef {import('node:http').ServerResponse} Response */

/** What both servers were asked. @type {Request[]} */
const requests = [];
/** The mails that the provider has sent, by their keys. @type {Map<string, any>} */
const mails = new Map();

/** @param {string} address @returns {Request[]} */
const askedFor = (address) => requests.filter((one) => one.path === address);

/**
 * @param {Response} response
 * @param {number} status
 * @param {object} [body]
 * @param {Record<string, string>} [headers]
 */
function reply(response, status, body, headers = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(body ? JSON.stringify(body) : undefined);
}

/**
 * A provider that is spoken to like Resend: a key is good for one mail.
 * @param {Request} request @param {Response} response
 */
function provide({ headers, body }, response) {
  const mail = JSON.parse(body);
  const key = String(headers['idempotency-key']);
  const times = requests.filter((one) => one.body === body).length;
  if (headers.authorization !== `Bearer ${apiKey}`) {
    return reply(response, 403, { name: 'invalid_api_key', message: 'API key is invalid' });
  }
  if (mail.subject === 'limited' && times === 1) {
    const limit = { name: 'rate_limit_exceeded', message: 'Too many requests' };
    return reply(response, 429, limit, { 'retry-after': '1' });
  }
  if (mail.subject === 'down' && times === 1) return reply(response, 500, { message: 'Internal error' });
  if (mail.subject === 'invalid') {
    return reply(response, 422, { name: 'validation_error', message: 'The domain is not verified.' });
  }
  const id = mails.get(key)?.id ?? `mail-${mails.size + 1}`;
  mails.set(key, { ...mail, id });
  // The mail is sent, and nobody hears of it.
  if (mail.subject === 'unanswered' && times === 1) return response.socket?.destroy();
  reply(response, 200, { id });
}

/** @type {Record<string, (request: Request, response: Response) => unknown>} */
const routes = {
  '/emails': provide,
  '/hook': (_, response) => reply(response, 202, { ok: true }),
  '/refused': (_, response) => reply(response, 422, { error: 'no such event' }),
  '/hang-up': (_, response) =>
    askedFor('/hang-up').length === 1 ? response.socket?.destroy() : reply(response, 200),
  '/later': (_, response) =>
    askedFor('/later').length === 1
      ? reply(response, 503, undefined, { 'retry-after': new Date(Date.now() + 3000).toUTCString() })
      : reply(response, 204),
};

const server = createServer((incoming, response) => {
  let body = '';
  incoming.setEncoding('utf8');
  incoming.on('data', (chunk) => {
    body += chunk;
  });
  incoming.on('end', () => {
    const headers = /** @type {Record<string, string>} */ (incoming.headers);
    const request = {
      path: incoming.url ?? '',
      method: incoming.method ?? '',
      headers,
      body,
      at: Date.now(),
    };
    requests.push(request);
    (routes[request.path] ?? ((_, answer) => reply(answer, 404)))(request, response);
  });
});

/** @type {import('./harness.js').Sluice} */
let sluice;
let origin = '';

beforeAll(async () => {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  origin = `http://127.0.0.1:${port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** Runs a job to its end. @param {string} type @param {object} payload @param {object} [more] */
async function run(type, payload, more = {}) {
  return sluice.jobIn(await sluice.enqueue(type, payload, { ...atOnce, ...more }));
}

/** @param {object} [more] */
const mail = (more = {}) => ({ to: 'ada@example.com', subject: 'Hello', body: 'Dear Ada', ...more });

describe('with a provider over HTTP, and models by RPC', () => {
  beforeAll(async () => {
    sluice = await startSluice({
      faults: true,
      others: [other('ai-by-run')],
      bindings: { services: [{ binding: 'AI', service: 'ai-by-run' }] },
      vars: {
        ALLOW_PRIVATE_HOSTS: origin.slice('http://'.length),
        EMAIL_API_URL: `${origin}/emails`,
        EMAIL_API_KEY: apiKey,
        EMAIL_FROM: 'Sluice <noreply@example.com>',
        WEBHOOK_SECRET: secret,
      },
    });
  });
  afterAll(() => sluice?.stop());

  test('a mail is sent under the key of its job', async () => {
    const job = await run('send-email', mail({ html: '<p>Dear Ada</p>' }));
    expect(job.result).toEqual({ messageId: mails.get(job.jobId).id });
    const { from, to, subject, text, html } = mails.get(job.jobId);
    expect({ from, to, subject, text, html }).toEqual({
      from: 'Sluice <noreply@example.com>',
      to: ['ada@example.com'],
      subject: 'Hello',
      text: 'Dear Ada',
      html: '<p>Dear Ada</p>',
    });
  });

  test('what the provider has no room for waits as long as it says, and spends no attempt', async () => {
    const job = await run('send-email', mail({ subject: 'limited' }), { maxAttempts: 1 });
    expect(job).toMatchObject({ status: 'completed', attempts: 1 });
    const [first, second] = requests.filter(({ body }) => body.includes('"limited"'));
    expect(Number(second?.at) - Number(first?.at)).toBeGreaterThanOrEqual(900);
  });

  test('a mail whose answer was lost is asked for again under the same key, and sent once', async () => {
    const job = await run('send-email', mail({ subject: 'unanswered' }));
    expect(job).toMatchObject({ status: 'completed', attempts: 2 });
    const keys = requests
      .filter(({ body }) => body.includes('"unanswered"'))
      .map(({ headers }) => headers['idempotency-key']);
    expect(keys).toEqual([job.jobId, job.jobId]);
    expect([...mails.values()].filter(({ subject }) => subject === 'unanswered')).toHaveLength(1);
  });

  test('a provider that is down is tried again; what it refuses is not', async () => {
    const [down, invalid] = await Promise.all([
      run('send-email', mail({ subject: 'down' })),
      run('send-email', mail({ subject: 'invalid' })),
    ]);
    expect(down).toMatchObject({ status: 'completed', attempts: 2 });
    expect(invalid).toMatchObject({ status: 'failed', attempts: 1 });
    expect(invalid.lastError).toEqual({
      code: 'email_rejected',
      message: 'The e-mail provider answered 422: The domain is not verified.',
      retryable: false,
    });
  });

  test('a subject cannot begin a header of its own', async () => {
    const job = await run('send-email', mail({ subject: 'Hello\r\nBcc: eve@example.com' }));
    expect(job.lastError).toMatchObject({ code: 'email_rejected', retryable: false });
    expect(requests.filter(({ body }) => body.includes('eve@'))).toEqual([]);
  });

  test('a text becomes a vector, and a prompt a text', async () => {
    const [embedding, content] = await Promise.all([
      run('generate-embedding', { text: 'abc' }),
      run('generate-content', { prompt: 'Write.', type: 'haiku' }),
    ]);
    expect(embedding.result).toEqual({
      model: '@cf/baai/bge-base-en-v1.5',
      dimensions: 3,
      vector: [3 / 256, 97 / 256, 99 / 256],
    });
    expect(content.result).toEqual({
      model: '@cf/meta/llama-3.1-8b-instruct',
      type: 'haiku',
      content: 'You write texts of this kind: haiku. Answer with the finished text alone. | Write. | 1024',
    });
  });

  test('a busy model is asked again, one that does not exist is not', async () => {
    const [busy, missing] = await Promise.all([
      run('generate-content', { prompt: 'Write.', model: 'busy-once' }),
      run('generate-embedding', { text: 'abc', model: 'no-such-model' }),
    ]);
    expect(busy).toMatchObject({ status: 'completed', attempts: 2 });
    expect(missing).toMatchObject({ status: 'failed', attempts: 1 });
    expect(missing.lastError.code).toBe('ai_refused');
    expect(missing.lastError.message).toContain('5007: No such model no-such-model');
  });

  test('a used up allocation is waited for', async () => {
    const id = await sluice.enqueue('generate-content', { prompt: 'Write.', model: 'used-up-once' });
    const job = await sluice.jobIn(id, 'delayed');
    expect(Date.parse(job.runAt) - Date.now()).toBeGreaterThan(50 * 60_000);
    expect(job.attempts).toBe(0);
    expect(await sluice.attempts(id)).toMatchObject([{ outcome: 'snoozed', error: { code: 'ai_quota' } }]);
  });

  test('an event is delivered, and its receiver can verify it', async () => {
    const body = { event: 'order.paid', order: { id: 7, note: 'Ünïcödé' } };
    const job = await run('webhook-delivery', {
      url: `${origin}/hook`,
      method: 'PUT',
      body,
      headers: { 'X-Custom': 'value' },
    });
    expect(job.result).toEqual({ status: 202, durationMs: expect.any(Number) });
    const received = requests.find(({ headers }) => headers['webhook-id'] === `msg_${job.jobId}`);
    expect(received).toMatchObject({ path: '/hook', method: 'PUT' });
    expect(received?.headers['x-custom']).toBe('value');
    expect(new Webhook(secret).verify(String(received?.body), received?.headers ?? {})).toEqual(body);
  });

  test('a body may be any JSON', async () => {
    for (const body of [null, 'text', [1, [2]], 0]) {
      const job = await run('webhook-delivery', { url: `${origin}/hook`, body });
      const received = requests.find(({ headers }) => headers['webhook-id'] === `msg_${job.jobId}`);
      expect(received?.body).toBe(JSON.stringify(body));
    }
  });

  test('a receiver says by a date when it wants to be asked again', async () => {
    const job = await run('webhook-delivery', { url: `${origin}/later`, body: {} });
    expect(job).toMatchObject({ status: 'completed', attempts: 2, result: { status: 204 } });
    const [first, second] = askedFor('/later');
    // A date has no milliseconds.
    expect(Number(second?.at) - Number(first?.at)).toBeGreaterThanOrEqual(1900);
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
  });

  test('a delivery that fails on its way is tried again', async () => {
    const job = await run('webhook-delivery', { url: `${origin}/hang-up`, body: {} });
    expect(job).toMatchObject({ status: 'completed', attempts: 2 });
  });

  test.each([
    [
      'what a receiver refuses',
      '/refused',
      {},
      'http_422',
      /\/refused \(\{"error":"no such event"\}\) answered 422$/,
    ],
    ['a missing receiver', '/nowhere', {}, 'not_found', /answered 404$/],
    ['a header of the transport', '/hook', { headers: { Host: 'elsewhere' } }, 'bad_header', /"Host"/],
    [
      'a header of ours',
      '/hook',
      { headers: { 'Webhook-Signature': 'v1,x' } },
      'bad_header',
      /"Webhook-Signature"/,
    ],
    ['a private address', 'http://10.0.0.1/hook', {}, 'private_address', /10\.0\.0\.1 is not a public host/],
  ])('%s is final', async (_, address, more, code, message) => {
    const url = address.startsWith('/') ? `${origin}${address}` : address;
    const before = requests.length;
    const job = await run('webhook-delivery', { url, body: {}, ...more });
    expect(job).toMatchObject({ status: 'failed', attempts: 1, lastError: { code, retryable: false } });
    expect(job.lastError.message).toMatch(message);
    expect(requests.length - before).toBeLessThanOrEqual(1);
  });

  test('thousands of items are imported, and the later ones of an id stand', async () => {
    const items = Array.from({ length: 2500 }, (_, n) => ({ id: `item-${n}`, data: { n, text: 'é"\n' } }));
    items.push({ id: 'item-7', data: { n: 7777, text: '' } });
    const job = await run('batch-import', { items, namespace: 'catalogue' });
    expect(job.result).toEqual({ imported: 2501, namespace: 'catalogue' });
    const where = "FROM imported_items WHERE namespace = 'catalogue'";
    expect(await sluice.rows(`SELECT count(*) AS n, sum(data ->> 'n') AS sum ${where}`)).toEqual([
      { n: 2500, sum: (2500 * 2499) / 2 + 7777 - 7 },
    ]);
    const [row] = await sluice.rows(`SELECT data ${where} AND id = 'item-9'`);
    expect(JSON.parse(row.data)).toEqual({ n: 9, text: 'é"\n' });

    await run('batch-import', { items: [{ id: 'item-9', data: [null] }] });
    const rows = await sluice.rows(
      "SELECT namespace, data FROM imported_items WHERE id = 'item-9' ORDER BY 1",
    );
    expect(rows.map(({ namespace }) => namespace)).toEqual(['catalogue', 'default']);
    expect(rows[1].data).toBe('[null]');
  });

  test('an import that the database interrupts goes on where it was', async () => {
    const items = Array.from({ length: 2500 }, (_, n) => ({ id: `${n}`, data: n }));
    // Claim, first piece, checkpoint; then the second piece fails.
    await sluice.setFaults('sluice-scraper', [{ door: 'DB', method: 'batch', skip: 3 }]);
    const job = await run('batch-import', { items, namespace: 'interrupted' });
    expect(job).toMatchObject({ status: 'completed', attempts: 2, result: { imported: 2500 } });
    const [attempt] = await sluice.attempts(job.jobId);
    expect(attempt.error).toMatchObject({
      code: 'import_failed',
      message: expect.stringMatching(/^After 1000 of 2500/),
    });
    const again = Date.parse(job.startedAt);
    const [{ n, early }] = await sluice.rows(
      "SELECT count(*) AS n, sum(imported_at < ?) AS early FROM imported_items WHERE namespace = 'interrupted'",
      again,
    );
    expect({ n, early }).toEqual({ n: 2500, early: 1000 });
  });

  test('an import whose lease is gone writes nothing', async () => {
    const items = Array.from({ length: 10 }, (_, n) => ({ id: `${n}`, data: n }));
    // The claim goes through; the items are on their way while their job is cancelled.
    const slow = { door: 'DB', method: 'batch', skip: 1, delayMs: 1500, passes: true };
    await sluice.setFaults('sluice-scraper', [slow]);
    const id = await sluice.enqueue('batch-import', { items, namespace: 'cancelled' });
    await sluice.jobIn(id, 'processing');
    await sluice.call(`/jobs/${id}`, { method: 'DELETE' });
    // The lease is given back when the handler has come to its end.
    await until(async () => (await sluice.job(id)).leaseUntil === null);
    expect(await sluice.rows("SELECT * FROM imported_items WHERE namespace = 'cancelled'")).toEqual([]);
  });
});

describe("with Cloudflare's binding, and models over fetch", () => {
  beforeAll(async () => {
    sluice = await startSluice({
      others: [other('mailer'), other('ai-by-fetch')],
      bindings: {
        services: [
          { binding: 'EMAIL', service: 'mailer' },
          { binding: 'AI', service: 'ai-by-fetch' },
        ],
      },
      vars: { EMAIL_FROM: 'Sluice <noreply@example.com>' },
    });
  });
  afterAll(() => sluice?.stop());

  /** @param {string} subject @returns {Promise<any[]>} */
  const handedOver = async (subject) =>
    /** @type {any} */ (await sluice.server.getWorker('mailer').getExport()).handedOver(subject);

  test('a mail is handed over in the words of the binding', async () => {
    const job = await run('send-email', mail());
    expect(job.result).toEqual({ messageId: expect.stringMatching(/@mailer>$/) });
    expect(await handedOver('Hello')).toEqual([
      {
        from: { name: 'Sluice', email: 'noreply@example.com' },
        to: 'ada@example.com',
        subject: 'Hello',
        text: 'Dear Ada',
      },
    ]);
  });

  test('a mail whose attempt ended in the middle of sending is not sent again', async () => {
    const job = await run('send-email', mail({ subject: 'silent' }), { timeoutMs: 500 });
    expect(job).toMatchObject({ status: 'failed', attempts: 2 });
    expect(job.lastError).toMatchObject({ code: 'outcome_unknown', retryable: false });
    expect(job.lastError.message).toMatch(
      /It is not sent again\. If it did not arrive, enqueue it as a new job\.$/,
    );
    expect(await handedOver('silent')).toHaveLength(1);
    await sluice.call(`/jobs/${job.jobId}/retry`, { method: 'POST' });
    expect(await sluice.jobIn(job.jobId)).toMatchObject({ lastError: { code: 'outcome_unknown' } });
    expect(await handedOver('silent')).toHaveLength(1);
  });

  test('nor is one that the service leaves open', async () => {
    const job = await run('send-email', mail({ subject: 'broken' }));
    expect(job).toMatchObject({ status: 'failed', attempts: 1, lastError: { code: 'outcome_unknown' } });
    expect(await handedOver('broken')).toHaveLength(1);
  });

  test('a refused mail is final, and may be tried again by hand', async () => {
    const job = await run('send-email', mail({ subject: 'refused' }));
    expect(job).toMatchObject({ status: 'failed', attempts: 1, lastError: { code: 'email_rejected' } });
    expect(job.lastError.message).toContain('Sender domain not verified (E_SENDER_NOT_VERIFIED)');
    await sluice.call(`/jobs/${job.jobId}/retry`, { method: 'POST' });
    expect(await sluice.jobIn(job.jobId)).toMatchObject({ lastError: { code: 'email_rejected' } });
    expect(await handedOver('refused')).toHaveLength(2);
  });

  test('a mail that the service takes later waits, and its mark is gone', async () => {
    const id = await sluice.enqueue('send-email', mail({ subject: 'limited' }), { maxAttempts: 1 });
    const job = await sluice.jobIn(id, 'delayed');
    expect(job.attempts).toBe(0);
    expect(await sluice.attempts(id)).toMatchObject([{ outcome: 'snoozed', error: { code: 'email_busy' } }]);
    expect(await sluice.rows('SELECT body FROM bodies WHERE job_id = ?', id)).toEqual([{ body: '{}' }]);
  });

  test('a service without run() is asked over fetch', async () => {
    const [embedding, content] = await Promise.all([
      run('generate-embedding', { text: 'abc' }),
      run('generate-content', { prompt: 'Write.' }),
    ]);
    expect(embedding.result).toMatchObject({ dimensions: 2, vector: [0.5, 3] });
    expect(content.result).toMatchObject({ type: 'article', content: 'WRITE.' });
  });

  test('and its statuses decide whether it is asked again', async () => {
    const [busy, missing, garbled] = await Promise.all([
      run('generate-content', { prompt: 'Write.', model: 'busy-once' }),
      run('generate-embedding', { text: 'abc', model: 'no-such-model' }),
      run('generate-content', { prompt: 'Write.', model: 'garbled' }, { maxAttempts: 1 }),
    ]);
    expect(busy).toMatchObject({ status: 'completed', attempts: 2 });
    expect(missing).toMatchObject({ status: 'failed', attempts: 1, lastError: { code: 'not_found' } });
    expect(garbled.lastError).toMatchObject({ code: 'ai_failed', retryable: true });
  });
});

describe('with nothing configured', () => {
  beforeAll(async () => {
    sluice = await startSluice({ vars: { WEBHOOK_SECRET: 'no base64!' } });
  });
  afterAll(() => sluice?.stop());

  test.each([
    [
      'send-email',
      mail(),
      /Cloudflare's e-mail binding .* EMAIL_API_URL .* EMAIL_API_KEY; deploy, then retry/,
    ],
    [
      'generate-embedding',
      { text: 'abc' },
      /Bind Workers AI .* scraper\/wrangler\.jsonc, deploy, then retry/,
    ],
    ['generate-content', { prompt: 'Write.' }, /Bind Workers AI/],
    ['webhook-delivery', { url: 'http://127.0.0.1:9999/', body: {} }, /WEBHOOK_SECRET is not base64/],
  ])('%s says what to configure', async (type, payload, message) => {
    const job = await run(type, payload);
    expect(job).toMatchObject({ status: 'failed', attempts: 1, lastError: { code: 'not_configured' } });
    expect(job.lastError.message).toMatch(message);
  });

  test('jobs that take the same lock do not run at the same time', async () => {
    const options = { ttlMs: 20_000, retryDelayMs: 50, maxRetries: 200 };
    const jobs = await Promise.all(
      Array.from({ length: 4 }, () => run('test-lock', { key: 'one', holdMs: 200, options })),
    );
    const spans = jobs.map(({ result }) => result).sort((a, b) => a.from - b.from);
    expect(new Set(spans.map(({ value }) => value)).size).toBe(4);
    for (const [n, { from }] of spans.entries()) {
      if (n > 0) expect(from).toBeGreaterThanOrEqual(spans[n - 1].until);
    }
    expect(await sluice.rows('SELECT * FROM locks')).toEqual([]);
  });

  test('a lock that another keeps is not had, and others are', async () => {
    await run('test-lock', { key: 'kept', holdMs: 0, keep: true, options: { ttlMs: 60_000 } });
    const options = { ttlMs: 1000, retryDelayMs: 10, maxRetries: 2 };
    const [kept, free] = await Promise.all(
      ['kept', 'free'].map((key) => run('test-lock', { key, holdMs: 0, options })),
    );
    expect(kept).toMatchObject({ status: 'completed', result: { value: null } });
    expect(free?.result.value).toMatch(/^[0-9a-f]{32}$/);
  });

  test('a lock is taken for ten minutes unless its taker says how long', async () => {
    const key = 'https://shop.example/';
    const { result } = await run('test-lock', { key, holdMs: 0, keep: true });
    const [row] = await sluice.rows('SELECT value, expires_at FROM locks WHERE key = ?', key);
    expect(row.value).toBe(result.value);
    expect(Math.abs(row.expires_at - result.from - 600_000)).toBeLessThan(5000);
  });

  test('a lock that cannot be had at all says why', async () => {
    const job = await run('test-lock', { key: 'k', holdMs: 0, options: { ttlMs: 0 } });
    expect(job.lastError.message).toBe(
      'The lock is not one that can be taken. A lock is taken for 1 to 86400000 ms.',
    );
  });
});
