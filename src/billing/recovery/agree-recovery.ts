import type { Knex } from 'knex';
import type { Changed } from '../agreement/records.ts';
import { invoicesOf } from '../subscriptions/invoices.ts';
import { type Failed, failuresOf } from '../subscriptions/payment-attempts.ts';
import type { Subscription, SubscriptionInvoice } from '../subscriptions/subscription.ts';
import { findSubscription } from '../subscriptions/subscriptions.ts';
import { timeOn } from '../subscriptions/test-clocks.ts';
import { classifyDecline } from './decline.ts';
import { endOfCase, givenUpAt, opensCase } from './recovery-case.ts';
import {
  type CaseNow,
  casesOfSubscription,
  endCase,
  type KeptCase,
  writeCase,
  writeNewCase,
} from './recovery-cases.ts';

/**
 * Brings the cases of a subscription into agreement with its invoices and what is known of their failures. It tells nobody:
 * letters are written when they are due (write-letters.ts).
 */
export async function agreeRecovery(trx: Knex.Transaction, { id }: Changed<'subscription'>): Promise<void> {
  const subscription = await findSubscription(trx, id, true);
  if (!subscription) return;
  const kept = await casesOfSubscription(trx, id);
  const invoices = (await invoicesOf(trx, id)).filter((each) => isOfInterest(each, kept.get(each.id)));
  if (invoices.length === 0) return;
  const failures = await failuresOf(
    trx,
    invoices.map((each) => each.id),
  );
  const now = await timeOn(trx, subscription.testClock);
  for (const invoice of invoices) {
    await agreeCase(trx, { subscription, invoice, failed: failures.get(invoice.id) ?? [], now }, kept.get(invoice.id));
  }
}

function isOfInterest({ status, attemptCount }: SubscriptionInvoice, kept: KeptCase | undefined): boolean {
  return kept ? kept.state === 'open' : status === 'open' && attemptCount > 0;
}

interface Facts {
  readonly subscription: Subscription;
  readonly invoice: SubscriptionInvoice;
  readonly failed: readonly Failed[];
  readonly now: Date;
}

async function agreeCase(trx: Knex.Transaction, facts: Facts, kept: KeptCase | undefined): Promise<void> {
  const { subscription, invoice, failed, now } = facts;
  const failures = failed.map(({ at, requires_action: requiresAction }) => ({ at, requiresAction }));
  const records = { invoice, subscription, failures, now };
  const caseNow = caseOf(invoice, failed, givenUpAt(records));
  if (!caseNow || (!kept && !opensCase(records))) return;
  if (!kept) {
    const { customer, id } = subscription;
    const { currency, amountRemaining: amount } = invoice;
    await writeNewCase(trx, { ...caseNow, subscription: id, customer, currency, amount }, now);
  }
  const end = endOfCase(records, { attemptCount: kept?.attempt_count ?? invoice.attemptCount });
  if (end) await endCase(trx, invoice.id, end, invoice.amountPaid);
  else if (kept) await writeCase(trx, caseNow);
}

/** The latest decline counts. */
function caseOf(
  { id, attemptCount }: SubscriptionInvoice,
  failed: readonly Failed[],
  givenUp: Date | null,
): CaseNow | undefined {
  const [first, last] = [failed[0], failed.at(-1)];
  if (!first || !last) return undefined;
  return {
    invoice: id,
    firstFailedAt: first.at,
    lastFailedAt: last.at,
    givenUpAt: givenUp,
    attemptCount,
    declineClass: classifyDecline(last).class,
    declineCode: last.reason ?? last.code,
  };
}
