import { expect, test } from 'vitest';
import { z } from 'zod';
import { apiClient, problemsIn } from '../../support/api-client.ts';
import { billingUnderTest } from '../../support/billing-deps.ts';
import { changesOf, DAY } from '../../support/changes.ts';
import { policyFile } from '../../support/policy-file.ts';
import { startApi } from '../../support/served.ts';
import { plansAccess, plansOf } from '../../support/subscriptions.ts';
import { webhookSecrets } from '../../support/webhooks.ts';

/** Changing a subscription over /v1: a preview first, then what was shown. */
const billing = await billingUnderTest({ POLICY: policyFile({ access: plansAccess }) });
const { deps, side, settings } = billing;
const plans = await plansOf(side);
const { begun, invoices, pass } = changesOf(billing);
const api = await startApi({ ...settings, PORT: '0', STRIPE_WEBHOOK_SECRETS: webhookSecrets.join(',') });
const app = await apiClient(deps.db, api.url, ['subscriptions:write']);

const seen = z.looseObject({ due_now: z.number(), total: z.number(), proration_date: z.string().nullable() });
const ask = (id: string, body: object, headers: Record<string, string> = {}) =>
  app.ask('POST', `/v1/subscriptions/${id}/changes`, body, headers);
async function confirmation(id: string, wanted: object) {
  const { due_now, total, proration_date } = seen.parse((await ask(id, wanted)).body);
  return { ...wanted, preview: false, proration_date, expected: { due_now, total } };
}

test('a preview tells what is due, the lines and what becomes what; nothing is changed', async () => {
  const { id, item } = await begun([{ price: plans.basic.id }]);
  await pass(10 * DAY);
  const { status, body } = await ask(id, { plan: 'pro' });
  expect(status).toBe(200);
  const {
    due_now: due,
    lines,
    proration_date: date,
  } = seen.extend({ lines: z.array(z.looseObject({ amount: z.number() })) }).parse(body);
  expect(body).toMatchObject({
    preview: true,
    currency: 'eur',
    total: due,
    balance_used: 0,
    takes_effect: 'when_paid',
    takes_effect_at: null,
    renewal: null,
    changes: [
      {
        item,
        before: { plan: 'basic', price: plans.basic.id, quantity: 1 },
        after: { plan: 'pro', price: plans.pro.id, quantity: 1 },
      },
    ],
    lines: [{ proration: true }, { proration: true }],
  });
  expect(due).toBe(lines.reduce((sum, { amount }) => sum + amount, 0));
  expect(date).toMatch(/T/);
  expect(await invoices(id)).toHaveLength(1);
});

test('confirmed, what was shown is charged; asked for again, it is made once', async () => {
  const { id } = await begun([{ price: plans.basic.id }]);
  await pass(10 * DAY);
  const body = await confirmation(id, { plan: 'pro' });
  const first = await ask(id, body);
  expect(first).toMatchObject({ status: 200, body: { preview: false, status: 'applied', ...body.expected } });
  expect((await ask(id, body)).body).toEqual(first.body);
  const [, charged] = await invoices(id);
  expect(charged).toMatchObject({ amount_paid: body.expected.due_now, total: body.expected.total, status: 'paid' });
  expect(await invoices(id)).toHaveLength(2);
});

test('a preview that does not hold is answered with a new one, and nothing is changed', async () => {
  const { id, customer } = await begun([{ price: plans.basic.id }]);
  await pass(10 * DAY);
  const body = await confirmation(id, { plan: 'pro' });
  await side.stripe.invoiceItems.create({ customer, amount: 500, currency: 'eur' });
  const stale = await ask(id, body);
  expect(stale).toMatchObject({
    status: 409,
    body: { type: '/v1/problems/preview_stale', preview: { due_now: body.expected.due_now + 500 } },
  });
  expect((await side.stripe.subscriptions.retrieve(id)).items.data[0]?.price.id).toBe(plans.basic.id);
  expect(await ask(id, await confirmation(id, { plan: 'pro' }))).toMatchObject({ status: 200 });
});

test('twenty requests at once change it once', async () => {
  const { id } = await begun([{ price: plans.basic.id }]);
  await pass(DAY);
  const body = await confirmation(id, { plan: 'pro' });
  const all = await Promise.all(Array.from({ length: 20 }, () => ask(id, body)));
  expect(new Set(all.map((each) => JSON.stringify(each.body))).size).toBe(1);
  expect(await invoices(id)).toHaveLength(2);
});

test('with an Idempotency-Key the same request is answered the same, and another one with that key refused', async () => {
  const { id } = await begun([{ price: plans.basic.id }]);
  const body = await confirmation(id, { plan: 'pro' });
  const keyed = (sent: object) => ask(id, sent, { 'idempotency-key': 'change-1' });
  const first = await keyed(body);
  expect(await keyed(body)).toMatchObject({ status: first.status, body: first.body });
  expect((await keyed({ plan: 'basic' })).status).toBe(422);
});

test.each<[object, Record<string, string>]>([
  [{}, { '#/plan': 'is required, or a price, or a quantity' }],
  [{ plan: 'gold' }, { '#/plan': 'must be a plan of the policy: basic, pro, seats' }],
  [{ plan: 'pro', price: 'basic_monthly' }, { '#/price': 'basic_monthly is no price of plan pro' }],
  [{ price: 'nothing' }, { '#/price': 'nothing is no active price at Stripe, by its id or its lookup key' }],
  [{ quantity: 0 }, { '#/quantity': 'must be 1 to 10000' }],
  [{ plan: 'pro', when: 'tomorrow' }, { '#/when': 'must be now or period_end' }],
  [{ plan: 'pro', preview: false }, { '#/expected': 'is required: due_now and total, as the preview said' }],
  [
    { plan: 'pro', expected: { due_now: 1, total: 1 } },
    { '#/expected': 'is of a confirmation: send preview as false, too' },
  ],
  [
    { plan: 'pro', items: [{ plan: 'basic' }] },
    { '#/items': 'can’t be given beside plan, price or quantity: those are of the only item' },
  ],
  [{ items: [{ item: 'cus_1', plan: 'pro' }] }, { '#/items/0/item': 'must be the id of an item: si_…' }],
  [{ items: [{ remove: true }] }, { '#/items/0/item': 'is required: which one is to be removed?' }],
])('%j is refused, and what is wrong is named', async (body, problems) => {
  const { id } = await begun([{ price: plans.basic.id }]);
  const answer = await ask(id, body);
  expect([answer.status, problemsIn(answer)]).toEqual([422, problems]);
});

test('one that is none, or that Stripe does not have, is not found', async () => {
  expect((await ask('cus_1', { plan: 'pro' })).status).toBe(404);
  expect((await ask('sub_none', { plan: 'pro' })).status).toBe(404);
});
