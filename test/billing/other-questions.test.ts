import { expect, test } from 'vitest';
import { adjustPayment } from '../../src/billing/adjustments/adjust-payment.ts';
import type { Deps } from '../../src/billing/deps/deps.ts';
import type { Question } from '../../src/billing/desk/questions.ts';
import { askPerson } from '../../src/billing/desk/review-items.ts';
import { confirmCheckout } from '../../src/billing/own-invoices/confirm-checkout.ts';
import { choices, decideReview } from '../../src/billing/questions.ts';
import { askAboutSecondPayment } from '../../src/billing/stripe-invoices/second-payment.ts';
import { firstRow, rows } from '../../src/platform/db.ts';
import { fetchPaymentsOf } from '../../src/stripe/subscriptions.ts';
import { questionAbout, waysToAsk } from '../support/asked-payments.ts';
import { askedSubscriptions } from '../support/asked-subscriptions.ts';
import { billingUnderTest } from '../support/billing-deps.ts';
import { answering } from '../support/meddling.ts';
import { ownInvoices } from '../support/own-invoices.ts';
import { policyFile } from '../support/policy-file.ts';
import { openCheckout, payDirectly } from '../support/purchases.ts';
import { storedEvent } from '../support/stored-events.ts';
import { plansAccess, plansOf } from '../support/subscriptions.ts';
import { dispute, moveDispute, moveRefund } from '../support/taken-back.ts';

/** The questions that are not about the invoice of a payment: each choice ends each of them. */
const billing = await billingUnderTest({ POLICY: policyFile({ access: plansAccess }) });
const { deps, side } = billing;
const { db, stripe } = deps;
const { issued, opened, pay, intentOf } = ownInvoices(billing);
const { twice, paidAfterEnd } = askedSubscriptions(side, deps, await plansOf(side));

interface Asked {
  readonly subject: string;
  readonly deps?: Deps;
}

const adjust = (payment: string, on: Deps = deps) => adjustPayment({ account: '', paymentIntent: payment }, on);
const ask = async (question: Question): Promise<Asked> => {
  await askPerson(db, question);
  return { subject: question.subject };
};

async function refunded(): Promise<{ payment: string; refund: string }> {
  const payment = await payDirectly(side);
  await adjust(payment);
  const { id } = await stripe.refunds.create({ payment_intent: payment, amount: 1_000 });
  return { payment, refund: id };
}

async function notedThenFailed(): Promise<Asked> {
  const { payment, refund } = await refunded();
  await adjust(payment);
  await moveRefund(side, refund, 'failed');
  await adjust(payment);
  return { subject: refund };
}

async function notedThenWon(): Promise<Asked> {
  const payment = await payDirectly(side);
  const id = await dispute(side, payment);
  await moveDispute(side, id, 'lost');
  await adjust(payment);
  await moveDispute(side, id, 'appeal_needs_response', 'appeal_under_review', 'won');
  await adjust(payment);
  return { subject: id };
}

/** What Stripe says of the invoice on which the note is to be written. */
async function onInvoice(says: object): Promise<Asked> {
  const { payment, refund } = await refunded();
  await adjust(
    payment,
    answering('invoices', 'retrieve', deps, (invoice) => ({ ...invoice, ...says })),
  );
  return { subject: refund };
}

async function noteRefused(): Promise<Asked> {
  const { payment, refund } = await refunded();
  await side.fault({ kind: 'refuse', method: 'POST', path: '/v1/credit_notes' });
  await adjust(payment);
  await side.endFaults();
  return { subject: refund };
}

/** Money for an own invoice that is void, or that came to something else meanwhile. */
async function forInvoice(meanwhile: string): Promise<Asked> {
  const invoice = await issued();
  const session = await opened(invoice);
  await pay(session);
  await rows(db, meanwhile, [invoice.id]);
  await confirmCheckout(session, deps);
  return { subject: await intentOf(session) };
}

const doubled = () => forInvoice(`UPDATE invoices SET status = 'void', voided_at = now() WHERE id = ?`);
const mismatched = () => forInvoice('UPDATE invoice_lines SET unit_amount = unit_amount + 100 WHERE invoice = ?');

