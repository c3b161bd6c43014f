import { beforeEach, describe, expect, test, vi } from 'vitest';
import { invoiceIssued } from '../../src/billing/letters/invoice-issued.ts';
import { paymentFailed } from '../../src/billing/letters/payment-failed.ts';
import { receipt as receiptLetter } from '../../src/billing/letters/receipt.ts';
import type { MailTransport } from '../../src/messages/mail-transport.ts';
import { rows } from '../../src/platform/db.ts';
import { startMailCatcher } from '../support/mail-catcher.ts';
import { outboxUnderTest, transportTo } from '../support/outbox.ts';
import { recordedDraft, recordedIssued, recordedPaid } from '../support/recorded-invoices.ts';
import { recordsOf } from '../support/records.ts';

const outbox = await outboxUnderTest();
const { db, mail, send, tries } = outbox;
const records = recordsOf(outbox.databaseUrl);
const catcher = await startMailCatcher();
const smtp = { mail: transportTo(catcher.smtp) };
/** One without a connection that is greeted already. */
const newcomer = () => ({ mail: transportTo(catcher.smtp) });

beforeEach(async () => {
  await rows(db, 'TRUNCATE messages, message_attempts, review_items CASCADE');
  await catcher.behave('accept');
  await catcher.clear();
});

const receipt = async () => mail(receiptLetter, { invoice: (await recordedPaid(db)).id });

describe('a receipt', () => {
  test('is sent once, with a Message-ID made from its id, as text and HTML', async () => {
    const id = await receipt();
    expect(await send(id, smtp)).toMatchObject({ state: 'sent' });
    await send(id, smtp);
    const mails = await catcher.mails();
    expect(mails).toMatchObject([
      {
        message_id: `<${id}@atelier.example>`,
        from: 'Atelier <billing@atelier.example>',
        to: 'customer@example.com',
        subject: expect.stringMatching(/\d{4}-\d{5}/),
      },
    ]);
    expect(mails[0]?.text).toContain('https://billing.example/i/');
    expect(mails[0]?.html).toContain('https://billing.example/i/');
    expect(await tries(id)).toMatchObject([{ ok: true, answer: expect.stringMatching(/^250 /) }]);
  });

  test.each([
    ['r&d@example.com', 'r&d@example.com'],
    ['a/b@example.com', 'a/b@example.com'],
    ['ada@bücher.example', 'ada@xn--bcher-kva.example'],
  ])('for %s goes to %s', async (typed, recipient) => {
    const id = await mail(receiptLetter, { invoice: (await recordedPaid(db)).id }, { to: typed });
    expect(await send(id, smtp)).toMatchObject({ state: 'sent' });
    expect(await catcher.mails()).toMatchObject([{ to: recipient }]);
  });

  test('from an internationalised domain has a Message-ID of it', async () => {
    const id = await receipt();
    const ours = { mail: transportTo(catcher.smtp, 'required', 'Büro <post@bücher.example>') };
    expect(await send(id, ours)).toMatchObject({ state: 'sent' });
    expect(await catcher.mails()).toMatchObject([{ message_id: `<${id}@xn--bcher-kva.example>` }]);
  });

  test('without SMTP_URL is skipped, and that is shown', async () => {
    const id = await receipt();
    expect(await send(id)).toMatchObject({ state: 'skipped', last_error: 'SMTP_URL is not set' });
    expect(await tries(id)).toMatchObject([{ ok: false, answer: 'SMTP_URL is not set' }]);
  });
});

