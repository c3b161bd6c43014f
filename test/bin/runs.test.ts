import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { memoryFolder } from '../../bin/lib/memory-folder.ts';
import { createRun, endRun, noteOutsideFolder } from '../../bin/lib/runs.ts';

const elsewhere = () => join(mkdtempSync(join(tmpdir(), 'quittance-outside-')), 'of-this-run');

test('every folder that a run has outside of its own goes with it, and what others have beside it stays', async () => {
  const run = createRun('test');
  const [one, other] = [elsewhere(), elsewhere()];
  for (const folder of [one, other, one]) {
    noteOutsideFolder(run, folder);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'data'), '');
  }
  const neighbour = join(one, '../of-another-run');
  mkdirSync(neighbour);
  await endRun(run);
  expect([run.folder, one, other].filter(existsSync)).toEqual([]);
  expect(existsSync(neighbour)).toBe(true);
});

test('data in memory goes with its run', async () => {
  const run = createRun('test');
  const folder = memoryFolder(run);
  if (folder) expect(existsSync(folder)).toBe(true);
  await endRun(run);
  expect(existsSync(folder ?? run.folder)).toBe(false);
});

test.each(['/proc', '/nonexistent'])('what must be in memory is not kept in %s', async (place) => {
  const run = createRun('test');
  expect(memoryFolder(run, place)).toBeUndefined();
  await endRun(run);
});
