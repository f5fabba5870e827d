// The harness itself: a connection that the worker closes is no failure of the test that meets it.
import { createServer } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connected } from './harness.js';

/** @type {import('node:http').Server} */
let server;
let requests = 0;

beforeAll(async () => {
  server = createServer((request, response) => {
    requests++;
    if (requests === 1) request.socket.destroy();
    else response.end('answered');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
});
afterAll(() => server.close());

test('a request whose connection was closed is made once more', async () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const response = await connected(() => fetch(`http://127.0.0.1:${port}/`));
  expect([await response.text(), requests]).toEqual(['answered', 2]);
});

test('any other error is the caller’s', async () => {
  await expect(connected(() => Promise.reject(new TypeError('fetch failed')))).rejects.toThrow(
    'fetch failed',
  );
});
