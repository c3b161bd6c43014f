import { beforeEach, describe, expect, test } from 'vitest';
import { askPerson, closeAnswered } from '../../src/billing/desk/review-items.ts';
import { reviewNotice } from '../../src/billing/letters/review-notice.ts';
import { tellOperators } from '../../src/billing/tell-operators.ts';
import { OPERATOR } from '../../src/messages/outbox.ts';
import { rows } from '../../src/platform/db.ts';
import { startMailCatcher } from '../support/mail-catcher.ts';
import { outboxUnderTest, transportTo } from '../support/outbox.ts';
import { recordsOf } from '../support/records.ts';
import { textOf } from '../views/example-invoice.ts';

/** Mails to the operator about questions, over a real SMTP server. */
const outbox = await outboxUnderTest();
const { db, mail, send } = outbox;
const records = recordsOf(outbox.databaseUrl);
const catcher = await startMailCatcher();
const smtp = { mail: transportTo(catcher.smtp) };

beforeEach(async () => {
  await rows(db, 'TRUNCATE messages, message_attempts, review_items CASCADE');
  await catcher.behave('accept');
  await catcher.clear();
});

describe('the notice of a new question', () => {
  const ask = async () => {
    await askPerson(db, {
      kind: 'double_payment',
      subject: 'pi_1',
      summary: 'Paid twice.',
      details: { invoice: 'inv_1', amount: 5, currency: 'eur' },
    });
    await tellOperators(db);
    const [row] = await records.rows<{ id: string }>("select id from messages where kind = 'review_notice'");
    return row?.id ?? '';
  };

  test('goes to the operator, with a link to the question', async () => {
    const id = await ask();
    expect(await send(id, smtp)).toMatchObject({ state: 'sent' });
    expect(await catcher.mails()).toMatchObject([
      { to: 'operator@example.com', text: expect.stringContaining('https://billing.example/console/reviews/') },
    ]);
  });

  test('without OPERATOR_EMAIL is skipped, and that is shown', async () => {
    expect(await send(await ask(), { ...smtp, operatorEmail: undefined })).toMatchObject({
      state: 'skipped',
      last_error: 'OPERATOR_EMAIL is not set',
    });
  });

  test('is not sent when somebody has answered meanwhile', async () => {
    const id = await ask();
    const [item] = await records.rows<{ id: string }>('select id from review_items');
    const close = { actor: 'test', choice: 'keep_payment', reason: 'known', result: 'it stays' };
    await db.transaction((trx) => closeAnswered(trx, Number(item?.id), close));
    expect(await send(id, smtp)).toMatchObject({ state: 'skipped', last_error: 'the question is resolved by now' });
  });

  test('that can’t be delivered raises no question: that would have a notice too', async () => {
    const id = await ask();
    await catcher.behave('permanent');
    expect(await send(id, smtp)).toMatchObject({ state: 'dead' });
    expect(await records.rows('select 1 from review_items')).toHaveLength(1);
    expect(await records.rows("select 1 from messages where state = 'pending'")).toEqual([]);
  });

  test('goes to whoever is the operator when it is sent', async () => {
    const id = await mail(reviewNotice, { item: 0 }, { to: OPERATOR });
    expect(await send(id, { ...smtp, operatorEmail: 'new@example.com' })).toMatchObject({
      state: 'skipped',
      last_error: 'the question is not there by now',
    });
  });
});

describe('the notice of several questions', () => {
  const ask = async (...kinds: ('double_payment' | 'event_failed')[]) => {
    const details = { invoice: 'inv_1', amount: 5, currency: 'eur', event: 'evt_1', type: 'x', attempts_used_up: true };
    for (const [n, kind] of kinds.entries())
      await askPerson(db, { kind, subject: `pi_${n}`, summary: `What about pi_${n}?`, details });
    await tellOperators(db);
    const [row] = await records.rows<{ id: string }>("select id from messages where kind = 'review_digest'");
    return row?.id ?? '';
  };

  test('counts them by kind, tells the first ones, and leads to the list', async () => {
    const id = await ask('double_payment', ...Array(11).fill('event_failed'));
    expect(await send(id, smtp)).toMatchObject({ state: 'sent' });
    const [sent] = await catcher.mails();
    expect(sent).toMatchObject({ to: 'operator@example.com', subject: 'Decisions are needed: 12 questions' });
    for (const part of [sent?.text ?? '', textOf(sent?.html ?? '')]) {
      expect(part).toMatch(/event failed[^\d]*11/);
      expect(part).toMatch(/double payment[^\d]*1/);
      expect(part).toContain('(pi_9): What about pi_9?');
      expect(part).not.toContain('pi_10');
      expect(part).toContain('And 2 more.');
      expect(part).toContain('https://billing.example/console/reviews');
    }
  });

  test('is not sent when all are answered, and raises no question when it can’t be delivered', async () => {
    const id = await ask('double_payment', 'event_failed');
    await catcher.behave('permanent');
    expect(await send(id, smtp)).toMatchObject({ state: 'dead' });
    expect(await records.rows('select 1 from review_items')).toHaveLength(2);
    await rows(db, `UPDATE review_items SET state = 'dismissed', closed_at = now()`);
    await rows(db, `UPDATE messages SET state = 'pending' WHERE id = ?`, [id]);
    expect(await send(id, smtp)).toMatchObject({
      state: 'skipped',
      last_error: 'all of its questions are answered by now',
    });
  });
});
