// A bounded, seeded run of the comparison with V8, and each deliberate difference by an example.
import { describe, expect, test } from 'vitest';
import { compare, readWithV8, search, stricter } from './json_v8.mjs';
import { openProbe } from './probe.mjs';

const encoder = new TextEncoder();
const probe = openProbe();
const read = (/** @type {string} */ text) => probe.json(encoder.encode(text)).code;

test('the corpus and 15,000 random documents mean the same to the core and to V8', () => {
  for (const seed of [1, 2, 3]) {
    const { difference, bytes, documents, accepted } = search(seed, (n) => n < 5000);
    expect({ difference, text: bytes && new TextDecoder().decode(bytes) }).toEqual({});
    expect(documents).toBeGreaterThanOrEqual(5000);
    expect(accepted).toBeGreaterThan(1000);
  }
});

describe('the core is stricter than V8, on purpose', () => {
  /** @type {[string, string, string][]} code, what it refuses, what is next to it and taken */
  const examples = [
    ['duplicate_key', '{"a":1,"\\u0061":2}', '{"a":1,"b":2}'],
    ['too_deep', `${'['.repeat(65)}${']'.repeat(65)}`, `${'['.repeat(64)}${']'.repeat(64)}`],
    // What V8 forgets, because its key comes again, is read all the same.
    [
      'too_deep',
      `{"a":${'['.repeat(64)}${']'.repeat(64)},"a":1}`,
      `{"a":${'['.repeat(63)}${']'.repeat(63)}}`,
    ],
    ['too_many_values', `[${'0,'.repeat(499_999)}0]`, `[${'0,'.repeat(499_998)}0]`],
    ['lone_surrogate', '["\\ud800"]', '["\\ud800\\udc00"]'],
    ['number_out_of_range', '[1e400]', '[1e-400]'],
    ['number_out_of_range', `[0.${'1'.repeat(999)}]`, `[0.${'1'.repeat(998)}]`],
  ];

  test.each(examples)('%s', (code, refused, taken) => {
    expect(readWithV8(encoder.encode(refused)).taken).toBe(true);
    expect(read(refused)).toBe(code);
    expect(compare(probe, encoder.encode(refused))).toEqual({ taken: false });
    expect(read(taken)).toBe('ok');
    expect(readWithV8(encoder.encode(taken)).taken).toBe(true);
  });

  test('there is an example of each', () => {
    expect(new Set(examples.map(([code]) => code))).toEqual(new Set(Object.keys(stricter)));
  });

  test('integers of 64 bits keep digits that V8 loses', () => {
    const text = encoder.encode('9007199254740993');
    expect(probe.schema('{"const":9007199254740993}', text).valid).toBe(true);
    expect(probe.schema('{"const":9007199254740992}', text).valid).toBe(false);
    expect(JSON.parse('9007199254740993')).toBe(9007199254740992);
  });
});
