import { defineConfig } from 'vitest/config';

/** Only the tables of the file that is changed, which `bin/mutate` names: no stores, no build, no setup. */
export default defineConfig({
  test: { include: (process.env.MUTATION_TABLES ?? 'none').split(','), testTimeout: 30_000 },
});
