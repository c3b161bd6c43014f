import Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { failureOf, raw, testKey, useSimulator } from './harness.ts';

const harness = useSimulator();

describe('the transport of the simulated Stripe', () => {
  it('answers 401 with a masked key when the key is wrong', async () => {
    const error = await failureOf(harness.client({ key: 'sk_test_0123456789wrong' }).customers.list());
    expect(error).toBeInstanceOf(Stripe.errors.StripeAuthenticationError);
    expect(error.message).toBe('Invalid API Key provided: sk_test_***********rong');
  });

  it('answers 401 when there is no key, and takes it by Basic authentication too', async () => {
    const nobody = await raw(harness, 'GET', '/v1/customers', '', { Authorization: '' });
    expect(nobody.status).toBe(401);
    expect(nobody.json.error?.message).toMatch(/^You did not provide an API key/);
    const basic = `Basic ${Buffer.from(`${testKey}:`).toString('base64')}`;
    expect((await raw(harness, 'GET', '/v1/customers', '', { Authorization: basic })).status).toBe(200);
  });

  it('names every request and echoes the version and the connected account', async () => {
    const { headers } = await raw(harness, 'GET', '/v1/customers', '', { 'Stripe-Account': 'acct_1' });
    expect(headers.get('request-id')).toMatch(/^req_/);
    expect(headers.get('stripe-version')).toBe('2026-10-28.endive');
    expect(headers.get('stripe-account')).toBe('acct_1');
  });

  it('does not know other URLs', async () => {
    const { status, json } = await raw(harness, 'POST', '/v1/nonsense');
    expect(status).toBe(404);
    expect(json.error?.message).toMatch(/^Unrecognized request URL \(POST: \/v1\/nonsense\)/);
  });

  it.each([
    ['foo=1', 'parameter_unknown', 'foo', 'Received unknown parameter: foo'],
    ['foo=1&bar[x]=2', 'parameter_unknown', 'foo', 'Received unknown parameters: foo, bar'],
    ['address[planet]=mars', 'parameter_unknown', 'address[planet]', 'Received unknown parameter: address[planet]'],
    ['balance=abc', 'parameter_invalid_integer', 'balance', 'Invalid integer: abc'],
    ['balance=1.5', 'parameter_invalid_integer', 'balance', 'Invalid integer: 1.5'],
    ['email=nobody', 'email_invalid', 'email', 'Invalid email address: nobody'],
    ['tax_exempt=maybe', undefined, 'tax_exempt', 'Invalid tax_exempt: must be one of exempt, none, or reverse'],
    [
      'invoice_prefix=',
      'parameter_invalid_empty',
      'invoice_prefix',
      /^You passed an empty string for 'invoice_prefix'/,
    ],
    ['preferred_locales=de', undefined, 'preferred_locales', 'Invalid array'],
    ['shipping=here', undefined, 'shipping', 'Invalid object'],
    ['shipping[name]=A', 'parameter_missing', 'shipping[address]', 'Missing required param: shipping[address].'],
    ['source=tok_visa', 'parameter_not_simulated', 'source', 'simulator: parameter source is not simulated'],
    [`metadata[${'k'.repeat(41)}]=1`, undefined, `metadata[${'k'.repeat(41)}]`, /up to 40 characters/],
    [`metadata[k]=${'v'.repeat(501)}`, undefined, 'metadata[k]', /up to 500 characters/],
    ['__proto__[x]=1', 'parameter_unknown', '__proto__', 'Received unknown parameter: __proto__'],
  ])('refuses %s', async (form, code, param, message) => {
    const { status, json } = await raw(harness, 'POST', '/v1/customers', form);
    expect(status).toBe(400);
    expect(json.error).toMatchObject({ type: 'invalid_request_error', param, ...(code === undefined ? {} : { code }) });
    expect(json.error?.message).toEqual(typeof message === 'string' ? message : expect.stringMatching(message));
  });

  it('says which object is missing, with 404 in the URL and 400 in a parameter', async () => {
    const inUrl = await failureOf(harness.stripe.paymentIntents.retrieve('pi_none'));
    expect(inUrl).toMatchObject({ statusCode: 404, code: 'resource_missing', param: 'intent' });
    expect(inUrl.message).toBe("No such payment_intent: 'pi_none'");
    const inParam = await failureOf(
      harness.stripe.paymentIntents.create({ amount: 500, currency: 'eur', customer: 'cus_none' }),
    );
    expect(inParam).toMatchObject({ statusCode: 400, code: 'resource_missing', param: 'customer' });
  });

  it('takes parameters of older versions only from requests of older versions', async () => {
    const form = 'amount=500&currency=eur&payment_method_types[]=card';
    const current = await raw(harness, 'POST', '/v1/payment_intents', form);
    expect(current.json.error).toMatchObject({ code: 'parameter_unknown', param: 'payment_method_types' });
    const older = await raw(harness, 'POST', '/v1/payment_intents', form, { 'Stripe-Version': '2025-03-31.basil' });
    expect(older.status).toBe(200);
  });

  it('keeps the objects of two keys apart', async () => {
    const customer = await harness.stripe.customers.create({});
    const other = await raw(harness, 'GET', `/v1/customers/${customer.id}`, '', { Authorization: 'Bearer sk_test_b' });
    expect(other.status).toBe(401);
  });

  it('merges metadata, empties single keys and all of them', async () => {
    const { id } = await harness.stripe.customers.create({ metadata: { a: '1', b: '2' } });
    const merged = await harness.stripe.customers.update(id, { metadata: { b: '', c: '3' } });
    expect(merged.metadata).toEqual({ a: '1', c: '3' });
    expect((await harness.stripe.customers.update(id, { metadata: '' })).metadata).toEqual({});
  });

  it('logs each request with its route and form', async () => {
    const { id } = await harness.stripe.customers.create({ name: 'Ann' });
    await failureOf(harness.stripe.customers.retrieve('cus_none'));
    const { requests } = await harness.control('GET', '/requests');
    expect(requests).toMatchObject([
      { method: 'POST', template: '/v1/customers', status: 200, executed: true, form: { name: 'Ann' } },
      { method: 'GET', template: '/v1/customers/{id}', status: 404, executed: true, url: '/v1/customers/cus_none' },
    ]);
    const { counts } = await harness.control('GET', '/counts');
    expect(counts).toMatchObject({ 'POST /v1/customers': { requests: 1, errors: 0 } });
    expect(id).toMatch(/^cus_/);
  });
});
