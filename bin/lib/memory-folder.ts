import { chmodSync, mkdirSync, statfsSync } from 'node:fs';
import { freemem } from 'node:os';
import { basename, join } from 'node:path';
import { checkoutId } from './checkout.ts';
import { ownFolder } from './postgres-account.ts';
import { noteOutsideFolder, type Run } from './runs.ts';

const MEMORY = '/dev/shm';
const TMPFS = 0x01021994;
const GiB = 1024 ** 3;
/** The databases of a whole run of the tests come to a third of it. Containers give 64 MB, which is too little. */
const NEEDED = GiB;
/** What the tests themselves need beside it. */
const LEFT_TO_OTHERS = 3 * GiB;

/**
 * A folder for data of this run that may be lost with the machine, in memory; undefined where there is too little of it. A
 * database of the tests is 300 files: on a disk that others use as well, making and removing them is most of its price.
 */
export function memoryFolder(run: Run, place = MEMORY): string | undefined {
  if (!hasRoom(place)) return undefined;
  const folder = join(ownFolder(join(place, `quittance-${checkoutId}-${process.getuid?.()}`)), basename(run.folder));
  noteOutsideFolder(run, folder);
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o711);
  return folder;
}

function hasRoom(place: string): boolean {
  try {
    const { type, bavail, bsize } = statfsSync(place);
    return type === TMPFS && bavail * bsize > NEEDED && freemem() > NEEDED + LEFT_TO_OTHERS;
  } catch {
    return false; // no such place on this system
  }
}
