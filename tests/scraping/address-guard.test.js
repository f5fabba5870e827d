import { describe, expect, test } from 'vitest';
import { checkUrl, privateReason } from '../../scraper/lib/net/address-guard.js';
import { parseAddress, specialBlock } from '../../scraper/lib/net/ip.js';
import { SPECIAL_BLOCKS_V4, SPECIAL_BLOCKS_V6 } from '../../scraper/lib/net/special-blocks.js';
import { ADDRESS_BLOCKS } from './address-blocks.js';

/** @param {string} text */
function blockOf(text) {
  const address = parseAddress(text);
  if (!address) throw new Error(`cannot read ${text}`);
  return specialBlock(address);
}

/**
 * @param {string} url
 * @param {string} [allow]
 */
function codeFor(url, allow = '') {
  try {
    checkUrl(url, allow);
    return 'allowed';
  } catch (error) {
    return /** @type {any} */ (error).code;
  }
}

test('the table of blocks is the one that is tested', () => {
  const listed = [...SPECIAL_BLOCKS_V4, ...SPECIAL_BLOCKS_V6].map(([block]) => block);
  expect(listed).toEqual(ADDRESS_BLOCKS.map(({ block }) => block));
});

describe.each(ADDRESS_BLOCKS)('$block', ({ block, first, last, publicNeighbours, specialNeighbours }) => {
  test('holds its first and last address and no neighbour', () => {
    const inside = [first, last].map((address) => blockOf(address));
    expect(inside).not.toContain(null);
    // A narrower block may start or end where this one does.
    const range = (/** @type {any} */ found) =>
      found.block === block || found.last - found.first < 1n << 104n;
    expect(inside.every(range)).toBe(true);
    for (const address of publicNeighbours) expect(blockOf(address)).toBeNull();
    for (const address of specialNeighbours) expect(blockOf(address)?.block).not.toBe(block);
    for (const address of specialNeighbours) expect(blockOf(address)).not.toBeNull();
  });

  test('is refused in a URL', () => {
    const host = first.includes(':') ? `[${first}]` : first;
    expect(codeFor(`http://${host}/`)).toBe('private_address');
  });
});

test.each(['4000::1', '1fff:ffff::1', 'c000::1', '::2', '0:0:0:0:1::'])(
  '%s is outside global unicast',
  (address) => {
    expect(codeFor(`http://[${address}]/`)).toBe('private_address');
  },
);

test.each([
  '8.8.8.8',
  '1.1.1.1',
  '[2606:4700::1111]',
  'example.com',
  'a.b.example.co.uk',
  'xn--bcher-kva.example',
])('%s is public', (host) => {
  expect(codeFor(`https://${host}/`)).toBe('allowed');
});

test.each([
  'http://2130706433/',
  'http://0x7f000001/',
  'http://0x7f.1/',
  'http://0177.0.0.1/',
  'http://127.1/',
  'http://0/',
  'http://127.0.0.1./',
  'http://１２７.0.0.1/',
  'http://①②⑦.0.0.1/',
  'http://[::ffff:127.0.0.1]/',
  'http://[::ffff:8.8.8.8]/',
  'http://[::127.0.0.1]/',
  'http://[64:ff9b::7f00:1]/',
  'http://[2002:7f00:1::]/',
  'http://[2001:0:0:0:0:0:80ff:fffe]/',
  'http://localhost/',
  'http://LOCALHOST./',
  'http://shop.localhost/',
  'http://printer.local/',
  'http://printer.local./',
  'http://metadata.google.internal/',
  'http://nas.home.arpa/',
  'http://intranet/',
  'http://intranet./',
])('%s is refused', (url) => {
  expect(codeFor(url)).toBe('private_address');
});

test.each([
  'ftp://example.com/',
  'file:///etc/passwd',
  'data:text/html,x',
  'javascript:alert(1)',
  'http://user@example.com/',
  'http://user:secret@example.com/',
  'http://',
  'http://256.1.1.1/',
  'not a url',
  `http://example.com/${'a'.repeat(2048)}`,
])('%.60s is no URL to fetch', (url) => {
  expect(codeFor(url)).toBe('invalid_url');
});

test('ports below 1024 other than 80 and 443, and the bad ports of the Fetch Standard, are closed', () => {
  const open = [80, 443, 1024, 3000, 8080, 8443, 65535];
  const closed = [0, 1, 22, 25, 79, 81, 442, 444, 1023, 2049, 6000, 6667, 10080];
  expect(open.filter((port) => codeFor(`http://example.com:${port}/`) !== 'allowed')).toEqual([]);
  expect(closed.filter((port) => codeFor(`http://example.com:${port}/`) !== 'blocked_port')).toEqual([]);
});

test('ALLOW_PRIVATE_HOSTS opens what it names and nothing else', () => {
  expect(codeFor('http://127.0.0.1:3000/', '127.0.0.1:3000')).toBe('allowed');
  expect(codeFor('http://127.0.0.1:3001/', '127.0.0.1:3000')).toBe('private_address');
  expect(codeFor('http://127.0.0.1/', '127.0.0.1:80')).toBe('allowed');
  expect(codeFor('http://2130706433:9/', 'nas.local, 127.0.0.1')).toBe('allowed');
  expect(codeFor('http://NAS.local./', 'nas.local')).toBe('allowed');
  expect(codeFor('http://[::1]:8080/', '[::1]:8080')).toBe('allowed');
  expect(codeFor('http://[::1]:8080/', '::1')).toBe('allowed');
  expect(codeFor('http://10.0.0.1/', '127.0.0.1')).toBe('private_address');
  expect(codeFor('http://10.0.0.1/', 'true')).toBe('allowed');
  expect(codeFor('http://localhost/', '*')).toBe('allowed');
  expect(codeFor('http://localhost/', 'false')).toBe('private_address');
  expect(codeFor('ftp://localhost/', '*')).toBe('invalid_url');
});

test('the fragment does not travel', () => {
  expect(checkUrl('https://example.com/a#b', '').href).toBe('https://example.com/a');
});

test('the reason names block and source', () => {
  expect(privateReason('10.1.2.3')).toBe('10.0.0.0/8, private use (RFC 1918)');
});

test.each([
  '1.2.3',
  '1.2.3.4.5',
  '1.2.3.256',
  ':::',
  '1::2::3',
  '1:2:3:4:5:6:7',
  '12345::',
  'g::',
  '1:2:3:4:5:6:7:8:9',
])('%s is not read as an address', (text) => {
  expect(parseAddress(text)).toBeNull();
});
