import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { releaseAfterFile } from '../../support/clean-up.ts';
import type { Simulated } from './simulated.ts';

let config: string | undefined;

/** The CLI keeps its settings here, and nothing in the home of whoever runs the tests. */
function configFolder(): string {
  if (config !== undefined) return config;
  const folder = mkdtempSync(join(tmpdir(), 'stripe-cli-'));
  releaseAfterFile(async () => {
    config = undefined;
    await rm(folder, { recursive: true, force: true });
  });
  config = folder;
  return folder;
}

/** The official CLI makes the objects that lead to the event, with parameters and a version of its own. */
export async function expectTrigger(sim: Simulated, event: string): Promise<void> {
  sim.newEvents();
  const { stdout } = await promisify(execFile)(
    'node_modules/@stripe/cli-linux-x64/bin/stripe',
    ['trigger', event, '--api-base', sim.url, '--api-key', 'sk_test_simulated'],
    { env: { ...process.env, XDG_CONFIG_HOME: configFolder(), STRIPE_CLI_TELEMETRY_OPTOUT: '1' } },
  );
  expect(stdout).toContain('Trigger succeeded');
  expect(sim.newEvents()).toContain(event);
}
