import { describe, expect, test } from 'vitest';
import type { Question } from '../../../src/billing/desk/questions.ts';
import { askPerson } from '../../../src/billing/desk/review-items.ts';
import { receipt } from '../../../src/billing/letters/receipt.ts';
import { confirmCheckout } from '../../../src/billing/own-invoices/confirm-checkout.ts';
import { queueLetter } from '../../../src/messages/outbox.ts';
import { firstRow, rows } from '../../../src/platform/db.ts';
import { ownInvoices } from '../../support/own-invoices.ts';
import { textOf } from '../../views/example-invoice.ts';
import { siteUnderTest } from './site.ts';

/** The rooms of reviews, messages, payments and events. */
const site = await siteUnderTest();
const { deps, side } = site;
const { db, stripe } = deps;
const { issued, opened, pay, intentOf } = ownInvoices(site);
const operator = await site.as('operator');

async function itemOf(subject: string): Promise<{ id: number; state: string }> {
  const item = await firstRow<{ id: number; state: string }>(
    db,
    'SELECT id, state FROM review_items WHERE subject = ?',
    [subject],
  );
  return item ?? { id: 0, state: 'none' };
}

/** A second payment for an invoice that was paid meanwhile. @returns its payment intent */
async function doublePayment(): Promise<string> {
  const invoice = await issued();
  const session = await opened(invoice);
  await pay(session);
  const other = await issued();
  const settled = await opened(other);
  await pay(settled);
  await confirmCheckout(settled, deps);
  // The first one is marked paid by another payment before its own arrives.
  await db.raw(
    `UPDATE invoices SET status = 'paid', payment_intent = 'pi_bank_transfer', paid_at = now(), paid_amount = 1 WHERE id = ?`,
    [invoice.id],
  );
  await confirmCheckout(session, deps);
  await db.raw(`UPDATE invoices SET payment_intent = ? WHERE id = ?`, [`pi_transfer_${invoice.id}`, invoice.id]);
  return intentOf(session);
}

const failed = (subject: string): Question => ({
  kind: 'event_failed',
  subject,
  summary: 'It failed.',
  details: { event: subject, type: 'charge.refunded', attempts_used_up: true },
});

describe('the review queue', () => {
  test('shows what waits, with links to the payment and the invoice, and decides with a reason', async () => {
    const intent = await doublePayment();
    const item = await itemOf(intent);
    const list = await operator('/console/reviews');
    expect(list.html).toContain(`href="/console/reviews/${item.id}"`);
    const room = await operator(`/console/reviews/${item.id}`);
    expect(room.html).toContain(`href="/console/payments/${intent}"`);
    expect(room.html).toMatch(/href="\/console\/invoices\/inv_\w+"/);
    expect(textOf(room.html)).toMatch(/Refund as duplicate The whole payment is refunded/);

    const form = { choice: 'refund_as_duplicate', reason: 'paid by bank as well' };
    const decided = await operator(`/console/reviews/${item.id}`, { form });
    expect(decided).toMatchObject({ status: 303, location: `/console/reviews/${item.id}?done=decided` });
    expect((await stripe.refunds.list({ payment_intent: intent })).data).toMatchObject([
      { amount: 28_800, reason: 'duplicate' },
    ]);
    const after = textOf((await operator(decided.location ?? '')).html);
    expect(after).toMatch(/Decided.*resolved.*refund as duplicate.*paid by bank as well/);
    expect(after).toMatch(/admin:operator review\.refund_as_duplicate paid by bank as well refund re_\w+ is succeeded/);
    expect((await operator('/console/reviews')).html).not.toContain(`href="/console/reviews/${item.id}"`);
    expect((await operator('/console/reviews?state=closed')).html).toContain(`href="/console/reviews/${item.id}"`);
  });

  test('a choice that fails says why, keeps what was typed, and leaves the question open', async () => {
    const intent = await doublePayment();
    const { id } = await itemOf(intent);
    await side.fault({ kind: 'error_before', path: '/v1/refunds', method: 'POST', status: 500, count: 3 });
    const form = { choice: 'refund_as_duplicate', reason: 'paid "twice"' };
    const answer = await operator(`/console/reviews/${id}`, { form });
    await side.endFaults();
    expect([answer.status, textOf(answer.html)]).toEqual([503, expect.stringContaining('This did not work')]);
    expect(answer.html).toMatch(/value="refund_as_duplicate" required checked/);
    expect(answer.html).toContain('value="paid &quot;twice&quot;"');
    expect((await itemOf(intent)).state).toBe('open');
    expect((await operator(`/console/reviews/${id}`, { form })).status).toBe(303);
    expect((await stripe.refunds.list({ payment_intent: intent })).data).toHaveLength(1);
  });

  test.each([
    ['no reason', { choice: 'end_as_ignored', reason: ' ' }, 422, /A reason is needed/],
    ['no choice', { reason: 'because' }, 409, /offers try_again, end_as_ignored, not/],
    [
      'a choice that is not offered',
      { choice: 'dismiss', reason: 'because' },
      409,
      /offers try_again, end_as_ignored, not dismiss/,
    ],
  ])('takes no decision with %s', async (what, form, status, why) => {
    await askPerson(db, failed(`evt_${what.replaceAll(' ', '')}`));
    const { id } = await itemOf(`evt_${what.replaceAll(' ', '')}`);
    const answer = await operator(`/console/reviews/${id}`, { form });
    expect([answer.status, textOf(answer.html)]).toEqual([status, expect.stringMatching(why)]);
    expect((await itemOf(`evt_${what.replaceAll(' ', '')}`)).state).toBe('open');
  });

  test('a question is decided once, by whoever comes first; who presses twice is told that it is done', async () => {
    await askPerson(db, failed('evt_once'));
    const { id } = await itemOf('evt_once');
    const form = { choice: 'end_as_ignored', reason: 'known' };
    const first = await operator(`/console/reviews/${id}`, { form });
    const second = await operator(`/console/reviews/${id}`, { form });
    const other = await operator(`/console/reviews/${id}`, { form: { ...form, choice: 'try_again' } });
    expect([first.status, second.status, other.status]).toEqual([303, 303, 409]);
    expect(textOf(other.html)).toContain('is resolved already, decided as end_as_ignored by admin:');
    expect(await rows(db, `SELECT id FROM audit_log WHERE subject = 'evt_once'`)).toHaveLength(1);
  });

  test('numbers that no question has lead nowhere', async () => {
    for (const id of ['0', '999999999999999', '9999999999999999999', '1e1', '-1', 'x']) {
      expect((await operator(`/console/reviews/${id}`)).status).toBe(404);
      expect((await operator(`/console/reviews/${id}`, { form: { choice: 'dismiss', reason: 'x' } })).status).toBe(404);
    }
  });
});

