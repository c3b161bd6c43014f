import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { z } from 'zod';

/** Milliseconds by test file; `npm run test:durations` writes it anew. */
const file = new URL('durations.json', import.meta.url);
const known = z.record(z.string(), z.number()).parse(JSON.parse(readFileSync(file, 'utf8')));

/** Early, so that a new file that takes long does not run alone at the end. */
const UNKNOWN_MS = 20_000;

/** The longest file first: whatever is left over in the end is short, and no core waits long for another. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const durationOf = ({ moduleId }: TestSpecification): number =>
      known[relative(this.ctx.config.root, moduleId)] ?? UNKNOWN_MS;
    return files.toSorted((one, other) => durationOf(other) - durationOf(one));
  }
}
