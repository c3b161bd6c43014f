import fc from 'fast-check';
import { expect } from 'vitest';

/** How many times as much random work as `bin/test` alone does: `npm run test:deep` says 10. */
export const depth = Number(process.env.TEST_DEPTH || 1);

/**
 * How often a property is tried, and from which seed: a new one each time, printed, so that `PROPERTY_SEED=…` repeats a
 * run that failed.
 */
export function propertyRun(numRuns: number): { numRuns: number; seed: number } {
  const seed = Number(process.env.PROPERTY_SEED || Math.floor(Math.random() * 2 ** 31));
  console.log(`PROPERTY_SEED=${seed}, ${numRuns} runs: ${expect.getState().currentTestName}`);
  return { numRuns, seed };
}

/** Seeded places to crash at, by point number up to `points`. The seed is printed. */
export function seededCrashes(count: number, points: number): { at: number; side: 'before' | 'after' }[] {
  const crash = fc.record({
    at: fc.integer({ min: 1, max: points }),
    side: fc.constantFrom('before' as const, 'after' as const),
  });
  return fc.sample(crash, propertyRun(count));
}
