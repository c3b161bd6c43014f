import type { Knex } from 'knex';
import type { Circumstances } from '../agreement/dependent.ts';
import type { Changed } from '../agreement/records.ts';
import type { RecoveryPolicy } from '../policy/recovery.ts';
import { invoicesOf } from '../subscriptions/invoices.ts';
import { type Failed, failuresOf } from '../subscriptions/payment-attempts.ts';
import type { Subscription, SubscriptionInvoice } from '../subscriptions/subscription.ts';
import { findSubscription } from '../subscriptions/subscriptions.ts';
import { timeOn } from '../subscriptions/test-clocks.ts';
import { askAboutDrafts } from './ask-about-drafts.ts';
import { periodDays, plannedEnd } from './case-end.ts';
import { classifyDecline } from './decline.ts';
import { endOfCase, givenUpAt, opensCase } from './recovery-case.ts';
import {
  type CaseNow,
  casesOfSubscription,
  endCase,
  type KeptCase,
  planAtEnd,
  writeCase,
  writeNewCase,
} from './recovery-cases.ts';
import { paidByRetry } from './recovery-retries.ts';
import { withdrawAddress } from './without-address.ts';

/**
 * Brings the cases of a subscription into agreement with its invoices and what is known of their failures. It tells nobody:
 * letters are written when they are due (write-letters.ts).
 */
export async function agreeRecovery(
  trx: Knex.Transaction,
  { id }: Changed<'subscription'>,
  { rules }: Pick<Circumstances, 'rules'>,
): Promise<void> {
  const subscription = await findSubscription(trx, id, true);
  if (!subscription) return;
  const kept = await casesOfSubscription(trx, id);
  const known = await invoicesOf(trx, id);
  await askAboutDrafts(trx, subscription, known, [...kept.values()]);
  const invoices = known.filter((each) => isOfInterest(each, kept.get(each.id)));
  if (invoices.length === 0) return;
  const failures = await failuresOf(
    trx,
    invoices.map((each) => each.id),
  );
  const now = await timeOn(trx, subscription.testClock);
  const endedByUs = [...kept.values()].some(({ at_end: atEnd }) => atEnd === 'cancel');
  for (const invoice of invoices) {
    const failed = failures.get(invoice.id) ?? [];
    const facts = { subscription, invoice, failed, now, endedByUs, policy: rules.recovery };
    await agreeCase(trx, facts, kept.get(invoice.id));
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
  readonly endedByUs: boolean;
  readonly policy: RecoveryPolicy;
}

async function agreeCase(trx: Knex.Transaction, facts: Facts, kept: KeptCase | undefined): Promise<void> {
  const { subscription, invoice, failed, now, endedByUs, policy } = facts;
  const failures = failed.map(({ at, requires_action: requiresAction }) => ({ at, requiresAction }));
  const endsAt =
    failed[0] && plannedEnd({ firstFailedAt: failed[0].at, periodDays: periodDays(invoice.lines) }, policy);
  const records = { invoice, subscription, failures, now, endedByUs, plannedEnd: endsAt };
  const caseNow = caseOf(invoice, failed, givenUpAt(records), endsAt ?? null);
  if (!caseNow || (!kept && !opensCase(records))) return;
  if (!kept) {
    const { customer, id } = subscription;
    const { currency, amountRemaining: amount } = invoice;
    await writeNewCase(trx, { ...caseNow, subscription: id, customer, currency, amount }, now);
  }
  const paidBy = kept && (await paidByRetry(trx, invoice.id));
  const end = endOfCase(records, { attemptCount: kept?.attempt_count ?? invoice.attemptCount, paidBy });
  if (!end) {
    if (kept) await writeCase(trx, caseNow);
    return;
  }
  await endCase(trx, invoice.id, end, invoice.amountPaid);
  await withdrawAddress(trx, subscription.customer);
  const isOurs = end.how === 'exhausted' && endsAt !== undefined && subscription.status !== 'canceled';
  if (isOurs) await planAtEnd(trx, invoice.id, policy.at_end);
}

/** The latest decline counts. */
function caseOf(
  { id, attemptCount }: SubscriptionInvoice,
  failed: readonly Failed[],
  givenUp: Date | null,
  endsAt: Date | null,
): CaseNow | undefined {
  const [first, last] = [failed[0], failed.at(-1)];
  if (!first || !last) return undefined;
  return {
    invoice: id,
    firstFailedAt: first.at,
    lastFailedAt: last.at,
    givenUpAt: givenUp,
    endsAt,
    attemptCount,
    declineClass: classifyDecline(last).class,
    declineCode: last.reason ?? last.code,
  };
}
