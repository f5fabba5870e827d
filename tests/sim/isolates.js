// Isolates: programs with module state of their own, all of one bundled text and the same compiled modules.
import { readFileSync } from 'node:fs';
import { compileFunction } from 'node:vm';

/** @typedef {import('./versions.js').Version} Version */
/** @typedef {typeof import('./isolate.js')} Program */
/** @typedef {Record<string, any>} Exports of an instance of a module */
/**
 * @typedef {{ name: string, free: Exports[], taken: Exports[] }} Pool instances of one module: those that no isolate
 *   has, of which a configured one is configured anew by the next, and the others
 */

/** Free names of the bundled text: what the platform or the registry gives to a worker. */
const NAMES = ['WebAssembly', 'wasmModules', 'registry'];

export class Isolates {
  /**
   * @param {string} program path of the bundled text
   * @param {Record<string, string>} modules paths of the modules' files, by name
   * @param {{ wrap?: (exports: Exports, module: string) => Exports, call: (op: number) => void }} door `wrap` sees
   *   the exports of each instance once; `call` is told of every call of a flow and may throw in its place
   */
  constructor(program, modules, door) {
    const text = `${readFileSync(program, 'utf8')}\nreturn program;`;
    this.begin = compileFunction(text, NAMES, { filename: program });
    /** @type {Record<string, WebAssembly.Module>} */
    this.modules = {};
    this.door = door;
    /** @type {Map<WebAssembly.Module, Pool>} */
    this.pools = new Map();
    for (const [name, path] of Object.entries(modules)) {
      const module = new /** @type {any} */ (WebAssembly).Module(readFileSync(path));
      this.modules[name] = module;
      this.pools.set(module, { name, free: [], taken: [] });
    }
  }

  /**
   * @param {WebAssembly.Module} module @param {WebAssembly.Imports} imports
   * @returns {Exports} of an instance that is this isolate's alone
   */
  take(module, imports) {
    const pool = /** @type {Pool} */ (this.pools.get(module));
    const exports = pool.free.pop() ?? this.make(module, pool.name, imports);
    pool.taken.push(exports);
    return exports;
  }

  /**
   * The one place where instances are made: that takes longer than all else an isolate's start does.
   * @param {WebAssembly.Module} module @param {string} name @param {WebAssembly.Imports} imports
   * @returns {Exports}
   */
  make(module, name, imports) {
    const { exports } = new WebAssembly.Instance(module, imports);
    /** @type {any} */ (exports)._initialize?.();
    return this.door.wrap?.(exports, name) ?? exports;
  }

  /** @param {Version} version @param {Record<string, unknown>} handlers @returns {Program} */
  start({ types }, handlers) {
    const isolates = this;
    const platform = {
      RuntimeError: WebAssembly.RuntimeError,
      Instance: class {
        /** @param {WebAssembly.Module} module @param {WebAssembly.Imports} imports */
        constructor(module, imports) {
          const exports = isolates.take(module, imports);
          this.exports = {
            ...exports,
            _initialize: undefined,
            /** @param {number} op @param {number} size */
            sluice_call(op, size) {
              isolates.door.call(op);
              return exports.sluice_call(op, size);
            },
          };
        }
      },
    };
    return this.begin(platform, this.modules, { types, handlers });
  }

  /** Every isolate that was started has ended. */
  end() {
    for (const { free, taken } of this.pools.values()) free.push(...taken.splice(0).reverse());
  }
}
