import { describe, expect, it } from 'vitest';
import { useSimulator } from './harness.ts';

const harness = useSimulator();

async function open(more: object = {}): Promise<{ id: string; url: string }> {
  const { id, url } = await harness.stripe.checkout.sessions.create({
    mode: 'payment',
    line_items: [
      { quantity: 2, price_data: { currency: 'eur', unit_amount: 2500, product_data: { name: 'Course <b>bold</b>' } } },
    ],
    success_url: 'https://shop.example/thanks?session={CHECKOUT_SESSION_ID}',
    cancel_url: 'https://shop.example/cart',
    ...more,
  });
  if (url === null) throw new Error('An open session has a page.');
  return { id, url };
}

const buyer = { email: 'ann@example.com', name: 'Ann' };

function submit(url: string, form: Record<string, string>): Promise<Response> {
  return fetch(url, { method: 'POST', body: new URLSearchParams(form), redirect: 'manual' });
}

describe('the Checkout page of the simulated Stripe', () => {
  it('shows the order, escaped, and the ways to pay', async () => {
    const { url } = await open();
    const html = await (await fetch(url)).text();
    expect(html).toContain('Course &lt;b&gt;bold&lt;/b&gt; × 2');
    expect(html).toContain('€50.00');
    expect(html).toContain('<label for="email">');
    expect(html).toContain('value="debit_fails"');
    expect(html).toContain('href="https://shop.example/cart"');
    expect(html).toContain('<html lang="en">');
  });

  it('takes the payment and sends the buyer back to the shop', async () => {
    const { id, url } = await open({ tax_id_collection: { enabled: true } });
    const answer = await submit(url, { ...buyer, choice: 'card', country: 'de', eu_vat: 'DE123456789' });
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toBe(`https://shop.example/thanks?session=${id}`);
    const session = await harness.stripe.checkout.sessions.retrieve(id);
    expect(session).toMatchObject({
      payment_status: 'paid',
      customer_details: { ...buyer, address: { country: 'DE' }, tax_ids: [{ type: 'eu_vat', value: 'DE123456789' }] },
    });
    expect(await (await fetch(url)).text()).toContain('This payment is complete');
  });

  it('says in place why a card was declined, and keeps what was typed', async () => {
    const { url } = await open();
    const html = await (await submit(url, { ...buyer, choice: 'declined' })).text();
    expect(html).toContain('role="alert">Your card was declined.');
    expect(html).toContain('value="ann@example.com"');
  });

  it('asks a guest for an email address', async () => {
    const { url } = await open();
    expect(await (await submit(url, { choice: 'card' })).text()).toContain('Enter your email address.');
  });

  it('does not ask a known buyer, and offers no bank debit where there is none', async () => {
    const { url } = await open({
      customer_email: 'known@example.com',
      line_items: [{ quantity: 1, price_data: { currency: 'gbp', unit_amount: 2500, product_data: { name: 'Book' } } }],
    });
    const html = await (await fetch(url)).text();
    expect(html).toContain('Paying as <strong>known@example.com</strong>');
    expect(html).not.toContain('value="debit"');
  });

  it('sends the buyer to the bank for 3-D Secure, and back', async () => {
    const { id, url } = await open();
    const bank = (await submit(url, { ...buyer, choice: 'authenticate' })).headers.get('location') ?? '';
    expect(await (await fetch(bank)).text()).toContain('is this you?');
    const failed = (await submit(bank, { answer: 'fail' })).headers.get('location') ?? '';
    expect(await (await fetch(failed)).text()).toContain('We are unable to authenticate your payment method');
    const again = (await submit(url, { ...buyer, choice: 'authenticate' })).headers.get('location') ?? '';
    const done = await submit(again, { answer: 'approve' });
    expect(done.headers.get('location')).toBe(`https://shop.example/thanks?session=${id}`);
    expect((await harness.stripe.checkout.sessions.retrieve(id)).payment_status).toBe('paid');
  });

  it('closes with the session', async () => {
    const { id, url } = await open();
    await harness.stripe.checkout.sessions.expire(id);
    expect(await (await fetch(url)).text()).toContain('This page has expired');
    expect(await (await submit(url, { ...buyer, choice: 'card' })).text()).toContain('This page has expired');
  });

  it('is not there for sessions that are not', async () => {
    const answer = await fetch(`${harness.simulator.url}/c/pay/cs_test_nobody`);
    expect(answer.status).toBe(404);
    expect(await answer.text()).toContain('No such checkout.session');
  });

  it('is reached from a small shop at the front door', async () => {
    const { url } = harness.simulator;
    expect(await (await fetch(`${url}/`)).text()).toContain('None yet.');
    const opened = await submit(`${url}/c/shop`, { name: 'Course', amount: '4900', currency: 'eur' });
    const page = opened.headers.get('location') ?? '';
    expect(await (await fetch(page)).text()).toContain('€49.00');
    const paid = await submit(page, { ...buyer, choice: 'card' });
    expect(await (await fetch(paid.headers.get('location') ?? '')).text()).toContain('Thank you');
    expect(await (await fetch(`${url}/`)).text()).toContain('complete, paid');
    const monthly = { name: 'Membership', amount: '900', currency: 'eur', rhythm: 'month' };
    const subscribing = await submit(`${url}/c/shop`, monthly);
    expect(await (await fetch(subscribing.headers.get('location') ?? '')).text()).toContain('per month');
    expect((await submit(`${url}/c/shop`, { name: 'Course', amount: '1', currency: 'eur' })).status).toBe(400);
  });

  it('follows no links that are no web addresses', async () => {
    const { url } = await open();
    expect(await (await fetch(url)).text()).not.toMatch(/href="(?!https?:|#|data:,")/);
  });
});
