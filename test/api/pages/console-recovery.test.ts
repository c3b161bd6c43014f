import { describe, expect, test } from 'vitest';
import { firstRow, rows } from '../../../src/platform/db.ts';
import { unpaidRenewals } from '../../support/unpaid-renewals.ts';
import { textOf } from '../../views/example-invoice.ts';
import { siteUnderTest } from './site.ts';

/** Failed payments, looked at by people, and what they do about them. */
const site = await siteUnderTest();
const { deps, side } = site;
const { db } = deps;
const { unpaid, daysPass, look } = unpaidRenewals({ deps, side });
await side.control('POST', '/_sim/settings', { retry_days: [30], after_retries: 'past_due' });
const operator = await site.as('operator');
const viewer = await site.as('viewer');
const why = { reason: 'the customer has called' };
const audited = (subject: string) =>
  rows<{ actor: string; action: string; reason: string }>(
    db,
    'SELECT actor, action, reason FROM audit_log WHERE subject = ? ORDER BY id',
    [subject],
  );

describe('the room', () => {
  test('tells what is open, of whom, how much, why and what comes next', async () => {
    const { invoice } = await unpaid({ decline_code: 'insufficient_funds' });
    const { html } = await operator('/console/recovery');
    const text = textOf(html);
    expect(html).toContain(`href="/console/recovery/${invoice}"`);
    expect(text).toMatch(
      /ada@example\.com EUR 30\.00 not enough money since \S+ \S+ UTC 1 try 0 letters open Stripe plans a try \d{4}-/,
    );
    expect(text).toMatch(/Month by month .* \d{4}-\d\d 1 EUR 30\.00 .*By the month \(UTC\) of the first failure/);
  });

  test('finds by what people have at hand, and says when nothing is found', async () => {
    const { invoice, customer } = await unpaid();
    for (const search of [invoice, customer, 'ADA@']) {
      expect((await operator(`/console/recovery?q=${encodeURIComponent(search)}`)).html).toContain(invoice);
    }
    expect(textOf((await operator('/console/recovery?q=nobody')).html)).toContain('Nothing is found for “nobody”.');
    expect(textOf((await operator('/console/recovery?state=recovered')).html)).toContain(
      'No payment was recovered so far.',
    );
  });

  test('asks whether somebody has looked in the Dashboard, notes who has, and asks again after 90 days', async () => {
    await unpaid();
    const asks = 'Please look in the Dashboard of Stripe';
    expect(textOf((await operator('/console')).html)).toContain(asks);
    expect((await viewer('/console/recovery')).html).not.toContain('/recovery/confirm');
    const form = { setting: 'no_mails_of_stripe', reason: 'all three are off' };
    expect((await operator('/console/recovery/confirm', { form })).status).toBe(303);
    expect(textOf((await operator('/console/recovery?done=confirmed')).html)).toContain(
      'It is noted that you have looked.',
    );
    expect(textOf((await operator('/console')).html)).not.toContain(asks);
    expect(textOf((await operator('/console/recovery')).html)).toMatch(/Confirmed: .* \(admin:\S+, \d{4}-/);
    await rows(db, `UPDATE stripe_settings_confirmed SET confirmed_at = now() - interval '91 days'`);
    expect(textOf((await operator('/console')).html)).toContain(asks);
    expect((await operator('/console/recovery/confirm', { form: { ...form, setting: 'nothing' } })).status).toBe(409);
  });
});

describe('the page of a failed payment', () => {
  test('tells what has happened and what comes, the next letter too', async () => {
    const open = await unpaid({ decline_code: 'insufficient_funds' });
    await look();
    const text = textOf((await operator(`/console/recovery/${open.invoice}`)).html);
    expect(text).toMatch(/Why not enough money \(Stripe says insufficient funds\)/);
    expect(text).toMatch(/Next Stripe plans a try \d{4}-\S+ \S+ UTC/);
    expect(text).toMatch(/Own tries Stripe tries by itself Next letter that it failed, \d{4}-/);
    expect(text).toMatch(/the payment failed not enough money \(card declined, insufficient funds\) .* found here/);
  });

  test('stops its letters, and writes them again', async () => {
    const { invoice } = await unpaid();
    expect((await operator(`/console/recovery/${invoice}/stop`, { form: why })).status).toBe(303);
    expect(textOf((await operator(`/console/recovery/${invoice}`)).html)).toContain(
      'Next letter none: somebody has stopped the letters about it',
    );
    await operator(`/console/recovery/${invoice}/go-on`, { form: why });
    const due = await firstRow<{ look_at: Date | null }>(db, 'SELECT look_at FROM recovery_cases WHERE invoice = ?', [
      invoice,
    ]);
    expect(due?.look_at).toBeInstanceOf(Date);
    expect((await audited(invoice)).map(({ action, reason }) => [action, reason])).toEqual([
      ['recovery.stop_letters', why.reason],
      ['recovery.resume_letters', why.reason],
    ]);
  });

  test('unsubscribes its customer, and subscribes him again', async () => {
    const { invoice, customer } = await unpaid();
    await operator(`/console/recovery/${invoice}/unsubscribe`, { form: why });
    await operator(`/console/recovery/${invoice}/unsubscribe`, { form: why });
    expect(textOf((await operator(`/console/recovery/${invoice}`)).html)).toContain('unsubscribed from letters');
    await operator(`/console/recovery/${invoice}/resubscribe`, { form: why });
    expect((await audited(customer)).map(({ action }) => action)).toEqual([
      'recovery.unsubscribe',
      'recovery.resubscribe',
    ]);
    expect(await rows(db, 'SELECT customer FROM recovery_unsubscribed')).toEqual([]);
  });

  test('tries the card, or says from when on it may', async () => {
    const open = await unpaid({ decline_code: 'insufficient_funds' });
    const early = await operator(`/console/recovery/${open.invoice}/try`, { form: why });
    expect([early.status, textOf(early.html)]).toEqual([409, expect.stringContaining('it may be tried again from')]);
    await daysPass(open, 2);
    await side.control('POST', '/_sim/cards', { payment_method: open.declined });
    expect((await operator(`/console/recovery/${open.invoice}/try`, { form: why })).status).toBe(303);
    expect(textOf((await operator(`/console/recovery/${open.invoice}?done=tried_paid`)).html)).toMatch(
      /The invoice is paid\. .*an operator tried it the invoice is paid, by admin:/,
    );
  });

  test('lets a viewer look, and nothing else', async () => {
    const { invoice } = await unpaid();
    expect((await viewer(`/console/recovery/${invoice}`)).status).toBe(200);
    for (const path of ['stop', 'go-on', 'unsubscribe', 'resubscribe', 'try']) {
      expect((await viewer(`/console/recovery/${invoice}/${path}`, { form: why })).status, path).toBe(403);
    }
    expect(await audited(invoice)).toEqual([]);
  });

  test('is not there for what is no case', async () => {
    for (const id of ['in_none', 'sub_1', '%00']) expect((await operator(`/console/recovery/${id}`)).status).toBe(404);
    expect((await operator('/console/recovery/in_none/stop', { form: why })).status).toBe(404);
  });
});
