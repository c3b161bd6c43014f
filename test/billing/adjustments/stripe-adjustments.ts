import type Stripe from 'stripe';
import type { Adjustment } from '../../../src/billing/adjustments/adjustment.ts';
import type { Books, CreditableInvoice, ToldNote } from '../../../src/billing/adjustments/note-books.ts';
import { type NotePlan, planNote } from '../../../src/billing/adjustments/plan-note.ts';
import { paidAt } from '../../support/stripe-objects.ts';

/** Whole Stripe objects for the pure rules of credit notes, with their plainest values. A refund is of 10.00 EUR, succeeded. */
export function refund(says: Partial<Stripe.Refund> = {}): Stripe.Refund {
  return {
    id: 're_1',
    object: 'refund',
    amount: 1_000,
    balance_transaction: null,
    charge: 'ch_1',
    created: paidAt,
    currency: 'eur',
    customer: null,
    customer_account: null,
    metadata: {},
    payment_intent: 'pi_1',
    payment_method: null,
    reason: null,
    receipt_number: null,
    source_transfer_reversal: null,
    status: 'succeeded',
    transfer_reversal: null,
    ...says,
  };
}

/** A line of 10.00 EUR without tax. */
export function invoiceLine(says: Partial<Stripe.InvoiceLineItem> = {}): Stripe.InvoiceLineItem {
  return {
    id: 'il_1',
    object: 'line_item',
    amount: 1_000,
    currency: 'eur',
    description: 'Watercolour course',
    discount_amounts: [],
    discountable: false,
    discounts: [],
    invoice: 'in_1',
    livemode: false,
    metadata: {},
    parent: null,
    period: { start: paidAt, end: paidAt },
    pretax_credit_amounts: [],
    pricing: null,
    quantity: 1,
    quantity_decimal: null,
    subscription: null,
    subtotal: 1_000,
    taxes: [],
    ...says,
  };
}

export function tax(says: Partial<Stripe.InvoiceLineItem.Tax> = {}): Stripe.InvoiceLineItem.Tax {
  return {
    amount: 190,
    tax_behavior: 'exclusive',
    tax_rate_details: { tax_rate: 'txr_1' },
    taxability_reason: 'not_available',
    taxable_amount: 1_000,
    type: 'tax_rate_details',
    ...says,
  };
}

/** A succeeded refund of 10.00 EUR, as the rules see it. */
export function adjustment(says: Partial<Adjustment> = {}): Adjustment {
  return {
    id: 're_1',
    kind: 'refund',
    amount: 1_000,
    currency: 'eur',
    status: 'succeeded',
    cause: null,
    happenedAt: paidAt,
    ...says,
  };
}

/** A lost dispute of 10.00 EUR. */
export function lost(says: Partial<Adjustment> = {}): Adjustment {
  return adjustment({ id: 'du_1', kind: 'dispute', status: 'lost', ...says });
}

/** Of what is not linked to refunds, all went back out of band. */
export function toldNote(says: Partial<ToldNote> = {}): ToldNote {
  const linked = (says.refunds ?? []).reduce((sum, { amount_refunded: amount }) => sum + (amount ?? 0), 0);
  return {
    id: 'cn_1',
    number: 'A-0001-CN-01',
    pdf: '',
    status: 'issued',
    total: 1_000,
    metadata: {},
    out_of_band_amount: (says.total ?? 1_000) - linked,
    refunds: [],
    ...says,
  };
}

export function madeFor(adjustmentId: string, says: Partial<ToldNote> = {}): ToldNote {
  return toldNote({ metadata: { adjustment: adjustmentId }, ...says });
}

export function linkedTo(...refunds: string[]): Pick<ToldNote, 'refunds'> {
  return { refunds: refunds.map((refund) => linked({ refund })) };
}

/** One refund that a note documents, of one minor unit. */
export function linked(says: Partial<Stripe.CreditNote.Refund> = {}): Stripe.CreditNote.Refund {
  return { amount_refunded: 1, payment_record_refund: null, refund: 're_1', type: 'refund', ...says };
}

/** A paid invoice of 100.00 EUR. */
export function onInvoice(
  says: Partial<CreditableInvoice['invoice']> = {},
  notes: readonly ToldNote[] = [],
): CreditableInvoice {
  return { invoice: { id: 'in_1', total: 10_000, currency: 'eur', status: 'paid', ...says }, notes };
}

export type NoteClaim = Books['claims'][number];

/** An issued note of 10.00 EUR on the first invoice. */
export function claim(says: Partial<NoteClaim> = {}): NoteClaim {
  return {
    adjustment: 're_1',
    stripe_invoice: 'in_1',
    amount: 1_000,
    stripe_credit_note: 'cn_1',
    number: 'A-0001-CN-01',
    reversed_by: null,
    ...says,
  };
}

export function books(says: Partial<Books> = {}): Books {
  return {
    invoices: [onInvoice()],
    settlement: 'out_of_band',
    claims: [],
    adjustments: [],
    kept: [],
    issuing: true,
    ...says,
  };
}

/** The plan for one of the payment's refunds and disputes. */
export function planFor(one: Adjustment, says: Partial<Books> = {}): NotePlan {
  return planNote(one, books({ ...says, adjustments: [one, ...(says.adjustments ?? [])] }));
}
