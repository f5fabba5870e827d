// The handler registry: finds the job types (handlers/<domain>/<type>/ with job.json and handler.js) and
// writes two ES modules, types.js (the policies) and handlers.js (the handlers, by type).
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root, UserError, writeIfChanged } from './tools.mjs';

const isText = (/** @type {unknown} */ value) => typeof value === 'string' && value !== '';
const isCount = (/** @type {unknown} */ value) => Number.isSafeInteger(value) && Number(value) >= 0;
const isFraction = (/** @type {unknown} */ value) => typeof value === 'number' && value >= 0 && value <= 1;
const isObject = (/** @type {unknown} */ value) =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @typedef {[test: (value: unknown) => boolean, what: string, required?: boolean]} Field */

// The shape of job.json. Bounds are the core's: it refuses a policy outside them when it is configured.
/** @type {Record<string, Field>} */
const policyFields = {
  type: [isText, 'a string', true],
  description: [isText, 'a string', true],
  queue: [isText, 'a string', true],
  urgentQueue: [isText, 'a string'],
  transport: [isText, 'a string'],
  slot: [isText, 'a string'],
  priority: [isCount, 'an integer'],
  maxAttempts: [isCount, 'an integer'],
  urgentMaxAttempts: [isCount, 'an integer'],
  backoff: [isObject, 'an object'],
  timeoutMs: [isCount, 'an integer'],
  concurrency: [isCount, 'an integer'],
  rate: [isObject, 'an object'],
  gates: [isObject, 'an object'],
  mainDatabase: [(value) => typeof value === 'boolean', 'true or false'],
  payload: [isObject, 'a JSON Schema object', true],
};
/** @type {Record<string, Field>} */
const rateFields = {
  count: [isCount, 'an integer', true],
  perMs: [isCount, 'an integer', true],
  by: [
    (value) => ['queue', 'tenant', 'concurrencyKey'].includes(String(value)),
    'queue, tenant or concurrencyKey',
  ],
};
/** @type {Record<string, Field>} */
const gateFields = {
  url: [isText, 'a member of the payload'],
  host: [isText, 'a member of the payload'],
  receiver: [isText, 'a member of the payload'],
  service: [isText, 'a name'],
};
/** @type {Record<string, Field>} */
const backoffFields = {
  type: [
    (value) => ['exponential', 'linear', 'fixed'].includes(String(value)),
    'exponential, linear or fixed',
  ],
  delay: [isCount, 'an integer'],
  maxDelay: [isCount, 'an integer'],
  jitter: [isFraction, 'a fraction from 0 to 1'],
};

const nestedFields = { backoff: backoffFields, rate: rateFields, gates: gateFields };

/**
 * @param {Record<string, unknown>} object
 * @param {Record<string, Field>} fields
 * @param {string} prefix of the names in messages
 * @returns {string[]} what is wrong with it
 */
function shapeFaults(object, fields, prefix = '') {
  const faults = [];
  for (const [name, [test, what, required]] of Object.entries(fields)) {
    if (name in object ? !test(object[name]) : required) faults.push(`"${prefix}${name}" must be ${what}`);
  }
  for (const name of Object.keys(object)) {
    if (!Object.hasOwn(fields, name)) faults.push(`"${prefix}${name}" is not a known field`);
  }
  return faults;
}

/**
 * @param {string} file a job.json
 * @returns {Record<string, unknown>} its content
 */
function readPolicy(file) {
  /** @type {unknown} */
  let policy;
  try {
    policy = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UserError(`${file}: ${/** @type {Error} */ (error).message}`);
  }
  if (!isObject(policy)) throw new UserError(`${file}: must be a JSON object`);
  const object = /** @type {Record<string, unknown>} */ (policy);
  const faults = shapeFaults(object, policyFields);
  for (const [name, fields] of Object.entries(nestedFields)) {
    if (isObject(object[name]))
      faults.push(...shapeFaults(/** @type {any} */ (object[name]), fields, `${name}.`));
  }
  if (faults.length > 0) throw new UserError(`${file}:\n  ${faults.join('\n  ')}`);
  return object;
}

/**
 * @param {string} folder
 * @returns {string[]} its sub-folders, sorted; none where there is no such folder
 */
function foldersIn(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => path.join(folder, entry.name))
    .sort();
}

/** @typedef {{ policy: Record<string, unknown>, handler: string, folder: string }} Entry */

/**
 * Finds every job type under the given roots. Throws a UserError that names the file and what is wrong with
 * it: a folder without both files, a job.json of the wrong shape, a type that two folders define.
 *
 * @param {string[]} roots folders that hold <domain>/<type>/
 * @returns {Entry[]} sorted by type
 */
export function scanHandlers(roots) {
  /** @type {Map<string, Entry>} */
  const found = new Map();
  for (const folder of roots.flatMap(foldersIn).flatMap(foldersIn)) {
    const [jobFile, handler] = ['job.json', 'handler.js'].map((name) => path.join(folder, name));
    for (const file of [jobFile, handler]) {
      if (!existsSync(file)) throw new UserError(`${folder}: ${path.basename(file)} is missing`);
    }
    const policy = readPolicy(jobFile);
    const type = String(policy.type);
    const other = found.get(type);
    if (other) throw new UserError(`type "${type}" is defined twice: ${other.folder} and ${folder}`);
    found.set(type, { policy, handler, folder });
  }
  return [...found.keys()].sort().map((type) => /** @type {Entry} */ (found.get(type)));
}

const notice = '// Generated from the handler folders by scripts/registry.mjs; do not edit.\n';

/**
 * Writes types.js and handlers.js, each only when its content changes.
 *
 * @param {{ test?: boolean, extra?: string[] }} [options] test: the registry that the tests use, which also
 *   has tests/handlers; extra: further roots
 * @returns {number} how many types it holds
 */
export function writeRegistry({ test = false, extra = [] } = {}) {
  const roots = [path.join(root, 'scraper', 'handlers'), ...extra.map((folder) => path.resolve(folder))];
  if (test) roots.push(path.join(root, 'tests', 'handlers'));
  const out = path.join(root, 'dist', test ? 'registry-test' : 'registry');
  const entries = scanHandlers(roots);

  const types = entries.map(({ policy }) => policy);
  writeIfChanged(
    path.join(out, 'types.js'),
    `${notice}/** @type {Array<{ type: string, queue: string, payload: object, [field: string]: unknown }>} */
export const types = ${JSON.stringify(types, null, 2)};\n`,
  );

  const imports = entries.map(({ handler }, n) => {
    const from = path.relative(out, handler).split(path.sep).join('/');
    return `import handler${n} from ${JSON.stringify(from)};\n`;
  });
  const members = types.map(({ type }, n) => `  ${JSON.stringify(type)}: handler${n},\n`);
  writeIfChanged(
    path.join(out, 'handlers.js'),
    `${notice}${imports.join('')}
/** @type {Record<string, (payload: any, ctx: any) => unknown>} */
export const handlers = {\n${members.join('')}};\n`,
  );
  return entries.length;
}
