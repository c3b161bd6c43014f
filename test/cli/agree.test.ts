import { beforeEach, describe, expect, test } from 'vitest';
import { rows } from '../../src/platform/db.ts';
import { billingUnderTest } from '../support/billing-deps.ts';
import { answerOf, quittance } from '../support/command.ts';
import { tellSystem } from '../support/outbox.ts';
import { recordedPaid } from '../support/recorded-invoices.ts';

/** `agree`: what is derived from records, all over again. */
const { deps, settings } = await billingUnderTest();
const { db } = deps;
beforeEach(() => rows(db, 'TRUNCATE messages, audit_log, agreement_marks, outgoing_endpoints, invoices CASCADE'));

const agree = (...words: string[]) => answerOf(['agree', ...words], settings);
const messages = async () => (await rows(db, 'SELECT FROM messages')).length;
/** As if the customers had paid without anybody being told: recorded invoices queue nothing. */
async function paidInvoices(count: number): Promise<void> {
  await recordedPaid(db);
  await rows(
    db,
    `INSERT INTO invoices (id, status, series, number, customer_name, customer_email, currency, issued_at, paid_at,
                           paid_amount, payment_intent, created_by)
     SELECT 'inv_' || lpad(n::text, 16, '0'), status, series, series || '-9' || n, customer_name, customer_email, currency, issued_at,
            paid_at, paid_amount, 'pi_copy' || n, created_by
     FROM invoices, generate_series(2, :count) n`,
    { count },
  );
}

describe('agree', () => {
  test('over 1,000 paid invoices queues nothing, also after an endpoint was added', async () => {
    await paidInvoices(1_000);
    const said = '1000 of 1000 records are in agreement; nobody was told.\n';
    expect(await agree('--dependent', 'tell_customer')).toBe(said);
    await tellSystem(db, 'https://shop.example/');
    expect(await agree('--dependent', 'tell_systems')).toBe(said);
    expect(await messages()).toBe(0);
    expect(await rows(db, 'SELECT FROM agreement_marks')).toEqual([]);
  });

  test('--tell shows how many first, queues them only when told to, and each once', async () => {
    await paidInvoices(250);
    await tellSystem(db, 'https://shop.example/');
    const words = ['--dependent', 'tell_systems', '--tell'];
    const would =
      'tell_systems would queue 250 messages about 250 records; what was queued before is not queued again.\n';
    const unasked = await quittance(['agree', ...words], settings);
    expect(unasked).toMatchObject({ code: 1, stdout: `${would}Nothing was queued. Give --yes to queue them.\n` });
    expect(await messages()).toBe(0);
    expect(await rows(db, `SELECT FROM audit_log WHERE action = 'agree.tell'`)).toEqual([]);

    expect(await agree(...words, '--yes', '--reason', 'the shop is new')).toBe(
      `${would}250 of 250 records are in agreement; 250 messages are queued.\n`,
    );
    expect(await messages()).toBe(250);
    expect(
      await rows(db, `SELECT action, subject, reason, details FROM audit_log WHERE action = 'agree.tell'`),
    ).toEqual([
      {
        action: 'agree.tell',
        subject: 'tell_systems',
        reason: 'the shop is new',
        details: { messages: 250, since: '1970-01-01T00:00:00.000Z' },
      },
    ]);
    expect(await agree(...words, '--yes')).toMatch(/would queue 0 messages .*\n.*there is nothing to tell\.\n$/);
  });

  test('--tell reaches what is too old to be told by itself; --since leaves out what is older', async () => {
    await paidInvoices(3);
    await rows(db, `UPDATE invoices SET paid_at = paid_at - interval '3 years' WHERE id = 'inv_0000000000000002'`);
    await tellSystem(db, 'https://shop.example/');
    const words = ['agree', '--dependent', 'tell_systems', '--tell'];
    expect((await quittance(words, settings)).stdout).toContain('3 messages about 3 records');
    expect((await quittance([...words, '--since', '2026-01-01'], settings)).stdout).toContain(
      '2 messages about 2 records',
    );
  });

  test('says which dependents there are', async () => {
    const { code, stderr } = await quittance(['agree', '--dependent', 'journal'], settings);
    expect([code, stderr]).toEqual([
      1,
      '--dependent must be one of access, paid_after_end, recovery, second_subscription, tell_customer, tell_systems, not journal.\n',
    ]);
  });
});
