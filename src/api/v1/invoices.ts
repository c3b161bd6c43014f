import { z } from 'zod';
import type { Deps } from '../../billing/deps/deps.ts';
import { type InvoiceInput, invoiceInput } from '../../billing/own-invoices/invoice-input.ts';
import { pageOfInvoices } from '../../billing/own-invoices/invoice-list.ts';
import { findInvoice, type OwnInvoice } from '../../billing/own-invoices/invoices.ts';
import {
  changeDraft,
  createInvoice,
  issueInvoice,
  NoSuchInvoice,
  voidInvoice,
} from '../../billing/own-invoices/manage-invoice.ts';
import { INVOICE_ID } from '../../billing/own-invoices/public-link.ts';
import { dayIn } from '../../platform/business-day.ts';
import { printable } from '../../platform/text.ts';
import { created, invoice as invoiceAnswer, listed, receipt } from './answers.ts';
import type { Answer, Call } from './change.ts';
import { changing, type Endpoint, NO_QUERY, reading } from './endpoint.ts';
import { ONE_WAY, oneWay, portion, portionOf } from './list-query.ts';
import { presentCreated, presentInvoice, presentList, presentReceipt } from './present-invoice.ts';

/** Own invoices for the business's own programs. docs/api.md describes them in words. */

const id = { pattern: INVOICE_ID, example: 'inv_0123456789abcdef', missing: (told: string) => new NoSuchInvoice(told) };

const EXAMPLE = {
  customer_name: 'Ada Example',
  customer_email: 'ada@example.com',
  currency: 'eur',
  due_date: '2026-12-31',
  lines: [
    { description: 'Portrait in oil', unit_amount: 20_000, tax_percent: '9' },
    { description: 'Delivery', unit_amount: 3_000, optional: true },
  ],
};

const flag = z.boolean('must be true or false').default(false);

/** The invoice, and whether it is issued at once, and mailed. All that is wrong is told at once. */
const newInvoice = invoiceInput
  .safeExtend({
    issue: flag.meta({ description: 'Give it its number at once, or don’t make it at all.' }),
    mail: flag.meta({ description: 'Send the customer the link; needs `issue`.' }),
  })
  .refine(({ issue, mail }) => issue || !mail, {
    path: ['mail'],
    message: 'needs "issue": true',
    when: ({ value }) => mailAlone.safeParse(value).success,
  })
  .meta({ id: 'NewInvoice', example: { ...EXAMPLE, issue: true, mail: true } });
/** Only where the two are what they should be, whatever else is wrong. */
const mailAlone = z.looseObject({ issue: z.boolean(), mail: z.boolean() });

const voidReason = z
  .string('is required: why is the invoice void?')
  .overwrite((reason) => printable(reason).trim())
  .min(1, 'is required: why is the invoice void?')
  .max(500, 'may have 500 characters')
  .meta({ description: 'Kept in the audit log.' });

const listQuery = z
  .strictObject({
    status: z
      .enum(['draft', 'issued', 'paid', 'void', 'overdue'], 'must be draft, issued, paid, void or overdue')
      .optional(),
    search: z
      .string('must be given once')
      .trim()
      .max(200, 'may have 200 characters')
      .refine((text) => !text.includes('\0'), 'holds a character that is no text')
      .optional()
      .meta({ description: 'Part of a number, a name or an e-mail address.' }),
    ...portion,
  })
  .refine(oneWay, ONE_WAY);

const UNKNOWN_FIELD = 'is not a field of an invoice';
const whole = {
  description: 'The invoice, or its receipt to a key that may not read.',
  schema: z.union([invoiceAnswer, receipt]),
};

