import { beforeEach, describe, expect, test } from 'vitest';
import { openCheckout } from '../../../src/billing/own-invoices/open-checkout.ts';
import { decideReview } from '../../../src/billing/questions.ts';
import { rows } from '../../../src/platform/db.ts';
import { type ApiAnswer, type ApiClient, type ApiInvoice, apiClient, problemsIn } from '../../support/api-client.ts';
import { billingUnderTest } from '../../support/billing-deps.ts';
import { ownInvoices } from '../../support/own-invoices.ts';
import { invoiceBody } from '../../support/recorded-invoices.ts';
import { startApi } from '../../support/served.ts';
import type { Fault } from '../../support/simulated-stripe.ts';

/** Void, in every state that the payment of an invoice may be in. No webhook comes: the api has to ask Stripe itself. */
const billing = await billingUnderTest();
const { deps, side, settings } = billing;
const { issued, opened, pay } = ownInvoices(billing);
const api = await startApi({ ...settings, STRIPE_WEBHOOK_SECRETS: 'whsec_test' });

let client: ApiClient;
beforeEach(async () => {
  client = await apiClient(deps.db, api.url);
});
const markVoid = (id: string, reason: unknown = 'ordered by mistake'): Promise<ApiAnswer> =>
  client.ask('POST', `/v1/invoices/${id}/void`, { reason });
const sessionStatus = async (id: string) => (await deps.stripe.checkout.sessions.retrieve(id)).status;

test.each([undefined, '', '   ', 7, 'x'.repeat(501)])('a reason is needed: %j is none', async (reason) => {
  const { id } = await client.create(invoiceBody());
  const answer = await client.ask('POST', `/v1/invoices/${id}/void`, { reason });
  expect(answer.status).toBe(422);
  expect(Object.keys(problemsIn(answer))).toEqual(['#/reason']);
});

test.each(['draft', 'issued'])('an invoice that is %s becomes void, once, with an audit row', async (status) => {
  const { id } = await client.create({ ...invoiceBody(), issue: status === 'issued' });
  expect(await markVoid(id)).toMatchObject({ status: 200, body: { status: 'void', state: 'void', payment: null } });
  expect(await markVoid(id)).toMatchObject({ status: 200 });
  const audit = await rows(
    deps.db,
    `SELECT actor, reason FROM audit_log WHERE subject = ? AND action = 'invoice.void'`,
    [id],
  );
  expect(audit).toEqual([{ actor: expect.stringMatching(/^key:test-/), reason: 'ordered by mistake' }]);
  expect(await client.ask('POST', `/v1/invoices/${id}/issue`, {})).toMatchObject({ status: 409 });
});

test('its open payment page is closed first', async () => {
  const invoice = await issued();
  const session = await opened(invoice);
  expect(await markVoid(invoice.id)).toMatchObject({ status: 200, body: { status: 'void' } });
  expect(await sessionStatus(session)).toBe('expired');
});

test('a payment on its way stops it', async () => {
  const invoice = await issued();
  await pay(await opened(invoice), 'debit');
  const answer = await markVoid(invoice.id);
  expect(answer).toMatchObject({ status: 409, body: { detail: expect.stringContaining('on its way') } });
  expect(await client.get(invoice.id)).toMatchObject({ status: 'issued', state: 'processing' });
});

test('a payment that came a moment ago, and that nobody has told of yet, makes it paid instead', async () => {
  const invoice = await issued();
  const extra = invoice.lines.find(({ optional }) => optional)?.id ?? 0;
  await pay(await opened(invoice, [extra]));
  expect(await client.get(invoice.id)).toMatchObject({ state: 'unpaid' });
  const answer = await markVoid(invoice.id);
  expect(answer).toMatchObject({
    status: 409,
    body: { detail: expect.stringContaining('refund the payment instead') },
  });
  const paid: ApiInvoice = await client.get(invoice.id);
  expect(paid).toMatchObject({
    status: 'paid',
    state: 'paid',
    payment: { extras: [extra], amount: paid.totals.gross },
  });
  expect(paid.log.map(({ kind }) => kind)).toEqual(['session_opened', 'paid']);
  expect(paid.lines.every(({ counted }) => counted)).toBe(true);
  expect((await client.ask('PUT', `/v1/invoices/${invoice.id}`, invoiceBody())).status).toBe(409);
  expect((await client.ask('POST', `/v1/invoices/${invoice.id}/issue`, {})).status).toBe(409);
});

