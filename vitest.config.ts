import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    globalSetup: 'test/support/global-setup.ts',
    setupFiles: ['test/support/each-file.ts'],
    pool: 'forks',
    isolate: false,
    // Files at a time. Stories start several processes each: more than two crowd a machine of two cores.
    maxWorkers: Number(process.env.TEST_WORKERS || 2),
    // On a shared machine of CI a process may be starved in the middle of a story. What is tried again is named in the report.
    retry: process.env.CI ? 2 : 0,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    coverage: { include: ['src/**'], reportsDirectory: 'coverage' },
  },
});
