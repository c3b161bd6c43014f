import { describe, expect, test } from 'vitest';
import type { Told } from '../../../src/billing/desk/review-notices.ts';
import { accessGranted } from '../../../src/billing/letters/access-granted.ts';
import { invoiceIssued } from '../../../src/billing/letters/invoice-issued.ts';
import { paymentFailed } from '../../../src/billing/letters/payment-failed.ts';
import { receipt } from '../../../src/billing/letters/receipt.ts';
import { recoveryFailed } from '../../../src/billing/letters/recovery-failed.ts';
import { reviewDigest } from '../../../src/billing/letters/review-digest.ts';
import { reviewNotice } from '../../../src/billing/letters/review-notice.ts';
import { hasUnprintable, printableLine } from '../../../src/platform/text.ts';
import type { MailText, Reader, Words } from '../../../src/platform/words.ts';
import { mailOf } from '../../../src/views/mails/mail-of.tsx';
import { business, issued, paid, TOTAL, textOf, WITH_EXTRA } from '../example-invoice.ts';

const url = 'https://billing.example/i/token';
const reader: Reader = { business, locale: 'en' };
/** As its recipient gets it. */
const mailed = <Truth>({ render }: { render: (truth: Truth, to: Reader) => Words }, truth: Truth) =>
  mailOf(render(truth, reader), reader);
const item = {
  id: 3,
  kind: 'double_payment',
  subject: 'pi_twice',
  summary: 'Invoice 2026-00042 was paid already when EUR 5.00 came in.',
  details: {},
  state: 'open' as const,
  opened_at: new Date('2026-11-26T08:00:00Z'),
  decision: null,
  closed_by: null,
  claimed_choice: null,
  claimed_by: null,
  result: null,
  reason: null,
};
const told: Told = {
  count: 12,
  kinds: [
    { kind: 'double_payment', count: 11 },
    { kind: 'event_failed', count: 1 },
  ],
  first: [item],
};
const all: Record<string, MailText> = {
  issued: mailed(invoiceIssued, { invoice: issued, url }),
  receipt: mailed(receipt, { invoice: paid, url }),
  failed: mailed(paymentFailed, { invoice: issued, url, words: 'The card has expired.' }),
  recovery: mailed(recoveryFailed, {
    first: {
      letter: 'failed',
      ask: 'check_card',
      number: 'A-1',
      amount: 3_000,
      currency: 'eur',
      url,
      next_attempt: null,
      is_canceled: false,
    },
    others: [],
  }),
  review: mailed(reviewNotice, { item, url }),
  digest: mailed(reviewDigest, { told, url }),
};

/** The texts of both parts, without what belongs to one of them alone. */
const parts = ({ text, html }: MailText) => [text.replace(/\s+/g, ' '), textOf(html)];

describe('what was bought is mailed', () => {
  const bought = { bought: ['Oil', 'Watercolour'], amount: 24_800, currency: 'eur' };

  test('with what it is, what was paid, until when it is theirs, and where it is used', () => {
    const mail = mailed(accessGranted, { ...bought, until: new Date('2027-03-01T10:00:00Z'), link: url });
    expect(mail.subject).toBe('Your access to Oil, Watercolour');
    for (const part of parts(mail)) {
      expect(part).toContain('Oil, Watercolour is ready for you');
      expect(part).toMatch(/Paid:? EUR 248\.00 Yours until:? 1 March 2027/);
      expect(part).toContain(url);
    }
  });

  test('without an end or a place to go it says nothing of them', () => {
    const mail = mailed(accessGranted, { ...bought, until: null });
    for (const part of parts(mail)) expect(part).not.toMatch(/until|Go there|http/);
  });
});

test('an issued invoice is mailed with its lines, its total, its due date and its link', () => {
  const { issued: mail } = all;
  expect(mail?.subject).toBe('Invoice 2026-00042 from Northwind & Daughters');
  for (const part of mail ? parts(mail) : []) {
    expect(part).toContain(`invoice 2026-00042 for ${TOTAL}, payable by 31 December 2026`);
    expect(part).toMatch(/2 × Workshop 240\.00.*Loyalty reduction -40\.00.*Book 25\.00/);
    expect(part).toMatch(/Net 225\.00 Tax 5.% on 25\.00 1\.25 Tax 20.% on 200\.00 40\.00 Total EUR 266\.25/);
    expect(part).toContain('optional extras');
    expect(part).not.toContain('Recording');
    expect(part).toContain('Thank you.');
  }
});

test('a receipt says how it was paid, where that is known', () => {
  for (const part of parts(mailed(receipt, { invoice: paid, url, method: 'by SEPA direct debit' }))) {
    expect(part).toContain(`your payment of ${WITH_EXTRA} by SEPA direct debit. Invoice 2026-00042 is paid.`);
  }
  for (const part of parts(mailed(receipt, { invoice: paid, url }))) {
    expect(part).toContain(`your payment of ${WITH_EXTRA}. Invoice 2026-00042 is paid.`);
  }
});

