import { beforeEach, describe, expect, test } from 'vitest';
import { enableEndpoint, removeEndpoint } from '../../src/billing/outgoing/manage-endpoints.ts';
import { replayMessage } from '../../src/billing/outgoing/replay-message.ts';
import { listEndpoints } from '../../src/messages/endpoints.ts';
import { rows } from '../../src/platform/db.ts';
import { outboxUnderTest, tellSystem } from '../support/outbox.ts';
import { recordsOf } from '../support/records.ts';
import { startWebhookSink } from '../support/webhook-sink.ts';

const outbox = await outboxUnderTest();
const { db, event, send, sendIfDue, state, tries } = outbox;
const records = recordsOf(outbox.databaseUrl);
const sink = await startWebhookSink();

beforeEach(async () => {
  await rows(
    db,
    'TRUNCATE outgoing_endpoints, messages, message_attempts, review_items, audit_log RESTART IDENTITY CASCADE',
  );
  sink.received.length = 0;
  sink.answer(204);
});

const reviews = () =>
  records.rows<{ kind: string; subject: string; summary: string }>(
    'select kind, subject, summary from review_items order by id',
  );

describe('an event', () => {
  test('goes to each endpoint that wants its type, once', async () => {
    const other = await startWebhookSink();
    await tellSystem(db, sink.url, ['invoice.paid']);
    await tellSystem(db, other.url);
    await event('invoice.paid');
    await event('payment.failed');
    const queued = await records.rows(
      'select kind, url from messages join outgoing_endpoints e on e.id = endpoint order by 1, 2',
    );
    expect(queued).toHaveLength(3);
    expect(queued.filter(({ url }) => url === sink.url)).toEqual([{ kind: 'invoice.paid', url: sink.url }]);
  });

  test('is sent with its type, time and data, and recorded', async () => {
    await tellSystem(db, sink.url);
    const id = await event('invoice.paid', { amount: 1_999 });
    expect(await send(id)).toMatchObject({ state: 'sent', attempts: 1, last_error: null });
    expect(JSON.parse(sink.received[0]?.body ?? '')).toEqual({
      type: 'invoice.paid',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      data: { invoice: 'inv_1', amount: 1_999 },
    });
    expect(await tries(id)).toMatchObject([{ ok: true, answer: '204' }]);
  });

  test('is sent with the same id and the same bytes at every try, and never again once it was taken', async () => {
    await tellSystem(db, sink.url);
    const id = await event('invoice.paid', { z: 1, a: { y: [1, 2, { b: 3 }], x: 'ü' }, big: 99_999_999 });
    sink.answer(500);
    await send(id);
    await send(id);
    sink.answer(200);
    await send(id);
    await send(id);
    expect(new Set(sink.received.map(({ body }) => body)).size).toBe(1);
    expect(sink.received.map(({ headers }) => headers['webhook-id'])).toEqual([id, id, id]);
    expect(await tries(id)).toMatchObject([{ ok: false }, { ok: false }, { ok: true }]);
  });

  test('is not sent twice by two senders at once, nor before it is due', async () => {
    await tellSystem(db, sink.url);
    const id = await event();
    await Promise.all(Array.from({ length: 5 }, () => sendIfDue(id)));
    expect(sink.received).toHaveLength(1);
    const late = await event();
    await rows(db, `UPDATE messages SET next_attempt_at = now() + interval '1 minute' WHERE id = ?`, [late]);
    await sendIfDue(late);
    expect(sink.received).toHaveLength(1);
  });
});

describe('an endpoint that does not take it', () => {
  test('is asked again after ever longer pauses, for just under three days, and then a person is', async () => {
    await tellSystem(db, sink.url);
    const id = await event();
    sink.answer((response) => response.writeHead(503).end('closed\u0000\nfor lunch'));
    const pauses: number[] = [];
    for (let attempt = 1; attempt <= 9; attempt += 1) {
      const { state: now, attempts, next_in } = await send(id);
      expect({ now, attempts }).toEqual({ now: 'pending', attempts: attempt });
      pauses.push(next_in);
    }
    expect(pauses.every((pause, n) => n === 0 || pause > (pauses[n - 1] ?? 0) * 0.8)).toBe(true);
    expect(pauses.reduce((sum, pause) => sum + pause, 0)).toBeLessThan(3 * 86_400);
    expect(await reviews()).toEqual([]);
    expect(await send(id)).toMatchObject({ state: 'dead', attempts: 10 });
    expect(await tries(id)).toHaveLength(10);
    expect((await tries(id))[0]?.answer).toBe('the endpoint answered 503 closed for lunch');
    expect(await reviews()).toMatchObject([{ kind: 'message_undelivered', subject: 'endpoint:1' }]);
  });

  test('raises one question, however many events it does not take; nothing of its path or answer is in it', async () => {
    const url = `${sink.url}?token=secret`;
    await tellSystem(db, url);
    sink.answer((response) => response.writeHead(500).end('customer@example.com'));
    for (const id of [await event(), await event(), await event()]) await dieOf(id);
    const asked = await reviews();
    expect(asked).toHaveLength(1);
    expect(asked[0]?.summary).toContain(new URL(url).host);
    expect(asked[0]?.summary).not.toMatch(/secret|events\?|customer@/);
  });

  test('does not make the notice of a question a question of its own', async () => {
    await tellSystem(db, sink.url);
    sink.answer(500);
    await dieOf(await event('review.raised'));
    expect(await reviews()).toEqual([]);
    await dieOf(await event('invoice.paid'));
    const [notice] = await records.rows<{ id: string }>(
      "select id from messages where kind = 'review.raised' and state = 'pending'",
    );
    await dieOf(notice?.id ?? '');
    expect(await reviews()).toHaveLength(1);
    expect(await records.rows("select 1 from messages where state = 'pending' and channel = 'webhook'")).toEqual([]);
  });

  /** The tenth try. */
  async function dieOf(id: string): Promise<void> {
    await rows(db, 'UPDATE messages SET attempts = 9 WHERE id = ?', [id]);
    expect(await send(id)).toMatchObject({ state: 'dead' });
  }
});

