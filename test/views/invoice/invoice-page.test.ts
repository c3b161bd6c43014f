import { describe, expect, test } from 'vitest';
import { hasUnprintable } from '../../../src/platform/text.ts';
import { InvoicePage, type InvoicePageProps } from '../../../src/views/invoice/invoice-page.tsx';
import { html } from '../../../src/views/page.tsx';
import { attempt, business, entry, issued, paid, TOTAL, textOf, WITH_EXTRA } from '../example-invoice.ts';

const page = (more: Partial<InvoicePageProps> = {}): string =>
  html(
    InvoicePage({
      business,
      invoice: issued,
      attempt: undefined,
      log: [],
      today: '2026-11-26',
      url: 'https://billing.example/i/token',
      payPath: '/i/token/pay',
      ...more,
    }),
  );

describe('an unpaid invoice', () => {
  const text = textOf(page());

  test('says who asks whom for what, and until when', () => {
    for (const words of [
      'Northwind & Daughters',
      'Harbour Lane 12',
      'VAT DE123',
      'Invoice 2026-00042',
      'Ada Example',
      '10115 Berlin',
      '20 November 2026',
      'Please pay by 31 December 2026',
      'Thank you.',
    ]) {
      expect(text).toContain(words);
    }
  });

  test('shows fixed lines, taxes by rate and the total without extras', () => {
    expect(text).toMatch(/Workshop 2 × 120\.00, 20.% tax 2 120\.00 20.% 240\.00/);
    expect(text).toContain('Net 225.00');
    expect(text).toMatch(/Tax 5.% on 25\.00 1\.25/);
    expect(text).toMatch(/Tax 20.% on 200\.00 40\.00/);
    expect(text).toContain(`Total ${TOTAL}`);
    expect(text).not.toContain(WITH_EXTRA);
  });

  test('a tax of 0 % is a row of its own; where no tax is named nothing is said of it', () => {
    const taxed = (...rates: (string | null)[]) => ({
      ...issued,
      lines: issued.lines.slice(0, rates.length).map((line, row) => ({ ...line, tax_percent: rates[row] ?? null })),
    });
    expect(textOf(page({ invoice: taxed('0') }))).toMatch(
      /0.% tax 2 120\.00 0.% 240\.00 Net 240\.00 Tax 0.% on 240\.00 0\.00/,
    );
    expect(textOf(page({ invoice: taxed('0', null) }))).toMatch(/Loyalty reduction 1 × -40\.00 1 -40\.00 -40\.00/);
    expect(textOf(page({ invoice: taxed(null, null) }))).not.toMatch(/tax/i);
  });

  test('offers each extra with what it adds, tax included, under its own id', () => {
    expect(page()).toMatch(/<input type="checkbox" name="extras" value="4"\s*\/>/);
    expect(text).toContain('Recording adds EUR 36.00');
  });

  test('names the amount on the button where there are no extras', () => {
    const fixed = { ...issued, lines: issued.lines.filter(({ optional }) => !optional) };
    expect(textOf(page({ invoice: fixed }))).toContain(`Pay ${TOTAL} by card`);
  });

  test('ticks what is ticked in the open session, and says what that comes to', () => {
    const open = page({ attempt: attempt('open', { extras: [4] }) });
    expect(open).toMatch(/value="4" checked/);
    expect(textOf(open)).toContain(WITH_EXTRA);
    expect(page({ attempt: attempt('expired', { extras: [4] }) })).not.toContain('checked');
  });

  test('tells why the last try failed', () => {
    const log = [entry('attempt_failed', 'The card has insufficient funds.')];
    expect(textOf(page({ log }))).toMatch(
      /did not succeed \(2026-11-26 08:00 UTC\): The card has insufficient funds\./,
    );
  });

  test('has no Pay form while it is not known whether a payment arrived', () => {
    expect(page({ unsure: true, problem: 'We could not ask.' })).not.toContain('<form');
  });
});

