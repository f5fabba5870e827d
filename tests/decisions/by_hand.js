// The calls that the simulator does not make: what is refused, what is malformed, what is rare.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as abi from '../../shim/abi.generated.js';
import { Hand } from './hand.js';
import { chatMessages, requests } from './hand_requests.js';
import { stories } from './hand_stories.js';

const SEED = '000102030405060708090a0b0c0d0e0f';
const vectorFolder = path.join(import.meta.dirname, '../vectors');

/** Types of these calls' own: what a project's handlers are does not matter here. */
const TYPES = [
  {
    type: 'plain',
    queue: 'background-jobs',
    maxAttempts: 3,
    backoff: { type: 'fixed', delay: 1000, jitter: 0 },
    payload: {},
  },
  {
    type: 'checked',
    queue: 'reports',
    timeoutMs: 60000,
    backoff: { type: 'linear', delay: 2000, maxDelay: 5000, jitter: 0.5 },
    payload: {
      type: 'object',
      required: ['url'],
      additionalProperties: false,
      properties: { url: { type: 'string', format: 'uri' }, pages: { type: 'integer', minimum: 1 } },
    },
  },
  { type: 'single', queue: 'background-jobs', priority: 8, maxAttempts: 1, payload: {} },
  {
    type: 'scrape_request',
    queue: 'scraping-tasks',
    urgentQueue: 'scraping-priority',
    maxAttempts: 4,
    urgentMaxAttempts: 6,
    backoff: { type: 'exponential', delay: 10000, maxDelay: 3600000, jitter: 0.1 },
    payload: { type: 'object' },
  },
];

/** @param {string} name @returns {any} */
const vectors = (name) => JSON.parse(readFileSync(path.join(vectorFolder, `${name}.json`), 'utf8'));

const SITES = JSON.stringify(
  vectors('chat').sites.map((/** @type {any} */ { type, url }) => ({ scrapeType: type, url })),
);

/** @param {Record<string, unknown>} type */
const withType = (type) => ({ types: [type], vars: {} });

const REFUSED_CONFIGURATIONS = [
  '',
  '[]',
  '{"types":',
  ...[
    { LEASE_MS: 'x' },
    { LEASE_MS: '999' },
    { MAX_ATTEMPTS: '101' },
    { RESEND_AFTER_MS: '86400001' },
    { MAX_PENDING_PER_QUEUE: '1234567890123456' },
  ].map((vars) => ({ types: TYPES, vars })),
  ...[
    {},
    { type: 't', queue: 'q', transport: 'mail', payload: {} },
    { type: 't', queue: 'q', priority: 0, payload: {} },
    { type: 't', queue: 'q', maxAttempts: 101, payload: {} },
    { type: 't', queue: 'q', urgentMaxAttempts: 0, payload: {} },
    { type: 't', queue: 'q', timeoutMs: 99, payload: {} },
    { type: 't', queue: 'q', rate: 5, payload: {} },
    { type: 't', queue: 'q', rate: { count: 0, perMs: 1 }, payload: {} },
    { type: 't', queue: 'q', rate: { count: 1, perMs: 86400001 }, payload: {} },
    { type: 't', queue: 'q', rate: { count: 1, perMs: 1, by: 'mood' }, payload: {} },
    { type: 't', queue: 'q:', rate: { count: 1, perMs: 1 }, payload: {} },
    { type: 't', queue: 'q', backoff: 5, payload: {} },
    { type: 't', queue: 'q', backoff: { type: 'random' }, payload: {} },
    { type: 't', queue: 'q', backoff: { delay: -1 }, payload: {} },
    { type: 't', queue: 'q', backoff: { maxDelay: 86400001 }, payload: {} },
    { type: 't', queue: 'q', backoff: { jitter: 'much' }, payload: {} },
    { type: 't', queue: 'q', backoff: { jitter: 1.5 }, payload: {} },
    { type: 't', queue: 'q' },
    { type: 't', queue: 'q', payload: { type: 'thing' } },
    { type: 't', queue: 'q', payload: { $ref: 'https://elsewhere.example/' } },
  ].map(withType),
  { types: [TYPES[0], TYPES[0]], vars: {} },
  { types: ['plain'], vars: {} },
];

