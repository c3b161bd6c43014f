import { expect } from 'vitest';
import { z } from 'zod';
import { retryDueCases } from '../../src/billing/recovery/retry-case.ts';
import { refreshInvoice, syncSubscription } from '../../src/billing/subscriptions/sync-subscription.ts';
import { firstRow, rows } from '../../src/platform/db.ts';
import type { BillingUnderTest } from './billing-deps.ts';

/** Renewals that fail at the simulated Stripe, and are known here; without workers, so that each step is made by the test. */
export interface Unpaid {
  readonly subscription: string;
  readonly invoice: string;
  readonly customer: string;
  /** pm_… that was declined. */
  readonly declined: string;
}

const renewal = z.object({ invoice: z.string(), customer: z.string(), subscription: z.string() });

/** What the bank answers, in the words of Stripe. */
export interface BankSays {
  readonly code?: string;
  readonly decline_code?: string;
  readonly advice_code?: string;
  readonly network_advice_code?: string;
  readonly authenticates?: boolean;
}

export const UNPAID_AMOUNT = 3_000;
const DAY = 86_400;

export function unpaidRenewals({ deps, side }: Pick<BillingUnderTest, 'deps' | 'side'>) {
  const { db, stripe } = deps;

  async function known({ subscription, invoice }: Pick<Unpaid, 'subscription' | 'invoice'>): Promise<void> {
    await syncSubscription({ subscription }, deps);
    await refreshInvoice({ invoice }, deps);
  }

  async function card(customer: string, says?: BankSays): Promise<string> {
    const { id } = await stripe.paymentMethods.attach('pm_card_visa', { customer });
    if (says) await side.control('POST', '/_sim/cards', { payment_method: id, ...says });
    return id;
  }

  /** @param says of the old card, from the first try on */
  async function unpaid(says: BankSays = { decline_code: 'generic_decline' }, of?: string): Promise<Unpaid> {
    const customer = of ?? (await stripe.customers.create({ email: 'ada@example.com' })).id;
    const declined = await card(customer, says);
    await savedSince(declined, -400);
    const made = renewal.parse(
      await side.control('POST', '/_sim/renewals', {
        customer,
        amount: UNPAID_AMOUNT,
        currency: 'eur',
        payment_method: declined,
      }),
    );
    await known(made);
    // Stripe tells seconds: what comes next is later.
    await timePasses(made.invoice, 1 / 24);
    await rows(db, 'UPDATE recovery_cases SET retry_at = now() WHERE invoice = ?', [made.invoice]);
    return { subscription: made.subscription, invoice: made.invoice, customer, declined };
  }

  /** Whatever is due by now, until nothing is. */
  async function look(): Promise<void> {
    for (let round = 0; round < 10; round += 1) {
      if ((await retryDueCases(deps)) === 0) return;
    }
    throw new Error('There is always something due');
  }

  async function savedSince(id: string, days: number): Promise<void> {
    const { created } = await stripe.paymentMethods.retrieve(id);
    await side.control('POST', '/_sim/cards', { payment_method: id, created: created + days * DAY });
  }

  async function timePasses(invoice: string, days: number): Promise<void> {
    const hours = Math.round(days * 24);
    await rows(
      db,
      'UPDATE subscription_payment_attempts SET at = at - make_interval(hours => :hours::integer) WHERE invoice = :invoice',
      { invoice, hours },
    );
    await rows(
      db,
      'UPDATE recovery_retries SET asked_at = asked_at - make_interval(hours => :hours::integer), at = at - make_interval(hours => :hours::integer) WHERE invoice = :invoice',
      { invoice, hours },
    );
    await rows(
      db,
      `UPDATE recovery_cases SET first_failed_at = first_failed_at - make_interval(hours => :hours::integer),
              last_failed_at = last_failed_at - make_interval(hours => :hours::integer),
              ends_at = ends_at - make_interval(hours => :hours::integer),
              retry_at = retry_at - make_interval(hours => :hours::integer),
              look_at = look_at - make_interval(hours => :hours::integer) WHERE invoice = :invoice`,
      { invoice, hours },
    );
    await rows(
      db,
      'UPDATE recovery_letters SET at = at - make_interval(hours => :hours::integer) WHERE invoice = :invoice',
      { invoice, hours },
    );
  }

  /** All that has happened to it was so many days before; its customer has not saved or changed anything since. */
  async function daysPass({ invoice, customer }: Unpaid, days: number): Promise<void> {
    await timePasses(invoice, days);
    const saved = await stripe.paymentMethods.list({ customer, limit: 100 });
    for (const { id } of saved.data) await savedSince(id, -days);
  }

  const caseOf = (invoice: string) =>
    firstRow<{
      state: string;
      how: string | null;
      decline_class: string;
      retry_at: Date | null;
      retry_note: string | null;
    }>(db, 'SELECT state, how, decline_class, retry_at, retry_note FROM recovery_cases WHERE invoice = ?', [invoice]);
  const retriesOf = (invoice: string) =>
    rows<{ why: string; state: string }>(
      db,
      'SELECT why, state FROM recovery_retries WHERE invoice = ? ORDER BY recovery_retries.id',
      [invoice],
    );
  /** Tries of ours that reached Stripe, repetitions under a key counted once. */
  const paysAsked = async (invoice: string) =>
    (await side.requests()).filter(
      ({ method, url, executed }) => method === 'POST' && executed && url.includes(`/v1/invoices/${invoice}/pay`),
    ).length;
  const statusOf = async (invoice: string) => (await stripe.invoices.retrieve(invoice)).status;

  async function expectUntouched(invoice: string, status: string): Promise<void> {
    expect([await statusOf(invoice), await paysAsked(invoice)]).toEqual([status, 0]);
  }

  return { unpaid, known, card, look, daysPass, caseOf, retriesOf, paysAsked, statusOf, expectUntouched };
}
