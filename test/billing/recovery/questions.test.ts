import { beforeEach, describe, expect, test } from 'vitest';
import { choices, decideReview } from '../../../src/billing/questions.ts';
import { endDueSubscriptions } from '../../../src/billing/recovery/end-at-stripe.ts';
import { followCard } from '../../../src/billing/recovery/follow-card.ts';
import { unsubscribeCustomer } from '../../../src/billing/recovery/manage-recovery.ts';
import { writeDueLetters } from '../../../src/billing/recovery/write-letters.ts';
import { refreshInvoice, syncSubscription } from '../../../src/billing/subscriptions/sync-subscription.ts';
import { firstRow, rows } from '../../../src/platform/db.ts';
import { billingUnderTest } from '../../support/billing-deps.ts';
import { until } from '../../support/eventually.ts';
import { policyFile } from '../../support/policy-file.ts';
import { customerWithCard, plansOf } from '../../support/subscriptions.ts';
import { type Unpaid, unpaidRenewals } from '../../support/unpaid-renewals.ts';

/** What is asked about failed payments, and what comes of each answer. */
const billing = await billingUnderTest({
  POLICY: policyFile({ recovery: { quiet_hours: null, letters: { patience_hours: 0 } } }),
});
const { deps, side } = billing;
const { db, stripe, policy } = deps;
const { unpaid, known, card, look, daysPass } = unpaidRenewals(billing);
const retries = { retry_days: [30], after_retries: 'past_due' };
await side.control('POST', '/_sim/settings', retries);
const plans = await plansOf(side);
const by = { actor: 'admin:ada', reason: 'asked him' };
const decided = new Set<string>();
/** The open question of this kind. */
async function decide(kind: keyof typeof choices, choice: string, given?: string): Promise<void> {
  const { id = 0 } = (await open(kind)) ?? {};
  await decideReview(id, { ...by, choice, given }, deps);
  decided.add(`${kind} ${choice}`);
}
const write = () => writeDueLetters(db, { policy: policy.recovery, timeZone: 'UTC' });
const open = async (kind: string) =>
  firstRow<{ id: number; subject: string }>(
    db,
    `SELECT id, subject FROM review_items WHERE kind = ? AND state = 'open'`,
    [kind],
  );
const recipients = async () =>
  (await rows<{ recipient: string | null }>(db, `SELECT recipient FROM messages WHERE kind LIKE 'recovery%'`)).map(
    ({ recipient }) => recipient,
  );
const due = ({ invoice }: Unpaid) =>
  rows(db, 'UPDATE recovery_cases SET look_at = now() WHERE invoice = ? AND look_at IS NOT NULL', [invoice]);
beforeEach(() => rows(db, 'TRUNCATE subscriptions, messages, review_items, recovery_unsubscribed CASCADE'));

describe('a customer without an address', () => {
  async function nobody(): Promise<Unpaid> {
    const { id } = await stripe.customers.create({});
    const made = await unpaid({ decline_code: 'stolen_card' }, id);
    await write();
    return made;
  }

  test('is asked about once, however often it is looked at and whatever is open of him', async () => {
    const first = await nobody();
    await unpaid({ decline_code: 'stolen_card' }, first.customer);
    await due(first);
    await write();
    expect(await rows(db, 'SELECT kind, subject, state FROM review_items')).toEqual([
      { kind: 'recovery_without_address', subject: first.customer, state: 'open' },
    ]);
    expect(await recipients()).toEqual([]);
  });

  test('is written to at the address that is typed, which stands at Stripe from then on', async () => {
    const made = await nobody();
    await expect(decide('recovery_without_address', 'write_to', 'ada')).rejects.toThrow('no e-mail address');
    await decide('recovery_without_address', 'write_to', ' ada@example.com ');
    expect(await stripe.customers.retrieve(made.customer)).toMatchObject({ email: 'ada@example.com' });
    await due(made);
    await write();
    expect(await recipients()).toEqual(['ada@example.com']);
    expect(await open('recovery_without_address')).toBeUndefined();
  });

  test('is left alone where that is decided', async () => {
    const made = await nobody();
    await decide('recovery_without_address', 'write_to_nobody');
    await due(made);
    await write();
    expect([await open('recovery_without_address'), await recipients()]).toEqual([undefined, []]);
    expect(await rows(db, 'SELECT customer FROM recovery_unsubscribed')).toEqual([{ customer: made.customer }]);
  });

  test('is asked about no more once he has paid', async () => {
    const made = await nobody();
    await stripe.invoices.pay(made.invoice, { paid_out_of_band: true });
    await known(made);
    expect(await open('recovery_without_address')).toBeUndefined();
  });
});

