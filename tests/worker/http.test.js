// HTTP as callers meet it: every route and status of the contract's "REST", in workerd.
import { request } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startSluice, tokens } from './harness.js';

/** @typedef {import('./harness.js').Sluice} Sluice */

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const NOBODY = '01900000-0000-7000-8000-000000000000';
const MIB = 1024 * 1024;

/** A job that nothing takes before a test is done with it. */
const later = { delaySeconds: 3600 };

/** @type {Sluice} */
let sluice;

/**
 * A name that no other test uses.
 * @param {string} stem
 */
const fresh = (stem) => `${stem}-${crypto.randomUUID()}`;

/**
 * @param {{ status: number, headers: Headers, body: any }} answer
 * @param {number} status
 */
function expectProblem(answer, status) {
  expect(answer.body).toMatchObject({ type: 'about:blank', status });
  expect(answer.body.title).toMatch(/\w/);
  expect(answer.body.detail).toMatch(/\w.*\.$/);
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
}

/**
 * Posts white space, without saying how much, until there is an answer.
 *
 * @param {string} url
 * @returns {Promise<{ status?: number, type?: string, sent: number }>} sent: bytes
 */
function uploadWithoutEnd(url) {
  const chunk = Buffer.alloc(64 * 1024, ' ');
  return new Promise((resolve, reject) => {
    let sent = 0;
    const headers = { authorization: `Bearer ${tokens.admin}` };
    const upload = request(url, { method: 'POST', headers }, (response) => {
      clearInterval(timer);
      resolve({ status: response.statusCode, type: response.headers['content-type'], sent });
      upload.destroy();
    });
    const timer = setInterval(() => {
      sent += chunk.length;
      upload.write(chunk);
    }, 5);
    upload.on('error', (error) => {
      clearInterval(timer);
      reject(error);
    });
  });
}

