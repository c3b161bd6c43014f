import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { checkout } from '../../bin/lib/checkout.ts';
import { gate } from '../../examples/express-gate/app.ts';
import { addEndpoint } from '../../src/billing/outgoing/manage-endpoints.ts';
import { createApiKey } from '../../src/billing/people/api-keys.ts';
import { connect } from '../../src/platform/db.ts';
import { addressOf } from '../../src/platform/server-address.ts';
import { documentNamed } from '../house/document-text.ts';
import { releaseAfterFile } from '../support/clean-up.ts';
import { until } from '../support/eventually.ts';
import { startStory } from '../support/story.ts';

/** The example of docs/subscriptions.md, run: an app that lets people in by what Quittance says. */
const POLICY = join(checkout, 'examples/express-gate/policy.json');
const { side, api, settings } = await startStory({ env: { ALLOW_PRIVATE_WEBHOOKS: 'on', POLICY } });
await side.stripe.prices.create({
  product_data: { name: 'Pro' },
  lookup_key: 'pro_monthly',
  currency: 'eur',
  unit_amount: 3_000,
  recurring: { interval: 'month' },
});
const db = connect(settings.DATABASE_URL ?? '', { name: 'test', connections: 2 });
releaseAfterFile(() => db.destroy());

const server = createServer();
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
releaseAfterFile(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
const self = `http://127.0.0.1:${addressOf(server).port}`;
const hook = `${self}/webhooks/quittance`;
const told = {
  self,
  quittance: api.url,
  key: await createApiKey(db, 'app', ['access:read', 'checkouts:write'], 'test', undefined),
  webhookSecret: await addEndpoint(db, { url: hook, types: ['access.changed'], allowPrivate: true }, 'test'),
};
/** Events that came, in their order. */
const came: string[] = [];
server.on('request', (request) => void (request.url === '/webhooks/quittance' && came.push(request.url)));
server.on('request', gate(told));

const page = async (path: string, method = 'GET') => {
  const answer = await fetch(`${self}${path}`, { method, redirect: 'manual' });
  return { status: answer.status, text: await answer.text(), to: answer.headers.get('location') };
};
const pro = async (user: string) => (await page(`/pro?user=${user}`)).status;

/** Presses *Buy*, and pays on the page at Stripe. @returns the way back, as Stripe leads it */
async function bought(user: string): Promise<string> {
  const { status, to } = await page(`/buy?user=${user}`, 'POST');
  expect(status).toBe(303);
  const session = /cs_test_\w+/.exec(to ?? '')?.[0] ?? '';
  await side.control('POST', '/_sim/checkout/pay', { session, email: 'ada@example.com' });
  return `/welcome?user=${user}&session=${session}`;
}
async function subscriptionOf(user: string): Promise<string> {
  const { data } = await side.stripe.subscriptions.list({ limit: 100, status: 'all' });
  return data.find(({ metadata }) => metadata.quittance_reference === user)?.id ?? '';
}
/** An event, as Quittance sends it. */
async function event(user: string, version: number, features: object, secret = told.webhookSecret) {
  const at = new Date();
  const body = JSON.stringify({ type: 'access.changed', timestamp: at, data: { reference: user, version, features } });
  const headers = {
    'content-type': 'application/json',
    'webhook-id': `msg_${version}`,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign(`msg_${version}`, at, body),
  };
  return (await fetch(hook, { method: 'POST', headers, body })).status;
}
/** Quittance can't be reached from the app. */
const away = async (look: () => Promise<void>) => {
  told.quittance = 'http://127.0.0.1:9';
  await look().finally(() => {
    told.quittance = api.url;
  });
};
const forEver = { pro: { allowed: true, until: null, cause: 'hand:1', grace_until: null, value: null } };

test('who buys is let in on the way back, and who cancels is let in no more when word of it comes', async () => {
  expect(await page('/pro?user=ada')).toMatchObject({ status: 403, text: expect.stringContaining('Buy') });
  const back = await bought('ada');
  expect(await page(back)).toMatchObject({ status: 200, text: 'Welcome to Pro.' });
  expect(await pro('ada')).toBe(200);
  expect(await pro('somebody-else')).toBe(403);
  await until(() => came.length === 1);

  const subscription = await subscriptionOf('ada');
  // The app can't ask: it is the event that shuts the gate.
  await away(async () => {
    await side.stripe.subscriptions.cancel(subscription);
    await until(async () => (await pro('ada')) === 403);
  });
  expect(await pro('ada')).toBe(403);
});

test('an event that comes again, late, or from somebody else changes nothing', async () => {
  await page(await bought('eve'));
  expect(await pro('eve')).toBe(200);
  await side.stripe.subscriptions.cancel(await subscriptionOf('eve'));
  await until(async () => (await pro('eve')) === 403);

  for (const _ of [1, 2]) expect(await event('eve', 1, forEver)).toBe(204);
  expect(await pro('eve')).toBe(403);
  expect(await event('eve', 99, forEver, `whsec_${Buffer.from('another').toString('base64')}`)).toBe(401);
  expect(await pro('eve')).toBe(403);
});

test('who has a subscription is sold no second one', async () => {
  await page(await bought('twice'));
  expect((await page('/buy?user=twice', 'POST')).status).toBe(500);
});

test('what docs/subscriptions.md shows are its own lines', () => {
  const [, part = ''] = documentNamed('docs/subscriptions.md').text.split('## Gate a feature in three calls');
  const shown = [...(part.split('\n## ')[0] ?? '').matchAll(/^```ts\n([\s\S]*?)^```/gm)];
  const flat = (text: string) => text.replace(/^ +/gm, '').trim();
  const app = flat(readFileSync(join(checkout, 'examples/express-gate/app.ts'), 'utf8'));
  expect(shown).toHaveLength(4);
  expect(shown.map(([, lines = '']) => flat(lines)).filter((lines) => !app.includes(lines))).toEqual([]);
});

describe('while Quittance does not answer', () => {
  test('what is known is believed, in grace too, and not beyond its end', async () => {
    const hours = (count: number) => new Date(Date.now() + count * 3_600_000).toISOString();
    const pro1 = (until: string | null, grace_until: string | null) => ({
      pro: { ...forEver.pro, until, grace_until },
    });
    await away(async () => {
      for (const [version, features, status] of [
        [1, forEver, 200],
        [2, pro1(hours(1), null), 200],
        [3, pro1(hours(-1), hours(1)), 200],
        [4, pro1(hours(-2), hours(-1)), 403],
        [5, pro1(hours(-1), null), 403],
        [7, {}, 403],
        [6, forEver, 403], // came late
        [7, {}, 403], // came again
        [8, forEver, 200],
      ] as const) {
        expect(await event('kept', version, features)).toBe(204);
        expect([version, await pro('kept')]).toEqual([version, status]);
      }
    });
  });

  test('who is not known is not let in', async () => {
    await away(async () => expect(await pro('unknown')).toBe(500));
  });
});