async function paidAgain(): Promise<Asked> {
  const payment = await payDirectly(side);
  const document = { invoice: 'in_1', number: 'A-1', madeFor: 'pi_0', overpaid: 0, currency: 'eur' };
  await askAboutSecondPayment(db, payment, document);
  return { subject: payment };
}

const duplicateFailed = async () => {
  const payment = await payDirectly(side);
  const details = { payment_intent: payment, amount: 4_900, currency: 'eur' };
  return ask({ kind: 'duplicate_refund_failed', subject: `re_${payment}`, summary: 'It is here again.', details });
};

async function foreignSession(): Promise<Asked> {
  const { id } = await openCheckout(side);
  const details = { invoice: 'inv_1', expected: 1, found: 2, currency: 'eur', found_currency: 'eur' };
  return ask({ kind: 'foreign_session', subject: id, summary: 'Whose is it?', details });
}

let count = 0;
async function failedEvent(): Promise<Asked> {
  count += 1;
  const event = `evt_failed${count}`;
  await storedEvent(db, event, { outcome: 'review' });
  const details = { event, type: 'charge.refunded', attempts_used_up: true };
  return ask({ kind: 'event_failed', subject: event, summary: 'It failed.', details });
}

async function unknownType(): Promise<Asked> {
  count += 1;
  const type = `quote.accepted${count}`;
  await storedEvent(db, `evt_unknown${count}`, { type });
  await rows(db, 'UPDATE stripe_events SET awaits_release_since = now() WHERE type = ?', [type]);
  return ask({ kind: 'event_type_unknown', subject: type, summary: '?', details: { events: 1, since: '2026-01-01' } });
}

async function endpoint(disabled: boolean): Promise<number> {
  count += 1;
  const row = await firstRow<{ id: number }>(
    db,
    `INSERT INTO outgoing_endpoints (url, secret, disabled_at)
     VALUES ('https://one.example/' || :count, 'whsec_x', CASE WHEN :disabled THEN now() END) RETURNING id`,
    { count, disabled },
  );
  return row?.id ?? 0;
}

async function undelivered(): Promise<Asked> {
  const id = await endpoint(false);
  const row = await firstRow<{ id: string }>(
    db,
    `INSERT INTO messages (dedupe_key, channel, kind, endpoint, data, state, attempts)
     VALUES (:key, 'webhook', 'invoice.paid', :id, '{}', 'dead', 9) RETURNING id`,
    { id, key: `webhook:${id}` },
  );
  const details = { message: row?.id ?? '', kind: 'invoice.paid', tries: 9, failure: 'timeout' };
  return ask({ kind: 'message_undelivered', subject: `endpoint:${id}`, summary: 'It takes nothing.', details });
}

async function gone(): Promise<Asked> {
  const id = await endpoint(true);
  const details = { endpoint: id, message: 'm', kind: 'invoice.paid' };
  return ask({ kind: 'webhook_gone', subject: `endpoint:${id}`, summary: 'It is gone.', details });
}

const unreachable = () =>
  ask({ kind: 'stripe_unreachable', subject: 'stripe', summary: 'Nobody answers.', details: { error: 'reset' } });
const forbidden = () =>
  ask({ kind: 'stripe_permission_missing', subject: 'rak_x', summary: 'No permission.', details: { error: 'no' } });

const noteDecision = (subject: string) => one('SELECT decision FROM adjustments WHERE id = ?', subject);
const refundsOf = async (payment: string) => (await stripe.refunds.list({ payment_intent: payment })).data.length;
const sessionStatus = async (id: string) => (await stripe.checkout.sessions.retrieve(id)).status;
const eventOutcome = (id: string) => one('SELECT outcome FROM stripe_events WHERE id = ? OR type = ?', id, id);
const messageState = (subject: string) =>
  one('SELECT state FROM messages WHERE endpoint = ?', subject.replace('endpoint:', ''));
const isDisabled = (subject: string) =>
  one('SELECT disabled_at IS NOT NULL FROM outgoing_endpoints WHERE id = ?', subject.replace('endpoint:', ''));
const verdictOn = (payment: string) => one('SELECT verdict FROM payments WHERE payment_intent = ?', payment);

