import { Webhook } from 'standardwebhooks';
import { afterEach, expect, test } from 'vitest';
import { connect } from '../../src/platform/db.ts';
import { type ApiInvoice, apiClient } from '../support/api-client.ts';
import { releaseAfterFile } from '../support/clean-up.ts';
import { until } from '../support/eventually.ts';
import { startMailCatcher } from '../support/mail-catcher.ts';
import { tellSystem } from '../support/outbox.ts';
import { payDirectly } from '../support/purchases.ts';
import { invoiceBody } from '../support/recorded-invoices.ts';
import { startStory } from '../support/story.ts';
import { startWebhookSink } from '../support/webhook-sink.ts';

/** What a customer, the operator and the business's own systems are told about own invoices, by the whole system. */
const catcher = await startMailCatcher();
const sink = await startWebhookSink();
const { side, records, api, settings } = await startStory({
  workers: 2,
  env: {
    SMTP_URL: catcher.smtp,
    MAIL_FROM: 'Atelier <billing@atelier.example>',
    OPERATOR_EMAIL: 'operator@example.com',
    ALLOW_PRIVATE_WEBHOOKS: 'on',
  },
});
const db = connect(settings.DATABASE_URL ?? '', { name: 'test', connections: 2 });
releaseAfterFile(() => db.destroy());
const secret = await tellSystem(db, sink.url);
const client = await apiClient(db, api.url);

afterEach(async () => {
  await catcher.behave('accept');
  await catcher.clear();
  sink.received.length = 0;
});

const issued = () => client.create({ ...invoiceBody(), issue: true });

/** The customer presses the button. @returns the Checkout Session */
async function payByCard({ id, url }: ApiInvoice): Promise<string> {
  const answer = await fetch(`${url}/pay`, { method: 'POST', redirect: 'manual' });
  expect(answer.status).toBe(303);
  const { stripe_session } = await records.row<{ stripe_session: string }>(
    `select stripe_session from checkout_attempts where invoice = $1 and state = 'open'`,
    [id],
  );
  return stripe_session;
}

const buyer = { email: 'ada@example.com', name: 'Ada Example' };
const give = (session: string, choice = 'card') =>
  side.control('POST', '/_sim/checkout/pay', { session, choice, ...buyer });
const untilLogged = (id: string, ...kinds: string[]) =>
  until(
    async () => {
      const { log } = await client.get(id);
      return JSON.stringify(log.map(({ kind }) => kind)) === JSON.stringify(kinds);
    },
    { what: `the log of ${id} is ${kinds}` },
  );
const mailsAbout = async (word: string) => (await catcher.mails()).filter(({ text }) => text?.includes(word));
/** All that Stripe tells has arrived and is worked off, and all that is to be told has been. */
async function untilQuiet(): Promise<void> {
  await side.control('POST', '/_sim/webhooks/flush', {});
  await until(
    async () => {
      const waiting = await records.rows(
        `select kind from messages where state = 'pending' union all select type from stripe_events where outcome is null`,
      );
      return waiting.length === 0;
    },
    { what: 'nothing is left to be told', timeout: 20_000 },
  );
}

test('issued with mail, the customer gets the link', async () => {
  const { url, number } = await client.create({ ...invoiceBody(), issue: true, mail: true });
  await untilQuiet();
  const mails = await mailsAbout(String(url));
  expect(mails).toMatchObject([{ to: 'ada@example.com', subject: expect.stringContaining(String(number)) }]);
});

