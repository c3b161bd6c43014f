import { markPaid, type OwnInvoice } from '../../src/billing/own-invoices/invoices.ts';
import { issueInvoice } from '../../src/billing/own-invoices/manage-invoice.ts';
import type { Db } from '../../src/platform/db.ts';
import { createDraft } from './created-drafts.ts';
import { draftDeps } from './draft-deps.ts';

/** What a program sends to POST /v1/invoices: EUR 258.00 with 18.00 of tax, and an extra of 30.00. */
export function invoiceBody(more: object = {}) {
  return {
    customer_name: 'Ada Example',
    customer_email: 'ada@example.com',
    currency: 'eur',
    lines: [
      { description: 'Portrait in oil', unit_amount: 20_000, tax_percent: '9' },
      { description: 'Frame', quantity: 2, unit_amount: 2_000 },
      { description: 'Delivery', unit_amount: 3_000, optional: true },
    ],
    ...more,
  };
}

/** Own invoices as far as the records go, without a Stripe behind them. */
export async function recordedDraft(db: Db, more: object = {}): Promise<OwnInvoice> {
  return createDraft(invoiceBody(more), 'test', draftDeps(db));
}

export async function recordedIssued(db: Db, more: object = {}): Promise<OwnInvoice> {
  const { id } = await recordedDraft(db, more);
  return issueInvoice(id, { mail: false }, 'test', draftDeps(db));
}

export async function recordedPaid(db: Db, more: object = {}): Promise<OwnInvoice> {
  const invoice = await recordedIssued(db, more);
  const paymentIntent = `pi_${invoice.id.slice(4)}`;
  await db.transaction((trx) =>
    markPaid(trx, invoice.id, { paymentIntent, amount: 25_800, extras: [], paidAt: new Date() }),
  );
  return invoice;
}
