import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    globalSetup: 'test/support/global-setup.ts',
    setupFiles: ['test/support/clean-up.ts'],
    pool: 'forks',
    // Files at a time. Stories start several processes each: more than two crowd a machine of two cores.
    maxWorkers: Number(process.env.TEST_WORKERS || 2),
    testTimeout: 30_000,
    hookTimeout: 60_000,
    coverage: { include: ['src/**'], reportsDirectory: 'coverage' },
  },
});
