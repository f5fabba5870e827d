// What happens to jobs and messages after they are in: each verdict, each wish of an operator, each rescue.
import {
  SLUICE_OP_ADMIT,
  SLUICE_OP_ADMIT_BATCH,
  SLUICE_OP_BURY,
  SLUICE_OP_CANCEL,
  SLUICE_OP_CLAIM,
  SLUICE_OP_COMPAT_ADMIT,
  SLUICE_OP_COMPAT_LETTERS,
  SLUICE_OP_COMPAT_REQUEUE,
  SLUICE_OP_COMPAT_STATS,
  SLUICE_OP_DISCARD,
  SLUICE_OP_PULSE,
  SLUICE_OP_QUERY,
  SLUICE_OP_REQUEUE,
  SLUICE_OP_REQUEUE_MANY,
  SLUICE_OP_RETRY,
  SLUICE_OP_SETTLE,
  SLUICE_OP_SWEEP,
} from '../../shim/abi.generated.js';
import { LOST, REFUSED } from './hand_requests.js';

/** @typedef {import('./hand.js').Hand} Hand */
/** @typedef {(import('./hand.js').Failure | undefined)[]} Failures */

const HOUR = 3_600_000;
const AFTER = { text: LOST, committed: true };

/** How D1 may fail a batch, or several in a row. @type {Failures[]} */
const FAILURES = [
  [LOST],
  [AFTER],
  [LOST, LOST, AFTER],
  Array(20).fill(LOST),
  [REFUSED],
  [undefined, LOST],
  [undefined, AFTER],
];

class Story {
  /** @param {Hand} hand */
  constructor(hand) {
    this.hand = hand;
  }

  /** @param {string} type @param {object} [options] @returns {{ id: string, message: string }} */
  enqueue(type = 'plain', options = {}) {
    const { reply, sends } = this.hand.flow(SLUICE_OP_ADMIT, {}, [
      JSON.stringify({ type, payload: {}, ...options }),
    ]);
    return { id: reply.jobId, message: sends[0]?.body ?? own(reply.jobId) };
  }

  /**
   * @param {(string | Uint8Array)[]} bodies
   * @param {Failures} [failures] @param {number} [attempts] @param {string} [queue]
   */
  claim(bodies, failures = [], attempts = 1, queue = 'background-jobs') {
    const messages = bodies.map((_, i) => ({ id: `m${i}`, attempts }));
    return this.hand.flow(SLUICE_OP_CLAIM, { queue, worker: 'w', messages }, bodies, failures);
  }

  /** A job's next run. @param {string} message @param {number} [attempts] @returns {any} */
  take(message, attempts = 1) {
    const { control } = this.claim([message], [], attempts);
    const [run] = control.runs ?? [];
    if (!run) throw new Error(`No run came of ${message}: ${JSON.stringify(control)}`);
    return run;
  }

  /** @param {any[]} runs @param {object} verdict @param {string[]} [results] @param {Failures} [failures] */
  settle(runs, verdict, results = ['{}'], failures = []) {
    const entries = runs.map(({ token }, index) => ({ ...verdict, index, token }));
    const records = runs.map(({ record }) => record).join('\n');
    const bodies = [JSON.stringify(entries), records, ...results];
    return this.hand.flow(SLUICE_OP_SETTLE, { queue: 'background-jobs' }, bodies, failures);
  }

  /**
   * @param {(string | Uint8Array)[]} bodies
   * @param {number} [attempts] @param {Failures} [failures] @param {string} [queue]
   */
  bury(bodies, attempts = 1, failures = [], queue = 'background-jobs-dlq') {
    const messages = bodies.map((_, i) => ({ id: `d${i}`, attempts }));
    return this.hand.flow(SLUICE_OP_BURY, { queue, messages }, bodies, failures);
  }

  /** @param {number} op @param {string} id @param {Failures} [failures] */
  operate(op, id, failures = []) {
    return this.hand.flow(op, { id }, [], failures);
  }

  /** @param {Failures} [failures] */
  sweep(failures = []) {
    for (let round = 0; round < 5; round++) {
      if (!this.hand.flow(SLUICE_OP_SWEEP, {}, [], failures).control.more) return;
    }
  }

  /** A job that has failed for good. */
  dead() {
    const { id, message } = this.enqueue();
    const { sends } = this.settle([this.take(message)], {
      kind: 'error',
      code: 'broken',
      message: 'No.',
      retryable: false,
    });
    return { id, letter: sends[0]?.body ?? '' };
  }
}

