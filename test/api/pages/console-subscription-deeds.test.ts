import type Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { syncSubscription } from '../../../src/billing/subscriptions/sync-subscription.ts';
import { rows } from '../../../src/platform/db.ts';
import { featuresOf } from '../../support/access.ts';
import { policyFile } from '../../support/policy-file.ts';
import { customerWithCard, plansAccess, plansOf } from '../../support/subscriptions.ts';
import { textOf } from '../../views/example-invoice.ts';
import { siteUnderTest } from './site.ts';

/** What an operator does about a subscription in its room. */
const site = await siteUnderTest({ POLICY: policyFile({ access: plansAccess }), BUSINESS_TIME_ZONE: 'Europe/Berlin' });
const { deps, side } = site;
const { db, stripe } = deps;
const plans = await plansOf(side);
const operator = await site.as('operator');
const viewer = await site.as('viewer');
const reason = 'he asked for it';

let people = 0;
async function subscribed(params: Partial<Stripe.SubscriptionCreateParams> = {}) {
  const who = `user-${++people}`;
  const customer = await customerWithCard(side);
  const { id } = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: plans.pro.id }],
    metadata: { user_id: who },
    ...params,
  });
  await syncSubscription({ subscription: id }, deps);
  return { id, who, customer: customer.id };
}
const room = async (id: string, by = operator) => (await by(`/console/subscriptions/${id}`)).html;
/** What is offered, by the addresses of its forms. */
const offered = async (id: string, by = operator) =>
  [...(await room(id, by)).matchAll(/action="\/console\/subscriptions\/\w+\/([\w-]+)"/g)].map(([, path]) => path);
/** Sends a form. @returns what the room says then */
async function send(id: string, path: string, fields: Record<string, string> = {}) {
  const sent = await operator(`/console/subscriptions/${id}/${path}`, { form: { reason, ...fields } });
  const page = sent.location ? await operator(sent.location) : sent;
  return { status: sent.status, text: textOf(page.html), html: page.html };
}
const ALWAYS = ['portal', 'look'];

test('an active one can be canceled and paused, and no more than that', async () => {
  const { id } = await subscribed();
  expect(await offered(id)).toEqual(['cancel-at-period-end', 'pause-collection', 'pause', 'cancel-now', ...ALWAYS]);
});

test('its end is planned, and taken back; sent twice, nothing is done twice', async () => {
  const { id } = await subscribed();
  const planned = await send(id, 'cancel-at-period-end');
  expect([planned.status, planned.text]).toEqual([
    303,
    expect.stringMatching(/Its end is planned\..*Planned end \d{4}-/),
  ]);
  expect((await send(id, 'cancel-at-period-end')).text).toMatch(/It stood so already: nothing was to be done\./);
  expect(await offered(id)).toEqual(['resume', 'pause-collection', 'pause', 'cancel-now', ...ALWAYS]);
  const { text } = await send(id, 'resume');
  expect(text).toMatch(/The subscription goes on\./);
  expect(text).toMatch(/admin:operator subscription\.resume he asked for it/);
  expect(text).not.toMatch(/Planned end/);
});

test('it is canceled now, with what is left to bill if that is ticked; then nothing is left to do but to look', async () => {
  const { id, who } = await subscribed();
  const [item] = (await stripe.subscriptions.retrieve(id)).items.data;
  await stripe.subscriptions.update(id, { items: [{ id: item?.id ?? '', quantity: 2 }] });
  expect((await send(id, 'cancel-now', { invoice_now: 'yes' })).text).toMatch(/The subscription has ended\./);
  expect((await stripe.invoices.list({ subscription: id })).data).toHaveLength(2);
  expect([await offered(id), await featuresOf(deps, who)]).toEqual([['look'], {}]);
  expect((await send(id, 'resume')).text).toMatch(/This did not work: Subscription \S+ is canceled, for good/);
});

