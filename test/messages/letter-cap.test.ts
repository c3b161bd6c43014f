import { beforeEach, expect, test } from 'vitest';
import { invoiceIssued } from '../../src/billing/letters/invoice-issued.ts';
import { replayMessage } from '../../src/billing/outgoing/replay-message.ts';
import type { Cap } from '../../src/messages/cap.ts';
import { DeliveryFailure } from '../../src/messages/delivery-failure.ts';
import type { MailTransport } from '../../src/messages/mail-transport.ts';
import { queueLetter } from '../../src/messages/outbox.ts';
import { firstRow, rows } from '../../src/platform/db.ts';
import { outboxUnderTest } from '../support/outbox.ts';
import { recordedIssued } from '../support/recorded-invoices.ts';

/** A cap spares a customer: what is too many is not sent, and that is shown. */
const outbox = await outboxUnderTest();
const { db, mail, makeDue, send, sendIfDue, state, tries } = outbox;
const { id: invoice } = await recordedIssued(db);
const WEEK = 7 * 86_400;
const TOO_MANY = 'at most 2 within 7 days, and that many were sent';

let sent = 0;
const transport = (taken: () => Promise<string>): { mail: MailTransport } => ({
  mail: {
    async send() {
      const answer = await taken();
      sent += 1;
      return answer;
    },
    close() {},
  },
});
const smtp = transport(async () => '250 taken');
const refusing = transport(async () => {
  throw new DeliveryFailure('permanent', 'SMTP 550', '550 no such user');
});
const busy = transport(async () => {
  throw new DeliveryFailure('temporary', 'SMTP 451', '451 later');
});
/** One that has the mail and says nothing until it is asked to. */
function silent() {
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const takes = transport(() => {
    begin();
    return promise;
  });
  return { takes, begun, answer: resolve, refuse: reject };
}

const letter = (cap: Partial<Cap> = {}) =>
  mail(invoiceIssued, { invoice }, { cap: { key: 'customer:cus_1', most: 2, seconds: WEEK, ...cap } });
const states = async () => {
  const found = await rows<{ state: string }>(db, 'SELECT state FROM messages ORDER BY state');
  return found.map((row) => row.state);
};

beforeEach(async () => {
  await rows(db, 'TRUNCATE messages, message_attempts CASCADE');
  sent = 0;
});

test('of more letters than the cap allows the last ones are skipped, and it is shown why', async () => {
  const [first, second, third] = [await letter(), await letter(), await letter()];
  expect(await send(first, smtp)).toMatchObject({ state: 'sent' });
  expect(await send(second, smtp)).toMatchObject({ state: 'sent' });
  expect(await send(third, smtp)).toMatchObject({ state: 'skipped', attempts: 1, last_error: TOO_MANY });
  expect(await tries(third)).toMatchObject([{ ok: false, answer: TOO_MANY }]);
  expect(sent).toBe(2);
});

test.each([1, 2, 3])('queued and sent at the same moment, exactly as many as allowed go (most: %i)', async (most) => {
  const cap = { key: 'customer:cus_1', most, seconds: WEEK };
  const queue = (n: number) =>
    db.transaction((trx) => queueLetter(trx, invoiceIssued, { invoice }, { to: 'ada@example.com', key: `${n}`, cap }));
  await Promise.all(Array.from({ length: 9 }, (_, n) => queue(n)));
  const ids = (await rows<{ id: string }>(db, 'SELECT id FROM messages')).map(({ id }) => id);
  expect(ids).toHaveLength(9);
  // Those that wait for the end of another are looked at again.
  while ((await states()).includes('pending')) {
    await makeDue();
    await Promise.all([...ids, ...ids].map((id) => sendIfDue(id, smtp)));
  }
  expect(sent).toBe(most);
  expect(await states()).toEqual([...Array(most).fill('sent'), ...Array(9 - most).fill('skipped')].sort());
});

