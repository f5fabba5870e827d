import { describe, expect, test } from 'vitest';
import { parseJsonLd } from '../../scraper/lib/html/json-ld.js';
import { RESULT_BYTES_MAX } from '../../scraper/lib/limits.js';
import { clock } from '../../scraper/lib/map/hotel.js';
import { currencyFrom, moneyFrom, numberFrom } from '../../scraper/lib/money.js';
import { decodeText } from '../../scraper/lib/net/decode.js';
import { requestHeaders } from '../../scraper/lib/net/request-headers.js';
import { parseRetryAfter, statusError } from '../../scraper/lib/net/status.js';
import { fitResult } from '../../scraper/lib/result-size.js';
import { plainText } from '../../scraper/lib/text.js';
import { isSameSite, normaliseUrl } from '../../scraper/lib/url.js';

describe('numbers and money', () => {
  test.each([
    ['1,234.50', 1234.5],
    ['1.234,50', 1234.5],
    ["CHF 1'200", 1200],
    ['1 299 kr', 1299],
    ['12,5', 12.5],
    ['1.299 €', 1299],
    ['1.299', 1.299],
    ['0.125', 0.125],
    ['1,299,000', 1299000],
    ['4.75', 4.75],
    ['from 89', 89],
    ['-3', -3],
    [7, 7],
    ['none', undefined],
    [null, undefined],
    [Number.NaN, undefined],
  ])('%j is %j', (text, number) => {
    expect(numberFrom(text)).toBe(number);
  });

  test.each([
    ['€ 89,50', { price: 89.5, currency: 'EUR' }],
    ['US$1,299', { price: 1299, currency: 'USD' }],
    ['A$30', { price: 30, currency: 'AUD' }],
    ['129.00 CHF per night', { price: 129, currency: 'CHF' }],
    ['Room 12 costs £45', { price: 45, currency: 'GBP' }],
    ['1 299,00 zł', { price: 1299, currency: 'PLN' }],
    ['￥4,800', { price: 4800, currency: 'JPY' }],
    ['see page 12', undefined],
    ['12 MAX', undefined],
  ])('%j is %j', (text, money) => {
    expect(moneyFrom(text)).toEqual(money);
  });

  test('currencies are ISO codes', () => {
    expect(['eur', 'US$', 'kr', 'GBP 5'].map(currencyFrom)).toEqual(['EUR', 'USD', undefined, 'GBP']);
  });
});

test.each([
  ['15:00:00', '15:00'],
  ['from 3 pm', '15:00'],
  ['12 am', '00:00'],
  ['11h30', '11:30'],
  ['9.45', '09:45'],
  ['any time', 'any time'],
  [undefined, undefined],
])('the time of day %j is %j', (text, time) => {
  expect(clock(text)).toBe(time);
});

describe('URLs', () => {
  test.each([
    ['HTTP://Example.COM:80/a/../b?x=1&y=2#z', 'http://example.com/b?x=1&y=2'],
    ['https://example.com:443', 'https://example.com/'],
    ['https://example.com./p', 'https://example.com/p'],
    ['https://example.com/?utm_source=a&b=%7e&UTM_Medium=x&a=1', 'https://example.com/?b=%7e&a=1'],
    ['https://example.com/?utm_source=a', 'https://example.com/'],
    ['https://example.com/?b=2&a=1', 'https://example.com/?b=2&a=1'],
    ['mailto:x@example.com', null],
    ['https://u:p@example.com/', null],
    ['nonsense', null],
  ])('%s is %s', (text, url) => {
    expect(normaliseUrl(text)).toBe(url);
  });

  test('a site is a host and port, whatever its www and scheme', () => {
    expect(isSameSite('http://www.example.com/a', 'https://example.com/b')).toBe(true);
    expect(isSameSite('http://example.com/', 'http://shop.example.com/')).toBe(false);
    expect(isSameSite('http://127.0.0.1:1024/', 'http://127.0.0.1:1025/')).toBe(false);
    expect(isSameSite('nonsense', 'nonsense')).toBe(false);
  });
});

