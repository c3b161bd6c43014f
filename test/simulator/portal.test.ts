import type Stripe from 'stripe';
import { beforeAll, describe, expect, test } from 'vitest';
import { refusal, type Simulated, simulated } from './invoicing/simulated.ts';
import { customerWith, HOUR, itemOf, subscribe } from './subscriptions/subscribed.ts';

let sim: Simulated;
let stripe: Stripe;

beforeAll(async () => {
  sim = await simulated();
  stripe = sim.stripe;
});

type Wanted = Partial<Stripe.BillingPortal.SessionCreateParams>;

async function portal(subscription: Stripe.Subscription, wanted: Wanted = {}): Promise<string> {
  const session = await stripe.billingPortal.sessions.create({ customer: `${subscription.customer}`, ...wanted });
  expect(session).toMatchObject({ object: 'billing_portal.session', return_url: wanted.return_url ?? null });
  return session.url;
}

/** What a button of the page sends; the address that it leads to. */
async function press(url: string, form: Record<string, string>): Promise<{ to: string | null; html: string }> {
  const answer = await fetch(url, { method: 'POST', body: new URLSearchParams(form), redirect: 'manual' });
  return { to: answer.headers.get('location'), html: await answer.text() };
}

const read = async (url: string): Promise<string> => (await fetch(url)).text();

const cardOf = async (customer: Stripe.Subscription['customer']): Promise<string | undefined> => {
  const found = await stripe.customers.retrieve(`${customer}`, { expand: ['invoice_settings.default_payment_method'] });
  const method = found.deleted === true ? null : found.invoice_settings.default_payment_method;
  return method !== null && typeof method === 'object' ? method.card?.last4 : undefined;
};

