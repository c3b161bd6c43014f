import { z } from 'zod';
import { PAUSED_INVOICES } from '../../billing/managing/deed.ts';
import { POSSIBLE } from '../../billing/managing/possible.ts';
import { STATUSES } from '../../billing/subscriptions/subscription.ts';

/** What /v1 answers about subscriptions, for its description. Amounts are minor units of `currency`. */
const amount = z.int().meta({ example: 3_000 });
const currency = z.string().meta({ example: 'eur' });
const moment = z.iso.datetime().meta({ description: 'UTC', example: '2026-12-31T09:05:00.000Z' });
const subscriptionId = z.string().meta({ example: 'sub_1Qexample' });
const url = z.string().nullable().meta({ description: 'Stripe’s page on which it can be paid.' });

const item = z
  .strictObject({
    id: z.string().meta({ example: 'si_1Qexample' }),
    plan: z.string().nullable().meta({ description: 'Of the policy; null: it names no such price.', example: 'pro' }),
    name: z.string().nullable().meta({ description: 'Of the plan, for the buyer.', example: 'Pro' }),
    price: z.string().meta({ example: 'price_1Qexample' }),
    lookup_key: z.string().nullable(),
    quantity: z.int().nullable().meta({ description: 'Null for what is metered.' }),
    unit_amount: amount.nullable().meta({ description: 'Null: it depends on the quantity.' }),
    currency,
    interval: z.enum(['day', 'week', 'month', 'year']).nullable(),
    interval_count: z.int().nullable(),
    period_start: moment,
    period_end: moment,
  })
  .meta({ id: 'SubscriptionItem' });

export const subscriptionAnswer = z
  .strictObject({
    id: subscriptionId,
    reference: z.string().nullable().meta({ description: 'Whose it is; null: nobody knows.', example: 'user-17' }),
    customer: z.string().meta({ example: 'cus_1Qexample' }),
    status: z.enum(['none', 'trialing', 'active', 'past_due', 'canceled']),
    why: z.enum(['first_payment', 'unpaid', 'paused', 'collection_paused', 'ends']).nullable(),
    stripe_status: z.enum(STATUSES),
    ends_at: moment.nullable().meta({ description: 'Its planned end.' }),
    ended_at: moment.nullable(),
    trial_ends_at: moment.nullable(),
    collection_paused: z
      .strictObject({ invoices: z.string(), until: moment.nullable() })
      .nullable()
      .meta({ description: 'What becomes of its invoices meanwhile, and until when.' }),
    pending_change_until: moment
      .nullable()
      .meta({ description: 'A change waits for its payment until then; what was paid before holds.' }),
    schedule: z.string().nullable().meta({ description: 'It decides about changes to come, and about the end.' }),
    items: z.array(item),
    features: z.array(z.string()).meta({ description: 'What it gives now.' }),
    until: moment
      .nullable()
      .meta({ description: 'Up to when it gives the longest of them; null: without an end, or it gives nothing.' }),
    open_invoice: z
      .strictObject({ id: z.string(), amount, currency, url })
      .nullable()
      .meta({ description: 'The oldest invoice that waits to be paid.' }),
    possible: z.array(z.enum(POSSIBLE)).meta({ description: 'What can be done about it now.' }),
    created_at: moment,
  })
  .meta({ id: 'Subscription' });

export const managedAnswer = z
  .strictObject({
    changed: z.boolean().meta({ description: 'Whether Stripe was asked to do anything; else it stood so already.' }),
    detail: z.string().meta({ description: 'How it stands now, in a sentence.' }),
    subscription: subscriptionAnswer.nullable().meta({ description: 'Null to a key that may write and not read.' }),
  })
  .meta({ id: 'ManagedSubscription' });

const hasMore = z.boolean().meta({ description: 'In the direction that was asked for.' });

export const subscriptionList = z
  .strictObject({ data: z.array(subscriptionAnswer), has_more: hasMore })
  .meta({ id: 'SubscriptionList' });

const invoiceOfReference = z
  .strictObject({
    id: z.string().meta({ example: 'in_1Qexample' }),
    subscription: subscriptionId,
    number: z.string().nullable(),
    status: z.enum(['draft', 'open', 'paid', 'void', 'uncollectible']),
    reason: z.string().nullable().meta({ description: 'In the word of Stripe.', example: 'subscription_cycle' }),
    currency,
    total: amount,
    amount_paid: amount,
    amount_remaining: amount,
    due_at: moment.nullable(),
    next_attempt_at: moment.nullable().meta({ description: 'When Stripe tries again to collect it.' }),
    url,
    created_at: moment,
    paid_at: moment.nullable(),
  })
  .meta({ id: 'SubscriptionInvoice' });

export const invoicesOfReferenceList = z
  .strictObject({ data: z.array(invoiceOfReference), has_more: hasMore })
  .meta({ id: 'SubscriptionInvoiceList' });

const paymentOfReference = z
  .strictObject({
    id: z.string().meta({ example: 'pi_3Qexample' }),
    amount,
    currency,
    refunded: amount.meta({ description: 'What has gone back of it.' }),
    dispute_lost: z.boolean(),
    paid_at: moment,
    subscription: subscriptionId.nullable().meta({ description: 'Null: something was bought.' }),
    invoice: z
      .strictObject({
        id: z.string(),
        number: z.string().nullable(),
        url: z.string().nullable(),
        pdf: z.string().nullable(),
      })
      .nullable()
      .meta({ description: 'Its document at Stripe.' }),
  })
  .meta({ id: 'Payment' });

export const paymentList = z
  .strictObject({ data: z.array(paymentOfReference), has_more: hasMore })
  .meta({ id: 'PaymentList' });

export const pausedInvoices = z.enum(PAUSED_INVOICES, `must be ${PAUSED_INVOICES.join(', ')}`);
