import { expect, test } from 'vitest';
import { atRest } from '../../../src/billing/payments/at-rest.ts';
import type { PaymentRow } from '../../../src/billing/payments/payment-row.ts';
import { connect, firstRow } from '../../../src/platform/db.ts';
import { releaseAfterFile } from '../../support/clean-up.ts';
import { freshDatabase } from '../../support/database.ts';

/** What is certain of a payment by its row alone; and Postgres, asked for those that are at rest, finds the same ones. */
const db = connect((await freshDatabase()).url, { name: 'test', connections: 2 });
releaseAfterFile(() => db.destroy());

const row: PaymentRow = {
  account: '',
  payment_intent: 'pi_1',
  livemode: false,
  status: 'succeeded',
  amount_received: 100,
  currency: 'eur',
  verdict: null,
  reason: null,
  rule: null,
  parked_for: null,
  settled_at: null,
  unbooked_since: null,
};
const settled_at = new Date('2026-11-26T08:00:00Z');
const of = (outcome: string, reason: string) => ({ outcome, reason, paymentIntent: 'pi_1' });
const invoiced = of('processed', 'the payment has its invoice');

type Case = [what: string, has: Partial<PaymentRow>, end: object | undefined, reconsidered: object | undefined];

const cases: Case[] = [
  ['has its invoice', { verdict: 'invoice', settled_at }, invoiced, invoiced],
  ['is to have one', { verdict: 'invoice' }, undefined, undefined],
  ['was skipped', { verdict: 'skip', reason: 'a rule', settled_at }, of('ignored', 'a rule'), undefined],
  ['was skipped without a reason', { verdict: 'skip', settled_at }, of('ignored', 'skipped'), undefined],
  [
    'is parked',
    { verdict: 'review', reason: 'a rule', parked_for: 'lines differ' },
    of('review', 'lines differ'),
    undefined,
  ],
  ['waits by a rule', { verdict: 'review', reason: 'a rule' }, of('review', 'a rule'), undefined],
  ['waits, nobody knows why', { verdict: 'review' }, of('review', 'a person is asked'), undefined],
  ['is not decided', {}, undefined, undefined],
  ['is skipped just now', { verdict: 'skip' }, undefined, undefined],
];

test.each(cases)('a payment that %s', async (_what, has, end, reconsidered) => {
  for (const [reconsider, expected] of [
    [false, end],
    [true, reconsidered],
  ] as const) {
    const rest = atRest(reconsider);
    expect(rest.end({ ...row, ...has })).toEqual(expected);
    const asked = await firstRow<{ rests: boolean }>(
      db,
      `SELECT coalesce(${rest.when}, false) AS rests FROM (SELECT :verdict::text AS verdict, :settled_at::timestamptz AS settled_at) row`,
      { verdict: has.verdict ?? null, settled_at: has.settled_at ?? null },
    );
    expect(asked).toEqual({ rests: expected !== undefined });
  }
});