describe('the page says in words how it stands', () => {
  test.each([
    ['overdue', { today: '2027-02-01' }, /Overdue.*was due on 31 December 2026/, true],
    ['processing', { attempt: attempt('processing') }, /Processing.*You don’t need to do anything/, false],
    [
      'checking',
      { attempt: attempt('open', { payment_intent: 'pi_1' }) },
      /received a payment that we have to check\. You don’t need to do anything/,
      false,
    ],
    ['paid', { invoice: paid }, /Paid.*EUR 302\.25 Received on 26 November 2026.*your receipt/, false],
    ['void', { invoice: { ...issued, status: 'void' as const } }, /Void.*cancelled. There is nothing to pay/, false],
  ])('%s', (_state, more, words, payable) => {
    const made = page(more);
    expect(textOf(made)).toMatch(words);
    expect(made.includes('<form')).toBe(payable);
  });
});

test('a paid invoice lists the extras that were paid, the payment and what went back', () => {
  const log = [
    entry('session_opened', 'The payment page was opened for EUR 302.25.'),
    entry('attempt_failed', 'The card has expired.'),
    entry('paid', 'Paid EUR 302.25 by card.', { payment_intent: 'pi_example' }),
    entry('unapplied', 'internal', { amount: 500, currency: 'eur' }),
    entry('refund', 'Refunded EUR 5.00.', { at: new Date('2026-11-28T00:00:00Z') }),
    entry('mismatch', 'amount should be 1, found 2'),
  ];
  const text = textOf(page({ invoice: paid, log }));
  expect(text).toMatch(/Recording extra .*30\.00/);
  expect(text).toMatch(/26 November 2026 Paid EUR 302\.25 by card\. Reference pi_example/);
  expect(text).toContain('A further payment of EUR 5.00 came in.');
  expect(text).toMatch(/28 November 2026 Refunded EUR 5\.00\./);
  expect(text).not.toMatch(/expired|internal|found 2/);
});

test('prices that include tax are summed as they are, and the tax is named as part of them', () => {
  const text = textOf(page({ invoice: { ...issued, prices_include_tax: true } }));
  expect(text).toMatch(/Total EUR 225\.00 of which tax 5.% on 23\.81 1\.19 of which tax 20.% on 166\.67 33\.33/);
  expect(text).not.toContain('Net');
});

test.each([
  ['jpy', 'JPY 26,625', '12,000'],
  ['bhd', 'BHD 26.625', '12.000'],
])('amounts in %s have its decimals', (currency, total, price) => {
  const text = textOf(page({ invoice: { ...issued, currency } }));
  expect(text).toContain(total);
  expect(text).toContain(price);
});

test('nothing that somebody typed becomes markup, and no session is told', () => {
  const evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>';
  const made = page({
    business: { name: evil, details: evil, timeZone: 'UTC' },
    invoice: {
      ...issued,
      customer_name: evil,
      customer_email: evil,
      customer_address: evil,
      notes: evil,
      lines: issued.lines.map((each) => ({ ...each, description: evil })),
    },
    attempt: attempt('open'),
    problem: evil,
    log: [entry('paid', evil, { payment_intent: evil })],
  });
  expect(made).not.toMatch(/<script|<img/);
  expect(made).not.toContain('cs_test');
});

test('there is no script on the page, and one heading names it', () => {
  const made = page();
  expect(made).not.toMatch(/<script|javascript:|\son\w+=/i);
  expect(made.match(/<h1/g)).toHaveLength(1);
  expect(made).toContain('<html lang="en">');
});

test('what can not be shown is left out of the page: no text turns another around', () => {
  const typed = '\u202EAda\u0007 \u2066Example\u2069';
  const lines = issued.lines.map((line) => ({ ...line, description: '\u202EWorkshop\u0000' }));
  const invoice = { ...issued, customer_name: typed, customer_address: `1 Lane\u202E\nYork`, notes: typed, lines };
  const text = page({ invoice });
  expect(hasUnprintable(text)).toBe(false);
  for (const shown of ['Ada Example', '1 Lane', 'York', 'Workshop']) expect(textOf(text)).toContain(shown);
});