describe('letters', () => {
  test('are not written to who is unsubscribed, and one that waits is left out', async () => {
    const made = await unpaid({ decline_code: 'stolen_card' });
    await unsubscribeCustomer(made.customer, by, deps);
    await write();
    expect(await recipients()).toEqual([]);
  });

  test('are not written about what is stopped', async () => {
    const made = await unpaid({ decline_code: 'stolen_card' });
    await rows(db, 'UPDATE recovery_cases SET stopped_at = now(), look_at = NULL WHERE invoice = ?', [made.invoice]);
    await write();
    expect(await recipients()).toEqual([]);
  });
});

describe('drafts of a time in unpaid', () => {
  async function draftsLeft(): Promise<Unpaid & { draft: string }> {
    await side.control('POST', '/_sim/settings', { retry_days: [], after_retries: 'unpaid' });
    const start = Math.floor(Date.now() / 1000) - 75 * 86_400;
    const clock = await stripe.testHelpers.testClocks.create({ frozen_time: start });
    const { id: customer } = await customerWithCard(side, { test_clock: clock.id });
    const items = [{ price: plans.basic.id }];
    const { id: subscription } = await stripe.subscriptions.create({ customer, items });
    const { id: declined } = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer });
    await stripe.customers.update(customer, { invoice_settings: { default_payment_method: declined } });
    let invoice = '';
    for (const days of [32, 64]) {
      await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: start + days * 86_400 });
      await until(async () => (await stripe.testHelpers.testClocks.retrieve(clock.id)).status === 'ready');
      await syncSubscription({ subscription }, deps);
      invoice ||= String((await stripe.subscriptions.retrieve(subscription)).latest_invoice);
    }
    const draft = String((await stripe.subscriptions.retrieve(subscription)).latest_invoice);
    await side.control('POST', '/_sim/settings', retries);
    const made = { subscription, invoice, customer, declined, draft };
    await daysPass(made, 1);
    expect(await open('unpaid_drafts_left')).toBeUndefined();
    await card(customer);
    await followCard({ customer }, deps);
    await look();
    await known(made);
    return made;
  }

  test.each([
    ['charge_drafts', 'open'],
    ['void_drafts', 'void'],
  ])('are asked about once it goes on, and %s leaves them %s', async (choice, status) => {
    const { subscription, draft, invoice } = await draftsLeft();
    expect((await stripe.invoices.retrieve(invoice)).status).toBe('paid');
    expect((await stripe.invoices.retrieve(draft)).status).toBe('draft');
    const asked = await open('unpaid_drafts_left');
    expect(asked?.subject).toBe(subscription);
    await decide('unpaid_drafts_left', choice);
    expect((await stripe.invoices.retrieve(draft)).status).toBe(status);
    expect(await open('unpaid_drafts_left')).toBeUndefined();
  });

  test('are asked about no more once somebody has settled them at Stripe', async () => {
    const { draft } = await draftsLeft();
    await stripe.invoices.finalizeInvoice(draft, { auto_advance: false });
    await refreshInvoice({ invoice: draft }, deps);
    expect(await open('unpaid_drafts_left')).toBeUndefined();
  });
});

describe('an end that Stripe refuses', () => {
  async function refused(): Promise<Unpaid> {
    const made = await unpaid();
    await rows(
      db,
      `UPDATE recovery_cases SET state = 'ended', how = 'exhausted', ended_at = now(), at_end = 'cancel', at_end_state = 'due',
              at_end_look_at = now() WHERE invoice = ?`,
      [made.invoice],
    );
    await side.fault({ kind: 'refuse', path: `/v1/subscriptions/${made.subscription}`, method: 'DELETE' });
    await endDueSubscriptions(deps);
    return made;
  }
  const statusOf = async ({ subscription }: Unpaid) => (await stripe.subscriptions.retrieve(subscription)).status;

  test('is tried again by who answers, and stays asked while Stripe refuses', async () => {
    const made = await refused();
    await expect(decide('recovery_end_refused', 'try_again')).rejects.toThrow('Stripe refuses it again');
    await side.endFaults();
    await decide('recovery_end_refused', 'try_again');
    expect(await statusOf(made)).toBe('canceled');
  });

  test('is left as it is where that is decided', async () => {
    const made = await refused();
    await side.endFaults();
    await decide('recovery_end_refused', 'leave_as_it_is');
    await endDueSubscriptions(deps);
    expect([await statusOf(made), await open('recovery_end_refused')]).toEqual(['past_due', undefined]);
  });
});

test('every choice about failed payments was made', () => {
  const kinds = ['recovery_without_address', 'unpaid_drafts_left', 'recovery_end_refused'] as const;
  const all = kinds.flatMap((kind) => choices[kind].map(({ name }) => `${kind} ${name}`));
  expect([...decided].sort()).toEqual(all.sort());
});
