import { defineConfig } from 'vitest/config';

/** Only the table of the file that is changed, which `bin/mutate` names: no stores, no build, no setup. */
export default defineConfig({ test: { include: [process.env.MUTATION_TABLE ?? 'none'], testTimeout: 30_000 } });
