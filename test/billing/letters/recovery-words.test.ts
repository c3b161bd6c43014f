import { describe, expect, test } from 'vitest';
import { ASKS, KINDS, type Unpaid, wordsOfRecovery } from '../../../src/billing/letters/recovery-words.ts';

/** What is said of payments that failed, and what is never said. */
const unpaid = (says: Partial<Unpaid> = {}): Unpaid => ({
  letter: 'failed',
  ask: 'patience',
  number: 'A-1',
  amount: 3_000,
  currency: 'eur',
  url: 'https://invoice.example/1',
  next_attempt: new Date('2026-12-03T22:30:00Z'),
  is_canceled: false,
  ...says,
});
const textOf = (first: Unpaid, others: Unpaid[] = []) => {
  const { subject, opening, closing = [], link } = wordsOfRecovery(first, others, 'Europe/Berlin');
  return [subject, ...opening, ...closing, link?.url].join(' | ');
};

test.each(KINDS.flatMap((letter) => ASKS.map((ask) => [letter, ask] as const)))(
  'a %s that asks for %s says what is open, and nothing of why the bank declined',
  (letter, ask) => {
    const text = textOf(unpaid({ letter, ask }));
    expect(text).toContain('EUR 30.00');
    expect(text).toContain('A-1');
    expect(text).not.toMatch(/stolen|lost|fraud|declined|insufficient|suspect/i);
  },
);

test.each([
  ['new_card', 'Please pay with another card.'],
  ['other_method', 'in another way'],
  ['confirm', 'confirm the payment yourself'],
  ['check_card', 'still valid'],
  ['balance', 'enough in the account'],
  ['patience', 'with this card or another'],
] as const)('%s is said in its words', (ask, words) => {
  expect(textOf(unpaid({ ask }))).toContain(words);
});

describe('the next try', () => {
  test('is named where waiting may help, by the day of the business', () => {
    expect(textOf(unpaid({ ask: 'balance' }))).toContain('tried again on 3 December 2026');
  });
  test.each([
    ['where only another card helps', { ask: 'new_card' }],
    ['where there is none', { next_attempt: null }],
    ['at the end', { letter: 'ended' }],
  ] as const)('is not %s', (_where, says) => {
    expect(textOf(unpaid(says))).not.toContain('tried again on');
  });
});

test('what has ended can’t be paid any more, and what goes on can', () => {
  const ended = unpaid({ letter: 'ended', is_canceled: true });
  expect(textOf(ended)).toMatch(/so your subscription has ended/);
  expect(wordsOfRecovery(ended, [], 'UTC').link).toBeUndefined();
  const left = unpaid({ letter: 'ended' });
  expect(textOf(left)).toMatch(/it is not tried again/);
  expect(wordsOfRecovery(left, [], 'UTC').link).toEqual({ url: 'https://invoice.example/1', text: 'Pay the invoice' });
});

test('other invoices go along, each with where it can be paid or that it is over', () => {
  const other = unpaid({ number: 'A-2', url: 'https://invoice.example/2' });
  const over = unpaid({ number: 'A-3', letter: 'ended', is_canceled: true });
  const nowhere = unpaid({ number: 'A-4', url: null });
  expect(wordsOfRecovery(unpaid(), [other, over, nowhere], 'UTC').closing).toEqual([
    'Invoice A-2 over EUR 30.00 is open as well: https://invoice.example/2',
    'Invoice A-3 over EUR 30.00 could not be collected either, and its subscription has ended.',
    'Invoice A-4 over EUR 30.00 is open as well.',
  ]);
  expect(wordsOfRecovery(nowhere, [], 'UTC').link).toBeUndefined();
});
