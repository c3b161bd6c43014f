import { createServer } from 'node:http';
import fc from 'fast-check';
import { SMTPServer } from 'smtp-server';
import { expect, test } from 'vitest';
import { saveAdmin } from '../../src/billing/people/admins.ts';
import { rows } from '../../src/platform/db.ts';
import { addressOf } from '../../src/platform/server-address.ts';
import { apiUnderTest } from '../support/api.ts';
import { apiClient } from '../support/api-client.ts';
import { browse, cookieOf } from '../support/browse.ts';
import { releaseAfterFile } from '../support/clean-up.ts';
import { eventBody } from '../support/events.ts';
import { until } from '../support/eventually.ts';
import { tellSystem } from '../support/outbox.ts';
import { propertyRun } from '../support/property.ts';
import { invoiceBody } from '../support/recorded-invoices.ts';
import { forms, leaked, secret } from '../support/secret-forms.ts';
import { startWorker } from '../support/served.ts';
import { deliver, signatureOf } from '../support/webhooks.ts';

/** Everybody we speak with says our secrets back to us. None of them is in what we write down, log, or show. */
const [apiKey = '', signing = '', mail = ''] =
  fc.sample(
    fc.tuple(fc.stringMatching(/^[A-Za-z0-9]{24,40}$/), fc.base64String({ minLength: 24, maxLength: 40 }), secret),
    { ...propertyRun(1), numRuns: 1 },
  )[0] ?? [];
const STRIPE_SECRET_KEY = `sk_test_${apiKey}`;
const STRIPE_WEBHOOK_SECRETS = `whsec_${signing}`;

const said: (() => string)[] = [STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRETS, mail].flatMap((text) =>
  Object.values(forms).map((form) => () => `refused: ${form(text)} is wrong`),
);
let turn = 0;
/** Another secret in another form each time; now and then far into a text, where it is cut. */
function blab(): string {
  const text = Array.from({ length: 4 }, () => said[turn++ % said.length]?.()).join(' ');
  return turn % 3 === 0 ? `${'.'.repeat(4_000)}${text}` : text;
}

const blabber = createServer((request, response) => {
  request.resume().on('end', () => {
    const ofStripe = request.url?.startsWith('/v1/') ?? false;
    response.writeHead(ofStripe ? 400 : 500, { 'content-type': ofStripe ? 'application/json' : 'text/plain' });
    const error = { type: 'invalid_request_error', message: blab(), param: blab() };
    response.end(ofStripe ? JSON.stringify({ error }) : blab());
  });
});
await new Promise<void>((resolve) => blabber.listen(0, '127.0.0.1', resolve));
const blabberUrl = `http://127.0.0.1:${addressOf(blabber).port}`;
releaseAfterFile(async () => {
  blabber.closeAllConnections();
  blabber.close();
});

const mailServer = new SMTPServer({
  disabledCommands: ['STARTTLS'],
  authMethods: ['PLAIN'],
  allowInsecureAuth: true,
  onAuth: ({ password }, _session, done) => done(new Error(`${password} ${blab().replace(/[\r\n]+/g, ' ')}`)),
});
mailServer.on('error', () => {}); // clients break off
await new Promise<void>((resolve) => void mailServer.listen(0, '127.0.0.1', resolve));
const mailPort = addressOf(mailServer.server).port;
releaseAfterFile(() => new Promise((resolve) => mailServer.close(() => resolve())));

const { api, db, settings } = await apiUnderTest({
  STRIPE_SECRET_KEY,
  STRIPE_WEBHOOK_SECRETS,
  STRIPE_API_BASE: blabberUrl,
  SMTP_URL: `smtp://user:${encodeURIComponent(mail)}@127.0.0.1:${mailPort}`,
  OPERATOR_EMAIL: 'office@example.com',
  ALLOW_PRIVATE_WEBHOOKS: 'on',
  LOG_LEVEL: 'debug',
});
const worker = await startWorker([], settings);

const shown: string[] = [];
/** What a page or an answer says. */
async function look(path: string, sent: Parameters<typeof browse>[1] = {}): Promise<void> {
  shown.push(await (await browse(api.url + path, sent)).text());
}

test('neither in the database, nor in a log, nor on a page, nor in an answer', async () => {
  await tellSystem(db, `${blabberUrl}/hook`);
  const client = await apiClient(db, api.url);
  const invoice = await client.create(invoiceBody({ issue: true, mail: true, customer_email: 'ada@example.com' }));
  const body = JSON.stringify(eventBody('evt_blabbed'));
  expect((await deliver(api.url, body, { 'stripe-signature': signatureOf(body, STRIPE_WEBHOOK_SECRETS) })).status).toBe(
    200,
  );

  // The event ends as a question, whose notices are refused, as is the mail with the invoice.
  const [question] = await until(async () => {
    const found = await rows<{ id: string }>(db, `SELECT id FROM review_items WHERE kind = 'event_failed'`);
    return found.length > 0 && found;
  });
  await until(async () => {
    const tries = await rows<{ channel: string }>(
      db,
      'SELECT DISTINCT channel FROM messages WHERE last_error IS NOT NULL',
    );
    return tries.length === 2;
  });

  const page = new URL(invoice.url ?? '').pathname;
  await look(`${page}/pay`, { method: 'POST', form: {} });
  shown.push(JSON.stringify((await client.ask('POST', `/v1/invoices/${invoice.id}/void`, { reason: 'x' })).body));
  await saveAdmin(db, { name: 'operator', password: 'a long enough password', role: 'operator' }, { actor: 'test' });
  const cookie = await cookieOf(db, 'operator');
  for (const path of ['', '/reviews', `/reviews/${question?.id}`, '/events/evt_blabbed', '/messages']) {
    await look(`/console${path}`, { cookie });
  }
  await look(`/console/reviews/${question?.id}`, { cookie, form: { choice: 'retry', reason: 'again' } });

  const stored = await everythingStored();
  const outputs = { stored, logs: api.logs() + worker.logs(), shown: shown.join('\n') };
  expect(outputs.shown).toContain('[redacted]');
  expect(outputs.stored).toContain('[redacted]');
  for (const [where, text] of Object.entries(outputs)) {
    for (const each of [STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRETS, mail]) {
      for (const form of Object.keys(forms)) expect(leaked(text, form, each), `${form}, ${where}`).toBe(false);
    }
  }
});

/** Every row of every table, as JSON. */
async function everythingStored(): Promise<string> {
  const tables = await rows<{ name: string }>(
    db,
    `SELECT quote_ident(table_name) AS name FROM information_schema.tables
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`,
  );
  const texts: string[] = [];
  for (const { name } of tables) {
    const found = await rows<{ row: string }>(db, `SELECT to_jsonb(t)::text AS row FROM ${name} t`);
    texts.push(...found.map(({ row }) => row));
  }
  return texts.join('\n');
}