/** A message of ours. @param {string} id @param {object} [mark] */
const own = (id, mark = {}) =>
  JSON.stringify({ id, type: 'plain', payload: null, metadata: { sluice: { v: 1, ...mark } } });

/** Another producer's message. @param {string} id @param {object} [members] @param {object} [metadata] */
const foreign = (id, members = {}, metadata = {}) =>
  JSON.stringify({ id, type: 'plain', payload: {}, ...members, metadata });

const ok = { kind: 'ok', frame: 0, ms: 40 };

const VERDICTS = [
  ok,
  { kind: 'ok', frame: 7, ms: -1 },
  { kind: 'ok', frame: -1 },
  { kind: 'ok', frame: 2 ** 32 },
  { kind: 'unstarted' },
  { kind: 'stopped' },
  { kind: 'timeout' },
  { kind: 'snooze', delayMs: 5000, code: 'snoozed', message: 'Not yet.' },
  { kind: 'snooze' },
  { kind: 'snooze', delayMs: 90_000_000 },
  { kind: 'error' },
  { kind: 'error', code: 'x'.repeat(300), message: 'ü'.repeat(3000), retryable: true },
  { kind: 'error', retryAfterMs: 0 },
  { kind: 'error', retryAfterMs: 1500 },
  { kind: 'error', retryAfterMs: 1e15 },
  { kind: 'error', retryable: false, code: 'fatal', message: 'Never.' },
  { kind: 'strange' },
];

/** @param {Story} story */
function verdicts(story) {
  const types = [
    { type: 'plain', backoff: { type: 'linear', delay: 10, jitter: 0.5 } },
    { type: 'single' },
    { type: 'scrape_request', priority: 'urgent' },
    { type: 'scrape_request' },
    { type: 'plain', backoff: { delay: 0 } },
  ];
  for (const verdict of VERDICTS) {
    for (const { type, ...options } of types) {
      const { message } = story.enqueue(type, options);
      story.settle([story.take(message)], verdict, ['{"done":1}']);
    }
    story.settle([story.take(story.enqueue().message, 4)], verdict);
  }
  for (const result of ['', '{', '"\\ud800"', JSON.stringify('x'.repeat(5000)), '1.0']) {
    story.settle([story.take(story.enqueue().message)], ok, [result]);
  }
  story.settle([story.take(story.enqueue().message)], ok, [JSON.stringify('x'.repeat(1 << 20))]);
  const pair = () => [story.enqueue(), story.enqueue()].map(({ message }) => story.take(message));
  story.settle(pair(), ok, [JSON.stringify('x'.repeat(1_000_000))]);
  for (const failures of FAILURES) {
    story.settle(pair(), ok, ['{}'], failures);
    story.settle([story.take(story.enqueue().message)], { kind: 'error' }, [], failures);
  }
  story.settle([], ok);
  const once = pair();
  for (let i = 0; i < 2; i++) story.settle(once, ok);
}

/** Every attempt fails, each with the backoff's next delay. @param {Story} story */
function attempts(story) {
  for (const [type, options] of [
    ['plain'],
    ['scrape_request', { maxAttempts: 6 }],
    ['plain', { backoff: { type: 'linear' } }],
  ]) {
    const { id, message } = story.enqueue(/** @type {string} */ (type), /** @type {object} */ (options));
    for (let attempt = 1; attempt <= 6; attempt++) {
      const [run] =
        story.claim([attempt === 1 ? message : own(id)], [], Math.min(attempt, 4)).control.runs ?? [];
      if (!run) break;
      story.settle([run], { kind: attempt % 2 ? 'error' : 'timeout', message: `Attempt ${attempt}.` });
      story.hand.flow(SLUICE_OP_QUERY, { kind: 'attempts', id });
      story.hand.wait(HOUR);
    }
  }
}

const BAD_BYTES = [
  [0xff, 0xfe],
  [0],
  [0x7b],
  [0xc2],
  [0xed, 0xa0, 0x80],
  [0xf0, 0x80, 0x80, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0xe0, 0x80, 0x80],
];

/** @returns {(string | Uint8Array)[]} what queues may hold that is no message of anybody's */
const invalid = () => [
  'null',
  '{}',
  '[]',
  '5',
  '{"jobs":[]}',
  '{"jobs":[5,{}]}',
  own('no id'),
  own('no id', { fence: 3 }),
  foreign(''),
  foreign('f', { type: 'unknown' }),
  foreign('f', { type: 'checked' }),
  foreign('f', { id: 'a\0' }),
  foreign('f', {}, { maxRetries: 100, priority: 'soon', timeoutMs: 5 }),
  foreign('f', {}, { userId: 'u\0' }),
  foreign('f', {}, { sluice: { v: 2 } }),
  JSON.stringify({ id: 'f', type: 'plain', metadata: {} }),
  ...BAD_BYTES.map((bytes) => new Uint8Array(bytes)),
];

