import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { connectionSettings } from '../../../src/platform/db.ts';
import { storeEvents } from '../../../src/stripe/inbox/inbox.ts';
import { freshDatabase } from '../../support/database.ts';
import { delivery, eventBody } from '../../support/events.ts';
import { propertyRun } from '../../support/property.ts';

const pool = new pg.Pool({ ...connectionSettings((await freshDatabase()).url, 'test'), max: 8 });
afterAll(() => pool.end());
beforeEach(() => pool.query('TRUNCATE stripe_events, webhook_deliveries CASCADE'));

/** The verdicts by event, in no order. */
async function deliveries(): Promise<Record<string, string[]>> {
  const { rows } = await pool.query('SELECT event_id, verdict FROM webhook_requests ORDER BY event_id, verdict');
  const byEvent = Map.groupBy(rows, ({ event_id }) => event_id);
  return Object.fromEntries([...byEvent].map(([id, all]) => [id, all.map(({ verdict }) => verdict)]));
}

describe('a batch', () => {
  test('of new events is stored, and each is its own record of an accepted delivery', async () => {
    expect(await storeEvents(pool, [delivery(eventBody('evt_1')), delivery(eventBody('evt_2'))])).toEqual([
      'accepted',
      'accepted',
    ]);
    expect(await deliveries()).toEqual({ evt_1: ['accepted'], evt_2: ['accepted'] });
  });

  test('says in its own order which ones were there before', async () => {
    await storeEvents(pool, [delivery(eventBody('evt_2'))]);
    const again = ['evt_3', 'evt_2', 'evt_1'].map((id) => delivery(eventBody(id)));
    expect(await storeEvents(pool, again)).toEqual(['accepted', 'duplicate', 'accepted']);
    expect(await deliveries()).toMatchObject({ evt_2: ['accepted', 'duplicate'] });
  });

  test('with one event three times takes the first, and records all three', async () => {
    const thrice = [1, 2, 3].map((attempt) => delivery(eventBody('evt_1', { pending_webhooks: attempt })));
    expect(await storeEvents(pool, thrice)).toEqual(['accepted', 'duplicate', 'duplicate']);
    expect(await deliveries()).toEqual({ evt_1: ['accepted', 'duplicate', 'duplicate'] });
    const { rows } = await pool.query('SELECT payload::json FROM stripe_events');
    expect(rows).toMatchObject([{ payload: { pending_webhooks: 1 } }]);
  });
});

describe('a delivery that Postgres can not hold', () => {
  const sound = delivery(eventBody('evt_0'));
  const unstorable = {
    'a NUL in a text': { ...sound, envelope: { ...sound.envelope, objectId: 'pi_\u0000' } },
    'an id that is none': { ...sound, envelope: { ...sound.envelope, id: 'ch_1' } },
    'a body that is no text': { ...sound, body: Buffer.from([0xff, 0xfe]) },
    'a time that is none': { ...sound, envelope: { ...sound.envelope, created: new Date(Number.NaN) } },
  };

  test.each(Object.entries(unstorable))('does not fail the others of its batch: %s', async (_what, broken) => {
    const batch = [delivery(eventBody('evt_1')), broken, delivery(eventBody('evt_2'))];
    expect(await storeEvents(pool, batch)).toEqual(['accepted', 'unstorable', 'accepted']);
    expect(await deliveries()).toEqual({ evt_1: ['accepted'], evt_2: ['accepted'] });
  });
});