describe('with both workers running', () => {
  beforeAll(async () => {
    sluice = await startSluice({ faults: true });
  });
  afterAll(() => sluice?.stop());

  describe('tokens', () => {
    const reading = [
      '/jobs',
      `/jobs/${NOBODY}`,
      `/jobs/${NOBODY}/attempts`,
      `/jobs/${NOBODY}/explain`,
      '/stats',
      '/queues',
      '/queue/health',
      '/dead-letters',
      `/dead-letters/${NOBODY}`,
      '/failures',
    ];
    const writing = [
      ['POST', '/jobs'],
      ['POST', '/jobs/batch'],
      ['POST', `/jobs/${NOBODY}/retry`],
      ['DELETE', `/jobs/${NOBODY}`],
      ['POST', '/chat'],
      ['POST', '/inbound/reply'],
      ['POST', '/dead-letters/requeue'],
      ['POST', `/dead-letters/${NOBODY}/requeue`],
      ['DELETE', `/dead-letters/${NOBODY}`],
    ];
    const operating = ['pause', 'resume'].map((wish) => ['POST', `/queues/nobody/${wish}`]);
    const all = [...reading.map((path) => ['GET', path]), ...writing, ...operating];

    test.each(all)('%s %s needs one', async (method, path) => {
      for (const headers of [{}, { authorization: 'Bearer' }, { authorization: `Basic ${tokens.admin}` }]) {
        const answer = await sluice.call(path, { method, headers, token: null });
        expectProblem(answer, 401);
        expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
      }
      expectProblem(await sluice.call(path, { method, token: 'guess' }), 401);
    });

    test.each(reading)('GET %s takes jobs:read and admin, and no other scope', async (path) => {
      expect((await sluice.call(path, { token: tokens.read })).status).not.toBe(403);
      expect((await sluice.call(path, { token: tokens.admin })).status).not.toBe(403);
      const answer = await sluice.call(path, { token: tokens.write });
      expectProblem(answer, 403);
      expect(answer.headers.get('www-authenticate')).toContain('scope="jobs:read"');
    });

    test.each(writing)('%s %s takes jobs:write and admin, and no other scope', async (method, path) => {
      expect((await sluice.call(path, { method, token: tokens.write })).status).not.toBe(403);
      expect((await sluice.call(path, { method, token: tokens.admin })).status).not.toBe(403);
      const answer = await sluice.call(path, { method, token: tokens.read });
      expectProblem(answer, 403);
      expect(answer.headers.get('www-authenticate')).toContain('scope="jobs:write"');
    });

    test.each(operating)('%s %s takes admin alone', async (method, path) => {
      expect((await sluice.call(path, { method, token: tokens.admin })).status).toBe(404);
      for (const token of [tokens.read, tokens.write]) {
        const answer = await sluice.call(path, { method, token });
        expectProblem(answer, 403);
        expect(answer.headers.get('www-authenticate')).toContain('scope="admin"');
      }
    });

    test("the scheme's case does not matter", async () => {
      const headers = { authorization: `bEARER  ${tokens.read}` };
      expect((await sluice.call('/stats', { headers, token: null })).status).toBe(200);
    });
  });

  describe('addresses', () => {
    test.each(['/', '/job', '/jobs/', '/jobs/a/b', '/jobs/a/retry/b', '/queue', '/health/x'])(
      'nothing is at %s',
      async (path) => {
        expectProblem(await sluice.call(path), 404);
        expectProblem(await sluice.call(path, { method: 'POST', token: null }), 404);
      },
    );

    test.each([
      ['PUT', '/jobs', 'POST, GET, HEAD, OPTIONS'],
      ['DELETE', '/jobs', 'POST, GET, HEAD, OPTIONS'],
      ['POST', `/jobs/${NOBODY}`, 'GET, DELETE, HEAD, OPTIONS'],
      ['GET', `/jobs/${NOBODY}/retry`, 'POST, OPTIONS'],
      ['POST', '/stats', 'GET, HEAD, OPTIONS'],
      ['POST', '/health', 'GET, HEAD, OPTIONS'],
      ['GET', '/chat', 'POST, OPTIONS'],
    ])('%s %s is not possible, and the answer says what is', async (method, path, allow) => {
      const answer = await sluice.call(path, { method });
      expectProblem(answer, 405);
      expect(answer.headers.get('allow')).toBe(allow);
      const options = await sluice.call(path, { method: 'OPTIONS', token: null });
      expect([options.status, options.body, options.headers.get('allow')]).toEqual([204, '', allow]);
    });

    test('HEAD answers as GET does, without the body', async () => {
      const answer = await sluice.call('/stats', { method: 'HEAD' });
      expect([answer.status, answer.body]).toEqual([200, '']);
      expect(answer.headers.get('content-type')).toBe('application/json');
      expect((await sluice.call('/stats', { method: 'HEAD', token: null })).status).toBe(401);
    });
  });

  describe('POST /jobs', () => {
    /** @param {string | Uint8Array<ArrayBuffer>} body */
    const post = (body) => sluice.call('/jobs', { method: 'POST', body });

    test('records a job and says its id, its state and its place', async () => {
      const answer = await sluice.call('/jobs', { json: { type: 'test-noop', payload: {} } });
      expect(answer.status).toBe(201);
      expect(answer.headers.get('content-type')).toBe('application/json');
      expect(answer.body).toEqual({ jobId: expect.stringMatching(ID), status: 'pending' });
      expect(answer.headers.get('location')).toBe(`/jobs/${answer.body.jobId}`);
    });

    test('a job for later is delayed', async () => {
      const runAt = new Date(Date.now() + 3_600_000).toISOString();
      for (const when of [later, { runAt }]) {
        const { status, body } = await sluice.call('/jobs', {
          json: { type: 'test-noop', payload: {}, ...when },
        });
        expect([status, body]).toEqual([201, { jobId: expect.stringMatching(ID), status: 'delayed' }]);
      }
    });

    test.each([
      ['empty', ''],
      ['empty', ' \n\t '],
      ['unexpected_end', '{"type":'],
      ['unexpected_byte', "{'type'}"],
      ['nul_byte', '{"type":\0}'],
      ['control_in_string', '"\x01"'],
      ['bad_escape', '"\\x"'],
      ['lone_surrogate', '"\\ud800"'],
      ['bad_utf8', new Uint8Array([0x22, 0xc3, 0x28, 0x22])],
      ['bad_number', '[01]'],
      ['number_out_of_range', '[1e400]'],
      ['duplicate_key', '{"type":"a","t\\u0079pe":"b"}'],
      ['too_deep', '['.repeat(65) + ']'.repeat(65)],
      ['too_many_values', `[${'0,'.repeat(500_000)}0]`],
      ['trailing_bytes', '{} {}'],
    ])('a body that is not JSON is refused: %s', async (code, body) => {
      const answer = await post(/** @type {any} */ (body));
      expectProblem(answer, 400);
      expect(answer.body.errors).toEqual([
        { path: '', code, message: expect.stringMatching(/^Byte \d+\.$/) },
      ]);
    });

    test('every fault of a request is listed with its place', async () => {
      const answer = await sluice.call('/jobs', {
        json: {
          type: 'test-noop',
          priority: 11,
          maxAttempts: 0,
          backoff: { type: 'quadratic', delay: -1, jitter: 2 },
          timeoutMs: 600_001,
          uniqueKey: '',
          tags: ['a', 'a', 'x'.repeat(65)],
          userId: 7,
          'un/kn~own': true,
        },
      });
      expectProblem(answer, 422);
      const paths = answer.body.errors.map((/** @type {any} */ fault) => fault.path);
      expect([...new Set(paths)].sort()).toEqual(
        [
          '/payload',
          '/priority',
          '/maxAttempts',
          '/backoff/type',
          '/backoff/delay',
          '/backoff/jitter',
          '/timeoutMs',
          '/uniqueKey',
          '/tags',
          '/tags/2',
          '/userId',
          '/un~1kn~0own',
        ].sort(),
      );
      for (const fault of answer.body.errors) {
        expect(fault).toEqual({
          path: fault.path,
          code: expect.stringMatching(/^[a-z_0-9]+$/),
          message: expect.stringMatching(/\w/),
        });
      }
    });

    test('faults of the payload and of the options are told together', async () => {
      const payload = { url: 'no url', scrapeType: 'car', options: { maxPages: 0, more: 1 } };
      const answer = await sluice.call('/jobs', {
        json: { type: 'scrape_request', payload, priority: 'soon' },
      });
      expectProblem(answer, 422);
      const paths = answer.body.errors.map((/** @type {any} */ fault) => fault.path);
      expect([...new Set(paths)].sort()).toEqual([
        '/payload/options/maxPages',
        '/payload/options/more',
        '/payload/scrapeType',
        '/payload/url',
        '/priority',
      ]);
    });

    test.each([
      ['an unknown type', { type: 'no-such-type' }, '/type', 'unknown_type'],
      ['two times', { delaySeconds: 1, runAt: '2030-01-01T00:00:00Z' }, '/runAt', 'conflict'],
      ['a time that is none', { runAt: 'tomorrow' }, '/runAt', 'format'],
      ['a window without a key', { uniqueForSeconds: 5 }, '/uniqueForSeconds', 'conflict'],
    ])('%s is a fault', async (_, more, path, code) => {
      const answer = await sluice.call('/jobs', { json: { type: 'test-noop', payload: {}, ...more } });
      expectProblem(answer, 422);
      expect(answer.body.errors).toEqual([{ path, code, message: expect.stringMatching(/\w/) }]);
    });

    test.each(['null', '[]', '"text"', '1', 'true'])('JSON that is no job is invalid: %s', async (body) => {
      const answer = await post(body);
      expectProblem(answer, 422);
      expect(answer.body.errors[0].path).toBe('');
    });

    test('a body may hold 2 MiB and not one byte more', async () => {
      const job = JSON.stringify({ type: 'test-noop', payload: {}, ...later });
      expect((await post(job.padEnd(2 * MIB))).status).toBe(201);
      expectProblem(await post(job.padEnd(2 * MIB + 1)), 413);
    });

    test('a payload may hold 1 MiB and not one byte more', async () => {
      const text = 'x'.repeat(MIB - 2);
      const fits = await sluice.call('/jobs', { json: { type: 'test-noop', payload: text, ...later } });
      expect(fits.status).toBe(201);
      expect((await sluice.job(fits.body.jobId)).payload).toBe(text);
      const answer = await sluice.call('/jobs', { json: { type: 'test-noop', payload: `${text}x` } });
      expectProblem(answer, 413);
      expect(answer.body.errors).toMatchObject([{ path: '/payload', code: 'payload_too_large' }]);
    });

    test('an upload without a length is cut off at the limit', async () => {
      const { status, type, sent } = await uploadWithoutEnd(`${sluice.url}jobs`);
      expect([status, type]).toEqual([413, 'application/problem+json']);
      // What the sockets between hold comes on top of the limit.
      expect(sent).toBeLessThan(32 * MIB);
    });

    test('a stream within the limit is read whole', async () => {
      const job = JSON.stringify({ type: 'test-echo', payload: { text: 'ä€𝄞'.repeat(50_000) } });
      const bytes = new TextEncoder().encode(job);
      const chunks = [bytes.subarray(0, 5), bytes.subarray(5, 70_001), bytes.subarray(70_001)];
      const body = new ReadableStream({
        pull(controller) {
          const chunk = chunks.shift();
          if (chunk) controller.enqueue(chunk);
          else controller.close();
        },
      });
      const { body: answer, status } = await sluice.call('/jobs', { method: 'POST', body, duplex: 'half' });
      expect(status).toBe(201);
      expect((await sluice.jobIn(answer.jobId, 'completed')).result).toEqual(JSON.parse(job).payload);
    });

    test.each([
      ['uniqueKey', (/** @type {string} */ key) => ({ more: { uniqueKey: key }, headers: {} })],
      ['Idempotency-Key', (/** @type {string} */ key) => ({ more: {}, headers: { 'idempotency-key': key } })],
    ])('the same %s again is the same job', async (_, keyed) => {
      /** @param {string} key @param {object} payload */
      const enqueue = (key, payload) => {
        const { more, headers } = keyed(key);
        return sluice.call('/jobs', { json: { type: 'test-noop', payload, ...later, ...more }, headers });
      };
      const [one, two] = [fresh('key'), fresh('key')];
      const first = await enqueue(one, { n: 1 });
      expect(first.status).toBe(201);
      const again = await enqueue(one, { n: 2 });
      expect(again.status).toBe(200);
      expect(again.body).toEqual({ jobId: first.body.jobId, status: 'delayed', duplicate: true });
      expect(again.headers.get('location')).toBeNull();
      expect((await sluice.job(first.body.jobId)).payload).toEqual({ n: 1 });
      const other = await enqueue(two, { n: 1 });
      expect([other.status, other.body.duplicate]).toEqual([201, undefined]);
    });

    test('a uniqueKey and an Idempotency-Key never meet', async () => {
      const key = fresh('key');
      const json = { type: 'test-noop', payload: {}, ...later };
      const one = await sluice.call('/jobs', { json: { ...json, uniqueKey: key } });
      const two = await sluice.call('/jobs', { json, headers: { 'idempotency-key': key } });
      expect([one.status, two.status]).toEqual([201, 201]);
      expect((await sluice.job(one.body.jobId)).uniqueKey).toBe(key);
    });

    test('an Idempotency-Key has at most 200 bytes', async () => {
      const json = { type: 'test-noop', payload: {}, ...later };
      const fits = await sluice.call('/jobs', { json, headers: { 'idempotency-key': 'k'.repeat(200) } });
      expect(fits.status).toBe(201);
      const headers = { 'idempotency-key': 'k'.repeat(201) };
      expectProblem(await sluice.call('/jobs', { json, headers }), 422);
    });

    test('one of many that enqueue the same key at once wins', async () => {
      const json = { type: 'test-noop', payload: {}, ...later, uniqueKey: fresh('race') };
      const answers = await Promise.all(Array.from({ length: 8 }, () => sluice.call('/jobs', { json })));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 200, 200, 201]);
      expect(new Set(answers.map(({ body }) => body.jobId)).size).toBe(1);
    });
  });

  describe('POST /jobs/batch', () => {
    /** @param {unknown} json @param {Record<string, string>} [headers] */
    const post = (json, headers) => sluice.call('/jobs/batch', { json, headers });
    const job = { type: 'test-noop', payload: {}, ...later };

    test('one invalid job never stops the others, and answers are in order', async () => {
      const uniqueKey = fresh('batch');
      const jobs = [
        job,
        { type: 'no-such-type', payload: {} },
        { ...job, uniqueKey },
        'no job',
        { ...job, uniqueKey },
        { type: 'test-noop', payload: 'x'.repeat(MIB) },
        { ...job, priority: 0, maxAttempts: 101 },
        job,
      ];
      const { status, body, headers } = await post({ jobs });
      expect(status).toBe(201);
      expect(headers.get('content-type')).toBe('application/json');
      const made = { jobId: expect.stringMatching(ID), status: 'delayed' };
      const refused = (/** @type {number} */ code) => ({ error: expect.objectContaining({ status: code }) });
      expect(body).toEqual({
        jobs: [
          made,
          refused(422),
          made,
          refused(422),
          { ...made, duplicate: true },
          refused(413),
          refused(422),
          made,
        ],
      });
      expect(body.jobs[4].jobId).toBe(body.jobs[2].jobId);
      const paths = (/** @type {number} */ n) =>
        body.jobs[n].error.errors.map((/** @type {any} */ e) => e.path);
      expect(paths(1)).toEqual(['/jobs/1/type']);
      expect(paths(3)).toEqual(['/jobs/3']);
      expect(paths(6).sort()).toEqual(['/jobs/6/maxAttempts', '/jobs/6/priority']);
      for (const n of [0, 2, 7]) expect((await sluice.job(body.jobs[n].jobId)).status).toBe('delayed');
    });

    test('takes 1000 jobs and no more', async () => {
      const jobs = Array.from({ length: 1000 }, (_, n) => ({ ...job, payload: { n } }));
      const { status, body } = await post({ jobs });
      expect(status).toBe(201);
      const ids = body.jobs.map((/** @type {any} */ entry) => entry.jobId);
      expect(new Set(ids).size).toBe(1000);
      expect((await sluice.job(ids[999])).payload).toEqual({ n: 999 });
      const answer = await post({ jobs: [...jobs, job] });
      expectProblem(answer, 422);
      expect(answer.body.errors).toMatchObject([{ path: '/jobs' }]);
    });

    test('a batch of none is recorded as such', async () => {
      expect(await post({ jobs: [] })).toMatchObject({ status: 201, body: { jobs: [] } });
    });

    test.each([{}, { jobs: {} }, { jobs: null }, [job], null])('%j is no batch', async (json) => {
      expectProblem(await post(json), 422);
    });

    test('a body that is not JSON is refused', async () => {
      expectProblem(await sluice.call('/jobs/batch', { method: 'POST', body: '{"jobs":[}' }), 400);
    });

    // The answer to a body that is too long may come, and the connection end, while it is still being written.
    test('a body may hold 10 MiB and not one byte more', { retry: 3 }, async () => {
      const body = JSON.stringify({ jobs: [job] });
      const send = (/** @type {number} */ size) =>
        sluice.call('/jobs/batch', { method: 'POST', body: body.padEnd(size) });
      expect((await send(10 * MIB)).status).toBe(201);
      expectProblem(await send(10 * MIB + 1), 413);
    });

    test('several MiB of payloads are recorded whole', async () => {
      const jobs = Array.from({ length: 8 }, (_, n) => ({ ...job, payload: String(n).repeat(900_000) }));
      const { status, body } = await post({ jobs });
      expect(status).toBe(201);
      expect((await sluice.job(body.jobs[7].jobId)).payload).toBe('7'.repeat(900_000));
    });

    test('the same Idempotency-Key again gives the same jobs', async () => {
      const headers = { 'idempotency-key': fresh('batch') };
      const first = await post({ jobs: [job, job, { ...job, type: 'no-such-type' }] }, headers);
      const again = await post({ jobs: [job, job, { ...job, type: 'no-such-type' }] }, headers);
      const ids = (/** @type {any} */ answer) => answer.body.jobs.map((/** @type {any} */ e) => e.jobId);
      expect(ids(again)).toEqual(ids(first));
      expect(ids(first)[0]).not.toBe(ids(first)[1]);
      expect(again.body.jobs.slice(0, 2)).toMatchObject([{ duplicate: true }, { duplicate: true }]);
    });
  });

  describe('GET /jobs/{id}', () => {
    test('shows every member of a job, absent ones as null', async () => {
      const before = Date.now();
      const id = await sluice.enqueue('test-echo', { a: [1, 'ä'] });
      const done = await sluice.jobIn(id);
      expect(done).toEqual({
        jobId: id,
        type: 'test-echo',
        queue: 'background-jobs',
        status: 'completed',
        priority: 5,
        attempts: 1,
        maxAttempts: 3,
        progress: 100,
        payload: { a: [1, 'ä'] },
        result: { a: [1, 'ä'] },
        lastError: null,
        createdAt: expect.stringMatching(TIME),
        runAt: null,
        startedAt: expect.stringMatching(TIME),
        completedAt: expect.stringMatching(TIME),
        updatedAt: expect.stringMatching(TIME),
        leasedBy: null,
        leaseUntil: null,
        uniqueKey: null,
        concurrencyKey: null,
        tenant: null,
        dependsOn: null,
        tags: null,
        correlationId: id,
        userId: null,
        sessionId: null,
        timeoutMs: 30_000,
        payloadSize: 14,
        resultSize: 14,
      });
      const times = [done.createdAt, done.startedAt, done.completedAt].map(Date.parse);
      expect(times).toEqual([...times].sort((a, b) => a - b));
      expect(times[0]).toBeGreaterThanOrEqual(before);
    });

    test('shows what the request said', async () => {
      const runAt = new Date(Date.now() + 7_200_000).toISOString();
      const said = {
        priority: 'high',
        maxAttempts: 7,
        timeoutMs: 1234,
        uniqueKey: fresh('mine'),
        tags: ['b', 'a'],
        correlationId: 'c-1',
        userId: 'u-1',
        sessionId: 's-1',
      };
      const id = await sluice.enqueue('test-noop', null, { ...said, runAt });
      expect(await sluice.job(id)).toMatchObject({
        ...said,
        priority: 3,
        runAt,
        status: 'delayed',
        payload: null,
        progress: null,
        result: null,
        startedAt: null,
        completedAt: null,
      });
    });

    test.each([NOBODY, 'x', '%00', '%F0%9D%84%9E', '%ff', "'--", 'x'.repeat(5000)])(
      'there is no job %s',
      async (id) => {
        expectProblem(await sluice.call(`/jobs/${id}`), 404);
        expectProblem(await sluice.call(`/jobs/${id}/attempts`), 404);
        expectProblem(await sluice.call(`/jobs/${id}/retry`, { method: 'POST' }), 404);
        expectProblem(await sluice.call(`/jobs/${id}`, { method: 'DELETE' }), 404);
      },
    );

    test('its attempts are its history', async () => {
      const backoff = { type: 'fixed', delay: 1000, jitter: 0 };
      const id = await sluice.enqueue('test-fail', { failures: 1, message: 'not yet' }, { backoff });
      await sluice.jobIn(id, 'completed');
      const { status, body } = await sluice.call(`/jobs/${id}/attempts`);
      expect(status).toBe(200);
      const times = { startedAt: expect.stringMatching(TIME), finishedAt: expect.stringMatching(TIME) };
      expect(body).toEqual({
        jobId: id,
        attempts: [
          {
            attempt: 1,
            outcome: 'failed',
            ...times,
            error: { code: 'told_to_fail', message: 'not yet', retryable: true },
            delayMs: 1000,
          },
          { attempt: 2, outcome: 'completed', ...times },
        ],
      });
      const [first, second] = body.attempts;
      expect(Date.parse(second.startedAt) - Date.parse(first.finishedAt)).toBeGreaterThanOrEqual(990);
    });
  });

  describe('GET /jobs', () => {
    const tag = fresh('list');
    /** @type {string[]} newest first */
    const ids = [];

    /** @param {string} filter */
    const list = async (filter) => {
      const { status, body } = await sluice.call(`/jobs?tag=${tag}&${filter}`);
      expect(status).toBe(200);
      return { ...body, ids: body.jobs.map((/** @type {any} */ job) => job.jobId) };
    };

    beforeAll(async () => {
      for (let n = 0; n < 7; n++) {
        const type = n % 2 ? 'test-noop' : 'test-scrapelike';
        const more = n === 6 ? { priority: 1 } : {};
        ids.unshift(await sluice.enqueue(type, { n }, { tags: [tag, `n${n}`], ...later, ...more }));
      }
      await sluice.call(`/jobs/${ids[3]}`, { method: 'DELETE' });
    });

    test('lists newest first', async () => {
      const page = await list('');
      expect(page.ids).toEqual(ids);
      expect(page.nextCursor).toBeUndefined();
      expect(page.jobs[0]).toEqual(await sluice.job(ids[0] ?? ''));
    });

    test('filters by status, type, queue and tag, alone and together', async () => {
      expect((await list('status=cancelled')).ids).toEqual([ids[3]]);
      expect((await list('status=delayed')).ids).toEqual(ids.filter((_, n) => n !== 3));
      expect((await list('status=completed')).ids).toEqual([]);
      expect((await list('type=test-noop')).ids).toEqual([ids[1], ids[3], ids[5]]);
      expect((await list('type=test-noop&status=delayed')).ids).toEqual([ids[1], ids[5]]);
      expect((await list('queue=scraping-tasks')).ids).toEqual([ids[2], ids[4], ids[6]]);
      expect((await list('queue=scraping-priority')).ids).toEqual([ids[0]]);
      expect((await list('type=no-such-type')).ids).toEqual([]);
      const { body } = await sluice.call('/jobs?tag=n3');
      expect(body.jobs.map((/** @type {any} */ job) => job.jobId)).toEqual([ids[3]]);
    });

    test('empty parameters are as good as none', async () => {
      expect((await list('status=&type=&queue=&limit=&offset=&cursor=')).ids).toEqual(ids);
    });

    test('pages by cursor hold every job once', async () => {
      const seen = [];
      let page = await list('limit=3');
      for (let pages = 0; pages < 20; pages++) {
        expect(page.jobs.length).toBeLessThanOrEqual(3);
        seen.push(...page.ids);
        if (!page.nextCursor) break;
        page = await list(`limit=3&cursor=${page.nextCursor}`);
      }
      expect(page.nextCursor).toBeUndefined();
      expect(seen).toEqual(ids);
    });

    test('pages by offset', async () => {
      expect((await list('limit=2&offset=0')).ids).toEqual(ids.slice(0, 2));
      expect((await list('limit=2&offset=5')).ids).toEqual(ids.slice(5, 7));
      expect((await list('offset=7')).ids).toEqual([]);
    });

    test('a page has 50 jobs unless it is told otherwise, and 500 at most', async () => {
      expect((await sluice.call('/jobs')).body.jobs.length).toBe(50);
      expect((await sluice.call('/jobs?limit=500')).body.jobs.length).toBe(500);
    });

    test('every fault of a filter is listed', async () => {
      const answer = await sluice.call('/jobs?status=done&limit=501&offset=-1&cursor=here');
      expectProblem(answer, 422);
      const paths = answer.body.errors.map((/** @type {any} */ fault) => fault.path);
      expect(paths.sort()).toEqual(['/cursor', '/limit', '/offset', '/status']);
    });

    test.each(['limit=0', 'limit=1.5', 'limit=ten', 'limit=99999999999', 'offset=10001'])(
      '%s is out of bounds',
      async (filter) => expectProblem(await sluice.call(`/jobs?${filter}`), 422),
    );
  });

  describe('POST /jobs/{id}/retry and DELETE /jobs/{id}', () => {
    /** @param {string} id */
    const retry = (id) => sluice.call(`/jobs/${id}/retry`, { method: 'POST' });
    /** @param {string} id */
    const cancel = (id) => sluice.call(`/jobs/${id}`, { method: 'DELETE' });

    test('a failed job starts over under its id', async () => {
      const id = await sluice.enqueue('test-fail', { failures: 9, fatal: true });
      expect(await sluice.jobIn(id)).toMatchObject({
        status: 'failed',
        attempts: 1,
        lastError: { code: 'told_to_fail', message: 'failing as told', retryable: false },
      });
      const { status, body } = await retry(id);
      expect([status, body]).toMatchObject([200, { jobId: id, status: 'pending', attempts: 0 }]);
      await sluice.jobIn(id, 'failed');
      const outcomes = (await sluice.attempts(id)).map(({ outcome }) => outcome);
      expect(outcomes).toEqual(['failed', 'retried', 'failed']);
    });

    test('a waiting job is cancelled, once', async () => {
      const id = await sluice.enqueue('test-noop', {}, later);
      const { status, body } = await cancel(id);
      expect([status, body]).toMatchObject([200, { jobId: id, status: 'cancelled' }]);
      expect(body.completedAt).toMatch(TIME);
      expect(body).toEqual(await sluice.job(id));
      expectProblem(await cancel(id), 409);
      expect((await retry(id)).body).toMatchObject({ jobId: id, status: 'pending', attempts: 0 });
      await sluice.jobIn(id, 'completed');
    });

    test('what a state does not allow is a conflict', async () => {
      const done = await sluice.enqueue('test-noop');
      await sluice.jobIn(done, 'completed');
      expectProblem(await retry(done), 409);
      expectProblem(await cancel(done), 409);
      const waiting = await sluice.enqueue('test-noop', {}, later);
      expectProblem(await retry(waiting), 409);
    });

    test('a running job shows its lease, and is cancelled', async () => {
      const id = await sluice.enqueue('test-slow', { ms: 60_000 });
      const job = await sluice.jobIn(id, 'processing');
      expect(job).toMatchObject({ leasedBy: expect.stringMatching(/\w/), completedAt: null, attempts: 1 });
      expect(Date.parse(job.leaseUntil)).toBeGreaterThan(Date.now());
      expect((await cancel(id)).body).toMatchObject({
        status: 'cancelled',
        leasedBy: null,
        leaseUntil: null,
      });
    });
  });

  describe('GET /stats, /queue/health and /health', () => {
    const counts = ['pending', 'processing', 'completed', 'failed', 'delayed', 'blocked', 'cancelled'];

    test('stats count every job once', async () => {
      const { status, body } = await sluice.call('/stats');
      expect(status).toBe(200);
      const parts = ['completionRate', 'failureRate', 'byType', 'byQueue', 'byStatus', 'pruned', 'total'];
      expect(Object.keys(body).sort()).toEqual([...counts, ...parts].sort());
      const rows = await sluice.rows('SELECT status, count(*) AS n FROM jobs GROUP BY status');
      const held = Object.fromEntries(rows.map((row) => [row.status, row.n]));
      for (const name of counts) {
        expect([name, body[name]]).toEqual([name, held[name] ?? 0]);
        expect(body.byStatus[name]).toBe(body[name]);
      }
      expect(body.total).toBe(counts.reduce((sum, name) => sum + body[name], 0));
      expect(body.completionRate).toBe(`${((100 * body.completed) / body.total).toFixed(2)}%`);
      expect(body.failureRate).toBe(`${((100 * body.failed) / body.total).toFixed(2)}%`);
      expect(Object.keys(body.byType['test-noop']).sort()).toEqual(['averageAttempts', ...counts].sort());
      expect(Object.keys(body.byQueue['background-jobs']).sort()).toEqual([...counts].sort());
    });

    test('queue health tells rates, depths and times', async () => {
      const { status, body } = await sluice.call('/queue/health');
      expect(status).toBe(200);
      expect(body).toEqual({
        pendingMessages: expect.any(Number),
        processingRate: expect.any(Number),
        errorRate: expect.any(Number),
        averageProcessingTime: expect.any(Number),
        oldestPendingMs: expect.any(Number),
        deadLetters: expect.any(Number),
        breakers: [],
      });
      expect(body.processingRate).toBeGreaterThan(0);
      expect(body.errorRate).toBeGreaterThan(0);
      expect(body.errorRate).toBeLessThan(1);
    });

    test('health is open to all and sees the sweep', async () => {
      await sluice.tick();
      const { status, body } = await sluice.call('/health', { token: null });
      expect(status).toBe(200);
      expect(body).toEqual({
        status: 'healthy',
        checks: {
          database: { status: 'ok' },
          sweep: { status: 'ok', lastAt: expect.stringMatching(TIME) },
          scraper: { status: 'ok' },
        },
      });
    });
  });

  describe('POST /chat', () => {
    /** @param {unknown} json */
    const say = (json) => sluice.call('/chat', { json });

    test('a message that asks for a page becomes a scrape request', async () => {
      const message = 'Please scrape https://shop.example/offers/1 and send me what it says';
      const { status, body } = await say({ message, userId: 'u-9', sessionId: 's-9' });
      expect(status).toBe(200);
      expect(body).toEqual({
        reply: expect.stringMatching(/\w/),
        jobs: [
          {
            jobId: expect.stringMatching(ID),
            scrapeType: expect.stringMatching(/^(hotel|flight|attraction|general)$/),
            url: 'https://shop.example/offers/1',
            priority: expect.any(Number),
          },
        ],
      });
      const job = await sluice.job(body.jobs[0].jobId);
      expect(job).toMatchObject({ type: 'scrape_request', userId: 'u-9', sessionId: 's-9' });
      expect(job.payload).toMatchObject({ url: 'https://shop.example/offers/1' });
      await sluice.call(`/jobs/${job.jobId}`, { method: 'DELETE' });
    });

    test('a message that asks for nothing leads to no job', async () => {
      const { status, body } = await say({ message: 'Good morning, how are you?' });
      expect([status, body]).toEqual([200, { reply: expect.stringMatching(/\w/), jobs: [] }]);
    });

    test('every fault of a message is listed', async () => {
      const answer = await say({ message: '', userId: 5, sessionId: 'x'.repeat(201) });
      expectProblem(answer, 422);
      const paths = answer.body.errors.map((/** @type {any} */ fault) => fault.path);
      expect(paths.sort()).toEqual(['/message', '/sessionId', '/userId']);
      expectProblem(await say({ message: 'x'.repeat(8001) }), 422);
      expectProblem(await sluice.call('/chat', { method: 'POST', body: 'hello' }), 400);
      expectProblem(await sluice.call('/chat', { method: 'POST', body: ' '.repeat(2 * MIB + 1) }), 413);
    });
  });

  describe('when something fails on the way', () => {
    afterEach(() => sluice.setFaults('sluice', []));
    const json = { type: 'test-noop', payload: {} };

    test.each(['before', 'after'])('D1 fails %s it has written: the job is there, once', async (when) => {
      const tag = fresh('once');
      await sluice.setFaults('sluice', [{ door: 'DB', times: 2, when: /** @type {any} */ (when) }]);
      const { status, body } = await sluice.call('/jobs', { json: { ...json, tags: [tag] } });
      expect(status).toBe(201);
      const rows = await sluice.rows('SELECT id FROM jobs WHERE instr(tags, ?) > 0', tag);
      expect(rows).toEqual([{ id: body.jobId }]);
      await sluice.jobIn(body.jobId, 'completed');
    });

    test('the queue takes no message: the job is recorded all the same', async () => {
      await sluice.setFaults('sluice', [{ door: 'JOB_QUEUE', message: 'Too Many Requests' }]);
      const { status, body } = await sluice.call('/jobs', { json });
      expect(status).toBe(201);
      expect((await sluice.job(body.jobId)).status).toBe('pending');
    });
  });

  describe('when D1 cannot be reached', () => {
    const gone = { door: 'DB', times: 1000, message: 'D1_ERROR: the database is away' };
    beforeAll(() => sluice.setFaults('sluice', [gone]));
    afterAll(() => sluice.setFaults('sluice', []));

    test.each([
      ['GET', '/jobs', undefined],
      ['GET', `/jobs/${NOBODY}`, undefined],
      ['GET', '/stats', undefined],
      ['GET', '/queue/health', undefined],
      ['POST', '/jobs', { type: 'test-noop', payload: {} }],
      ['POST', '/chat', { message: 'scrape https://shop.example/' }],
      ['POST', `/jobs/${NOBODY}/retry`, undefined],
      ['DELETE', `/jobs/${NOBODY}`, undefined],
    ])('%s %s is told to come again', async (method, path, json) => {
      const answer = await sluice.call(path, { method, ...(json && { json }) });
      expectProblem(answer, 503);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(JSON.stringify(answer.body)).not.toContain('the database is away');
    });

    test('health is unhealthy', async () => {
      const { status, body, headers } = await sluice.call('/health', { token: null });
      expect([status, body.status]).toEqual([503, 'unhealthy']);
      expect(body.checks.database.status).toBe('failing');
      expect(headers.get('content-type')).toBe('application/json');
    });
  });
});