/** @param {Story} story */
function messages(story) {
  for (const body of invalid()) {
    story.claim([body]);
    story.bury([body], 1, [], 'scraping-dlq');
  }
  story.claim(invalid(), [], 3, 'scraping-tasks');
  story.claim([
    foreign('f1'),
    foreign('f1'),
    foreign('f2', { type: 'scrape_request' }, { priority: 'urgent', maxRetries: 0 }),
  ]);
  story.claim([foreign('f1')], [], 2);
  story.claim([
    foreign(
      'f3',
      { payload: 'x'.repeat(5000) },
      { correlationId: 'c', userId: 'u', sessionId: 's', timeoutMs: 100 },
    ),
  ]);
  const several = [1, 2, 3].map(() => story.enqueue());
  story.claim([JSON.stringify({ jobs: several.map(({ message }) => JSON.parse(message)) })]);
  const { id, message } = story.enqueue();
  story.claim([message, own(id), own('01a31860-b408-7000-9009-b57d89a493f4')]);
  story.claim([own(id)], [], 2);
  const { sends } = story.hand.flow(SLUICE_OP_ADMIT, {}, [
    `{"type":"plain","payload":"${'x'.repeat(120_000)}"}`,
  ]);
  story.claim([sends[0]?.body ?? '']);
  for (const failures of FAILURES) {
    story.claim([story.enqueue().message, foreign(`f${failures.length}`)], failures);
    story.claim([story.enqueue().message], failures);
  }
  for (const delaySeconds of [30, 100_000]) story.claim([own(story.enqueue('plain', { delaySeconds }).id)]);
  story.claim([own(story.enqueue('plain', { delaySeconds: 200_000 }).id)], [], 3);
  story.claim([]);
}

/** @param {Story} story */
function pulses(story) {
  let count = 0;
  const pulse = (
    /** @type {any[]} */ runs,
    more = {},
    bodies = /** @type {string[]} */ ([]),
    failures = /** @type {Failures} */ ([]),
  ) =>
    story.hand.flow(
      SLUICE_OP_PULSE,
      { runs: runs.map(({ id, fence, leaseUntil }) => ({ id, fence, pulse: ++count, leaseUntil, ...more })) },
      bodies,
      failures,
    );
  const runs = [story.enqueue(), story.enqueue()].map(({ message }) => story.take(message));
  pulse(runs);
  pulse(runs, { progress: 130 });
  pulse(runs, { progress: -5, frame: 0 }, ['{"at":1}']);
  for (const checkpoint of ['', '{', JSON.stringify('x'.repeat(1 << 20))])
    pulse(runs, { frame: 0 }, [checkpoint]);
  for (const frame of [-1, 1, 2 ** 32]) pulse(runs, { frame }, ['{"at":1}']);
  for (const failures of FAILURES) {
    pulse(runs, { progress: 50 }, [], failures);
    pulse(runs, { frame: 0 }, ['{"at":2}'], failures);
  }
  story.hand.wait(HOUR / 15);
  pulse(runs);
  story.operate(SLUICE_OP_CANCEL, runs[0].id);
  pulse(runs);
  story.settle(runs, ok);
  pulse(runs);
  pulse(runs, { fence: 9 });
  story.hand.wait(HOUR);
  pulse(runs, {}, [], Array(20).fill(LOST));
  pulse([]);
}

/** @param {Story} story */
function operators(story) {
  const states = [
    () => story.enqueue().id,
    () => story.enqueue('plain', { delaySeconds: 600 }).id,
    () => story.enqueue('scrape_request', { delaySeconds: 100_000 }).id,
    () => story.take(story.enqueue().message).id,
    () => story.dead().id,
    () => {
      const run = story.take(story.enqueue().message);
      story.settle([run], ok);
      return run.id;
    },
    () => 'nobody',
    () => '',
  ];
  for (const state of states) {
    const id = state();
    for (const op of [SLUICE_OP_RETRY, SLUICE_OP_CANCEL, SLUICE_OP_CANCEL, SLUICE_OP_RETRY])
      story.operate(op, id);
    story.claim([own(id)]);
    story.operate(SLUICE_OP_CANCEL, state(), [AFTER, AFTER]);
  }
  for (const failures of FAILURES) {
    story.operate(SLUICE_OP_CANCEL, story.enqueue().id, failures);
    story.operate(SLUICE_OP_RETRY, story.dead().id, failures);
  }
}

