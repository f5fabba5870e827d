// Messages that are no jobs, of every sort that a mistaken or hostile producer could send, and what of each must be
// found in the dead letters.
/** @typedef {import('../sim/dice.js').Dice} Dice */
/** @typedef {import('./entries/main.js').Sent} Sent */
/** @typedef {{ sent: Sent, raw: string, bytes: number }} Message raw: the body as it must be archived */

const HUGE = { least: 90_000, most: 126_000 };
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * An envelope as the contract has it, of a producer who is not Sluice.
 *
 * @param {string} id
 * @param {string} type
 * @param {unknown} payload
 */
const envelope = (id, type, payload) => ({
  id,
  type,
  payload,
  metadata: {
    priority: 'normal',
    scheduledAt: 1_800_000_000_000,
    maxRetries: 2,
    timeoutMs: 30_000,
    correlationId: id,
  },
});

/** @param {Buffer} bytes @returns {string} the text, or the digits of what is none */
function kept(bytes) {
  try {
    const text = decoder.decode(bytes);
    return text.includes('\0') ? `hex:${bytes.toString('hex')}` : text;
  } catch {
    return `hex:${bytes.toString('hex')}`;
  }
}

/** @param {Buffer} body @returns {Message} */
const bytes = (body) => ({
  sent: { contentType: 'bytes', body: body.toString('base64') },
  raw: kept(body),
  bytes: body.length,
});

/** @param {string} text @returns {Message} */
const textAsBytes = (text) => bytes(Buffer.from(text));

/** @param {unknown} body @returns {Message} */
const json = (body) => {
  const raw = JSON.stringify(body);
  return { sent: { contentType: 'json', body }, raw, bytes: Buffer.byteLength(raw) };
};

/** @param {string} body @returns {Message} */
const text = (body) => ({
  sent: { contentType: 'text', body },
  raw: JSON.stringify(body),
  bytes: Buffer.byteLength(body),
});

/** @param {Dice} dice @param {number} length */
const noise = (dice, length) => Buffer.from(Array.from({ length }, () => dice.below(256)));

/** @param {Dice} dice */
const good = (dice) => envelope(`poison-${dice.next()}-${dice.next()}`, 'test-noop', { n: dice.below(9) });

/** Every sort of message that is no job. @type {Record<string, (dice: Dice) => Message>} */
export const poisons = {
  'cut JSON': (dice) => {
    const whole = JSON.stringify(good(dice));
    return textAsBytes(whole.slice(0, dice.between(1, whole.length - 1)));
  },
  // The first byte begins no character and no JSON.
  noise: (dice) => bytes(Buffer.concat([Buffer.from([0xff]), noise(dice, dice.below(300))])),
  'NUL inside': (dice) => textAsBytes(JSON.stringify(good(dice)).replace('{', '{\0')),
  'deeply nested bytes': (dice) => textAsBytes('[{"a":'.repeat(dice.between(100, 10_000))),
  'deeply nested JSON': (dice) => json(JSON.parse(`${'['.repeat(1000)}${dice.below(9)}${']'.repeat(1000)}`)),
  'a number': (dice) => json(dice.next()),
  'an array': (dice) => json([good(dice)]),
  'nothing at all': (dice) => json(dice.pick([null, {}, [], '', true, { jobs: [] }])),
  'a text': (dice) => text(`just text ${dice.next()}`),
  'an empty text': () => text(''),
  'a structure of the platform': (dice) => ({
    sent: { contentType: 'v8', body: dice.next() },
    raw: '{}',
    bytes: 50,
  }),
  'an unknown type': (dice) => json({ ...good(dice), type: `nothing-${dice.below(5)}` }),
  'a bad payload': (dice) => json({ ...good(dice), type: 'scrape_request', payload: { url: dice.below(9) } }),
  'no payload': (dice) => json({ ...good(dice), payload: undefined }),
  'bad metadata': (dice) =>
    json({ ...good(dice), metadata: dice.pick([null, 7, { priority: 99 }, { maxRetries: -1 }]) }),
  'no id': (dice) => json({ ...good(dice), id: dice.pick([null, '', 7, {}]) }),
  'marked as ours': (dice) => json({ ...good(dice), metadata: { sluice: { v: 1 } } }),
  'huge noise': (dice) => {
    const piece = noise(dice, 1000);
    const copies = Math.floor(dice.between(HUGE.least, HUGE.most) / 1000);
    return bytes(Buffer.concat([Buffer.from([0xfe]), ...Array(copies).fill(piece)]));
  },
  'huge JSON': (dice) =>
    json({
      ...good(dice),
      type: 'nothing',
      payload: 'sluice'.repeat(Math.floor(dice.between(HUGE.least, HUGE.most) / 6)),
    }),
};

/**
 * One message that is no job; huge ones come seldom.
 * @param {Dice} dice
 */
export function poison(dice) {
  const small = Object.keys(poisons).filter((name) => !name.startsWith('huge'));
  const name = dice.chance(0.02) ? dice.pick(['huge noise', 'huge JSON']) : dice.pick(small);
  return /** @type {(dice: Dice) => Message} */ (poisons[name])(dice);
}

/**
 * A valid envelope of a producer who is not Sluice.
 * @param {string} id
 */
export const valid = (id) => json(envelope(id, 'test-noop', { id }));
