import { beforeEach, describe, expect, test } from 'vitest';
import { invoiceIssued } from '../../src/billing/letters/invoice-issued.ts';
import { receipt } from '../../src/billing/letters/receipt.ts';
import { takeDue } from '../../src/messages/messages.ts';
import { queueLetter } from '../../src/messages/outbox.ts';
import type { MailToWrite } from '../../src/messages/send-message.ts';
import { rows } from '../../src/platform/db.ts';
import { outboxUnderTest } from '../support/outbox.ts';

/** What is said beside a letter when it is queued: when it may go, and in which language. */
const outbox = await outboxUnderTest();
const { db, mail, sendIfDue, state } = outbox;
const taking = { send: async () => '250 taken', close() {} };
const words = { subject: 'x', text: 'x', html: 'x' };
const smtp = { mail: taking, render: async () => words };
const hours = (count: number) => new Date(Date.now() + count * 3_600_000);
const letter = (notBefore?: Date) =>
  mail(invoiceIssued, { invoice: 'inv_1' }, { ...(notBefore ? { notBefore } : {}), key: 'once' });

beforeEach(() => rows(db, 'TRUNCATE messages, message_attempts CASCADE'));

describe('a letter', () => {
  test('that must not go before some time is not due until then', async () => {
    const id = await letter(hours(9));
    expect(await sendIfDue(id, smtp)).toMatchObject({ state: 'pending', attempts: 0 });
    expect((await state(id)).next_in).toBeCloseTo(9 * 3_600, -2);
    expect(await takeDue(db, 10)).toEqual([]);
    await rows(db, `UPDATE messages SET next_attempt_at = next_attempt_at - interval '9 hours'`);
    expect((await takeDue(db, 10)).map((due) => due.id)).toEqual([id]);
    expect(await sendIfDue(id, smtp)).toMatchObject({ state: 'sent' });
  });

  test('whose time has passed is due at once, and not before what waits longer', async () => {
    const id = await letter(hours(-9));
    expect((await state(id)).next_in).toBeCloseTo(0, 0);
    expect(await sendIfDue(id, smtp)).toMatchObject({ state: 'sent' });
  });

  test('that is queued again keeps its time', async () => {
    const id = await letter(hours(9));
    await letter();
    expect((await state(id)).next_in).toBeGreaterThan(8 * 3_600);
    expect(await rows(db, 'SELECT id FROM messages')).toHaveLength(1);
  });

  test.each([
    ['de-CH', 'de-CH'],
    [undefined, null],
  ])('is written in the language that was asked for (%s)', async (locale, given) => {
    const asked: MailToWrite[] = [];
    const render = async (written: MailToWrite) => {
      asked.push(written);
      return words;
    };
    const id = await mail(receipt, { invoice: 'inv_1', method: 'by card' }, locale ? { locale } : {});
    await sendIfDue(id, { mail: taking, render });
    expect(asked).toMatchObject([{ kind: 'receipt', data: { invoice: 'inv_1', method: 'by card' }, locale: given }]);
  });

  test('of the release before, which knows nothing of all that, is sent', async () => {
    await rows(
      db,
      `INSERT INTO messages (dedupe_key, channel, kind, recipient, data)
       VALUES ('mail:receipt:inv_1', 'mail', 'receipt', 'ada@example.com', '{"invoice":"inv_1"}')`,
    );
    const [row] = await rows<{ id: string }>(db, 'SELECT id FROM messages');
    expect(await sendIfDue(row?.id ?? '', smtp)).toMatchObject({ state: 'sent' });
  });
});

test('data of another shape than the letter’s do not compile', () => {
  const to = { to: 'ada@example.com', key: 'x' };
  const wrong = [
    // @ts-expect-error nothing is named
    () => queueLetter(db, receipt, {}, to),
    // @ts-expect-error another letter's
    () => queueLetter(db, receipt, { item: 3 }, to),
    // @ts-expect-error of another type
    () => queueLetter(db, receipt, { invoice: 3 }, to),
    // @ts-expect-error more than it wants
    () => queueLetter(db, receipt, { invoice: 'inv_1', words: 'x' }, to),
    // @ts-expect-error a kind is no letter
    () => queueLetter(db, 'receipt', { invoice: 'inv_1' }, to),
  ];
  expect(wrong).toHaveLength(5);
});
