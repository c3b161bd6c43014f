import type Stripe from 'stripe';
import { afterEach, describe, expect, test } from 'vitest';
import type { Deps } from '../../../src/billing/deps/deps.ts';
import { openReviewItems } from '../../../src/billing/desk/review-items.ts';
import { confirmCheckout } from '../../../src/billing/own-invoices/confirm-checkout.ts';
import { findInvoice, type OwnInvoice } from '../../../src/billing/own-invoices/invoices.ts';
import { renewLink, voidInvoice } from '../../../src/billing/own-invoices/manage-invoice.ts';
import { openCheckout } from '../../../src/billing/own-invoices/open-checkout.ts';
import { tokenOf } from '../../../src/billing/own-invoices/public-link.ts';
import { decideReview } from '../../../src/billing/questions.ts';
import { settlePayment } from '../../../src/billing/stripe-invoices/settle-payment.ts';
import { rows } from '../../../src/platform/db.ts';
import { billingUnderTest } from '../../support/billing-deps.ts';
import { atATime } from '../../support/deliveries.ts';
import { FIXED, ownInvoices } from '../../support/own-invoices.ts';

/** The answer to the creation of a Checkout Session was lost, and something has changed since. */
const billing = await billingUnderTest();
const { deps, side } = billing;
const { db, stripe } = deps;
const { issued, opened, pay, intentOf, statusOf } = ownInvoices(billing);

const CREATE = { path: '/v1/checkout/sessions', method: 'POST' } as const;

/** A client that gives up at once, where ours would ask once more under the same key. */
const atOnce: Deps = { ...deps, stripe: side.stripe };

/** Invoices whose payment page was opened, and the answer did not arrive: made together, for the client waits before it gives up. */
const lost = await (async () => {
  const invoices = await atATime(8, Array.from({ length: 22 }), () => issued());
  await side.fault({ kind: 'drop', ...CREATE });
  const ends = await Promise.allSettled(invoices.map(({ id }) => openCheckout(id, [], atOnce)));
  await side.endFaults();
  expect(new Set(ends.map(({ status }) => status))).toEqual(new Set(['rejected']));
  return invoices;
})();

function openedInVain(): OwnInvoice {
  const invoice = lost.pop();
  if (!invoice) throw new Error('Bug: too few invoices are prepared');
  return invoice;
}

async function sessionsOf(invoice: OwnInvoice): Promise<Stripe.Checkout.Session[]> {
  const { data } = await stripe.checkout.sessions.list({ limit: 100 });
  return data.filter(({ client_reference_id: reference }) => reference === invoice.id);
}

/** As a release before this one leaves it: without what the session is made of. */
const byOlderRelease = (invoice: OwnInvoice) =>
  rows(db, 'UPDATE checkout_attempts SET session_params = NULL WHERE invoice = ?', [invoice.id]);

afterEach(() => side.endFaults());

const elsewhere: Deps = { ...deps, publicUrl: 'https://invoices.example.com' };
const renewed = async (invoice: OwnInvoice) => renewLink(invoice.id, 'test', 'it went to the wrong person', deps);

describe.each<[string, (invoice: OwnInvoice) => Promise<unknown>]>([
  ['nothing has happened since', async () => undefined],
  ['the link was renewed', renewed],
  ['an older release had asked for it', byOlderRelease],
  [
    'an older release had asked for it, and the link was renewed',
    async (invoice) => {
      await byOlderRelease(invoice);
      await renewed(invoice);
    },
  ],
])('%s', (_what, happen) => {
  test.each<[string, Deps]>([
    ['', deps],
    [', and the public URL is another one', elsewhere],
  ])('the customer pays in the one open session, and comes back to the page%s', async (_url, now) => {
    const invoice = openedInVain();
    await happen(invoice);
    const end = await openCheckout(invoice.id, [], now);
    const sessions = (await sessionsOf(invoice)).filter(({ status }) => status === 'open');
    expect(sessions.map(({ url }) => ({ end: 'redirect', url }))).toEqual([end]);
    const token = await tokenOf(db, (await findInvoice(db, invoice.id)) ?? invoice);
    expect(sessions[0]?.success_url).toBe(`${now.publicUrl}/i/${token}/return?session_id={CHECKOUT_SESSION_ID}`);
    await pay(sessions[0]?.id ?? '');
    expect((await confirmCheckout(sessions[0]?.id ?? '', now)).end).toBe('paid');
  });

  test('another choice closes it and opens its own', async () => {
    const invoice = openedInVain();
    await happen(invoice);
    await opened(invoice, [invoice.lines[1]?.id ?? 0]);
    expect((await sessionsOf(invoice)).map(({ status }) => status)).toEqual(['open', 'expired']);
  });

  test('the invoice can be made void, and nobody can pay it any more', async () => {
    const invoice = openedInVain();
    await happen(invoice);
    expect((await voidInvoice(invoice.id, 'test', 'ordered twice', elsewhere)).status).toBe('void');
    expect((await sessionsOf(invoice)).map(({ status }) => status)).toEqual(['expired']);
  });

  test('paid in the lost session meanwhile, the invoice is paid', async () => {
    const invoice = openedInVain();
    await happen(invoice);
    const [session] = await sessionsOf(invoice);
    await pay(session?.id ?? '');
    expect(await openCheckout(invoice.id, [], elsewhere)).toEqual({ end: 'paid' });
    expect(await statusOf(invoice)).toBe('paid');
  });
});

