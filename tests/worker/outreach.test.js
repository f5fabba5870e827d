// Outreach through the whole system: producers, mails, enrichment, what comes back, and the copy at Supabase. The
// provider, the search engine and Supabase are doubled by a server that speaks as they do.
import { createServer } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connected, startSluice } from './harness.js';

/** @typedef {{ path: string, headers: Record<string, any>, body: any }} Request */

/** @type {Request[]} */
const requests = [];
/** How often the provider has no room for a mail. */
let busy = 0;
/** Supabase's rows, by table and id. @type {Record<string, Map<string, any>>} */
const supabase = { prospects: new Map(), campaigns: new Map(), replies: new Map() };
let origin = '';

const page = (/** @type {string} */ title, /** @type {string} */ body) =>
  `<!doctype html><html><head><title>${title}</title></head><body><h1>${title}</h1>${body}</body></html>`;

/** @type {Record<string, string>} */
const pages = {
  '/': page('Harbour House – Hotel', '<p>Rooms by the sea.</p><a href="/contact">Contact</a>'),
  '/contact': page(
    'Contact',
    '<a href="mailto:Info%40harbour.example?subject=Hi">Write to us</a> no-reply@harbour.example',
  ),
};

/**
 * @type {Record<string, (request: Request) => { status?: number, headers?: Record<string, string>, json?: any, html?:
 *   string }>}
 */
const routes = {
  '/emails': ({ headers }) => {
    if (busy > 0) {
      busy--;
      return {
        status: 429,
        headers: { 'retry-after': '60' },
        json: { name: 'rate_limit_exceeded', message: 'Slow' },
      };
    }
    return { json: { id: `mail-${headers['idempotency-key']}` } };
  },
  '/search': ({ headers, path }) => ({
    status: headers['x-subscription-token'] === 'search-key' ? 200 : 401,
    json: {
      web: {
        results: decodeURIComponent(path).includes('Harbour')
          ? [{ url: 'https://www.facebook.com/harbour' }, { url: `${origin}/rooms/1` }]
          : [],
      },
    },
  }),
  '/rest': ({ path, headers, body }) => {
    const [, table = ''] = /\/rest\/v1\/(\w+)\?on_conflict=id$/.exec(path) ?? [];
    if (headers.apikey !== 'service-key' || !/merge-duplicates/.test(headers.prefer))
      return { status: 401, json: {} };
    for (const row of body) supabase[table]?.set(row.id, row);
    return { status: 201 };
  },
};

const server = createServer((incoming, response) => {
  let text = '';
  incoming.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  incoming.on('end', () => {
    const path = incoming.url ?? '';
    const request = { path, headers: incoming.headers, body: text && JSON.parse(text) };
    requests.push(request);
    const [, first = ''] = /^(\/\w*)/.exec(path) ?? [];
    const route = routes[first];
    const html = pages[path];
    const { status = 200, headers = {}, json } = route ? route(request) : { status: html ? 200 : 404 };
    response.writeHead(status, { 'content-type': html ? 'text/html' : 'application/json', ...headers });
    response.end(html ?? (json && JSON.stringify(json)));
  });
});

/** @type {import('./harness.js').Sluice} */
let sluice;

beforeAll(async () => {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  origin = `http://127.0.0.1:${port}`;
  sluice = await startSluice({
    vars: {
      EMAIL_API_URL: `${origin}/emails`,
      EMAIL_API_KEY: 'mail-key',
      EMAIL_FROM: 'Ann <ann@us.example>',
      SEARCH_API_URL: `${origin}/search`,
      SEARCH_API_KEY: 'search-key',
      SUPABASE_URL: origin,
      SUPABASE_SERVICE_KEY: 'service-key',
      POLL_BATCH: '100',
    },
  });
  await sluice.rows(`INSERT INTO campaigns (id, name, subject, body, created_at, updated_at)
    VALUES ('may', 'May offer', 'For {{prospect.name}}',
    'Dear {{prospect.contact|friends}} of {{prospect.name}}', 1, 1)`);
});
afterAll(async () => {
  await sluice?.stop();
  server.closeAllConnections();
  server.close();
});