async function one(sql: string, ...values: string[]): Promise<unknown> {
  const row = await firstRow<Record<string, unknown>>(db, sql, values);
  return row && Object.values(row)[0];
}

let sold = 0;
async function ownerless(): Promise<Asked> {
  const payment = `pi_sold${++sold}`;
  await rows(db, 'INSERT INTO payments (payment_intent, livemode) VALUES (?, false)', [payment]);
  await rows(db, `INSERT INTO purchases (payment_intent, amount, currency, paid_at) VALUES (?, 900, 'eur', now())`, [
    payment,
  ]);
  const details = { payment_intent: payment, bought: 'Oil', amount: 900, currency: 'eur' };
  return ask({ kind: 'access_without_reference', subject: payment, summary: 'Whose?', details });
}
const ownerOf = (subject: string) => one('SELECT reference FROM access_assignments WHERE cause LIKE ?', `%:${subject}`);

async function recordedSubscription(): Promise<string> {
  const id = `sub_sold${++sold}`;
  await rows(
    db,
    `INSERT INTO subscriptions (id, customer, livemode, status, collection_method, billing_mode, currency,
       cancel_at_period_end, after_trial, created, synced_from)
     VALUES (?, 'cus_1', false, 'active', 'charge_automatically', 'flexible', 'eur', false, 'create_invoice', now(), now())`,
    [id],
  );
  return id;
}
async function ownerlessSubscription(): Promise<Asked> {
  const subscription = await recordedSubscription();
  const details = { subscription, bought: 'Pro' };
  return ask({ kind: 'subscription_without_reference', subject: subscription, summary: 'Whose?', details });
}
async function unplanned(): Promise<Asked> {
  const subscription = await recordedSubscription();
  const details = { subscription, price: 'price_1', product: 'prod_1' };
  return ask({ kind: 'price_without_plan', subject: subscription, summary: 'Which plan?', details });
}

const subscriptionStatus = async (id: string) => (await stripe.subscriptions.retrieve(id)).status;
const refundsOfInvoice = async (id: string) => {
  const [payment] = await fetchPaymentsOf(stripe, id);
  return refundsOf(payment ?? '');
};
let two = { subject: '', other: '' };
const twoOfOne = async () => {
  two = await twice();
  return two;
};
const otherStatus = () => subscriptionStatus(two.other);

const OTHER_CURRENCY = { currency: 'usd' };
const UNPAID = { status: 'uncollectible' };