describe('an endpoint that answers 410', () => {
  test('is told nothing any more, and a person is asked: the other endpoints hear of it', async () => {
    const other = await startWebhookSink();
    await tellSystem(db, sink.url);
    await tellSystem(db, other.url, ['review.raised']);
    const [id, next] = [await event(), await event('payment.failed')];
    sink.answer(410);
    expect(await send(id)).toMatchObject({ state: 'dead', attempts: 1 });
    expect(await listEndpoints(db)).toMatchObject([{ disabled_at: expect.any(Date) }, { disabled_at: null }]);
    expect(await reviews()).toMatchObject([{ kind: 'webhook_gone', subject: 'endpoint:1' }]);
    expect(await send(next)).toMatchObject({ state: 'skipped', last_error: 'the endpoint is disabled' });
    expect(sink.received).toHaveLength(1);
    const notices = await records.rows(
      "select url from messages join outgoing_endpoints e on e.id = endpoint where kind = 'review.raised'",
    );
    expect(notices).toEqual([{ url: other.url }]);
  });

  test('to a notice of a question as well, without end of questions', async () => {
    await tellSystem(db, sink.url);
    sink.answer(410);
    await send(await event('review.raised'));
    expect(await reviews()).toHaveLength(1);
    expect(await records.rows("select 1 from messages where state = 'pending' and channel = 'webhook'")).toEqual([]);
  });

  test('hears again of what happens once it is enabled, and of what was skipped when that is replayed', async () => {
    await tellSystem(db, sink.url);
    const [id, skipped] = [await event(), await event()];
    sink.answer(410);
    await send(id);
    await send(skipped);
    await expect(replayMessage(db, skipped, 'test', 'wanted')).rejects.toThrow('disabled or removed');
    await enableEndpoint(db, sink.url, 'test', 'mended');
    sink.answer(200);
    await replayMessage(db, skipped, 'test', 'wanted');
    expect(await send(skipped)).toMatchObject({ state: 'sent' });
    expect(await send(await event())).toMatchObject({ state: 'sent' });
  });
});

test('what waits for an endpoint that was removed is skipped; the record of what it was sent stays', async () => {
  await tellSystem(db, sink.url);
  const [before, after] = [await event(), await event()];
  await send(before);
  await removeEndpoint(db, sink.url, 'test', 'system is gone');
  expect(await send(after)).toMatchObject({ state: 'skipped', last_error: 'the endpoint was removed' });
  expect(await tries(before)).toHaveLength(1);
  expect(await event()).toBe(after);
  expect(sink.received).toHaveLength(1);
  await tellSystem(db, sink.url);
  expect(await listEndpoints(db)).toMatchObject([{ url: sink.url, disabled_at: null }]);
  await expect(tellSystem(db, sink.url)).rejects.toThrow('is told already');
});

describe('a replay', () => {
  test('sends a dead message once more, with the same id and bytes, all its tries ahead, and an audit row', async () => {
    await tellSystem(db, sink.url);
    const id = await event();
    sink.answer(500);
    await rows(db, 'UPDATE messages SET attempts = 9 WHERE id = ?', [id]);
    await send(id);
    await replayMessage(db, id, 'cli:ada', 'the shop is up again');
    expect(await send(id)).toMatchObject({ state: 'pending', attempts: 1 });
    sink.answer(200);
    expect(await send(id)).toMatchObject({ state: 'sent' });
    expect(new Set(sink.received.map(({ headers, body }) => `${headers['webhook-id']} ${body}`)).size).toBe(1);
    expect(
      await records.rows('select actor, action, subject, reason from audit_log where action = $1', ['message.replay']),
    ).toEqual([{ actor: 'cli:ada', action: 'message.replay', subject: id, reason: 'the shop is up again' }]);
  });

  test.each([
    ['an id that is none', 'drop table', 'must be the id'],
    ['a message that is not there', '00000000-0000-4000-8000-000000000000', 'There is no message'],
  ])('of %s is refused', async (_what, id, why) => {
    await expect(replayMessage(db, id, 'test', 'why not')).rejects.toThrow(why);
  });

  test('of a message that is on its way is refused', async () => {
    await tellSystem(db, sink.url);
    await expect(replayMessage(db, await event(), 'test', 'impatience')).rejects.toThrow('on its way');
  });
});

test('a worker that lost its lease may say that it has sent a message, but not that it has failed', async () => {
  await tellSystem(db, sink.url);
  const id = await event();
  const takenOver = () => rows(db, 'UPDATE messages SET attempts = attempts + 1 WHERE id = ?', [id]);
  sink.answer((response) => void takenOver().then(() => response.writeHead(500).end()));
  expect(await send(id)).toMatchObject({ state: 'pending', attempts: 2, last_error: null });
  expect(await state(id)).toMatchObject({ attempts: 2 });
  sink.answer((response) => void takenOver().then(() => response.writeHead(200).end()));
  expect(await send(id)).toMatchObject({ state: 'sent' });
  expect(await tries(id)).toHaveLength(2);
});
