import { randomUUID } from 'node:crypto';
import type Stripe from 'stripe';
import { expect, test } from 'vitest';
import { useSimulator } from './harness.ts';

/** Accounts of one process have nothing to do with each other. */
const harness = useSimulator({ settleDelayMs: 86_400_000 });

interface Account {
  id: string;
  stripe: Stripe;
  control(method: string, path: string, body?: object): Promise<{ status: number; json: Record<string, unknown> }>;
}

async function call(key: string | undefined, method: string, path: string, body?: object) {
  const response = await fetch(`${harness.simulator.url}/_sim${path}`, {
    method,
    headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const json: Record<string, unknown> = JSON.parse(await response.text());
  return { status: response.status, json };
}

async function open(): Promise<Account> {
  const key = `sk_test_${randomUUID().slice(0, 8)}`;
  const { json } = await call(undefined, 'POST', '/accounts', { key });
  return {
    id: String(json.id),
    stripe: harness.client({ key }),
    control: (method, path, body) => call(key, method, path, body),
  };
}

const debit = (stripe: Stripe) =>
  stripe.paymentIntents.create({
    amount: 700,
    currency: 'eur',
    confirm: true,
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    payment_method_data: {
      type: 'sepa_debit',
      sepa_debit: { iban: 'DE89370400440532013000' },
      billing_details: { name: 'Test Buyer', email: 'buyer@example.com' },
    },
    mandate_data: { customer_acceptance: { type: 'offline' } },
  });

test('time that is moved for one account stands still for the other', async () => {
  const [moved, still] = [await open(), await open()];
  const [early, late] = [await debit(moved.stripe), await debit(still.stripe)];
  await moved.control('POST', '/clock/advance', { seconds: 2 * 86_400 });
  expect((await moved.stripe.paymentIntents.retrieve(early.id)).status).toBe('succeeded');
  expect((await still.stripe.paymentIntents.retrieve(late.id)).status).toBe('processing');
  const days = (await moved.stripe.customers.create()).created - (await still.stripe.customers.create()).created;
  expect(Math.round(days / 86_400)).toBe(2);
});

test('faults, the log and a reset are of the account whose key the call carries', async () => {
  const [one, other] = [await open(), await open()];
  await one.control('POST', '/faults', { kind: 'error_before', path: '/v1/customers' });
  await expect(one.stripe.customers.create()).rejects.toMatchObject({ statusCode: 500 });
  const { id } = await other.stripe.customers.create();
  expect((await one.control('GET', '/requests')).json.requests).toHaveLength(1);
  expect((await other.control('GET', '/requests')).json.requests).toHaveLength(1);
  await one.control('POST', '/reset');
  expect((await one.control('GET', '/faults')).json.faults).toEqual([]);
  expect((await other.stripe.customers.retrieve(id)).id).toBe(id);
});

test('what waits in an account ends with it, and its key opens nothing any more', async () => {
  const { id, stripe, control } = await open();
  const { id: intent } = await debit(stripe);
  expect((await control('DELETE', `/accounts/${id}`)).json).toEqual({ id, closed: true });
  await expect(stripe.paymentIntents.retrieve(intent)).rejects.toMatchObject({ statusCode: 401 });
  expect((await control('GET', '/clock')).status).toBe(401);
});

test.each([
  ['a key that opens an account already', 'POST', '/accounts', { key: 'sk_test_harness' }, 400],
  ['no key', 'POST', '/accounts', {}, 400],
  ['an account that is not there', 'DELETE', '/accounts/acct_nobody', undefined, 404],
])('%s is refused', async (_what, method, path, body, status) => {
  expect((await call(undefined, method, path, body)).status).toBe(status);
});

test('the first account stays', async () => {
  const { id } = harness.simulator.world.firstAccount();
  expect((await call(undefined, 'DELETE', `/accounts/${id}`)).status).toBe(400);
});
