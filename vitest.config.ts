import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    globalSetup: 'test/support/global-setup.ts',
    setupFiles: ['test/support/each-file.ts'],
    sequence: { sequencer: LongestFirst },
    pool: 'forks',
    // Files run one after the other in the same process: what they share is loaded once.
    isolate: false,
    // Files at a time: twice the cores of a small machine, because stories wait much of their time.
    maxWorkers: Number(process.env.TEST_WORKERS || 4),
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 15_000 } },
    coverage: { include: ['src/**'], reportsDirectory: 'coverage' },
  },
});
