import { describe, expect, test } from 'vitest';
import { sessionParams } from '../../../src/billing/own-invoices/checkout-session.ts';
import { confirmCheckout } from '../../../src/billing/own-invoices/confirm-checkout.ts';
import type { OwnInvoice } from '../../../src/billing/own-invoices/invoices.ts';
import { voidInvoice } from '../../../src/billing/own-invoices/manage-invoice.ts';
import { openCheckout } from '../../../src/billing/own-invoices/open-checkout.ts';
import { rows } from '../../../src/platform/db.ts';
import { billingUnderTest } from '../../support/billing-deps.ts';
import { FIXED, ownInvoices } from '../../support/own-invoices.ts';

/** Stripe says no, to opening a payment page and to closing one. */
const billing = await billingUnderTest();
const { deps, side } = billing;
const { db, stripe } = deps;
const { issued, opened, pay, statusOf } = ownInvoices(billing);

const CREATE = { path: '/v1/checkout/sessions', method: 'POST' } as const;
const EXPIRE = { path: '/v1/checkout/sessions/{id}/expire', method: 'POST' } as const;

/** Too little to be charged, unless the extra is ticked. */
const small = {
  lines: [
    { description: 'Sticker', unit_amount: 30 },
    { description: 'Poster', unit_amount: 500, optional: true },
  ],
};

const attemptsOf = (invoice: { id: string }) =>
  rows<{ state: string; refusal: string | null }>(
    db,
    'SELECT state, refusal FROM checkout_attempts WHERE invoice = ? ORDER BY attempt',
    [invoice.id],
  );

describe('an invoice of EUR 0.30 with an extra of 5.00', () => {
  test('can’t be paid without the extra, which Stripe need not be asked for, and can with it', async () => {
    const invoice = await issued(small);
    await side.forgetRequests();
    expect(await openCheckout(invoice.id, [], deps)).toEqual({
      end: 'unpayable',
      sentence:
        'A payment by card must be at least EUR 0.50, and this comes to EUR 0.30. Please tick an extra as well, or contact us.',
    });
    expect(await side.requests()).toEqual([]);
    expect(await attemptsOf(invoice)).toEqual([]);
    const session = await opened(invoice, [invoice.lines[1]?.id ?? 0]);
    await pay(session);
    expect((await confirmCheckout(session, deps)).end).toBe('paid');
    expect((await stripe.checkout.sessions.retrieve(session)).amount_total).toBe(530);
  });

  test('can be made void after such a try', async () => {
    const invoice = await issued(small);
    await openCheckout(invoice.id, [], deps);
    expect((await voidInvoice(invoice.id, 'test', 'too small', deps)).status).toBe('void');
  });
});

const paramsWith = (invoice: OwnInvoice, expires: number) =>
  sessionParams(invoice, 'http://127.0.0.1:9/i/x', {
    attempt: 99,
    amount: FIXED,
    currency: 'eur',
    expiresAt: new Date(expires * 1000),
  });

describe('Stripe refuses to open a payment page', () => {
  test('the attempt is over in the same breath, with the reason, and the next one begins anew', async () => {
    const invoice = await issued();
    await side.fault({ kind: 'refuse', ...CREATE, count: 1 });
    expect(await openCheckout(invoice.id, [], deps)).toMatchObject({ end: 'unpayable' });
    expect(await attemptsOf(invoice)).toEqual([{ state: 'refused', refusal: 'This request cannot be carried out.' }]);
    const session = await opened(invoice);
    await pay(session);
    expect((await confirmCheckout(session, deps)).end).toBe('paid');
    expect((await attemptsOf(invoice)).map(({ state }) => state)).toEqual(['refused', 'paid']);
  });

  test('one that was begun long ago and never made is refused for its age: another is begun at once', async () => {
    const invoice = await issued();
    await side.fault({ kind: 'refuse', ...CREATE, count: 1 });
    await openCheckout(invoice.id, [], deps);
    // As a process leaves it that died before it asked: half an hour before its end Stripe does not take it any more.
    const soon = Math.floor(Date.now() / 1000) + 20 * 60;
    await rows(
      db,
      `UPDATE checkout_attempts SET state = 'creating', refusal = NULL, expires_at = to_timestamp(:soon), attempt = 99,
         session_params = :params::json WHERE invoice = :id`,
      { soon, id: invoice.id, params: JSON.stringify(paramsWith(invoice, soon)) },
    );
    expect(await openCheckout(invoice.id, [], deps)).toMatchObject({ end: 'redirect' });
    expect((await attemptsOf(invoice)).map(({ state }) => state)).toEqual(['refused', 'open']);
  });

  test('the invoice can be made void', async () => {
    const invoice = await issued();
    await side.fault({ kind: 'refuse', ...CREATE, count: 1 });
    await openCheckout(invoice.id, [], deps);
    expect((await voidInvoice(invoice.id, 'test', 'ordered twice', deps)).status).toBe('void');
  });

  test('also when it is asked again after a crash, by another choice or by void', async () => {
    for (const next of ['pay', 'void']) {
      const invoice = await issued();
      await side.fault({ kind: 'reset', ...CREATE });
      await expect(openCheckout(invoice.id, [], deps)).rejects.toThrow();
      await side.endFaults();
      await side.fault({ kind: 'refuse', ...CREATE, count: 1 });
      if (next === 'pay') await opened(invoice, [invoice.lines[1]?.id ?? 0]);
      else expect((await voidInvoice(invoice.id, 'test', 'ordered twice', deps)).status).toBe('void');
      expect((await attemptsOf(invoice))[0]?.state).toBe('refused');
      await side.endFaults();
    }
  });
});

describe('Stripe refuses to close a payment page', () => {
  test('and it is open still: nothing is void, nothing new is opened, and the reason is told', async () => {
    const invoice = await issued();
    const session = await opened(invoice);
    await side.fault({ kind: 'refuse', ...EXPIRE });
    await expect(voidInvoice(invoice.id, 'test', 'ordered twice', deps)).rejects.toThrow(
      /Stripe did not close .* This request cannot be carried out\./,
    );
    await expect(openCheckout(invoice.id, [invoice.lines[1]?.id ?? 0], deps)).rejects.toThrow(/did not close/);
    await side.endFaults();
    expect(await statusOf(invoice)).toBe('issued');
    expect((await attemptsOf(invoice)).map(({ state }) => state)).toEqual(['open']);
    await pay(session);
    expect((await confirmCheckout(session, deps)).end).toBe('paid');
  });

  test('and there is no such session any more, as with a key of another account: it is over', async () => {
    const invoice = await issued();
    await opened(invoice);
    await rows(db, `UPDATE checkout_attempts SET stripe_session = 'cs_test_elsewhere' WHERE invoice = ?`, [invoice.id]);
    const session = await opened(invoice);
    expect((await attemptsOf(invoice)).map(({ state }) => state)).toEqual(['expired', 'open']);
    await pay(session);
    expect((await confirmCheckout(session, deps)).end).toBe('paid');
  });
});
