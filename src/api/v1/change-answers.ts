import { z } from 'zod';

/** What changing a subscription answers: first what it would come to, then what came of it. */
const amount = z.int().meta({ example: 1_290 });
const moment = z.iso.datetime().meta({ description: 'UTC', example: '2026-12-31T09:05:00.000Z' });

const line = z
  .strictObject({
    description: z.string(),
    amount: amount.meta({ description: 'Before discounts and taxes; below 0 it is given back.' }),
    proration: z.boolean().meta({ description: 'Whether it is for a part of a period.' }),
    period_start: moment,
    period_end: moment,
  })
  .meta({ id: 'PreviewLine' });

const terms = z
  .strictObject({
    price: z.string().meta({ example: 'price_1Qexample' }),
    plan: z.string().nullable().meta({ description: 'By your own name; null: of no plan of the policy.' }),
    quantity: z.int().nullable(),
  })
  .meta({ id: 'ItemTerms' });

export const changePreview = z
  .strictObject({
    preview: z.literal(true),
    currency: z.string().meta({ example: 'eur' }),
    due_now: amount.meta({ description: 'Is charged, or invoiced, with the change: never below 0.' }),
    total: amount.meta({ description: 'Of the invoice of the change; below 0 it goes to the customer’s balance.' }),
    balance_used: amount.meta({ description: 'What the customer’s balance pays of it; below 0: what it adds.' }),
    lines: z.array(line),
    proration_date: moment
      .nullable()
      .meta({ description: 'From when it counts; null: nothing is prorated. Send it with the confirmation.' }),
    takes_effect: z.enum(['at_once', 'when_paid', 'period_end']),
    takes_effect_at: moment.nullable(),
    changes: z.array(
      z
        .strictObject({
          item: z.string().nullable().meta({ description: 'null: a further one' }),
          before: terms.nullable(),
          after: terms.nullable().meta({ description: 'null: it is removed' }),
        })
        .meta({ id: 'ItemChange' }),
    ),
    renewal: z
      .strictObject({ total: amount, lines: z.array(line) })
      .nullable()
      .meta({ description: 'Of a change at the end of the period: what the next one costs.' }),
  })
  .meta({ id: 'ChangePreview' });

export const madeChange = z
  .strictObject({
    preview: z.literal(false),
    change: z.string().meta({ example: 'chg_0123456789abcdef' }),
    subscription: z.string(),
    status: z.enum(['applied', 'waiting', 'scheduled']).meta({
      description: '`waiting`: for the payment of its invoice; what costs more is given when that is paid.',
    }),
    currency: z.string(),
    due_now: amount.meta({ description: 'As its invoice says.' }),
    total: amount,
    invoice: z.string().nullable().meta({ example: 'in_1Qexample' }),
    pay_url: z.url().nullable().meta({ description: 'While it waits: lead the customer there.' }),
    pay_until: moment
      .nullable()
      .meta({ description: 'What is not paid by then is not changed; null: there is no such moment.' }),
    takes_effect_at: moment.nullable().meta({ description: 'Of a scheduled one.' }),
  })
  .meta({ id: 'MadeChange' });

export const changeAnswer = z.union([changePreview, madeChange]);
