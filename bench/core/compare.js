// Whether two contenders decide alike.

/**
 * @typedef {import('./calls.js').Call} Call
 * @typedef {import('./calls.js').Trace} Trace
 */

/**
 * What is said in words of one's own: how a fault is called. Where the fault is, and that it is one, counts.
 * @param {any} value JSON of any kind
 * @returns {any} a copy without it, the members of objects in order of their names
 */
function plain(value) {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const { errors, ...rest } = value;
  const members = Object.entries(rest)
    .filter(([, member]) => member !== undefined)
    .map(([key, member]) => [key, plain(member)]);
  if (Array.isArray(errors)) members.push(['errors', [...new Set(errors.map(({ path }) => path))].sort()]);
  return Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** @param {Call['flow']} flow @param {any} outcome */
function plainOutcome(flow, outcome) {
  if (flow === 'claim') {
    // What a run carries for settle is each contender's own.
    const runs = outcome.runs.map((/** @type {any} */ { token, record, ...run }) => run);
    return plain({ ...outcome, runs });
  }
  return plain(flow === 'settle' ? outcome : { ...outcome, body: JSON.parse(outcome.body) });
}

/** Of a message that is no job, the error's words are the contender's own. @param {string} sql */
const isArchive = (sql) => /^INSERT INTO dead_letters \([^)]*\bbody\b/.test(sql);

/** @param {string} text the rows of archive_messages.sql */
const withoutWords = (text) =>
  JSON.stringify(JSON.parse(text).map((/** @type {any[]} */ row) => row.with(3, null)));

/** @param {Trace['batches']} batches @returns {string[]} one text for each parameter, and each statement */
function boundTexts(batches) {
  return batches.flatMap((batch, n) =>
    batch.flatMap(({ sql, params }) => {
      const bound = isArchive(sql) ? params.map((text, i) => (i === 0 ? withoutWords(text) : text)) : params;
      return [`batch ${n}: ${sql}`, ...bound];
    }),
  );
}

/**
 * Each queue's messages in their order; which queue comes first does not matter.
 * @param {Trace['sends']} sends
 */
const byQueue = (sends) =>
  Object.entries(Object.groupBy(sends.map(plain), ({ binding }) => binding)).sort(([a], [b]) =>
    a < b ? -1 : 1,
  );

/** Where two texts differ, with what is around it. @param {string} a @param {string} b */
function around(a, b) {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  const part = (/** @type {string} */ text) => JSON.stringify(text.slice(Math.max(0, at - 80), at + 120));
  return `at ${at}: ${part(a)} and ${part(b)}`;
}

/**
 * The first thing that the second trace has otherwise than the first; undefined: none.
 * @param {Call['flow']} flow @param {Trace} a @param {Trace} b
 * @returns {string | undefined}
 */
export function difference(flow, a, b) {
  const texts = [boundTexts(a.batches), boundTexts(b.batches)];
  for (let n = 0; n < Math.max(texts[0].length, texts[1].length); n++) {
    const [first = '', second = ''] = [texts[0][n], texts[1][n]];
    if (first !== second) return `bound text ${n}, ${around(first, second)}`;
  }
  const parts = {
    sends: [byQueue(a.sends), byQueue(b.sends)],
    outcome: [plainOutcome(flow, a.outcome), plainOutcome(flow, b.outcome)],
  };
  for (const [what, both] of Object.entries(parts)) {
    const [first, second] = both.map((one) => JSON.stringify(one));
    if (first !== second) return `${what}, ${around(first, second)}`;
  }
  return undefined;
}
