// The benchmark of the core times nothing before its contenders decide alike: what counts as alike.
import { describe, expect, it } from 'vitest';
import { difference } from '../../bench/core/compare.js';

const fault = { path: '/payload/to', code: 'format', message: 'must be an e-mail address' };
const archive = 'INSERT INTO dead_letters (id, queue, attempts, last_error, body, failed_at) SELECT 1';

/** @returns {any} what a call bound, sent and came to */
const trace = () => ({
  batches: [[{ sql: 'UPDATE jobs', params: ['[["a"]]', '{"now":1}'] }]],
  sends: [
    { binding: 'JOB_QUEUE', body: { id: 'a', type: 't' }, delaySeconds: 0 },
    { binding: 'JOB_QUEUE', body: { id: 'b', type: 't' }, delaySeconds: 5 },
    { binding: 'JOB_DLQ', body: { id: 'c', type: 't' }, delaySeconds: 0 },
  ],
  outcome: { marks: [[0, true, 5]] },
});

/** @param {any[]} errors @returns {any} */
const refusal = (errors) => ({
  batches: [],
  sends: [],
  outcome: { status: 422, body: JSON.stringify({ detail: 'No.', errors }) },
});

/** @param {any} error @param {string} body @returns {any} */
const archived = (error, body) => ({
  ...trace(),
  batches: [[{ sql: archive, params: [JSON.stringify([['message:1', 'q', 1, error, body]]), '{"now":1}'] }]],
});

describe('What the contenders of the core benchmark may do otherwise', () => {
  it('is nothing by itself', () => {
    expect(difference('settle', trace(), trace())).toBeUndefined();
  });

  it('is the order of queues and of members, and how faults are called', () => {
    const other = trace();
    other.sends = [
      other.sends[2],
      { delaySeconds: 0, body: { type: 't', id: 'a' }, binding: 'JOB_QUEUE' },
      other.sends[1],
    ];
    expect(difference('settle', trace(), other)).toBeUndefined();
    const words = [{ ...fault, code: 'invalid_format', message: 'Invalid e-mail' }];
    expect(difference('admitOne', refusal([fault]), refusal(words))).toBeUndefined();
    expect(
      difference('settle', archived({ code: 'a' }, '{}'), archived({ code: 'b' }, '{}')),
    ).toBeUndefined();
  });

  it('is what a run carries for its settle', () => {
    const claimed = (/** @type {any} */ token, fence = 1) => ({
      ...trace(),
      outcome: { runs: [{ id: 'a', fence, token }], marks: [], host: [] },
    });
    expect(difference('claim', claimed([1]), claimed({ row: 1 }))).toBeUndefined();
    expect(difference('claim', claimed([1]), claimed([1], 2))).toMatch(/^outcome/);
  });

  /** @type {[string, (trace: any) => void, RegExp][]} */
  const changes = [
    ['another statement', ({ batches }) => (batches[0][0].sql = 'UPDATE job'), /^bound text 0/],
    ['another bound text', ({ batches }) => (batches[0][0].params[1] = '{"now":2}'), /^bound text 2/],
    ['one bound text fewer', ({ batches }) => batches[0][0].params.pop(), /^bound text 2/],
    ['a further batch', ({ batches }) => batches.push([{ sql: 'SELECT 1', params: [] }]), /^bound text 3/],
    ['another message', ({ sends }) => (sends[0].body.id = 'd'), /^sends/],
    ['another delay', ({ sends }) => (sends[1].delaySeconds = 6), /^sends/],
    ['another order within a queue', ({ sends }) => sends.splice(0, 2, sends[1], sends[0]), /^sends/],
    ['a message to another queue', ({ sends }) => (sends[2].binding = 'SCRAPING_DLQ'), /^sends/],
    ['another mark', ({ outcome }) => (outcome.marks[0][1] = false), /^outcome/],
  ];
  it.each(changes)('is not %s', (_, change, where) => {
    const other = trace();
    change(other);
    expect(difference('settle', trace(), other)).toMatch(where);
  });

  it('is neither where faults are nor what is archived', () => {
    const elsewhere = [{ ...fault, path: '/payload/from' }];
    expect(difference('admitOne', refusal([fault]), refusal(elsewhere))).toMatch(/^outcome/);
    expect(difference('admitOne', refusal([fault]), refusal([fault, ...elsewhere]))).toMatch(/^outcome/);
    expect(difference('settle', archived({}, '{}'), archived({}, '[]'))).toMatch(/^bound text 1/);
  });
});