describe('HTTP statuses', () => {
  const now = Date.UTC(2026, 0, 1);

  test.each([
    ['120', 120_000],
    ['0', 0],
    [' 5 ', 5000],
    ['999999999', 86_400_000],
    ['Thu, 01 Jan 2026 00:01:00 GMT', 60_000],
    ['Thursday, 01-Jan-26 00:00:30 GMT', 30_000],
    ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
    ['Fri, 01 Jan 2027 00:00:00 GMT', 86_400_000],
    ['soon', null],
    ['-5', null],
    ['', null],
    [null, null],
  ])('Retry-After %j asks for %j ms', (value, ms) => {
    expect(parseRetryAfter(value, now)).toBe(ms);
  });

  test.each([
    [304, 'FatalError', 'http_304'],
    [400, 'FatalError', 'http_400'],
    [401, 'FatalError', 'unauthorized'],
    [403, 'FatalError', 'forbidden'],
    [404, 'FatalError', 'not_found'],
    [408, 'RetryableError', 'request_timeout'],
    [410, 'FatalError', 'gone'],
    [425, 'RetryableError', 'too_early'],
    [429, 'RetryableError', 'rate_limited'],
    [451, 'FatalError', 'unavailable_legal'],
    [500, 'RetryableError', 'server_error'],
    [503, 'RetryableError', 'unavailable'],
    [522, 'RetryableError', 'server_error'],
  ])('%i is a %s %s', (status, name, code) => {
    expect(statusError(status, new Headers(), 'http://x/', now)).toMatchObject({ name, code });
  });

  test('a Retry-After of nothing leaves the delay to the backoff', () => {
    const error = statusError(503, new Headers({ 'retry-after': '0' }), 'x', now);
    expect(error).toMatchObject({ code: 'unavailable', retryAfterMs: undefined });
  });

  test('every 2xx is a page', () => {
    expect([200, 201, 204, 206].map((status) => statusError(status, new Headers(), 'x', now))).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });
});

test.each([
  'Host',
  'connection',
  'Transfer-Encoding',
  'content-length',
  'X-Forwarded-For',
  'CF-Connecting-IP',
  'Range',
  'te',
])('a payload cannot set %s', (name) => {
  expect(() => requestHeaders({ [name]: 'x' })).toThrowError(expect.objectContaining({ code: 'bad_header' }));
});

test('a header value with a line break is refused', () => {
  expect(() => requestHeaders({ cookie: 'a\r\nHost: b' })).toThrowError(
    expect.objectContaining({ code: 'bad_header' }),
  );
});

test('markup and references within values become plain text', () => {
  expect(plainText('<p>A &amp; B</p><p title="x>y">C&nbsp;&#8212; 1 &lt; 2</p>')).toBe('A & B C — 1 < 2');
});

describe('JSON-LD', () => {
  test('is flattened and mended', () => {
    const nodes = parseJsonLd(
      '[{"@graph":[{"@type":"A","b":{"@id":"#b"}},{"@type":"B","@id":"#b","n":1,}]},{"@type":"C"},];',
    );
    expect(nodes.map((node) => node['@type'])).toEqual(['A', 'B', 'C']);
    expect(nodes[0]?.b).toEqual({ '@type': 'B', '@id': '#b', n: 1 });
  });

  test('mending leaves commas and semicolons within strings alone', () => {
    expect(parseJsonLd('{"a":"x,]; }","b":[1,],}')).toEqual([{ a: 'x,]; }', b: [1] }]);
  });

  test.each(['', 'null', '42', '{"a":', '"text"'])('%j has no node', (text) => {
    expect(parseJsonLd(text)).toEqual([]);
  });
});