test('a payment that does not fit stops it, and says which question is to be answered where', async () => {
  const invoice = await issued();
  const session = await opened(invoice);
  await rows(deps.db, `UPDATE invoice_lines SET unit_amount = unit_amount + 100 WHERE invoice = ?`, [invoice.id]);
  await pay(session);
  const answer = await markVoid(invoice.id);
  const [question] = await rows<{ id: number }>(
    deps.db,
    `SELECT id FROM review_items WHERE kind = 'payment_mismatch' AND details->>'invoice' = ?`,
    [invoice.id],
  );
  expect(answer).toMatchObject({
    status: 409,
    body: {
      detail: expect.stringMatching(
        `A payment waits for a decision\\. .* should be EUR 290.40, found EUR 288.00\\. .*Answer question ${question?.id} first \\(.*/console/reviews/${question?.id}\\), then void the invoice\\.`,
      ),
    },
  });
  const decision = { choice: 'refund_as_duplicate', actor: 'test', reason: 'it was too little' };
  await decideReview(question?.id ?? 0, decision, deps);
  expect(await markVoid(invoice.id)).toMatchObject({ status: 200 });
});

test('a payment page that Stripe does not close stops it, in the words of Stripe', async () => {
  const invoice = await issued();
  const session = await opened(invoice);
  await side.fault({ kind: 'refuse', path: `/v1/checkout/sessions/${session}/expire` });
  const answer = await markVoid(invoice.id);
  await side.endFaults();
  const message = expect.stringMatching(
    /did not close the payment page cs_.*: This request cannot be carried out\. Close it/,
  );
  expect(answer).toMatchObject({ status: 409, body: { detail: message } });
  expect(await client.get(invoice.id)).toMatchObject({ status: 'issued' });
  expect(await markVoid(invoice.id)).toMatchObject({ status: 200 });
});

test('a payment page that Stripe refused to open does not stop it', async () => {
  const invoice = await issued();
  await side.fault({ kind: 'refuse', path: '/v1/checkout/sessions', method: 'POST', count: 1 });
  expect((await openCheckout(invoice.id, [], deps)).end).toBe('unpayable');
  expect(await markVoid(invoice.id)).toMatchObject({ status: 200, body: { status: 'void' } });
});

test('with a key that Stripe does not take, whoever runs Quittance is told', async () => {
  const invoice = await issued();
  await opened(invoice);
  const other = await startApi({
    ...settings,
    STRIPE_WEBHOOK_SECRETS: 'whsec_test',
    STRIPE_SECRET_KEY: 'sk_test_revoked',
  });
  const answer = await (await apiClient(deps.db, other.url)).ask('POST', `/v1/invoices/${invoice.id}/void`, {
    reason: 'x',
  });
  const message = expect.stringMatching(/^Stripe does not take our key for this: .* Mend STRIPE_SECRET_KEY/);
  expect(answer).toMatchObject({ status: 503, body: { detail: message } });
});

describe('while Stripe does not answer', () => {
  test.each<Partial<Fault>>([{ kind: 'reset' }, { kind: 'error_before', status: 503 }, { kind: 'lock_timeout' }])(
    '($kind) nothing is changed, the caller is told to come again, and the same key works then',
    async (fault) => {
      const invoice = await issued();
      await opened(invoice);
      await side.fault({ kind: 'reset', path: '/v1/checkout/sessions/*', ...fault });
      const headers = { 'idempotency-key': invoice.id };
      const path = `/v1/invoices/${invoice.id}/void`;
      const refused = await client.ask('POST', path, { reason: 'x' }, headers);
      await side.endFaults();
      expect(refused).toMatchObject({
        status: 503,
        body: { detail: expect.stringContaining('Try again') },
      });
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await client.get(invoice.id)).toMatchObject({ status: 'issued' });
      expect(await client.ask('POST', path, { reason: 'x' }, headers)).toMatchObject({
        status: 200,
        body: { status: 'void' },
      });
    },
  );
});
