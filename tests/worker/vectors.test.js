// The vectors that the native tests run, through the real module: the same answers, byte for byte.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { SLUICE_OP_PROBE } from '../../shim/abi.generated.js';
import { readChat } from '../../shim/chat.js';
import { core } from '../../shim/core.js';

const folder = path.join(import.meta.dirname, '../vectors');

/** @param {string} name @returns {{ text: string, data: any } | undefined} */
function vectors(name) {
  const file = path.join(folder, `${name}.json`);
  if (!existsSync(file)) return undefined;
  const text = readFileSync(file, 'utf8');
  return { text, data: JSON.parse(text) };
}

const chat = vectors('chat')?.data;
const SITES = JSON.stringify(
  chat.sites.map((/** @type {any} */ { type, url }) => ({ scrapeType: type, url })),
);

/**
 * @param {Record<string, unknown>} control
 * @param {(string | Uint8Array)[]} [frames]
 */
function probe(control, frames = []) {
  const [answer] = core.call({}, SLUICE_OP_PROBE, [JSON.stringify(control), ...frames]);
  return JSON.parse(answer ?? '');
}

/**
 * The members of a JSON text's array or object as they are spelt: what JSON.parse would lose (1.0, duplicate
 * members, the order of numeric names) must reach the core as the native tests give it.
 *
 * @param {string} text JSON without errors
 * @returns {{ name?: string, raw: string }[]}
 */
function parts(text) {
  const found = [];
  let depth = 0;
  let start = 1;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === '"') {
      for (i++; text[i] !== '"'; i++) if (text[i] === '\\') i++;
      continue;
    }
    const closes = c === ']' || c === '}';
    if (depth === 1 && (closes || c === ',')) {
      const raw = text.slice(start, i).trim();
      if (raw !== '') found.push(text[0] === '{' ? named(raw) : { raw });
      start = i + 1;
    }
    if (c === '[' || c === '{') depth++;
    if (closes) depth--;
  }
  return found;
}

/** @param {string} text `"name": value` */
function named(text) {
  const [name = ''] = /^"(?:[^"\\]|\\.)*"/.exec(text) ?? [];
  return { name: JSON.parse(name), raw: text.slice(name.length).replace(/^\s*:\s*/, '') };
}

/** @param {string} text @param {string} name */
const member = (text, name) => parts(text.trim()).find((part) => part.name === name)?.raw;

/** @param {string} text JSON @returns {string} without white space, its members in the same order */
const compact = (text) => text.replace(/("(?:[^"\\]|\\.)*")|\s+/g, (_, string) => string ?? '');

describe('json', () => {
  const { cases } = vectors('json')?.data ?? { cases: [] };

  test('every text has its code, and its byte', () => {
    expect(cases.length).toBeGreaterThan(100);
    for (const { text, hex, code, offset } of cases) {
      const bytes = hex === undefined ? text : Buffer.from(hex, 'hex');
      const answer = probe({ probe: 'json' }, [bytes]);
      expect({ text, hex, ...answer }).toMatchObject({ text, hex, code, ...(code !== 'ok' && { offset }) });
    }
  });

  test('what is refused and JSON.parse takes is refused for a reason', () => {
    const stricter = ['duplicate_key', 'too_deep', 'number_out_of_range', 'lone_surrogate'];
    for (const { text, code } of cases) {
      if (text === undefined || stricter.includes(code)) continue;
      const parse = () => JSON.parse(text);
      if (code === 'ok') expect(parse, text).not.toThrow();
      else expect(parse, text).toThrow(SyntaxError);
    }
  });
});