describe('a server that does not take a mail', () => {
  test.each(['greeting', 'recipient', 'data'] as const)(
    'for now (at %s) is asked again, with the same Message-ID',
    async (at) => {
      const id = await receipt();
      await catcher.behave('temporary', at);
      expect(await send(id, newcomer())).toMatchObject({
        state: 'pending',
        attempts: 1,
        last_error: expect.stringContaining('451'),
      });
      const second = await send(id, newcomer());
      expect(second).toMatchObject({ state: 'pending', attempts: 2 });
      expect(second.next_in).toBeGreaterThan(200);
      await catcher.behave('accept');
      expect(await send(id, smtp)).toMatchObject({ state: 'sent', attempts: 3 });
      expect((await catcher.mails()).map(({ message_id }) => message_id)).toEqual([`<${id}@atelier.example>`]);
    },
  );

  test.each(['recipient', 'data'] as const)(
    'for good (at %s) is not asked again, but a person is, without the address',
    async (at) => {
      const id = await receipt();
      await catcher.behave('permanent', at);
      expect(await send(id, smtp)).toMatchObject({ state: 'dead', attempts: 1 });
      const asked = await records.rows<{ kind: string; subject: string; summary: string }>(
        'select kind, subject, summary, details from review_items',
      );
      expect(asked).toMatchObject([
        { kind: 'message_undelivered', subject: id, summary: expect.stringContaining('SMTP 550') },
      ]);
      expect(JSON.stringify(asked)).not.toContain('customer@example.com');
    },
  );

  test('to anybody (a refused greeting) is a matter of settings: it is asked again', async () => {
    const id = await receipt();
    await catcher.behave('permanent', 'greeting');
    expect(await send(id, newcomer())).toMatchObject({ state: 'pending' });
  });

  test('because it is down is asked again, and nothing is lost', async () => {
    const id = await receipt();
    const other = await startMailCatcher();
    const transport = { mail: transportTo(other.smtp) };
    await other.running.stop();
    expect(await send(id, transport)).toMatchObject({
      state: 'pending',
      last_error: expect.stringContaining('ECONNREFUSED'),
    });
    await startMailCatcher({ smtpPort: Number(new URL(other.smtp).port) });
    expect(await send(id, transport)).toMatchObject({ state: 'sent' });
  });

  test('within the time, though it has it, gets it again: at least once, and recognisable by its Message-ID', async () => {
    const id = await receipt();
    await catcher.behave('hang', 'data');
    const first = send(id, smtp);
    await expect.poll(catcher.mails).toHaveLength(1);
    await catcher.behave('accept');
    expect(await first).toMatchObject({ state: 'pending', last_error: expect.stringContaining('421') });
    expect(await send(id, smtp)).toMatchObject({ state: 'sent' });
    const ids = (await catcher.mails()).map(({ message_id }) => message_id);
    expect(ids).toEqual([`<${id}@atelier.example>`, `<${id}@atelier.example>`]);
  });
});

test('a server that never answers is given up after the time of a try', async () => {
  const timeout = AbortSignal.timeout.bind(AbortSignal);
  vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => timeout(200));
  const id = await receipt();
  await catcher.behave('hang');
  expect(await send(id, newcomer())).toMatchObject({ state: 'pending', attempts: 1 });
  vi.restoreAllMocks();
  await catcher.behave('accept');
  expect(await send(id, smtp)).toMatchObject({ state: 'sent' });
  expect(await catcher.mails()).toHaveLength(1);
});

test('a transport that never ends, whatever time it was given, does not hold its sender longer than its lease', async () => {
  const id = await receipt();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    let begun = false;
    const endless: MailTransport = {
      send() {
        begun = true;
        return new Promise(() => {});
      },
      close() {},
    };
    const sending = send(id, { mail: endless });
    await vi.waitFor(() => expect(begun).toBe(true), { timeout: 20_000 });
    const [lease] = await records.rows<{ left: number }>(
      'select extract(epoch from lease_until - now())::float8 as left from messages where id = $1',
      [id],
    );
    vi.advanceTimersByTime(Number(lease?.left) * 1000 - 10_000);
    vi.useRealTimers();
    expect(await sending).toMatchObject({
      state: 'pending',
      attempts: 1,
      last_error: expect.stringContaining('did not end within'),
    });
  } finally {
    vi.useRealTimers();
  }
});

describe('a connection that breaks off', () => {
  test('is one failed try on record: the transport does not send again by itself', async () => {
    const id = await receipt();
    const other = await startMailCatcher();
    await other.behave('hang', 'data');
    const first = send(id, { mail: transportTo(other.smtp) });
    await expect.poll(other.mails).toHaveLength(1);
    other.running.kill('SIGKILL');
    expect(await first).toMatchObject({ state: 'pending', attempts: 1 });
    expect(await tries(id)).toHaveLength(1);
  });
});

describe('a mail that has become untrue while it waited is skipped', () => {
  test('the failure of a payment, once the invoice is paid', async () => {
    const { id: invoice } = await recordedPaid(db);
    const id = await mail(paymentFailed, { invoice, words: 'The card has expired.' });
    expect(await send(id, smtp)).toMatchObject({ state: 'skipped', last_error: 'the invoice is paid by now' });
  });

  test('the link to an invoice, once it is void', async () => {
    const { id: invoice } = await recordedIssued(db);
    const id = await mail(invoiceIssued, { invoice });
    await rows(db, `UPDATE invoices SET status = 'void', voided_at = now() WHERE id = ?`, [invoice]);
    expect(await send(id, smtp)).toMatchObject({ state: 'skipped', last_error: 'the invoice is void by now' });
  });

  test('a receipt of what is not paid', async () => {
    const id = await mail(receiptLetter, { invoice: (await recordedDraft(db)).id });
    expect(await send(id, smtp)).toMatchObject({ state: 'skipped' });
  });
});
