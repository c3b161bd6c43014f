import { userInfo } from 'node:os';
import { adjustPayment } from '../billing/adjustments/adjust-payment.ts';
import { recordAudit } from '../billing/desk/audit-log.ts';
import { openDeps } from '../billing/open-deps.ts';
import { loadConfig } from '../platform/config.ts';
import { whenFree } from '../platform/when-free.ts';
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
      await recordAudit(deps.db, {
        actor: `cli:${userInfo().username}`,
        action: 'reconsider',
        subject: paymentIntent,
        reason,
      });
      const end = await whenFree(() => adjustPayment({ account: '', paymentIntent }, deps, { reconsider: true }));
      say(`${paymentIntent}  ${end.outcome}: ${end.reason}`);
    }
  } finally {
    await close();
  }
}
