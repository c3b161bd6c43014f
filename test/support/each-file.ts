import { afterAll, expect, vi } from 'vitest';
import { releaseAll } from './clean-up.ts';
import './honest-patterns.ts';

/** A setup file of vitest: it runs anew for each test file, and the files after it find the process as it was before. */
const before = processState();

afterAll(async () => {
  await releaseAll();
  expect(processState(), 'what the file has left changed in the process that the next files share').toEqual(before);
});

function processState(): object {
  const { env } = process;
  const listeners = ['SIGTERM', 'SIGINT', 'uncaughtException'].map((event) => process.listenerCount(event));
  return { env: { ...env }, folder: process.cwd(), isFakeTime: vi.isFakeTimers(), listeners };
}
