import { beforeEach, describe, expect, test } from 'vitest';
import type { Question } from '../../../src/billing/desk/questions.ts';
import { askPerson } from '../../../src/billing/desk/review-items.ts';
import { addEndpoint, enableEndpoint, removeEndpoint } from '../../../src/billing/outgoing/manage-endpoints.ts';
import { aboutEndpoint } from '../../../src/billing/outgoing/questions.ts';
import { replayMessage } from '../../../src/billing/outgoing/replay-message.ts';
import { connect, firstRow, rows } from '../../../src/platform/db.ts';
import { releaseAfterFile } from '../../support/clean-up.ts';
import { freshDatabase } from '../../support/database.ts';

/** Whoever mends something by hand has answered what was asked about it: nobody is left to be asked. */
const db = connect((await freshDatabase()).url, { name: 'test', connections: 2 });
releaseAfterFile(() => db.destroy());
beforeEach(() => rows(db, 'TRUNCATE messages, outgoing_endpoints, review_items CASCADE'));

const url = 'https://shop.example/events';

async function endpoint(): Promise<number> {
  await addEndpoint(db, { url, types: [], allowPrivate: false }, 'test');
  const row = await firstRow<{ id: number }>(db, 'SELECT id FROM outgoing_endpoints WHERE url = ?', [url]);
  return row?.id ?? 0;
}

let made = 0;
async function dead(to: { readonly endpoint: number } | 'mail'): Promise<string> {
  made += 1;
  const row = await firstRow<{ id: string }>(
    db,
    `INSERT INTO messages (dedupe_key, channel, kind, recipient, endpoint, data, state, attempts)
     VALUES (:key, :channel, 'receipt', :recipient, :endpoint, '{}', 'dead', 9) RETURNING id`,
    to === 'mail'
      ? { key: `${made}`, channel: 'mail', recipient: 'ada@example.com', endpoint: null }
      : { key: `${made}`, channel: 'webhook', recipient: null, endpoint: to.endpoint },
  );
  return row?.id ?? '';
}

const ask = (question: Question) => db.transaction((trx) => askPerson(trx, question));
const undelivered = (subject: string, message: string) =>
  ask({
    kind: 'message_undelivered',
    subject,
    summary: 'It was not taken.',
    details: { message, kind: 'receipt', tries: 9, failure: 'timeout' },
  });
const gone = (id: number) =>
  ask({
    kind: 'webhook_gone',
    subject: aboutEndpoint(id),
    summary: 'It is gone.',
    details: { endpoint: id, message: 'm', kind: 'invoice.paid' },
  });
const open = async () =>
  (await rows<{ kind: string }>(db, `SELECT kind FROM review_items WHERE state = 'open' ORDER BY kind`)).map(
    ({ kind }) => kind,
  );

describe('an endpoint', () => {
  test('that is enabled is not asked about as gone; what it did not take still is', async () => {
    const id = await endpoint();
    await gone(id);
    await undelivered(aboutEndpoint(id), await dead({ endpoint: id }));
    await enableEndpoint(db, url, 'cli:ada', 'mended');
    expect(await open()).toEqual(['message_undelivered']);
    expect(await firstRow(db, `SELECT closed_by, reason FROM review_items WHERE kind = 'webhook_gone'`)).toEqual({
      closed_by: 'system',
      reason: 'cli:ada has enabled it',
    });
  });

  test('that is removed is asked about no more', async () => {
    const id = await endpoint();
    await gone(id);
    await undelivered(aboutEndpoint(id), await dead({ endpoint: id }));
    await removeEndpoint(db, url, 'cli:ada', 'moved');
    expect(await open()).toEqual([]);
  });
});

describe('a message that is sent again', () => {
  test('answers the question about a mail', async () => {
    const [mail, other] = [await dead('mail'), await dead('mail')];
    for (const id of [mail, other]) await undelivered(id, id);
    await replayMessage(db, mail, 'admin:ada', 'address corrected');
    expect(
      await rows(db, `SELECT subject, reason FROM review_items WHERE state <> 'open'`),
      'and no other one',
    ).toEqual([{ subject: mail, reason: 'admin:ada has sent it again' }]);
  });

  test('answers the question about an endpoint when it was the last that had been given up', async () => {
    const id = await endpoint();
    const [first, last] = [await dead({ endpoint: id }), await dead({ endpoint: id })];
    await undelivered(aboutEndpoint(id), first);
    await replayMessage(db, first, 'admin:ada', 'the shop is up');
    expect(await open()).toEqual(['message_undelivered']);
    await replayMessage(db, last, 'admin:ada', 'the shop is up');
    expect(await open()).toEqual([]);
  });

  test('that can’t be sent answers nothing', async () => {
    const mail = await dead('mail');
    await undelivered(mail, mail);
    await rows(db, `UPDATE messages SET state = 'sent', sent_at = now() WHERE id = ?`, [mail]);
    await expect(replayMessage(db, mail, 'admin:ada', 'x')).rejects.toThrow('does not go out twice');
    expect(await open()).toEqual(['message_undelivered']);
  });
});