/** @param {Story} story */
function burials(story) {
  const { id, letter } = story.dead();
  for (const attempts of [1, 2, 11]) story.bury([letter, letter], attempts);
  story.operate(SLUICE_OP_RETRY, id);
  story.bury([letter]);
  story.bury([own(story.enqueue().id), own('01a31860-b408-7000-9009-b57d89a493f4', { fence: 1 })]);
  story.bury([foreign('dead'), story.dead().letter, 'null']);
  for (const failures of FAILURES) {
    story.bury([story.dead().letter], 1, failures);
    story.bury([story.dead().letter, foreign(`dead${failures.length}`)], 1, failures);
  }
}

/** @param {Story} story */
function sweeps(story) {
  story.sweep();
  const running = story.enqueue();
  const kinds = [{}, { delaySeconds: 30 }, { delaySeconds: 100_000 }, { delaySeconds: 3000 }];
  for (const options of kinds) story.enqueue('scrape_request', options);
  story.take(running.message);
  story.take(story.enqueue('single').message);
  story.operate(SLUICE_OP_CANCEL, story.enqueue().id);
  story.dead();
  for (let round = 0; round < 6; round++) {
    story.hand.wait(HOUR / 2);
    story.sweep();
    const { control } = story.claim([own(running.id)]);
    if (round === 3 && control.runs) story.settle(control.runs, ok);
  }
  for (const failures of FAILURES) {
    story.enqueue();
    story.hand.wait(HOUR);
    story.sweep(failures);
  }
  story.hand.wait(30 * HOUR);
  story.sweep();
}

/** More jobs than one round of the sweep takes. @param {Story} story */
function fullSweep(story) {
  const jobs = Array(600).fill({ type: 'plain', payload: 1 });
  story.hand.flow(SLUICE_OP_ADMIT_BATCH, {}, [JSON.stringify({ jobs })]);
  story.hand.wait(HOUR);
  story.sweep();
}

const FILTERS = [
  {},
  { limit: '1' },
  { limit: '500', offset: '10000' },
  { limit: '0' },
  { limit: '501', offset: '-1' },
  { limit: 'ten', cursor: 'nowhere', status: 'lost' },
  { cursor: '01a31860-b408-7000-9009-b57d89a493f4' },
  { status: 'completed', type: 'plain', queue: 'background-jobs', tag: 't' },
  { status: 'failed' },
  { status: 'failed', limit: '1' },
  { status: 'cancelled', queue: 'background-jobs' },
  { type: 'plain', limit: '2' },
  { tag: 'none' },
];

/** Views of what is in the record, with the parameters of lists. */
const VIEWS = ['letters', 'deadJobs', 'failures', 'logicalQueues'];
const VIEW_FILTERS = [
  {},
  { limit: '1' },
  { limit: '0', cursor: 'x' },
  { cursor: '1800000000000.x6d' },
  { cursor: '1.01a31860-b408-7000-9009-b57d89a493f4' },
];

/** Dead letters listed, explained, requeued and deleted. @param {Story} story */
function redrives(story) {
  const { hand } = story;
  const view = () => {
    for (const kind of VIEWS) {
      for (const filter of VIEW_FILTERS) hand.flow(SLUICE_OP_QUERY, /** @type {any} */ ({ kind, ...filter }));
    }
  };
  view();
  const ids = [1, 2, 3, 4, 5].map(() => story.dead().id);
  story.claim(['{"id":"theirs","type":"nothing","payload":1,"metadata":{}}', 'null']);
  view();
  for (const id of [...ids.slice(0, 2), 'message:background-jobs:m0', 'nobody']) {
    for (const kind of ['letter', 'explain']) hand.flow(SLUICE_OP_QUERY, { kind, id });
  }
  const [first = '', second = '', third = ''] = ids;
  for (const failures of [[], ...FAILURES]) {
    hand.flow(SLUICE_OP_REQUEUE, { id: first }, [], failures);
    hand.flow(SLUICE_OP_DISCARD, { id: second }, [], failures);
  }
  for (const id of ['message:background-jobs:m0', 'nobody']) hand.flow(SLUICE_OP_REQUEUE, { id });
  const many = (/** @type {unknown} */ request, /** @type {Failures} */ failures = []) =>
    hand.flow(SLUICE_OP_REQUEUE_MANY, {}, [JSON.stringify(request)], failures);
  for (const request of [7, {}, { all: true, type: 'plain' }, { ids: [] }, { all: true, cursor: 'x' }])
    many(request);
  many({ ids: [third, third, 'nobody'] });
  for (const failures of FAILURES) many({ type: 'plain', limit: 1 }, failures);
  many({ queue: 'background-jobs' });
  many({ all: true });
  hand.flow(SLUICE_OP_REQUEUE_MANY, {}, ['{']);
  hand.flow(SLUICE_OP_DISCARD, { id: 'message:background-jobs:m1' });
  view();
}

