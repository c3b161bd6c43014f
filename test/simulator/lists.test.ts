import { describe, expect, it } from 'vitest';
import { failureOf, raw, useSimulator } from './harness.ts';

const harness = useSimulator();

async function customers(count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 0; i < count; i++) ids.push((await harness.stripe.customers.create({ name: `Customer ${i}` })).id);
  return ids;
}

const ids = (list: { data: { id: string }[] }): string[] => list.data.map(({ id }) => id);

describe('lists of the simulated Stripe', () => {
  it('come newest first, ten at a time', async () => {
    const made = await customers(12);
    const page = await harness.stripe.customers.list();
    expect(ids(page)).toEqual(made.slice(2).reverse());
    expect(page).toMatchObject({ object: 'list', has_more: true, url: '/v1/customers' });
  });

  it('go on after a cursor and end', async () => {
    const [first, second, third] = await customers(3);
    const page = await harness.stripe.customers.list({ limit: 2, starting_after: third ?? '' });
    expect(ids(page)).toEqual([second, first]);
    expect(page.has_more).toBe(false);
  });

  it('give the page just before a cursor, still newest first', async () => {
    const made = await customers(5);
    const page = await harness.stripe.customers.list({ limit: 2, ending_before: made[0] ?? '' });
    expect(ids(page)).toEqual([made[2], made[1]]);
    expect(page.has_more).toBe(true);
  });

  it('can be walked to the end by the client', async () => {
    const made = await customers(7);
    const walked: string[] = [];
    for await (const { id } of harness.stripe.customers.list({ limit: 3 })) walked.push(id);
    expect(walked).toEqual([...made].reverse());
  });

  it('refuse more than 100, fewer than 1, and two cursors', async () => {
    const over = await raw(harness, 'GET', '/v1/customers?limit=101');
    expect(over.json.error).toMatchObject({
      param: 'limit',
      message: "This value must be less than or equal to 100 (it currently is '101').",
    });
    expect((await raw(harness, 'GET', '/v1/customers?limit=0')).status).toBe(400);
    const both = await raw(harness, 'GET', '/v1/customers?starting_after=a&ending_before=b');
    expect(both.json.error).toMatchObject({ code: 'parameters_exclusive' });
  });

  it('filter by creation time and by fields', async () => {
    await harness.stripe.customers.create({ email: 'old@example.com' });
    const { now } = await harness.control('POST', '/clock/advance', { seconds: 3600 });
    const { id } = await harness.stripe.customers.create({ email: 'new@example.com' });
    expect(ids(await harness.stripe.customers.list({ created: { gte: Number(now) } }))).toEqual([id]);
    expect(ids(await harness.stripe.customers.list({ email: 'new@example.com' }))).toEqual([id]);
  });
});

describe('expansion in the simulated Stripe', () => {
  it('replaces ids by objects, through several levels', async () => {
    const customer = await harness.stripe.customers.create({ name: 'Ann' });
    const { id } = await harness.stripe.paymentIntents.create({
      amount: 2000,
      currency: 'usd',
      customer: customer.id,
      payment_method: 'pm_card_visa',
      confirm: true,
      off_session: true,
    });
    await harness.control('POST', '/clock/advance', { seconds: 1 });
    const expanded = await harness.stripe.paymentIntents.retrieve(id, {
      expand: ['customer', 'latest_charge.balance_transaction'],
    });
    expect(expanded).toMatchObject({
      customer: { name: 'Ann' },
      latest_charge: { balance_transaction: { amount: 2000, fee: 88, net: 1912 } },
    });
    const listed = await harness.stripe.paymentIntents.list({ expand: ['data.customer'] });
    expect(listed.data[0]).toMatchObject({ customer: { name: 'Ann' } });
    expect((await harness.stripe.paymentIntents.retrieve(id)).customer).toBe(customer.id);
  });

  it('shows a deleted customer as deleted', async () => {
    const customer = await harness.stripe.customers.create({});
    const { id } = await harness.stripe.paymentIntents.create({ amount: 2000, currency: 'usd', customer: customer.id });
    await harness.stripe.customers.del(customer.id);
    const intent = await harness.stripe.paymentIntents.retrieve(id, { expand: ['customer'] });
    expect(intent.customer).toEqual({ id: customer.id, object: 'customer', deleted: true });
  });

  it('refuses what cannot be expanded, and more than four levels', async () => {
    const { id } = await harness.stripe.customers.create({});
    const wrong = await failureOf(harness.stripe.customers.retrieve(id, { expand: ['name'] }));
    expect(wrong.message).toBe('This property cannot be expanded (name).');
    const deep = await failureOf(harness.stripe.customers.retrieve(id, { expand: ['a.b.c.d.e'] }));
    expect(deep.message).toMatch(/^You cannot expand more than 4 levels/);
  });
});
