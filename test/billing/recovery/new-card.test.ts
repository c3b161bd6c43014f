import { describe, expect, test } from 'vitest';
import { followCard } from '../../../src/billing/recovery/follow-card.ts';
import { tryNow } from '../../../src/billing/recovery/manage-recovery.ts';
import { retryDueCases } from '../../../src/billing/recovery/retry-case.ts';
import { rows } from '../../../src/platform/db.ts';
import { billingUnderTest } from '../../support/billing-deps.ts';
import { unpaidRenewals } from '../../support/unpaid-renewals.ts';

/** A customer brings another card: what is unpaid is tried on it, once. */
const billing = await billingUnderTest();
const { deps, side } = billing;
const { stripe } = deps;
const { unpaid, known, card, look, daysPass, caseOf, retriesOf, paysAsked, statusOf, expectUntouched } =
  unpaidRenewals(billing);
await side.control('POST', '/_sim/settings', { retry_days: [30], after_retries: 'past_due' });
const paid = [{ why: 'new_card', state: 'paid' }];
const declined = [{ why: 'new_card', state: 'declined' }];

test('one that is only saved is set where Stripe looks, pays the open invoice, and recovers the case', async () => {
  const { subscription, invoice, customer } = await unpaid();
  await look();
  expect([await paysAsked(invoice), (await caseOf(invoice))?.state]).toEqual([0, 'open']);
  const better = await card(customer);
  await followCard({ customer }, deps);
  await look();
  expect(await statusOf(invoice)).toBe('paid');
  expect(await retriesOf(invoice)).toEqual(paid);
  expect(await caseOf(invoice)).toMatchObject({ state: 'recovered', how: 'customer' });
  const { default_payment_method: ofSubscription, status } = await stripe.subscriptions.retrieve(subscription);
  expect([ofSubscription, status]).toEqual([better, 'active']);
  const { invoice_settings: settings } = await stripe.customers.retrieve(customer).then((each) => {
    if (each.deleted) throw new Error('The customer is gone');
    return each;
  });
  expect(settings.default_payment_method).toBe(better);
});

test('many events and many workers at once are one try', async () => {
  const { invoice, customer } = await unpaid();
  await card(customer, { decline_code: 'insufficient_funds' });
  for (let round = 0; round < 3; round += 1) {
    await Promise.all(Array.from({ length: 4 }, () => followCard({ customer }, deps).catch(() => undefined)));
    await Promise.all(Array.from({ length: 6 }, () => retryDueCases(deps)));
  }
  await look();
  expect([await paysAsked(invoice), await retriesOf(invoice)]).toEqual([1, declined]);
});

test('one that is declined is not tried again, by whatever event and on whatever day; another one is', async () => {
  const open = await unpaid();
  const { invoice, customer } = open;
  await card(customer, { decline_code: 'insufficient_funds' });
  await followCard({ customer }, deps);
  await look();
  expect(await caseOf(invoice)).toMatchObject({ state: 'open', decline_class: 'money' });
  await daysPass(open, 3);
  await followCard({ customer }, deps);
  await look();
  expect(await retriesOf(invoice)).toEqual(declined);
  await card(customer);
  await followCard({ customer }, deps);
  await look();
  expect(await retriesOf(invoice)).toEqual([...declined, ...paid]);
});

test('what is not owed in a case stays untouched: drafts, other invoices, subscriptions in order', async () => {
  const { invoice, customer } = await unpaid();
  const single = await stripe.invoices.create({
    customer,
    collection_method: 'charge_automatically',
    auto_advance: false,
  });
  await stripe.invoiceItems.create({ customer, invoice: single.id, amount: 500, currency: 'eur' });
  await stripe.invoices.finalizeInvoice(single.id, { auto_advance: false });
  const draft = await stripe.invoices.create({ customer, auto_advance: false });
  const working = await card(customer);
  const other = await stripe.subscriptions.create({
    customer,
    items: [{ price: (await price()).id }],
    default_payment_method: working,
  });
  await card(customer);
  await followCard({ customer }, deps);
  await look();
  expect(await statusOf(invoice)).toBe('paid');
  await expectUntouched(single.id, 'open');
  await expectUntouched(draft.id, 'draft');
  expect((await stripe.subscriptions.retrieve(other.id)).default_payment_method).toBe(working);
});

async function price() {
  const { id: product } = await stripe.products.create({ name: 'Other' });
  return stripe.prices.create({ product, unit_amount: 100, currency: 'eur', recurring: { interval: 'month' } });
}

