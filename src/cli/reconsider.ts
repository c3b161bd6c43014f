import { userInfo } from 'node:os';
import { openDeps } from '../billing/open-deps.ts';
import { reconsiderPayment } from '../billing/reconsider.ts';
import { loadConfig } from '../platform/config.ts';
import type { Terminal } from './terminal.ts';

/** Decides anew about payments that were skipped or parked, through the same use case as the events. */
export async function reconsider(
  { env, say }: Terminal,
  payments: string[],
  { reason }: { reason: string },
): Promise<void> {
  const wrong = payments.filter((id) => !/^pi_\w+$/.test(id));
  if (wrong.length > 0) throw new Error(`Not a payment intent (pi_…): ${wrong.join(', ')}.`);
  const { deps, close } = openDeps(loadConfig(env), { name: 'cli', connections: 4 });
  try {
    // Before anything is stored: what Stripe does not know would be open here for ever.
    for (const paymentIntent of payments) await deps.stripe.paymentIntents.retrieve(paymentIntent);
    for (const paymentIntent of payments) {
      const by = { actor: `cli:${userInfo().username}`, reason };
      const end = await reconsiderPayment({ account: '', paymentIntent }, deps, by);
      say(`${paymentIntent}  ${end.outcome}: ${end.reason}`);
    }
  } finally {
    await close();
  }
}