describe('decimals', () => {
  const { cases } = vectors('decimals')?.data ?? { cases: [] };
  const view = new DataView(new ArrayBuffer(8));

  /** @param {bigint} bits @returns {string} the double with these bits as JavaScript writes it */
  function written(bits) {
    view.setBigUint64(0, bits);
    const value = view.getFloat64(0);
    return Object.is(value, -0) ? '-0.0' : fractional(String(value));
  }

  /** @param {string} text @returns {string} not as an integer: those are compared exactly, whatever doubles hold */
  function fractional(text) {
    return /^-?\d+$/.test(text) ? `${text}.0` : text;
  }

  /** @param {string} only @param {string} text @returns {boolean} whether both are the same number to the module */
  const same = (only, text) => probe({ probe: 'schema' }, [`{"const":${only}}`, text]).valid;

  test('every number is the double that V8 reads, and not the next one', () => {
    expect(cases.length).toBeGreaterThan(150);
    for (const { text: given, bits } of cases) {
      const text = fractional(given);
      view.setFloat64(0, Number(text));
      expect({ text, bits: view.getBigUint64(0) }).toEqual({ text, bits: BigInt(`0x${bits}`) });
      const next = written(BigInt(`0x${bits}`) + 1n);
      const known = { text, same: same(written(BigInt(`0x${bits}`)), text) };
      expect(known).toEqual({ text, same: true });
      if (next !== 'Infinity') expect({ text, next: same(next, text) }).toEqual({ text, next: false });
    }
  });
});

describe('schema', () => {
  const { text = '{}', data } = vectors('schema') ?? {};
  const groups = parts(member(text, 'groups') ?? '[]').map(({ raw }) => raw);

  test.each(groups.map((group, n) => [data.groups[n].name, group, n]))('%s', (_, group, n) => {
    const { schemaText, cases } = data.groups[n];
    const schema = schemaText ?? compact(member(group, 'schema') ?? '');
    const raws = parts(member(group, 'cases') ?? '[]');
    expect(raws).toHaveLength(cases.length);
    raws.forEach(({ raw }, at) => {
      const { text: spelt, faults } = cases[at];
      const answer = probe({ probe: 'schema' }, [schema, spelt ?? member(raw, 'value')]);
      expect({ raw, refused: answer.refused }).toEqual({ raw, refused: '' });
      const listed = (answer.errors ?? []).map((/** @type {any} */ fault) => [
        fault.path,
        fault.code,
        fault.message,
      ]);
      expect({ raw, valid: answer.valid, listed }).toEqual({
        raw,
        valid: faults.length === 0,
        listed: faults,
      });
    });
  });
});

describe('chat', () => {
  const read = (/** @type {string} */ message) => readChat({ SITES }, JSON.stringify({ message }));

  /** @param {any} one @returns {boolean} whether the module reads the message as it is labelled */
  function exact({ message, wants, urgent, requests }) {
    const answer = JSON.parse(read(message));
    const given = answer.requests.map((/** @type {any} */ { scrapeType, url }) => ({
      type: scrapeType,
      url,
    }));
    return JSON.stringify([answer.wants, answer.urgent, given]) === JSON.stringify([wants, urgent, requests]);
  }

  test('every message is read as natively, byte for byte', () => {
    // FNV-1a with 64 bits, as in tests/chat/message_test.cc.
    let digest = 0xcbf29ce484222325n;
    for (const { message } of chat.cases) {
      for (const byte of Buffer.from(`${read(message)}\n`))
        digest = ((digest ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
    }
    expect(digest.toString(16).padStart(16, '0')).toBe(chat.readings);
  });

  // The same floors as the native test's: a labelled set is measured, not fitted.
  test.each([
    ['', 0.97],
    ['held', 0.945],
  ])('the labelled messages are read as well as natively (%s)', (split, floor) => {
    const cases = chat.cases.filter((/** @type {any} */ one) => split === '' || one.split === split);
    const right = cases.filter(exact).length;
    expect(cases.length).toBeGreaterThan(200);
    expect(right / cases.length).toBeGreaterThanOrEqual(floor);
  });
});

const backoff = vectors('backoff')?.data;
if (backoff) {
  test('backoff: every delay is the one that the native core gives', () => {
    expect(backoff.cases.length).toBeGreaterThan(0);
    for (const { policy, attempts, seed, delays } of backoff.cases) {
      expect({ policy, seed, delays: probe({ probe: 'backoff', policy, attempts, seed }) }).toEqual({
        policy,
        seed,
        delays,
      });
    }
  });
}

const ids = vectors('ids')?.data;
if (ids) {
  test('ids: every id is the one that the native core gives', () => {
    expect(ids.cases.length).toBeGreaterThan(0);
    for (const { now, place, shard, seed, id } of ids.cases) {
      expect({ now, seed, id: probe({ probe: 'id', now, place, shard, seed }) }).toEqual({ now, seed, id });
    }
  });
}