test('what may be on its way just now is waited for, without a try of its own', async () => {
  const { takes, begun, answer } = silent();
  const [first, second] = [await letter({ most: 1 }), await letter({ most: 1 })];
  const sending = send(first, takes);
  await begun;
  expect(await sendIfDue(second, smtp)).toMatchObject({ state: 'pending', attempts: 0, last_error: null });
  expect((await state(second)).next_in).toBeGreaterThan(1);
  answer('250 taken');
  expect(await sending).toMatchObject({ state: 'sent' });
  expect(await send(second, smtp)).toMatchObject({ state: 'skipped' });
  expect(sent).toBe(1);
});

test('what comes back from its way takes nobody’s place', async () => {
  const { takes, begun, refuse } = silent();
  const [first, second] = [await letter({ most: 1 }), await letter({ most: 1 })];
  const sending = send(first, takes);
  await begun;
  expect(await sendIfDue(second, smtp)).toMatchObject({ state: 'pending' });
  refuse(new DeliveryFailure('permanent', 'SMTP 550', '550 no such user'));
  expect(await sending).toMatchObject({ state: 'dead' });
  expect(await send(second, smtp)).toMatchObject({ state: 'sent' });
});

test('a sender that has died may have sent it: others wait until it was tried again', async () => {
  const [first, second] = [await letter({ most: 1 }), await letter({ most: 1 })];
  await rows(db, `UPDATE messages SET attempts = 1, lease_until = now() - interval '1 second' WHERE id = ?`, [first]);
  expect(await sendIfDue(second, smtp)).toMatchObject({ state: 'pending', attempts: 0 });
  expect(await sendIfDue(first, smtp)).toMatchObject({ state: 'sent', attempts: 2 });
  expect(await send(second, smtp)).toMatchObject({ state: 'skipped' });
});

test.each([
  ['is dead', refusing, 'dead'],
  ['waits for its next try', busy, 'pending'],
  ['had nothing left to say', { ...smtp, render: async () => ({ skipped: 'nothing to say' }) }, 'skipped'],
] as const)('one that %s is not counted', async (_how, deps, end) => {
  const [first, second] = [await letter({ most: 1 }), await letter({ most: 1 })];
  expect(await send(first, deps)).toMatchObject({ state: end });
  expect(await sendIfDue(second, smtp)).toMatchObject({ state: 'sent' });
});

test('when the time has passed, there is room again', async () => {
  await send(await letter({ most: 1 }), smtp);
  const earlier = (seconds: number) =>
    rows(db, 'UPDATE messages SET sent_at = now() - make_interval(secs => ?) WHERE sent_at IS NOT NULL', [seconds]);
  await earlier(WEEK - 60);
  expect(await send(await letter({ most: 1 }), smtp)).toMatchObject({ state: 'skipped' });
  await earlier(WEEK + 60);
  expect(await send(await letter({ most: 1 }), smtp)).toMatchObject({ state: 'sent' });
});

test('a cap is about its own key, and letters without one go in any number', async () => {
  await send(await letter({ most: 1 }), smtp);
  expect(await send(await letter({ most: 1, key: 'customer:cus_2' }), smtp)).toMatchObject({ state: 'sent' });
  for (let n = 0; n < 3; n += 1) {
    expect(await send(await mail(invoiceIssued, { invoice }), smtp)).toMatchObject({ state: 'sent' });
  }
});

test('a person sends one that was too many all the same, and then it counts', async () => {
  await send(await letter({ most: 1 }), smtp);
  const second = await letter({ most: 1 });
  await send(second, smtp);
  await replayMessage(db, second, 'test', 'the customer has asked for it');
  expect(await sendIfDue(second, smtp)).toMatchObject({ state: 'sent' });
  await rows(db, `UPDATE messages SET sent_at = now() - interval '8 days' WHERE id <> ?`, [second]);
  expect(await send(await letter({ most: 1 }), smtp)).toMatchObject({ state: 'skipped' });
});

test('a cap of none is a mistake of whoever queues', async () => {
  await expect(letter({ most: 0 })).rejects.toThrow('messages_cap_most');
  await expect(letter({ seconds: 0 })).rejects.toThrow('messages_cap_seconds');
  expect(await firstRow(db, 'SELECT id FROM messages')).toBeUndefined();
});
