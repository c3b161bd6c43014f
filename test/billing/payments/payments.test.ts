import { describe, expect, test, vi } from 'vitest';
import { type PaymentLease, withPaymentLease } from '../../../src/billing/payments/payment-lease.ts';
import { findPayment, parkPayment, receivedOf, recordVerdict } from '../../../src/billing/payments/payments.ts';
import { firstRow, rows } from '../../../src/platform/db.ts';
import { BusyError } from '../../../src/platform/errors.ts';
import { until } from '../../support/eventually.ts';
import { databaseOfLeases, paymentRef } from '../../support/payment-leases.ts';
import { charge, checkoutSession, customer, payment } from '../../support/stripe-objects.ts';

const { db, leased, leaseRow, pass } = await databaseOfLeases();

describe('the lease on a payment', () => {
  test('is held while the work goes on, and given back after it', async () => {
    const result = await leased(async ({ owner, row }) => {
      expect(row).toMatchObject({ payment_intent: 'pi_1', livemode: false, verdict: null });
      expect(await leaseRow()).toMatchObject({ owner, older: owner });
      return 'done';
    });
    expect(result).toBe('done');
    expect(await leaseRow()).toEqual({ owner: null, seconds: null, older: null, older_seconds: null });
  });

  test('is given back when the work fails, and the error comes through', async () => {
    await expect(leased(() => Promise.reject(new Error('no connection')))).rejects.toThrow('no connection');
    expect(await leaseRow()).toMatchObject({ owner: null, older: null });
  });

  test('is refused to a second one, who is told to come back', async () => {
    await leased(async () => {
      const refusal = await leased(async () => undefined).catch((error: unknown) => error);
      if (!(refusal instanceof BusyError)) throw new Error('the second one got in');
      expect(refusal.message).toBe('Another worker is on payment pi_1');
      expect(refusal.retryAfterMs).toBeGreaterThanOrEqual(300);
      expect(refusal.retryAfterMs).toBeLessThanOrEqual(1_500);
    });
    expect(await leased(async () => 'later')).toBe('later');
  });

  test('is given to exactly one of many that ask at once', async () => {
    let refused = 0;
    const winners = Array.from({ length: 30 }, () =>
      leased(() => until(() => refused === 29)).then(
        () => 1,
        (error: unknown) => {
          expect(error).toBeInstanceOf(BusyError);
          refused += 1;
          return 0;
        },
      ),
    );
    expect((await Promise.all(winners)).reduce<number>((sum, won) => sum + won, 0)).toBe(1);
  });

  test('of different payments and accounts are independent', async () => {
    await leased(async () => {
      const others = [
        { account: '', paymentIntent: 'pi_2' },
        { account: 'acct_1', paymentIntent: 'pi_1' },
      ];
      for (const other of others) expect(await withPaymentLease(db, other, false, async () => 'mine')).toBe('mine');
    });
  });

  test('runs out by itself when its holder has died', async () => {
    const died = leased(() => new Promise(() => {}));
    await until(async () => (await leaseRow())?.owner);
    await pass(14);
    await expect(leased(async () => 'too early')).rejects.toThrow(BusyError);
    await pass(2);
    expect(await leased(async () => 'taken over')).toBe('taken over');
    expect(died).toBeInstanceOf(Promise);
  });

  test('is renewed while the work goes on', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    await leased(async () => {
      await pass(12);
      vi.advanceTimersByTime(3_000);
      await until(async () => Number((await leaseRow())?.seconds) > 13);
    });
    expect(vi.getTimerCount()).toBe(0);
  });

  test('is not renewed when it has run out, though nobody has come: whoever comes now must not be disturbed', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    await leased(async () => {
      await pass(16);
      const before = await leaseRow();
      vi.advanceTimersByTime(3_000);
      await rows(db, 'SELECT pg_sleep(0.05)');
      expect(Number((await leaseRow())?.seconds)).toBeLessThan(Number(before?.seconds));
    });
  });
});