/** @param {string} id @param {Record<string, any>} [more] */
async function prospect(id, more = {}) {
  /** @type {Record<string, any>} */
  const row = {
    id,
    name: 'Acme',
    contact: null,
    email: null,
    website: null,
    tier: 'cold',
    campaign_id: null,
    ...more,
  };
  await sluice.rows(
    `INSERT INTO prospects (id, name, contact, email, website, tier, campaign_id, created_at, updated_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, 1, 1)`,
    ...['id', 'name', 'contact', 'email', 'website', 'tier', 'campaign_id'].map((name) => row[name]),
  );
}

/** @param {string} id */
async function rowOf(id) {
  return (await sluice.rows('SELECT * FROM prospects WHERE id = ?', id))[0];
}

/** @param {string} cron */
const onCron = (cron) => connected(() => sluice.server.getWorker('sluice').scheduled({ cron }));
const MAIL = '*/5 8-18 * * 1-6';
const ENRICHMENT = '*/15 8-18 * * 1-6';

/** @param {string} type */
const jobsOf = (type) =>
  sluice.rows('SELECT id, status, priority, payload FROM jobs WHERE type = ? ORDER BY priority, id', type);

test('the mail producer enqueues each prospect once, by tier, and its mails go out filled in', async () => {
  await prospect('p-cold', { email: 'cold@c.example', campaign_id: 'may' });
  await prospect('p-hot', { email: 'hot@h.example', contact: 'Jo', tier: 'hot', campaign_id: 'may' });
  await prospect('p-warm', { email: 'warm@w.example', tier: 'warm', campaign_id: 'may' });
  await prospect('p-none', { campaign_id: 'may' });
  await onCron(MAIL);
  await onCron(MAIL);
  const jobs = await jobsOf('send_email');
  expect(jobs.map(({ priority, payload }) => [priority, JSON.parse(payload).prospectId])).toEqual([
    [2, 'p-hot'],
    [4, 'p-warm'],
    [6, 'p-cold'],
  ]);
  await sluice.tick();
  const mails = requests.filter(({ path }) => path === '/emails').map(({ body }) => body);
  expect(mails.map(({ to: [to] }) => to).sort()).toEqual([
    'cold@c.example',
    'hot@h.example',
    'warm@w.example',
  ]);
  expect(mails.find(({ to: [to] }) => to === 'hot@h.example')).toMatchObject({
    from: 'Ann <ann@us.example>',
    subject: 'For Acme',
    text: 'Dear Jo of Acme',
  });
  expect((await rowOf('p-hot')).status).toBe('contacted');
  expect((await sluice.job(jobs[0].id)).result).toMatchObject({ sent: true });
  // The same mail is not sent again, whoever asks.
  const again = await sluice.enqueue('send_email', { prospectId: 'p-hot', campaignId: 'may' });
  await sluice.tick();
  expect((await sluice.job(again)).result).toMatchObject({ sent: false, reason: 'sent_before' });
  expect(requests.filter(({ path }) => path === '/emails')).toHaveLength(3);
});

test('a missing prospect, or campaign, is fatal', async () => {
  await prospect('p-lone', { email: 'l@l.example' });
  const ids = [
    await sluice.enqueue('send_email', { prospectId: 'nobody', campaignId: 'may' }),
    await sluice.enqueue('send_email', { prospectId: 'p-lone', campaignId: 'none' }),
    await sluice.enqueue('enrich_website', { prospectId: 'nobody' }),
    await sluice.enqueue('enrich_email', { prospectId: 'nobody' }),
    await sluice.enqueue('process_reply', {
      prospectId: 'nobody',
      messageId: 'x',
      from: 'a@b',
      subject: '',
      text: '',
    }),
  ];
  await sluice.tick();
  const jobs = await Promise.all(ids.map((id) => sluice.job(id)));
  expect(jobs.map(({ status, attempts, lastError }) => [status, attempts, lastError?.code])).toEqual([
    ['failed', 1, 'prospect_missing'],
    ['failed', 1, 'campaign_missing'],
    ['failed', 1, 'prospect_missing'],
    ['failed', 1, 'prospect_missing'],
    ['failed', 1, 'prospect_missing'],
  ]);
});

