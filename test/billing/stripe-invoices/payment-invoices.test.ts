import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { type PaymentLease, withPaymentLease } from '../../../src/billing/payments/payment-lease.ts';
import { recordVerdict } from '../../../src/billing/payments/payments.ts';
import {
  advance,
  beginAnew,
  beginTrying,
  type Claim,
  claimPayment,
  findClaim,
  invoiceOf,
  settle,
} from '../../../src/billing/stripe-invoices/payment-invoices.ts';
import { connect, firstRow, rows } from '../../../src/platform/db.ts';
import { BusyError } from '../../../src/platform/errors.ts';
import { freshDatabase } from '../../support/database.ts';
import { draftDeps } from '../../support/draft-deps.ts';
import { paymentLeases } from '../../support/payment-leases.ts';
import { invoice } from '../../support/stripe-invoice.ts';
import { payment } from '../../support/stripe-objects.ts';

const db = connect((await freshDatabase()).url, { name: 'test', connections: 6 });
afterAll(() => db.destroy());
beforeEach(() => rows(db, 'TRUNCATE payments CASCADE'));

const ref = { account: '', paymentIntent: 'pi_1' };
const newClaim = { billTo: 'buyer', total: 1_000, currency: 'eur' } as const;
const paid = invoice({ status: 'paid', hosted_invoice_url: 'https://invoice', invoice_pdf: 'https://pdf' });

/** Runs `work` under the lease, with the claim of the payment. */
function claimed<T>(work: (lease: PaymentLease, claim: Claim) => Promise<T>): Promise<T> {
  return withPaymentLease(db, ref, false, async (lease) => {
    await recordVerdict(db, lease, payment(), { action: 'invoice', reason: 'default' });
    return work(lease, await claimPayment(db, lease, newClaim));
  });
}