describe('who has lost the lease', () => {
  /** Runs `late` after another worker has taken the payment over, and returns how it ended. */
  async function afterLosing(late: (lease: PaymentLease) => Promise<unknown>): Promise<unknown> {
    return leased(async (lease) => {
      await pass(16);
      return leased(async (winner) => {
        const end = await late(lease).catch((error: unknown) => error);
        expect(await leaseRow()).toMatchObject({ owner: winner.owner });
        return end;
      });
    });
  }

  test('can write neither a verdict nor a question, and is told to step aside', async () => {
    const verdict = { action: 'skip', reason: 'because' } as const;
    expect(await afterLosing((lease) => recordVerdict(db, lease, payment(), verdict))).toBeInstanceOf(BusyError);
    expect(await afterLosing((lease) => parkPayment(db, lease, 'unclear'))).toBeInstanceOf(BusyError);
    expect(await findPayment(db, paymentRef)).toMatchObject({ verdict: null, settled_at: null });
  });

  test('does not take the lease of the other with it when it ends', async () => {
    let winnerIsDone = () => {};
    const winnerWorks = new Promise<void>((resolve) => {
      winnerIsDone = resolve;
    });
    let winner: Promise<void> | undefined;
    await leased(async () => {
      await pass(16);
      winner = leased(() => winnerWorks);
      await until(async () => Number((await leaseRow())?.seconds) > 13);
    });
    expect((await leaseRow())?.owner).toEqual(expect.any(String));
    winnerIsDone();
    await winner;
  });

  test('also loses when nobody else has come: a lease that ran out is no lease', async () => {
    const end = leased(async (lease) => {
      await pass(16);
      await parkPayment(db, lease, 'unclear');
    });
    await expect(end).rejects.toThrow('ran out while it was worked on');
  });
});

describe('what is recorded of a payment', () => {
  const read = () =>
    firstRow(
      db,
      `SELECT status, amount_received, currency, paid_at, customer, charge, checkout_session, verdict, reason, parked_for,
              rule, foreign_invoice, settled_at IS NOT NULL AS settled FROM payments`,
    );
  const paid = payment({
    customer: customer(),
    charge: charge({ created: 1_790_000_060 }),
    session: checkoutSession(),
  });

  test('a payment to be invoiced: what was received, by whom, when, and which rule said so', async () => {
    await leased((lease) => recordVerdict(db, lease, paid, { action: 'invoice', reason: 'courses', rule: 'courses' }));
    expect(await read()).toEqual({
      status: 'succeeded',
      amount_received: 1_000,
      currency: 'eur',
      paid_at: new Date(1_790_000_060_000),
      customer: 'cus_1',
      charge: 'ch_1',
      checkout_session: 'cs_test_1',
      verdict: 'invoice',
      reason: 'courses',
      rule: 'courses',
      parked_for: null,
      foreign_invoice: null,
      settled: false,
    });
  });

  test('a skipped one is settled, with the invoice that Stripe made', async () => {
    const verdict = { action: 'skip', reason: 'Stripe has it', foreignInvoice: 'in_theirs' } as const;
    await leased((lease) => recordVerdict(db, lease, paid, verdict));
    expect(await read()).toMatchObject({ verdict: 'skip', foreign_invoice: 'in_theirs', settled: true, rule: null });
  });

  test('one that waits is not decided, and a later event decides it', async () => {
    const waiting = payment({ intent: { status: 'processing', amount_received: 0 } });
    await leased((lease) => recordVerdict(db, lease, waiting, { action: 'wait', reason: 'the payment is processing' }));
    expect(await read()).toMatchObject({ status: 'processing', verdict: null, paid_at: null, settled: false });
    await leased((lease) => recordVerdict(db, lease, paid, { action: 'invoice', reason: 'default' }));
    expect(await read()).toMatchObject({ status: 'succeeded', verdict: 'invoice', amount_received: 1_000 });
  });

  test('one parked for a person is not settled', async () => {
    await leased((lease) => recordVerdict(db, lease, paid, { action: 'invoice', reason: 'courses' }));
    await leased((lease) => parkPayment(db, lease, 'the lines differ'));
    // What the rules said is not what is asked.
    expect(await read()).toMatchObject({
      verdict: 'review',
      reason: 'courses',
      parked_for: 'the lines differ',
      settled: false,
    });
  });

  test('an invoice over nothing is refused by the schema, and by the program before it', async () => {
    const nothing = payment({ intent: { amount_received: 0 } });
    const invoiced = leased((lease) => recordVerdict(db, lease, nothing, { action: 'invoice', reason: 'default' }));
    await expect(invoiced).rejects.toThrow('payments_invoice_needs_money');
    expect(() => receivedOf(nothing)).toThrow('Bug: payment pi_1 is to be invoiced, but nothing was received');
  });
});
