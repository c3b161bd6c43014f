import type { Knex } from 'knex';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Purchase } from '../../../src/billing/access/purchase.ts';
import { recordPurchase } from '../../../src/billing/access/purchases.ts';
import { adjustmentOfRefund } from '../../../src/billing/adjustments/adjustment.ts';
import { recordAdjustment } from '../../../src/billing/adjustments/adjustments.ts';
import type { PaymentLease } from '../../../src/billing/payments/payment-lease.ts';
import { findPayment, parkPayment } from '../../../src/billing/payments/payments.ts';
import { claimFirst, claimPayment } from '../../../src/billing/stripe-invoices/payment-invoices.ts';
import { rows } from '../../../src/platform/db.ts';
import { BusyError } from '../../../src/platform/errors.ts';
import { createStripe } from '../../../src/stripe/client.ts';
import { unlimited } from '../../../src/stripe/limiter.ts';
import { until } from '../../support/eventually.ts';
import { databaseOfLeases, paymentRef } from '../../support/payment-leases.ts';
import { openStripeAccount } from '../../support/served.ts';
import { simulatedStripe } from '../../support/simulated-stripe.ts';
import { payment } from '../../support/stripe-objects.ts';
import { refund } from '../adjustments/stripe-adjustments.ts';

/** What a lease keeps out: others for a bounded time, and its own holder once it is lost. */
const { db, leased, leaseRow, pass, heldFor } = await databaseOfLeases();
const WAITING = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;