/**
 * @param {Uint8Array} bytes
 * @param {number} size of each chunk
 * @param {string | null} contentType
 */
async function decoded(bytes, size, contentType = null) {
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  let text = '';
  for await (const piece of decodeText(chunks(), contentType)) text += piece;
  return text;
}

describe('encodings', () => {
  const filler = 'x'.repeat(1500); // so that what matters lies behind the first 1,024 bytes

  test.each([1, 2, 3, 7, 100_000])('undeclared UTF-8 in chunks of %i bytes', async (size) => {
    const text = `${filler}é – 日本 🏨 é`;
    expect(await decoded(Buffer.from(text), size)).toBe(text);
  });

  test.each([1, 2, 5, 100_000])('undeclared windows-1252 in chunks of %i bytes', async (size) => {
    const bytes = Buffer.concat([
      Buffer.from(filler),
      Buffer.from([0xdc, 0x62, 0x65, 0x72, 0x20, 0x80, 0x35]),
    ]);
    expect(await decoded(bytes, size)).toBe(`${filler}Über €5`);
  });

  test('a broken byte does not make a UTF-8 page windows-1252', async () => {
    const bytes = Buffer.concat([Buffer.from('é ü 日'), Buffer.from([0xff]), Buffer.from(' ok')]);
    expect(await decoded(bytes, 100)).toBe('é ü 日\ufffd ok');
  });

  test.each([
    ['<meta charset="koi8-r">', null, '<meta charset="koi8-r">и'],
    ["<META content='text/html;charset=KOI8-R' http-equiv=content-type>", null, 'и'],
    ['<!-- <meta charset=utf-8> --><meta charset=koi8-r>', null, 'и'],
    ['<meta name=x content="charset=utf-8"><meta charset=koi8-r>', null, 'и'],
    ['<meta charset=utf-8>', 'text/html; charset="KOI8-R"', 'и'],
    ['<meta charset=koi8-r>', 'text/html; charset=no-such', 'и'],
    ['<?xml version="1.0" encoding="koi8-r"?>', 'application/xhtml+xml', 'и'],
  ])('%s with %s', async (markup, contentType, end) => {
    const bytes = Buffer.concat([Buffer.from(markup), Buffer.from([0xc9])]);
    expect((await decoded(bytes, 10, contentType)).endsWith(end)).toBe(true);
  });

  test('a byte order mark beats every declaration', async () => {
    const bytes = Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from('Ωa', 'utf16le').swap16()]);
    expect(await decoded(bytes, 1, 'text/html; charset=utf-8')).toBe('Ωa');
  });

  test('a page that declares UTF-16 in ASCII is UTF-8', async () => {
    expect(await decoded(Buffer.from('<meta charset=utf-16>é'), 100)).toBe('<meta charset=utf-16>é');
  });

  test('an empty body is empty text', async () => {
    expect(await decoded(Buffer.alloc(0), 1)).toBe('');
  });
});

describe('the size of results', () => {
  test('a small result is left as it is', () => {
    const result = { links: [1, 2], title: 'x' };
    expect(fitResult(result)).toBe(result);
  });

  test.each([
    {
      links: Array.from({ length: 5000 }, (_, n) => ({
        url: `http://example.com/${n}`,
        text: '日'.repeat(400),
      })),
    },
    { pages: Array.from({ length: 500 }, () => ({ selected: { a: Array(20).fill('x'.repeat(500)) } })) },
    {
      selected: Object.fromEntries(
        Array.from({ length: 50 }, (_, n) => [`s${n}`, Array(200).fill('é'.repeat(200))]),
      ),
    },
  ])('a large one is cut to fit and says so', (result) => {
    const fitted = fitResult({ title: 'kept', ...result });
    expect(Buffer.byteLength(JSON.stringify(fitted))).toBeLessThanOrEqual(RESULT_BYTES_MAX);
    expect(fitted).toMatchObject({ title: 'kept', truncated: true });
  });
});
