import { z } from 'zod';
import type { Deps } from '../../src/billing/deps/deps.ts';
import { findInvoice } from '../../src/billing/own-invoices/invoices.ts';
import { voidInvoice } from '../../src/billing/own-invoices/manage-invoice.ts';
import { openCheckout } from '../../src/billing/own-invoices/open-checkout.ts';

/** What somebody does about the payment of an own invoice: open its payment page, open it with the extra, or make it void. */
export const checkoutDeed = z.enum(['pay', 'pay_more', 'void']);
export type CheckoutDeed = z.output<typeof checkoutDeed>;

export async function doCheckout(id: string, deed: CheckoutDeed, deps: Deps): Promise<unknown> {
  if (deed === 'void') return voidInvoice(id, 'test', 'ordered twice', deps);
  const lines = deed === 'pay_more' ? ((await findInvoice(deps.db, id))?.lines ?? []) : [];
  return openCheckout(
    id,
    lines.filter(({ optional }) => optional).map((line) => line.id),
    deps,
  );
}