test('a provider that is busy rests the whole sender, and costs no attempt', async () => {
  await prospect('p-busy1', { email: 'b1@b.example' });
  await prospect('p-busy2', { email: 'b2@b.example' });
  busy = 1;
  const one = await sluice.enqueue('send_email', { prospectId: 'p-busy1', campaignId: 'may' });
  await sluice.tick();
  const two = await sluice.enqueue('send_email', { prospectId: 'p-busy2', campaignId: 'may' });
  const before = requests.length;
  await sluice.tick();
  expect(requests.slice(before).filter(({ path }) => path === '/emails')).toEqual([]);
  for (const id of [one, two]) expect(await sluice.job(id)).toMatchObject({ status: 'delayed', attempts: 0 });
  // A minute later.
  await sluice.rows('UPDATE resting_senders SET until = until - 60000');
  await sluice.rows(
    'UPDATE jobs SET run_at = run_at - 60000, wake_at = wake_at - 60000 WHERE id IN (?, ?)',
    one,
    two,
  );
  await sluice.tick();
  for (const id of [one, two])
    expect(await sluice.job(id)).toMatchObject({ status: 'completed', attempts: 1 });
});

test('enrichment finds a website, then an address on it', async () => {
  await prospect('p-harbour', { name: 'Harbour House GmbH' });
  await prospect('p-nowhere', { name: 'Nowhere Inn' });
  await onCron(ENRICHMENT);
  await sluice.tick();
  expect((await rowOf('p-harbour')).website).toBe(`${origin}/`);
  expect((await rowOf('p-nowhere')).website).toBeNull();
  await onCron(ENRICHMENT);
  await sluice.tick();
  expect((await rowOf('p-harbour')).email).toBe('info@harbour.example');
  const jobs = [...(await jobsOf('enrich_website')), ...(await jobsOf('enrich_email'))];
  expect(
    jobs.map(({ payload }) => JSON.parse(payload).prospectId).filter((id) => id === 'p-harbour'),
  ).toHaveLength(2);
});

test('who opts out gets no more mail: what waits is cancelled', async () => {
  await prospect('p-out', { email: 'out@o.example' });
  const ask = { prospectId: 'p-out', campaignId: 'may' };
  const later = { delaySeconds: 3600, uniqueKey: 'send_email:p-out:may' };
  const waiting = await sluice.enqueue('send_email', ask, later);
  const mail = {
    messageId: '<o1@o.example>',
    from: 'Out <OUT@o.example>',
    subject: 'Re: For Acme',
    text: 'Unsubscribe',
  };
  const { status, body } = await sluice.call('/inbound/reply', { json: mail });
  expect([status, body.status]).toEqual([201, 'pending']);
  const repeated = await sluice.call('/inbound/reply', { json: mail });
  expect(repeated.body).toMatchObject({ jobId: body.jobId, duplicate: true });
  await sluice.tick();
  expect((await sluice.job(body.jobId)).result).toEqual({ kind: 'opt_out', cancelled: 1 });
  expect((await sluice.job(waiting)).status).toBe('cancelled');
  expect((await rowOf('p-out')).status).toBe('unsubscribed');
  // Nor what somebody asks for afterwards.
  const after = await sluice.enqueue('send_email', ask);
  await sluice.tick();
  expect((await sluice.job(after)).result).toEqual({ sent: false, reason: 'unsubscribed' });
});

test('a reply comes in as a mail, and nobody else’s does', async () => {
  await prospect('p-mail', { email: 'jo@mail.example', campaign_id: 'may' });
  const raw = (/** @type {string} */ from) =>
    [
      `From: <${from}>`,
      'To: ann@us.example',
      'Subject: Re: For Acme',
      `Message-ID: <m-${from}>`,
      'Content-Type: text/plain',
      '',
      'Sounds good.',
    ].join('\r\n');
  const worker = sluice.server.getWorker('sluice');
  await worker.email({ from: 'jo@mail.example', to: 'ann@us.example', raw: raw('jo@mail.example') });
  await worker.email({ from: 'who@else.example', to: 'ann@us.example', raw: raw('who@else.example') });
  await sluice.tick();
  const replies = await sluice.rows(
    "SELECT prospect_id, kind, from_address FROM replies WHERE id LIKE '<m-%'",
  );
  expect(replies).toEqual([{ prospect_id: 'p-mail', kind: 'reply', from_address: 'jo@mail.example' }]);
  expect((await rowOf('p-mail')).status).toBe('replied');
});

