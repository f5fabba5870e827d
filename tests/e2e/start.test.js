// `npm start` as a user runs it.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const here = path.dirname(fileURLToPath(import.meta.url));
const script = path.join(here, '..', '..', 'scripts', 'start.mjs');
const state = mkdtempSync(path.join(tmpdir(), 'sluice-start-'));
afterAll(() => rmSync(state, { recursive: true, force: true }));

/**
 * @param {string[]} args
 * @returns {Promise<{ code: number | null, stdout: string, stderr: string }>}
 */
function start(...args) {
  // The tests' own registry of handlers is not what a user starts.
  const { WRANGLER_BUILD_CONDITIONS: _conditions, ...env } = process.env;
  const child = spawn(process.execPath, [script, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
}

/**
 * @param {number} port 0: any
 * @returns {Promise<{ port: number, close: () => Promise<void> }>} something that listens there
 */
function occupy(port) {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = /** @type {import('node:net').AddressInfo} */ (server.address());
      const close = () => new Promise((/** @type {(value?: any) => void} */ done) => server.close(done));
      resolve({ port: address.port, close });
    });
  });
}

/** @returns {Promise<number>} a port that was free a moment ago */
async function freePort() {
  const { port, close } = await occupy(0);
  await close();
  return port;
}

describe('npm start', () => {
  it('runs the demo to its end and finds all as it should be', { timeout: 400_000 }, async () => {
    const port = await freePort();
    const { code, stdout, stderr } = await start('--once', '--state', state, '--port', String(port));

    expect(stdout.split('\n').filter((line) => /^[✓✗]/.test(line))).toEqual([
      '✓ the chat message led to hotel, flight, attraction jobs, whose fields are those of the pages',
      '✓ the urgent job, enqueued after 4 others, started first, through scraping-priority',
      '✓ the flaky job completed on attempt 3, after delays of about 1 s and 2 s',
      '✓ the hopeless job failed, is in the dead letters, and an alert was logged',
      '✓ the results hold the fields that the pages show',
      '✓ the navigation led to 3 categories, these to 5 products with their prices',
      '✓ all other jobs completed',
    ]);
    expect(stdout).toMatch(/^Dashboard: http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{32}$/m);
    expect(stdout).toContain('error jobs.dead');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    await (await occupy(port)).close(); // nothing was left behind that still listens
  });

  it.each([
    [['--bogus'], "Unknown option '--bogus'"],
    [['--port', '99999'], '--port must be a number from 1 to 65535, not "99999"'],
    [['--port', 'http'], '--port must be a number from 1 to 65535, not "http"'],
    [['--token', 'two words'], '--token must consist of letters'],
    [['--once', '--no-demo'], '--once waits for the demo'],
    [['extra'], "Unexpected argument 'extra'"],
  ])('refuses the options %j with status 2', async (args, message) => {
    const { code, stdout, stderr } = await start(...args);
    expect(stderr).toContain(message);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('says so when the port is taken', async () => {
    const { port, close } = await occupy(0);
    try {
      const { code, stderr } = await start('--once', '--state', state, '--port', String(port));
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: `Port ${port} on 127.0.0.1 is in use. Choose another one with --port N.\n`,
      });
    } finally {
      await close();
    }
  });
});