test('its collection is paused through a day of the business, and collected again', async () => {
  const { id } = await subscribed();
  const { text } = await send(id, 'pause-collection', { invoices: 'keep_as_draft', until: '2099-01-31' });
  expect(text).toMatch(/Its invoices are not collected for now\./);
  expect(text).toMatch(/Collection paused its invoices stay drafts; it goes on 2099-02-01 00:00 CET/);
  expect(await offered(id)).toEqual(['unpause', 'cancel-at-period-end', 'cancel-now', ...ALWAYS]);
  expect((await send(id, 'unpause')).text).toMatch(/The subscription goes on\./);
});

test('what is wrong with a pause is said, and what was typed stays', async () => {
  const { id } = await subscribed();
  const none = await send(id, 'pause-collection', { invoices: '' });
  expect([none.status, none.text]).toEqual([422, expect.stringMatching(/Choose what becomes of its invoices/)]);
  const past = await send(id, 'pause-collection', { invoices: 'mark_uncollectible', until: '2020-01-31' });
  expect([past.status, past.text]).toEqual([409, expect.stringMatching(/would end in the past/)]);
  expect(past.html).toMatch(/<option value="mark_uncollectible" selected>/);
  expect(past.html).toMatch(/name="until" value="2020-01-31"/);
  const noDay = await send(id, 'pause-collection', { invoices: 'void', until: '31.1.' });
  expect(noDay.text).toMatch(/31\.1\. is no day like 2027-01-31/);
});

test('it is paused as a whole, and resumed by one form; what is to be paid first is told', async () => {
  const { id, customer } = await subscribed({ trial_period_days: 7 });
  expect((await send(id, 'pause')).text).toMatch(/The subscription is paused\. It gives nothing/);
  expect(await offered(id)).toEqual(['resume', 'cancel-now', ...ALWAYS]);
  const bad = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer });
  await stripe.customers.update(customer, { invoice_settings: { default_payment_method: bad.id } });
  for (let twice = 0; twice < 2; twice += 1) {
    expect((await send(id, 'resume')).text).toMatch(/Stripe has made an invoice for it\. It goes on when that is paid/);
  }
  expect(await offered(id)).toEqual(['cancel-now', ...ALWAYS]);
});

test('classic ones, and those with a schedule, are offered what Stripe does with them', async () => {
  const { id } = await subscribed({ billing_mode: { type: 'classic' } });
  expect(await offered(id)).toEqual(['cancel-at-period-end', 'pause-collection', 'cancel-now', ...ALWAYS]);
  const { id: scheduled } = await subscribed();
  await stripe.subscriptionSchedules.create({ from_subscription: scheduled });
  await send(scheduled, 'look');
  expect(await offered(scheduled)).toEqual(['pause-collection', 'cancel-now', ...ALWAYS]);
});

describe('the page for the customer', () => {
  test('is shown once, and its address is in none of ours; the audit log says who asked', async () => {
    const { id } = await subscribed();
    const { status, html } = await send(id, 'portal');
    expect([status, html]).toEqual([200, expect.stringMatching(/readonly[^>]* value="http[^"]*"/)]);
    expect(await room(id)).not.toMatch(/readonly/);
    expect(await rows(db, 'SELECT actor, action FROM audit_log WHERE subject = ?', [id])).toEqual([
      { actor: 'admin:operator', action: 'subscription.portal' },
    ]);
  });
});

test('viewers see none of it, and can send none of it', async () => {
  const { id } = await subscribed();
  expect(await offered(id, viewer)).toEqual([]);
  for (const path of [
    'cancel-now',
    'cancel-at-period-end',
    'resume',
    'pause',
    'pause-collection',
    'unpause',
    'portal',
  ]) {
    const sent = await viewer(`/console/subscriptions/${id}/${path}`, { form: { reason, invoices: 'void' } });
    expect(sent.status, path).toBe(403);
  }
  expect(await rows(db, 'SELECT FROM audit_log WHERE subject = ?', [id])).toEqual([]);
});

test.each(['cancel-now', 'cancel-at-period-end', 'resume', 'pause', 'pause-collection', 'unpause', 'portal'])(
  '%s needs a reason',
  async (path) => {
    const { id } = await subscribed();
    const sent = await send(id, path, { reason: ' ', invoices: 'void' });
    expect([sent.status, sent.text]).toEqual([422, expect.stringMatching(/A reason is needed/)]);
  },
);