/** @param {Hand} hand */
function refusedConfigurations(hand) {
  for (const configuration of REFUSED_CONFIGURATIONS) {
    const text = typeof configuration === 'string' ? configuration : JSON.stringify(configuration);
    hand.call(abi.SLUICE_OP_CONFIGURE, [text]);
  }
  hand.call(abi.SLUICE_OP_CONFIGURE, []);
}

const FLOWS = [
  abi.SLUICE_OP_ADMIT,
  abi.SLUICE_OP_ADMIT_BATCH,
  abi.SLUICE_OP_ADMIT_CHAT,
  abi.SLUICE_OP_CLAIM,
  abi.SLUICE_OP_SETTLE,
  abi.SLUICE_OP_PULSE,
  abi.SLUICE_OP_BURY,
  abi.SLUICE_OP_SWEEP,
  abi.SLUICE_OP_PARENTS,
  abi.SLUICE_OP_QUERY,
  abi.SLUICE_OP_RETRY,
  abi.SLUICE_OP_CANCEL,
  abi.SLUICE_OP_LOCK,
  abi.SLUICE_OP_UNLOCK,
  abi.SLUICE_OP_POLL,
  abi.SLUICE_OP_POLL_LINES,
  abi.SLUICE_OP_SCHEDULES_DUE,
  abi.SLUICE_OP_SCHEDULES_RUN,
  abi.SLUICE_OP_SCHEDULE_PUT,
  abi.SLUICE_OP_SCHEDULE_DELETE,
  abi.SLUICE_OP_CLEANUP,
  abi.SLUICE_OP_PAUSE,
  abi.SLUICE_OP_RESUME,
  abi.SLUICE_OP_REQUEUE,
  abi.SLUICE_OP_REQUEUE_MANY,
  abi.SLUICE_OP_DISCARD,
  abi.SLUICE_OP_COMPAT_ADMIT,
  abi.SLUICE_OP_COMPAT_STATS,
  abi.SLUICE_OP_COMPAT_LETTERS,
  abi.SLUICE_OP_COMPAT_REQUEUE,
];

/** What is no call of a flow. @param {Hand} hand */
function brokenCalls(hand) {
  for (const bytes of [
    [],
    [1],
    [1, 0, 0, 0],
    [1, 0, 0, 0, 9, 0, 0, 0, 1],
    [255, 255, 255, 255],
    [0, 0, 0, 0, 0],
  ]) {
    hand.call(abi.SLUICE_OP_SWEEP, new Uint8Array(bytes));
  }
  hand.call(999, ['{}']);
  for (const op of FLOWS) {
    hand.call(op, []);
    for (const control of ['', '{', '{}', '{"seed":"00"}', `{"seed":"${'g'.repeat(32)}"}`])
      hand.call(op, [control]);
    hand.call(op, [`{"seed":"${SEED.toUpperCase()}"}`]);
    for (const bodies of [1, -1, 2 ** 53]) hand.call(op, [`{"bodies":${bodies},"seed":"${SEED}"}`]);
    hand.call(op, [`{"seed":"${SEED}"}`, 'not JSON']);
  }
  for (const control of ['', '{}', '{"probe":"nothing"}', '{"probe":"schema"}'])
    hand.call(abi.SLUICE_OP_PROBE, [control]);
}

/** Rows that no statement of the flow gives. @param {Hand} hand */
function strangeRows(hand) {
  const body = '{"id":"f","type":"plain","payload":{},"metadata":{}}';
  const controls = [
    { kind: 'list', id: 'x', now: 1, results: [{}], runs: [{}] },
    { failed: true, tries: 0, failure: 'Network connection lost' },
    { kind: 'job', messages: 7, results: {}, now: -1 },
  ];
  for (const op of FLOWS) {
    for (const control of controls) {
      const frame = JSON.stringify({ ...control, bodies: 1, seed: SEED });
      for (const rows of [
        'null',
        '[]',
        '[[]]',
        '[[],[],[],[]]',
        '[[[]],[[[1]]],7]',
        '[[1],[2],[[null,1]]]',
      ]) {
        hand.call(op, [frame, body, rows]);
        hand.call(op, [frame, body, rows, rows]);
      }
    }
  }
}

/** @param {number} depth @returns {object} */
const nested = (depth) => (depth === 0 ? {} : { not: nested(depth - 1) });