describe('the billing portal', () => {
  test('shows subscriptions, card and invoices, and the way back', async () => {
    const subscription = await subscribe(sim);
    const page = await read(await portal(subscription, { return_url: 'https://example.com/account' }));
    for (const shown of ['Membership × 1 at €10.00 per month', 'visa ending in 4242', 'https://example.com/account']) {
      expect(page).toContain(shown);
    }
    const invoice = await stripe.invoices.retrieve(`${subscription.latest_invoice}`);
    expect(page).toContain(invoice.hosted_invoice_url ?? 'nothing');
  });

  test.each<['flexible' | 'classic', boolean]>([
    ['flexible', false],
    ['classic', true],
  ])('ends a subscription at the end of its period, and keeps it after all (%s)', async (type, word) => {
    const subscription = await subscribe(sim, { billing_mode: { type } });
    const { id } = subscription;
    const url = await portal(subscription);
    expect((await press(url, { deed: 'cancel', subscription: id })).to).toBe(url);
    expect(await stripe.subscriptions.retrieve(id)).toMatchObject({
      status: 'active',
      cancel_at: itemOf(subscription).current_period_end,
      cancel_at_period_end: word,
    });
    expect(await read(url)).toContain('Keep the subscription');
    await press(url, { deed: 'keep', subscription: id });
    expect(await stripe.subscriptions.retrieve(id)).toMatchObject({ cancel_at: null, cancel_at_period_end: false });
  });

  test('replaces the card, that of the subscription too where it has its own', async () => {
    const customer = await customerWith(sim);
    const own = await stripe.paymentMethods.attach('pm_card_visa', { customer });
    const subscription = await subscribe(sim, { customer, default_payment_method: own.id });
    const url = await portal(subscription);
    sim.newEvents();
    await press(url, { deed: 'card', card: 'pm_card_mastercard' });
    expect(await cardOf(customer)).toBe('4444');
    const after = await stripe.subscriptions.retrieve(subscription.id, { expand: ['default_payment_method'] });
    expect(after.default_payment_method).toMatchObject({ card: { last4: '4444' } });
    expect(sim.newEvents()).toEqual([
      'setup_intent.created',
      'payment_method.attached',
      'setup_intent.succeeded',
      'customer.updated',
      'customer.subscription.updated',
    ]);
  });

  test('tells when the bank does not want the card, and asks the bank where it wants to be asked', async () => {
    const subscription = await subscribe(sim);
    const url = await portal(subscription);
    expect((await press(url, { deed: 'card', card: 'pm_card_chargeDeclined' })).html).toContain(
      'Your card was declined.',
    );
    expect(await cardOf(subscription.customer)).toBe('4242');
    const bank = (await press(url, { deed: 'card', card: 'pm_card_authenticationRequired' })).to ?? '';
    expect(await read(bank)).toContain('Your bank asks');
    const refused = (await press(bank, { answer: 'fail' })).to ?? '';
    expect(await read(refused)).toContain('unable to authenticate');
    const again = (await press(url, { deed: 'card', card: 'pm_card_authenticationRequired' })).to ?? '';
    await read((await press(again, { answer: 'approve' })).to ?? '');
    expect(await cardOf(subscription.customer)).toBe('3184');
  });

  test('leads through one thing alone, and then where it was told', async () => {
    const subscription = await subscribe(sim);
    const redirect = { return_url: 'https://example.com/ended' };
    const url = await portal(subscription, {
      flow_data: {
        type: 'subscription_cancel',
        subscription_cancel: { subscription: subscription.id },
        after_completion: { type: 'redirect', redirect },
      },
    });
    const page = await read(url);
    expect(page).toContain('Cancel at the end of the period');
    expect(page).not.toContain('Your card');
    expect((await press(url, { deed: 'cancel', subscription: subscription.id })).to).toBe(redirect.return_url);
  });

  test('is of no use to others: neither for their subscriptions, nor after an hour', async () => {
    const mine = await portal(await subscribe(sim));
    const other = await subscribe(sim);
    expect((await press(mine, { deed: 'cancel', subscription: other.id })).html).toContain('No such subscription');
    expect((await stripe.subscriptions.retrieve(other.id)).cancel_at).toBeNull();
    sim.advance(HOUR + 60);
    expect((await fetch(mine)).status).toBe(410);
    expect((await press(mine, { deed: 'card', card: 'pm_card_visa' })).html).toContain('expired');
  });

  test('refuses what it does not have', async () => {
    const { customer } = await subscribe(sim);
    const flow = stripe.billingPortal.sessions.create({
      customer: `${customer}`,
      flow_data: { type: 'customer_update' },
    });
    expect((await refusal(flow)).message).toMatch(/not simulated/);
    expect((await refusal(stripe.billingPortal.sessions.create({}))).param).toBe('customer');
    expect((await refusal(stripe.billingPortal.configurations.list())).message).toMatch(/not simulated/);
  });
});

describe('a setup intent', () => {
  test('saves a card that can be saved, even if it is declined later', async () => {
    const customer = await customerWith(sim, null);
    const intent = await stripe.setupIntents.create({
      customer,
      payment_method: 'pm_card_chargeCustomerFail',
      confirm: true,
      automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    });
    expect(intent.status).toBe('succeeded');
    expect((await stripe.paymentMethods.list({ customer })).data).toMatchObject([{ id: intent.payment_method }]);
    expect((await stripe.setupIntents.list({ customer })).data).toMatchObject([{ id: intent.id }]);
    const again = stripe.setupIntents.confirm(intent.id, { payment_method: 'pm_card_visa' });
    expect(await refusal(again)).toMatchObject({ code: 'setup_intent_unexpected_state' });
  });

  test('tells what the bank has said', async () => {
    const customer = await customerWith(sim, null);
    const { id } = await stripe.setupIntents.create({ customer });
    const failed = await refusal(stripe.setupIntents.confirm(id, { payment_method: 'pm_card_chargeDeclined' }));
    expect(failed).toMatchObject({ statusCode: 402, code: 'card_declined' });
    expect(await stripe.setupIntents.retrieve(id)).toMatchObject({
      status: 'requires_payment_method',
      last_setup_error: { code: 'card_declined' },
    });
  });
});
