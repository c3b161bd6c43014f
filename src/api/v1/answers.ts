import { z } from 'zod';
import { changePreview } from './change-answers.ts';

/** What /v1 answers, for its description; that it does is proven by the tests. Amounts are minor units of `currency`. */
const amount = z.int().meta({ example: 25_800 });
const id = z.int().meta({ example: 17 });
const moment = z.iso.datetime().meta({ description: 'UTC', example: '2026-12-31T09:05:00.000Z' });

const line = z
  .strictObject({
    id,
    description: z.string(),
    quantity: z.int().meta({ example: 1 }),
    unit_amount: amount,
    tax_percent: z.string().nullable().meta({ example: '9' }),
    optional: z.boolean(),
    counted: z
      .boolean()
      .meta({ description: 'Whether the totals include it: an extra counts once it is ticked and paid.' }),
  })
  .meta({ id: 'InvoiceLine' });

const logEntry = z
  .strictObject({
    at: moment,
    kind: z.enum(['session_opened', 'attempt_failed', 'processing', 'paid', 'mismatch', 'unapplied', 'refund']),
    text: z.string(),
    amount: amount.nullable(),
    currency: z.string().nullable(),
    payment_intent: z.string().nullable(),
    stripe_session: z.string().nullable(),
  })
  .meta({ id: 'LogEntry', description: 'What happened about the payment of an invoice.' });

const status = z.enum(['draft', 'issued', 'paid', 'void']);

/** For a key that may write, not read. */
export const receipt = z
  .strictObject({
    id: z.string().meta({ example: 'inv_0123456789abcdef' }),
    status,
    number: z.string().nullable().meta({ example: '2026-00042' }),
    created_at: moment,
    issued_at: moment.nullable(),
    voided_at: moment.nullable(),
  })
  .meta({ id: 'InvoiceReceipt', description: 'To a key that may write and not read.' });

const url = z.string().nullable().meta({ description: 'The public page; null before it is issued.' });

export const created = receipt
  .extend({ url })
  .meta({ id: 'CreatedInvoice', description: 'To a key that may write and not read.' });

export const listedInvoice = receipt
  .extend({
    state: z
      .enum(['draft', 'unpaid', 'overdue', 'processing', 'checking', 'paid', 'void'])
      .meta({ description: 'What its page says.' }),
    series: z.string().nullable(),
    url,
    customer_name: z.string(),
    customer_email: z.string().nullable(),
    customer_address: z.string().nullable(),
    currency: z.string().meta({ example: 'eur' }),
    prices_include_tax: z.boolean(),
    due_date: z.iso.date().nullable(),
    notes: z.string().nullable(),
    lines: z.array(line),
    totals: z.strictObject({ net: amount, tax: amount, gross: amount }),
    taxes: z.array(z.strictObject({ percent: z.string().meta({ example: '9' }), taxable: amount, tax: amount })),
    payment: z
      .strictObject({
        payment_intent: z.string(),
        amount,
        paid_at: moment,
        extras: z.array(id).meta({ description: 'Ids of the optional lines that were ticked.' }),
      })
      .nullable(),
    created_by: z.string().meta({ description: '`key:NAME` for a program' }),
  })
  .meta({ id: 'ListedInvoice', description: 'An invoice without its payment log.' });

export const invoice = listedInvoice
  .extend({ log: z.array(logEntry).meta({ description: 'Oldest first.' }) })
  .meta({ id: 'Invoice', description: 'An own invoice with its payment log.' });

export const listed = z
  .strictObject({
    data: z.array(listedInvoice),
    has_more: z.boolean().meta({ description: 'In the direction that was asked for.' }),
  })
  .meta({ id: 'InvoiceList' });

const ofBody = z.strictObject({
  pointer: z.string().meta({ description: 'JSON Pointer into the body', example: '#/lines/0/unit_amount' }),
  detail: z.string(),
});
const ofQuery = z.strictObject({
  parameter: z.string().meta({ description: 'Of the query', example: 'limit' }),
  detail: z.string(),
});

export const problem = z
  .strictObject({
    type: z.string().meta({
      description: 'Which problem it is; relative to the address of the request.',
      example: '/v1/problems/invalid_fields',
    }),
    title: z.string(),
    status: z.int().meta({ example: 422 }),
    detail: z.string().meta({ description: 'What happened, and what to do.' }),
    errors: z
      .array(z.union([ofBody, ofQuery]))
      .optional()
      .meta({ description: 'The fields or parameters that can’t be taken, the first twenty of them.' }),
    preview: changePreview.optional().meta({ description: 'Of `preview_stale`: how the change stands now.' }),
  })
  .meta({ id: 'Problem', description: 'RFC 9457' });

const feature = z
  .strictObject({
    allowed: z.literal(true),
    until: moment
      .nullable()
      .meta({ description: 'The first moment at which it does not hold any more; null: it has no end.' }),
    cause: z.string().meta({ description: 'What gives it for the longest time.', example: 'payment:pi_3Qexample' }),
    grace_until: moment.nullable().meta({ description: 'Until when it is kept beyond its end.' }),
    value: z.union([z.number(), z.string()]).nullable().meta({ description: 'Of a feature that is more than yes.' }),
  })
  .meta({ id: 'Feature' });

const accessOf = z.strictObject({
  reference: z.string().meta({ example: 'user-17' }),
  version: z.int().meta({ description: 'Grows with each change; 0: nothing was ever given.', example: 17 }),
  as_of: moment,
  features: z.record(z.string(), feature).meta({ description: 'What may be used, by name; what is not here may not.' }),
});

export const accessAnswer = accessOf
  .extend({
    pending: z
      .boolean()
      .optional()
      .meta({ description: 'With `session`: whether it is not paid yet, or not through.' }),
  })
  .meta({ id: 'Access' });

export const accessToken = z
  .strictObject({
    token: z.string().meta({ description: 'A JWT: EdDSA, the keys are at `/.well-known/jwks.json`.' }),
    version: z.int().meta({ example: 17 }),
    expires_at: moment.meta({ description: 'Never after its next change by time.' }),
  })
  .meta({ id: 'AccessToken' });

export const accessList = z
  .strictObject({ data: z.array(accessOf.meta({ id: 'AccessOfOne' })) })
  .meta({ id: 'AccessList' });

export const openedCheckout = z
  .strictObject({
    session: z.string().meta({ example: 'cs_test_a1b2c3' }),
    url: z.url().meta({ description: 'Lead the browser there.' }),
  })
  .meta({ id: 'OpenedCheckout' });

export const openedPortal = z.strictObject({ url: z.url() }).meta({ id: 'OpenedPortal' });
