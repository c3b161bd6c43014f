import { expect, test } from 'vitest';
import { z } from 'zod';
import { addEndpoint } from '../../src/billing/outgoing/manage-endpoints.ts';
import { connect } from '../../src/platform/db.ts';
import { apiClient } from '../support/api-client.ts';
import { releaseAfterFile } from '../support/clean-up.ts';
import { until } from '../support/eventually.ts';
import { startMailCatcher } from '../support/mail-catcher.ts';
import { policyFile } from '../support/policy-file.ts';
import { item, openCheckout, payCheckout } from '../support/purchases.ts';
import { startStory } from '../support/story.ts';
import { refund } from '../support/taken-back.ts';
import { startWebhookSink } from '../support/webhook-sink.ts';

/** A guest buys a course: row, mail, access, word to the application. Refunded in full, all of it is taken back. */
const catcher = await startMailCatcher();
const sink = await startWebhookSink();
const POLICY = policyFile({
  access: {
    purchases: [{ name: 'Watercolour', when: { description: '/^Watercolour/' }, features: ['watercolour'] }],
    letter: { link: 'https://school.example/courses' },
  },
});
const { side, records, api, settings } = await startStory({
  env: { SMTP_URL: catcher.smtp, ALLOW_PRIVATE_WEBHOOKS: 'on', POLICY },
});
const db = connect(settings.DATABASE_URL ?? '', { name: 'test', connections: 2 });
releaseAfterFile(() => db.destroy());
await addEndpoint(db, { url: sink.url, types: [], allowPrivate: true }, 'test');
const app = await apiClient(db, api.url, ['access:read']);

const answer = z.object({ version: z.number(), features: z.record(z.string(), z.object({ cause: z.string() })) });
const accessOf = async (who: string, more = '') =>
  answer
    .extend({ pending: z.boolean().optional() })
    .parse((await app.ask('GET', `/v1/customers/${who}/access${more}`)).body);
const told = z.object({ type: z.string(), data: z.looseObject({ version: z.number().optional() }) });
const received = (type: string) =>
  sink.received.map(({ body }) => told.parse(JSON.parse(body))).filter((event) => event.type === type);

test('paid, and refunded', async () => {
  expect(await accessOf('guest-1')).toEqual({ version: 0, features: {} });
  const session = await openCheckout(side, {
    client_reference_id: 'guest-1',
    line_items: [item('Watercolour for beginners', 14_900)],
  });
  expect(await accessOf('guest-1', `?session=${session.id}&wait=0`)).toMatchObject({ pending: true, features: {} });
  const payment = await payCheckout(side, session.id, { email: 'guest@example.com' });
  // The page that Checkout leads back to does not wait for the webhook.
  expect(await accessOf('guest-1', `?session=${session.id}&wait=5`)).toMatchObject({
    pending: false,
    features: { watercolour: { cause: `payment:${payment}` } },
  });
  await until(() => received('access.changed').length === 1 && received('access.granted').length === 1);
  expect(received('access.changed')[0]?.data).toMatchObject({
    reference: 'guest-1',
    version: 1,
    features: { watercolour: { allowed: true, until: null } },
  });
  const [mail] = await until(async () => {
    const mails = await catcher.mails();
    return mails.length > 0 && mails;
  });
  expect(mail).toMatchObject({ to: 'guest@example.com', subject: 'Your access to Watercolour' });
  expect(mail?.text).toContain('https://school.example/courses');
  expect(await records.row('select said_reference, amount from purchases')).toEqual({
    said_reference: 'guest-1',
    amount: 14_900,
  });

  await refund(side, payment);
  // The order in which they arrive is not promised.
  await until(() => received('access.revoked').length === 1 && received('access.changed').length === 2);
  const byVersion = received('access.changed').sort(
    (one, other) => (one.data.version ?? 0) - (other.data.version ?? 0),
  );
  expect(byVersion.map(({ data }) => data)).toMatchObject([{ version: 1 }, { version: 2, features: {} }]);
  expect(received('access.granted')).toHaveLength(1);
  expect(await accessOf('guest-1')).toEqual({ version: 2, features: {} });
  expect(await catcher.mails()).toHaveLength(1);
});

test('the checkout of somebody else tells nothing, and gives nothing', async () => {
  const session = await openCheckout(side, { client_reference_id: 'guest-2', line_items: [item('Watercolour', 900)] });
  await payCheckout(side, session.id);
  for (const id of [session.id, 'cs_test_none']) {
    const refused = await app.ask('GET', `/v1/customers/guest-3/access?session=${id}`);
    expect(refused).toMatchObject({ status: 400, body: { detail: 'There is no such checkout of this reference.' } });
  }
  expect(await accessOf('guest-3')).toEqual({ version: 0, features: {} });
});