export const invoices: readonly Endpoint[] = [
  reading({
    path: '/invoices',
    name: 'listInvoices',
    summary: 'List invoices',
    description:
      'Newest first, without their logs. An invoice that is made meanwhile moves no other: each is shown once.',
    scope: 'invoices:read',
    query: listQuery,
    answers: { 200: { description: 'A portion of them.', schema: listed } },
    problems: [],
    handle: async ({ query }, deps) => {
      const { status, search } = query;
      const today = dayIn(deps.timeZone, deps.clock());
      const { page, hasMore } = await portionOf(query, 'invoice', (asked) =>
        pageOfInvoices(deps.db, { status, search }, asked, today),
      );
      return { data: await presentList(page.rows, deps), has_more: hasMore };
    },
  }),
  reading({
    path: '/invoices/:id',
    name: 'readInvoice',
    summary: 'Read an invoice',
    scope: 'invoices:read',
    id,
    query: NO_QUERY,
    answers: { 200: { description: 'The invoice.', schema: invoiceAnswer } },
    problems: ['not_found'],
    handle: async ({ id: wanted }, deps) => {
      const found = await findInvoice(deps.db, wanted);
      if (!found) throw new NoSuchInvoice(wanted);
      return presentInvoice(found, deps);
    },
  }),
  changing({
    method: 'post',
    path: '/invoices',
    name: 'createInvoice',
    summary: 'Create an invoice',
    scope: 'invoices:write',
    body: newInvoice,
    unknownField: UNKNOWN_FIELD,
    once: 'atomic',
    answers: {
      201: {
        description: 'The invoice, or its receipt with the link to a key that may not read.',
        schema: z.union([invoiceAnswer, created]),
      },
    },
    problems: ['invalid_fields'],
    handle: async ({ body: { issue, mail, ...input }, actor, mayRead }, deps) => {
      let made = await createInvoice(input, actor, deps);
      if (issue) made = await issueInvoice(made.id, { mail }, actor, deps);
      // What it gave itself it may see, so the link as well: it leads to nothing else.
      return { status: 201, body: await (mayRead ? presentInvoice : presentCreated)(made, deps) };
    },
  }),
  changing({
    method: 'put',
    path: '/invoices/:id',
    name: 'changeDraft',
    summary: 'Change a draft',
    description: 'As a whole: fields that are left out go back to their defaults.',
    scope: 'invoices:write',
    id,
    body: invoiceInput.meta({ id: 'InvoiceInput', example: EXAMPLE }),
    unknownField: UNKNOWN_FIELD,
    once: 'atomic',
    answers: { 200: whole },
    problems: ['not_found', 'not_allowed', 'invalid_fields'],
    handle: async (call: Call<InvoiceInput>, deps) =>
      changed(await changeDraft(call.id, call.body, call.actor, deps), call, deps),
  }),
  changing({
    method: 'post',
    path: '/invoices/:id/issue',
    name: 'issueInvoice',
    summary: 'Issue an invoice',
    description: 'It gets its number and its link, and can’t be changed any more. An issued one stays as it is.',
    scope: 'invoices:write',
    id,
    body: z.strictObject({ mail: flag.meta({ description: 'Send the customer the link.' }) }),
    once: 'atomic',
    answers: { 200: whole },
    problems: ['not_found', 'not_allowed', 'invalid_fields'],
    handle: async (call, deps) =>
      changed(await issueInvoice(call.id, { mail: call.body.mail }, call.actor, deps), call, deps),
  }),
  changing({
    method: 'post',
    path: '/invoices/:id/void',
    name: 'voidInvoice',
    summary: 'Void an invoice',
    description:
      'Its payment page is closed at Stripe first. If it was paid a moment ago it becomes paid instead, and the answer is 409.',
    scope: 'invoices:write',
    id,
    body: z.strictObject({ reason: voidReason }),
    once: 'repeatable',
    answers: { 200: whole },
    problems: ['not_found', 'not_allowed', 'invalid_fields', 'unavailable'],
    handle: async (call, deps) => changed(await voidInvoice(call.id, call.actor, call.body.reason, deps), call, deps),
  }),
];

/** To issue an invoice again changes nothing: a key that may only write must not read it that way. */
async function changed(invoice: OwnInvoice, { mayRead }: Pick<Call<unknown>, 'mayRead'>, deps: Deps): Promise<Answer> {
  return { status: 200, body: mayRead ? await presentInvoice(invoice, deps) : presentReceipt(invoice) };
}
