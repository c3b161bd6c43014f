import { describe, expect, test } from 'vitest';
import {
  type AttemptState,
  attemptsOfInvoice,
  insertAttempt,
  moveAttempt,
  nextAttemptNumber,
  recordSession,
} from '../../../src/billing/own-invoices/checkout-attempts.ts';
import { findInvoice, markPaid } from '../../../src/billing/own-invoices/invoices.ts';
import { issueInvoice } from '../../../src/billing/own-invoices/manage-invoice.ts';
import { connect, rows } from '../../../src/platform/db.ts';
import { releaseAfterFile } from '../../support/clean-up.ts';
import { createDraft } from '../../support/created-drafts.ts';
import { freshDatabase } from '../../support/database.ts';
import { draftDeps } from '../../support/draft-deps.ts';

/** Late words about what is over: the rows themselves refuse them, whoever brings them. */
const db = connect((await freshDatabase()).url, { name: 'test', connections: 4 });
releaseAfterFile(() => db.destroy());

async function issued(): Promise<string> {
  const made = { customer_name: 'Ada', currency: 'eur', lines: [{ description: 'Course', unit_amount: 1_000 }] };
  const { id } = await createDraft(made, 'test', draftDeps(db));
  await issueInvoice(id, { mail: false }, 'test', draftDeps(db));
  return id;
}

async function attempt(invoice: string, state: AttemptState): Promise<number> {
  const { id } = await insertAttempt(db, {
    invoice,
    attempt: await nextAttemptNumber(db, invoice),
    amount: 1_000,
    currency: 'eur',
    extras: [],
    expiresAt: new Date(),
    params: {},
  });
  await recordSession(db, id, `cs_${id}`, null);
  await rows(db, 'UPDATE checkout_attempts SET state = ? WHERE id = ?', [state, id]);
  return id;
}

async function statesOf(invoice: string): Promise<AttemptState[]> {
  return (await attemptsOfInvoice(db, invoice)).map(({ state }) => state).sort();
}

describe('an attempt to pay', () => {
  test.each<[from: AttemptState, told: 'processing' | 'paid' | 'failed' | 'expired', becomes: AttemptState]>([
    ['open', 'processing', 'processing'],
    ['open', 'expired', 'expired'],
    ['processing', 'failed', 'failed'],
    ['processing', 'paid', 'paid'],
    ['expired', 'paid', 'paid'],
    ['paid', 'processing', 'paid'],
    ['paid', 'failed', 'paid'],
    ['paid', 'expired', 'paid'],
  ])('that is %s, and told to be %s, is %s', async (from, told, becomes) => {
    const invoice = await issued();
    await moveAttempt(db, await attempt(invoice, from), told);
    expect(await statesOf(invoice)).toEqual([becomes]);
  });

  test('that is over does not come to life beside another that is alive', async () => {
    const invoice = await issued();
    const over = await attempt(invoice, 'expired');
    await attempt(invoice, 'open');
    await moveAttempt(db, over, 'processing');
    expect(await statesOf(invoice)).toEqual(['expired', 'open']);
  });
});

test.each(['draft', 'paid', 'void'])('an invoice that is %s is not made paid', async (status) => {
  const invoice = await issued();
  const pay = (paymentIntent: string) =>
    db.transaction((trx) => markPaid(trx, invoice, { paymentIntent, amount: 1_000, extras: [], paidAt: new Date() }));
  if (status === 'paid') await pay(`pi_first_${invoice}`);
  else
    await rows(db, 'UPDATE invoices SET status = ?, number = NULL, issued_at = NULL WHERE id = ?', [status, invoice]);
  const before = await findInvoice(db, invoice);
  await pay(`pi_late_${invoice}`);
  expect(await findInvoice(db, invoice)).toEqual(before);
});
