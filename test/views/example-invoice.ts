import type { AttemptRow } from '../../src/billing/own-invoices/checkout-attempts.ts';
import type { InvoiceLineRow, OwnInvoice } from '../../src/billing/own-invoices/invoices.ts';
import type { LogKind, LogRow } from '../../src/billing/own-invoices/payment-log.ts';

/** An invoice to look at: 2 × 120.00 and a reduction of 40.00 at 20 %, a book at 5 %, and an extra at 20 %. */
export const business = {
  name: 'Northwind & Daughters',
  details: 'Harbour Lane 12 | 20457 Hamburg || VAT DE123',
  timeZone: 'UTC',
};

const line = (id: number, description: string, unit_amount: number, more: Partial<InvoiceLineRow> = {}) => ({
  id,
  description,
  quantity: 1,
  unit_amount,
  tax_percent: '20',
  optional: false,
  ...more,
});

export const issued: OwnInvoice = {
  id: 'inv_abcdefghij012345',
  status: 'issued',
  series: '2026',
  number: '2026-00042',
  customer_name: 'Ada Example',
  customer_email: 'ada@example.com',
  customer_address: 'Main Street 1\n10115 Berlin',
  currency: 'eur',
  prices_include_tax: false,
  due_date: '2026-12-31',
  notes: 'Thank you.',
  link_version: 1,
  issued_at: new Date('2026-11-20T10:00:00Z'),
  paid_at: null,
  paid_amount: null,
  paid_extras: null,
  payment_intent: null,
  paid_method: null,
  payer_email: null,
  send_by_mail: false,
  voided_at: null,
  created_by: 'admin:olga',
  created_at: new Date('2026-11-20T09:00:00Z'),
  lines: [
    line(1, 'Workshop', 12_000, { quantity: 2 }),
    line(2, 'Loyalty reduction', -4_000),
    line(3, 'Book', 2_500, { tax_percent: '5' }),
    line(4, 'Recording', 3_000, { optional: true }),
  ],
};
/** 200.00 + 25.00 net, 40.00 and 1.25 tax. */
export const TOTAL = 'EUR 266.25';
/** And 30.00 with 6.00 tax. */
export const WITH_EXTRA = 'EUR 302.25';

export const paid: OwnInvoice = {
  ...issued,
  status: 'paid',
  paid_at: new Date('2026-11-26T08:00:00Z'),
  paid_amount: 30_225,
  paid_extras: [4],
  payment_intent: 'pi_example',
};

export const attempt = (state: AttemptRow['state'], more: Partial<AttemptRow> = {}): AttemptRow => ({
  id: 1,
  invoice: issued.id,
  attempt: 1,
  amount: 26_625,
  currency: 'eur',
  extras: [],
  state,
  stripe_session: 'cs_test_secret_of_ours',
  url: 'https://checkout.stripe.com/c/pay/cs_test_secret_of_ours',
  payment_intent: null,
  session_params: null,
  refusal: null,
  created_at: new Date('2026-11-25T08:00:00Z'),
  expires_at: new Date('2026-11-25T20:00:00Z'),
  ...more,
});

export const entry = (kind: LogKind, text: string, more: Partial<LogRow> = {}): LogRow => ({
  at: new Date('2026-11-26T08:00:00Z'),
  kind,
  text,
  amount: null,
  currency: null,
  payment_intent: null,
  stripe_session: null,
  ...more,
});

/** What is read on a page: text without tags. */
export function textOf(html: string): string {
  return html
    .replace(/<(style|title)[^>]*>.*?<\/\1>/gs, ' ')
    .replace(/<[^>]+>/g, ' ')
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ');
}