test('paid, the customer gets one receipt and the systems one event, in whatever order return page and webhook come', async () => {
  const invoice = await issued();
  const session = await payByCard(invoice);
  await give(session);
  await Promise.all([1, 2, 3].map(() => fetch(`${invoice.url}/return?session_id=${session}`)));
  await untilLogged(invoice.id, 'session_opened', 'paid');
  await untilQuiet();
  expect(await catcher.mails()).toMatchObject([
    { to: 'ada@example.com', subject: expect.stringContaining(String(invoice.number)) },
  ]);
  const { payment } = await client.get(invoice.id);
  const events = sink.received.map(({ body, headers }) =>
    new Webhook(secret).verify(body, headers as Record<string, string>),
  );
  expect(events).toHaveLength(2);
  expect(events).toEqual(
    expect.arrayContaining([
      {
        type: 'invoice.paid',
        timestamp: expect.any(String),
        data: expect.objectContaining({
          invoice: invoice.id,
          number: invoice.number,
          amount: 25_800,
          currency: 'eur',
          payment_intent: payment?.payment_intent,
        }),
      },
      expect.objectContaining({ type: 'document.created' }),
    ]),
  );
});

test('failed again and again, the customer is told once a day, and the log has every try', async () => {
  const invoice = await issued();
  const session = await payByCard(invoice);
  const tries: string[] = [];
  for (const choice of ['declined', 'insufficient', 'expired']) {
    await give(session, choice);
    tries.push('attempt_failed');
    await untilLogged(invoice.id, 'session_opened', ...tries);
  }
  await untilQuiet();
  expect(await catcher.mails()).toHaveLength(1);
  const told = sink.received.map(({ body }) => JSON.parse(body));
  expect(told.map(({ type }) => type)).toEqual(Array(3).fill('payment.failed'));
  expect(new Set(told.map(({ data }) => data.reason)).size).toBe(3);

  // The day is over.
  await records.rows(`update messages set dedupe_key = dedupe_key || ' yesterday' where dedupe_key like $1`, [
    `mail:payment_failed:${invoice.id}:%`,
  ]);
  await give(session, 'declined');
  await untilLogged(invoice.id, 'session_opened', ...Array(4).fill('attempt_failed'));
  await untilQuiet();
  expect(await catcher.mails()).toHaveLength(2);

  await give(session);
  await untilLogged(invoice.id, 'session_opened', ...Array(4).fill('attempt_failed'), 'paid');
  await untilQuiet();
  expect(await catcher.mails()).toHaveLength(3);
});

test('paid while the mail server takes nothing, the receipt waits, is shown, and comes when it does', async () => {
  await catcher.behave('temporary');
  const invoice = await issued();
  await give(await payByCard(invoice));
  const waiting = await until(
    async () =>
      (
        await records.rows<{ id: string; last_error: string }>(
          `select id, last_error from messages where dedupe_key = $1 and state = 'pending' and last_error is not null`,
          [`mail:receipt:${invoice.id}`],
        )
      )[0],
  );
  expect(waiting.last_error).toContain('451');
  await catcher.behave('accept');
  await records.rows('update messages set next_attempt_at = now() where id = $1', [waiting.id]);
  await untilQuiet();
  expect(await catcher.mails()).toMatchObject([{ message_id: `<${waiting.id}@atelier.example>` }]);
});

test('a payment that names the invoice but was not made on its page is a question: operator and systems hear of it', async () => {
  const invoice = await issued();
  const payment = await payDirectly(side, { amount: 25_800, metadata: { quittance_invoice: invoice.id } });
  await until(async () => (await records.rows('select 1 from review_items where subject = $1', [payment])).length > 0);
  await untilQuiet();
  expect(await client.get(invoice.id)).toMatchObject({ status: 'issued', state: 'unpaid' });
  // Whoever tells the operators looks once a second.
  await until(async () => (await catcher.mails()).length > 0, { what: 'the operator is told' });
  expect(await catcher.mails()).toMatchObject([
    { to: 'operator@example.com', text: expect.stringContaining('/console/reviews/') },
  ]);
  const raised = sink.received.map(({ body }) => JSON.parse(body)).filter(({ type }) => type === 'review.raised');
  expect(raised).toMatchObject([{ data: { kind: 'payment_mismatch', subject: payment } }]);
});
