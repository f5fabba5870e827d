// A folder whose disk can be filled and freed again: a small file system of its own where this process may mount one,
// or a library under the C library that refuses writes as a full disk does.
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const SIZE = '48m';
const PIECE = 65536;

/**
 * @typedef {object} Disk
 * @property {string} way
 * @property {string} folder
 * @property {Record<string, string>} env for the processes that use the folder
 * @property {() => void} fill from now on nothing can be written
 * @property {() => void} free
 * @property {() => void} remove the folder and all that belongs to it
 */

/** @param {string} program @param {string[]} args @returns {boolean} whether it went well */
const runs = (program, args) => spawnSync(program, args, { stdio: 'ignore' }).status === 0;

/** @returns {Disk | undefined} undefined where this process may not mount */
function mountedDisk() {
  const folder = mkdtempSync(path.join(tmpdir(), 'sluice-disk-'));
  if (!runs('mount', ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'tmpfs', folder])) {
    rmSync(folder, { recursive: true, force: true });
    return undefined;
  }
  const unmount = () => runs('umount', ['--lazy', folder]);
  process.once('exit', unmount);
  const filler = path.join(folder, 'filler');
  return {
    way: 'a file system of its own, filled to the last byte',
    folder,
    env: {},
    fill: () => fillFile(filler),
    free: () => rmSync(filler, { force: true }),
    remove: () => {
      process.removeListener('exit', unmount);
      unmount();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Writes until nothing more fits. @param {string} file */
function fillFile(file) {
  const handle = openSync(file, 'w');
  const piece = Buffer.alloc(PIECE);
  for (let size = PIECE; size > 0; ) {
    try {
      writeSync(handle, piece, 0, size);
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOSPC') throw error;
      size >>= 1;
    }
  }
  closeSync(handle);
}

/** @returns {Disk | undefined} undefined where there is no C compiler */
function refusingDisk() {
  const tools = mkdtempSync(path.join(tmpdir(), 'sluice-disk-tools-'));
  const library = path.join(tools, 'full-disk.so');
  const source = path.join(import.meta.dirname, 'full-disk.c');
  if (!runs('cc', ['-O2', '-Wall', '-Werror', '-shared', '-fPIC', '-o', library, source, '-ldl'])) {
    rmSync(tools, { recursive: true, force: true });
    return undefined;
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'sluice-disk-'));
  const flag = path.join(tools, 'full');
  return {
    way: 'a library that refuses every write',
    folder,
    env: { LD_PRELOAD: library, FULL_DISK_FLAG: flag, FULL_DISK_FOLDER: folder },
    fill: () => writeFileSync(flag, ''),
    free: () => rmSync(flag, { force: true }),
    remove: () => {
      for (const each of [folder, tools]) rmSync(each, { recursive: true, force: true });
    },
  };
}

/**
 * @param {{ all: boolean }} options all: one disk in each way that is possible here; else in the first
 * @returns {Disk[]} never empty: throws where no way is possible
 */
export function makeDisks({ all }) {
  const mounted = mountedDisk();
  const refusing = mounted && !all ? undefined : refusingDisk();
  const disks = [mounted, refusing].filter((disk) => disk !== undefined);
  if (disks.length === 0)
    throw new Error('A full disk needs the right to mount a file system, or a C compiler.');
  return disks;
}
