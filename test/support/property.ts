import { expect } from 'vitest';

/**
 * How often a property is tried, and from which seed: a new one each time, printed, so that `PROPERTY_SEED=…` repeats a
 * run that failed.
 */
export function propertyRun(numRuns: number): { numRuns: number; seed: number } {
  const seed = Number(process.env.PROPERTY_SEED || Math.floor(Math.random() * 2 ** 31));
  console.log(`PROPERTY_SEED=${seed}, ${numRuns} runs: ${expect.getState().currentTestName}`);
  return { numRuns, seed };
}
