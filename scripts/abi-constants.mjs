// The ABI's constants for JavaScript: reads wasm/abi/sluice_abi.h and writes shim/abi.generated.js.
// Usage: node scripts/abi-constants.mjs [--check]   (--check: only compare, status 1 when it is stale)
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readIfPresent, root, runMain, UserError, writeIfChanged } from './tools.mjs';

const header = path.join(root, 'wasm', 'abi', 'sluice_abi.h');
const generated = path.join(root, 'shim', 'abi.generated.js');

const integer = String.raw`(-?(?:0[xX][0-9a-fA-F]+|\d+))[uUlL]*`;
const define = new RegExp(String.raw`^\s*#define\s+(SLUICE_[A-Z0-9_]+)\s+\(?${integer}\)?\s*$`);
const enumerator = new RegExp(String.raw`^\s*(SLUICE_[A-Z0-9_]+)\s*=\s*${integer}\s*,?\s*$`);
const unnumbered = /^\s*(SLUICE_[A-Z0-9_]+)\s*,?\s*$/;

/**
 * @param {string} text the header: `#define SLUICE_NAME 1` and, in enums, `SLUICE_NAME = 1,`, one a line
 * @returns {Map<string, number>} value by name, in the header's order
 */
export function parseConstants(text) {
  /** @type {Map<string, number>} */
  const constants = new Map();
  for (const line of text.replace(/\/\*[\s\S]*?\*\//g, ' ').split('\n')) {
    const code = line.replace(/\/\/.*$/, '');
    const [, implicit] = code.match(unnumbered) ?? [];
    if (implicit) throw new UserError(`${header}: ${implicit} needs its number written out`);
    const [, name, digits] = code.match(define) ?? code.match(enumerator) ?? [];
    if (!name) continue;
    if (constants.has(name)) throw new UserError(`${header}: ${name} is defined twice`);
    constants.set(name, Number(digits));
  }
  return constants;
}

const notice = '// Generated from wasm/abi/sluice_abi.h by scripts/abi-constants.mjs; do not edit.\n';

/** @param {string} text the header */
function render(text) {
  const lines = [...parseConstants(text)].map(([name, value]) => `export const ${name} = ${value};\n`);
  return notice + lines.join('');
}

/** @returns {string} the header's text */
function readHeader() {
  const text = readIfPresent(header);
  if (text === undefined) throw new UserError(`${header} is missing`);
  return text;
}

/** Writes shim/abi.generated.js when it is not current. */
export function writeAbiConstants() {
  writeIfChanged(generated, render(readHeader()));
}

/** @returns {boolean} whether shim/abi.generated.js is current */
export function abiConstantsCurrent() {
  return readIfPresent(generated) === render(readHeader());
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runMain(async () => {
    if (!process.argv.includes('--check')) return writeAbiConstants();
    if (!abiConstantsCurrent()) throw new UserError(`${generated} is stale: run npm run build`);
  });
}