describe('a lease has an upper bound', () => {
  test.each([
    [250, 15],
    [290, 10],
    [299, 1],
  ])('after %i s of 300 a renewal is good for %i s', async (held, left) => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    await leased(async () => {
      await heldFor(held);
      await pass(14.5);
      vi.advanceTimersByTime(3_000);
      await until(async () => Number((await leaseRow())?.seconds) > 0.5);
      for (const seconds of [(await leaseRow())?.seconds, (await leaseRow())?.older_seconds])
        expect(Math.abs(Number(seconds) - left)).toBeLessThan(0.5);
    });
  });

  test('renewals that have to wait do not gather: one waits, with one connection', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    await leased(async () => {
      await db.transaction(async (trx) => {
        await rows(trx, 'SELECT FROM leases FOR UPDATE');
        vi.advanceTimersByTime(4 * 3_000);
        await until(async () => (await rows(db, WAITING)).length > 0);
        // Whoever would come after it is on his way by the time of another round trip.
        await rows(db, 'SELECT pg_sleep(0.1)');
        expect(await rows(db, WAITING)).toHaveLength(1);
      });
      await pass(14.5);
      await until(async () => {
        vi.advanceTimersByTime(3_000);
        return Number((await leaseRow())?.seconds) > 10;
      });
    });
  });

  test('work that never ends is not waited for, and its payment is free', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const endless = leased(() => new Promise(() => {})).catch((error: unknown) => error);
    await vi.waitFor(async () => expect((await leaseRow())?.owner).toEqual(expect.any(String)));
    vi.advanceTimersByTime(300_000);
    vi.useRealTimers();
    expect(await endless).toMatchObject({
      name: 'TimeIsUp',
      message: 'the work on payment pi_1 did not end within 300 s',
    });
    expect(await leased(async () => 'free')).toBe('free');
  });

  describe('no write to Stripe begins', () => {
    const simulator = openStripeAccount().then((account) => ({ ...account, side: simulatedStripe(account) }));
    const stripeOf = async () =>
      createStripe({
        secretKey: (await simulator).key,
        apiBase: (await simulator).url,
        timeoutMs: 20_000,
        limiter: unlimited,
      });

    test.each<[string, () => Promise<unknown>]>([
      ['when the lease has run out', () => pass(16)],
      ['when somebody else holds it', () => rows(db, 'UPDATE leases SET owner = gen_random_uuid()')],
      [
        'when a worker of the release before holds it',
        () => rows(db, 'UPDATE payments SET lease_owner = gen_random_uuid()'),
      ],
      ['that could outlast the lease: 20 s before the bound', () => heldFor(281)],
    ])('%s; reading goes on', async (_when, lose) => {
      const stripe = await stripeOf();
      const writing = leased(async () => {
        await stripe.customers.create({ name: 'before' });
        await lose();
        await stripe.customers.list();
        await stripe.customers.create({ name: 'after' }, { maxNetworkRetries: 0 });
      });
      await expect(writing).rejects.toThrow(BusyError);
      const made = await stripe.customers.list();
      expect(made.data.map(({ name }) => name)).not.toContain('after');
    });

    describe('a write that Postgres has let through', () => {
      const claim = (lease: PaymentLease) =>
        claimPayment(db, lease, { billTo: 'buyer', total: 1_000, currency: 'eur' });
      const create = async (name: string) => (await stripeOf()).customers.create({ name }, { maxNetworkRetries: 0 });
      const steal = () => rows(db, 'UPDATE leases SET owner = gen_random_uuid()');
      beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));

      test.each([
        [499, 'made'],
        [501, 'refused'],
      ])(
        'speaks for the lease for half a second, and no longer: after %i ms the next to Stripe is %s',
        async (ms, end) => {
          const writing = leased(async (lease) => {
            await claim(lease);
            await steal();
            vi.advanceTimersByTime(ms);
            await create('next');
            return 'made';
          });
          if (end === 'made') expect(await writing).toBe('made');
          else await expect(writing).rejects.toThrow(BusyError);
        },
      );

      test('says nothing near the bound', async () => {
        const writing = leased(async (lease) => {
          vi.advanceTimersByTime(280_001);
          await heldFor(281);
          await claim(lease);
          await create('late');
        });
        await expect(writing).rejects.toThrow(BusyError);
      });

      test('was not let through in the last second of the lease, in which somebody might be about to take it', async () => {
        await leased(async (lease) => {
          await pass(14.2);
          await expect(claim(lease)).rejects.toThrow(BusyError);
        });
      });
    });

    test('also not as a repetition of one that was begun in time', async () => {
      const stripe = await stripeOf();
      const { side } = await simulator;
      await side.fault({ kind: 'error_before', path: '/v1/customers', method: 'POST', count: 1 });
      const writing = leased(async () => {
        const creating = stripe.customers.create({ name: 'repeated' });
        creating.catch(() => {}); // looked at below
        await until(async () => (await side.struck()) > 0, { interval: 5 });
        await pass(16);
        await creating;
      });
      await expect(writing).rejects.toThrow(BusyError);
      expect((await stripe.customers.list()).data.map(({ name }) => name)).not.toContain('repeated');
    });
  });
});

describe('beside a worker of the release before, which takes leases of a minute in the same columns', () => {
  const take = `INSERT INTO payments (account, payment_intent, livemode, lease_owner, lease_until)
     VALUES ('', 'pi_1', false, gen_random_uuid(), now() + interval '60 seconds')
     ON CONFLICT (account, payment_intent) DO UPDATE
       SET lease_owner = excluded.lease_owner, lease_until = excluded.lease_until
       WHERE payments.lease_until IS NULL OR payments.lease_until < now() RETURNING payment_intent`;

  test('each waits for the end of the other’s lease', async () => {
    await leased(async () => expect(await rows(db, take)).toEqual([]));
    await rows(db, take);
    await expect(leased(async () => undefined)).rejects.toThrow(BusyError);
    await pass(59);
    await expect(leased(async () => undefined)).rejects.toThrow(BusyError);
    await pass(2);
    expect(await leased(async () => 'taken over')).toBe('taken over');
  });

  test('the worker of the release after it, which knows the table of leases alone, is waited for as well', async () => {
    const takeNew = `INSERT INTO leases VALUES ('payment::pi_1', gen_random_uuid(), now(), now() + interval '15 seconds')
       ON CONFLICT (subject) DO UPDATE SET owner = excluded.owner, until = excluded.until WHERE leases.until < now()
       RETURNING subject`;
    await leased(async () => expect(await rows(db, takeNew)).toEqual([]));
    await rows(db, takeNew);
    await expect(leased(async () => undefined)).rejects.toThrow(BusyError);
    // What was taken of the older lease was given back.
    expect(await leaseRow()).toMatchObject({ older: null });
    await pass(16);
    expect(await leased(async () => 'taken over')).toBe('taken over');
  });

  test('since when an earlier lease was held says nothing about the next one', async () => {
    await leased(async () => undefined);
    await rows(db, `UPDATE payments SET lease_since = now() - interval '1 hour'`);
    await rows(
      db,
      `INSERT INTO leases VALUES ('payment::pi_1', gen_random_uuid(), now() - interval '1 hour', now() - interval '1 minute')`,
    );
    await leased(async (lease) => {
      await parkPayment(db, lease, 'unclear');
      await until(async () => Number((await leaseRow())?.seconds) > 14);
    });
  });
});