/** The words of the job-management document. @param {Story} story */
function compatibility(story) {
  const { hand } = story;
  const bodies = [
    '{',
    '{}',
    '{"type":"nothing","target_url":"https://a.example/"}',
    '{"type":"plain","target_url":"https://a.example/","priority":10,"metadata":{"a":1}}',
    '{"type":"checked","target_url":"https://a.example/","priority":0}',
    '{"type":"checked","target_url":"https://a.example/"}',
  ];
  for (const body of bodies) {
    for (const control of [{}, { idempotencyKey: 'compat' }, { idempotencyKey: 'compat' }]) {
      hand.flow(SLUICE_OP_COMPAT_ADMIT, control, [body]);
    }
  }
  story.dead();
  for (const failures of [[], ...FAILURES]) hand.flow(SLUICE_OP_COMPAT_STATS, {}, [], failures);
  for (const filter of VIEW_FILTERS) hand.flow(SLUICE_OP_COMPAT_LETTERS, filter);
  for (const body of [
    '{}',
    '{"index":9}',
    '{"index":0,"id":"a"}',
    '{"id":"nobody"}',
    '{"index":0}',
    '{"index":0}',
  ]) {
    hand.flow(SLUICE_OP_COMPAT_REQUEUE, {}, [body]);
  }
}

/** @param {Story} story */
function queries(story) {
  const ask = (/** @type {object} */ control, /** @type {Failures} */ failures = []) =>
    story.hand.flow(SLUICE_OP_QUERY, /** @type {any} */ (control), [], failures);
  const all = (/** @type {string} */ id) => {
    for (const kind of ['job', 'attempts']) for (const one of [id, 'nobody', '']) ask({ kind, id: one });
    for (const kind of ['stats', 'queues', 'health', 'nothing', '', ...VIEWS]) ask({ kind });
    for (const filter of FILTERS) ask({ kind: 'list', ...filter });
  };
  all('nobody');
  const { id, message } = story.enqueue('plain', {
    tags: ['t'],
    userId: 'u',
    sessionId: 's',
    backoff: { delay: 1 },
  });
  story.settle([story.take(message)], ok, ['{"pages":[1,2]}']);
  story.take(story.enqueue().message);
  story.dead();
  story.operate(SLUICE_OP_CANCEL, story.enqueue('scrape_request').id);
  story.enqueue('checked', { payload: { url: 'https://a.example/' }, delaySeconds: 60 });
  story.sweep();
  all(id);
  story.hand.wait(HOUR);
  for (const kind of ['stats', 'queues', 'health', ...VIEWS]) ask({ kind });
  for (const kind of ['job', 'attempts', 'list', 'stats', 'queues', 'health']) {
    for (const failures of FAILURES) ask({ kind, id }, failures);
  }
}

/** A queue that takes no more. @param {Story} story */
function fullQueue(story) {
  for (let i = 0; i < 3; i++) story.hand.flow(SLUICE_OP_ADMIT, {}, ['{"type":"plain","payload":1}']);
  const jobs = Array(2).fill({ type: 'plain', payload: 1 });
  story.hand.flow(SLUICE_OP_ADMIT_BATCH, {}, [JSON.stringify({ jobs })]);
  for (let i = 0; i < 3; i++) story.hand.chat('{"message":"https://a.example/ https://b.example/"}');
  story.claim([foreign('late')]);
  story.hand.chat('{"message":"Find me a hotel in Lisbon"}');
}

/**
 * @param {Hand} hand
 * @param {(vars: Record<string, string>) => void} begin starts anew under these variables
 */
export function stories(hand, begin) {
  const story = new Story(hand);
  for (const chapter of [
    verdicts,
    attempts,
    messages,
    pulses,
    operators,
    burials,
    sweeps,
    fullSweep,
    queries,
    redrives,
    compatibility,
  ]) {
    begin({ LEASE_MS: '60000', RESEND_AFTER_MS: '300000' });
    chapter(story);
  }
  begin({ MAX_PENDING_PER_QUEUE: '2', MAX_ATTEMPTS: '7' });
  fullQueue(story);
}