describe('nothing is tried once it is settled', () => {
  test.each<[string, (unpaid: { invoice: string; subscription: string }) => Promise<unknown>]>([
    ['paid elsewhere', ({ invoice }) => stripe.invoices.pay(invoice, { paid_out_of_band: true })],
    ['voided', ({ invoice }) => stripe.invoices.voidInvoice(invoice)],
    ['given up by the business', ({ invoice }) => stripe.invoices.markUncollectible(invoice)],
    ['cancelled', ({ subscription }) => stripe.subscriptions.cancel(subscription)],
    ['credited in full', ({ invoice }) => stripe.creditNotes.create({ invoice, amount: 3_000 })],
  ])('%s, though nobody here knows of it yet', async (_how, settle) => {
    const open = await unpaid();
    await look();
    await card(open.customer);
    await rows(deps.db, 'UPDATE recovery_cases SET retry_at = now() WHERE invoice = ?', [open.invoice]);
    await settle(open);
    await side.forgetRequests();
    await look();
    expect(await paysAsked(open.invoice)).toBe(0);
    expect(await retriesOf(open.invoice)).toEqual([]);
  });
});

describe('the old card', () => {
  test.each([
    ['stolen_card', 'lost_card'],
    ['stop_payment_order', 'stop'],
    ['transaction_not_allowed', 'not_possible'],
    ['authentication_required', 'authenticate'],
    ['expired_card', 'card_data'],
  ])('declined as %s is never tried again, by nobody', async (decline_code, decline_class) => {
    const open = await unpaid({ decline_code });
    const { invoice } = open;
    await look();
    await daysPass(open, 20);
    await look();
    expect(await caseOf(invoice)).toMatchObject({ state: 'open', decline_class });
    await expect(tryNow(invoice, { actor: 'test', reason: 'I want to' }, deps)).rejects.toThrow(
      `It can't be tried: the card was declined as ${decline_class}.`,
    );
    await expectUntouched(invoice, 'open');
  });

  test('with a new date of expiry is tried, when a day has passed since its last try', async () => {
    const open = await unpaid({ code: 'expired_card' });
    const { invoice, customer, declined: old } = open;
    await look();
    await side.control('POST', '/_sim/cards', { payment_method: old });
    await stripe.paymentMethods.update(old, { card: { exp_year: 2040, exp_month: 2 } });
    await followCard({ customer }, deps);
    await look();
    expect([await paysAsked(invoice), (await caseOf(invoice))?.retry_note]).toEqual([
      0,
      'the new card is tried when its network allows it',
    ]);
    await daysPass(open, 1);
    await look();
    expect([await statusOf(invoice), await retriesOf(invoice)]).toEqual(['paid', paid]);
  });
});

test('a card whose bank wants to see its owner is tried once, and the case says so', async () => {
  const open = await unpaid();
  const { invoice, customer } = open;
  await card(customer, { authenticates: true });
  await followCard({ customer }, deps);
  await look();
  await daysPass(open, 2);
  await look();
  expect(await retriesOf(invoice)).toEqual(declined);
  expect(await caseOf(invoice)).toMatchObject({ state: 'open', decline_class: 'authenticate' });
  await expect(tryNow(invoice, { actor: 'test', reason: 'x' }, deps)).rejects.toThrow('declined as authenticate');
});

test('in unpaid it is the open invoice that is tried, not the draft that is newer; the case stays ended', async () => {
  await side.control('POST', '/_sim/settings', { retry_days: [], after_retries: 'unpaid' });
  const open = await unpaid();
  await known(open);
  expect((await stripe.subscriptions.retrieve(open.subscription)).status).toBe('unpaid');
  expect(await caseOf(open.invoice)).toMatchObject({ state: 'ended', how: 'exhausted' });
  await card(open.customer);
  await followCard({ customer: open.customer }, deps);
  await look();
  expect([await statusOf(open.invoice), await retriesOf(open.invoice)]).toEqual(['paid', paid]);
  expect(await caseOf(open.invoice)).toMatchObject({ state: 'ended', how: 'exhausted' });
  await side.control('POST', '/_sim/settings', { retry_days: [30], after_retries: 'past_due' });
});

describe('a person', () => {
  const by = { actor: 'admin:ada', reason: 'the customer is on the phone' };
  test('may try the card, a day after its last try, and is told from when on before', async () => {
    const open = await unpaid({ decline_code: 'insufficient_funds' });
    const { invoice, declined: old } = open;
    await look();
    await expect(tryNow(invoice, by, deps)).rejects.toThrow(/it may be tried again from \d{4}-/);
    await daysPass(open, 2);
    await side.control('POST', '/_sim/cards', { payment_method: old });
    expect(await tryNow(invoice, by, deps)).toEqual({ state: 'paid', said: 'the invoice is paid' });
    expect(await caseOf(invoice)).toMatchObject({ state: 'recovered', how: 'operator' });
    expect(await rows(deps.db, `SELECT actor, action FROM audit_log WHERE subject = ?`, [invoice])).toEqual([
      { actor: by.actor, action: 'recovery.try_now' },
    ]);
  });

  test('is told of a decline in the words of the bank', async () => {
    const open = await unpaid({ decline_code: 'insufficient_funds' });
    const { invoice } = open;
    await daysPass(open, 2);
    expect(await tryNow(invoice, by, deps)).toEqual({ state: 'declined', said: 'declined: insufficient_funds' });
  });
});
