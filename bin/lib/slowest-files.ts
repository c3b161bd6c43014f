import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from './checkout.ts';
import { line } from './progress.ts';
import type { Durations } from './vitest-run.ts';

const TOLD = 10;

/** What to look at first when the tests take too long. */
export function tellSlowest(durations: Durations): void {
  const slowest = Object.entries(durations).sort(([, one], [, other]) => other - one);
  if (slowest.length === 0) return;
  line('  The slowest files:');
  for (const [file, ms] of slowest.slice(0, TOLD)) line(`  ${(ms / 1000).toFixed(1).padStart(6)} s  ${file}`);
}

/** For the order of the next runs (test/support/longest-first.ts), to the tenth of a second. */
export function keepDurations(durations: Durations): void {
  const sorted = Object.entries(durations).sort(([one], [other]) => one.localeCompare(other));
  const rounded = sorted.map(([file, ms]) => [file, Math.ceil(ms / 100) * 100]);
  writeFileSync(
    join(checkout, 'test/support/durations.json'),
    `${JSON.stringify(Object.fromEntries(rounded), null, 2)}\n`,
  );
}