test('Stripe is asked again to the letter, whatever has changed: no look is needed', async () => {
  const invoice = openedInVain();
  await renewed(invoice);
  const before = (await side.requests()).length;
  await openCheckout(invoice.id, [], elsewhere);
  const requests = await side.requests();
  const asked = requests.filter(({ idempotency_key: key }) => key === `quittance:checkout:${invoice.id}:1`);
  // Where the connection is cut the client asks once more by itself.
  expect(asked.map(({ executed }) => executed)).toEqual([true, false, false]);
  expect(asked.map(({ form }) => form)).toEqual(asked.map(() => asked[0]?.form));
  const looks = requests.slice(before).filter(({ method, template }) => method === 'GET' && template === CREATE.path);
  expect(looks).toEqual([]);
  const kept = await rows(db, 'SELECT session_params FROM checkout_attempts WHERE invoice = ?', [invoice.id]);
  expect(kept, 'the link is not kept once there is a session').toEqual([
    { session_params: null },
    { session_params: null },
  ]);
});

describe('the key of the attempt does not tell', () => {
  test('because an older release asked for it, and the list by address does not name it: it is found all the same', async () => {
    const invoice = openedInVain();
    await byOlderRelease(invoice);
    await rows(db, `UPDATE invoices SET customer_email = 'another@example.com' WHERE id = ?`, [invoice.id]);
    const session = await opened(invoice);
    expect((await sessionsOf(invoice)).map(({ id }) => id)).toEqual([session]);
  });

  test('because a failure is stored under it: the session that was made all the same is used', async () => {
    const invoice = await issued();
    await side.fault({ kind: 'error_after', ...CREATE, count: 1 });
    const session = await opened(invoice);
    expect((await sessionsOf(invoice)).map(({ id }) => id)).toEqual([session]);
  });

  test('because it was used for something else, as before a backup was restored: another key is used', async () => {
    const invoice = await issued({ customer_email: undefined });
    await foreignSession(invoice, {}, { key: `quittance:checkout:${invoice.id}:1` });
    const session = await opened(invoice);
    const attempts = await rows(db, 'SELECT state FROM checkout_attempts WHERE invoice = ? ORDER BY attempt', [
      invoice.id,
    ]);
    expect(attempts).toEqual([{ state: 'refused' }, { state: 'open' }]);
    await pay(session);
    expect((await confirmCheckout(session, deps)).end).toBe('paid');
  });
});

/** A session that somebody with the account's key makes with our marks. */
async function foreignSession(
  invoice: OwnInvoice,
  more: Partial<Stripe.Checkout.SessionCreateParams> = {},
  { amount = 100, currency = 'eur', attempt = 1, key = `foreign ${Math.random()}` } = {},
): Promise<string> {
  const metadata = { quittance_invoice: invoice.id, quittance_attempt: String(attempt) };
  const session = await stripe.checkout.sessions.create(
    {
      mode: 'payment',
      client_reference_id: invoice.id,
      line_items: [{ quantity: 1, price_data: { currency, unit_amount: amount, product_data: { name: 'x' } } }],
      metadata,
      payment_intent_data: { metadata },
      ...(invoice.customer_email ? { customer_email: invoice.customer_email } : {}),
      success_url: 'https://example.com',
      ...more,
    },
    { idempotencyKey: key },
  );
  return session.id;
}

describe('a session that somebody with the key of the account made with our marks', () => {
  test.each<[string, Partial<Stripe.Checkout.SessionCreateParams>, { amount?: number; currency?: string }]>([
    ['another amount', {}, { amount: 100 }],
    ['another currency', {}, { amount: FIXED, currency: 'usd' }],
    ['another reference', { client_reference_id: 'inv_0000000000000000' }, { amount: FIXED }],
  ])(
    '%s: what is paid there pays nothing, a person is told, and the invoice stays payable',
    async (_what, more, money) => {
      const invoice = await issued();
      await side.fault({ kind: 'reset', ...CREATE });
      await expect(openCheckout(invoice.id, [], atOnce)).rejects.toThrow();
      await side.endFaults();
      const foreign = await foreignSession(invoice, more, money);
      await pay(foreign, 'declined').catch(() => undefined);
      await settlePayment({ account: '', paymentIntent: await intentOf(foreign) }, deps);
      await pay(foreign);
      const intent = await intentOf(foreign);
      expect((await settlePayment({ account: '', paymentIntent: intent }, deps)).outcome).toBe('review');
      expect((await openReviewItems(db)).filter(({ subject }) => subject === intent)).toMatchObject([
        { kind: 'payment_mismatch', details: { invoice: invoice.id, found: foreign } },
      ]);
      expect(await confirmCheckout(foreign, deps)).toEqual({ end: 'unknown' });
      // Nor is the customer told of tries that were not his.
      expect(await rows(db, `SELECT id FROM messages WHERE data->>'invoice' = ?`, [invoice.id])).toEqual([]);
      const session = await opened(invoice);
      expect(session).not.toBe(foreign);
      await pay(session);
      expect((await confirmCheckout(session, deps)).end).toBe('paid');
    },
  );

  test('is left alone when a lost one is looked for; the question about it can close it', async () => {
    const invoice = await issued();
    const foreign = await foreignSession(invoice, {}, { key: `quittance:checkout:${invoice.id}:1` });
    const session = await opened(invoice);
    expect(session).not.toBe(foreign);
    expect((await stripe.checkout.sessions.retrieve(foreign)).status).toBe('open');
    const question = (await openReviewItems(db)).find(({ subject }) => subject === foreign);
    expect(question).toMatchObject({ kind: 'foreign_session', details: { expected: FIXED, found: 100 } });
    const decision = { choice: 'close_session', actor: 'test', reason: 'nobody knows where it comes from' };
    expect(await decideReview(question?.id ?? 0, decision, deps)).toBe('the payment page is closed');
    expect((await stripe.checkout.sessions.retrieve(foreign)).status).toBe('expired');
  });
});
