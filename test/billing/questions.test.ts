import { expect, test } from 'vitest';
import type { Deps } from '../../src/billing/deps/deps.ts';
import { choices, choicesFor, decideReview } from '../../src/billing/questions.ts';
import { reconsiderPayment } from '../../src/billing/reconsider.ts';
import { settlePayment } from '../../src/billing/stripe-invoices/settle-payment.ts';
import { firstRow, rows } from '../../src/platform/db.ts';
import { questionAbout, refundDecision, waysToAsk } from '../support/asked-payments.ts';
import { billingUnderTest } from '../support/billing-deps.ts';
import { storedEvent } from '../support/stored-events.ts';

/** Each question about the invoice of a payment, each choice: what becomes of payment, question, event and refunds. */
const billing = await billingUnderTest();
const { deps } = billing;
const { db, stripe } = deps;
const ways = waysToAsk(billing);

type Kind = keyof typeof ways;
type End =
  | 'invoiced' // one paid invoice; its refund gets a note
  | 'one line' // the same, with one line
  | 'no invoice' // settled without; nothing of it is left at Stripe, and its refund gets no note
  | 'still asked'; // the cause is still there: the question stays, everything is offered again

const table: readonly [Kind, choice: string, End][] = [
  ['eligibility_unclear', 'invoice_it', 'invoiced'],
  ['eligibility_unclear', 'invoice_in_one_line', 'one line'],
  ['eligibility_unclear', 'skip', 'no invoice'],
  ['line_items_differ', 'try_again', 'still asked'],
  ['line_items_differ', 'invoice_in_one_line', 'one line'],
  ['line_items_differ', 'skip', 'no invoice'],
  ['invoice_total_differs', 'try_again', 'invoiced'],
  ['invoice_total_differs', 'invoice_in_one_line', 'one line'],
  ['invoice_total_differs', 'skip', 'no invoice'],
  ['invoice_refused', 'try_again', 'invoiced'],
  ['invoice_refused', 'invoice_in_one_line', 'one line'],
  ['invoice_refused', 'skip', 'no invoice'],
  ['invoice_not_settled', 'try_again', 'invoiced'],
  ['invoice_not_settled', 'skip', 'invoiced'], // it was paid after all: then it stays
  ['invoice_changed_by_hand', 'accept_as_it_is', 'invoiced'],
  ['invoice_changed_by_hand', 'begin_anew', 'invoiced'],
  ['invoice_changed_by_hand', 'skip', 'no invoice'],
  ['customer_balance_consumed', 'accept_as_it_is', 'invoiced'],
  ['payment_not_booked', 'try_again', 'still asked'],
  ['payment_not_booked', 'date_as_given', 'invoiced'],
  ['payment_not_booked', 'skip', 'no invoice'],
];

test('the table has every choice of these questions', () => {
  const all = Object.keys(ways).flatMap((kind) =>
    Object.hasOwn(choices, kind) ? choices[kind as Kind].map(({ name }) => `${kind} ${name}`) : [],
  );
  expect(table.map(([kind, choice]) => `${kind} ${choice}`).sort()).toEqual(all.sort());
});

test.for(table)('%s, decided as %s: %s', async ([kind, choice, end]) => {
  const { payment, deps: asked } = await ways[kind]();
  const item = await questionAbout(deps, payment);
  expect(item).toMatchObject({ kind });
  const event = await waitingEvent(payment);

  const decided = await decideReview(item?.id ?? 0, { choice, actor: 'admin:ada', reason: 'agreed' }, asked).catch(
    (error: unknown) => String(error),
  );
  if (end === 'still asked') {
    expect(decided).toContain('The question stays open.');
    expect(await questionAbout(deps, payment)).toMatchObject({ id: item?.id, state: 'open', claimed_choice: null });
    expect(await outcomeOf(event)).toBe('review');
    return;
  }
  expect(await questionAbout(deps, payment), decided).toBeUndefined();
  expect(await outcomeOf(event)).toBe('processed');
  expect(
    await firstRow(db, 'SELECT state, decision, closed_by FROM review_items WHERE id = ?', [item?.id ?? 0]),
  ).toEqual({ state: 'resolved', decision: choice, closed_by: 'admin:ada' });
  const invoices = (await stripe.invoices.list({ limit: 100 })).data.filter(
    ({ metadata, status }) => metadata?.payment_intent === payment && status !== 'void',
  );
  const row = await paymentRow(payment);
  if (end === 'no invoice') {
    expect(invoices).toEqual([]);
    expect(row).toEqual({ verdict: 'skip', settled: true });
  } else {
    expect(invoices).toMatchObject([{ status: 'paid', total: await receivedOf(payment, asked) }]);
    expect(row).toEqual({ verdict: 'invoice', settled: true });
  }
  if (end === 'one line') expect(invoices[0]?.lines.data).toHaveLength(1);
  expect(await refundDecision(payment, deps)).toBe(end === 'no invoice' ? 'none' : 'note');
  expect(await questionAbout(deps, payment)).toBeUndefined();
});