test('a bounce ends the mails to an address, an absence puts them off', async () => {
  for (const id of ['p-gone', 'p-away']) await prospect(id, { email: `${id}@b.example`, campaign_id: 'may' });
  const tell = (/** @type {string} */ prospectId, /** @type {object} */ mail) =>
    sluice.call('/inbound/reply', { json: { prospectId, messageId: `<${prospectId}>`, text: '', ...mail } });
  const answers = [
    await tell('p-gone', {
      from: 'MAILER-DAEMON@b.example',
      subject: 'Undeliverable',
      text: '550 5.1.1 No such user',
    }),
    await tell('p-away', {
      from: 'p-away@b.example',
      subject: 'Out of Office',
      headers: { 'auto-submitted': 'auto-replied' },
    }),
  ];
  await sluice.tick();
  const kinds = await Promise.all(
    answers.map(async ({ body }) => (await sluice.job(body.jobId)).result.kind),
  );
  expect(kinds).toEqual(['bounce', 'out_of_office']);
  expect((await rowOf('p-gone')).status).toBe('bounced');
  expect((await rowOf('p-away')).status).toBe('new');
  const [gone, away] = await Promise.all(
    ['p-gone', 'p-away'].map((prospectId) => sluice.enqueue('send_email', { prospectId, campaignId: 'may' })),
  );
  await sluice.tick();
  expect((await sluice.job(gone ?? '')).result).toEqual({ sent: false, reason: 'bounced' });
  const waiting = await sluice.job(away ?? '');
  expect(waiting).toMatchObject({ status: 'delayed', attempts: 0 });
  expect(Date.parse(waiting.runAt) - Date.now()).toBeGreaterThan(6 * 86_400_000);
});

test('POST /inbound/reply tells what is wrong', async () => {
  const call = (/** @type {unknown} */ json) => sluice.call('/inbound/reply', { json });
  expect((await call({ messageId: 'x', from: 'nobody@n.example' })).status).toBe(422);
  const { status, body } = await call({ prospectId: 'p-mail', messageId: 'x', from: 7 });
  expect([status, body.errors[0].path]).toEqual([422, '/from']);
  expect((await sluice.call('/inbound/reply', { json: {}, token: 'read-token' })).status).toBe(403);
});

test('what has changed is upserted at Supabase', async () => {
  await sluice.rows("UPDATE prospects SET tier = 'warm' WHERE id = 'p-lone'");
  await sluice.tick();
  await sluice.tick();
  expect(supabase.prospects?.get('p-lone')).toMatchObject({
    id: 'p-lone',
    tier: 'warm',
    email: 'l@l.example',
  });
  expect(supabase.prospects?.get('p-mail')).toMatchObject({ status: 'replied' });
  expect(supabase.campaigns?.get('may')).toMatchObject({ name: 'May offer' });
  expect(supabase.replies?.get('<o1@o.example>')).toMatchObject({ kind: 'opt_out' });
  expect(await sluice.rows('SELECT * FROM outreach_changes')).toEqual([]);
});

test('the daily cleanup is enqueued once a day, and removes what is older than asked', async () => {
  await onCron('17 3 * * *');
  await onCron('17 3 * * *');
  expect(await jobsOf('cleanup')).toHaveLength(1);
  const id = await sluice.enqueue('cleanup', { olderThanDays: 0.01 });
  await sluice.rows(
    `UPDATE jobs SET completed_at = completed_at - 86400000 WHERE type = 'enrich_website' AND status = 'completed'`,
  );
  await sluice.tick();
  expect((await sluice.job(id)).status).toBe('completed');
});

test('one run of the enrichment producer takes 50 prospects without a website, 20 without an address', async () => {
  const insert = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
    INSERT INTO prospects (id, name, website, created_at, updated_at)
    SELECT printf('%s-%03d', ?1, i), 'Nowhere Inn', ?2, 1, 1 FROM n`;
  await sluice.rows(insert, 'lost', null);
  await sluice.rows(insert, 'mute', 'https://nowhere.example/');
  const last = (await sluice.rows('SELECT max(id) AS id FROM jobs'))[0].id;
  await onCron(ENRICHMENT);
  const made = await sluice.rows(
    'SELECT type, priority, count(DISTINCT payload) AS n FROM jobs WHERE id > ? GROUP BY 1, 2 ORDER BY 1',
    last,
  );
  expect(made).toEqual([
    { type: 'enrich_email', priority: 5, n: 20 },
    { type: 'enrich_website', priority: 7, n: 50 },
  ]);
});