/** Schemas that are refused, or that refer from one place to another. */
const SCHEMAS = [
  5,
  true,
  nested(30),
  nested(62),
  { enum: [] },
  { maxLength: -1 },
  { multipleOf: 0 },
  { anyOf: [] },
  { properties: { a: 5 } },
  { unevaluatedItems: false },
  { pattern: '(' },
  { format: 'colour' },
  { $ref: '#/nowhere' },
  ...['0', '7', 'x', ''].map((item) => ({ anyOf: [{ not: {} }, { $ref: `#/anyOf/${item}` }] })),
  { $ref: '#/definitions/a', type: 'string', definitions: { a: {} } },
  { allOf: [{ $ref: '#' }] },
  ...['a%20b', 'a%2', 'a%zz', 'a~1b', 'a~'].map((name) => ({
    $ref: `#/definitions/${name}`,
    definitions: { 'a b': { type: 'number' }, 'a/b': {} },
  })),
];

const TIMES = [
  '2024-02-29T12:00:00Z',
  '2023-02-29T12:00:00Z',
  '2027-01-15t08:00:00.123456z',
  '2027-01-15T08:00:00.Z',
  '2027-01-15 08:00:00+02:00',
  '2027-01-15T08:00:00-23:59',
  '2027-01-15T08:00:00+24:00',
  '2027-01-15T08:00:00',
  '2027-01-15T24:00:00Z',
  '2016-12-31T23:59:60Z',
  '2016-12-31T12:59:60Z',
  '2016-12-31T18:59:60-05:00',
  '9999-12-31T23:59:59Z',
];

const CHATS = [
  'https://münchen.example/straße?q=grüße',
  'Scrape http://bücher.example:8080/ and https://пример.example/путь, please',
  'HTTPS://EXAMPLE.COM//a/../b see:https://x.example. (www.y.example)',
  'Don’t scrape https://a.example, I’d rather have https://b.example!',
  'Find flights from Lisbon to Berlin and from Berlin to Rome, ASAP',
  'Flights from Paris or London to New York tomorrow; hotels in Łódź, Kraków and 東京',
  'Отели в Берлине? hotels in НИЦЦА',
  'Cheap flights to Oslo. From Madrid, I mean.',
  'https://user:secret@a.example:99999/ ftp://b.example/ https://127.0.0.1/',
  'What is there to see in São Paulo and Ho Chi Minh City?',
];

/** Single decisions by name. @param {Hand} hand */
function probes(hand) {
  const probe = (/** @type {object} */ control, /** @type {(string | Uint8Array)[]} */ ...frames) =>
    hand.call(abi.SLUICE_OP_PROBE, [JSON.stringify(control), ...frames]);
  for (const { text, hex } of vectors('json').cases) {
    probe({ probe: 'json' }, hex === undefined ? text : new Uint8Array(Buffer.from(hex, 'hex')));
  }
  for (const { schema, schemaText, cases } of vectors('schema').groups) {
    for (const { text, value } of cases) {
      probe({ probe: 'schema' }, schemaText ?? JSON.stringify(schema), text ?? JSON.stringify(value));
    }
  }
  for (const schema of SCHEMAS) probe({ probe: 'schema' }, JSON.stringify(schema), '"text"');
  for (const time of TIMES) probe({ probe: 'schema' }, '{"format":"date-time"}', JSON.stringify(time));
  for (const { policy, attempts, seed } of vectors('backoff').cases) {
    probe({ probe: 'backoff', policy, attempts, seed });
  }
  for (const { now, place, shard, seed } of vectors('ids').cases)
    probe({ probe: 'id', now, place, shard, seed });
}

/**
 * Makes the calls.
 * @param {import('./replay.js').Compiled} compiled
 * @param {any} chatModule another WebAssembly.Module, of the chat rules
 * @returns {import('./format.js').Decision[]} in their order
 */
export function decideByHand(compiled, chatModule) {
  const hand = new Hand(compiled, chatModule);
  hand.askAbout(SITES);
  hand.begin({ types: TYPES, vars: {} });
  refusedConfigurations(hand);
  brokenCalls(hand);
  strangeRows(hand);
  probes(hand);
  requests(hand, TIMES);
  chatMessages(hand, [...CHATS.map((message) => ({ message })), ...vectors('chat').cases]);
  stories(hand, (vars) => hand.begin({ types: TYPES, vars }));
  return hand.decisions;
}
