// What is compared with: packages of bench/package.json, installed when a part first asks for one.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readIfPresent, root, run, UserError } from '../../scripts/tools.mjs';

const folder = path.join(root, 'bench');
const lock = path.join(folder, 'package-lock.json');
/** A copy of the lock file that node_modules was made from: equal means nothing to do. */
const stamp = path.join(folder, 'node_modules', '.sluice-lock.json');

/** @type {Promise<void> | undefined} */
let installing;

async function install() {
  if (readIfPresent(stamp) === readFileSync(lock, 'utf8')) return;
  const args = ['ci', '--prefix', folder, '--loglevel=error'];
  const { code, stdout, stderr } = await run('npm', args, { capture: true });
  if (code !== 0) throw new UserError(`npm ci in bench failed:\n${stdout}${stderr}`);
  writeFileSync(stamp, readFileSync(lock));
}

/** Installs them unless they are there. @returns {Promise<void>} */
export function installPeers() {
  installing ??= install();
  return installing;
}

/**
 * @param {string} name of a package in bench/package.json
 * @returns {Promise<any>} its module: checks run where it is not installed, so that its types are unknown
 */
export async function importPeer(name) {
  await installPeers();
  return import(name);
}
