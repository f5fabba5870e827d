// The whole system on this machine: built, migrated, started, its cron ticking.
import { mkdirSync } from 'node:fs';
import { build } from '../build.mjs';
import { UserError } from '../tools.mjs';
import { RESEND_AFTER_MS, writeLocalConfig } from './config.js';
import { formatEntry } from './log-lines.js';
import { migrate } from './migrate.js';
import { UsageError } from './options.js';
import { handBack, startTicker } from './ticker.js';
import { requireFreePort, startWorkers } from './wrangler.js';

/** @typedef {import('./options.js').LocalOptions} LocalOptions */
/** @typedef {import('./log-lines.js').LogEntry} LogEntry */

const showAll = process.env.LOG_LEVEL === 'debug';

// Without a network wrangler cannot fetch its sample of request properties and uses one of its own.
const harmless = /cf\.json|Unable to fetch the `Request\.cf` object/;

/**
 * @param {ReturnType<typeof import('./log-lines.js').readLogLine>} line
 * @returns {string} what the terminal shows of it; nothing of what is usual
 */
function visible({ text, isError, entry }) {
  if (showAll) return text;
  if (entry) return entry.level === 'warn' || entry.level === 'error' ? formatEntry(entry) : '';
  return isError && !harmless.test(text) ? text : '';
}

/**
 * Builds, migrates and starts both workers.
 *
 * @param {LocalOptions} options
 * @param {{ vars: Record<string, string>, print: (line: string) => void, stopped: AbortSignal,
 *   onEntry?: (entry: LogEntry) => void, handlers?: string[] }} more vars: both workers' variables; print:
 *   shows a line; stopped: ends the start, which then throws the signal's reason; onEntry: is given each
 *   entry of the workers' logs; handlers: further folders of handlers, <domain>/<type>/ inside
 * @returns {Promise<{ url: string, stop: () => Promise<void>, ended: Promise<void> }>}
 */
export async function startSystem(options, { vars, print, stopped, onEntry, handlers }) {
  const { port, state, token } = options;
  await requireFreePort(port);
  mkdirSync(state, { recursive: true });
  const files = await writeLocalConfig({ state, token, vars: { ...vars, ...localVariables(options) } });
  print('building');
  await build({ bundles: false, extra: handlers });
  stopped.throwIfAborted();
  print('migrating the local database');
  await migrate({ config: files.main, state });
  stopped.throwIfAborted();
  print('starting both workers');
  const workers = await startWorkers({
    files,
    port,
    state,
    stopped,
    onLine: (line) => {
      if (line.entry) onEntry?.(line.entry);
      const text = visible(line);
      if (text !== '') print(text);
    },
  });
  const stopTicker = startTicker(workers.url, { earlyMs: RESEND_AFTER_MS + 1000, report: print });
  const stop = async () => {
    stopTicker();
    await Promise.race([handBack(workers.url), workers.ended]);
    return workers.stop();
  };
  return { ...workers, stop };
}

/**
 * @param {LocalOptions} options
 * @returns {Record<string, string>} both workers' variables that a command line or an environment sets
 */
export function localVariables({ allowPrivate }) {
  /** @type {Record<string, string>} */
  const vars = {};
  if (allowPrivate) vars.ALLOW_PRIVATE_HOSTS = 'true';
  if (process.env.LOG_LEVEL) vars.LOG_LEVEL = process.env.LOG_LEVEL;
  return vars;
}

/**
 * Runs a script that Ctrl-C and SIGTERM end in order: they abort the signal that `main` gets. A second Ctrl-C
 * ends it at once.
 *
 * @param {(stopped: AbortSignal) => Promise<number>} main resolves to the exit status
 */
export async function runUntilStopped(main) {
  const controller = new AbortController();
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(STOPPED_STATUS);
      controller.abort(new StoppedError(signal));
    });
  }
  process.exit(await main(controller.signal).catch(statusOf));
}

/** What a script was stopped by before it was done. */
class StoppedError extends Error {}

const STOPPED_STATUS = 130; // as a shell says it: 128 and the number of SIGINT

/**
 * Says why a script ended.
 *
 * @param {unknown} error
 * @returns {number} the exit status
 */
function statusOf(error) {
  if (error instanceof StoppedError) return STOPPED_STATUS;
  const known = error instanceof UserError || error instanceof UsageError;
  console.error(known ? error.message : error);
  return error instanceof UsageError ? 2 : 1;
}