test('what a person has decided overrules the rules in a replay, until somebody has it reconsidered', async () => {
  const { payment, deps: asked } = await ways.eligibility_unclear();
  const item = await questionAbout(deps, payment);
  await decideReview(item?.id ?? 0, { choice: 'skip', actor: 'admin:ada', reason: 'a gift' }, asked);

  const ref = { account: '', paymentIntent: payment };
  const end = { outcome: 'ignored', reason: 'admin:ada decided: a gift' };
  expect(await settlePayment(ref, asked, { reconsider: true })).toMatchObject(end);
  const by = { actor: 'cli:root', reason: 'no gift' };
  expect(await reconsiderPayment(ref, deps, by)).toMatchObject({ outcome: 'processed' });
});

test('a payment that is reconsidered and then skipped by the rules is asked about no more, and the reason is that of the rules', async () => {
  const { payment } = await ways.eligibility_unclear();
  const by = { actor: 'cli:root', reason: 'the rules are mended' };
  const eligibility = { rules: [], otherwise: 'skip' as const };
  const mended = { ...deps, policy: { ...deps.policy, eligibility } };
  expect(await reconsiderPayment({ account: '', paymentIntent: payment }, mended, by)).toMatchObject({
    outcome: 'ignored',
  });
  expect(await questionAbout(deps, payment)).toBeUndefined();
  expect(
    await firstRow(db, 'SELECT verdict, reason, parked_for FROM payments WHERE payment_intent = ?', [payment]),
  ).toEqual({
    verdict: 'skip',
    reason: 'no rule applies: the default decides',
    parked_for: null,
  });
});

test('after a good retry the reason of the invoice is that of the rules, not the old question', async () => {
  const { payment } = await ways.invoice_refused();
  const item = await questionAbout(deps, payment);
  await decideReview(item?.id ?? 0, { choice: 'try_again', actor: 'admin:ada', reason: 'mended' }, deps);
  expect(
    await firstRow(db, 'SELECT verdict, reason, parked_for FROM payments WHERE payment_intent = ?', [payment]),
  ).toEqual({
    verdict: 'invoice',
    reason: 'no rule applies: the default decides',
    parked_for: null,
  });
});

test('a void invoice can’t be accepted, and one that is not void begins anew only after it was voided', () => {
  const offered = (status: string) =>
    choicesFor({ id: 1, kind: 'invoice_changed_by_hand', subject: 'pi_1', details: { status } }).map(
      ({ name }) => name,
    );
  expect(offered('void')).toEqual(['begin_anew', 'skip']);
  expect(offered('uncollectible')).toEqual(['accept_as_it_is', 'begin_anew', 'skip']);
});

let events = 0;

/** An event of the payment that waits for a person. */
async function waitingEvent(payment: string): Promise<string> {
  events += 1;
  const id = `evt_${events}`;
  await storedEvent(db, id, { outcome: 'review' });
  await rows(db, 'UPDATE stripe_events SET payment_intent = ? WHERE id = ?', [payment, id]);
  return id;
}

const outcomeOf = async (event: string) =>
  (await firstRow<{ outcome: string }>(db, 'SELECT outcome FROM stripe_events WHERE id = ?', [event]))?.outcome;

const paymentRow = (payment: string) =>
  firstRow(db, 'SELECT verdict, settled_at IS NOT NULL AS settled FROM payments WHERE payment_intent = ?', [payment]);

const receivedOf = async (payment: string, on: Deps) =>
  (await on.stripe.paymentIntents.retrieve(payment)).amount_received;