describe('a queue that has reached its maximum depth', () => {
  beforeAll(async () => {
    sluice = await startSluice({ consume: false, vars: { MAX_PENDING_PER_QUEUE: '3' } });
  });
  afterAll(() => sluice?.stop());

  test('takes no more until there is room', async () => {
    const json = { type: 'test-noop', payload: {} };
    const first = await sluice.enqueue('test-noop');
    await sluice.enqueue('test-noop', {}, { uniqueKey: 'again' });
    const batch = await sluice.call('/jobs/batch', { json: { jobs: [json, json] } });
    expect(batch.status).toBe(201);
    expect(batch.body.jobs).toMatchObject([{ status: 'pending' }, { error: { status: 429 } }]);
    const full = await sluice.call('/jobs', { json });
    expectProblem(full, 429);
    expect(Number(full.headers.get('retry-after'))).toBeGreaterThan(0);
    const again = await sluice.call('/jobs', { json: { ...json, uniqueKey: 'again' } });
    expect([again.status, again.body.duplicate]).toEqual([200, true]);
    const elsewhere = await sluice.call('/jobs', { json: { ...json, type: 'test-scrapelike' } });
    expect(elsewhere.status).toBe(201);
    await sluice.call(`/jobs/${first}`, { method: 'DELETE' });
    expect((await sluice.call('/jobs', { json })).status).toBe(201);
  });
});

test('without a secret nobody gets in', async () => {
  sluice = await startSluice({ consume: false, secrets: { SLUICE_TOKENS: undefined } });
  try {
    for (const token of [tokens.admin, '', 'undefined']) {
      expectProblem(await sluice.call('/stats', { token }), 401);
    }
    expect((await sluice.call('/health', { token: null })).status).toBe(200);
  } finally {
    await sluice.stop();
  }
});

test('an unexpected error is logged and leaks nothing', async () => {
  sluice = await startSluice({ consume: false, vars: { LEASE_MS: 'soon' } });
  try {
    const answer = await sluice.call('/jobs', { json: { type: 'test-noop', payload: {} } });
    expectProblem(answer, 500);
    expect(JSON.stringify(answer.body)).not.toMatch(/LEASE_MS|core|soon/);
    const [line] = sluice.logs('http.failed');
    expect(line).toMatchObject({ level: 'error', method: 'POST', path: '/jobs' });
    expect(line.message).toContain('LEASE_MS');
  } finally {
    await sluice.stop();
  }
});