describe('the outbox', () => {
  async function message(state: string): Promise<string> {
    const invoice = await issued();
    const envelope = { to: 'ada@example.com', key: `test:${invoice.id}` };
    await queueLetter(db, receipt, { invoice: invoice.id }, envelope);
    const row = await firstRow<{ id: string }>(
      db,
      `UPDATE messages SET state = :state, attempts = 10, sent_at = CASE WHEN :state = 'sent' THEN now() END,
              last_error = 'mail server: 550 no such user' WHERE dedupe_key = :key RETURNING id`,
      { state, key: `mail:test:${invoice.id}` },
    );
    return row?.id ?? '';
  }
  const stateOf = async (id: string) =>
    (await firstRow<{ state: string }>(db, 'SELECT state FROM messages WHERE id = ?', [id]))?.state;

  test('lists messages by state, with their tries and the last answer', async () => {
    const [dead, sent] = [await message('dead'), await message('sent')];
    const list = await operator('/console/messages?state=dead');
    expect(list.html).toContain(`/console/messages/${dead}`);
    expect(list.html).not.toContain(sent);
    expect(textOf(list.html)).toMatch(/mail: receipt ada@example\.com given up 10 mail server: 550/);
    expect(textOf((await operator('/console')).html)).toMatch(/Messages given up 1/);
  });

  test('a message that was given up goes out again with a reason, which is kept', async () => {
    const id = await message('dead');
    const at = `/console/messages/${id}/replay`;
    expect((await operator(at, { form: { reason: '' } })).status).toBe(422);
    expect(await stateOf(id)).toBe('dead');
    expect((await operator(at, { form: { reason: 'address corrected' } })).location).toMatch(/done=replayed$/);
    expect(await stateOf(id)).toBe('pending');
    const room = textOf((await operator(`/console/messages/${id}`)).html);
    expect(room).toMatch(/admin:operator message\.replay address corrected/);
    // Again, before it went out.
    expect((await operator(at, { form: { reason: 'again' } })).status).toBe(409);
  });

  test('a mail that was sent does not go out twice', async () => {
    const id = await message('sent');
    expect((await operator(`/console/messages/${id}`)).html).not.toContain('/replay');
    expect((await operator(`/console/messages/${id}/replay`, { form: { reason: 'x' } })).status).toBe(409);
    expect(await stateOf(id)).toBe('sent');
  });

  test('ids that are none lead nowhere', async () => {
    for (const id of ['x', '%00', '00000000-0000-0000-0000-000000000000']) {
      expect((await operator(`/console/messages/${id}`)).status).toBe(404);
    }
  });
});

describe('the story of a payment', () => {
  test('is told with the own invoice that it settled', async () => {
    const invoice = await issued();
    const session = await opened(invoice);
    await pay(session);
    await confirmCheckout(session, deps);
    const intent = await intentOf(session);
    expect((await operator(`/console/payments/${intent}`)).status).toBe(404);
    await db.raw(
      `INSERT INTO payments (payment_intent, livemode, status, amount_received, currency, verdict, reason)
       VALUES (?, false, 'succeeded', 28800, 'eur', 'invoice', 'no rule applies')`,
      [intent],
    );
    const room = await operator(`/console/payments/${intent}`);
    expect(textOf(room.html)).toMatch(/Received EUR 288\.00 Status succeeded/);
    expect(room.html).toContain(`href="/console/invoices/${invoice.id}"`);
  });

  test.each(['/payments/pi_nothing', '/payments/x', '/payments/%00', '/events/evt_nothing', "/events/'", '/nothing'])(
    '%s leads nowhere',
    async (path) => {
      const answer = await operator(`/console${path}`);
      expect([answer.status, textOf(answer.html)]).toEqual([404, expect.stringContaining('nothing at this address')]);
    },
  );
});