describe('a stored event', () => {
  test('has the columns of its envelope, and waits for its job', async () => {
    const account = { account: 'acct_1', api_version: '2020-08-27' };
    await storeEvents(pool, [delivery(eventBody('evt_1', account))]);
    const { rows } = await pool.query(
      'SELECT id, account, type, api_version, livemode, object_id, created, queue, outcome FROM stripe_events',
    );
    expect(rows).toEqual([
      {
        id: 'evt_1',
        account: 'acct_1',
        type: 'payment_intent.succeeded',
        api_version: '2020-08-27',
        livemode: false,
        object_id: 'pi_1',
        created: new Date('2026-09-21T14:13:20.000Z'),
        queue: 'invoicing',
        outcome: null,
      },
    ]);
  });

  test('that nobody listens to is final at once, with the reason', async () => {
    await storeEvents(pool, [delivery(eventBody('evt_1', { type: 'radar.early_fraud_warning.created' }), null)]);
    const { rows } = await pool.query('SELECT queue, outcome, reason, outcome_at FROM stripe_events');
    expect(rows).toEqual([
      {
        queue: null,
        outcome: 'ignored',
        reason: 'no use case listens to this event type',
        outcome_at: expect.any(Date),
      },
    ]);
  });

  const strange: Record<string, string | Buffer> = {
    'NULs and half characters, escaped': JSON.stringify(
      eventBody('evt_1', { data: { object: { id: 'pi_1', note: 'a\u0000b \ud800 \udc00' } } }),
    ),
    'all of Unicode': JSON.stringify(
      eventBody('evt_1', { data: { object: { id: 'pi_1', name: '🦄 Żółć \u{10ffff} مرحبا \u2028' } } }),
    ),
    'a number beyond every type': JSON.stringify(eventBody('evt_1')).replace(
      '"pending_webhooks":1',
      '"pending_webhooks":1e400',
    ),
    'a key twice': JSON.stringify(eventBody('evt_1')).replace('{', '{"livemode":true,'),
    'room between its parts': JSON.stringify(eventBody('evt_1'), null, '\t\r\n '),
    'lists nested deeper than any parser of JSON in Postgres goes': nested(200_000),
    'a megabyte': JSON.stringify(eventBody('evt_1', { filler: 'x'.repeat(1_000_000) })),
  };
  test.each(Object.entries(strange))('keeps a body with %s, to the byte', async (_what, body) => {
    expect(await storeEvents(pool, [delivery(body)])).toEqual(['accepted']);
    const { rows } = await pool.query('SELECT payload AS text FROM stripe_events');
    expect(Buffer.from(rows[0].text).equals(Buffer.from(body))).toBe(true);
  });
});

function nested(levels: number): string {
  return JSON.stringify(eventBody('evt_1', { deep: 0 })).replace(
    '"deep":0',
    `"deep":${'['.repeat(levels)}${']'.repeat(levels)}`,
  );
}

test('any concurrent deliveries: each event once, one accepted delivery each, and nobody is turned away', async () => {
  const shape = fc.array(fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 12 }), {
    minLength: 2,
    maxLength: 10,
  });
  let run = 0;
  await fc.assert(
    fc.asyncProperty(shape, async (batches) => {
      run += 1;
      const idOf = (n: number) => `evt_${run}x${n}`;
      const verdicts = await Promise.all(
        batches.map((batch) =>
          storeEvents(
            pool,
            batch.map((n) => delivery(eventBody(idOf(n)))),
          ),
        ),
      );
      const all = batches.flatMap((batch, b) => batch.map((n, i) => ({ id: idOf(n), verdict: verdicts[b]?.[i] })));
      const ids = [...new Set(all.map(({ id }) => id))].sort();
      const accepted = all.filter(({ verdict }) => verdict === 'accepted').map(({ id }) => id);
      expect(accepted.sort()).toEqual(ids);

      const stored = await pool.query('SELECT id FROM stripe_events WHERE id LIKE $1', [`evt\\_${run}x%`]);
      expect(stored.rows.map(({ id }) => id).sort()).toEqual(ids);
      const log = await pool.query('SELECT event_id AS id, verdict FROM webhook_requests WHERE event_id LIKE $1', [
        `evt\\_${run}x%`,
      ]);
      const sorted = (list: { id: string; verdict?: string | undefined }[]) =>
        list.map(({ id, verdict }) => `${id} ${verdict}`).sort();
      expect(sorted(log.rows)).toEqual(sorted(all));
    }),
    propertyRun(40),
  );
});

test('receivers that get the same events in opposite orders do not lock each other out', async () => {
  for (let round = 0; round < 15; round++) {
    const events = Array.from({ length: 64 }, (_, n) => delivery(eventBody(`evt_${round}y${n}`)));
    const verdicts = await Promise.all([
      storeEvents(pool, events),
      storeEvents(pool, events.toReversed()),
      storeEvents(pool, events),
      storeEvents(pool, events.toReversed()),
    ]);
    expect(verdicts.flat().filter((verdict) => verdict === 'accepted')).toHaveLength(64);
  }
});