describe('a lease that is stolen between the check and the write', () => {
  const fenced: [string, (trx: Knex.Transaction, lease: PaymentLease) => Promise<unknown>][] = [
    ['of the claim', (trx, lease) => claimPayment(trx, lease, { billTo: 'buyer', total: 1_000, currency: 'eur' })],
    [
      'of the verdict with the claim',
      (trx, lease) => {
        const verdict = { action: 'invoice', reason: 'default' } as const;
        const to = { billTo: 'guest', billed: undefined, total: 1_000, begins: true } as const;
        return claimFirst(trx, lease, { payment: payment(), verdict, arrival: { at: 0 }, ...to });
      },
    ],
    ['of a verdict', (trx, lease) => parkPayment(trx, lease, 'unclear')],
    [
      'of a refund',
      (trx, lease) =>
        recordAdjustment(
          { db: trx, changed: async () => {} },
          lease,
          adjustmentOfRefund(refund({})),
          'none',
          'because',
        ),
    ],
    ['of what was bought', (trx, lease) => recordPurchase(trx, lease, bought)],
  ];

  const bought: Purchase = {
    paymentIntent: 'pi_1',
    saidReference: null,
    metadata: {},
    customer: null,
    testClock: null,
    email: null,
    description: null,
    items: [],
    amount: 1_000,
    currency: 'eur',
    paidAt: new Date(0),
  };

  /** Who takes it over: a worker as this one, or one of the release before. */
  const thieves = [
    'UPDATE leases SET owner = gen_random_uuid()',
    'UPDATE payments SET lease_owner = gen_random_uuid()',
  ];

  test.each(
    fenced.flatMap(([what, write]) => thieves.map((steal) => [what, steal.split(' ')[1], steal, write] as const)),
  )('is waited for and seen: the write %s is refused (%s)', async (_what, _table, steal, write) => {
    await leased(async (lease) => {
      await parkPayment(db, lease, 'until now');
      const late = await db.transaction(async (thief) => {
        await rows(thief, steal);
        const writing = db.transaction((trx) => write(trx, lease)).catch((error: unknown) => error);
        await until(async () => (await rows(db, WAITING)).length > 0, { what: 'the write waits for the thief' });
        return { writing };
      });
      expect(await late.writing).toBeInstanceOf(BusyError);
    });
    expect(await rows(db, 'SELECT FROM payment_invoices UNION ALL SELECT FROM adjustments')).toEqual([]);
    expect(await findPayment(db, paymentRef)).toMatchObject({ parked_for: 'until now' });
  });

  test.each(fenced)('comes too late: it waits until the write %s is committed', async (_what, write) => {
    await leased(async (lease) => {
      await parkPayment(db, lease, 'until now');
      await db.transaction(async (trx) => {
        await write(trx, lease);
        for (const table of ['leases', 'payments']) {
          const taking = rows(db, `SELECT FROM ${table} FOR NO KEY UPDATE NOWAIT`);
          await expect(taking).rejects.toThrow('could not obtain lock');
        }
      });
    });
  });
});
