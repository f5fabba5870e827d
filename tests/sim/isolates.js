// Isolates: programs with module state of their own, all of one bundled text and one compiled module.
import { readFileSync } from 'node:fs';
import { compileFunction } from 'node:vm';

/** @typedef {import('./versions.js').Version} Version */
/** @typedef {typeof import('./isolate.js')} Program */
/** @typedef {Record<string, any>} Exports of an instance of the module */

/** Free names of the bundled text: what the platform or the registry gives to a worker. */
const NAMES = ['WebAssembly', 'wasmModule', 'registry'];

export class Isolates {
  /**
   * @param {string} program path of the bundled text
   * @param {string} module path of the module's file
   * @param {{ wrap?: (exports: Exports) => Exports, call: (op: number) => void }} door `wrap` sees the exports of each
   *   instance once; `call` is told of every call of a flow and may throw in its place
   */
  constructor(program, module, door) {
    const text = `${readFileSync(program, 'utf8')}\nreturn program;`;
    this.begin = compileFunction(text, NAMES, { filename: program });
    /** @type {WebAssembly.Module} */
    this.module = new /** @type {any} */ (WebAssembly).Module(readFileSync(module));
    this.door = door;
    /** @type {Exports[]} instances that no isolate has; a configured one is configured anew by the next */
    this.free = [];
    /** @type {Exports[]} */
    this.taken = [];
  }

  /** @param {WebAssembly.Imports} imports @returns {Exports} of an instance that is this isolate's alone */
  take(imports) {
    const exports = this.free.pop() ?? this.make(imports);
    this.taken.push(exports);
    return exports;
  }

  /**
   * The one place where instances are made: that takes longer than all else an isolate's start does.
   * @param {WebAssembly.Imports} imports
   */
  make(imports) {
    const { exports } = new WebAssembly.Instance(this.module, imports);
    /** @type {any} */ (exports)._initialize?.();
    return this.door.wrap?.(exports) ?? exports;
  }

  /** @param {Version} version @param {Record<string, unknown>} handlers @returns {Program} */
  start({ types }, handlers) {
    const isolates = this;
    const platform = {
      RuntimeError: WebAssembly.RuntimeError,
      Instance: class {
        /** @param {unknown} _ @param {WebAssembly.Imports} imports */
        constructor(_, imports) {
          const exports = isolates.take(imports);
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
    return this.begin(platform, this.module, { types, handlers });
  }

  /** Every isolate that was started has ended. */
  end() {
    this.free.push(...this.taken.splice(0).reverse());
  }
}