test('a tax of 0 % is told in a mail', () => {
  const invoice = { ...issued, lines: issued.lines.slice(0, 1).map((line) => ({ ...line, tax_percent: '0' })) };
  for (const part of parts(mailed(invoiceIssued, { invoice, url }))) {
    expect(part).toMatch(/Net 240\.00 Tax 0.% on 240\.00 0\.00 Total EUR 240\.00/);
  }
});

test('a receipt says what was paid, with the extras, when, and under which reference', () => {
  const { receipt: mail } = all;
  expect(mail?.subject).toBe('Receipt for invoice 2026-00042 from Northwind & Daughters');
  for (const part of mail ? parts(mail) : []) {
    expect(part).toContain(`your payment of ${WITH_EXTRA}`);
    expect(part).toContain('Recording 30.00');
    expect(part).toMatch(/Paid on:? 26 November 2026 Reference:? pi_example/);
  }
});

test('a failed payment is explained, and what to do next', () => {
  for (const part of all.failed ? parts(all.failed) : []) {
    expect(part).toContain('did not go through. The card has expired.');
    expect(part).toContain(`the invoice over ${TOTAL}, without extras, is still open`);
  }
});

test('an open question is told to the operator in words', () => {
  expect(all.review?.subject).toBe('A decision is needed: double payment');
  for (const part of all.review ? parts(all.review) : []) {
    expect(part).toContain(item.summary);
    expect(part).toMatch(/About:? pi_twice Since:? 2026-11-26 08:00 UTC/);
  }
});

test('several open questions are told in one mail, by kind, with the first ones', () => {
  expect(all.digest?.subject).toBe('Decisions are needed: 12 questions');
  for (const part of all.digest ? parts(all.digest) : []) {
    expect(part).toContain(`3 (pi_twice): ${item.summary} And 11 more.`);
    expect(part).toMatch(/double payment:? 11 event failed:? 1/);
  }
});

describe.each(Object.entries(all))('the mail %s', (_name, mail) => {
  test('has the link as a button, as plain text, and in the text part', () => {
    expect(mail.html.match(new RegExp(`href="${url}"`, 'g'))).toHaveLength(2);
    expect(textOf(mail.html)).toContain(url);
    expect(mail.text).toContain(`:\n${url}\n`);
  });

  test('says who sends it', () => {
    expect(mail.text).toMatch(/\n-- \nNorthwind & Daughters\nHarbour Lane 12\n20457 Hamburg\nVAT DE123\n$/);
    expect(textOf(mail.html)).toMatch(/Northwind & Daughters Harbour Lane 12 20457 Hamburg VAT DE123/);
  });

  test('loads nothing and runs nothing', () => {
    expect(mail.html).not.toMatch(/<script|<img|<link|url\(|@import| src=/);
  });

  test('keeps its text within 72 columns, but for words that are longer', () => {
    const table = mail.text.split('\n').filter((line) => /\d\.\d\d$/.test(line));
    expect(Math.max(0, ...table.map((line) => line.length))).toBeLessThanOrEqual(72);
  });
});

test.each([
  ['jpy', 'JPY 30,225'],
  ['bhd', 'BHD 30.225'],
  ['eur', 'EUR 302.25'],
])('amounts in %s have its decimals', (currency, total) => {
  for (const part of parts(mailed(receipt, { invoice: { ...paid, currency }, url }))) {
    expect(part).toContain(`your payment of ${total}.`);
    expect(part).toContain(`Total ${total}`);
  }
});

test('what somebody typed is text in HTML, and itself in the text part', () => {
  const evil = '<script>alert("x")</script> & co';
  const lines = issued.lines.map((line) => ({ ...line, description: evil }));
  const invoice = { ...issued, customer_name: evil, notes: evil, lines };
  for (const mail of [
    mailed(invoiceIssued, { invoice, url }),
    mailed(receipt, { invoice: { ...paid, ...invoice, status: 'paid' }, url }),
    mailed(paymentFailed, { invoice, url, words: evil }),
    mailed(reviewNotice, { item: { ...item, summary: evil, subject: evil }, url }),
    mailed(reviewDigest, { told: { ...told, first: [{ ...item, summary: evil, subject: evil }] }, url }),
  ]) {
    expect(mail.html).not.toContain('<script');
    expect(mail.html).toContain('&lt;script');
    expect(mail.text).toContain(evil);
  }
});

test('what can not be shown is left out of both parts and of the subject', () => {
  const typed = '\u202EAda\u0007 \u2066Example\u2069\0';
  const lines = issued.lines.map((line) => ({ ...line, description: `Work\u202Eshop\u0000` }));
  const invoice = { ...issued, number: '\u202E1\r\nBcc: x', customer_name: typed, lines };
  for (const mail of [
    mailed(invoiceIssued, { invoice, url }),
    mailed(receipt, { invoice: { ...paid, customer_name: typed, lines }, url }),
    mailed(paymentFailed, { invoice, url, words: 'The card\u202E has expired.' }),
    mailed(reviewNotice, { item: { ...item, summary: `${typed}\u202D`, subject: 'pi_\u202E1' }, url }),
  ]) {
    expect(mail.subject).toBe(printableLine(mail.subject));
    for (const part of [mail.text, mail.html]) expect(hasUnprintable(part)).toBe(false);
    expect(mail.text).toContain('Ada Example');
  }
});
