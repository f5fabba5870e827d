// What every world is made of: the project's configuration, and the program and modules of its isolates.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { broken } from './breaks.js';
import { Isolates } from './isolates.js';

/** @typedef {import('./isolates.js').Exports} Exports */
/**
 * @typedef {{ isolate: string, modules: Record<string, string>, guard?: string, shards?: number }} Parts
 *   files, and a guard to do without
 */

/** @param {string} file @returns {any} a configuration file with comments on lines of their own */
function configuration(file) {
  return JSON.parse(readFileSync(file, 'utf8').replace(/^\s*\/\/.*$/gm, ''));
}

/**
 * @param {string} root the project's folder
 * @param {Parts} parts
 * @param {{ call: (op: number) => void, record?: (exports: Exports) => Exports, verbose?: boolean }} options `call`
 *   is told of every call of the core
 * @returns {import('./world.js').Plan}
 */
export function planOf(root, { isolate, modules, guard, shards }, { call, record, verbose }) {
  const parts = ['wrangler.jsonc', 'scraper/wrangler.jsonc'].map((path) => configuration(join(root, path)));
  const producers = parts.flatMap((part) => part.queues.producers);
  const { cut, number } = broken(root, guard);
  /** @type {Map<string, string>} */
  const texts = new Map();
  return {
    root,
    queues: parts.flatMap((part) => part.queues.consumers),
    bindings: Object.fromEntries(producers.map(({ binding, queue }) => [binding, queue])),
    vars: { ...parts[0].vars, LOG_LEVEL: 'warn', ALERT_WEBHOOK_URL: 'https://alerts.example/' },
    isolates: new Isolates(isolate, modules, {
      call,
      wrap(exports, module) {
        if (module === 'sluice_chat') return exports;
        exports.sluice_break?.(number);
        return record ? record(exports) : exports;
      },
    }),
    /** @param {string} sql */
    cut(sql) {
      const text = texts.get(sql) ?? cut(sql);
      texts.set(sql, text);
      return text;
    },
    shards,
    verbose,
  };
}
