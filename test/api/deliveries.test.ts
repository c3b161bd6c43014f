import { describe, expect, test } from 'vitest';
import { firstRow, rows } from '../../src/platform/db.ts';
import { apiUnderTest } from '../support/api.ts';
import { eventBody } from '../support/events.ts';
import { until } from '../support/eventually.ts';
import { paidAt } from '../support/stripe-objects.ts';
import { deliver, signatureOf, webhookSecrets } from '../support/webhooks.ts';

const { api, db } = await apiUnderTest();
const received = { status: 200, body: { received: true } };

async function answerTo(...delivery: [body: object | string, headers?: Record<string, string>]) {
  const answer = await deliver(api.url, ...delivery);
  return { status: answer.status, body: await answer.json() };
}
const stored = (id: string) =>
  firstRow(db, 'SELECT type, queue, outcome, reason, object_id FROM stripe_events WHERE id = ?', [id]);

describe('received', () => {
  test('an event that somebody listens to is stored and waits for its job', async () => {
    expect(await answerTo(eventBody('evt_listed'))).toEqual(received);
    expect(await stored('evt_listed')).toMatchObject({ queue: 'invoicing', outcome: null, object_id: 'pi_1' });
  });

  test('signed with either secret of a rotation, or with both', async () => {
    for (const [n, secret] of webhookSecrets.entries()) {
      const body = JSON.stringify(eventBody(`evt_rotation${n}`));
      expect(await answerTo(body, { 'stripe-signature': signatureOf(body, secret) })).toEqual(received);
    }
    const body = JSON.stringify(eventBody('evt_rotation2'));
    const both = `${signatureOf(body, 'whsec_unknown')},${signatureOf(body, webhookSecrets[1]).split(',')[1]}`;
    expect(await answerTo(body, { 'stripe-signature': both })).toEqual(received);
    expect(await rows(db, `SELECT FROM stripe_events WHERE id LIKE 'evt_rotation%'`)).toHaveLength(3);
  });

  test('a thin event is stored as it is, and goes to the queue of its snapshot twin', async () => {
    const thin = {
      id: 'evt_thin',
      object: 'v2.core.event',
      type: 'v1.payment_intent.succeeded',
      livemode: false,
      created: new Date(paidAt * 1000).toISOString(),
      related_object: { id: 'pi_9', type: 'payment_intent', url: '/v1/payment_intents/pi_9' },
    };
    expect(await answerTo(thin)).toEqual(received);
    expect(await stored('evt_thin')).toMatchObject({ type: thin.type, queue: 'invoicing', object_id: 'pi_9' });
    expect(await firstRow(db, `SELECT payload::json FROM stripe_events WHERE id = 'evt_thin'`)).toEqual({
      payload: thin,
    });
  });

  test('a type that nobody listens to is stored, and final', async () => {
    expect(await answerTo(eventBody('evt_unlisted', { type: 'topup.created' }))).toEqual(received);
    expect(await stored('evt_unlisted')).toMatchObject({
      queue: null,
      outcome: 'ignored',
      reason: 'no use case listens to this event type',
    });
  });

  test('a body of nearly a megabyte, and one whose type is spelled with capitals', async () => {
    expect(await answerTo(eventBody('evt_large', { filler: 'x'.repeat(1_040_000) }))).toEqual(received);
    expect(await answerTo(eventBody('evt_capital'), { 'content-type': 'Application/JSON' })).toEqual(received);
  });

  test('an event that comes again, and again at the same time, is answered alike and stored once', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => answerTo(eventBody('evt_again'))));
    expect(answers).toEqual(Array.from({ length: 20 }, () => received));
    const log = await rows(
      db,
      `SELECT verdict, count(*) FROM webhook_requests WHERE event_id = 'evt_again' GROUP BY 1 ORDER BY 1`,
    );
    expect(log).toEqual([
      { verdict: 'accepted', count: 1 },
      { verdict: 'duplicate', count: 19 },
    ]);
  });
});

test('a flood of forged requests leaves a few rows that account for all of them, and real ones come through', async () => {
  const forged = JSON.stringify(eventBody('evt_forged'));
  const headers = { 'stripe-signature': signatureOf(forged, 'whsec_guess') };
  const flood = async () => {
    for (let n = 0; n < 100; n++) expect((await deliver(api.url, forged, headers)).status).toBe(400);
  };
  await Promise.all(Array.from({ length: 20 }, flood));
  expect(await answerTo(eventBody('evt_real'))).toEqual(received);

  const account = () =>
    firstRow<{ requests: number; rows: number }>(
      db,
      `SELECT sum(requests)::int AS requests, count(*) AS rows FROM webhook_deliveries WHERE verdict = 'rejected'`,
    );
  await until(async () => (await account())?.requests === 2_000, { what: 'all 2,000 are accounted for' });
  // Twenty a minute, of which a flood of seconds touches two, and one a second that counts the rest.
  expect((await account())?.rows).toBeLessThanOrEqual(60);
  expect(await stored('evt_forged')).toBeUndefined();
});
