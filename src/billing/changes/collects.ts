import type Stripe from 'stripe';
import type { Deps } from '../deps/deps.ts';
import type { Collects } from './change-params.ts';
import type { Live } from './live.ts';
import type { Target } from './targets.ts';

/**
 * Kinds that take days to say whether they have paid: "Pending updates aren't supported when bank debits are used". One that is
 * missing here is refused by Stripe, and gives nothing away.
 */
const DEBITS = new Set([
  'acss_debit',
  'au_becs_debit',
  'bacs_debit',
  'nz_bank_account',
  'sepa_debit',
  'us_bank_account',
]);

/** How the money of a change is collected. Asks Stripe what kind of payment method there is, where that counts. */
export async function collectsFor(
  { subscription, payer }: Pick<Live, 'subscription' | 'payer'>,
  targets: readonly Target[],
  deps: Pick<Deps, 'stripe'>,
): Promise<Collects> {
  if (subscription.collectionMethod === 'send_invoice') return 'invoiced';
  return collectsBy(await kindOf(payer, deps), targets);
}

/** Pure. @param kind of the payment method; undefined: there is none */
export function collectsBy(kind: string | undefined, targets: readonly Target[]): Collects {
  if (kind !== undefined && DEBITS.has(kind)) return 'invoiced';
  return targets.some((target) => target.kind === 'removed') ? 'must_pay' : 'waits';
}

async function kindOf(payer: string | null, { stripe }: { readonly stripe: Stripe }): Promise<string | undefined> {
  if (payer === null) return undefined;
  if (payer.startsWith('ba_')) return 'us_bank_account';
  return payer.startsWith('pm_') ? (await stripe.paymentMethods.retrieve(payer)).type : 'card';
}