describe('the claim of a payment', () => {
  test('is made once: whoever comes again finds it as far as it has come', async () => {
    await claimed(async (lease, claim) => {
      expect(claim).toMatchObject({ step: 'claimed', bill_to: 'buyer', total: 1_000, currency: 'eur', key_version: 1 });
      await advance(db, lease, claim, { step: 'drafted', stripe_invoice: 'in_1' });
      const other = { billTo: 'guest', total: 7, currency: 'usd' } as const;
      expect(await claimPayment(db, lease, other)).toMatchObject({ id: claim.id, step: 'drafted', total: 1_000 });
    });
    expect(await rows(db, 'SELECT * FROM payment_invoices')).toHaveLength(1);
  });

  test('two invoices of one payment, or one of two payments, are refused by the schema', async () => {
    await claimed((lease, claim) => advance(db, lease, claim, { step: 'drafted', stripe_invoice: 'in_1' }));
    const insert = `INSERT INTO payment_invoices (account, payment_intent, total, currency, stripe_invoice) VALUES ('', ?, 1, 'eur', ?)`;
    await expect(rows(db, insert, ['pi_1', 'in_2'])).rejects.toThrow('payment_invoices_once');
    await rows(db, `INSERT INTO payments (payment_intent, livemode) VALUES ('pi_2', false)`);
    await expect(rows(db, insert, ['pi_2', 'in_1'])).rejects.toThrow('payment_invoices_stripe_invoice_once');
  });

  test('goes from step to step, and each notes its time once', async () => {
    await claimed(async (lease, claim) => {
      const drafted = await advance(db, lease, claim, { step: 'drafted', stripe_invoice: 'in_1' });
      await rows(db, `UPDATE payment_invoices SET drafted_at = '2026-01-01Z'`);
      await advance(db, lease, drafted, { step: 'drafted' });
      const lined = await advance(db, lease, drafted, { step: 'lined' });
      await advance(db, lease, lined, { step: 'finalized', number: 'A-0001' });
    });
    expect(
      await firstRow(db, 'SELECT step, number, drafted_at, lined_at, finalized_at, paid_at FROM payment_invoices'),
    ).toEqual({
      step: 'finalized',
      number: 'A-0001',
      drafted_at: new Date('2026-01-01Z'),
      lined_at: expect.any(Date),
      finalized_at: expect.any(Date),
      paid_at: null,
    });
  });

  test('a step without its invoice is refused by the schema, and is a bug to the program', async () => {
    await claimed(async (lease, claim) => {
      await expect(advance(db, lease, claim, { step: 'drafted' })).rejects.toThrow('payment_invoices_drafted');
      expect(() => invoiceOf({ ...claim, step: 'lined' })).toThrow('is at step lined without an invoice');
    });
  });

  test('begun anew it uses other keys; the customer is kept unless another is to be billed', async () => {
    await claimed(async (lease, claim) => {
      const drafted = await advance(db, lease, claim, { step: 'drafted', stripe_invoice: 'in_1', customer: 'cus_1' });
      const again = await beginAnew(db, lease, drafted, 'buyer');
      expect(again).toMatchObject({ step: 'claimed', key_version: 2, customer: 'cus_1', stripe_invoice: null });
      const other = await beginAnew(db, lease, again, 'stand_in');
      expect(other).toMatchObject({ key_version: 3, bill_to: 'stand_in', customer: null });
    });
  });

  test('a try notes when it begins, and keeps the keys of the ones before it', async () => {
    await claimed(async (lease, claim) => {
      expect(claim.tried_at).toBeNull();
      const first = await beginTrying(db, lease, claim);
      expect(first).toMatchObject({ tried_at: expect.any(Date), key_version: 1 });
      await rows(db, `UPDATE payment_invoices SET tried_at = '2026-01-01Z'`);
      const second = await beginTrying(db, lease, first);
      expect(second.key_version).toBe(1);
      expect(second.tried_at).not.toEqual(new Date('2026-01-01Z'));
    });
  });

  test('a customer who is gone is billed no more, whoever comes instead', async () => {
    await claimed(async (lease, claim) => {
      const guest = await advance(db, lease, claim, { bill_to: 'guest', customer: 'cus_gone' });
      expect(await beginAnew(db, lease, guest, 'guest', null)).toMatchObject({ customer: null, key_version: 2 });
    });
  });

  test('settled, invoice and payment are closed together', async () => {
    await claimed(async (lease, claim) => {
      const drafted = await advance(db, lease, claim, { step: 'drafted', stripe_invoice: 'in_1' });
      expect((await beginTrying(db, lease, drafted)).tried_at).toEqual(expect.any(Date));
      const end = await settle(draftDeps(db), lease, drafted, paid, 'attached');
      expect(end).toMatchObject({ step: 'paid', settlement: 'attached', number: 'A-0001' });
    });
    expect(
      await firstRow(
        db,
        `SELECT settled_at IS NOT NULL AS settled, hosted_invoice_url, invoice_pdf
         FROM payments JOIN payment_invoices USING (account, payment_intent)`,
      ),
    ).toEqual({ settled: true, hosted_invoice_url: 'https://invoice', invoice_pdf: 'https://pdf' });
  });
});

describe('who has lost the lease changes nothing', () => {
  const late: [string, (lease: PaymentLease, claim: Claim) => Promise<unknown>][] = [
    ['advance', (lease, claim) => advance(db, lease, claim, { step: 'drafted', stripe_invoice: 'in_1' })],
    ['beginTrying', (lease, claim) => beginTrying(db, lease, claim)],
    ['beginAnew', (lease, claim) => beginAnew(db, lease, claim, 'guest')],
    ['settle', (lease, claim) => settle(draftDeps(db), lease, claim, paid, 'out_of_band')],
  ];

  test.each(late)('%s', async (_name, write) => {
    await claimed(async (lease, claim) => {
      await paymentLeases(db).pass(16);
      await withPaymentLease(db, ref, false, async () => {
        await expect(write(lease, claim)).rejects.toThrow(BusyError);
        expect(await findClaim(db, ref)).toEqual(claim);
      });
    });
    expect(await firstRow(db, 'SELECT settled_at FROM payments')).toEqual({ settled_at: null });
  });

  test('claimPayment', async () => {
    await withPaymentLease(db, ref, false, async (lease) => {
      await recordVerdict(db, lease, payment(), { action: 'invoice', reason: 'default' });
      await paymentLeases(db).pass(16);
      await expect(claimPayment(db, lease, newClaim)).rejects.toThrow(BusyError);
    });
    expect(await findClaim(db, ref)).toBeUndefined();
  });
});