const table: readonly [
  kind: keyof typeof choices,
  choice: string,
  way: () => Promise<Asked>,
  look: (subject: string) => Promise<unknown>,
  found: unknown,
][] = [
  ['refund_failed_after_note', 'keep_note', notedThenFailed, noteDecision, 'none'],
  ['refund_failed_after_note', 'issue_reversal', notedThenFailed, noteDecision, 'none'],
  ['dispute_won_after_note', 'keep_note', notedThenWon, noteDecision, 'none'],
  ['dispute_won_after_note', 'issue_reversal', notedThenWon, noteDecision, 'none'],
  ['adjustment_currency_differs', 'try_again', () => onInvoice(OTHER_CURRENCY), noteDecision, 'note'],
  ['adjustment_currency_differs', 'no_note', () => onInvoice(OTHER_CURRENCY), noteDecision, 'none'],
  ['adjusted_invoice_not_paid', 'try_again', () => onInvoice(UNPAID), noteDecision, 'note'],
  ['adjusted_invoice_not_paid', 'no_note', () => onInvoice(UNPAID), noteDecision, 'none'],
  ['credit_note_refused', 'try_again', noteRefused, noteDecision, 'note'],
  ['credit_note_refused', 'no_note', noteRefused, noteDecision, 'none'],
  ['double_payment', 'refund_as_duplicate', doubled, refundsOf, 1],
  ['double_payment', 'keep_payment', doubled, verdictOn, 'skip'],
  ['payment_mismatch', 'refund_as_duplicate', mismatched, refundsOf, 1],
  ['payment_mismatch', 'keep_payment', mismatched, verdictOn, 'skip'],
  ['document_paid_again', 'refund_as_duplicate', paidAgain, refundsOf, 1],
  ['document_paid_again', 'keep_payment', paidAgain, refundsOf, 0],
  ['duplicate_refund_failed', 'refund_as_duplicate', duplicateFailed, (re) => refundsOf(re.slice(3)), 1],
  ['duplicate_refund_failed', 'keep_payment', duplicateFailed, (re) => refundsOf(re.slice(3)), 0],
  ['foreign_session', 'close_session', foreignSession, sessionStatus, 'expired'],
  ['foreign_session', 'leave_open', foreignSession, sessionStatus, 'open'],
  ['event_failed', 'try_again', failedEvent, eventOutcome, null],
  ['event_failed', 'end_as_ignored', failedEvent, eventOutcome, 'ignored'],
  ['stripe_unreachable', 'ask_stripe_now', unreachable, async () => undefined, undefined],
  ['stripe_permission_missing', 'granted', forbidden, async () => undefined, undefined],
  ['event_type_unknown', 'wait_for_release', unknownType, eventOutcome, null],
  ['event_type_unknown', 'end_as_ignored', unknownType, eventOutcome, 'ignored'],
  ['access_without_reference', 'give_to', ownerless, ownerOf, 'user-1'],
  ['access_without_reference', 'give_to_nobody', ownerless, ownerOf, null],
  ['subscription_without_reference', 'give_to', ownerlessSubscription, ownerOf, 'user-1'],
  ['subscription_without_reference', 'give_to_nobody', ownerlessSubscription, ownerOf, null],
  ['price_without_plan', 'policy_names_it', unplanned, ownerOf, undefined],
  ['price_without_plan', 'gives_nothing', unplanned, ownerOf, undefined],
  ['second_subscription', 'cancel_later', twoOfOne, subscriptionStatus, 'canceled'],
  ['second_subscription', 'cancel_earlier', twoOfOne, otherStatus, 'canceled'],
  ['second_subscription', 'keep_both', twoOfOne, subscriptionStatus, 'active'],
  ['payment_after_end', 'refund_payment', () => paidAfterEnd(), refundsOfInvoice, 1],
  ['payment_after_end', 'keep_payment', () => paidAfterEnd(), refundsOfInvoice, 0],
  ['message_undelivered', 'send_again', undelivered, messageState, 'pending'],
  ['message_undelivered', 'leave_unsent', undelivered, messageState, 'dead'],
  ['webhook_gone', 'tell_again', gone, isDisabled, false],
  ['webhook_gone', 'leave_disabled', gone, isDisabled, true],
];

/** Asked along with a note that is issued: nothing is left to be done by the program. */
const ONLY_ACKNOWLEDGED = ['adjustment_not_covered rest_by_hand'];

/** Their choices are those of recovery/questions.test.ts. */
const ABOUT_FAILED_PAYMENTS = ['recovery_without_address', 'unpaid_drafts_left', 'recovery_end_refused'];

test('with the questions about invoices, the table has every choice of every kind', () => {
  const aboutInvoices = Object.keys(waysToAsk(billing));
  const all = Object.entries(choices).flatMap(([kind, offered]) =>
    [...aboutInvoices, ...ABOUT_FAILED_PAYMENTS].includes(kind) ? [] : offered.map(({ name }) => `${kind} ${name}`),
  );
  expect([...table.map(([kind, choice]) => `${kind} ${choice}`), ...ONLY_ACKNOWLEDGED].sort()).toEqual(all.sort());
});

test.for(table)('%s, decided as %s', async ([kind, choice, way, look, found]) => {
  const { subject } = await way();
  const item = await questionAbout(deps, subject);
  expect(item).toMatchObject({ kind });
  await decideReview(item?.id ?? 0, { choice, given: 'user-1', actor: 'admin:ada', reason: 'agreed' }, deps);
  expect(await questionAbout(deps, subject)).toBeUndefined();
  expect(await look(subject)).toEqual(found);
  const audit = 'SELECT actor, action FROM audit_log WHERE subject = ? AND action = ?';
  expect(await rows(db, audit, [subject, `review.${choice}`])).toHaveLength(1);
});
