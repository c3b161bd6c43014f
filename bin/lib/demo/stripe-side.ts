import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { checkout, cleanEnvironment } from '../checkout.ts';
import { Complaint } from '../complaint.ts';
import { startProgram } from '../processes.ts';
import type { Run } from '../runs.ts';
import { spawnNoted } from '../spawn.ts';

/** The Stripe that the demo talks to: the simulator, or the real one in test mode. */
export type StripeSide = {
  simulated: boolean;
  apiBase: string;
  secretKey: string;
  webhookSecret: string;
};

/** A simulator of our own, with its webhooks pointed at the api. */
export async function simulatedStripe(run: Run, webhookUrl: string): Promise<StripeSide> {
  const secretKey = `sk_test_demo${randomBytes(12).toString('hex')}`;
  const webhookSecret = `whsec_${randomBytes(24).toString('hex')}`;
  const words = ['--key', secretKey, '--webhook-url', webhookUrl, '--webhook-secret', webhookSecret];
  const simulator = await startProgram(run, { name: 'simulator', file: 'dist/simulator/main.js', words });
  return { simulated: true, apiBase: simulator.url, secretKey, webhookSecret };
}

/** Stripe itself. Webhooks cannot reach this machine from outside, so Stripe's own CLI fetches and forwards them. */
export async function realStripe(run: Run, secretKey: string, webhookUrl: string): Promise<StripeSide> {
  if (!/^(sk|rk)_test_/.test(secretKey)) {
    throw new Complaint(
      'STRIPE_SECRET_KEY is not a test key, and the demo makes a purchase: give one that begins with sk_test_, or none for the simulator.',
      'env -u STRIPE_SECRET_KEY bin/demo',
    );
  }
  const command = join(checkout, 'node_modules/@stripe/cli-linux-x64/bin/stripe');
  // By the environment, because everybody on the machine can read a command line.
  const env = cleanEnvironment({ STRIPE_API_KEY: secretKey });
  const asked = spawnSync(command, ['listen', '--print-secret'], { env, encoding: 'utf8', timeout: 30_000 });
  const webhookSecret = /whsec_\w+/.exec(asked.stdout)?.[0];
  if (webhookSecret === undefined) {
    const said = asked.stderr.trim().split('\n').at(-1) || 'no answer';
    throw new Complaint(
      `Stripe gave no signing secret for this key (${said}): check the key and the network, or run the demo on the simulator.`,
      'env -u STRIPE_SECRET_KEY bin/demo',
    );
  }
  spawnNoted(
    run,
    { name: 'stripe-listen', store: false, stopSignal: 'SIGTERM' },
    { program: command, words: ['listen', '--forward-to', webhookUrl], env, folder: checkout },
  );
  return { simulated: false, apiBase: 'https://api.stripe.com', secretKey, webhookSecret };
}
